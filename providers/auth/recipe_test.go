package auth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

func setting(name string) auth.Source { return auth.Source{Setting: name} }
func named(name string) auth.Source   { return auth.Source{Param: name} }
func form(name string) auth.Target    { return auth.Target{In: auth.InForm, Name: name} }

// The recipes of vendors.
func shumai() auth.Recipe {
	return auth.Recipe{
		Fields: []auth.Field{
			{To: form("appid"), From: setting("appid")},
			{To: form("timestamp"), From: auth.Source{Generate: auth.TimestampMS}},
		},
		Sign: auth.Signature{
			Parts: []auth.Source{named("appid"), named("timestamp"), setting("secret")}, Pair: "&",
			Hash: auth.MD5, To: form("sign"),
		},
	}
}

func jumdata() auth.Recipe {
	return auth.Recipe{
		Fields: []auth.Field{
			{To: form("appId"), From: setting("appid")},
			{To: form("timestamp"), From: auth.Source{Generate: auth.TimestampMS}},
		},
		Sign: auth.Signature{
			Parts: []auth.Source{named("appId"), setting("secret"), named("timestamp")},
			Hash:  auth.SHA256, To: form("sign"),
		},
	}
}

func juhe() auth.Recipe {
	query := func(name string) auth.Target { return auth.Target{In: auth.InQuery, Name: name} }
	return auth.Recipe{
		Fields: []auth.Field{{To: query("key"), From: setting("key")}},
		Sign: auth.Signature{
			Parts: []auth.Source{setting("openid"), named("key"), named("idcard"), named("realname")},
			Hash:  auth.MD5, To: query("sign"),
		},
	}
}

func yidun() auth.Recipe {
	return auth.Recipe{
		Fields: []auth.Field{
			{To: form("secretId"), From: setting("secret_id")},
			{To: form("businessId"), From: setting("business_id")},
			{To: form("version"), From: auth.Source{Const: "v1"}},
			{To: form("timestamp"), From: auth.Source{Generate: auth.TimestampMS}},
			{To: form("nonce"), From: auth.Source{Generate: auth.Nonce}},
		},
		Sign: auth.Signature{
			Names: true, Suffix: []auth.Source{setting("secret_key")},
			Hash: auth.MD5, To: form("signature"),
		},
	}
}

// nppa is the signature of the game real-name system, without its encryption.
func nppa() auth.Recipe {
	header := func(name string) auth.Target { return auth.Target{In: auth.InHeader, Name: name} }
	return auth.Recipe{
		Fields: []auth.Field{
			{To: header("appId"), From: setting("app_id")},
			{To: header("bizId"), From: setting("biz_id")},
			{To: header("timestamps"), From: auth.Source{Generate: auth.TimestampMS}},
		},
		Sign: auth.Signature{
			Names: true, Include: []string{"ai", "appId", "bizId", "timestamps"},
			Prefix: []auth.Source{setting("key")}, Suffix: []auth.Source{{Aspect: auth.AspectBody}},
			Hash: auth.SHA256, To: header("sign"),
		},
	}
}

const nppaBody = `{"data":"AAECAwQFBgcICQoLUPdWrYytrVCvCBmvIL1x3T0vvXpEgd69v27qftE7thgGueJkITh40l6P5ZS/dPfa3dYxMkFjGJDcOk6OdY4lPujV/eg0ElP88lySXmsUbZpHo0SrHgDlao6e5ct41yg8hsqUaoag"}`

func posted(form ...providers.Param) providers.Call {
	return providers.Call{Method: "POST", Path: "/p", Form: form}
}

// authenticate applies a recipe that must have no fault.
func authenticate(t *testing.T, r auth.Recipe, settings map[string]string, c providers.Call, s providers.Stamp) (providers.Call, error) {
	t.Helper()
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	a, err := auth.Table{r.Scheme("recipe")}.Select([]string{"recipe"}, env(settings))
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v", a, a, a); len(settings["secret"]) > 0 && strings.Contains(text, settings["secret"]) {
		t.Error("the scheme prints its secret")
	}
	return a.Authenticate(t.Context(), c, s)
}

// sent returns the parameters of a call in clear, as "place name=value".
func sent(c providers.Call) []string {
	out := []string{}
	for _, list := range []struct {
		place  string
		params []providers.Param
	}{{"header", c.Header}, {"query", c.Query}, {"form", c.Form}} {
		for _, p := range list.params {
			out = append(out, list.place+" "+p.Name+"="+p.Value.Reveal())
		}
	}
	if !c.Body.IsZero() {
		out = append(out, "body "+c.Body.Reveal())
	}
	return out
}

func TestRecipesOfVendors(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1700000000000)
	claims := []string{"form name=" + name, "form idcard=" + number}
	person := posted(param("name", name), param("idcard", number))
	tests := []struct {
		name     string
		recipe   auth.Recipe
		settings map[string]string
		call     providers.Call
		nonce    string
		want     []string
	}{
		{
			"shumai", shumai(), map[string]string{"appid": "test-appid", "secret": secret}, person, nonce,
			append(claims[:2:2], "form appid=test-appid", "form timestamp=1700000000000", "form sign=94c940ae170441bdff9702a59431a96a"),
		},
		{
			"jumdata", jumdata(), map[string]string{"appid": "test-appid", "secret": secret}, person, nonce,
			append(claims[:2:2], "form appId=test-appid", "form timestamp=1700000000000",
				"form sign=7ebfca200ac0ccb4f836b463aa9f8330783d6d4cfff6c17c07dbdc5b16476152"),
		},
		{
			"juhe", juhe(), map[string]string{"openid": "test-openid", "key": key},
			providers.Call{Method: "GET", Path: "/idcard/verify", Query: []providers.Param{param("realname", name), param("idcard", number)}}, nonce,
			[]string{"query realname=" + name, "query idcard=" + number, "query key=test-key", "query sign=e35652c0b9ef02d38ceb559bc370dd23"},
		},
		{
			"yidun", yidun(), map[string]string{"secret_id": "test-id", "business_id": "test-biz", "secret_key": secret},
			posted(param("name", name), param("cardNo", number)), "1700000000001",
			[]string{
				"form name=" + name, "form cardNo=" + number, "form secretId=test-id", "form businessId=test-biz", "form version=v1",
				"form timestamp=1700000000000", "form nonce=1700000000001", "form signature=aedafd18d750b0550bad1f8ac41699a3",
			},
		},
		{
			"nppa check", nppa(), map[string]string{"key": "00112233445566778899aabbccddeeff", "app_id": "test-app", "biz_id": "test-biz"},
			providers.Call{Method: "POST", Path: "/p", ContentType: "application/json", Body: idv.NewSensitive(nppaBody)}, nonce,
			[]string{
				"header appId=test-app", "header bizId=test-biz", "header timestamps=1700000000000",
				"header sign=c3ddbae1e86703b8716284df3756a41ac96044d55877883d763b500689b16225", "body " + nppaBody,
			},
		},
		{
			"nppa query", nppa(), map[string]string{"key": "00112233445566778899aabbccddeeff", "app_id": "test-app", "biz_id": "test-biz"},
			providers.Call{Method: "GET", Path: "/p", Query: []providers.Param{param("ai", "00000000000000000000000000000001")}}, nonce,
			[]string{
				"header appId=test-app", "header bizId=test-biz", "header timestamps=1700000000000",
				"header sign=5735f5c4b0249f563d8e1ac5e354ffb7b3424a64f79ecd4b41d545575240c30c", "query ai=00000000000000000000000000000001",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := sent(tt.call)
			got, err := authenticate(t, tt.recipe, tt.settings, tt.call, providers.Stamp{At: at, Nonce: tt.nonce})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, sent(got)); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, sent(tt.call)); diff != "" {
				t.Errorf("the codec's call was changed (-want +got):\n%s", diff)
			}
		})
	}
}

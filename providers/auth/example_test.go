package auth_test

import (
	"context"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// A descriptor lists its schemes in order of preference. Select uses the first whose
// settings are configured. The headers print masked.
func ExampleSelect() {
	settings := map[string]idv.Sensitive{"appcode": idv.NewSensitive("0123456789abcdef")}
	env := auth.Env{Value: func(name string) idv.Sensitive { return settings[name] }}
	authenticator, err := auth.Select([]string{"xca", "appcode"}, env)
	if err != nil {
		fmt.Println(err)
		return
	}
	call, err := authenticator.Authenticate(context.Background(), providers.Call{Method: "GET", Path: "/idcard"}, providers.Stamp{Nonce: "nonce-1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(authenticator.Name(), call.Header)

	_, err = auth.Select([]string{"xca"}, env)
	fmt.Println(err)
	// Output:
	// appcode [{Authorization ***}]
	// no authentication scheme is configured: xca needs app_key and app_secret
}

// A vendor wants its id, the time in milliseconds, and the MD5 of id, time and secret
// joined by "&", all in the form.
func ExampleRecipe() {
	form := func(name string) auth.Target { return auth.Target{In: auth.InForm, Name: name} }
	recipe := auth.Recipe{
		Fields: []auth.Field{
			{To: form("appid"), From: auth.Source{Setting: "appid"}},
			{To: form("timestamp"), From: auth.Source{Generate: auth.TimestampMS}},
		},
		Sign: auth.Signature{
			Parts: []auth.Source{{Param: "appid"}, {Param: "timestamp"}, {Setting: "secret"}},
			Pair:  "&", Hash: auth.MD5, To: form("sign"),
		},
	}
	fmt.Println(recipe.Check(), recipe.Settings())

	settings := map[string]idv.Sensitive{"appid": idv.NewSensitive("test-appid"), "secret": idv.NewSensitive("test-secret")}
	authenticator, err := recipe.Scheme("shumai").New(auth.Env{Value: func(name string) idv.Sensitive { return settings[name] }})
	if err != nil {
		fmt.Println(err)
		return
	}
	stamp := providers.Stamp{At: time.UnixMilli(1700000000000), Nonce: "nonce-1"}
	call, err := authenticator.Authenticate(context.Background(), providers.Call{Method: "POST", Path: "/v4/id_card/check"}, stamp)
	fmt.Println(call.Form, err)
	// Output:
	// <nil> [appid secret]
	// [{appid ***} {timestamp ***} {sign ***}] <nil>
}

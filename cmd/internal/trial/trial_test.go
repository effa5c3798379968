package trial_test

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // as vendors do
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/trial"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

const (
	realNumber = "110105194912310021"
	realName   = "李雷雷"
)

// person is the person of the tests. The number is one of the project's fictitious ones.
func person() idv.Subject {
	return idv.Subject{
		Name: idv.NewSensitive(realName), IDNumber: idv.NewSensitive(realNumber),
		Mobile: idv.NewSensitive("13900001234"), BankCard: idv.NewSensitive("6228480402564890018"),
	}
}

// product returns a shipped product and its recorded replies.
func product(t *testing.T, name string) (providers.Codec, []providertest.Recording) {
	t.Helper()
	f, ok := assemble.Catalogue().Find(name)
	if !ok {
		t.Fatalf("no product %s", name)
	}
	settings := providers.Settings{}
	for _, s := range f.Descriptor.Settings {
		if settings[s.Name] = s.Default; s.Default == "" && !s.Secret {
			settings[s.Name] = "x"
		}
	}
	c, err := f.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	folders, err := f.Fixtures()
	if err != nil {
		t.Fatal(err)
	}
	list, err := providertest.Recordings(folders...)
	if err != nil {
		t.Fatal(err)
	}
	return c, list
}

// reply returns a reply of kz/idcard about the person.
func reply(t *testing.T, status int, body string) trial.Reply {
	t.Helper()
	c, list := product(t, "kz/idcard")
	return trial.Reply{
		Codec: c, Query: idv.Query{ID: "x", Check: idv.CheckIDName, Subject: person().Only(idv.CheckIDName.Claims())}, Recorded: list,
		Reply: providers.Reply{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)},
	}
}

func find(list []trial.Member, at string) trial.Member {
	i := slices.IndexFunc(list, func(m trial.Member) bool { return m.At == at })
	if i < 0 {
		return trial.Member{}
	}
	return list[i]
}

func kinds(r trial.Report) (list []string) {
	for _, f := range r.Findings {
		list = append(list, string(f.Kind)+" "+f.At)
	}
	return list
}

// forms are the forms in which a claim or a part of one can stand in a reply.
func forms() map[string]string {
	md, sha := md5.Sum([]byte(realNumber)), sha256.Sum256([]byte(realName)) //nolint:gosec // as vendors do
	return map[string]string{
		"the name": realName, "the number": realNumber, "the family name": "李", "the given name": "雷雷",
		"the birth date": "19491231", "the birth date with hyphens": "1949-12-31", "the birth date in Chinese": "1949年12月31日", "the year": "1949",
		"the short birth date": "491231", "the region": "110105", "the last digits": "0021", "the number with spaces": "110105 19491231 0021",
		"the number of 15 digits": "110105491231002", "percent-encoded": url.QueryEscape(realName), "md5": hex.EncodeToString(md[:]),
		"sha256": strings.ToUpper(hex.EncodeToString(sha[:])), "base64": base64.StdEncoding.EncodeToString([]byte(realNumber)),
		"escaped": `李雷雷`, "full width": "１１０１０５１９４９１２３１００２１", "an address": "北京市朝阳区", "pinyin": "LI LEILEI", "another person": "韩梅梅",
		"a sentence": "姓名李雷雷与身份证号110105194912310021不一致", "a sentence about the masked name": "李**不一致",
	}
}

// Nothing of the person is in a report or a recorded reply, wherever in the reply it stands
// and in whatever form: as a value, as a member's name, as a code, in a message, in JSON
// text, in XML, in a header.
func TestNothingOfThePersonIsShown(t *testing.T) {
	t.Parallel()
	places := map[string]string{
		"a value":                       `{"code":200,"success":true,"data":{"result":0,"orderNo":"r1","extra":%s}}`,
		"a deep value":                  `{"code":200,"success":true,"data":{"result":0,"orderNo":"r1","list":[[{"birth":%s}]]}}`,
		"a message":                     `{"msg":%s,"code":200,"success":true,"data":{"result":0,"orderNo":"r1"}}`,
		"the code":                      `{"code":200,"success":true,"data":{"result":%s,"orderNo":"r1"}}`,
		"a value by the name of a code": `{"code":200,"success":true,"state":%s,"data":{"result":0,"orderNo":"r1"}}`,
		"the reference":                 `{"code":200,"success":true,"data":{"result":0,"orderNo":%s}}`,
		"a member's name":               `{"code":200,"success":true,%s:1,"data":{"result":0,"orderNo":"r1"}}`,
		"a text":                        `%s`,
		"a broken body":                 `{"code":200,"extra":%s`,
		"a repeated member":             `{"code":200,"extra":%s,"extra":1}`,
	}
	for place, body := range places {
		for form, value := range forms() {
			raw, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(body, "%s", string(raw), 1)
			nested, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			for shape, whole := range map[string]string{
				place: text, place + " in a JSON text": `{"code":200,"data":` + string(nested) + `}`,
				place + " in XML": "<r><code>200</code><msg>" + value + "</msg><status>" + value + "</status></r>",
			} {
				r := reply(t, 200, whole)
				r.Header.Set("X-Ca-Error-Message", value)
				r.Header.Set("Retry-After", value)
				private(t, form+" as "+shape, value, trial.Examine(t.Context(), r))
			}
		}
	}
}

// private fails if a report or the recorded reply holds a value.
func private(t *testing.T, name, value string, r trial.Report) {
	t.Helper()
	shown, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	text := string(shown) + string(r.Recorded)
	if value == "1949" { // of a number, four digits may stand in a made-up one
		text = strings.ReplaceAll(text, "11010120990101005X", "")
	}
	if strings.Contains(text, value) {
		t.Errorf("%s: %q is shown:\n%s", name, value, text)
	}
}

// A number in JSON is masked as a text is.
func TestNumbers(t *testing.T) {
	t.Parallel()
	r := reply(t, 200, `{"code":200,"success":true,"data":{"result":0,"orderNo":"r1","idcard":110105194912310021,"age":34,"birth":19491231,"score":0.97}}`)
	got := trial.Examine(t.Context(), r)
	for _, secret := range []string{realNumber, "34", "19491231", "0.97"} {
		if strings.Contains(got.Body, secret) {
			t.Errorf("%s is shown: %s", secret, got.Body)
		}
	}
	if !json.Valid([]byte(got.Body)) || got.Recorded == nil {
		t.Errorf("got %s, %s", got.Body, got.Unfit)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	r := reply(t, 200, `{"msg":"成功", "success":true,"code":200,"data":{"result":0,"orderNo":"SN-623","sex":"女","note":"{\"a\":\"b\"}"},"ext":null}`)
	got := trial.Examine(t.Context(), r)
	want := []trial.Member{
		{At: "/msg", Type: "string", Value: "成功", Use: trial.UseUnread, Shown: true},
		{At: "/code", Type: "number", Value: "200", Use: trial.UseCode, Shown: true},
		{At: "/data/result", Type: "number", Value: "0", Use: trial.UseCode, Shown: true},
		{At: "/data/orderNo", Type: "string", Value: "xxxxxx", Use: trial.UseReference},
		{At: "/data/sex", Type: "string", Value: "某", Use: trial.UseUnread},
		{At: "/data/note#/a", Type: "string", Value: "x", Use: trial.UseUnread},
		{At: "/ext", Type: "null", Value: "null", Use: trial.UseUnread, Shown: true},
	}
	for _, m := range want {
		if has := find(got.Members, m.At); has != m {
			t.Errorf("got %+v, want %+v", has, m)
		}
	}
	if got.Outcome.Verdict != idv.Match || !got.Outcome.Ref || got.Row == nil || got.Row.Code != "200/0" {
		t.Errorf("outcome %+v, row %v", got.Outcome, got.Row)
	}
	if k := kinds(got); !slices.Contains(k, "unknown /data/sex") || slices.Contains(k, "unknown /code") {
		t.Errorf("findings %v", k)
	}
	// The layout of the body stays.
	if !strings.HasPrefix(got.Body, `{"msg":"成功", "success":true`) {
		t.Errorf("body %s", got.Body)
	}
}

// The recorded reply is read by the contract test and gives the same outcome about the
// fictitious person.
func TestRecordedReply(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"code":200,"success":true,"data":{"result":0,"orderNo":"202501010000"}}`,
		`{"code":200,"success":true,"data":{"result":1,"orderNo":"202501010000"}}`,
		`{"code":601,"msg":"未开通接口权限","success":false,"data":{}}`,
		`{"code":77,"success":false,"data":{}}`,
		``,
	} {
		r := reply(t, 200, body)
		got := trial.Examine(t.Context(), r)
		if got.Recorded == nil {
			t.Errorf("%s: no recorded reply: %s", body, got.Unfit)
			continue
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "x.json"), got.Recorded, 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := providertest.Recordings(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := list[0].Check(t.Context(), r.Codec); err != nil {
			t.Error(err)
		}
		if list[0].Want.Verdict != got.Outcome.Verdict || list[0].Want.Charge != got.Outcome.Charge || list[0].Want.Code != got.Outcome.Code {
			t.Errorf("recorded %v, live %+v", list[0].Want, got.Outcome)
		}
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"an unlisted code", `{"code":200,"success":true,"data":{"result":7,"orderNo":"r"}}`, "unlisted 200/7"},
		{"a reply without a code", `{"code":77,"success":false,"data":{}}`, "missing /data/result"},
		{"a code of another type", `{"code":200,"success":true,"data":{"result":"0","orderNo":"r"}}`, "garbled "},
		{"a reference that is missing", `{"code":200,"success":true,"data":{"result":0}}`, "missing /data/orderNo"},
		{"a number in clear", `{"code":200,"success":true,"data":{"result":0,"orderNo":"r","no":"` + realNumber + `"}}`, "in_clear /data/no"},
		{"a charge that is not known", `{"code":77,"success":false,"data":{}}`, "charge "},
		{"an unknown member", `{"code":200,"success":true,"more":1,"data":{"result":0,"orderNo":"r"}}`, "unknown /more"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if k := kinds(trial.Examine(t.Context(), reply(t, 200, tt.body))); !slices.Contains(k, tt.want) {
				t.Errorf("findings %v, want %q", k, tt.want)
			}
		})
	}
	c, list := product(t, "idcert")
	got := trial.Examine(t.Context(), trial.Reply{Codec: c, Recorded: list, Reply: list[0].Reply, Query: query(t, c)})
	if k := kinds(got); !slices.ContainsFunc(k, func(s string) bool {
		return strings.HasPrefix(s, "inferred ") || strings.HasPrefix(s, "unlisted ") || strings.HasPrefix(s, "charge ") || strings.HasPrefix(s, "garbled ")
	}) {
		t.Errorf("findings %v", k)
	}
}

func query(t *testing.T, c providers.Codec) idv.Query {
	t.Helper()
	q, err := providertest.Query(c.Describe())
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// A code inside an array is found.
func TestArrays(t *testing.T) {
	t.Parallel()
	c, list := product(t, "huawei/idcard")
	one := matchOf(list)[0]
	got := trial.Examine(t.Context(), trial.Reply{Codec: c, Recorded: list, Reply: one.Reply, Query: query(t, c)})
	if m := find(got.Members, "/result/resp_data/0/verification_result"); m.Use != trial.UseCode || !m.Shown || m.Value != "valid" {
		t.Errorf("got %+v", m)
	}
	if m := find(got.Members, "/meta/uuid"); m.Use != trial.UseCall {
		t.Errorf("got %+v", m)
	}
}

// Members whose names are not shown stay apart.
func TestWithheldNames(t *testing.T) {
	t.Parallel()
	got := trial.Examine(t.Context(), reply(t, 200, `{"code":200,"success":true,"`+realName+`":1,"`+realNumber+`":{"`+realName+`":2},"data":{"result":0,"orderNo":"r"}}`))
	if want := `{"code":200,"success":true,"withheld1":1,"withheld2":{"withheld1":1},"data":{"result":0,"orderNo":"x"}}`; got.Body != want {
		t.Errorf("got %s, want %s", got.Body, want)
	}
}

// Echoes keep the form of the vendor's mask.
func TestEchoes(t *testing.T) {
	t.Parallel()
	tests := []struct{ echo, want, use string }{
		{"1101**********0021", "1101**********005X", "echo of id_number"},
		{realNumber, "11010120990101005X", "echo of id_number"},
		{"李**", "测**", "echo of name"},
		{"*雷", "*试", "echo of name"},
		{"李雷*", "测*", "echo of name"},
		{"**", "xx", trial.UseUnread},
		{"韩*", "xx", trial.UseUnread},
	}
	for _, tt := range tests {
		got := trial.Examine(t.Context(), reply(t, 200, `{"code":200,"success":true,"data":{"result":0,"orderNo":"r","x":"`+tt.echo+`"}}`))
		if m := find(got.Members, "/data/x"); m.Value != tt.want && tt.echo != "李雷*" || m.Use != tt.use {
			t.Errorf("%s: got %+v, want %s, %s", tt.echo, m, tt.want, tt.use)
		}
	}
}

// A body that is neither JSON nor simple XML is shown if it consists of known words.
func TestOtherBodies(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, shown string }{
		{"plain words", "Unauthorized: invalid AppCode", "Unauthorized: invalid AppCode"},
		{"a page", "<html><body class=\"a\">502</body></html>", ""},
		{"XML", "<r><code>7</code><no>" + realNumber + "</no></r>", "<r><code>7</code><no>11010120990101005X</no></r>"},
		{
			"attributes", `<r no="` + realNumber + `" t='secret99'><code v="7">zz</code></r>`,
			`<r no="11010120990101005X" t="xxxxxxxx"><code v="1">zz</code></r>`,
		},
		{"an attribute with a personal name", `<r n` + realNumber + `="1"><code>7</code></r>`, ""},
		{"XML with a comment", "<r><!-- " + realNumber + " --><code>7</code></r>", ""},
		{"a repeated member", `{"code":1,"code":2}`, ""},
		{"bytes", "\xb2\xe2\xca\xd4", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := trial.Examine(t.Context(), reply(t, 200, tt.body))
			if got.Body != tt.shown || (got.Withheld == "") != (tt.shown != "") {
				t.Errorf("got %q, withheld %q, want %q", got.Body, got.Withheld, tt.shown)
			}
			if got.Withheld != "" && got.Recorded != nil {
				t.Error("a body that is withheld is recorded")
			}
		})
	}
}

// Every recorded reply of every product is examined: the report decodes to what is
// expected, and its members are read where the code stands.
func TestAllProducts(t *testing.T) {
	t.Parallel()
	recorded, unfit := 0, 0
	for _, f := range assemble.Catalogue().Factories() {
		c, list := product(t, f.Descriptor.Name)
		for _, one := range list {
			q := query(t, c)
			if one.Subject != (idv.Subject{}) {
				q.Subject = one.Subject.Only(q.Check.Claims())
			}
			got := trial.Examine(t.Context(), trial.Reply{Codec: c, Query: q, Reply: one.Reply, Recorded: matchOf(list)})
			if got.Outcome.Verdict != one.Want.Verdict || one.Want.Code != "" && got.Outcome.Code != one.Want.Code {
				t.Errorf("%s %s: got %+v, want %v", f.Descriptor.Name, one.Name, got.Outcome, one.Want)
			}
			if got.Recorded == nil {
				unfit++
				if one.Want.Verdict != idv.Undetermined {
					t.Errorf("%s %s: no recorded reply: %s %s", f.Descriptor.Name, one.Name, got.Unfit, got.Withheld)
				}
				continue
			}
			recorded++
		}
	}
	t.Logf("%d recorded replies, %d without", recorded, unfit)
	if recorded < 10*unfit {
		t.Errorf("%d of %d replies cannot be recorded", unfit, recorded+unfit)
	}
}

// matchOf returns the first match, which names the fictitious person.
func matchOf(list []providertest.Recording) []providertest.Recording {
	i := slices.IndexFunc(list, func(r providertest.Recording) bool { return r.Want.Verdict == idv.Match })
	return list[i : i+1]
}

// FuzzExamine: whatever a vendor sends, nothing of the person is shown, and a recorded
// reply decodes as the reply did.
func FuzzExamine(f *testing.F) {
	for _, value := range forms() {
		f.Add([]byte(`{"code":200,"success":true,"data":{"result":0,"orderNo":"r1","extra":"` + value + `"}}`))
		f.Add([]byte("<r><code>" + value + "</code></r>"))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := reply(t, 200, string(body))
		r.Recorded = nil
		got := trial.Examine(context.Background(), r)
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if text = append(text, got.Recorded...); bytes.Contains(text, []byte(realNumber)) || bytes.Contains(text, []byte(realName)) {
			t.Errorf("shown: %s", text)
		}
		if got.Withheld == "" && got.Members != nil && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) && !json.Valid([]byte(got.Body)) {
			t.Errorf("not JSON: %q", got.Body)
		}
	})
}

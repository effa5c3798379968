package trial_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/cmd/internal/trial"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// TestRequestMask: what the person or a secret changes is masked in each form of body, and all
// of it if the other calls are not known.
func TestRequestMask(t *testing.T) {
	t.Parallel()
	call := func(body, key, sign string) providers.Call {
		return providers.Call{
			Method: "POST", Path: "/v1/p", Body: idv.NewSensitive(body),
			Header: []providers.Param{{Name: "X-Key", Value: idv.NewSensitive(key)}, {Name: "X-Sign", Value: idv.NewSensitive(sign)}},
		}
	}
	const zhang, number = "张三", "11010519491231002X"
	for _, tt := range []struct {
		name               string
		real, person, want string
	}{
		{"JSON", `{"v":2,"d":[{"n":"张三","i":11010519491231002}],"h":"ab"}`, `{"v":2,"d":[{"n":"测试","i":11010120990101005}],"h":"cd"}`, `{"v":2,"d":[{"n":"张*","i":***}],"h":"***"}`},
		{"JSON text in JSON", `{"p":"{\"n\":\"张三\",\"v\":\"1\"}"}`, `{"p":"{\"n\":\"测试\",\"v\":\"1\"}"}`, `{"p":"{\"n\":\"张*\",\"v\":\"1\"}"}`},
		{"XML", "<q><n>张三</n><v>1</v></q>", "<q><n>测试</n><v>1</v></q>", "<q><n>张*</n><v>1</v></q>"},
		{"XML with attributes", `<q v="1"><n>张三</n></q>`, `<q v="1"><n>测试</n></q>`, `<q v="1"><n>张*</n></q>`},
		{"multipart", "--b\r\nname=\"n\"\r\n\r\n张三\r\n--b--", "--b\r\nname=\"n\"\r\n\r\n测试\r\n--b--", "--b\r\nname=\"n\"\r\n\r\n***\r\n--b--"},
		{"a word more", "a 张三", "a b 测试", "***"},
		{"no other person", `{"v":"2","n":"张三"}`, "", `{"v":"***","n":"张*"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := trial.Rehearsal{
				Query:   idv.Query{Subject: idv.Subject{Name: idv.NewSensitive(zhang), IDNumber: idv.NewSensitive(number)}},
				BaseURL: "https://v.example/v1", Real: call(tt.real, "APPCODE secret", "real"),
				OtherPerson: call(tt.person, "APPCODE secret", "person"), OtherSecrets: call(tt.real, "APPCODE 000000", "secrets"),
			}
			got := r.Mask()
			want := trial.Request{Method: "POST", URL: "https://v.example/v1/p", Body: tt.want, Parameters: []trial.Parameter{
				{In: "header", Name: "X-Key", Value: "APPCODE ***", Use: "secret or signature"},
				{In: "header", Name: "X-Sign", Value: "***", Use: "secret or signature"},
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			r.OtherSecrets = providers.Call{}
			for _, p := range r.Mask().Parameters {
				if p.Shown || p.Value != "***" {
					t.Errorf("without other secrets %s is %q", p.Name, p.Value)
				}
			}
		})
	}
}

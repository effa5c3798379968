package consents_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// TestNoticeOfATenant: a tenant's people read who asks, also when the text is made again for a
// receipt or a copy.
func TestNoticeOfATenant(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	o := f.Options
	own := defaults()
	own.Controller = consent.Party{Name: "另一公司", Contact: "400-000-0009"}
	o.Tenants = map[idv.Tenant]consents.TenantOptions{"acme": {Notices: o.Notices, Defaults: own, Purposes: o.Purposes}}
	s, err := consents.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for tenant, controller := range map[idv.Tenant]string{"acme": "另一公司", "other": "某某商城有限公司"} {
		made, err := s.Draft(t.Context(), consents.Draft{
			Tenant: tenant, App: "web", Purpose: "open", Check: idv.CheckIDName,
			Subject: idv.Subject{Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("11010519491231002X")},
		})
		if err != nil {
			t.Fatal(err)
		}
		text, err := s.Text(t.Context(), tenant, made.Record.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, read := range []idv.Sensitive{made.Text, text.Body} {
			if !strings.Contains(read.Reveal(), controller) || made.Record.Controller.Name != controller {
				t.Errorf("the notice of %s does not name %s", tenant, controller)
			}
		}
		if got := s.For(tenant).Defaults.Withdraw; got == "" || strings.Contains(got, "0009") != (tenant == "acme") {
			t.Errorf("%s is withdrawn by %q", tenant, got)
		}
	}
}

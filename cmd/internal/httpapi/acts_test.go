package httpapi_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/policy/consent"
)

const aSecond = `{"check":"id_name","reason":"doubt",` + adult + `}`

// unrecorded lists the operations that change something, or read with a body, and are no act of
// an operator.
func unrecorded() map[string]string {
	const caller, reads = "what a caller does for a person", "it changes nothing"
	return map[string]string{
		"verify": caller, "draftConsent": caller, "presentConsent": caller, "giveConsent": caller, "refuseConsent": caller, "withdrawConsent": caller,
		"explain": reads, "findSubject": reads, "exportSubject": reads,
	}
}

// mismatched stores a verification of the person in adult whose verdict is a mismatch, and
// returns its id.
func mismatched(t *testing.T, c *counter, check idv.Check) string {
	t.Helper()
	card := idv.NewSensitive("6222021234567890128")
	subject, err := identity.Normalize(idv.Subject{Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("11010519491231002X"), BankCard: card}, check, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	v := idv.Verification{
		ID: "ver_earlier", Tenant: "default", App: "web", Purpose: "test", Check: check, Verdict: idv.Mismatch, Subject: subject.Claims.Masked(), CreatedAt: time.Now(),
		Token: c.deps.Keys.Keyring.Token("default", subject.Claims.Person()),
	}
	if err := c.deps.Store.Complete(t.Context(), store.Key{}, v); err != nil {
		t.Fatal(err)
	}
	return v.ID
}

// provokeSecond produces a problem of an ordered second opinion.
func (o *operation) provokeSecond(t *testing.T, kind string) *httptest.ResponseRecorder {
	t.Helper()
	keys := map[string]error{"idempotency_in_progress": store.ErrInProgress, "idempotency_key_reused": store.ErrKeyReused}[kind]
	limit := abuse.Config{Thresholds: abuse.Unwatched()}
	c := newCounter(t, func(o *engine.Options) {
		if kind == "result_unconfirmed" || keys != nil {
			o.Store = claimed{o.Store, keys}
		}
		if kind != "denied" {
			o.Policy.Consent = consent.Off
		}
		switch kind {
		case "subject_limited":
			limit.Honeytokens = honeytoken(t, o)
		case "throttled":
			limit.Limits = abuse.Limits{{Per: abuse.PerApp, Window: abuse.Minute, Most: 1}}
		}
		o.Policy.Abuse = guard(t, o, limit)
	})
	check := idv.CheckIDName
	body := aSecond
	switch kind {
	case "unsupported":
		check = idv.CheckIDNameBankCard
		body = strings.Replace(strings.Replace(body, `"id_name"`, `"id_name_bankcard"`, 1), `"name"`, `"bank_card":"6222021234567890128","name"`, 1)
	case "subject_limited":
		body = strings.Replace(body, "11010519491231002X", "110105202001010015", 1)
	case "throttled":
		do(c, "POST", "/v1/verifications", person)
	case "restored":
		if err := c.deps.Store.MarkGap(t.Context(), store.NewGap(time.Unix(0, 0), time.Unix(60, 0))); err != nil {
			t.Fatal(err)
		}
	}
	id := mismatched(t, c, check)
	if kind == "shutting_down" {
		if err := c.deps.Engine.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return o.ask(c, id, "", body)
}

func honeytoken(t *testing.T, o *engine.Options) abuse.Honeytokens {
	t.Helper()
	tokens, err := abuse.NewHoneytokens(o.Policy.Keyring, map[idv.Tenant][]idv.Sensitive{"default": {idv.NewSensitive("110105202001010015")}})
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// TestEveryActIsRecorded carries out each operation by which an operator changes something. An
// operation without a step here, and without a reason in unrecorded, fails.
func TestEveryActIsRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := enginetest.New("a"), enginetest.New("b")
		a.Then(enginetest.Answer(idv.Mismatch))
		c := newCounter(t, func(o *engine.Options) {
			both := enginetest.Options(a, b)
			o.Providers, o.Routes = both.Providers, both.Routes
		})
		c.deps.Sealer = c.deps.Keys.Keyring
		c.deps.Store.Subscribe(func(*idv.Verification) []string { return []string{"hook"} })
		h := c.of("default")
		r := enginetest.Request()
		r.Tenant = "default"
		r.ConsentID = enginetest.Give(t, c.deps.Store, enginetest.Draft(c.deps.Keys.Keyring, r, "a Ltd", "b Ltd"))
		earlier, err := c.deps.Engine.Verify(t.Context(), r)
		if err != nil || earlier.Verdict != idv.Mismatch {
			t.Fatalf("%+v, %v", earlier, err)
		}
		list, _, err := c.deps.Store.Messages(t.Context(), store.MessageFilter{}, ledger.Page{})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d messages, %v", len(list), err)
		}
		var key, window string
		steps := []struct {
			operation string
			kind      audit.Kind
			id        func() string
			body      string
			then      func(*httptest.ResponseRecorder)
		}{
			{"createKey", audit.KeyCreate, nil, aKey, func(w *httptest.ResponseRecorder) { key = read[api.Key](t, w).ID }},
			{"revokeKey", audit.KeyRevoke, func() string { return key }, "", nil},
			{"addWindow", audit.CalendarAdd, nil, aWindow, func(w *httptest.ResponseRecorder) { window = read[api.Window](t, w).ID }},
			{"removeWindow", audit.CalendarRemove, func() string { return window }, "", nil},
			{"addLot", audit.LotAdd, nil, aLot, nil},
			{"cancelLot", audit.LotCancel, func() string { return "L1" }, `{"reason":"booked twice"}`, nil},
			{"orderSecondOpinion", audit.SecondOpinion, func() string { return earlier.ID }, orderOf(r), nil},
			{"resendMessage", audit.MessageResend, func() string { return list[0].ID }, "", nil},
			{"drainProvider", audit.ProviderDrain, func() string { return "a" }, "", nil},
			{"closeProvider", audit.ProviderClose, func() string { return "a" }, `{"reason":"announced"}`, nil},
			{"resumeProvider", audit.ProviderResume, func() string { return "a" }, "", nil},
			{"eraseSubject", audit.SubjectErase, nil, number, nil},
		}
		all := map[string]operation{}
		for _, o := range operations(t, c) {
			if o.method != http.MethodGet {
				all[o.ID] = o
			}
		}
		done := unrecorded()
		var want []audit.Kind
		for _, s := range steps {
			o, id := all[s.operation], ""
			if s.id != nil {
				id = s.id()
			}
			w := o.ask(h, id, "", s.body)
			if w.Code >= 300 {
				t.Fatalf("%s: status %d, %s", s.operation, w.Code, w.Body)
			}
			if s.then != nil {
				s.then(w)
			}
			done[s.operation] = string(s.kind)
			want = append(want, s.kind)
			acts, _, err := c.deps.Store.Acts(t.Context(), "default", ledger.Page{})
			if err != nil || len(acts) != len(want) || acts[len(acts)-1].Kind != s.kind || acts[len(acts)-1].Principal != "key:k" {
				t.Fatalf("after %s: %+v, %v", s.operation, acts, err)
			}
		}
		if forgotten := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(id string) bool { return done[id] != "" }); len(forgotten) > 0 {
			t.Errorf("these operations are neither recorded nor known as none of an operator: %v", forgotten)
		}
	})
}

// orderOf returns the order for the person of a request.
func orderOf(r idv.Request) string {
	return `{"check":"id_name","reason":"doubt","subject":{"name":"` + r.Subject.Name.Reveal() + `","id_number":"` + r.Subject.IDNumber.Reveal() + `"}}`
}

// TestFleetAway: /readyz says that this node does not hear of other nodes' gates, and says it to
// operators alone.
func TestFleetAway(t *testing.T) {
	t.Parallel()
	for _, away := range []bool{false, true} {
		c := newCounter(t)
		c.deps.Away = func() bool { return away }
		for _, guarded := range []bool{false, true} {
			w := do(httpapi.Admin(c.deps, guarded), http.MethodGet, "/readyz", "")
			want := away && !guarded
			if got := strings.Contains(w.Body.String(), `"fleet_away":true`); got != want || w.Code != http.StatusOK {
				t.Errorf("away %v, guarded %v: status %d, %s", away, guarded, w.Code, w.Body)
			}
		}
	}
}

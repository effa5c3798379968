package fakevendor

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/plugintest"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/providertest"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// schemes returns the authentication schemes of a product.
func schemes(f providers.Factory) auth.Table {
	if name, ok := strings.CutPrefix(f.Descriptor.Name, "toys/"); ok {
		p, _ := declared.Read(toyFolder+name+".yaml", "") // toys has read it
		return slices.Concat(auth.Schemes(), p.Schemes)
	}
	return Schemes(f.Descriptor.Name)
}

// toyFolder has the products of package declared's tests.
const toyFolder = "../../../providers/declared/testdata/"

// rig is a product of the catalogue, played by the sandbox and called over loopback as in
// production.
type rig struct {
	factory  providers.Factory
	sandbox  *sandbox.Sandbox
	vendor   sandbox.Vendor
	provider idv.Provider
	fixtures []providertest.Recording
	brief    bool // without the faults of the transport
}

// timeout limits a call that is never answered.
const timeout = 2 * time.Second

func newRig(t *testing.T, f providers.Factory, wrap func(providers.Settings) providers.Codec) *rig {
	t.Helper()
	p, err := Product(f, schemes(f))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{factory: f}
	if r.fixtures, err = recordings(f); err != nil {
		t.Fatal(err)
	}
	r.sandbox = sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "v", Product: p}}})
	r.vendor = r.sandbox.Vendors()[0]
	r.provider = r.connect(t, wrap, r.vendor.Settings, timeout)
	return r
}

// connect returns a provider that calls the vendor with some settings.
func (r *rig) connect(t *testing.T, wrap func(providers.Settings) providers.Codec, settings map[string]idv.Sensitive, total time.Duration) idv.Provider {
	t.Helper()
	plain := providers.Settings{}
	for _, s := range r.factory.Descriptor.Settings {
		if !s.Secret {
			plain[s.Name] = cmp.Or(settings[s.Name].Reveal(), s.Default)
		}
	}
	plain["base_url"] = r.vendor.URL
	codec, err := r.factory.New(plain)
	if wrap != nil {
		codec, err = wrap(plain), nil
	}
	if err != nil {
		t.Fatal(err)
	}
	env := auth.Env{Value: func(name string) idv.Sensitive {
		if v, ok := settings[name]; ok {
			return v
		}
		return idv.NewSensitive(plain[name])
	}}
	open := func(baseURL string, a auth.Authenticator) (*exchange.Exchange, error) {
		x, err := exchange.New(exchange.Config{BaseURL: baseURL, Auth: a, Total: total})
		if err == nil {
			t.Cleanup(x.Close)
		}
		return x, err
	}
	env.Connect = func(baseURL string, a auth.Authenticator) (providers.Transport, error) { return open(baseURL, a) }
	a, err := schemes(r.factory).Select(r.factory.Descriptor.Schemes, env)
	if err != nil {
		t.Fatal(err)
	}
	x, err := open(r.vendor.URL, a)
	if err != nil {
		t.Fatal(err)
	}
	return providers.NewProvider(codec, x)
}

// query returns the query about the fictitious person of the fixtures under a name, of as
// many words as a product needs that sends given and family name apart.
func (r *rig) query(t *testing.T, name string) idv.Query {
	t.Helper()
	q, err := providertest.Query(r.factory.Descriptor)
	if err != nil {
		t.Fatal(err)
	}
	if words := r.fixtures[0].Subject.Name.Reveal(); strings.Contains(words, " ") && !strings.Contains(name, " ") {
		_, size := utf8.DecodeRuneInString(name)
		name = cmp.Or(strings.TrimSpace(name[:size]+" "+name[size:]), words)
	}
	if name != "" {
		q.Subject.Name = idv.NewSensitive(name)
	}
	return q
}

// result is what came of a call.
type result struct {
	verdict  idv.Verdict
	failure  idv.Failure
	field    idv.Field
	charge   idv.Charge
	delivery idv.Delivery
	code     string
	ref      string
	billed   int64
	requests int64
}

// ask calls the vendor once and reads its meter.
func (r *rig) ask(ctx context.Context, p idv.Provider, q idv.Query) result {
	before := r.sandbox.Stats()["v"]
	answer, err := p.Ask(ctx, q)
	after := r.sandbox.Stats()["v"]
	out := result{
		verdict: answer.Verdict, charge: answer.Charge, code: answer.VendorCode, ref: answer.VendorRef, delivery: idv.Answered,
		billed: after.Billed - before.Billed, requests: after.Requests - before.Requests,
	}
	if err != nil {
		e := idv.AsError(err)
		out.failure, out.field, out.charge, out.delivery, out.code, out.ref = e.Failure, e.Field, e.Charge, e.Delivery, e.Code, e.Ref
	}
	return out
}

// agrees fails the test if what the ledger would book contradicts the vendor's meter.
func (o result) agrees(t *testing.T) {
	t.Helper()
	switch {
	case o.requests != 1:
		t.Errorf("%d requests for one call, want 1", o.requests)
	case o.charge == idv.Charged && o.billed != 1, o.charge == idv.NotCharged && o.billed != 0:
		t.Errorf("the ledger books %v, the vendor's meter billed %d", o.charge, o.billed)
	}
}

// TestConformance drives every product of the catalogue, with every code of its table and in
// every mode, through provider, exchange and sandbox. A product that is added to the
// catalogue is covered without a change here.
//
// With -short a product is asked for one code of each meaning, and only the first product of
// each shape plays the faults of the transport, which are the same for all. HEYAN_PROVE=1
// plays everything.
func TestConformance(t *testing.T) {
	t.Parallel()
	first := oneOfEach(shape)
	for _, f := range append(assemble.Catalogue().Factories(), toys(t)...) {
		t.Run(f.Descriptor.Name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, f, nil)
			r.brief = !full() && !slices.ContainsFunc(first, func(o providers.Factory) bool { return o.Descriptor.Name == f.Descriptor.Name })
			t.Run("codes", r.codes)
			t.Run("modes", r.modes)
			t.Run("steering", r.steering)
			t.Run("strict", r.strict)
		})
	}
}

// toys returns the products of package declared's tests, which have replies of every form.
func toys(t *testing.T) []providers.Factory {
	t.Helper()
	files, err := filepath.Glob(toyFolder + "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var list []providers.Factory
	for _, file := range files {
		p, err := declared.Read(file, "")
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p.Factory)
	}
	return list
}

// TestConformanceOverTheWire does the same with the adapter behind the plugin protocol, for
// the first product of each form of adapter.
func TestConformanceOverTheWire(t *testing.T) {
	t.Parallel()
	adapter := func(f providers.Factory, c providers.Codec) string { return fmt.Sprintf("%T", c) }
	for _, f := range oneOfEach(adapter) {
		t.Run(f.Descriptor.Name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, f, func(s providers.Settings) providers.Codec { return plugintest.Codec(t, f, s) })
			r.brief = !full()
			t.Run("codes", r.codes)
			t.Run("modes", r.modes)
		})
	}
}

// full reports whether everything is played.
func full() bool { return os.Getenv("HEYAN_PROVE") != "" || !testing.Short() }

// shape is the kind of adapter and of authentication.
func shape(f providers.Factory, c providers.Codec) string {
	return fmt.Sprintf("%T %v", c, f.Descriptor.Schemes)
}

// oneOfEach returns the first product of each kind. The host accepts no plugin that names no
// recipient.
func oneOfEach(kind func(providers.Factory, providers.Codec) string) []providers.Factory {
	var list []providers.Factory
	seen := map[string]bool{}
	for _, f := range assemble.Catalogue().Factories() {
		codec, err := f.New(nil)
		if err == nil && f.Descriptor.Recipient != "" && !seen[kind(f, codec)] {
			seen[kind(f, codec)] = true
			list = append(list, f)
		}
	}
	return list
}

// codes asks for the rows of the code table.
func (r *rig) codes(t *testing.T) {
	refs := map[string]bool{}
	for i, row := range r.factory.Descriptor.Codes {
		if !r.chosen(i) {
			continue
		}
		t.Run(row.Layer+"/"+row.Code, func(t *testing.T) {
			got := r.ask(t.Context(), r.provider, r.query(t, "码:"+row.Code))
			got.agrees(t)
			r.compare(t, row, got)
			if got.ref != "" && refs[got.ref] {
				t.Errorf("the reference %s was used before", got.ref)
			}
			refs[got.ref] = len(got.ref) >= 8
		})
	}
}

// chosen reports whether a row is asked for: the first of its meaning, or any with
// HEYAN_PROVE.
func (r *rig) chosen(i int) bool {
	if full() {
		return true
	}
	meaning := func(row idv.CodeRow) idv.CodeRow { row.Code, row.Text, row.Source = "", "", ""; return row }
	codes := r.factory.Descriptor.Codes
	return i == slices.IndexFunc(codes, func(row idv.CodeRow) bool { return meaning(row) == meaning(codes[i]) })
}

// compare compares a result with its row. Of a row whose charge a flag decides, the
// recording of its code says what is charged.
func (r *rig) compare(t *testing.T, row idv.CodeRow, got result) {
	t.Helper()
	charge, delivery := row.Charge, row.Delivery
	if row.ByFlag {
		charge = got.charge
		if i := slices.IndexFunc(r.fixtures, func(f providertest.Recording) bool { return f.Want.Code == row.Code }); i >= 0 {
			charge = r.fixtures[i].Want.Charge
		}
	}
	if row.Verdict != idv.Undetermined {
		delivery = idv.Answered
	}
	field := row.Field
	if field == idv.NoField && row.Failure == idv.InvalidInput {
		field = got.field // the reply may name it
	}
	failure := row.Failure
	if row.RenewsToken && got.failure == idv.Unavailable {
		failure = idv.Unavailable // the token was replaced, so the gate stays open
	}
	want := result{row.Verdict, failure, field, charge, delivery, row.Code, got.ref, got.billed, got.requests}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// steering asks under the names that scripts use.
func (r *rig) steering(t *testing.T) {
	d := r.factory.Descriptor
	odd := r.query(t, "")
	odd.Subject.IDNumber = idv.NewSensitive("110101209901010017")
	odd.Subject.BankCard = idv.NewSensitive("6228480000000000017")
	odd.Subject = odd.Subject.Only(d.Check.Claims())
	for _, tt := range []struct {
		title string
		query idv.Query
		fits  func(idv.CodeRow) bool
	}{
		{"even", r.query(t, ""), func(row idv.CodeRow) bool { return row.Verdict == idv.Match }},
		{"odd", odd, func(row idv.CodeRow) bool {
			return row.Verdict == idv.Mismatch || row.Verdict == idv.MismatchOrNoRecord
		}},
		{"无记录", r.query(t, "无记录"), func(row idv.CodeRow) bool {
			return row.Verdict == idv.NoRecord || row.Verdict == idv.MismatchOrNoRecord
		}},
		{"No Record", r.query(t, "No Record"), func(row idv.CodeRow) bool {
			return row.Verdict == idv.NoRecord || row.Verdict == idv.MismatchOrNoRecord
		}},
		{"Under Maintenance", r.query(t, "Under Maintenance"), func(row idv.CodeRow) bool {
			return row.Failure == idv.Maintenance || row.Failure == idv.Unavailable
		}},
		{"异常", r.query(t, "异常"), func(row idv.CodeRow) bool {
			return row.Failure == idv.Unavailable || row.Failure == idv.Maintenance
		}},
		{"坏姓名", r.query(t, "坏姓名"), func(row idv.CodeRow) bool { return row.Failure == idv.InvalidInput }},
		{"坏号码", r.query(t, "坏号码"), func(row idv.CodeRow) bool { return row.Failure == idv.InvalidInput }},
		{"维护", r.query(t, "维护"), func(row idv.CodeRow) bool {
			return row.Failure == idv.Maintenance || row.Failure == idv.Unavailable
		}},
	} {
		t.Run(tt.title, func(t *testing.T) {
			got := r.ask(t.Context(), r.provider, tt.query)
			got.agrees(t)
			row := idv.CodeRow{Verdict: got.verdict, Failure: got.failure}
			if exists := slices.ContainsFunc(d.Codes, tt.fits); exists && !tt.fits(row) {
				t.Errorf("got %v, %v (%s), which is not what the name selects", got.verdict, got.failure, got.code)
			}
		})
	}
}

// strict asks with a wrong value of each secret, and expects that no person is queried.
func (r *rig) strict(t *testing.T) {
	for name := range r.vendor.Settings {
		i := slices.IndexFunc(r.factory.Descriptor.Settings, func(s idv.Setting) bool { return s.Name == name })
		if i < 0 || !r.factory.Descriptor.Settings[i].Secret {
			continue
		}
		t.Run(name, func(t *testing.T) {
			wrong := map[string]idv.Sensitive{}
			for other, value := range r.vendor.Settings {
				wrong[other] = value
			}
			wrong[name] = idv.NewSensitive("0123456789abcdef0123456789abcdef")
			got := r.ask(t.Context(), r.connect(t, nil, wrong, timeout), r.query(t, ""))
			if got.verdict != idv.Undetermined || got.failure != idv.BadCredentials && got.failure != idv.FailureUnknown && got.failure != idv.Unavailable {
				// A scheme that does not use the secret is not refused.
				if !r.unused(name) {
					t.Errorf("got %v, %v, want credentials", got.verdict, got.failure)
				}
			}
		})
	}
}

// unused reports whether the preferred scheme of the product does not need a setting.
func (r *rig) unused(setting string) bool {
	for _, name := range r.factory.Descriptor.Schemes {
		s, _ := schemes(r.factory).Find(name)
		return !slices.Contains(s.Needs, setting)
	}
	return true
}

// A product without a row for a missing record does not answer with a match instead.
func TestNameWithoutARowIsNoMatch(t *testing.T) {
	t.Parallel()
	f, _ := assemble.Catalogue().Find("tencent/bankcard2")
	if slices.ContainsFunc(f.Descriptor.Codes, func(r idv.CodeRow) bool { return r.Verdict == idv.NoRecord || r.Verdict == idv.MismatchOrNoRecord }) {
		t.Fatal("the product has such a row; take another one")
	}
	r := newRig(t, f, nil)
	if answer, err := r.provider.Ask(t.Context(), r.query(t, "无记录")); err == nil {
		t.Errorf("got %v, want no verdict", answer.Verdict)
	}
	if billed := r.sandbox.Stats()["v"].Billed; billed != 0 {
		t.Errorf("%d calls were billed", billed)
	}
}

package storemodel

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// Model runs ops random operations for each of several tenants concurrently and compares
// every result with a model of that tenant alone. Some operations guess an id of another
// tenant and must find nothing. All tenants use the same tokens and counters. A seed repeats
// a run except for the order among tenants. The store must keep as many verifications as
// there are operations.
func Model(t *testing.T, s store.Store, tenants, ops int, seed uint64) {
	t.Helper()
	var others guesses
	var wg sync.WaitGroup
	begin := time.Now()
	for n := range tenants {
		wg.Go(func() {
			m := newModel(s, &others, idv.Tenant(fmt.Sprintf("t%d", n)), rand.New(rand.NewPCG(seed, uint64(n))))
			for i := range ops {
				name, err := m.step(t.Context())
				if err != nil {
					t.Errorf("seed %d, %s, operation %d, %s: %v", seed, m.tenant, i, name, err)
					return
				}
			}
			if err := m.checkLedger(t.Context()); err != nil {
				t.Errorf("seed %d, %s: %v", seed, m.tenant, err)
			}
		})
	}
	wg.Wait()
	if err := Audit(t.Context(), s); err != nil {
		t.Error(err)
	}
	if others.made.Load() == 0 {
		t.Error("no operation guessed an id")
	}
	t.Logf("%d operations of %d tenants in %v, %d ids guessed", tenants*ops, tenants, time.Since(begin).Round(time.Millisecond), others.made.Load())
}

// guesses has the ids of all tenants.
type guesses struct {
	mu   sync.Mutex
	ids  map[string][]owned // by kind
	next atomic.Int64
	made atomic.Int64
}

type owned struct {
	tenant idv.Tenant
	id     string
}

// fresh returns a new id of a tenant.
func (g *guesses) fresh(kind string, tenant idv.Tenant) string {
	id := fmt.Sprintf("%s%d", kind, g.next.Add(1))
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ids == nil {
		g.ids = map[string][]owned{}
	}
	g.ids[kind] = append(g.ids[kind], owned{tenant, id})
	return id
}

// foreign returns a random id of another tenant, or "".
func (g *guesses) foreign(kind string, tenant idv.Tenant, r *rand.Rand) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.ids[kind]) == 0 {
		return ""
	}
	o := g.ids[kind][r.IntN(len(g.ids[kind]))]
	if o.tenant == tenant {
		return ""
	}
	g.made.Add(1)
	return o.id
}

// model is the expected state of one tenant.
type model struct {
	s      store.Store
	others *guesses
	tenant idv.Tenant
	r      *rand.Rand
	drafts time.Time // of the last consent

	consents []*modelConsent // in their order
	asked    []*modelAsked
	byID     map[string]*modelConsent
	askedBy  map[string]*modelAsked
	keys     map[idv.SubjectToken]string
	erasures map[idv.SubjectToken]int
	counters map[int]*modelCounter
	held     int64
}

type modelConsent struct {
	id, purpose, erasure string
	subject, guardian    idv.SubjectToken
	older                idv.SubjectToken // under the previous key, or ""
	state                consent.State
	used, most           int
}

type modelAsked struct {
	id, key, erased string
	token           idv.SubjectToken
}

type modelCounter struct {
	n       int
	members map[int]bool
}

func newModel(s store.Store, others *guesses, tenant idv.Tenant, r *rand.Rand) *model {
	return &model{
		s: s, others: others, tenant: tenant, r: r, drafts: time.Now().UTC().Truncate(time.Microsecond).Add(-time.Hour),
		byID: map[string]*modelConsent{}, askedBy: map[string]*modelAsked{}, keys: map[idv.SubjectToken]string{},
		erasures: map[idv.SubjectToken]int{}, counters: map[int]*modelCounter{},
	}
}

// step runs one operation.
func (m *model) step(ctx context.Context) (name string, err error) {
	steps := []struct {
		name   string
		weight int
		do     func(context.Context) error
	}{
		{"add", 12, m.add}, {"change", 30, m.change}, {"use", 8, m.use}, {"return", 2, m.returnUse}, {"hold", 12, m.hold},
		{"consent", 6, m.read}, {"finish", 10, m.finish}, {"verification", 6, m.readAsked}, {"data key", 4, m.dataKey},
		{"consents", 2, m.list}, {"verifications", 2, m.listAsked}, {"erase", 1, m.erase}, {"erasures", 1, m.listErasures}, {"count", 12, m.count},
	}
	total := 0
	for _, s := range steps {
		total += s.weight
	}
	n := m.r.IntN(total)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			return s.name, s.do(ctx)
		}
	}
	return "", errors.New("no operation was chosen")
}

// agree checks an error against that of the model.
func agree(got, want error) error {
	if (got == nil) != (want == nil) || want != nil && !errors.Is(got, want) {
		return fmt.Errorf("got %w, the model says %w", got, want)
	}
	return nil
}

func (m *model) token() idv.SubjectToken { return idv.SubjectToken(fmt.Sprintf("k:%d", m.r.IntN(12))) }

// pick returns a consent, usually a recent one, or nil with a foreign or unknown id.
func (m *model) pick() (*modelConsent, string) {
	if len(m.consents) == 0 || m.r.IntN(12) == 0 {
		if id := m.others.foreign("c", m.tenant, m.r); id != "" {
			return nil, id
		}
		return nil, "nowhere"
	}
	last := min(len(m.consents), 20)
	if m.r.IntN(8) == 0 {
		last = len(m.consents)
	}
	c := m.consents[len(m.consents)-1-m.r.IntN(last)]
	return c, c.id
}

// checkLedger compares the units that are held for the tenant.
func (m *model) checkLedger(ctx context.Context) error {
	lots, err := m.s.Lots(ctx, m.provider())
	if err != nil || len(lots) > 1 || len(lots) == 1 && lots[0].Held != m.held {
		return fmt.Errorf("the lots are %+v, %w; the model held %d", lots, err, m.held)
	}
	mine, _, err := m.s.Holds(ctx, ledger.Filter{Tenant: m.tenant}, ledger.Page{Limit: 1})
	if err != nil || len(mine) == 1 && mine[0].Intent.Provider != m.provider() {
		return fmt.Errorf("a hold of another tenant: %+v, %w", mine, err)
	}
	return nil
}

func (m *model) provider() string { return "p-" + string(m.tenant) }

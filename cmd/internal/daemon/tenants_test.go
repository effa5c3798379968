package daemon_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// TestKeyRotation: the keys of a caller are rotated again and again while it sends requests;
// none fails, and an old key is refused when its time is over.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	rotations := 5
	if os.Getenv("HEYAN_PROVE") != "" {
		rotations = 100
	}
	h, _, _ := guarded(t, func(c *config.Config) { c.Timeout = unhurried })
	issue := func() (access.Key, string) {
		made, text, err := h.keys.Issue(t.Context(), access.Key{Name: "rotated", Tenant: "acme", Scopes: []access.Scope{access.Verify}})
		if err != nil {
			t.Fatal(err)
		}
		return made, text.Reveal()
	}
	ask := func(key string) int {
		status, _ := h.call("POST", "http://"+h.at.Listen+"/v1/verifications", question, "Authorization", "Bearer "+key)
		return status
	}
	type rotated struct{ key string }
	var current atomic.Pointer[rotated]
	made, text := issue()
	current.Store(&rotated{text})
	done := make(chan struct{})
	var callers sync.WaitGroup
	var sent, failed atomic.Int64
	for range 4 {
		callers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if sent.Add(1); ask(current.Load().key) != http.StatusOK {
					failed.Add(1)
				}
			}
		})
	}
	for range rotations {
		next, newText := issue()
		old := current.Swap(&rotated{newText})
		for until := sent.Load() + 8; sent.Load() < until; { // those with the old key have ended
			runtime.Gosched()
		}
		if _, err := h.keys.Store.RevokeAPIKey(t.Context(), "", made.ID); err != nil {
			t.Fatal(err)
		}
		for ask(old.key) == http.StatusOK { // for a second at most, see TestRevocationReachesEveryNode
		}
		made = next
	}
	close(done)
	callers.Wait()
	if failed.Load() > 0 {
		t.Errorf("%d of %d requests failed in %d rotations", failed.Load(), sent.Load(), rotations)
	}
	t.Logf("%d requests during %d rotations, %d failed", sent.Load(), rotations, failed.Load())
}

// TestTenantsFindNothingOfOthers is a model of many tenants: each remembers what it made, and
// tries the ids of all, and made-up ones, in random order. What is found must be its own.
func TestTenantsFindNothingOfOthers(t *testing.T) {
	t.Parallel()
	tenants, operations := 100, 2_000
	if os.Getenv("HEYAN_PROVE") != "" {
		operations = 1_000_000
	}
	h, _, _ := guarded(t, func(c *config.Config) {
		c.Policy.Consent.Controller = config.Party{Name: "平台有限公司", Contact: "400-000-0001"}
		c.Policy.Abuse.Off = true
		for i := range c.Providers {
			c.Providers[i].RecipientContact, c.Providers[i].Limits.Concurrency = "400-000-0002", 256
		}
	})
	m := &tenantModel{fixture: h, owner: map[string]int{}}
	for i := range tenants {
		_, text, err := h.keys.Issue(t.Context(), access.Key{Name: "k", Tenant: idv.Tenant(fmt.Sprint("t", i)), Scopes: access.Scopes()})
		if err != nil {
			t.Fatal(err)
		}
		m.keys = append(m.keys, text.Reveal())
	}
	var next atomic.Int64
	var callers sync.WaitGroup
	for worker := range 8 {
		callers.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(worker))) //nolint:gosec // chooses operations of a test
			for next.Add(1) <= int64(operations) {
				m.step(r)
			}
		})
	}
	callers.Wait()
	if m.own.Load() == 0 || m.guesses.Load() == 0 {
		t.Error("the model read nothing")
	}
	t.Logf("%d operations of %d tenants: %d own reads, %d ids of others tried, %d found", operations, tenants, m.own.Load(), m.guesses.Load(), m.foreign.Load())
}

// tenantModel knows which tenant made what.
type tenantModel struct {
	*fixture

	keys []string

	mu    sync.Mutex
	owner map[string]int // by path
	paths []string

	own, guesses, foreign atomic.Int64
}

func (m *tenantModel) as(tenant int, method, path, body string) (int, string) {
	return m.call(method, "http://"+m.at.Listen+path, body, "Authorization", "Bearer "+m.keys[tenant])
}

// step makes something as a random tenant, or reads something of a random one.
func (m *tenantModel) step(r *rand.Rand) {
	tenant := r.IntN(len(m.keys))
	switch n := r.IntN(20); {
	case n < 3:
		m.made(m.as(tenant, "POST", "/v1/verifications", question))(tenant, "/v1/verifications/")
	case n < 5:
		m.made(m.as(tenant, "POST", "/v1/consents", `{"purpose":"开立账户","subject":`+subject+`}`))(tenant, "/v1/consents/")
	case n < 6:
		m.lists(tenant)
	default:
		m.reads(tenant, r)
	}
}

func (m *tenantModel) made(status int, body string) func(tenant int, path string) {
	return func(tenant int, path string) {
		var v struct{ ID string }
		if err := json.Unmarshal([]byte(body), &v); err != nil || status/100 != 2 || v.ID == "" {
			m.t.Errorf("%s: status %d: %s", path, status, body)
			return
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.owner[path+v.ID] = tenant
		m.paths = append(m.paths, path+v.ID)
	}
}

// lists reads the list of consents, whose entries must all be the tenant's.
func (m *tenantModel) lists(tenant int) {
	status, body := m.as(tenant, "GET", "/v1/consents", "")
	var page struct{ Consents []struct{ ID string } }
	if err := json.Unmarshal([]byte(body), &page); err != nil || status != http.StatusOK {
		m.t.Errorf("status %d: %s", status, body)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range page.Consents {
		if owner, known := m.owner["/v1/consents/"+c.ID]; known && owner != tenant {
			m.foreign.Add(1)
			m.t.Errorf("tenant %d finds consent %s of tenant %d in a list", tenant, c.ID, owner)
		}
	}
}

// reads reads something by its id: known, of either kind, or with one character changed.
func (m *tenantModel) reads(tenant int, r *rand.Rand) {
	m.mu.Lock()
	if len(m.paths) == 0 {
		m.mu.Unlock()
		return
	}
	path := m.paths[r.IntN(len(m.paths))]
	if r.IntN(10) == 0 {
		at := len(path) - 1 - r.IntN(10)
		path = path[:at] + string("0123456789abcdefghijklmnop"[r.IntN(26)]) + path[at+1:]
	}
	owner, known := m.owner[path]
	if known && r.IntN(2) == 0 {
		tenant = owner
	}
	m.mu.Unlock()
	status, body := m.as(tenant, "GET", path, "")
	switch own := known && owner == tenant; {
	case own && status != http.StatusOK:
		m.t.Errorf("tenant %d does not find its own %s: status %d", tenant, path, status)
	case own:
		m.own.Add(1)
	case status != http.StatusNotFound && known:
		m.foreign.Add(1)
		m.t.Errorf("tenant %d reads %s of another: status %d: %s", tenant, path, status, body)
	default:
		m.guesses.Add(1)
	}
}

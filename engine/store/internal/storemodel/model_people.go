package storemodel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// finish stores a verification, sometimes with a key, and sometimes with a consent whose
// subject may be erased. The others begin after every erasure.
func (m *model) finish(ctx context.Context) error {
	a := &modelAsked{id: m.others.fresh("v", m.tenant), token: m.token()}
	if m.r.IntN(6) == 0 {
		a.token = ""
	}
	v := Verification()
	v.ID, v.Tenant, v.Token, v.Subject, v.CreatedAt = a.id, m.tenant, a.token, idv.MaskedSubject{Name: "测*"}, time.Now().Add(2*store.Margin).UTC()
	if m.r.IntN(2) == 0 {
		c, id := m.pick()
		if v.ConsentID = id; c != nil && c.subject == "" {
			a.token, a.erased = "", c.erasure
		}
	}
	k := store.Key{Tenant: m.tenant}
	if m.r.IntN(10) == 0 {
		a.key = a.id
		k.Key = a.key
		c := store.Claim{Key: k, Verification: a.id, Deadline: time.Now().Add(time.Hour), Expiry: time.Now().Add(time.Hour)}
		if _, done, err := m.s.Claim(ctx, c); err != nil || done {
			return fmt.Errorf("claim: done %v, %w", done, err)
		}
	}
	m.asked, m.askedBy[a.id] = append(m.asked, a), a
	return m.s.Complete(ctx, k, v)
}

func (a *modelAsked) same(v idv.Verification) error {
	if v.ID != a.id || v.Token != a.token || v.Erased != a.erased || (v.Subject.Name == "") != (a.erased != "") {
		return fmt.Errorf("got %s of %q erased by %q with the name %q, the model says %+v", v.ID, v.Token, v.Erased, v.Subject.Name, *a)
	}
	return nil
}

// readAsked reads a verification, or replays it.
func (m *model) readAsked(ctx context.Context) error {
	if len(m.asked) == 0 || m.r.IntN(8) == 0 {
		_, err := m.s.Verification(ctx, m.tenant, m.others.foreign("v", m.tenant, m.r))
		return agree(err, store.ErrNotFound)
	}
	a := m.asked[m.r.IntN(len(m.asked))]
	if a.key != "" {
		v, done, err := m.s.Claim(ctx, store.Claim{Key: store.Key{Tenant: m.tenant, Key: a.key}})
		if err != nil || !done {
			return fmt.Errorf("replay: done %v, %w", done, err)
		}
		return a.same(v)
	}
	v, err := m.s.Verification(ctx, m.tenant, a.id)
	return errors.Join(err, a.same(v))
}

func (m *model) listAsked(ctx context.Context) error {
	token := m.token()
	var want []string
	for _, a := range m.asked {
		if a.token == token {
			want = append(want, a.id)
		}
	}
	got, err := everyPage(m.r.IntN(100)+1, func(p ledger.Page) ([]idv.Verification, string, error) {
		return m.s.Verifications(ctx, m.tenant, []idv.SubjectToken{token}, p)
	}, func(v idv.Verification) (string, error) {
		if m.askedBy[v.ID] == nil || v.Tenant != m.tenant {
			return "", fmt.Errorf("%s is another tenant's", v.ID)
		}
		return v.ID, m.askedBy[v.ID].same(v)
	})
	if err != nil {
		return err
	}
	if !slices.Equal(want, got) {
		return fmt.Errorf("the model -, got +:\n%s", cmp.Diff(want, got))
	}
	return nil
}

// everyPage reads all pages of a list and returns the names that see returns for its rows.
func everyPage[T any](size int, read func(ledger.Page) ([]T, string, error), see func(T) (string, error)) (names []string, err error) {
	for after, more := "", true; more; more = after != "" {
		list, next, err := read(ledger.Page{After: after, Limit: size})
		if err != nil {
			return nil, err
		}
		for _, row := range list {
			name, err := see(row)
			if err != nil {
				return nil, err
			}
			names = append(names, name)
		}
		after = next
	}
	return names, nil
}

func (m *model) dataKey(ctx context.Context) error {
	token := m.token()
	var wrapped []byte
	if m.r.IntN(2) == 0 {
		wrapped = fmt.Appendf(nil, "%s %d", m.tenant, m.r.Uint64())
	}
	got, err := m.s.DataKey(ctx, m.tenant, token, wrapped)
	if m.keys[token] == "" && wrapped != nil {
		m.keys[token] = string(wrapped)
	}
	if err != nil || string(got) != m.keys[token] {
		return fmt.Errorf("got %q, %w; the model says %q", got, err, m.keys[token])
	}
	return nil
}

func (m *model) erase(ctx context.Context) error {
	tokens := []idv.SubjectToken{m.token(), m.token()}
	id := m.others.fresh("e", m.tenant)
	want := store.Erasure{ID: id, Tenant: m.tenant}
	for _, c := range m.consents {
		own := slices.Contains(tokens, c.subject)
		if !own && !slices.Contains(tokens, c.guardian) {
			continue
		}
		want.Consents++
		c.guardian, c.erasure = "", id
		if c.state == consent.Drafted || c.state == consent.Presented || c.state == consent.Given {
			c.state = consent.Withdrawn
		}
		if own {
			c.subject, c.older = "", ""
		}
	}
	for _, a := range m.asked {
		if slices.Contains(tokens, a.token) {
			want.Verifications++
			a.token, a.erased = "", id
		}
	}
	for _, t := range slices.Compact(tokens) {
		m.erasures[t]++
		if m.keys[t] != "" {
			want.Keys++
			delete(m.keys, t)
		}
	}
	got, err := m.s.Erase(ctx, m.tenant, tokens, id)
	want.At = got.At
	if err != nil || got != want {
		return fmt.Errorf("got %+v, %w; the model says %+v", got, err, want)
	}
	return nil
}

func (m *model) listErasures(ctx context.Context) error {
	token := m.token()
	list, err := m.s.Erasures(ctx, m.tenant, []idv.SubjectToken{token})
	if err != nil || len(list) != m.erasures[token] {
		return fmt.Errorf("%d erasures, %w; the model says %d", len(list), err, m.erasures[token])
	}
	return nil
}

// count counts up to three hits on few counters, so that limits are reached.
func (m *model) count(ctx context.Context) error {
	var hits []policy.Hit
	var members []int
	for range 1 + m.r.IntN(3) {
		c, member := 1+m.r.IntN(40), m.r.IntN(6)
		hits, members = append(hits, Hit(c, member, m.r.IntN(9))), append(members, member)
	}
	over, totals := m.tally(hits, members)
	got, err := m.s.Count(ctx, m.tenant, hits)
	if diff := cmp.Diff(policy.Counted{Over: over, Totals: totals}, got); err != nil || diff != "" {
		return fmt.Errorf("%w, the model -, got +:\n%s", err, diff)
	}
	return nil
}

// tally counts on a copy and adopts it if no hit exceeds its limit.
func (m *model) tally(hits []policy.Hit, members []int) (over int, totals []int) {
	tried := map[int]*modelCounter{}
	now := make([]int, len(hits))
	for i, h := range hits {
		id := int(h.Counter[0])
		kept := m.counters[id]
		if kept == nil {
			kept = &modelCounter{members: map[int]bool{}}
			m.counters[id] = kept
		}
		now[i] = kept.n
		if tried[id] == nil {
			tried[id] = &modelCounter{n: kept.n, members: map[int]bool{}}
		}
		c := tried[id]
		if member := members[i]; member == 0 || !kept.members[member] && !c.members[member] {
			c.n++
			c.members[member] = true
			if h.Most > 0 && c.n > h.Most {
				return i, m.before(hits)
			}
		}
		now[i] = c.n
	}
	for id, c := range tried {
		m.counters[id].n = c.n
		for member := range c.members {
			m.counters[id].members[member] = true
		}
	}
	return -1, now
}

func (m *model) before(hits []policy.Hit) []int {
	totals := make([]int, len(hits))
	for i, h := range hits {
		if c := m.counters[int(h.Counter[0])]; c != nil {
			totals[i] = c.n
		}
	}
	return totals
}

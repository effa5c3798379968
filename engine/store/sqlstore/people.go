package sqlstore

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// person is a subject of a tenant under one key of the keyring.
type person struct {
	tenant idv.Tenant
	token  idv.SubjectToken
}

// persons returns the persons of the tokens. An empty token, or one that cannot be kept,
// belongs to no person.
func persons(tenant idv.Tenant, tokens []idv.SubjectToken) []person {
	var list []person
	for _, t := range tokens {
		if p := (person{tenant, t}); t != "" && idv.CheckText(string(t), idv.MaxName) == idv.TextFits && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// places adds values to the arguments of a statement and returns their placeholders, such as
// "$5, $6".
func places[T any](args []any, values []T) (text string, all []any) {
	words := make([]string, len(values))
	for i, v := range values {
		args = append(args, v)
		words[i] = "$" + strconv.Itoa(len(args))
	}
	return strings.Join(words, ", "), args
}

// personal reads a page of the data of a subject. The list is ordered by a time and an id,
// of which place makes the cursor.
func personal[T any](
	ctx context.Context, s *Store, choose func(tokens string) string, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page,
	scan func(row) (T, error), place func(*T) string,
) ([]T, string, error) {
	people := persons(tenant, tokens)
	if len(people) == 0 {
		return nil, "", nil
	}
	words := make([]string, len(people))
	for i, who := range people {
		words[i] = string(who.token)
	}
	return paged(tenant, p, place, func(first []any) ([]T, error) {
		text, args := places(first, words)
		return list(ctx, s.backend, choose(text), args, scan)
	})
}

// paged returns a page of a list that is ordered by a time and an id. read gets the first
// arguments of the statement: the two parts of the cursor, the tenant and the limit.
func paged[T any](tenant idv.Tenant, p ledger.Page, place func(*T) string, read func(args []any) ([]T, error)) ([]T, string, error) {
	at, id := int64(math.MinInt64), ""
	if p.After != "" {
		var err error
		if at, id, err = parseCursor(p.After); err != nil {
			return nil, "", err
		}
	}
	all, err := read([]any{at, id, tenant, int64(p.Size() + 1)})
	if err != nil || len(all) <= p.Size() {
		return all, "", err
	}
	all = all[:p.Size()]
	return all, place(&all[len(all)-1]), nil
}

// Verifications returns the verifications of a subject by time.
func (s *Store) Verifications(
	ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page,
) ([]idv.Verification, string, error) {
	return personal(ctx, s, selectVerifications, tenant, tokens, p, scanVerification,
		func(v *idv.Verification) string { return cursor(micros(v.CreatedAt), v.ID) })
}

func scanVerification(r row) (idv.Verification, error) {
	var c storedColumns
	var created int64
	var check, verdict, data string
	err := r.Scan(&c.Tenant, &c.ID, &created, &check, &verdict, &c.Reason, &c.Token, &c.App, &c.Purpose, &c.provider, &data)
	if err == nil {
		err = wordsOf(&c.Check, check, &c.Verdict, verdict)
	}
	if err != nil {
		return idv.Verification{}, err
	}
	c.created = timeOf(created)
	return decode(c, data)
}

// errNoToken is the error of DataKey without a token.
var errNoToken = errors.New("a data key needs a subject token")

// DataKey returns the subject's wrapped data key, or stores the given one.
func (s *Store) DataKey(ctx context.Context, tenant idv.Tenant, token idv.SubjectToken, wrapped []byte) (kept []byte, err error) {
	if token == "" {
		return nil, errNoToken
	}
	if err := store.CheckTexts(tenant, "subject", string(token)); err != nil && wrapped != nil {
		return nil, err
	}
	p := person{tenant, token}
	if kept, err = s.dataKey(ctx, p); err != nil || kept != nil || wrapped == nil {
		return kept, err
	}
	err = s.personal(ctx, &operation{
		need: func(n *needs) { add(&n.dataKeys, p) },
		do: func(u *unit) error {
			if u.dataKeys[p] == nil {
				u.keepDataKey(p, wrapped)
			}
			kept = slices.Clone(u.dataKeys[p])
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	return kept, nil
}

// LostKeys returns the missing keys that stored tokens use.
func (s *Store) LostKeys(ctx context.Context, have []string) (ids []string, err error) {
	ring, err := list(ctx, s.backend, selectRing, []any{store.KeyringPrefix + "%"}, scanText)
	if err != nil {
		return nil, err
	}
	for _, token := range ring {
		id := strings.TrimPrefix(token, store.KeyringPrefix)
		if slices.Contains(have, id) {
			continue // searching for a present key would read all rows
		}
		known, err := list(ctx, s.backend, selectKnown, []any{id + ":%"}, scanText)
		if err != nil {
			return nil, err
		}
		if len(known) > 0 {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (u *unit) keepDataKey(p person, wrapped []byte) {
	u.dataKeys[p] = slices.Clone(wrapped)
	u.writes = append(u.writes, statement{sql: insertDataKey, args: []any{p.tenant, string(p.token), wrapped}})
}

func (s *Store) dataKey(ctx context.Context, p person) (wrapped []byte, err error) {
	found, err := list(ctx, s.backend, selectDataKey, []any{p.tenant, string(p.token)}, scanBytes)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

func scanBytes(r row) (b []byte, err error) {
	err = r.Scan(&b)
	return b, err
}

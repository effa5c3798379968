package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
)

func apiKeys() []rule {
	return []rule{
		{"an API key is returned as it was added, and listed by creation", apiKeyKept},
		{"an API key is added once, and only if it is valid", apiKeyOnce},
		{"two live API keys may have one name", twoLiveKeys},
		{"of many nodes that add an API key of one name at once, two succeed", twoLiveKeysAtOnce},
		{"a revoked API key stays revoked from the first time on", apiKeyRevoked},
		{"a tenant revokes and lists no API key of another tenant", foreignAPIKeys},
		{"every added and revoked API key changes the version, its use does not", apiKeyVersion},
		{"the last use of an API key only moves on", apiKeyUsed},
		{"an API key that cannot exist is an unknown one", impossibleAPIKeys},
	}
}

// apiKey is a key of tenant t1.
func apiKey(id, name string) access.Key {
	return access.Key{
		ID: id, Name: name, Tenant: "t1", Apps: []string{"web", "柜台"}, Scopes: []access.Scope{access.Verify, access.Read},
		Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}, Hash: "k1:hash",
		Created: time.Now().UTC().Truncate(time.Microsecond),
	}
}

func sameKey(got access.Key, err error, want access.Key) error {
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{}), cmpopts.EquateEmpty()); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	return nil
}

func apiKeyKept(ctx context.Context, s store.Store) error {
	plain := apiKey("b", "plain")
	plain.Apps, plain.Networks = nil, nil
	plain.Created = plain.Created.Add(time.Second)
	plain.Expires = plain.Created.Add(time.Hour)
	if err := errors.Join(s.AddAPIKey(ctx, plain), s.AddAPIKey(ctx, apiKey("a", "full"))); err != nil {
		return err
	}
	for _, want := range []access.Key{plain, apiKey("a", "full")} {
		got, err := s.APIKey(ctx, want.ID)
		want.Created = got.Created
		if err := sameKey(got, err, want); err != nil {
			return err
		}
	}
	first, next, err := s.APIKeys(ctx, "t1", ledger.Page{Limit: 1})
	if err != nil || len(first) != 1 || first[0].ID != "a" || next == "" {
		return fmt.Errorf("the first page is %+v, %q, %w", first, next, err)
	}
	second, next, err := s.APIKeys(ctx, "", ledger.Page{Limit: 1, After: next})
	if err != nil || len(second) != 1 || second[0].ID != "b" || next != "" {
		return fmt.Errorf("the second page is %+v, %q, %w", second, next, err)
	}
	return nil
}

func apiKeyOnce(ctx context.Context, s store.Store) error {
	if err := s.AddAPIKey(ctx, apiKey("a", "one")); err != nil {
		return err
	}
	other := apiKey("a", "two")
	other.Tenant = "t2"
	if err := want(s.AddAPIKey(ctx, other), access.ErrTwice); err != nil {
		return err
	}
	for field, change := range map[string]func(*access.Key){
		"name": func(k *access.Key) { k.Name = "a\x00" }, "tenant": func(k *access.Key) { k.Tenant = "" },
		"scopes": func(k *access.Key) { k.Scopes = nil }, "apps": func(k *access.Key) { k.Apps = []string{""} },
		"expires_at": func(k *access.Key) { k.Expires = k.Created },
	} {
		k := apiKey("b", "two")
		change(&k)
		var fault *access.FieldError
		if err := s.AddAPIKey(ctx, k); !errors.As(err, &fault) || fault.Field != field {
			return fmt.Errorf("%s: got %w", field, err)
		}
	}
	list, _, err := s.APIKeys(ctx, "", ledger.Page{})
	if err != nil || len(list) != 1 {
		return fmt.Errorf("%d keys are stored, %w", len(list), err)
	}
	return nil
}

func twoLiveKeys(ctx context.Context, s store.Store) error {
	other := apiKey("t2", "web")
	other.Tenant = "t2"
	return first(
		func() error { return s.AddAPIKey(ctx, apiKey("a", "web")) },
		func() error { return s.AddAPIKey(ctx, apiKey("b", "web")) },
		func() error { return want(s.AddAPIKey(ctx, apiKey("c", "web")), access.ErrTooMany) },
		func() error { return s.AddAPIKey(ctx, apiKey("d", "other")) },
		func() error { return s.AddAPIKey(ctx, other) },
		func() error { _, err := s.RevokeAPIKey(ctx, "t1", "a"); return err },
		func() error { return s.AddAPIKey(ctx, apiKey("c", "web")) },
		func() error { return want(s.AddAPIKey(ctx, apiKey("e", "web")), access.ErrTooMany) },
	)
}

func twoLiveKeysAtOnce(ctx context.Context, s store.Store) error {
	errs := make([]error, 16)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = s.AddAPIKey(ctx, apiKey(fmt.Sprint("k", i), "web")) })
	}
	all.Wait()
	added := 0
	for _, err := range errs {
		if err == nil {
			added++
		} else if !errors.Is(err, access.ErrTooMany) {
			return err
		}
	}
	if added != access.MaxLive {
		return fmt.Errorf("%d were added", added)
	}
	return nil
}

func apiKeyRevoked(ctx context.Context, s store.Store) error {
	if err := s.AddAPIKey(ctx, apiKey("a", "web")); err != nil {
		return err
	}
	first, err := s.RevokeAPIKey(ctx, "", "a")
	second, err2 := s.RevokeAPIKey(ctx, "t1", "a")
	got, err3 := s.APIKey(ctx, "a")
	if first.Revoked.IsZero() || first.Live(time.Now()) {
		return fmt.Errorf("it is not revoked: %+v", first)
	}
	if err := sameKey(got, err, first); err != nil {
		return err
	}
	if err := sameKey(second, errors.Join(err2, err3), first); err != nil {
		return err
	}
	_, err = s.RevokeAPIKey(ctx, "", "b")
	return want(err, access.ErrNotFound)
}

func foreignAPIKeys(ctx context.Context, s store.Store) error {
	if err := s.AddAPIKey(ctx, apiKey("a", "web")); err != nil {
		return err
	}
	_, err := s.RevokeAPIKey(ctx, "t2", "a")
	if err := want(err, access.ErrNotFound); err != nil {
		return err
	}
	list, _, err := s.APIKeys(ctx, "t2", ledger.Page{})
	got, err2 := s.APIKey(ctx, "a")
	if err := errors.Join(err, err2); err != nil || len(list) != 0 || !got.Revoked.IsZero() {
		return fmt.Errorf("%d are listed, and it is %+v, %w", len(list), got, err)
	}
	return nil
}

func apiKeyVersion(ctx context.Context, s store.Store) error {
	last := int64(-1)
	changes := func(does bool, do func() error) error {
		if err := do(); err != nil {
			return err
		}
		n, err := s.APIKeyVersion(ctx)
		if err != nil || (n != last) != does {
			return fmt.Errorf("the version was %d and is %d, %w", last, n, err)
		}
		last = n
		return nil
	}
	revoke := func() error { _, err := s.RevokeAPIKey(ctx, "t1", "a"); return err }
	return first(
		func() error { return changes(true, func() error { return nil }) },
		func() error { return changes(true, func() error { return s.AddAPIKey(ctx, apiKey("a", "web")) }) },
		func() error { return changes(true, func() error { return s.AddAPIKey(ctx, apiKey("b", "web")) }) },
		func() error {
			return changes(false, func() error { return s.UseAPIKeys(ctx, map[string]time.Time{"a": time.Now()}) })
		},
		func() error { return changes(true, revoke) },
		func() error { return changes(false, revoke) },
	)
}

func apiKeyUsed(ctx context.Context, s store.Store) error {
	then := time.Now().UTC().Truncate(time.Microsecond)
	use := func(at time.Time) func() error {
		return func() error { return s.UseAPIKeys(ctx, map[string]time.Time{"a": at, "unknown": at, "\x00": at}) }
	}
	err := first(func() error { return s.AddAPIKey(ctx, apiKey("a", "web")) }, use(then), use(then.Add(-time.Hour)))
	got, err2 := s.APIKey(ctx, "a")
	if err := errors.Join(err, err2); err != nil || !got.LastUsed.Equal(then) {
		return fmt.Errorf("used at %v, want %v, %w", got.LastUsed, then, err)
	}
	return nil
}

func impossibleAPIKeys(ctx context.Context, s store.Store) error {
	for _, text := range append(illegible(), strings.Repeat("a", 300), "") {
		_, err := s.APIKey(ctx, text)
		_, err2 := s.RevokeAPIKey(ctx, "", text)
		if err := errors.Join(want(err, access.ErrNotFound), want(err2, access.ErrNotFound)); err != nil {
			return fmt.Errorf("%.20q: %w", text, err)
		}
		if list, _, err := s.APIKeys(ctx, idv.Tenant("x"+text), ledger.Page{}); err != nil || len(list) != 0 {
			return fmt.Errorf("%.20q: %d keys, %w", text, len(list), err)
		}
	}
	return nil
}

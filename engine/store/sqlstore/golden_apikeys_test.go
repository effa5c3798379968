package sqlstore

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/access"
)

// goldenAPIKeys are a key with every member set and one with as few as possible.
func goldenAPIKeys() []access.Key {
	return []access.Key{
		{
			ID: "aaaaaaaaaaaa", Name: "柜台 wallet", Tenant: "bank", Apps: []string{"wallet", "柜台"}, Scopes: access.Scopes(),
			Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::1/128")}, Hash: "k1:goldenhash",
			Created: goldenTime(1), Expires: goldenTime(2), Revoked: goldenTime(3), LastUsed: goldenTime(4),
		},
		{ID: "bbbbbbbbbbbb", Name: "plain", Tenant: "bank", Scopes: []access.Scope{access.Verify}, Hash: "k1:otherhash", Created: goldenTime(5)},
	}
}

// goldenAPIKeysAreThere reads the keys of a golden database; before 0007 there were none.
func goldenAPIKeysAreThere(t *testing.T, s *Store, folder string) {
	t.Helper()
	var want []access.Key
	if folder >= "0007" {
		want = goldenAPIKeys()
	}
	got, _, err := s.APIKeys(t.Context(), "", ledger.Page{})
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Prefix{})); err != nil || diff != "" {
		t.Errorf("the API keys: %v; -written +read:\n%s", err, diff)
	}
}

// TestAPIKeysAsStored writes and reads the golden keys.
func TestAPIKeysAsStored(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	for _, k := range goldenAPIKeys() {
		if !k.Expires.IsZero() {
			k.Created = k.Expires.Add(-time.Millisecond)
		}
		if err := s.AddAPIKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	goldenAPIKeysAreThere(t, s, "0007")
}

// TestUnreadableAPIKey: a key whose lists cannot be read authenticates no caller, rather than
// everybody.
func TestUnreadableAPIKey(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	for _, column := range []string{"apps", "scopes", "networks"} {
		k := goldenAPIKeys()[1]
		k.ID, k.Name = "of"+column, column
		if err := s.AddAPIKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		tx, err := s.backend.begin(t.Context(), calls)
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.run(t.Context(), []statement{{sql: "UPDATE api_keys SET " + column + " = '[' WHERE id = $1", args: []any{k.ID}}}); err != nil {
			t.Fatal(err)
		}
		if err := tx.commit(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got, err := s.APIKey(t.Context(), k.ID); err == nil || got.ID != "" {
			t.Errorf("%s: got %+v, %v", column, got, err)
		}
	}
}

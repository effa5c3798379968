package sqlstore

import (
	"fmt"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// claimsLeft returns the number of stored claims.
func claimsLeft(t *testing.T, s *Store) (n int) {
	t.Helper()
	err := s.backend.read(t.Context(), statement{sql: `SELECT count(*) FROM claims`, each: func(r row) error { return r.Scan(&n) }})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestExpiredKeysAreDeletedInPieces: a transaction deletes only some of many expired keys, so
// that calls can be held between two of them.
func TestExpiredKeysAreDeletedInPieces(t *testing.T) {
	t.Parallel()
	const expired, valid = 3*pruneSize + 1, 2
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	settle(s)
	err := s.writer.submit(t.Context(), &operation{need: func(*needs) {}, do: func(u *unit) error {
		for n := range expired + valid {
			c := store.Claim{Key: store.Key{Tenant: "t", Key: fmt.Sprint(n)}, Verification: fmt.Sprint("v", n), Deadline: u.now, Expiry: u.now}
			if n >= expired {
				c.Expiry = u.now.Add(time.Hour)
			}
			u.claim(c)
			u.end(c.Key)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	left, pieces := claimsLeft(t, s), 0
	failAt(s, func(stage string) error {
		if stage != "committed" {
			return nil
		}
		now := claimsLeft(t, s)
		if gone := left - now; gone > pruneSize {
			t.Errorf("a transaction deleted %d keys, want at most %d", gone, pruneSize)
		} else if gone > 0 {
			pieces++
		}
		left = now
		return nil
	})
	if _, err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left != valid || pieces != 4 {
		t.Errorf("%d keys are left after %d pieces, want %d after 4", left, pieces, valid)
	}
}

package sqlstore

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// freePruning: expired keys are deleted while a transaction has one of them, which stays until
// the next time, so that neither waits for the other.
func freePruning(t *testing.T, dsn string) {
	t.Helper()
	s := openNode(t, dsn)
	defer closeStore(t, s)
	settle(s)
	err := s.writer.submit(t.Context(), &operation{need: func(*needs) {}, do: func(u *unit) error {
		for n := range 3 {
			c := store.Claim{Key: store.Key{Tenant: "t", Key: fmt.Sprint(n)}, Verification: fmt.Sprint("v", n), Deadline: u.now, Expiry: u.now}
			u.claim(c)
			u.end(c.Key)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.backend.begin(t.Context(), calls)
	if err != nil {
		t.Fatal(err)
	}
	const lock = `SELECT 1 FROM claims WHERE tenant = 't' AND idempotency_key = '1' FOR UPDATE`
	if err := other.run(t.Context(), []statement{{sql: lock}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if _, err := s.Recover(ctx); err != nil {
			t.Fatal(err)
		}
		if left := claimsLeft(t, s); left != want {
			t.Errorf("%d keys are left, want %d", left, want)
		}
		if want == 1 {
			other.rollback()
		}
	}
}

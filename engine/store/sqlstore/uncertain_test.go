package sqlstore

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
)

// TestAgain says which failures of PostgreSQL certainly did nothing.
func TestAgain(t *testing.T) {
	t.Parallel()
	code := func(c string) error { return &pgconn.PgError{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: c} }
	for _, test := range []struct {
		name string
		err  error
		want bool
	}{
		{"a serialization failure", code(serializationFailure), true},
		{"a deadlock", fmt.Errorf("run: %w", code(deadlockDetected)), true},
		{"a plan of before", code(stalePlan), true},
		{"a server that goes away before the commit", code(adminShutdown), true},
		{"a check that fails", code("23514"), false},
		{"an uncertain commit", errUncertain, false},
		{"an uncertain commit as the server went away", fmt.Errorf("%w: %w", errUncertain, code(adminShutdown)), false},
		{"an uncertain commit by whatever code", fmt.Errorf("%w: %w", errUncertain, code(serializationFailure)), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := (&postgres{}).retryable(test.err); got != test.want {
				t.Errorf("again: %v, want %v", got, test.want)
			}
		})
	}
}

// uncertainOnce loses the answer to commits that were made, as when a server is shut
// down: each is done once, and the caller gets an error.
func uncertainOnce(t *testing.T, dsn string) {
	t.Helper()
	s := openNode(t, dsn)
	defer closeStore(t, s)
	r := enginetest.Request()
	id := enginetest.Give(t, s, enginetest.Draft(enginetest.Keyring(t), r, "a Ltd"))
	steps := []struct {
		name string
		do   func() error
		used int
	}{
		{"a use", func() error {
			return s.UseConsent(t.Context(), r.Tenant, idv.ConsentUse{ID: id, Recipient: "a Ltd", First: true})
		}, 1},
		{"a return", func() error { return s.ReturnConsent(t.Context(), r.Tenant, id) }, 0},
		{"a count", func() error {
			_, err := s.Count(t.Context(), r.Tenant, []policy.Hit{{Counter: policy.BlindIndex{1}, Until: time.Now().Add(time.Hour)}})
			return err
		}, 0},
	}
	for _, step := range steps {
		lost := &lieOn{"committed", 1, fmt.Errorf("%w: %w", errUncertain, &pgconn.PgError{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: adminShutdown})}
		failAt(s, lost.point)
		err := step.do()
		s.writer.fail.Store(nil)
		kept, err2 := s.Consent(t.Context(), r.Tenant, id)
		if !errors.Is(err, store.ErrUnwritable) || err2 != nil || kept.Used != step.used {
			t.Errorf("%s: %v; %d uses, %v; want %d", step.name, err, kept.Used, err2, step.used)
		}
	}
	count, err := s.Count(t.Context(), r.Tenant, []policy.Hit{{Counter: policy.BlindIndex{1}, Until: time.Now().Add(time.Hour)}})
	if err != nil || count.Totals[0] != 2 {
		t.Errorf("two counts make %v, %v", count.Totals, err)
	}
}

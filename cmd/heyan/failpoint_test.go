package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/idcert"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// dieAt makes the test binary ask one question and die at a point of its way.
const dieAt = "TEST_DIE_AT"

// doomed is a store whose process dies, as by kill -9, before or after one of its
// operations.
type doomed struct {
	store.Store
	at string
}

func (m doomed) die(point string) {
	if m.at == point {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	}
}

// Claim dies round a claim.
func (m doomed) Claim(ctx context.Context, c store.Claim) (idv.Verification, bool, error) {
	m.die("before claim")
	v, done, err := m.Store.Claim(ctx, c)
	m.die("after claim")
	return v, done, err
}

// Hold dies round a hold.
func (m doomed) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	m.die("before hold")
	held, err := m.Store.Hold(ctx, i)
	m.die("after hold")
	return held, err
}

// CompleteWithCall dies round the end.
func (m doomed) CompleteWithCall(ctx context.Context, a idv.Attempt, k store.Key, v idv.Verification) error {
	m.die("before the end")
	err := m.Store.CompleteWithCall(ctx, a, k, v)
	m.die("after the end")
	return err
}

// askOnce asks one question with one key, with the store at path and the vendor at
// url, and dies at a point if one is named. It returns the verdict.
func askOnce(path, url, appCode, point string) (idv.Verdict, error) {
	ctx := context.Background()
	s, err := sqlstore.OpenSQLite(ctx, "file:"+path, sqlstore.Options{})
	if err != nil {
		return 0, err
	}
	codec, err := idcert.New(nil)
	if err != nil {
		return 0, err
	}
	hands, err := exchange.New(exchange.Config{BaseURL: url, Auth: auth.AppCode(idv.NewSensitive(appCode))})
	if err != nil {
		return 0, err
	}
	defer hands.Close()
	e, err := engine.New(engine.Options{
		Policy:    engine.Policy{Consent: consent.Off},
		Providers: []engine.ProviderConfig{{Name: "a", Provider: providers.NewProvider(codec, hands)}},
		Routes:    []route.Rule{{Check: idv.CheckIDName, Providers: []string{"a"}, MaxAttempts: 1}},
		Store:     doomed{s, point}, FingerprintKey: []byte("the key of a test"),
	})
	if err != nil {
		return 0, err
	}
	defer func() { _ = e.Close(ctx) }()
	r := enginetest.Request()
	r.IdempotencyKey = "k"
	v, err := e.Verify(ctx, r)
	return v.Verdict, err
}

// TestDiesAtEachPoint ends the process at each point where the book is written, and
// asks again with the same key after a restart: a call that may have been charged is
// never made twice, and one that was not made is made now.
func TestDiesAtEachPoint(t *testing.T) {
	tests := []struct {
		point           string
		calls           int64 // at the vendor, after the second try
		posted, unknown int64
		verdict         idv.Verdict // of the second try
	}{
		{"before claim", 1, 1, 0, idv.Match},
		{"after claim", 1, 1, 0, idv.Match},
		{"before hold", 1, 1, 0, idv.Match},
		{"after hold", 0, 0, 1, idv.Undetermined}, // the call was not made, but nobody can know
		{"before the end", 1, 0, 1, idv.Undetermined},
		{"after the end", 1, 1, 0, idv.Match},
	}
	for _, tt := range tests {
		t.Run(tt.point, func(t *testing.T) {
			fake := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "a"}}})
			v := fake.Vendors()[0]
			path := filepath.Join(t.TempDir(), "heyan.db")
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			child := exec.CommandContext(ctx, self, path, v.URL, v.AppCode.Reveal())
			child.Env = append(os.Environ(), dieAt+"="+tt.point)
			if out, err := child.CombinedOutput(); err == nil || child.ProcessState.Exited() {
				t.Fatalf("the process was to be killed at the point: %v, %s", err, out)
			}
			verdict, err := askOnce(path, v.URL, v.AppCode.Reveal(), "")
			if err != nil || verdict != tt.verdict {
				t.Errorf("asked again: %v, %v, want %v", verdict, err, tt.verdict)
			}
			if got := fake.Stats()["a"].Requests; got != tt.calls {
				t.Errorf("the vendor saw %d calls, want %d", got, tt.calls)
			}
			s, err := sqlstore.OpenSQLite(t.Context(), "file:"+path, sqlstore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if posted, unknown := sums(t, s); posted != tt.posted || unknown != tt.unknown {
				t.Errorf("the book holds %d charged and %d perhaps, want %d and %d", posted, unknown, tt.posted, tt.unknown)
			}
		})
	}
}

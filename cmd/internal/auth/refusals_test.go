package auth_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/access"
)

// TestFailuresOfAnAddress: an address that fails too often is refused with another error, reads
// nothing from the store and fills no log, until some time has passed. What is known of its
// right keys still counts, and other addresses do not notice.
func TestFailuresOfAnAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNode(t, memory.New(0))
		_, key := n.issue(t, nil)
		time.Sleep(time.Second)
		synctest.Wait()
		n.ask(t, key)
		synctest.Wait()
		guess := func(peer string) error {
			_, err := n.Authenticate(request("Bearer "+access.NewSecret().Text().Reveal(), peer))
			return err
		}
		unauthenticated, limited := 0, 0
		for range 200 {
			switch err := guess("192.0.2.1:1"); {
			case errors.Is(err, auth.ErrRateLimited):
				limited++
			case errors.Is(err, auth.ErrUnauthenticated):
				unauthenticated++
			}
		}
		if unauthenticated != 30 || limited != 170 {
			t.Errorf("%d guesses were answered and %d limited, want 30 and 170", unauthenticated, limited)
		}
		if lines := strings.Count(n.log.String(), "request not authenticated"); lines != 30 {
			t.Errorf("%d lines are logged, want 30", lines)
		}
		reads := n.store.reads.Load()
		if _ = guess("192.0.2.1:1"); n.store.reads.Load() != reads || reads > 60 {
			t.Errorf("a limited address reads from the store; %d readings", reads)
		}
		_, fresh := n.issue(t, func(k *access.Key) { k.Name = "fresh" }) // and all keys are read again
		time.Sleep(time.Second / 2)
		synctest.Wait()
		for range 30 {
			_ = guess("192.0.2.1:1")
		}
		if !n.ask(t, key) {
			t.Error("a known key is refused because of another caller at its address")
		}
		time.Sleep(time.Second / 20)
		if !n.ask(t, fresh) {
			t.Error("a new key is not looked up soon")
		}
		if err := guess("198.51.100.1:1"); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("another address: %v", err)
		}
		if err := guess("10.0.0.1:1"); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("a proxy: %v", err)
		}
		time.Sleep(time.Second)
		if err := guess("192.0.2.1:1"); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("after a second: %v", err)
		}
	})
}

// TestManyAddresses: the memory for addresses is bounded. Those beyond it share an allowance,
// and addresses that have rested make space.
func TestManyAddresses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refusals := auth.NewRefusals()
		c, err := auth.NewCallers(auth.Options{
			Issuer: auth.Issuer{Store: memory.New(0), Keyring: enginetest.Keyring(t)}, Refusals: refusals, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		limited := func(peer string) bool {
			_, err := c.Authenticate(request("", peer))
			return errors.Is(err, auth.ErrRateLimited)
		}
		for i := range 10_000 {
			if limited(fmt.Sprintf("10.%d.%d.1:1", i/250, i%250)) {
				t.Fatal("the first failure of an address is limited")
			}
		}
		n := 0
		for i := range 100 {
			if limited(fmt.Sprintf("[2001:db8:%x::1]:1", i)) {
				n++
			}
		}
		if n != 70 {
			t.Errorf("%d failures of further addresses are limited, want 70 of 100", n)
		}
		time.Sleep(time.Minute)
		n = 0
		for i := range 31 {
			if limited(fmt.Sprintf("[2001:db8::%x]:1", i)) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d failures in one network of 64 bits are limited, want the last of 31", n)
		}
		counts := map[access.Refusal]int64{}
		refusals.Each(func(r access.Refusal, n int64) { counts[r] = n })
		if len(counts) != len(access.Refusals()) || counts[access.RateLimited] != 71 || counts[access.NoKey] != 10_060 || counts[access.Revoked] != 0 {
			t.Errorf("the counts are %v", counts)
		}
	})
}

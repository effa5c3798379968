package admission

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// TestOneTenantUsesAllPlaces: without others there is nothing to keep free.
func TestOneTenantUsesAllPlaces(t *testing.T) {
	t.Parallel()
	s := New(10)
	for i := range 10 {
		if !s.Take(t.Context(), "a") {
			t.Fatalf("request %d is refused while places are free", i)
		}
	}
	if s.Take(t.Context(), "a") {
		t.Error("more than all places are given")
	}
	s.Give("a")
	if !s.Take(t.Context(), "a") {
		t.Error("a place that was given back is lost")
	}
}

// TestShareOfATenant: a tenant that comes late waits for the places that are its by right and
// gets them before the one that has them all; beyond them it is refused at once.
func TestShareOfATenant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(10)
		for range 10 {
			s.Take(t.Context(), "greedy")
		}
		got := make(chan bool, 20)
		for range 20 {
			go func() { got <- s.Take(t.Context(), "late") }()
		}
		synctest.Wait()
		if s.Take(t.Context(), "greedy") {
			t.Error("the tenant that has all places gets one more")
		}
		if len(got) != 10 {
			t.Fatalf("%d requests beyond twice the share have an answer, want 10", len(got))
		}
		for range 10 {
			if <-got {
				t.Fatal("a place was given that is taken")
			}
		}
		for range 5 {
			s.Give("greedy")
		}
		synctest.Wait()
		for range 5 {
			if !<-got {
				t.Error("a request within the share is refused")
			}
		}
	})
}

// TestFewestFirst: a place goes to the waiting tenant that has the fewest, whoever came first.
func TestFewestFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(4)
		for _, tenant := range []idv.Tenant{"a", "a", "a", "b"} {
			s.Take(t.Context(), tenant)
		}
		got := make(chan idv.Tenant, 3)
		for _, tenant := range []idv.Tenant{"b", "c"} {
			go func() {
				if s.Take(t.Context(), tenant) {
					got <- tenant
				}
			}()
			synctest.Wait()
		}
		for _, want := range []idv.Tenant{"c", "b"} {
			s.Give("a")
			if tenant := <-got; tenant != want {
				t.Errorf("%s gets the place, want %s", tenant, want)
			}
		}
	})
}

// TestPatience: who waits is refused after a time, or when the caller leaves, and takes no
// place then.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(2)
		s.Take(t.Context(), "a")
		s.Take(t.Context(), "a")
		began := time.Now()
		if s.Take(t.Context(), "b") || time.Since(began) != patience {
			t.Errorf("got a place, or an answer after %v", time.Since(began))
		}
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, leave)
		if s.Take(ctx, "b") {
			t.Error("got a place")
		}
		s.Give("a")
		s.Give("a")
		if s.taken != 0 || len(s.of) != 0 || len(s.waiting) != 0 {
			t.Errorf("after all is given back: %d taken, %v, %d waiting", s.taken, s.of, len(s.waiting))
		}
	})
}

// TestFairness: 20 tenants with a small demand and one with ten times what there is, over an
// hour of calls: none of the others is refused, no place stays empty, and the one gets the rest.
func TestFairness(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const places, call = 64, 200 * time.Millisecond
		s := New(places)
		served, refused := map[idv.Tenant]int{}, map[idv.Tenant]int{}
		done := make(chan struct{})
		type outcome struct {
			tenant idv.Tenant
			ok     bool
		}
		outcomes := make(chan outcome)
		ask := func(tenant idv.Tenant, every time.Duration, n int) {
			for range n {
				go func() {
					ok := s.Take(t.Context(), tenant)
					if ok {
						time.Sleep(call)
						s.Give(tenant)
					}
					outcomes <- outcome{tenant, ok}
				}()
				time.Sleep(every)
			}
			done <- struct{}{}
		}
		const length = 20 * time.Second
		others := 19
		for i := range others { // half of all places together
			every := 110 * time.Millisecond
			go ask(idv.Tenant(fmt.Sprint("t", i)), every, int(length/every))
		}
		every := call / places / 10
		go ask("abusive", every, int(length/every))
		for running := others + 1; running > 0; {
			select {
			case <-done:
				running--
			case o := <-outcomes:
				if o.ok {
					served[o.tenant]++
				} else {
					refused[o.tenant]++
				}
			}
		}
		drained := time.After(2 * patience)
		for ended := false; !ended; {
			select {
			case o := <-outcomes:
				if served[o.tenant]++; !o.ok {
					served[o.tenant]--
					refused[o.tenant]++
				}
			case <-drained:
				ended = true
			}
		}
		total := 0
		for tenant, n := range served {
			if total += n; tenant != "abusive" && refused[tenant] > 0 {
				t.Errorf("%s: %d requests are refused", tenant, refused[tenant])
			}
		}
		if full := int(length / call * places); total < full*99/100 || refused["abusive"] == 0 {
			t.Errorf("%d requests are served, %d possible; %d of the abusive tenant are refused", total, full, refused["abusive"])
		}
	})
}

package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

func gateFacts() []rule {
	return []rule{
		{"a fact about a gate replaces the last one and changes its version", gateReplaced},
		{"a provider and an account of one name have a gate each", gateNames},
		{"facts that many nodes report at once are kept one for each gate", gatesAtOnce},
		{"a fact about a gate with a text that cannot be kept is refused", gateTexts},
	}
}

func gateReplaced(ctx context.Context, s store.Store) error {
	until := time.Now().UTC().Truncate(time.Microsecond)
	closed := store.GateFact{Name: "核验", Reason: idv.SkipMaintenance, Until: until, Node: "n1"}
	open := store.GateFact{Name: "核验", Node: "n2"}
	refused := store.GateFact{Name: "核验", Reason: idv.SkipCredentials, Node: "n1", Credentials: "k1:abc"}
	seen := map[int64]bool{}
	for _, f := range []store.GateFact{closed, open, open, refused, closed} {
		if err := s.ReportGate(ctx, f); err != nil {
			return err
		}
		list, err := s.GateFacts(ctx)
		if err != nil || len(list) != 1 {
			return fmt.Errorf("got %+v, %w", list, err)
		}
		if seen[list[0].Version] {
			return fmt.Errorf("the version %d occurs twice", list[0].Version)
		}
		seen[list[0].Version] = true
		if f.Version = list[0].Version; list[0] != f {
			return fmt.Errorf("got %+v, want %+v", list[0], f)
		}
	}
	return nil
}

func gateNames(ctx context.Context, s store.Store) error {
	facts := []store.GateFact{{Account: true, Name: "a", Reason: idv.SkipQuotaExhausted, Node: "n"}, {Name: "a", Node: "n"}, {Name: "b", Reason: idv.SkipCredentials, Node: "n"}}
	for i := range facts {
		if err := s.ReportGate(ctx, facts[len(facts)-1-i]); err != nil {
			return err
		}
		facts[len(facts)-1-i].Version = 1
	}
	if got, err := s.GateFacts(ctx); err != nil || !reflect.DeepEqual(got, facts) {
		return fmt.Errorf("got %+v, %w, want %+v", got, err, facts)
	}
	return nil
}

func gatesAtOnce(ctx context.Context, s store.Store) error {
	const nodes = 16
	errs := make([]error, nodes)
	var wg sync.WaitGroup
	for n := range nodes {
		wg.Go(func() { errs[n] = s.ReportGate(ctx, store.GateFact{Name: fmt.Sprint(n % 2), Node: fmt.Sprint(n)}) })
	}
	wg.Wait()
	list, err := s.GateFacts(ctx)
	if err = errors.Join(append(errs, err)...); err != nil || len(list) != 2 || list[0].Version != nodes/2 || list[1].Version != nodes/2 {
		return fmt.Errorf("got %+v, %w", list, err)
	}
	return nil
}

func gateTexts(ctx context.Context, s store.Store) error {
	for _, f := range []store.GateFact{{Name: strings.Repeat("x", idv.MaxName+1)}, {Name: "a", Node: "\x00"}, {Name: "a", Reason: "\xff"}, {Name: "a", Credentials: "\x00"}} {
		var fault *idv.TextError
		if err := s.ReportGate(ctx, f); !errors.As(err, &fault) {
			return fmt.Errorf("name %q, reason %q, node %q: got %w", f.Name, string(f.Reason), f.Node, err)
		}
	}
	if list, err := s.GateFacts(ctx); err != nil || len(list) != 0 {
		return fmt.Errorf("got %+v, %w", list, err)
	}
	return nil
}

package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// gateID names a gate.
type gateID struct {
	account bool
	name    string
}

// ReportGate replaces the fact about a gate.
func (s *Store) ReportGate(_ context.Context, f store.GateFact) error {
	if err := f.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := gateID{f.Account, f.Name}
	f.Until, f.Version = f.Until.UTC().Truncate(time.Microsecond), s.gates[id].Version+1
	s.gates[id] = f
	return nil
}

// GateFacts returns the facts about all gates.
func (s *Store) GateFacts(context.Context) ([]store.GateFact, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []store.GateFact
	for _, f := range s.gates {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b store.GateFact) int {
		if a.Account != b.Account {
			if a.Account {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return list, nil
}

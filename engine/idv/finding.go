package idv

import (
	"cmp"
	"slices"
	"time"
)

// FindingKind says what a vendor changed in its replies.
type FindingKind string

// The kinds of findings. FindingSeen is no change: it is a member that replies are known to
// have, which later replies are compared with.
const (
	FindingCode    FindingKind = "code"    // a code that the table does not list
	FindingNew     FindingKind = "new"     // a member that earlier replies did not have
	FindingMissing FindingKind = "missing" // a member that all earlier replies with the code had
	FindingSeen    FindingKind = "seen"
)

// Finding is a change in the replies of a provider. It has names and types, and no value of
// a reply.
type Finding struct {
	Provider string
	Kind     FindingKind
	Version  string // of the adapter
	Path     string // a JSON pointer without indexes, or the path of an XML element; "" for a code
	Type     string // of the member in JSON: object, array, string, number, boolean, null; "xml" for XML
	Code     string // the code of the reply, for FindingCode and FindingMissing
	Count    int64
	First    time.Time
	Last     time.Time
}

// Storable reports whether a store can keep the finding.
func (f *Finding) Storable() bool {
	for _, text := range []string{f.Provider, string(f.Kind), f.Version, f.Path, f.Type, f.Code} {
		if CheckText(text, MaxName) != TextFits {
			return false
		}
	}
	return f.Provider != "" && f.Kind != "" && f.Count > 0
}

// key returns the finding without its count and times.
func (f *Finding) key() Finding {
	k := *f
	k.Count, k.First, k.Last = 0, time.Time{}, time.Time{}
	return k
}

// SortFindings orders findings by provider, kind, code, path, type and version.
func SortFindings(list []Finding) {
	slices.SortFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Version, b.Version))
	})
}

// FindingSet adds up findings. The zero value is empty. It is not safe for concurrent use.
type FindingSet struct {
	all map[Finding]*Finding
	of  map[string]int // providers
}

// Add adds the count of a finding and extends its times. A new one is dropped if its provider
// has most findings already; Add reports whether it was added.
func (s *FindingSet) Add(f Finding, most int) bool {
	if s.all == nil {
		s.all, s.of = map[Finding]*Finding{}, map[string]int{}
	}
	known := s.all[f.key()]
	switch {
	case known != nil:
		known.Count += f.Count
		if f.First.Before(known.First) {
			known.First = f.First
		}
		if f.Last.After(known.Last) {
			known.Last = f.Last
		}
	case s.of[f.Provider] >= most:
		return false
	default:
		s.all[f.key()] = &f
		s.of[f.Provider]++
	}
	return true
}

// List returns the findings of a provider, or of all if it is "", in the order of
// SortFindings.
func (s *FindingSet) List(provider string) []Finding {
	list := make([]Finding, 0, len(s.all))
	for _, f := range s.all {
		if provider == "" || f.Provider == provider {
			list = append(list, *f)
		}
	}
	SortFindings(list)
	return list
}

package sqlstore

import (
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
)

// name is what an operation locks by its name, for the whole fleet and until its transaction
// ends: a request's key, a call, a person. It need not be stored yet.
type name struct {
	key    int64 // a hash of the name
	shared bool  // several transactions may have it
}

// nameOf returns the hash of a name. Different names with one hash would only wait for each
// other.
func nameOf(class string, words ...string) int64 {
	h := fnv.New64a()
	for _, w := range append([]string{class}, words...) {
		_, _ = h.Write([]byte(strconv.Itoa(len(w)) + " " + w))
	}
	return int64(h.Sum64()) //nolint:gosec // any 64 bits are a name
}

// names returns the names that must not change while the operations decide, each once and
// sorted. Consents and lots are not among them: their rows are locked when they are read.
func (n *needs) names() []name {
	all := map[int64]bool{} // whether it is shared
	take := func(key int64) { all[key] = false }
	for _, set := range []map[string]bool{n.holds, n.attempts} {
		for id := range set {
			take(nameOf("call", id))
		}
	}
	for k := range n.keys {
		take(nameOf("key", string(k.Tenant), k.Key))
	}
	for k := range n.results {
		take(nameOf("verification", string(k.Tenant), k.Key))
	}
	for m := range n.counters {
		take(nameOf("counter", string(m.tenant), string(m.mark[:])))
	}
	for _, people := range []map[person]bool{n.deciders, n.refusals, n.people, n.dataKeys} {
		for p := range people {
			take(p.name())
		}
	}
	for single, wanted := range map[string]bool{"probe": n.probe, "admin": n.admin || n.audit} {
		if wanted {
			take(nameOf(single))
		}
	}
	n.share(all)
	list := make([]name, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		list = append(list, name{key, all[key]})
	}
	return list
}

// share adds the names that several transactions may have at once, unless one is needed alone.
func (n *needs) share(all map[int64]bool) {
	share := func(key int64) {
		if _, taken := all[key]; !taken {
			all[key] = true
		}
	}
	for p := range n.erased {
		share(p.name())
	}
	if !n.empty() {
		share(entriesName)
	}
	if n.gap {
		if n.admin {
			all[nameOf("gap")] = false
		}
		share(nameOf("gap"))
	}
}

func (p person) name() int64 { return nameOf("person", string(p.tenant), string(p.token)) }

package providertest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// separator joins the parts of a composite code in the code table.
const separator = "/"

// separatorAlso joins the members that are one part together.
const separatorAlso = ","

// place is where replies hold the codes of a verdict: the path of each part of a code, and
// the kinds of value that the fixtures with a verdict show there. Verdicts whose codes have
// different numbers of parts have a place each.
type place struct {
	shape string // the separators of the parts
	paths []string
	kinds [][]byte
}

// judge knows what a derived reply may mean.
type judge struct {
	Harness
	table  providers.Table
	places []place
}

// judge finds the places of the codes by comparing the fixtures: a member holds a part if
// it does so in each fixture with a verdict.
func (h Harness) judge() (judge, error) {
	list, err := h.verdicts()
	if err != nil {
		return judge{}, err
	}
	j := judge{Harness: h, table: h.Codec.Describe().Codes}
	groups := map[string][]sample{}
	for _, s := range list {
		_, shape := s.split()
		groups[shape] = append(groups[shape], s)
	}
	for shape, group := range groups {
		p, err := findPlace(shape, group)
		if err != nil {
			return judge{}, err
		}
		j.places = append(j.places, p)
	}
	return j, nil
}

func findPlace(shape string, group []sample) (place, error) {
	candidates := make([][]string, len(shape)+1)
	for k, s := range group {
		list, err := nodes(s.reply.Body)
		if err != nil {
			return place{}, fmt.Errorf("the fixture %s: %w", s.row.Code, err)
		}
		for i, part := range s.parts() {
			holds := pathsOf(list, part)
			if k > 0 {
				holds = slices.DeleteFunc(candidates[i], func(p string) bool { return !slices.Contains(holds, p) })
			}
			if len(holds) == 0 {
				return place{}, fmt.Errorf("no member holds the code %q of the fixture %s, or not the one that holds it in the fixtures before", part, s.row.Code)
			}
			candidates[i] = holds
		}
	}
	return choose(place{shape: shape}, group, candidates)
}

// choose gives each part its member. Parts that share their candidates, like those of
// "0/0", take them in the order of the document.
func choose(p place, group []sample, candidates [][]string) (place, error) {
	for i, mine := range candidates {
		var rank, shared int
		for k, other := range candidates {
			if slices.Equal(mine, other) {
				shared++
				if k < i {
					rank++
				}
			}
		}
		if shared != len(mine) {
			return place{}, fmt.Errorf("the members %s all hold the code %q in each fixture; add a recording of the code in which only one of them does",
				strings.Join(mine, " and "), group[0].parts()[i])
		}
		p.paths = append(p.paths, mine[rank])
		p.kinds = append(p.kinds, kindsAt(group, mine[rank]))
	}
	return p, nil
}

// pathsOf returns the paths that hold a code, each once in the document.
func pathsOf(list []node, code string) []string {
	var paths []string
	for _, n := range list {
		if _, once := at(list, n.path); once && n.text == code && code != "" {
			paths = append(paths, n.path)
		}
	}
	return paths
}

func kindsAt(group []sample, path string) []byte {
	var kinds []byte
	for _, s := range group {
		list, _ := nodes(s.reply.Body) // findPlace has read it
		if n, ok := at(list, path); ok && !slices.Contains(kinds, n.kind) {
			kinds = append(kinds, n.kind)
		}
	}
	return kinds
}

// placeOf returns the place of the sample's code.
func (j judge) placeOf(s sample) place {
	_, shape := s.split()
	for _, p := range j.places {
		if p.shape == shape {
			return p
		}
	}
	return place{}
}

// codesOf returns the nodes that hold the sample's code, from the outermost to the
// innermost.
func (j judge) codesOf(s sample) ([]node, error) {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return nil, err
	}
	var codes []node
	for _, path := range j.placeOf(s).paths {
		if n, ok := at(list, path); ok {
			codes = append(codes, n)
		}
	}
	return codes, nil
}

// allowed returns the verdicts that a body may give: those of the rows whose code it holds,
// whole, in its place and in a kind that a fixture shows.
func (j judge) allowed(body []byte) []idv.Verdict {
	list, err := nodes(j.normal(body))
	if err != nil {
		return nil
	}
	var verdicts []idv.Verdict
	for _, p := range j.places {
		code, ok := p.read(list)
		if row, listed := j.table.Row(providers.LayerVendor, code); ok && listed && row.Verdict != idv.Undetermined {
			verdicts = append(verdicts, row.Verdict)
		}
	}
	return verdicts
}

func (p place) read(list []node) (code string, ok bool) {
	var parts []string
	for i, path := range p.paths {
		n, ok := at(list, path)
		if !ok || !slices.Contains(p.kinds[i], n.kind) || strings.Contains(n.text, separator) ||
			strings.Contains(p.shape, separatorAlso) && strings.Contains(n.text, separatorAlso) {
			return "", false
		}
		parts = append(parts, n.text)
	}
	return joined(parts, p.shape), true
}

// check decodes a reply that may fail, or give a verdict that it may give.
func (j judge) check(s sample, r providers.Reply, what string) error {
	answer, err := j.Codec.Decode(j.Query, r)
	if err != nil {
		return nil
	}
	allowed := j.allowed(r.Body)
	switch {
	case slices.Contains(allowed, answer.Verdict):
		return nil
	case len(allowed) == 0:
		return fmt.Errorf("the fixture %s, %s: got %v, want a failure", s.row.Code, what, answer.Verdict)
	}
	return fmt.Errorf("the fixture %s, %s: got %v, want %v or a failure", s.row.Code, what, answer.Verdict, allowed)
}

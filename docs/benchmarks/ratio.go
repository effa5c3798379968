package main

import (
	"fmt"
	"slices"
)

// spread is the median of several measurements, the least and the greatest.
type spread struct{ median, least, most float64 }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	values = slices.Sorted(slices.Values(values))
	middle := len(values) / 2
	median := values[middle]
	if len(values)%2 == 0 {
		median = (values[middle-1] + values[middle]) / 2
	}
	return spread{median, values[0], values[len(values)-1]}
}

func (r result) of(value func(sample) float64) spread {
	var list []float64
	for _, s := range r.samples {
		list = append(list, value(s))
	}
	return spreadOf(list)
}

// ratio compares two systems.
type ratio struct{ title, over, under string }

func ratios() []ratio {
	return []ratio{
		{"SQLite ÷ memory", "sqlite", "memory"},
		{"PostgreSQL ÷ memory", "postgres", "memory"},
		{"heyan, memory ÷ httputil.ReverseProxy", "memory", "proxy"},
		{"plugin ÷ built-in adapter", "plugin", "memory"},
		{"full policy ÷ bare, memory", "policy", "memory"},
		{"full policy ÷ bare, SQLite", "policy-sqlite", "sqlite"},
	}
}

// in returns the ratio of a figure with a load: the median over rounds of what the two had in
// the same round, since another round may have met a busier machine. ok is false if one of the
// two was not measured.
func (q ratio) in(results []result, l load, value func(sample) float64) (s spread, ok bool) {
	find := func(name string) []sample {
		i := slices.IndexFunc(results, func(r result) bool { return r.name == name && r.load == l })
		if i < 0 {
			return nil
		}
		return results[i].samples
	}
	over, under := find(q.over), find(q.under)
	var list []float64
	for i := range min(len(over), len(under)) {
		if value(under[i]) > 0 {
			list = append(list, value(over[i])/value(under[i]))
		}
	}
	return spreadOf(list), len(list) > 0
}

// text is a spread with a number of decimals.
func (s spread) text(decimals int) string {
	return fmt.Sprintf("%.*f (%.*f–%.*f)", decimals, s.median, decimals, s.least, decimals, s.most)
}

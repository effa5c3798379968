package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// The measures of the chart, in pixels.
const (
	chartLeft, chartTop = 120, 60
	panelWidth          = 240
	panelPitch          = 290
	barHeight           = 12
)

// panel is one of the figures of the chart.
type panel struct {
	title string
	value func(result) float64
	label func(result) string
}

func panels() []panel {
	count := func(n func(result) int) panel {
		return panel{"", func(r result) float64 { return float64(n(r)) }, func(r result) string { return fmt.Sprint(n(r)) }}
	}
	failed := count(func(r result) int { return r.failed })
	failed.title = "requests without a verdict"
	wasted := count(func(r result) int { return r.wasted })
	wasted.title = "calls to the sick vendor"
	wrong := count(func(r result) int { return r.wrong + r.twice + int(r.unbooked) })
	wrong.title = "wrong verdicts, paid twice, not booked"
	return []panel{failed, wasted, wrong}
}

func colors() map[string]string {
	return map[string]string{"heyan": "#1f77b4", "baseline": "#ff7f0e", "nginx": "#7f7f7f"}
}

// chart returns the results as bars in SVG. The scale is logarithmic, since the figures are
// between 0 and tens of thousands.
func chart(results []result) string {
	var names []string
	for _, r := range results {
		if !slices.Contains(names, r.story) {
			names = append(names, r.story)
		}
	}
	systems := systemsOf(results)
	pitch := barHeight*len(systems) + 10
	width, height := chartLeft+panelPitch*len(panels()), chartTop+pitch*len(names)+10
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	for i, system := range systems {
		fmt.Fprintf(&b, `<rect x="%d" y="12" width="10" height="10" fill="%s"/><text x="%d" y="21">%s</text>`+"\n", chartLeft+90*i, colors()[system], chartLeft+90*i+14, system)
	}
	for i, p := range panels() {
		fmt.Fprintf(&b, `<text x="%d" y="48" font-weight="bold">%s</text>`+"\n", chartLeft+panelPitch*i, p.title)
	}
	most := largest(results)
	for i, name := range names {
		y := chartTop + pitch*i
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", chartLeft-8, y+pitch/2, name)
		for _, r := range results {
			if r.story != name {
				continue
			}
			at := y + barHeight*slices.Index(systems, r.system)
			for k, p := range panels() {
				x := chartLeft + panelPitch*k
				length := math.Log10(1+p.value(r)) / most * panelWidth
				fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/><text x="%.1f" y="%d" font-size="10">%s</text>`+"\n",
					x, at, max(length, 1), barHeight-2, colors()[r.system], float64(x)+max(length, 1)+4, at+barHeight-3, p.label(r))
			}
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// largest returns the length of the longest bar, at least 1.
func largest(results []result) float64 {
	most := 1.0
	for _, r := range results {
		for _, p := range panels() {
			most = max(most, math.Log10(1+p.value(r)))
		}
	}
	return most
}

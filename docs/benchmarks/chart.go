package main

import (
	"fmt"
	"slices"
	"strings"
)

// The measures of the chart, in pixels.
const (
	chartLeft, chartTop = 190, 60
	panelWidth          = 230
	panelPitch          = 300
	barHeight           = 16
)

// panel is one of the figures of the chart: one bar for each system.
type panel struct {
	title string
	load  load
	value func(sample) float64
}

// panels has the throughput of each closed loop, and the processor time of the open one.
func panels(results []result) (list []panel) {
	for _, r := range results {
		if slices.ContainsFunc(list, func(p panel) bool { return p.load == r.load }) {
			continue
		}
		if r.load.rate == 0 {
			list = append(list, panel{fmt.Sprintf("responses/s, %d connections", r.load.connections), r.load, rateOf})
		} else {
			list = append(list, panel{fmt.Sprintf("µs of processor a request at %g/s", r.load.rate), r.load, cpuOf})
		}
	}
	return list
}

// chart returns the medians as bars in SVG, with a line from the least to the greatest.
func chart(results []result) string {
	var systems, titles []string
	for _, r := range results {
		if !slices.Contains(systems, r.name) {
			systems, titles = append(systems, r.name), append(titles, r.title)
		}
	}
	shown := panels(results)
	width, height := chartLeft+panelPitch*len(shown), chartTop+barHeight*len(systems)+14
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	for i, title := range titles {
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", chartLeft-8, chartTop+barHeight*i+barHeight-5, title)
	}
	for k, p := range shown {
		p.draw(&b, results, systems, chartLeft+panelPitch*k)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (p panel) draw(b *strings.Builder, results []result, systems []string, x int) {
	fmt.Fprintf(b, `<text x="%d" y="%d" font-weight="bold">%s</text>`+"\n", x, chartTop-14, p.title)
	most := 0.0
	for _, r := range results {
		if r.load == p.load {
			most = max(most, r.of(p.value).most)
		}
	}
	if most == 0 {
		return
	}
	for _, r := range results {
		if r.load != p.load {
			continue
		}
		s, y := r.of(p.value), chartTop+barHeight*slices.Index(systems, r.name)
		at := func(value float64) float64 { return float64(x) + value/most*panelWidth }
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`, x, y, at(s.median)-float64(x), barHeight-4, color(r.name))
		fmt.Fprintf(b, `<path d="M%.1f %dH%.1f" stroke="#000"/>`, at(s.least), y+barHeight/2-2, at(s.most))
		fmt.Fprintf(b, `<text x="%.1f" y="%d" font-size="10">%.0f</text>`+"\n", at(s.most)+4, y+barHeight-6, s.median)
	}
}

// color tells heyan from the others.
func color(name string) string {
	if slices.Contains([]string{"mock", "proxy", "nginx", "caddy", "lura"}, name) {
		return "#9a9a9a"
	}
	return "#1f77b4"
}

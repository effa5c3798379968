package pages

import (
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/engine/telemetry"
)

// Metrics prints docs/metrics.md from a table of metrics.
func Metrics(list []telemetry.Metric) []byte {
	p := newPage("Metrics")
	p.line("A daemon serves these metrics at `GET /metrics` of the admin address, in the format of Prometheus, and sends them to an OTLP collector if " +
		"`OTEL_` variables name one; see [observability.md](observability.md). No label holds personal data. There is no label for the tenant unless " +
		"`telemetry.tenant_label` is `true`: then `heyan_verifications_total` and `heyan_saved_calls_total` have a label `tenant` with the first 100 tenants " +
		"and `other`. Counters have the value 0 from the start for the labels that are to be expected. The metrics `go_…`, `process_…` and `target_info` are " +
		"described by their `# HELP` lines.")
	var rows [][]string
	for _, m := range list {
		labels := make([]string, len(m.Labels))
		for i, l := range m.Labels {
			labels[i] = code(l)
		}
		rows = append(rows, []string{code(m.Prometheus), code(m.Name), string(m.Kind), unit(m.Unit), strings.Join(labels, ", "), m.Help + buckets(m)})
	}
	p.table([]string{"Prometheus", "OpenTelemetry", "type", "unit", "labels", "meaning"}, rows)
	return p.done()
}

func unit(u string) string {
	if u == "s" {
		return "seconds"
	}
	return u
}

// buckets describes the bounds of a histogram.
func buckets(m telemetry.Metric) string {
	if len(m.Buckets) == 0 {
		return ""
	}
	format := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	return " Buckets from " + format(m.Buckets[0]) + " to " + format(m.Buckets[len(m.Buckets)-1]) + "."
}

// Command grafana prints heyan's dashboard for Grafana. It is a module of its own, so that
// heyan does not depend on Grafana's SDK.
//
//	go run . >heyan.json
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

func main() {
	text, err := render()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_, _ = os.Stdout.Write(text)
}

// render returns the dashboard as JSON.
func render() ([]byte, error) {
	built, err := build()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(built, "", "  ")
	return append(text, '\n'), err
}

// row is a row of panels.
type row struct {
	title  string
	panels []panel
}

// panel is a graph of one or two queries.
type panel struct {
	title, about, unit string
	queries            []query
}

// query is an expression and the legend of its series.
type query struct{ expr, legend string }

func build() (dashboard.Dashboard, error) {
	b := dashboard.NewDashboardBuilder("heyan").Uid("heyan").Tags([]string{"heyan"}).
		Description("Verifications, providers, packages, store and API of heyan. The metrics are described in docs/metrics.md.").
		Refresh("30s").Time("now-6h", "now").Timezone(common.TimeZoneBrowser).Tooltip(dashboard.DashboardCursorSyncCrosshair).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus")).
		WithVariable(dashboard.NewQueryVariableBuilder("provider").Label("Provider").Datasource(source()).
			Query(dashboard.StringOrMap{String: cog.ToPtr("label_values(heyan_provider_closed, provider)")}).
			Multi(true).IncludeAll(true).AllValue(".+"))
	for _, r := range rows() {
		b = b.WithRow(dashboard.NewRowBuilder(r.title))
		for _, p := range r.panels {
			b = b.WithPanel(p.builder())
		}
	}
	return b.Build()
}

func source() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}

func (p panel) builder() *timeseries.PanelBuilder {
	b := timeseries.NewPanelBuilder().Title(p.title).Description(p.about).Unit(p.unit).Datasource(source()).Span(8).Height(7).Min(0)
	for i, q := range p.queries {
		b = b.WithTarget(prometheus.NewDataqueryBuilder().RefId(string(rune('A' + i))).Expr(q.expr).LegendFormat(q.legend).Range().Datasource(source()))
	}
	return b
}

// rows returns the content of the dashboard.
func rows() []row {
	return []row{
		{"Verifications", verifications()},
		{"Providers", providers()},
		{"Packages", packages()},
		{"Store", store()},
		{"API", api()},
		{"Process", process()},
	}
}

func verifications() []panel {
	return []panel{
		{"Verifications by verdict", "Completed verifications per second.", units.RequestsPerSecond, []query{
			{`sum by (verdict) (rate(heyan_verifications_total[$__rate_interval]))`, "{{verdict}}"},
		}},
		{"Without a verdict, by reason", "Undetermined verifications per second.", units.RequestsPerSecond, []query{
			{`sum by (reason) (rate(heyan_verifications_total{verdict="undetermined"}[$__rate_interval]))`, "{{reason}}"},
		}},
		{"Duration", "From the local check to the stored result.", units.Seconds, quantiles("heyan_verification_duration_seconds_bucket", "le")},
		{"Saved calls", "Requests per second that were refused before any call of a provider.", units.RequestsPerSecond, []query{
			{`sum by (failure, rule) (rate(heyan_saved_calls_total[$__rate_interval]))`, "{{failure}} {{rule}}"},
		}},
	}
}

func providers() []panel {
	return []panel{
		{"Calls by outcome", "Calls per second by provider and class, a verdict or a failure.", units.RequestsPerSecond, []query{
			{`sum by (provider, class) (rate(heyan_attempts_total{provider=~"$provider"}[$__rate_interval]))`, "{{provider}} {{class}}"},
		}},
		{"Calls by charge", "Calls whose charge is unknown wait for reconciliation.", units.RequestsPerSecond, []query{
			{`sum by (provider, charge) (rate(heyan_attempts_total{provider=~"$provider"}[$__rate_interval]))`, "{{provider}} {{charge}}"},
		}},
		{"Where failed calls broke", "Failed calls per second by the phase of the exchange.", units.RequestsPerSecond, []query{
			{`sum by (provider, phase) (rate(heyan_attempts_total{provider=~"$provider",phase!=""}[$__rate_interval]))`, "{{provider}} {{phase}}"},
		}},
		{"Duration of calls", "99th percentile by provider.", units.Seconds, []query{
			{`histogram_quantile(0.99, sum by (provider, le) (rate(heyan_attempt_duration_seconds_bucket{provider=~"$provider"}[$__rate_interval])))`, "{{provider}}"},
		}},
		{"Unavailable", "1 while gate or breaker admits no calls, by reason.", units.Short, []query{
			{`max by (provider, reason) (heyan_provider_closed{provider=~"$provider"})`, "{{provider}} {{reason}}"},
		}},
		{"Calls in flight", "A ramp is the limit while a provider returns from an outage.", units.Short, []query{
			{`sum by (provider) (heyan_provider_in_flight{provider=~"$provider"})`, "{{provider}}"},
			{`sum by (provider) (heyan_provider_ramp{provider=~"$provider"})`, "{{provider}} ramp"},
		}},
		{"Stale credentials and plugins", "Providers whose credentials or network cannot be read, and plugins that are ready.", units.Short, []query{
			{`max by (provider) (heyan_provider_stale{provider=~"$provider"})`, "{{provider}} stale"},
			{`count(heyan_plugin_ready == 1) or vector(0)`, "plugins ready"},
		}},
	}
}

func packages() []panel {
	return []panel{
		{"Units available", "By provider, over all packages.", units.Short, []query{
			{`sum by (provider) (max by (provider, lot) (heyan_ledger_units{provider=~"$provider",state="available"}))`, "{{provider}}"},
		}},
		{"Days left", "At the use of the last week.", units.Days, []query{
			{`min by (provider) (heyan_ledger_days_left{provider=~"$provider"})`, "{{provider}}"},
		}},
		{"Held and unknown", "Held by running calls; unknown until reconciled.", units.Short, []query{
			{`sum by (provider, state) (max by (provider, lot, state) (heyan_ledger_units{provider=~"$provider",state!="available"}))`, "{{provider}} {{state}}"},
		}},
		{"Packages expire in", "Days until a package with available units expires.", units.Days, []query{
			{`(min by (provider, lot) (heyan_ledger_lot_expiry_timestamp_seconds{provider=~"$provider"}) - time()) / 86400`, "{{provider}} {{lot}}"},
		}},
	}
}

func store() []panel {
	return []panel{
		{"Duration of commits", "Each commit holds the operations that waited.", units.Seconds, quantiles("heyan_store_commit_duration_seconds_bucket", "le")},
		{"Commits", "Per second, by result.", units.RequestsPerSecond, []query{
			{`sum by (result) (rate(heyan_store_commit_duration_seconds_count[$__rate_interval]))`, "{{result}}"},
		}},
		{"Waiting operations", "For the next commit.", units.Short, []query{{`sum by (instance) (heyan_store_queue)`, "{{instance}}"}}},
	}
}

func api() []panel {
	return []panel{
		{"Requests", "Per second, by route and status.", units.RequestsPerSecond, []query{
			{`sum by (http_route, http_response_status_code) (rate(http_server_request_duration_seconds_count{job=~".*heyan.*"}[$__rate_interval]))`,
				"{{http_route}} {{http_response_status_code}}"},
		}},
		{"Duration of requests", "99th percentile by route.", units.Seconds, []query{
			{`histogram_quantile(0.99, sum by (http_route, le) (rate(http_server_request_duration_seconds_bucket{job=~".*heyan.*"}[$__rate_interval])))`, "{{http_route}}"},
		}},
		{"Requests in flight", "At both addresses.", units.Short, []query{
			{`sum by (instance) (http_server_active_requests{job=~".*heyan.*"})`, "{{instance}}"},
		}},
	}
}

func process() []panel {
	return []panel{
		{"Memory", "Resident.", units.BytesIEC, []query{{`process_resident_memory_bytes{job=~".*heyan.*"}`, "{{instance}}"}}},
		{"Lost", "Log lines dropped, failed exports to a collector, and spans and log records dropped before it, per second.", units.RequestsPerSecond, []query{
			{`sum by (instance) (rate(heyan_log_dropped_total[$__rate_interval]))`, "{{instance}} log lines"},
			{`sum by (signal) (rate(heyan_telemetry_export_failures_total[$__rate_interval]))`, "{{signal}}"},
			{`sum by (signal) (rate(heyan_telemetry_dropped_total[$__rate_interval]))`, "{{signal}} dropped"},
		}},
		{"Versions", "Instances by version.", units.Short, []query{{`count by (version) (heyan_build_info)`, "{{version}}"}}},
		{"Configuration", "1 while the files differ from what is in use; alerts that heyan sent in an hour.", units.Short, []query{
			{`max by (instance) (heyan_config_differs)`, "{{instance}} differs"},
			{`sum by (kind) (increase(heyan_alerts_total[1h]))`, "{{kind}}"},
		}},
		{"Certificate expires in", "Days. There is no line without TLS.", units.Days, []query{
			{`(min by (instance) (heyan_certificate_expiry_timestamp_seconds) - time()) / 86400`, "{{instance}}"},
		}},
	}
}

// quantiles returns the queries of the median and the 99th percentile of a histogram.
func quantiles(bucket, by string) []query {
	of := func(q string) string {
		return `histogram_quantile(` + q + `, sum by (` + by + `) (rate(` + bucket + `[$__rate_interval])))`
	}
	return []query{{of("0.5"), "p50"}, {of("0.99"), "p99"}}
}

package daemon

import (
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// TestCertificateExpiryIsMeasured reads the gauge of a certificate.
func TestCertificateExpiryIsMeasured(t *testing.T) {
	t.Parallel()
	files := tlsFiles(t)
	leaf := writeCertificate(t, files, 1)
	cert, err := openCertificate(files, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	reader := metric.NewManualReader()
	i, err := newInstruments(metric.NewMeterProvider(metric.WithReader(reader)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := i.expires(cert); err != nil {
		t.Fatal(err)
	}
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		if g, ok := m.Data.(metricdata.Gauge[float64]); ok && m.Name == "heyan.certificate.expiry.timestamp" {
			if got, want := g.DataPoints[0].Value, float64(leaf.NotAfter.Unix()); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			return
		}
	}
	t.Error("there is no gauge")
}

package daemon

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/engine/idv"
)

// maxTold bounds the findings that are known to be logged. Beyond it they are logged again.
const maxTold = 10_000

// storeFindings stores what vendors changed in their replies, counts it, and logs each finding
// once.
func (m *maintenance) storeFindings(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	list, err := m.app().StoreFindings(ctx)
	if err != nil && ctx.Err() == nil {
		m.log.Warn("findings about replies of providers not stored; it is retried")
	}
	for _, f := range list {
		if f.Kind == idv.FindingSeen {
			continue
		}
		m.countFindings(ctx, f.Provider, f.Kind, f.Count)
		key := f
		key.Count, key.First, key.Last = 0, time.Time{}, time.Time{}
		if m.told[key] {
			continue
		}
		if len(m.told) >= maxTold {
			clear(m.told)
		}
		m.told[key] = true
		m.log.Warn("the replies of a provider have changed", slog.String("provider", f.Provider), slog.String("kind", string(f.Kind)),
			slog.String("path", f.Path), slog.String("type", f.Type), slog.String("code", f.Code), slog.Int64("count", f.Count))
	}
}

func (m *maintenance) countFindings(ctx context.Context, provider string, kind idv.FindingKind, n int64) {
	m.findings.Add(ctx, n, metric.WithAttributes(attribute.String("provider", provider), attribute.String("kind", string(kind))))
}

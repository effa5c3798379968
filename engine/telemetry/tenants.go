package telemetry

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/heyan-id/heyan/engine/idv"
)

// otherTenants is the label of the tenants beyond the bound.
const otherTenants = "other"

// Tenants bounds the values of the tenant label in metrics of verifications and refused
// requests: the first ones that are seen have their own, the others share "other". Engines
// that follow each other share one. A nil *Tenants has no label. It is safe for concurrent use.
type Tenants struct {
	most int

	mu   sync.RWMutex
	seen map[idv.Tenant]bool
}

// NewTenants returns a bound of so many tenants with a label of their own.
func NewTenants(most int) *Tenants {
	return &Tenants{most: most, seen: map[idv.Tenant]bool{}}
}

// label returns the value of the label for a tenant, "" without a label.
func (t *Tenants) label(tenant idv.Tenant) string {
	if t == nil {
		return ""
	}
	t.mu.RLock()
	known, full := t.seen[tenant], len(t.seen) >= t.most
	t.mu.RUnlock()
	switch {
	case known:
		return string(tenant)
	case full:
		return otherTenants
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.seen[tenant] && len(t.seen) >= t.most {
		return otherTenants
	}
	t.seen[tenant] = true
	return string(tenant)
}

// add adds the label to attributes, if there is one.
func (t *Tenants) add(label string, to ...attribute.KeyValue) []attribute.KeyValue {
	if t == nil || label == "" {
		return to
	}
	return append(to, attribute.String("tenant", label))
}

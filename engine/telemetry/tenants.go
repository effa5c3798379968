package telemetry

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/heyan-id/heyan/engine/idv"
)

// otherTenants is the label of the tenants beyond the bound.
const otherTenants = "other"

// tenants bounds the values of the tenant label: the first ones that are seen have their
// own, the others share one. A nil *tenants has no label.
type tenants struct {
	most int

	mu   sync.RWMutex
	seen map[idv.Tenant]bool
}

func newTenants(most int) *tenants {
	if most <= 0 {
		return nil
	}
	return &tenants{most: most, seen: map[idv.Tenant]bool{}}
}

// label returns the value of the label for a tenant, "" without a label.
func (t *tenants) label(tenant idv.Tenant) string {
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
func (t *tenants) add(label string, to ...attribute.KeyValue) []attribute.KeyValue {
	if t == nil || label == "" {
		return to
	}
	return append(to, attribute.String("tenant", label))
}

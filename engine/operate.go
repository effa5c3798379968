package engine

import (
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// ErrNoProvider says that no provider has this configured name.
var ErrNoProvider = errors.New("no such provider")

// ProviderStatus is a provider as it stands now.
type ProviderStatus struct {
	Name         string
	Recipient    string
	Price        idv.Money // of one call
	Descriptor   idv.Descriptor
	Availability idv.Availability
}

// Providers lists the providers in the order of the options.
func (e *Engine) Providers() []ProviderStatus {
	list := make([]ProviderStatus, 0, len(e.names))
	for _, name := range e.names {
		m := e.members[name]
		list = append(list, ProviderStatus{
			Name: name, Recipient: m.recipient, Price: m.price, Descriptor: m.descriptor, Availability: m.guard.Availability(),
		})
	}
	return list
}

// Drain takes a provider out until Resume. Calls in flight go on.
func (e *Engine) Drain(name string) error {
	return e.operate(name, func(m *member) { m.guard.Drain() })
}

// Resume lets a provider be asked again, whatever closed it.
func (e *Engine) Resume(name string) error {
	return e.operate(name, func(m *member) { m.guard.Resume() })
}

// SetUnavailable shuts a provider's gate as its own maintenance code would, until a
// time, or until Resume if it is zero.
func (e *Engine) SetUnavailable(name string, until time.Time) error {
	return e.operate(name, func(m *member) { m.guard.Close(until) })
}

func (e *Engine) operate(name string, do func(*member)) error {
	m := e.members[name]
	if m == nil {
		return ErrNoProvider
	}
	do(m)
	return nil
}

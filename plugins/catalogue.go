package plugins

import (
	"context"
	"errors"
	"sync"
)

// Catalogue is an immutable set of plugins with unique names.
type Catalogue struct{ list []*Plugin }

// OpenAll opens all plugins concurrently, or none: if one fails, the others are closed
// and the error joins all failures. Duplicate names are refused before any start.
func OpenAll(ctx context.Context, specs []Spec) (*Catalogue, error) {
	seen := map[string]bool{}
	for _, s := range specs {
		if seen[s.Name] {
			return nil, s.newError(ReasonName, "")
		}
		seen[s.Name] = true
	}
	opened, errs := make([]*Plugin, len(specs)), make([]error, len(specs))
	var group sync.WaitGroup
	for n, s := range specs {
		group.Go(func() { opened[n], errs[n] = Open(ctx, s) })
	}
	group.Wait()
	c := &Catalogue{}
	for _, p := range opened {
		if p != nil {
			c.list = append(c.list, p)
		}
	}
	if err := errors.Join(errs...); err != nil {
		_ = c.Close(ctx)
		return nil, err
	}
	return c, nil
}

// Plugins returns the plugins in the order of their specifications.
func (c *Catalogue) Plugins() []*Plugin { return append([]*Plugin(nil), c.list...) }

// Find returns the plugin with that name and whether it exists.
func (c *Catalogue) Find(name string) (*Plugin, bool) {
	for _, p := range c.list {
		if p.Name() == name {
			return p, true
		}
	}
	return nil, false
}

// Close closes all plugins concurrently and returns when they have ended.
func (c *Catalogue) Close(ctx context.Context) error {
	errs := make([]error, len(c.list))
	var group sync.WaitGroup
	for n, p := range c.list {
		group.Go(func() { errs[n] = p.Close(ctx) })
	}
	group.Wait()
	return errors.Join(errs...)
}

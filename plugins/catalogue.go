package plugins

import (
	"context"
	"errors"
	"sync"
)

// Catalogue is a set of plugins, each under a name of its own. It is immutable; the
// plugins in it are not.
type Catalogue struct{ list []*Plugin }

// OpenAll opens all plugins, side by side, or none: if one cannot be opened the
// others are closed again, and the error tells of each that failed. Two plugins
// with one name are refused before anything is started.
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

// Plugins lists the plugins in the order of their specifications.
func (c *Catalogue) Plugins() []*Plugin { return append([]*Plugin(nil), c.list...) }

// Find returns the plugin of that name and whether there is one.
func (c *Catalogue) Find(name string) (*Plugin, bool) {
	for _, p := range c.list {
		if p.Name() == name {
			return p, true
		}
	}
	return nil, false
}

// Close closes all plugins, side by side, and returns when they are gone.
func (c *Catalogue) Close(ctx context.Context) error {
	errs := make([]error, len(c.list))
	var group sync.WaitGroup
	for n, p := range c.list {
		group.Go(func() { errs[n] = p.Close(ctx) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// Package fakevendor makes the vendors of package sandbox out of the catalogue, of plugins and
// of a file that names them.
package fakevendor

import (
	"fmt"
	"io/fs"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/providertest"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// ByHand is the product whose vendor in the sandbox is written by hand.
const ByHand = "idcert"

// Product returns what the sandbox needs to play a product: its adapter, the authentication
// schemes and the recorded replies in a folder. The error names the file of a recording.
func Product(f providers.Factory, schemes auth.Table, fixtures fs.FS) (*sandbox.Product, error) {
	list, err := providertest.Recordings(fixtures)
	if err != nil {
		return nil, fmt.Errorf("fixtures: %w", err)
	}
	p := &sandbox.Product{Factory: f, Schemes: schemes}
	for _, r := range list {
		subject := r.Subject
		if subject.Name.IsZero() && subject.IDNumber.IsZero() {
			subject = providertest.Person()
		}
		p.Recordings = append(p.Recordings, sandbox.Recording{Name: r.Name, Subject: subject, Reply: r.Reply})
	}
	return p, nil
}

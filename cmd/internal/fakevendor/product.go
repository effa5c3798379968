// Package fakevendor makes the vendors of package sandbox out of the catalogue, of plugins and
// of a file that names them.
package fakevendor

import (
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/providertest"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// ByHand is the product whose vendor in the sandbox is written by hand.
const ByHand = "idcert"

// Product returns what the sandbox needs to play a product: its adapter, the authentication
// schemes and its recorded replies. The error names the file of a recording.
func Product(f providers.Factory, schemes auth.Table) (*sandbox.Product, error) {
	list, err := recordings(f)
	if err != nil {
		return nil, err
	}
	q, err := providertest.Query(f.Descriptor) // that the recordings answer
	if err != nil {
		return nil, err
	}
	p := &sandbox.Product{Factory: f, Schemes: schemes}
	for _, r := range list {
		subject := r.Subject
		if subject.Name.IsZero() && subject.IDNumber.IsZero() {
			subject = q.Subject
		}
		p.Recordings = append(p.Recordings, sandbox.Recording{Name: r.Name, ID: q.ID, Subject: subject, Reply: r.Reply})
	}
	return p, nil
}

// recordings returns the recorded replies of a product and of its gateway.
func recordings(f providers.Factory) ([]providertest.Recording, error) {
	if f.Fixtures == nil {
		return nil, errors.New("fixtures: there are none; name a folder of recorded replies")
	}
	folders, err := f.Fixtures()
	if err != nil {
		return nil, err
	}
	var list []providertest.Recording
	for _, folder := range folders {
		some, err := providertest.Recordings(folder)
		if err != nil {
			return nil, fmt.Errorf("fixtures: %w", err)
		}
		list = append(list, some...)
	}
	return list, nil
}

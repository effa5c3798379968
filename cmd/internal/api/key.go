package api

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// Key is an API key without its secret.
type Key struct {
	ID        string         `json:"id"`
	Name      string         `json:"name" doc:"At most two live keys of a tenant have the same name, for a rotation"`
	Tenant    idv.Tenant     `json:"tenant"`
	Apps      []string       `json:"apps" nullable:"false" doc:"The apps that requests may name; empty if any"`
	Scopes    []access.Scope `json:"scopes" nullable:"false"`
	Networks  []string       `json:"networks" nullable:"false" doc:"Where callers may be; empty if anywhere"`
	State     string         `json:"state" enum:"live,expired,revoked"`
	CreatedAt time.Time      `json:"created_at"`
	ExpiresAt time.Time      `json:"expires_at,omitzero"`
	RevokedAt time.Time      `json:"revoked_at,omitzero"`
	LastUsed  time.Time      `json:"last_used,omitzero" doc:"To about a minute"`
	Key       string         `json:"key,omitzero" doc:"The key in clear; only in the response that creates it"`
}

// KeyOf returns the view of a key.
func KeyOf(k *access.Key, now time.Time) Key {
	view := Key{
		ID: k.ID, Name: k.Name, Tenant: k.Tenant, Apps: append([]string{}, k.Apps...), Scopes: append([]access.Scope{}, k.Scopes...), Networks: []string{},
		State: "live", CreatedAt: k.Created, ExpiresAt: k.Expires, RevokedAt: k.Revoked, LastUsed: k.LastUsed,
	}
	switch {
	case !k.Revoked.IsZero():
		view.State = "revoked"
	case !k.Live(now):
		view.State = "expired"
	}
	for _, p := range k.Networks {
		view.Networks = append(view.Networks, p.String())
	}
	return view
}

// NewKey is the body that creates a key.
type NewKey struct {
	Name      string    `json:"name" minLength:"1" maxLength:"100" doc:"What uses the key"`
	Scopes    []string  `json:"scopes" minItems:"1" nullable:"false" enum:"verify,read,consent,ledger,admin"`
	Apps      []string  `json:"apps,omitempty" maxItems:"50" nullable:"false" doc:"The apps that requests may name; without them any"`
	Networks  []string  `json:"networks,omitempty" maxItems:"50" nullable:"false" doc:"IP addresses and networks of the callers, such as 10.0.0.0/8; without them any"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"When the key stops working; without it never"`
}

// Key returns the key to create for a tenant. The error is a *FieldError.
func (b *NewKey) Key(tenant idv.Tenant) (access.Key, error) {
	k := access.Key{Name: b.Name, Tenant: tenant, Apps: b.Apps, Expires: b.ExpiresAt}
	for _, s := range b.Scopes {
		k.Scopes = append(k.Scopes, access.Scope(s))
	}
	networks, err := Networks(b.Networks)
	if err != nil {
		return k, &FieldError{"networks", err.Error()}
	}
	k.Networks = networks
	return k, nil
}

// Networks reads IP addresses and networks.
func Networks(texts []string) (list []netip.Prefix, err error) {
	for i, text := range texts {
		p, err := access.ParseNetwork(text)
		if err != nil {
			return nil, fmt.Errorf("entry %d %w", i+1, err)
		}
		list = append(list, p)
	}
	return list, nil
}

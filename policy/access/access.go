// Package access has the rules of API keys: their form, what a stored key allows, and who a
// caller is. It stores nothing and reads no request.
//
// A key is shown once, when it is created. The store has its id and a keyed hash of its
// secret, so that a copy of the database authenticates no caller.
package access

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Scope is a group of operations that a key allows.
type Scope string

// The scopes. None includes another.
const (
	Verify  Scope = "verify"  // make and explain verifications
	Read    Scope = "read"    // read verifications
	Consent Scope = "consent" // consents and data-subject requests
	Ledger  Scope = "ledger"  // packages, balances and entries
	Admin   Scope = "admin"   // providers and keys
)

// Scopes lists all scopes.
func Scopes() []Scope { return []Scope{Verify, Read, Consent, Ledger, Admin} }

// Key is an API key as it is stored, without its secret.
type Key struct {
	ID       string
	Name     string // at most two live keys of a tenant have the same name, for a rotation
	Tenant   idv.Tenant
	Apps     []string // that may be named in requests; any if empty
	Scopes   []Scope
	Networks []netip.Prefix // of callers; any if empty
	Hash     string         // keyed, of the secret

	Created, Expires, Revoked time.Time // Expires and Revoked are zero if it does not and was not
	LastUsed                  time.Time // to about a minute
}

// MaxLive is the number of live keys of one name: the one in use and the one that replaces it.
const MaxLive = 2

// The errors of stores.
var (
	// ErrNotFound means that there is no such key.
	ErrNotFound = errors.New("no such key")
	// ErrTwice means that a key with this id is stored.
	ErrTwice = errors.New("a key with this id is already stored")
	// ErrTooMany means that the name has MaxLive live keys.
	ErrTooMany = errors.New("two live keys have this name; revoke one of them first")
)

// The largest numbers of entries of a key.
const (
	maxApps     = 50
	maxNetworks = 50
	maxApp      = 100 // characters
)

// FieldError says which field of a key is wrong, by its name in JSON.
type FieldError struct{ Field, Message string }

// Error returns field and message.
func (e *FieldError) Error() string { return e.Field + ": " + e.Message }

// Check returns a *FieldError if a new key is not valid at its creation.
func (k *Key) Check() error {
	fault := func(field, message string) error { return &FieldError{field, message} }
	for _, text := range []idv.KeptText{{Field: "name", Text: k.Name, Most: maxApp}, {Field: "tenant", Text: string(k.Tenant), Most: maxApp}} {
		if text.Text == "" {
			return fault(text.Field, "is missing")
		}
		if f := idv.CheckText(text.Text, text.Most); f != idv.TextFits {
			return fault(text.Field, f.Help())
		}
	}
	for _, app := range k.Apps {
		if f := idv.CheckText(app, maxApp); app == "" || f != idv.TextFits {
			return fault("apps", strings.TrimSpace("has an entry that is empty or cannot be kept; "+f.Help()))
		}
	}
	for _, s := range k.Scopes {
		if !slices.Contains(Scopes(), s) {
			return fault("scopes", "must be some of "+scopeList())
		}
	}
	switch {
	case len(k.Scopes) == 0:
		return fault("scopes", "is missing; choose some of "+scopeList())
	case len(k.Apps) > maxApps:
		return fault("apps", fmt.Sprintf("has more than %d entries", maxApps))
	case len(k.Networks) > maxNetworks:
		return fault("networks", fmt.Sprintf("has more than %d entries", maxNetworks))
	case !k.Expires.IsZero() && !k.Expires.After(k.Created):
		return fault("expires_at", "must be in the future")
	}
	return nil
}

func scopeList() string {
	words := make([]string, 0, len(Scopes()))
	for _, s := range Scopes() {
		words = append(words, string(s))
	}
	return strings.Join(words, ", ")
}

// Algorithms lists the signature algorithms that JSON Web Tokens may have. With those that a shared
// secret signs, whoever verifies could also forge.
func Algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// ParseNetwork reads an IP address or a network such as 10.0.0.0/8.
func ParseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, errors.New("must be an IP address or a network such as 10.0.0.0/8")
	}
	return p.Masked(), nil
}

// Live reports whether a key is neither revoked nor expired.
func (k *Key) Live(now time.Time) bool {
	return k.Revoked.IsZero() && (k.Expires.IsZero() || now.Before(k.Expires))
}

// Refusal is why a request is refused before its operation. A caller who is not authenticated
// learns none of it.
type Refusal string

// The refusals.
const (
	NoKey          Refusal = "no_key"
	Malformed      Refusal = "malformed"
	Unknown        Refusal = "unknown" // key, issuer or certificate
	WrongSecret    Refusal = "wrong_secret"
	WrongSignature Refusal = "wrong_signature"
	WrongAudience  Refusal = "wrong_audience"
	WrongClaims    Refusal = "wrong_claims" // a claim that is needed is missing or of another form
	Revoked        Refusal = "revoked"
	Expired        Refusal = "expired"
	NotYetValid    Refusal = "not_yet_valid"
	ForeignAddress Refusal = "foreign_address"
	UnknownTenant  Refusal = "unknown_tenant"
	MissingScope   Refusal = "missing_scope"
	RateLimited    Refusal = "rate_limited" // too many failures of an address
	Overloaded     Refusal = "overloaded"   // too many requests at once
)

// Refusals lists all refusals.
func Refusals() []Refusal {
	return []Refusal{
		NoKey, Malformed, Unknown, WrongSecret, WrongSignature, WrongAudience, WrongClaims, Revoked, Expired, NotYetValid, ForeignAddress, UnknownTenant,
		MissingScope, RateLimited, Overloaded,
	}
}

// Refuse returns why a key whose secret was right is refused now from an address,
// "" if it does. The zero address belongs to no network.
func (k *Key) Refuse(now time.Time, from netip.Addr) Refusal {
	switch {
	case !k.Revoked.IsZero():
		return Revoked
	case !k.Live(now):
		return Expired
	case len(k.Networks) > 0 && !slices.ContainsFunc(k.Networks, func(p netip.Prefix) bool { return p.Contains(from.Unmap().WithZone("")) }):
		return ForeignAddress
	}
	return ""
}

// Principal is who calls. The zero value may do nothing and is of no tenant.
type Principal struct {
	Tenant idv.Tenant
	Apps   []string // that it may name; any if empty
	Key    string   // an id of the key, token or certificate; "" without authentication
	Scopes []Scope
}

// Principal returns who calls with the key.
func (k *Key) Principal() Principal {
	return Principal{Tenant: k.Tenant, Apps: k.Apps, Key: k.ID, Scopes: k.Scopes}
}

// May reports whether the principal has a scope.
func (p *Principal) May(s Scope) bool { return slices.Contains(p.Scopes, s) }

// Sees reports whether what belongs to an app of the tenant is found by the principal.
func (p *Principal) Sees(app string) bool { return len(p.Apps) == 0 || slices.Contains(p.Apps, app) }

// The errors of App.
var (
	// ErrNoApp means that the principal has several apps and the request names none.
	ErrNoApp = errors.New("is missing: the key has several apps; name the one that asks")
	// ErrForeignApp means that the request names an app that the principal does not have.
	ErrForeignApp = errors.New("is not an app of the key; leave it out, or use a key that has it")
)

// App returns the app of a request that names one, or "" for the only one that there is.
func (p *Principal) App(named string) (string, error) {
	switch {
	case len(p.Apps) == 0:
		return named, nil
	case named == "" && len(p.Apps) == 1:
		return p.Apps[0], nil
	case named == "":
		return "", ErrNoApp
	case !p.Sees(named):
		return "", ErrForeignApp
	}
	return named, nil
}

package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// leeway is how far the clock of an issuer may differ from this machine's.
const leeway = 30 * time.Second

// TokenIssuer says which JSON Web Tokens are accepted, and what they may do.
type TokenIssuer struct {
	Issuer     string // the claim iss; its keys are found by OpenID Connect Discovery
	KeysFile   string // a file of the keys (JWKS) in place of discovery
	Audience   string // one of the claim aud
	Algorithms []string

	// The names of claims; "" takes what the fields below say.
	TenantClaim, AppClaim, ScopeClaim string

	Tenant idv.Tenant     // of all tokens, without TenantClaim
	Apps   []string       // that may be named, without AppClaim; any if empty
	Scopes []access.Scope // the most that a token may have
}

// trusted is an issuer with its keys.
type trusted struct {
	TokenIssuer

	algorithms []jose.SignatureAlgorithm
	keys       *keySet
}

// token returns the principal of a token, or why it is refused. The caller's word for its
// issuer and key counts for nothing but the choice of the key that must have signed it.
func (c *Callers) token(ctx context.Context, text string, from netip.Addr) (access.Principal, access.Refusal) {
	sum := sha256.Sum256([]byte(text))
	for _, t := range c.issuers {
		if p, ok := c.verified(string(sum[:]), t.keys.current.Load()); ok {
			return p, ""
		}
	}
	if !c.options.Refusals.mayLook(from) {
		return access.Principal{}, access.RateLimited
	}
	var said jwt.Claims
	parsed, err := jwt.ParseSigned(text, c.algorithms())
	if err != nil || parsed.UnsafeClaimsWithoutVerification(&said) != nil {
		return access.Principal{}, access.Malformed
	}
	i := slices.IndexFunc(c.issuers, func(t *trusted) bool {
		return t.Issuer == said.Issuer && (said.Audience.Contains(t.Audience) || c.only(t))
	})
	if i < 0 {
		return access.Principal{}, access.Unknown
	}
	return c.verify(ctx, c.issuers[i], parsed, string(sum[:]))
}

// only reports whether no other entry has the issuer of t.
func (c *Callers) only(t *trusted) bool {
	return !slices.ContainsFunc(c.issuers, func(other *trusted) bool { return other != t && other.Issuer == t.Issuer })
}

// algorithms returns those of all issuers. Each issuer's own are compared with its key.
func (c *Callers) algorithms() (list []jose.SignatureAlgorithm) {
	for _, t := range c.issuers {
		list = append(list, t.algorithms...)
	}
	return list
}

// verify verifies a token of an issuer and keeps it until it expires.
func (c *Callers) verify(ctx context.Context, t *trusted, token *jwt.JSONWebToken, sum string) (p access.Principal, refusal access.Refusal) {
	header := token.Headers[0] // ParseSigned accepts one signature only
	if !slices.Contains(t.algorithms, jose.SignatureAlgorithm(header.Algorithm)) {
		return p, access.WrongSignature
	}
	key, set, ok := t.keys.find(ctx, header.KeyID, header.Algorithm)
	if !ok {
		return p, access.WrongSignature
	}
	var claims jwt.Claims
	var all map[string]any
	if token.Claims(key.Key, &claims, &all) != nil {
		return p, access.WrongSignature
	}
	if refusal := t.accepts(&claims); refusal != "" {
		return p, refusal
	}
	if p, ok = t.principal(all); !ok {
		return p, access.WrongClaims
	}
	index := c.Keyring.BlindIndex(p.Tenant, "jwt", claims.Issuer, claims.Subject)
	p.Key = "jwt:" + hex.EncodeToString(index[:8]) // the subject may be a person
	c.cache.Set(sum, verified{sum, set, claims.Expiry.Time().Add(leeway), p}, 1)
	return p, ""
}

// accepts returns what is wrong with the registered claims of a token, "" if nothing is.
func (t *trusted) accepts(claims *jwt.Claims) access.Refusal {
	if claims.Expiry == nil {
		return access.WrongClaims
	}
	err := claims.ValidateWithLeeway(jwt.Expected{Issuer: t.Issuer, AnyAudience: jwt.Audience{t.Audience}, Time: time.Now()}, leeway)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, jwt.ErrInvalidAudience):
		return access.WrongAudience
	case errors.Is(err, jwt.ErrExpired):
		return access.Expired
	case errors.Is(err, jwt.ErrNotValidYet), errors.Is(err, jwt.ErrIssuedInTheFuture):
		return access.NotYetValid
	}
	return access.WrongClaims
}

// principal returns what the claims of a token allow. A claim that is named and missing, or
// of another form, allows nothing.
func (t *trusted) principal(all map[string]any) (access.Principal, bool) {
	p := access.Principal{Tenant: t.Tenant, Apps: t.Apps, Scopes: t.Scopes}
	if t.TenantClaim != "" {
		names, ok := words(all[t.TenantClaim], false)
		if !ok || len(names) != 1 {
			return p, false
		}
		p.Tenant = idv.Tenant(names[0])
	}
	if t.AppClaim != "" {
		apps, ok := words(all[t.AppClaim], false)
		if !ok {
			return p, false
		}
		p.Apps = apps
	}
	if t.ScopeClaim != "" {
		scopes, ok := words(all[t.ScopeClaim], true)
		if !ok {
			return p, false
		}
		p.Scopes = slices.DeleteFunc(slices.Clone(t.Scopes), func(s access.Scope) bool { return !slices.Contains(scopes, string(s)) })
	}
	return p, true
}

// maxWords bounds the entries of a claim.
const maxWords = 50

// words reads a claim that is a text or a list of texts. A text is one word, or several that
// spaces separate, as in the claim scope of RFC 9068. None of them is empty, and there is one
// at least.
func words(claim any, spaced bool) ([]string, bool) {
	var list []string
	switch c := claim.(type) {
	case string:
		if list = []string{c}; spaced {
			list = strings.Fields(c)
		}
	case []any:
		for _, one := range c {
			text, _ := one.(string)
			list = append(list, text)
		}
	}
	unfit := func(s string) bool { return s == "" || idv.CheckText(s, idv.MaxName) != idv.TextFits }
	return list, len(list) > 0 && len(list) <= maxWords && !slices.ContainsFunc(list, unfit)
}

package config

import (
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// Auth says how callers prove who they are.
type Auth struct {
	// Mode is the kind of proof: API keys, as heyan key create makes them. None lets
	// everybody ask who reaches the address, and is therefore accepted on a loopback
	// address only.
	Mode string `json:"mode,omitzero"`
	// JWT are the issuers whose JSON Web Tokens are accepted beside API keys.
	JWT []JWT `json:"jwt,omitzero"`
	// MTLS are the client certificates that are accepted in place of a key, from callers that
	// send no header Authorization. The authorities are those of tls.client_ca.
	MTLS []MTLS `json:"mtls,omitzero"`
}

// JWT is an issuer of JSON Web Tokens.
type JWT struct {
	// Issuer is the claim iss of its tokens. Without jwks_file it is a URL with https, where
	// the keys are found by OpenID Connect Discovery.
	Issuer string `json:"issuer"`
	// JWKSFile is a file with the issuer's public keys (JWKS), in place of discovery. It is read
	// again when it changes.
	JWKSFile string `json:"jwks_file,omitzero"`
	// Audience must be one of the claim aud.
	Audience string `json:"audience"`
	// Algorithms are the signature algorithms that are accepted; all of those that do without a
	// shared secret if it is left out.
	Algorithms []string `json:"algorithms,omitzero"`
	// Claims are the names of claims that say what a token may do.
	Claims Claims `json:"claims,omitzero"`
	// Tenant is that of all tokens of the issuer, in place of claims.tenant.
	Tenant string `json:"tenant,omitzero"`
	// Apps are those that the tokens may name, in place of claims.app; any if left out.
	Apps []string `json:"apps,omitzero"`
	// Scopes are the most that a token of the issuer may have; all of them without
	// claims.scopes.
	Scopes []string `json:"scopes"`
}

// Claims are the names of claims of tokens, at the top level.
type Claims struct {
	// Tenant is the claim with the tenant. Whoever issues tokens then decides which tenant they
	// are of, so the issuer must be yours.
	Tenant string `json:"tenant,omitzero"`
	// App is the claim with the app, or a list of apps, such as azp.
	App string `json:"app,omitzero"`
	// Scopes is the claim with the scopes, as a list or with spaces between them, such as scope.
	// Words that are no scopes of heyan, or none of scopes, are ignored.
	Scopes string `json:"scopes,omitzero"`
}

// MTLS is a caller with a client certificate.
type MTLS struct {
	// Name is what logs and limits call the caller.
	Name string `json:"name"`
	// Subject is the distinguished name of the certificate, as CN=shop,O=Acme: the order is the
	// reverse of that in the certificate, as openssl x509 -nameopt RFC2253 prints it.
	Subject string `json:"subject,omitzero"`
	// SPIFFEID is the SPIFFE id of the certificate, in place of subject.
	SPIFFEID string `json:"spiffe_id,omitzero"`
	// Tenant is the caller's.
	Tenant string `json:"tenant"`
	// Apps are those that it may name; any if left out.
	Apps []string `json:"apps,omitzero"`
	// Scopes are what it may do.
	Scopes []string `json:"scopes"`
}

// access keeps the rules for tokens and client certificates.
func (v *validator) access() {
	a, t := v.config.Auth, v.config.TLS
	if a.Mode == "none" && len(a.JWT)+len(a.MTLS) > 0 {
		v.note("auth.mode", "none authenticates no caller, so jwt and mtls have no effect; remove them, or leave mode out")
	}
	if len(a.MTLS) > 0 && t.ClientCA == "" {
		v.note("tls.client_ca", "is missing; name the file of the authorities that issue the certificates of auth.mtls")
	}
	if t.ClientCA != "" && t.Cert == "" {
		v.note("tls.client_ca", "needs tls.cert and tls.key: client certificates are part of TLS")
	}
	for i := range a.JWT {
		v.jwt(strictyaml.At("auth.jwt", i), &a.JWT[i])
	}
	subjects := map[string]bool{}
	for i := range a.MTLS {
		v.mtls(strictyaml.At("auth.mtls", i), &a.MTLS[i], subjects)
	}
}

func (v *validator) jwt(path string, j *JWT) {
	if j.Issuer == "" {
		v.note(path+".issuer", "is missing; write the claim iss of the tokens")
	} else if j.JWKSFile == "" {
		v.note(path+".issuer", urlFault(j.Issuer, loopback))
	}
	if j.Audience == "" {
		v.note(path+".audience", "is missing: a token for another service must not be accepted here; write the claim aud of the tokens for heyan")
	}
	if (j.Tenant == "") == (j.Claims.Tenant == "") {
		v.note(path+".tenant", "or claims.tenant must be set, one of the two: it says whose the callers are")
	}
	if len(j.Apps) > 0 && j.Claims.App != "" {
		v.note(path+".apps", "must be left out beside claims.app")
	}
	v.granted(path, j.Tenant, j.Apps, j.Scopes)
	for n, other := range v.config.Auth.JWT {
		if at := strictyaml.At("auth.jwt", n); at < path && other.Issuer == j.Issuer && other.Audience == j.Audience {
			v.note(path+".audience", "is that of "+at+" with the same issuer; keep one of the two")
		}
	}
}

func (v *validator) mtls(path string, m *MTLS, seen map[string]bool) {
	switch who := m.Subject + m.SPIFFEID; {
	case (m.Subject == "") == (m.SPIFFEID == ""):
		v.note(path+".subject", "or spiffe_id must be set, one of the two")
	case m.SPIFFEID != "" && !strings.HasPrefix(m.SPIFFEID, "spiffe://"):
		v.note(path+".spiffe_id", "must begin with spiffe:// and a trust domain")
	case seen[who]:
		v.note(path, "has the subject of one before it; keep one of the two")
	default:
		seen[who] = true
	}
	if seen["name "+m.Name] {
		v.note(path+".name", "is taken; give each caller a name of its own")
	}
	seen["name "+m.Name] = true
	if m.Tenant == "" {
		v.note(path+".tenant", "is missing; name the tenant of the caller")
	}
	v.granted(path, m.Tenant, m.Apps, m.Scopes)
}

// granted keeps the rules for what a caller is given.
func (v *validator) granted(path, tenant string, apps, scopes []string) {
	if len(scopes) == 0 {
		v.note(path+".scopes", "is missing; choose some of "+strings.Join(stringsOf(access.Scopes()), ", "))
	}
	for i, app := range apps {
		if app == "" || idv.CheckText(app, idv.MaxName) != idv.TextFits {
			v.note(strictyaml.At(path+".apps", i), "must be a name")
		}
	}
	if tenant != "" && len(v.config.Tenants) > 0 && !v.config.HasTenant(tenant) {
		v.note(path+".tenant", "is none of tenants; add it there, or correct the name")
	}
}

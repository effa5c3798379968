package config

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// Known finds the descriptor of a provider's adapter. It is a parameter because this
// package knows no vendor, reads no declared product and starts no plugin. The error is
// [ErrNotStarted] of a plugin, the [strictyaml.Faults] of a declared product, and
// [ErrNoAdapter] for a name that no adapter has.
type Known func(p Provider) (idv.Descriptor, error)

// The errors of [Known].
var (
	// ErrNotStarted says that the plugin was not started, so that nothing is known of it.
	// The rules that its descriptor states are kept when it is.
	ErrNotStarted = errors.New("the plugin was not started")

	// ErrNoAdapter says that no built-in adapter and no shipped product has the name.
	ErrNoAdapter = errors.New("there is no built-in adapter of that name; `heyan provider list` prints them")
)

// Validate returns everything that is wrong with a configuration, or nothing. It
// makes no call, resolves no secret and opens no file.
func Validate(c Config, known Known) strictyaml.Faults {
	v := &validator{config: c, known: known}
	v.values()
	v.listeners()
	v.tls()
	v.hashKeys()
	v.store()
	v.policy()
	v.tenants()
	v.access()
	v.webhooks()
	v.telemetry()
	v.helpers()
	v.accounts()
	v.networks()
	v.providers()
	v.routes()
	v.calendar()
	v.dropin()
	return v.faults.Sorted()
}

// validator collects faults.
type validator struct {
	config Config
	known  Known
	faults strictyaml.Faults
}

// note adds a fault if there is a message.
func (v *validator) note(path, message string) {
	if message != "" {
		v.faults = append(v.faults, strictyaml.Fault{Path: path, Text: message})
	}
}

// maxTextLength is the largest length of any text of a configuration, in characters. A DSN
// or a path may be long.
const maxTextLength = 4096

// values keeps the rules for single values.
func (v *validator) values() {
	words, numbers, forms, names := choices(), ranges(), patterns(), identifiers()
	leaves(v.config, func(path string, leaf reflect.Value) {
		k := kindOf(path)
		// Lists of texts have rules of their own, which name what an item must be.
		if leaf.Kind() == reflect.String {
			fault := idv.CheckText(leaf.String(), maxTextLength)
			if fault == idv.TextBlank && strings.HasSuffix(path, "]") {
				fault = idv.TextFits
			}
			if fault != idv.TextFits {
				v.note(path, fault.Help())
				return
			}
		}
		if k == currencyKind {
			v.note(path, currencyFault(leaf.String()))
		}
		if _, ok := forms[k]; names[k] && !ok {
			v.note(path, identifier(leaf.String()))
		}
		if rule, ok := words[k]; ok {
			v.note(path, rule.fault(leaf.String()))
		}
		if rule, ok := numbers[k]; ok {
			v.note(path, rule.fault(leaf))
		}
		if rule, ok := forms[k]; ok {
			v.note(path, rule.fault(leaf.String()))
		}
	})
}

// listeners keeps the rules that whoever reaches an API without keys must be on this
// machine, and that keys and claims do not travel in clear.
func (v *validator) listeners() {
	c := v.config
	list := c.Listeners()
	faults := len(v.faults)
	for i, l := range list {
		v.note(l.Path, listener(l.Address))
		for _, before := range list[:i] {
			if l.Address == before.Address && !anyPort(l.Address) {
				v.note(l.Path, "must differ from "+before.Path+", or one of the two cannot open")
			}
		}
	}
	if len(v.faults) > faults {
		return
	}
	for _, l := range list {
		switch open := !loopbackListener(l.Address); {
		case c.Auth.Mode == "keys":
			v.encrypted(l.Path, l.Address)
		case c.Auth.Mode != "none" || !open:
		case l.Path == "admin_listen":
			v.note(l.Path, "must be a loopback address while auth.mode is none, since metrics then need no key")
		default:
			v.note("auth.mode", "none lets everybody ask who reaches "+l.Path+", and is accepted only if that is "+
				"a loopback address; set "+l.Path+" to 127.0.0.1 or [::1], or leave auth out and create keys with heyan key create")
		}
	}
}

// Listener is an address that the daemon listens on.
type Listener struct{ Path, Address string }

// Listeners returns the addresses of a configuration by their paths, that of the API first, then
// the admin address.
func (c *Config) Listeners() []Listener {
	list := []Listener{{"listen", c.Listen}, {"admin_listen", c.AdminListen}}
	if c.Dropin.Listen != "" {
		list = append(list, Listener{"dropin.listen", c.Dropin.Listen})
	}
	return list
}

// encrypted keeps the rule that an address which other machines reach has TLS.
func (v *validator) encrypted(path, address string) {
	if t := v.config.TLS; !loopbackListener(address) && t.Mode == "files" && t.Cert == "" {
		v.note(path, "is no loopback address, so keys and claims would travel in clear; give tls.cert and tls.key, "+
			"or set tls.mode to terminated_elsewhere if a proxy in front of it ends TLS")
	}
}

// tls keeps the rules for the certificate, and for proxies.
func (v *validator) tls() {
	t := v.config.TLS
	switch {
	case t.Mode == "terminated_elsewhere" && t.Cert+t.Key != "":
		v.note("tls.mode", "terminated_elsewhere takes no cert and key; leave them out, or leave mode out")
	case t.Cert != "" && t.Key == "":
		v.note("tls.key", "is missing; name the file of the certificate's private key")
	case t.Key != "" && t.Cert == "":
		v.note("tls.cert", "is missing; name the file of the certificate")
	}
	for i, text := range v.config.TrustedProxies {
		if _, err := access.ParseNetwork(text); err != nil {
			v.note(strictyaml.At("trusted_proxies", i), err.Error())
		}
	}
}

// hashKeys keeps the rule that nodes which share API keys share the key of their hashes.
func (v *validator) hashKeys() {
	if v.config.Auth.Mode == "keys" && v.config.Store.Driver == "postgres" && v.config.Policy.Consent.Mode == "off" && len(v.config.Policy.Keys) == 0 {
		v.note("policy.keys", "are missing: the nodes of a fleet know API keys by them; give one with an id and a reference to its secret")
	}
}

// store keeps the rules for where things are kept. A password in the file would be
// read by whoever reads the file.
func (v *validator) store() {
	c := v.config
	switch c.Store.Driver {
	case "memory":
		if c.Store.DSN != "" && c.Store.DSN != Defaults().Store.DSN {
			v.note("store.dsn", "the memory store takes none; leave it out")
		}
	case "sqlite":
		v.note("store.dsn", fileFault(c.Store.DSN))
	case "postgres":
		if !quietSource(c.Store.DSN) {
			v.note("store.dsn", "must be postgres://user@host/database without a password, or a reference, such as env:HEYAN_STORE_DSN")
		}
		if c.Idempotency.Key == "" {
			v.note("idempotency.key", "is missing: the nodes of a fleet know a repeated request by it; give a reference to 32 or more random characters")
		}
	}
	if c.Store.TrustNetwork && c.Store.Driver != "postgres" {
		v.note("store.trust_network", "concerns a PostgreSQL server on another machine; leave it out")
	}
	if rows := c.Store.LotRows; rows != 0 && rows != Defaults().Store.LotRows && c.Store.Driver != "postgres" {
		v.note("store.lot_rows", "concerns a PostgreSQL database; leave it out")
	}
	if c.Idempotency.Key != "" && !IsReference(c.Idempotency.Key) {
		v.note("idempotency.key", errReference.Error())
	}
}

// fileFault returns what is wrong with the source of a SQLite database, or "".
func fileFault(dsn string) string {
	switch path := strings.TrimPrefix(dsn, fileScheme); {
	case path == "" || IsReference(dsn) && !strings.HasPrefix(dsn, fileScheme):
		return "is missing or no path; write the path, such as file:heyan.db"
	case path == ":memory:":
		return "must be a file; for a store that ends with the process set driver to memory and leave dsn out"
	case !plainPath(dsn):
		return "must be a plain path without ?, # or %, such as file:heyan.db; for a database server set driver to postgres"
	}
	return ""
}

// plainPath reports whether the source of a SQLite database is a path and nothing else.
// Anything else may hold a password, which the names of the files would show.
func plainPath(dsn string) bool {
	return !strings.ContainsAny(dsn, "?#%") && !strings.Contains(dsn, "://") && !strings.Contains(dsn, "password=")
}

// quietSource reports whether the source of a PostgreSQL database may stand in a file:
// it is a reference, or a URL that holds no password.
func quietSource(dsn string) bool {
	if IsReference(dsn) {
		return true
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return false
	}
	_, password := u.User.Password()
	return !password
}

func (v *validator) telemetry() {
	if endpoint := v.config.Telemetry.OTLPEndpoint; endpoint != "" {
		v.note("telemetry.otlp_endpoint", urlFault(endpoint, plainAnywhere))
	}
}

// limits keeps the rules between the limits of one provider. A time that is
// longer than the one around it is no fault: the shorter one simply holds.
func (v *validator) limits(path string, l Limits) {
	if l.GateFirst > l.GateMax && l.GateMax >= time.Millisecond {
		v.note(path+".gate_first", "must not be longer than gate_max")
	}
}

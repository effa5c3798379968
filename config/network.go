package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
)

// Network says how a vendor is reached. Nothing of it is taken from the environment: a
// proxy of HTTPS_PROXY is ignored. The files are read again when they change; new
// connections then use them.
type Network struct {
	// Proxy is an http://, https:// or socks5:// proxy as scheme://host:port. It sees the
	// vendor's host and encrypted bytes. The word direct stands for no proxy, for a provider
	// whose account has a network.
	Proxy string `json:"proxy,omitzero"`

	// ProxyUser is a reference to the user name at the proxy. It goes with proxy_password.
	ProxyUser string `json:"proxy_user,omitzero"`

	// ProxyPassword is a reference to the password at the proxy. To an http:// or socks5://
	// proxy it travels in clear.
	ProxyPassword string `json:"proxy_password,omitzero"`

	// ProxyCAFile is a PEM file of the authorities that sign the certificate of an https://
	// proxy, in place of the system's.
	ProxyCAFile string `json:"proxy_ca_file,omitzero"`

	// CAFile is a PEM file of the authorities that sign the vendor's certificate. They are
	// the only ones then: the system's are no longer trusted for this vendor.
	CAFile string `json:"ca_file,omitzero"`

	// CertFile is a PEM file of the client certificate for a vendor that asks for one, with
	// its chain. It goes with key_file.
	CertFile string `json:"cert_file,omitzero"`

	// KeyFile is the PEM file of the private key of cert_file. Only its owner may read it.
	KeyFile string `json:"key_file,omitzero"`

	// SourceAddress is the IP address of this machine that connections come from, for a
	// vendor or firewall that admits callers by address.
	SourceAddress string `json:"source_address,omitzero"`

	// Pins are addresses that are used in place of name resolution. TLS still verifies the
	// name.
	Pins []Pin `json:"pins,omitzero"`
}

// Pin is a host with its addresses.
type Pin struct {
	// Host is the host of the vendor, of its token endpoint or of the proxy, in small letters.
	Host string `json:"host"`

	// Addresses are the IP addresses of the host, tried in this order.
	Addresses []string `json:"addresses"`
}

// SecretHelper is a program that prints a secret, such as the command of a secret manager.
// The reference exec:NAME stands for what it prints.
type SecretHelper struct {
	// Name is how references call the helper: small letters, digits and hyphens, at most 40.
	Name string `json:"name"`

	// Command is the program, as an absolute path, and its arguments. No shell reads them, and
	// the working directory is /. No secret may stand in them, since every user of the machine
	// can list them.
	Command []string `json:"command"`

	// Env are the names of the environment variables that the helper gets, beside PATH, LANG
	// and HOME. It gets no other.
	Env []string `json:"env,omitzero"`

	// Timeout is the time for one run; the program and its children are then killed.
	Timeout time.Duration `json:"timeout,omitzero"`

	// Refresh is how often the helper runs again for the credentials of providers, accounts
	// and proxies; 0 never. What else is a reference is read at the start only.
	Refresh time.Duration `json:"refresh,omitzero"`
}

// ProxyDirect is the proxy of a provider that uses none although its account has a network.
const ProxyDirect = "direct"

// IsZero reports whether a network says nothing.
func (n Network) IsZero() bool {
	return reflect.ValueOf(n).IsZero() || reflect.DeepEqual(n, Network{Pins: []Pin{}})
}

// ProxyURL is the URL of the proxy, or "" without one.
func (n Network) ProxyURL() string {
	if n.Proxy == ProxyDirect {
		return ""
	}
	return n.Proxy
}

// NetworkOf returns the network of a provider and the path of it: its own as a whole if it
// has one, else its account's. A mix of both would be a network that stands nowhere in the file.
func (c *Config) NetworkOf(i int) (Network, string) {
	p := c.Providers[i]
	account, at := c.AccountOf(p)
	if p.Network.IsZero() && at >= 0 {
		return account.Network, strictyaml.At("accounts", at) + ".network"
	}
	return p.Network, strictyaml.At("providers", i) + ".network"
}

// Helper returns the helper that an exec: reference names.
func (c *Config) Helper(ref string) (SecretHelper, bool) {
	name, is := strings.CutPrefix(ref, execScheme)
	i := slices.IndexFunc(c.SecretHelpers, func(h SecretHelper) bool { return h.Name == name })
	if !is || i < 0 {
		return SecretHelper{}, false
	}
	return c.SecretHelpers[i], true
}

// network keeps the rules of one network by itself.
func (v *validator) network(path string, n Network) {
	u, _ := url.Parse(n.Proxy)
	v.note(path+".proxy", proxyFault(n.Proxy))
	v.proxyLogin(path, n)
	if n.ProxyCAFile != "" && (u == nil || u.Scheme != "https") {
		v.note(path+".proxy_ca_file", "has no effect without an https:// proxy; leave it out")
	}
	if (n.CertFile == "") != (n.KeyFile == "") {
		v.note(path+".key_file", "goes together with cert_file; give both or neither")
	}
	if _, err := netip.ParseAddr(n.SourceAddress); n.SourceAddress != "" && err != nil {
		v.note(path+".source_address", "must be an IP address of this machine, such as 10.0.0.5")
	}
	v.pins(path+".pins", n.Pins)
}

// proxyLogin keeps the rules for the user and password at the proxy.
func (v *validator) proxyLogin(path string, n Network) {
	switch {
	case (n.ProxyUser == "") != (n.ProxyPassword == ""):
		v.note(path+".proxy_password", "goes together with proxy_user; give both or neither")
	case n.ProxyUser != "" && n.ProxyURL() == "":
		v.note(path+".proxy_user", "has no effect without a proxy; leave it out")
	}
	for key, ref := range map[string]string{"proxy_user": n.ProxyUser, "proxy_password": n.ProxyPassword} {
		if ref != "" && !IsReference(ref) {
			v.note(path+"."+key, errReference.Error())
		}
	}
}

// pins keeps the rules for the pinned addresses of one network.
func (v *validator) pins(path string, list []Pin) {
	seen := map[string]bool{}
	for i, pin := range list {
		at := strictyaml.At(path, i)
		if seen[pin.Host] {
			v.note(at+".host", "is pinned already; put the addresses into one list")
		}
		seen[pin.Host] = true
		if len(pin.Addresses) == 0 {
			v.note(at+".addresses", "is empty; give at least one IP address")
		}
		for j, address := range pin.Addresses {
			if _, err := netip.ParseAddr(address); err != nil {
				v.note(strictyaml.At(at+".addresses", j), "must be an IP address, such as 203.0.113.5")
			}
		}
	}
}

// proxyFault returns what is wrong with a proxy, or "".
func proxyFault(text string) string {
	if text == "" || text == ProxyDirect {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5":
		return "must be http://host:port, https://host:port, socks5://host:port or direct"
	case u.User != nil:
		return "must hold no user or password; give references to them as proxy_user and proxy_password"
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "must hold no path, query or fragment"
	}
	return ""
}

// networks keeps the rules between networks and the providers that use them.
func (v *validator) networks() {
	for i, a := range v.config.Accounts {
		v.network(strictyaml.At("accounts", i)+".network", a.Network)
	}
	type use struct {
		network Network
		hosts   []string
		guessed bool // there may be other hosts: those of a plugin that was not started, or of a declared token
	}
	uses := map[string]use{}
	for i, p := range v.config.Providers {
		v.network(strictyaml.At("providers", i)+".network", p.Network)
		n, path := v.config.NetworkOf(i)
		d, err := v.known(p)
		uses[path] = use{n, append(uses[path].hosts, v.hosts(p, d, n)...), uses[path].guessed || err != nil || ownScheme(d)}
		if err == nil && d.CustomTransport && !n.IsZero() {
			v.note(strictyaml.At("providers", i)+".network", "has no effect: this plugin makes its own calls, so heyan cannot say how; leave "+path+" out, and configure the plugin")
		}
		base := cmp.Or(v.config.SettingsOf(p)[baseURL], settingsOf(d)[baseURL].Default)
		if n.ProxyURL() != "" && strings.HasPrefix(base, "http://") {
			v.note(path+".proxy", "the proxy would see the calls in clear, since base_url of "+strictyaml.At("providers", i)+" is http://; use https:// or no proxy")
		}
	}
	for path, u := range uses {
		for i, pin := range u.network.Pins {
			if !u.guessed && !slices.Contains(u.hosts, pin.Host) {
				v.note(strictyaml.At(path+".pins", i)+".host", strictyaml.Unknown("host of these providers", pin.Host, u.hosts))
			}
		}
	}
}

// ownScheme reports whether a product has an authentication scheme of its own, whose token
// may come from a host that no setting names.
func ownScheme(d idv.Descriptor) bool {
	builtin := SchemeSettings()
	return slices.ContainsFunc(d.Schemes, func(name string) bool { _, ok := builtin[name]; return !ok })
}

// hosts returns the hosts that a provider connects to, in small letters: those of its
// settings that are URLs, and the proxy's.
func (v *validator) hosts(p Provider, d idv.Descriptor, n Network) (list []string) {
	texts := []string{n.ProxyURL()}
	for _, text := range v.config.SettingsOf(p) {
		texts = append(texts, text)
	}
	for _, s := range d.Settings {
		texts = append(texts, s.Default)
	}
	for _, text := range texts {
		if u, err := url.Parse(text); err == nil && u.Hostname() != "" {
			list = append(list, strings.ToLower(u.Hostname()))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// variableForm is the form of an environment variable's name.
var variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

// helpers keeps the rules for secret helpers, and that each exec: reference has one.
func (v *validator) helpers() {
	used := map[string]bool{}
	for _, r := range References(v.config) {
		used[r.Value] = true
		if _, ok := v.config.Helper(r.Value); strings.HasPrefix(r.Value, execScheme) && !ok {
			v.note(r.Path, strictyaml.Unknown("secret helper", strings.TrimPrefix(r.Value, execScheme), shown(v.config.SecretHelpers, func(h SecretHelper) string { return h.Name })))
		}
	}
	seen := map[string]bool{}
	for i, h := range v.config.SecretHelpers {
		path := strictyaml.At("secret_helpers", i)
		switch {
		case seen[h.Name]:
			v.note(path+".name", "is taken; give each helper a name of its own")
		case !used[execScheme+h.Name]:
			v.note(path, "is used by no reference; write exec: and its name where the secret is needed, or leave it out")
		}
		seen[h.Name] = true
		if len(h.Command) == 0 || !filepath.IsAbs(h.Command[0]) {
			v.note(path+".command", "must begin with the absolute path of the program, such as /usr/bin/vault; its arguments follow as items")
		}
		for j, name := range h.Env {
			if !variableForm.MatchString(name) {
				v.note(strictyaml.At(path+".env", j), "must be the name of an environment variable, without a value")
			}
		}
	}
}

// shownNetwork is a network with what may be secret masked.
type shownNetwork Network

func (n Network) shown() shownNetwork {
	n.Proxy = showProxy(n.Proxy)
	for _, ref := range []*string{&n.ProxyUser, &n.ProxyPassword} {
		if *ref != "" && !IsReference(*ref) {
			*ref = strictyaml.Masked
		}
	}
	return shownNetwork(n)
}

// Format writes the network with what may be secret masked, for every verb.
func (n Network) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "%+v", n.shown()) }

// LogValue returns the network with what may be secret masked.
func (n Network) LogValue() slog.Value { return slog.AnyValue(n.shown()) }

// MarshalJSON returns the network with what may be secret masked.
func (n Network) MarshalJSON() ([]byte, error) { return json.Marshal(n.shown()) }

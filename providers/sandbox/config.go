package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Config configures a [Sandbox]. The zero value means the vendors idcert-a and
// idcert-b on free ports of 127.0.0.1 with generated credentials.
type Config struct {
	// Listen is host and base port, such as "127.0.0.1:9100": the first vendor uses
	// that port, the second one the next. Port 0 selects a free port for each. ""
	// means "127.0.0.1:0". The host must be a loopback address, since a fake vendor
	// confirms any identity.
	Listen string

	// Vendors are the fake vendors. An empty list means idcert-a and idcert-b.
	Vendors []VendorConfig

	// Observe receives each call before it is answered; nil observes none. It is called by
	// several goroutines at once and must not block.
	Observe func(Event)

	// Log receives one record per reply with the vendor's name and the code, without
	// claims and secrets. Nil discards them.
	Log *slog.Logger
}

// VendorConfig configures one fake vendor. Empty credentials are generated.
type VendorConfig struct {
	Name      string // lower-case letters, digits and hyphens; unique
	AppCode   idv.Sensitive
	AppKey    string
	AppSecret idv.Sensitive

	// Product is the product that the vendor sells. Nil means the vendor of idcert that is
	// written by hand. A product's credentials stand in Settings, by the names of the
	// settings of its adapter.
	Product   *Product
	Settings  map[string]idv.Sensitive
	TokenLife time.Duration // of access tokens; an hour if 0

	// Mode and Latency are those of the start and after a reset. ModeNormal if empty.
	Mode    Mode
	Latency time.Duration

	// Rate is how many calls the vendor accepts in a second, and Quota how many calls the
	// package has; 0 means any number. Beyond them the vendor answers as in ModeThrottled429
	// and ModeQuotaExhausted. A reset refills the package.
	Rate  float64
	Quota int64

	// Billed overrides, per outcome of Stats.ByCode, whether it is billed. By default
	// 01, 02 and the outcomes of lost or damaged replies are. The real vendor does not
	// publish whether 202, 203, 204, 205 and 9999 are billed, so a test can cover
	// both. A product's rows are billed if they are charged or if that is not known.
	// Refusals of the gateway are never billed and not allowed here.
	Billed map[string]bool
}

// initial returns the scenario of the start.
func (v VendorConfig) initial() Scenario {
	return Scenario{Vendor: v.Name, Mode: cmp.Or(v.Mode, ModeNormal), LatencyMS: v.Latency.Milliseconds()}
}

const defaultListen = "127.0.0.1:0"

// defaultVendors returns the vendors of the zero Config, which `heyan sandbox` documents.
func defaultVendors() []VendorConfig {
	return []VendorConfig{{Name: "idcert-a"}, {Name: "idcert-b"}}
}

var vendorName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// checked returns the configuration with its defaults, or every fault in it.
func (c Config) checked() (Config, error) {
	if c.Listen == "" {
		c.Listen = defaultListen
	}
	if len(c.Vendors) == 0 {
		c.Vendors = defaultVendors()
	}
	if c.Observe == nil {
		c.Observe = func(Event) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	_, err := loopback(c.Listen, len(c.Vendors))
	faults := []error{err}
	names := map[string]bool{}
	for i, v := range c.Vendors {
		faults = append(faults, v.check(i, names[v.Name]))
		names[v.Name] = true
	}
	return c, errors.Join(faults...)
}

func (v VendorConfig) check(i int, taken bool) error {
	if !vendorName.MatchString(v.Name) {
		return fmt.Errorf("sandbox: vendors[%d].name: must consist of lower-case letters, digits and hyphens", i)
	}
	if taken {
		return fmt.Errorf("sandbox: vendors[%d].name: %s is a duplicate", i, v.Name)
	}
	if v.Mode != "" && !slices.Contains(Modes(), v.Mode) {
		return fmt.Errorf("sandbox: vendors[%d].mode: unknown mode; known modes are %v", i, Modes())
	}
	if v.Latency < 0 || v.Latency.Milliseconds() > maxMillis {
		return fmt.Errorf("sandbox: vendors[%d].latency: must be from 0 to a day", i)
	}
	if v.Rate < 0 || v.Quota < 0 {
		return fmt.Errorf("sandbox: vendors[%d]: rate and quota must not be negative", i)
	}
	known := defaultBilled()
	if v.Product != nil {
		known = v.Product.outcomes()
	}
	for _, outcome := range slices.Sorted(maps.Keys(v.Billed)) {
		if _, ok := known[outcome]; !ok {
			return fmt.Errorf("sandbox: vendors[%d].billed: unknown outcome %q; known outcomes are %v",
				i, outcome, slices.Sorted(maps.Keys(known)))
		}
	}
	return nil
}

// loopback parses host and base port and checks that every vendor has a port.
func loopback(listen string, vendors int) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return netip.AddrPort{}, errors.New("sandbox: listen: must be host:port, such as 127.0.0.1:0")
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || !addr.IsLoopback() {
		return netip.AddrPort{}, errors.New("sandbox: listen: must be a loopback address, such as 127.0.0.1 or [::1]")
	}
	base, err := strconv.ParseUint(port, 10, 16)
	if err != nil || int(base)+vendors-1 > 65535 {
		return netip.AddrPort{}, errors.New("sandbox: listen: the port must be from 0 to 65535 and leave one for every vendor")
	}
	return netip.AddrPortFrom(addr, uint16(base)), nil
}

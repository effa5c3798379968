package sandbox

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"

	"github.com/heyan-id/heyan/engine/idv"
)

// Config says which fake vendors to start and where. The zero value gives the
// vendors idcert-a and idcert-b on free ports of 127.0.0.1 with new credentials.
type Config struct {
	// Listen is host and base port, "127.0.0.1:9100": the first vendor takes that
	// port, the second the next. Port 0 gives each a free one. "" is
	// "127.0.0.1:0". A host that is not a loopback address is refused: whoever
	// reaches a fake vendor can ask it for a match.
	Listen string

	// Vendors are the fake vendors; none stands for the two of the zero value.
	Vendors []VendorConfig

	// Log gets a line per answer with the vendor's name and the code, and never a
	// claim or a secret. Nil discards it.
	Log *slog.Logger
}

// VendorConfig is one fake vendor. An empty credential is generated, which is
// right for everything but a test that compares bytes.
type VendorConfig struct {
	Name      string // lower-case letters, digits and hyphens; unique
	AppCode   idv.Sensitive
	AppKey    string
	AppSecret idv.Sensitive

	// Billed says which outcomes cost a unit, and overrides [DefaultBilled] word
	// by word. The real vendor does not publish whether 202, 203, 204, 205 and
	// 9999 are billed, so a test can have it both ways. What the gateway refuses
	// is never billed and cannot stand here.
	Billed map[string]bool
}

const defaultListen = "127.0.0.1:0"

// defaultVendors are the names that `heyan sandbox` promises.
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
		return fmt.Errorf("sandbox: vendors[%d].name: want lower-case letters, digits and hyphens", i)
	}
	if taken {
		return fmt.Errorf("sandbox: vendors[%d].name: %s is there twice", i, v.Name)
	}
	known := DefaultBilled()
	for _, outcome := range slices.Sorted(maps.Keys(v.Billed)) {
		if _, ok := known[outcome]; !ok {
			return fmt.Errorf("sandbox: vendors[%d].billed: unknown outcome %q; the known ones are %v",
				i, outcome, slices.Sorted(maps.Keys(known)))
		}
	}
	return nil
}

// loopback reads host and base port, and sees to it that every vendor's port
// exists.
func loopback(listen string, vendors int) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return netip.AddrPort{}, errors.New("sandbox: listen: want host:port, as 127.0.0.1:0")
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || !addr.IsLoopback() {
		return netip.AddrPort{}, errors.New("sandbox: listen: only a loopback address is allowed, as 127.0.0.1 or [::1]")
	}
	base, err := strconv.ParseUint(port, 10, 16)
	if err != nil || int(base)+vendors-1 > 65535 {
		return netip.AddrPort{}, errors.New("sandbox: listen: want a port from 0 to 65535, with room above it for every vendor")
	}
	return netip.AddrPortFrom(addr, uint16(base)), nil
}

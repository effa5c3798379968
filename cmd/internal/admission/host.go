package admission

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// KnowsHost reports whether the value of a Host header, with or without a port, is an IP
// address, localhost or a configured name. A name may end in a dot.
func KnowsHost(hosts []string, value string) bool {
	host := value
	if name, port, err := net.SplitHostPort(value); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return false
		}
		host = name
	} else if inner, ok := strings.CutPrefix(value, "["); ok {
		host, _ = strings.CutSuffix(inner, "]")
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.TrimSuffix(host, ".")
	return strings.EqualFold(host, "localhost") || slices.ContainsFunc(hosts, func(known string) bool { return strings.EqualFold(host, known) })
}

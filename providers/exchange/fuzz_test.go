package exchange

import (
	"bytes"
	"net"
	"testing"
)

// scripted is a connection to a proxy that says what it says, whatever it hears.
type scripted struct {
	net.Conn
	says *bytes.Reader
}

func (s scripted) Read(b []byte) (int, error) { return s.says.Read(b) }

func (s scripted) Write(b []byte) (int, error) { return len(b), nil }

// Whatever a proxy answers, a tunnel is granted only by a whole reply that says so, and no
// byte after it is read: it belongs to the vendor.
func FuzzSOCKS(f *testing.F) {
	f.Add("\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", false)
	f.Add("\x05\x02\x01\x00\x05\x00\x00\x03\x01a\x00\x00tail", true)
	f.Add("\x05\x02\x01\x01", true)
	f.Add("\x05\xff", false)
	f.Add("HTTP/1.1 400", false)
	f.Fuzz(func(t *testing.T, says string, password bool) {
		d := &dialer{}
		head := 2
		if password {
			d.network, head = proxied("socks5://p.test", "u", "p"), 4
		}
		r := bytes.NewReader([]byte(says))
		if d.socks(scripted{says: r}, "vendor.test:443") != nil {
			return
		}
		reply := says[head:]
		length := map[byte]int{socksIPv4: 4, socksIPv6: 16}[reply[3]]
		if reply[3] == socksName {
			length = 1 + int(reply[4])
		}
		if reply[0] != socksVersion || reply[1] != socksGranted || length == 0 || len(says)-r.Len() != head+4+length+2 {
			t.Errorf("%q was taken for a grant, with %d bytes left", says, r.Len())
		}
	})
}

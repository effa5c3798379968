package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		title string
		cfg   sandbox.Config
		want  string
	}{
		{"all interfaces", sandbox.Config{Listen: ":9100"}, "must be a loopback address"},
		{"all interfaces, in figures", sandbox.Config{Listen: "0.0.0.0:9100"}, "must be a loopback address"},
		{"an outer address", sandbox.Config{Listen: "192.0.2.1:9100"}, "must be a loopback address"},
		{"a name that could lead anywhere", sandbox.Config{Listen: "example.org:9100"}, "must be a loopback address"},
		{"no port", sandbox.Config{Listen: "127.0.0.1"}, "must be host:port"},
		{"a port too far", sandbox.Config{Listen: "127.0.0.1:65535"}, "the port must be"},
		{"no name", sandbox.Config{Vendors: []sandbox.VendorConfig{{}}}, "vendors[0].name: must"},
		{"a name twice", sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "a"}, {Name: "a"}}}, "vendors[1].name: a is a duplicate"},
		{"an unknown outcome", sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "a", Billed: map[string]bool{"1": true}}}}, `billed: unknown outcome "1"`},
		{"a gateway's code billed", sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "a", Billed: map[string]bool{"B403MQ": true}}}}, "unknown outcome"},
	}
	for _, tt := range tests {
		t.Run(tt.title, func(t *testing.T) {
			if _, err := sandbox.New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestBilledIsConfigurable(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{
		{Name: "pays-for-202", Billed: map[string]bool{"202": true, "02": false}}, {Name: "usual"},
	}})
	for i, want := range []int64{2, 2} {
		v := s.Vendors()[i]
		for _, person := range [][2]string{{evenNumber, anyName}, {oddNumber, anyName}, {oddNumber, "无记录"}} {
			ask(t, v, person[0], person[1])
		}
		if got := s.Stats()[v.Name].Billed; got != want {
			t.Errorf("%s billed %d, want %d", v.Name, got, want)
		}
	}
}

func TestVendorLine(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{
		{Name: "fixed", AppCode: secret("code"), AppKey: "key", AppSecret: secret("s3cret")}, {Name: "made"},
	}})
	fixed, made := s.Vendors()[0], s.Vendors()[1]
	line, err := json.Marshal(fixed)
	want := `{"vendor":"fixed","url":"` + fixed.URL + `","appcode":"code","app_key":"key","app_secret":"s3cret"}`
	if err != nil || string(line) != want {
		t.Errorf("line = %s, %v; want %s", line, err, want)
	}
	if text := fmt.Sprintf("%v %+v %#v", fixed, fixed, fixed); strings.Contains(text, "s3cret") {
		t.Error("printing a vendor shows its secret")
	}
	var read sandbox.Vendor
	if err := json.Unmarshal(line, &read); err != nil || !read.AppSecret.Equal(fixed.AppSecret) || read.URL != fixed.URL {
		t.Errorf("the line does not read back: %v", err)
	}
	if len(made.AppCode.Reveal()) != 32 || len(made.AppKey) != 9 || len(made.AppSecret.Reveal()) != 32 {
		t.Error("the made credentials have not the console's form")
	}
}

func TestCredentialsDiffer(t *testing.T) {
	t.Parallel()
	a, b := sandboxtest.Start(t, sandbox.Config{}).Vendors(), sandboxtest.Start(t, sandbox.Config{}).Vendors()
	if a[0].AppCode.Equal(a[1].AppCode) || a[0].AppCode.Equal(b[0].AppCode) || a[0].AppSecret.Equal(b[0].AppSecret) {
		t.Error("two vendors or two runs share credentials")
	}
}

func TestStartsOnceAndClosesTwice(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	if s.Start(t.Context()) == nil {
		t.Error("a second Start succeeds")
	}
	for range 2 {
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if s.Start(t.Context()) == nil {
		t.Error("a Start after Close succeeds")
	}
}

func TestTakenPortOpensNothing(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, taken)
	s, err := sandbox.New(sandbox.Config{Listen: taken.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if s.Start(t.Context()) == nil {
		t.Error("Start succeeds on a port that is taken")
	}
	if err := s.Close(t.Context()); err != nil || s.Vendors()[0].URL != "" {
		t.Errorf("URL %q, Close %v; want none of either", s.Vendors()[0].URL, err)
	}
}

func TestCloseUnderCancelledContext(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	conn := hold(t, s.Vendors()[0])
	defer shut(t, conn)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); err != nil {
		t.Errorf("Close: %v, want it to cut what is left", err)
	}
}

// TestConcurrentUse is for the race detector, and counts.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				ask(t, s.Vendors()[0], evenNumber, anyName)
				s.Stats()
				s.Seen("idcert-a", secret(evenNumber), secret(anyName))
			}
		})
	}
	all.Wait()
	if st := s.Stats()["idcert-a"]; st.Requests != 20 || st.Billed != 20 {
		t.Errorf("requests %d, billed %d; want 20 of each", st.Requests, st.Billed)
	}
}

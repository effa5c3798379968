package assemble_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// Every file is replaced again and again while verifications run, and none of them fails.
func TestRotationUnderLoad(t *testing.T) {
	clients := []pair{newPair(t, "client.test", time.Hour), newPair(t, "client.test", time.Hour)}
	s := newSite(t, clients...)
	app, log := buildLogged(t, s.config(t, clients[0]))
	other := newPair(t, "other.test", time.Hour)
	secrets := []string{keyCanary, proxyCanary}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	var calls atomic.Int32
	called := make(chan struct{})
	for range 4 {
		running.Go(func() {
			for ctx.Err() == nil && !t.Failed() {
				matches(t, app)
				calls.Add(1)
				select {
				case called <- struct{}{}:
				default:
				}
			}
			stop()
		})
	}
	const rounds = 25
	for i := 1; i <= rounds && ctx.Err() == nil; i++ {
		code, password, client := fmt.Sprint(keyCanary, i), fmt.Sprint(proxyCanary, i), clients[i%2]
		s.codes.Store(code, true)
		s.passwords.Store("user:"+password, true)
		secrets = append(secrets, code, password)
		for _, change := range []func(){
			func() { s.write(t, "appcode", code) },
			func() { s.write(t, "password", password) },
			func() { s.write(t, "ca.pem", strings.Repeat(other.cert, i%2)+s.server.cert) },
			func() { s.write(t, "cert.pem", client.cert) }, // which does not fit the key until the next step
			func() { s.write(t, "key.pem", client.key) },
		} {
			change()
			app.Refresh(t.Context())
			select {
			case <-called:
			case <-ctx.Done():
			}
		}
	}
	stop()
	running.Wait()
	matches(t, app)
	if got, want := s.lastCode.Load(), fmt.Sprint(keyCanary, rounds); got != want {
		t.Errorf("the vendor saw the key %v at last, want %v", got, want)
	}
	if got, want := s.lastSerial.Load(), clients[rounds%2].tls(t).Leaf.SerialNumber.String(); got != want {
		t.Errorf("the vendor saw the certificate %v at last, want %v", got, want)
	}
	for _, want := range []string{"provider credentials replaced", "provider network replaced", "cert_file", "read again"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	if app.Stale("main") {
		t.Error("stale at the end")
	}
	noCanary(t, log.String(), secrets...)
	t.Logf("%d verifications over %d replacements, %d tunnels", calls.Load(), 5*rounds, s.tunnels.Load())
}

// A broken file keeps what is in use, and is told once.
func TestBrokenFilesKeepTheOldOnes(t *testing.T) {
	client := newPair(t, "client.test", time.Hour)
	stranger, expired := newPair(t, "client.test", time.Hour), newPair(t, "client.test", -time.Hour)
	s := newSite(t, client)
	c := s.config(t, client)
	app, log := buildLogged(t, c)
	for _, tt := range []struct{ name, file, text, fixed, want string }{
		{"no authority", "ca.pem", "-----BEGIN " + keyCanary, s.server.cert, "network.ca_file"},
		{"half an authority", "ca.pem", s.server.cert + s.server.key, s.server.cert, "no certificate"},
		{"another key", "key.pem", stranger.key, client.key, "network.cert_file"},
		{"an expired certificate", "cert.pem", expired.cert, client.cert, "network.cert_file"},
		{"no certificate", "cert.pem", "", client.cert, "network.cert_file"},
		{"an empty key", "appcode", "", keyCanary, "settings.appcode"},
		{"a key that no header takes", "appcode", keyCanary + "\n" + keyCanary, keyCanary, "appcode"},
		{"an empty password", "password", "", proxyCanary, "network.proxy_password"},
		{"a password that cannot be sent", "password", proxyCanary + "\nx", proxyCanary, "proxy_user"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(log.String())
			s.write(t, tt.file, tt.text)
			app.Refresh(t.Context())
			app.Refresh(t.Context())
			matches(t, app)
			text := log.String()[before:]
			if strings.Count(text, "stay in use") != 1 || !strings.Contains(text, tt.want) || !app.Stale("main") {
				t.Errorf("stale %v, log without one line of %q:\n%s", app.Stale("main"), tt.want, text)
			}
			s.write(t, tt.file, tt.fixed)
			app.Refresh(t.Context())
			matches(t, app)
			if app.Stale("main") || !strings.Contains(log.String()[before:], "read again") {
				t.Errorf("stale after the mending:\n%s", log.String()[before:])
			}
		})
	}
	noCanary(t, log.String(), keyCanary, proxyCanary)
}

// At the start, a broken file is a fault of the configuration.
func TestBrokenFilesAtTheStart(t *testing.T) {
	client, expired := newPair(t, "client.test", time.Hour), newPair(t, "client.test", -time.Hour)
	for _, tt := range []struct{ name, file, text, want string }{
		{"no authority", "ca.pem", "x", "providers[0].network.ca_file"},
		{"an expired certificate", "cert.pem", expired.cert, "providers[0].network.cert_file"},
		{"a key of another", "key.pem", expired.key, "providers[0].network.cert_file"},
		{"an empty password", "password", "", "providers[0].network.proxy_password"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, client)
			c := s.config(t, client)
			s.write(t, tt.file, tt.text)
			_, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(nil)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a fault of %s", err, tt.want)
			}
		})
	}
	t.Run("an expired certificate says so", func(t *testing.T) {
		s := newSite(t, client)
		c := s.config(t, client)
		s.write(t, "cert.pem", expired.cert)
		s.write(t, "key.pem", expired.key)
		_, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(nil)})
		if err == nil || !strings.Contains(err.Error(), "expired at") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a key that all can read", func(t *testing.T) {
		s := newSite(t, client)
		c := s.config(t, client)
		if err := os.Chmod(filepath.Join(s.folder, "key.pem"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(nil)})
		if err == nil || !strings.Contains(err.Error(), "network.key_file: file:") {
			t.Errorf("got %v", err)
		}
	})
}

// The proxy's refusal is not the vendor's answer: nothing was sent, and nothing is charged.
func TestProxyRefusalIsNotAnAnswer(t *testing.T) {
	client := newPair(t, "client.test", time.Hour)
	s := newSite(t, client)
	app, log := buildLogged(t, s.config(t, client))
	s.passwords.Delete("user:" + proxyCanary)
	_ = ask(t, app)
	a := ask(t, app)
	if a.Failure != idv.Unavailable || a.Phase != "connect" || a.Delivery != idv.NotSent || a.Charge != idv.NotCharged || a.VendorCode != "" {
		t.Errorf("got %+v", a)
	}
	if s.requests.Load() != 0 {
		t.Error("the vendor saw a request")
	}
	if available := app.Engine.Providers()[0].Availability; available.Reason != "" {
		t.Errorf("the gate closed: %v", available.Reason)
	}
	s.passwords.Store("user:new", true)
	s.write(t, "password", "new")
	app.Refresh(t.Context())
	matches(t, app)
	ask(t, app)
	if text := log.String(); strings.Count(text, `msg="vendor not reached" provider=main phase=connect detail="the proxy refused our credentials`) != 1 {
		t.Errorf("the log does not say once why:\n%s", text)
	}
	noCanary(t, log.String(), keyCanary, proxyCanary)
}

// Refused credentials close the gate until they are replaced, which no operator needs to
// say.
func TestReplacedCredentialsOpenTheGate(t *testing.T) {
	client := newPair(t, "client.test", time.Hour)
	s := newSite(t, client)
	app, _ := buildLogged(t, s.config(t, client))
	matches(t, app)
	s.codes.Delete(keyCanary)
	if a := ask(t, app); a.Failure != idv.BadCredentials {
		t.Fatalf("got %v, want refused credentials", a.Failure)
	}
	app.Refresh(t.Context())
	if got := app.Engine.Providers()[0].Availability.Reason; got != idv.SkipCredentials {
		t.Errorf("the gate says %q after a reading without a change", got)
	}
	s.codes.Store("new", true)
	s.write(t, "appcode", "new")
	app.Refresh(t.Context())
	matches(t, app)

	if err := app.Engine.Drain("main", time.Time{}); err != nil {
		t.Fatal(err)
	}
	s.codes.Store("newer", true)
	s.write(t, "appcode", "newer")
	app.Refresh(t.Context())
	if got := app.Engine.Providers()[0].Availability.Reason; got != idv.SkipDrained {
		t.Errorf("the operator's drain became %q", got)
	}
}

// A helper's new value is used without a restart; its failure keeps the last one.
func TestHelperIsFollowed(t *testing.T) {
	client := newPair(t, "client.test", time.Hour)
	s := newSite(t, client)
	c := s.config(t, client)
	source := filepath.Join(s.folder, "appcode")
	c.SecretHelpers = []config.SecretHelper{{Name: "vault", Command: []string{"/bin/cat", source}, Timeout: time.Minute, Refresh: time.Nanosecond}}
	c.Providers[0].Settings["appcode"] = "exec:vault"
	app, log := buildLogged(t, c)
	matches(t, app)
	s.codes.Store("from-the-helper", true)
	s.write(t, "appcode", "\n from-the-helper \n")
	app.Refresh(t.Context())
	matches(t, app)
	if got := s.lastCode.Load(); got != "from-the-helper" {
		t.Errorf("the vendor saw %v", got)
	}
	if err := os.Remove(source); err != nil {
		t.Fatal(err)
	}
	app.Refresh(t.Context())
	matches(t, app)
	if text := log.String(); !app.Stale("main") || !strings.Contains(text, "exec:vault: the helper failed") || strings.Contains(text, "No such file") {
		t.Errorf("stale %v, the log is\n%s", app.Stale("main"), text)
	}
	noCanary(t, log.String(), keyCanary, "from-the-helper")

	_, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(nil)})
	if err == nil || !strings.Contains(err.Error(), "providers[0].settings.appcode: exec:vault: the helper failed") {
		t.Errorf("a start with a failing helper gave %v", err)
	}
	if err := assemble.CheckSecrets(assemble.Options{Config: c, LookupEnv: lookup(nil)}); err == nil {
		t.Error("CheckSecrets does not run the helper")
	}
}

// A proxy of the environment would see every vendor's name, and could refuse every call.
func TestEnvironmentIsIgnored(t *testing.T) {
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the environment's proxy was used") }))
	defer trap.Close()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, trap.URL)
	}
	client := newPair(t, "client.test", time.Hour)
	s := newSite(t, client)
	c := s.config(t, client)
	matches(t, first(buildLogged(t, c)))
	// Without a proxy of the configuration, a pin leads there directly.
	_, port, _ := net.SplitHostPort(s.vendor.Listener.Addr().String())
	n := &c.Providers[0].Network
	n.Proxy, n.ProxyUser, n.ProxyPassword = "", "", ""
	n.Pins, n.SourceAddress = []config.Pin{{Host: "vendor.test", Addresses: []string{"127.0.0.1"}}}, "127.0.0.9"
	c.Providers[0].Settings["base_url"] = "https://vendor.test:" + port
	before := s.tunnels.Load()
	matches(t, first(buildLogged(t, c)))
	if s.tunnels.Load() != before {
		t.Error("a proxy was used")
	}
}

// The network of an account serves the providers that have none of their own.
func TestNetworkOfTheAccount(t *testing.T) {
	client := newPair(t, "client.test", time.Hour)
	s := newSite(t, client)
	c := s.config(t, client)
	c.Accounts = []config.Account{{Name: "shared", Vendor: "idcert", Network: c.Providers[0].Network}}
	c.Providers[0].Account, c.Providers[0].Network = "shared", config.Network{}
	matches(t, first(buildLogged(t, c)))
	if s.tunnels.Load() == 0 {
		t.Error("the proxy of the account was not used")
	}
	c.Providers[0].Network.Proxy = config.ProxyDirect // as a whole: neither proxy nor authority of the account
	app := first(buildLogged(t, c))
	if a := ask(t, app); a.Delivery != idv.NotSent {
		t.Errorf("got %+v, want a name that is not resolved", a)
	}
}

func TestPluginWithItsOwnTransport(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "appcode")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("wrong")
	c := first(ofSandbox(sandboxtest.Start(t, sandbox.Config{})))
	c.Providers = c.Providers[:1]
	c.Routes[0].Providers = c.Routes[0].Providers[:1]
	p := &c.Providers[0]
	p.Use, p.Plugin, p.Settings["appcode"] = "", itself(t), "file:"+path
	p.Plugin.Args = []string{"be-custom"}
	app, log := buildLogged(t, c)
	if a := ask(t, app); a.Verdict != idv.Mismatch {
		t.Fatalf("got %+v", a)
	}
	write(keyCanary)
	app.Refresh(t.Context())
	matches(t, app)
	noCanary(t, log.String(), keyCanary)

	p.Network.SourceAddress = "127.0.0.1"
	_, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(nil)})
	if err == nil || !strings.Contains(err.Error(), "providers[0].network: has no effect") {
		t.Errorf("a network for it gave %v", err)
	}
}

// ownCalls answers by its secret, as a plugin that makes its own calls.
type ownCalls struct {
	descriptor idv.Descriptor
	secret     idv.Sensitive
}

func (o ownCalls) Describe() idv.Descriptor { return o.descriptor }

func (o ownCalls) Ask(context.Context, idv.Query) (idv.Answer, error) {
	code := map[bool]string{true: "01", false: "02"}[o.secret.Reveal() == keyCanary]
	for _, row := range o.descriptor.Codes {
		if row.Code == code {
			return idv.Answer{Verdict: row.Verdict, VendorCode: code, Charge: row.Charge}, nil
		}
	}
	return idv.Answer{}, errors.New("the code table has changed")
}

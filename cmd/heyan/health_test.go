package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// TestHealth asks a daemon that is ready, one that is not, one with TLS, and none.
func TestHealth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		status     int
		tls        bool
		args       []string
		code       int
		out        string
	}{
		{"ready", `{"status":"ready"}`, http.StatusOK, false, nil, exitDone, "ready\n"},
		{"live", `{"status":"ok"}`, http.StatusOK, false, []string{"--live"}, exitDone, "ok\n"},
		{"JSON", `{"status":"ready"}`, http.StatusOK, false, []string{"--json"}, exitDone, `{"status":"ready"}` + "\n"},
		{"TLS", `{"status":"ready"}`, http.StatusOK, true, nil, exitDone, "ready\n"},
		{"not ready", `{"status":"store_unwritable"}`, http.StatusServiceUnavailable, false, nil, exitFound, "store_unwritable\n"},
		{"ready with an error", `{"status":"ready"}`, http.StatusInternalServerError, false, nil, exitFound, "unreachable\n"},
		{"another program", `<html>`, http.StatusOK, false, []string{"--json"}, exitFound, `{"status":"unreachable"}` + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page := "/readyz"
			if len(tt.args) > 0 && tt.args[0] == "--live" {
				page = "/healthz"
			}
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != page {
					t.Errorf("asked %s, want %s", r.URL.Path, page)
				}
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			start, extra := s.Start, ""
			if tt.tls {
				start, extra = s.StartTLS, "tls: {cert: tls.crt, key: tls.key}\n"
			}
			start()
			defer s.Close()
			path := healthConfig(t, s.Listener.Addr(), tt.tls, extra)
			code, out, errs := once(t, nil, "", append([]string{"health", "--config", path}, tt.args...)...)
			if tt.out == "unreachable\n" {
				tt.out = "no daemon answers at admin_listen; start heyan serve with the same configuration\n"
			}
			if code != tt.code || out != tt.out || errs != "" {
				t.Errorf("code %d, %q, %q; want %d, %q", code, out, errs, tt.code, tt.out)
			}
		})
	}
}

// healthConfig writes a configuration with an admin address, as that of a container on all
// interfaces if open is true.
func healthConfig(t *testing.T, address net.Addr, open bool, extra string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address.String())
	if err != nil {
		t.Fatal(err)
	}
	host := "127.0.0.1"
	if open {
		host = "0.0.0.0"
	}
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	text := fmt.Sprintf("admin_listen: %s\n%sproviders:\n  - {name: main, use: idcert, settings: {appcode: env:X}}\nroutes:\n  - {check: id_name, providers: [main]}\n",
		net.JoinHostPort(host, port), extra)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHealthWithoutADaemon(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	path := healthConfig(t, l.Addr(), false, "")
	_ = l.Close()
	for _, tt := range []struct {
		name string
		args []string
		code int
	}{
		{"stopped", []string{"--config", path}, exitFound}, {"no configuration", nil, exitUsage}, {"timeout", []string{"--config", path, "--timeout", "0s"}, exitUsage},
	} {
		if code, out, errs := once(t, nil, "", append([]string{"health"}, tt.args...)...); code != tt.code {
			t.Errorf("%s: code %d, %q, %q", tt.name, code, out, errs)
		}
	}
}

package daemon_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/cmd/internal/canarytest"
	"github.com/heyan-id/heyan/config"
)

// dropinFront gives a configuration a drop-in address.
func dropinFront(c *config.Config) {
	c.Dropin = config.Dropin{Listen: "127.0.0.1:0", Clients: []config.DropinClient{{Tenant: "default", Purpose: "test"}, {Tenant: "bank", Purpose: "test"}}}
}

const kzPath = "/api-mall/api/id_card/check"

// idcard asks the drop-in address as a program for idcert does, and returns the answer, or the
// gateway's code.
func (h *fixture) idcard(key, name, number string) (code, body string) {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+h.at.DropinListen+"/idcard?"+url.Values{"idCard": {number}, "name": {name}}.Encode(), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "APPCODE "+key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp.Header.Get("X-Ca-Error-Code"), string(text)
}

// TestHeyanInFrontOfHeyan: a daemon whose vendor is the drop-in address of another one reports
// what the vendor behind that one said, for every status of the guide and both forms.
func TestHeyanInFrontOfHeyan(t *testing.T) {
	t.Parallel()
	even, odd := canarytest.Persons()[0].IDNumber, canarytest.Persons()[1].IDNumber
	type heard struct{ verdict, reason, code string }
	for _, use := range []string{"idcert", "kz/idcard"} {
		inner, dir, key := guarded(t, dropinFront)
		secret := filepath.Join(dir, "appcode")
		if err := os.WriteFile(secret, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		outer := start(t, func(c *config.Config) {
			c.Providers = c.Providers[:1]
			c.Providers[0].Use, c.Providers[0].Recipient, c.Providers[0].Settings = use, "inner Ltd", config.Settings{"base_url": "http://" + inner.at.DropinListen, "appcode": "file:" + secret}
		}, "idcert-a")
		for _, tt := range []struct {
			name, number string
			want         map[string]heard
		}{
			{"张三", even, map[string]heard{"idcert": {"match", "", "01"}, "kz/idcard": {"match", "", "200/0"}}},
			{"李四", odd, map[string]heard{"idcert": {"mismatch", "", "02"}, "kz/idcard": {"mismatch", "", "200/1"}}},
			{"无记录", even, map[string]heard{"idcert": {"no_record", "", "202"}, "kz/idcard": {"no_record", "", "200/2"}}},
			{"异常", even, map[string]heard{"idcert": {"undetermined", "unavailable", "203"}, "kz/idcard": {"undetermined", "unavailable", "501"}}},
			{"坏姓名", even, map[string]heard{"idcert": {"undetermined", "invalid_input", "204"}, "kz/idcard": {"undetermined", "invalid_input", "400"}}},
			{"坏号码", even, map[string]heard{"idcert": {"undetermined", "invalid_input", "205"}, "kz/idcard": {"undetermined", "invalid_input", "400"}}},
			{"维护", even, map[string]heard{"idcert": {"undetermined", "maintenance", "9999"}, "kz/idcard": {"undetermined", "unavailable", "501"}}},
		} {
			got, text := outer.verify(tt.name, tt.number)
			want := tt.want[use]
			if len(got.Attempts) != 1 || (heard{got.Verdict, got.Reason, got.Attempts[0].VendorCode}) != want {
				t.Errorf("%s, %s: want %+v, got %s", use, tt.name, want, text)
			}
			if want.reason == "" && !strings.Contains(text, `"vendor_ref":"ver_`) {
				t.Errorf("%s, %s: no reference in %s", use, tt.name, text)
			}
		}
	}
}

// TestDropinIsReloaded: the clients change while the daemon runs, a revoked purpose or a used-up
// package is told in the gateway's way, and another address needs a restart.
func TestDropinIsReloaded(t *testing.T) {
	t.Parallel()
	h, _, key := guarded(t, dropinFront)
	p := canarytest.Persons()[0]
	if code, body := h.idcard(key, p.Name, p.IDNumber); code != "" || !strings.Contains(body, `"status":"01"`) {
		t.Errorf("got %q, %s", code, body)
	}
	if code, body := h.idcard("heyan_other", p.Name, p.IDNumber); code != "A400AC" || body != "" {
		t.Errorf("a wrong key: got %q, %s", code, body)
	}
	h.reloadWith("configuration reloaded", func(c *config.Config) { c.Dropin.Clients = c.Dropin.Clients[:1] })
	if code, _ := h.idcard(key, p.Name, p.IDNumber); code != "I403AA" {
		t.Errorf("after the entry is gone: got %q", code)
	}
	h.reloadWith("configuration reload rejected", func(c *config.Config) { c.Dropin.Listen = "127.0.0.1:1" })
	h.expect("configuration reload rejected", "ERROR", `restart to change: dropin.listen`)
	h.metric(`heyan_dropin_answers_total{code="01",form="idcert"} 1`, `heyan_dropin_answers_total{code="I403AA",form="idcert"} 1`, `heyan_dropin_answers_total{code="501",form="kz/idcard"} 0`)
}

// TestDropinQuota: a used-up package of the vendor is told as the gateway tells it.
func TestDropinQuota(t *testing.T) {
	t.Parallel()
	h := start(t, dropinFront, "idcert-a")
	p := canarytest.Persons()[0]
	h.set("idcert-a", "quota_exhausted")
	for range 2 { // the second finds the gate closed
		if code, body := h.idcard("any", p.Name, p.IDNumber); code != "B403MQ" || body != "" {
			t.Errorf("got %q, %s", code, body)
		}
	}
}

// TestDropinHasTLS: the drop-in address has the certificate of the API, and ends with it.
func TestDropinHasTLS(t *testing.T) {
	t.Parallel()
	dir, pool := t.TempDir(), x509.NewCertPool()
	certified(t, dir, 1, pool)
	h := start(t, func(c *config.Config) {
		dropinFront(c)
		c.TLS = config.TLS{Mode: "files", Cert: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
	}, "idcert-a")
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	client := &http.Client{Transport: transport}
	resp, err := client.Get("https://" + h.at.DropinListen + "/idcard")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.Header.Get("X-Ca-Error-Code") != "A400MA" {
		t.Errorf("got %d %v", resp.StatusCode, resp.Header)
	}
	client.CloseIdleConnections()
	h.end()
	if conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", h.at.DropinListen); err == nil {
		_ = conn.Close()
		t.Error("the address is open after the end")
	}
}

// TestDropinCanaries sends two persons to the drop-in address in every form that a URL can have,
// and searches what leaves the daemon beside its answers: the log with all levels, OTLP traces,
// metrics and logs, /metrics, and the headers of errors.
func TestDropinCanaries(t *testing.T) {
	c := newCollector(t)
	c.export(t)
	h := start(t, func(cfg *config.Config) { dropinFront(cfg); impatient(cfg) }, "idcert-a")
	var out bytes.Buffer
	for _, p := range canarytest.Persons() {
		for _, mode := range []string{"normal", "maintenance", "reset_after_answer", "wrong_echo", "http_500"} {
			h.set("idcert-a", mode)
			h.idcard("any", p.Name, p.IDNumber)
		}
		h.spreadDropin(&out, p)
	}
	h.wait(func() bool {
		return c.has("/v1/traces", "heyan.exchange") && c.has("/v1/metrics", "heyan.dropin.answers") && c.has("/v1/logs", "drop-in request answered")
	})
	_, metrics := h.call("GET", "http://"+h.at.AdminListen+"/metrics", "")
	out.WriteString(metrics)
	h.end()
	outputs := map[string][]byte{"error headers and /metrics": out.Bytes(), "the log": []byte(h.logged())}
	for _, path := range []string{"/v1/traces", "/v1/metrics", "/v1/logs"} {
		outputs["OTLP "+path] = c.received[path]
	}
	for name, text := range outputs {
		if hits := canarytest.Hits(text, canarytest.Claims(canarytest.Persons()...)...); len(hits) > 0 {
			t.Errorf("%s: %v", name, hits)
		}
	}
}

// spreadDropin sends raw requests with a person in every part, also such that no server can read,
// and keeps the heads of the answers.
func (h *fixture) spreadDropin(out *bytes.Buffer, p canarytest.Person) {
	h.t.Helper()
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(p.Name)
	if err != nil {
		h.t.Fatal(err)
	}
	encoded := url.Values{"idCard": {p.IDNumber}, "name": {p.Name}}.Encode()
	form := url.Values{"idcard": {p.IDNumber}, "name": {p.Name}}.Encode()
	heads := []string{
		"GET /idcard?" + encoded, "HEAD /idcard?" + encoded, "POST /idcard?" + encoded, "GET /" + p.IDNumber + "?" + encoded, "GET /idcard?idCard=" + p.IDNumber + "&name=" + p.Name,
		"GET /idcard?idCard=" + p.IDNumber + "&name=" + gbk, "GET /idcard?idCard=" + p.IDNumber + "&name=%zz", "GET /idcard?idCard=" + p.IDNumber + ";name=" + p.Name,
		"GET /idcard?idCard=" + p.IDNumber + "&name=" + p.Name + " x", "GET /idcard?idCard=" + p.IDNumber + "\x01", p.Name + " /idcard?" + encoded, "GET //idcard?" + encoded,
		"GET " + kzPath + "?" + form, "POST " + kzPath + "?" + form, "GET http://" + p.IDNumber + "/idcard?" + encoded, "CONNECT " + p.IDNumber + ":443", "GET /idcard?" + strings.Repeat(encoded+"&", 300),
	}
	for _, head := range heads {
		for _, lines := range []string{
			"", "Authorization: APPCODE " + p.IDNumber + "\r\n", "Content-Type: " + p.Name + "\r\n", "Transfer-Encoding: " + p.IDNumber + "\r\n",
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n", "Traceparent: " + p.IDNumber + "\r\n", p.Name + "\r\n",
		} {
			h.raw(out, head+" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"+appcodeUnless(lines)+lines+"\r\nname=%")
		}
	}
}

// appcodeUnless returns the header of a key, unless the lines have one.
func appcodeUnless(lines string) string {
	if strings.HasPrefix(lines, "Authorization") {
		return ""
	}
	return "Authorization: APPCODE any\r\n"
}

// raw sends a request as it is and keeps the head of the answer.
func (h *fixture) raw(out *bytes.Buffer, request string) {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.at.DropinListen)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, request); err != nil {
		return // the server has closed it
	}
	answer, _ := io.ReadAll(conn) // a reset is an answer too
	head, body, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	out.Write(head)
	if !slices.Contains([]string{"", "{"}, string(body[:min(1, len(body))])) { // a body of JSON is the answer to the caller
		out.Write(body)
	}
}

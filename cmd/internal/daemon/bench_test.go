package daemon_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/heyan-id/heyan/config"
)

// BenchmarkServe is the daemon in front of the sandbox, over kept-alive connections
// from 32 callers, beside a plain reverse proxy in front of the same sandbox. The
// proxy is what a hop costs that checks, decides and records nothing.
func BenchmarkServe(b *testing.B) {
	h := start(b, func(c *config.Config) { c.Providers[0].Limits.Concurrency = 256 }, "idcert-a")
	v := h.sandbox.Vendors()[0]
	vendor, err := url.Parse(v.URL)
	if err != nil {
		b.Fatal(err)
	}
	hop := httputil.NewSingleHostReverseProxy(vendor)
	hop.Transport = &http.Transport{MaxIdleConnsPerHost: 256}
	proxy := httptest.NewServer(hop)
	defer proxy.Close()
	body := []byte(`{"check":"id_name","subject":{"name":"张三","id_number":"` + number + `"}}`)
	b.Run("heyan", func(b *testing.B) {
		load(b, func() (*http.Request, error) {
			r, err := http.NewRequest(http.MethodPost, "http://"+h.at.Listen+"/v1/verifications", bytes.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			return r, err
		})
	})
	b.Run("proxy", func(b *testing.B) {
		query := url.Values{"idCard": {number}, "name": {"张三"}}.Encode()
		load(b, func() (*http.Request, error) {
			r, err := http.NewRequest(http.MethodGet, proxy.URL+"/idcard?"+query, nil)
			r.Header.Set("Authorization", "APPCODE "+v.AppCode.Reveal())
			return r, err
		})
	})
	if st := h.sandbox.Stats()[v.Name]; st.ByCode["01"] != st.Requests {
		b.Errorf("of %d requests only %d were answered with a match", st.Requests, st.ByCode["01"])
	}
}

// BenchmarkDurable is the daemon with its ledger in memory and in SQLite, each call held
// and settled durably, from 32 callers over kept-alive connections; then with all that
// stands before a call by default: a consent that is looked up and used, and the guard,
// which counts durably too.
func BenchmarkDurable(b *testing.B) {
	b.Run("memory", func(b *testing.B) {
		askDurably(b, func(*config.Config) {}, func(*fixture, int) string { return question })
	})
	b.Run("sqlite", func(b *testing.B) {
		folder := b.TempDir()
		askDurably(b, func(c *config.Config) {
			c.Store = config.Store{Driver: "sqlite", DSN: "file:" + filepath.Join(folder, "heyan.db")}
		}, func(*fixture, int) string { return question })
	})
	b.Run("sqlite agreed", func(b *testing.B) {
		const uses = 1000 // the most that a consent may have
		var consents []string
		required := asks(b.TempDir())
		askDurably(b, func(c *config.Config) { required(c); c.Policy.Consent.Uses = uses }, func(h *fixture, n int) string {
			for len(consents)*uses <= n {
				consents = append(consents, h.agreeTo(fmt.Sprint("开立账户", len(consents))))
			}
			return fmt.Sprintf(`{"check":"id_name","app":"shop","purpose":"开立账户%d","subject":%s,"consent_id":%q}`, n/uses, subject, consents[n/uses])
		})
	})
}

// askDurably asks the daemon what ask makes of each number.
func askDurably(b *testing.B, change func(*config.Config), ask func(h *fixture, n int) string) {
	h := start(b, func(c *config.Config) { change(c); c.Providers[0].Limits.Concurrency = 256 }, "idcert-a")
	questions := make([]string, b.N)
	for n := range questions {
		questions[n] = ask(h, n)
	}
	var next atomic.Int64
	b.ResetTimer()
	load(b, func() (*http.Request, error) {
		r, err := http.NewRequest(http.MethodPost, "http://"+h.at.Listen+"/v1/verifications", strings.NewReader(questions[next.Add(1)-1]))
		r.Header.Set("Content-Type", "application/json")
		return r, err
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verifications/s")
}

func load(b *testing.B, request func() (*http.Request, error)) {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	b.SetParallelism(16) // 32 callers on two cores
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := request()
			if err != nil {
				b.Error(err)
				return
			}
			resp, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
				b.Errorf("status %d, %v", resp.StatusCode, err)
			}
			_ = resp.Body.Close()
		}
	})
}

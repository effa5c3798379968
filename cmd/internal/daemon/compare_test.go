package daemon_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/policy/access"
)

// Of BenchmarkCompare.
const (
	compareCallers = 32
	compareRounds  = 10 // in which the two take turns, so that a busy machine slows both
)

// BenchmarkCompare is a daemon with everything on (SQLite, API keys, a consent that is looked
// up and used, the guard against guessing, metrics, 1 % of the verifications traced to a
// collector) beside a plain reverse proxy, both in front of the same sandbox and from 32
// callers over kept-alive connections, in turns. It reports the throughput and the latency of
// both, and the ratio of the throughputs. Callers, sandbox and collector are in the same
// process and take their part of the processor.
//
//	go test -run - -bench Compare -benchtime 40000x ./cmd/internal/daemon
func BenchmarkCompare(b *testing.B) {
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer collector.Close()
	b.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.URL)
	h := start(b, func(c *config.Config) {
		asks(b.TempDir())(c)
		c.Auth.Mode, c.Policy.Consent.Uses, c.Telemetry.SampleRatio, c.Providers[0].Limits.Concurrency = "keys", usesPerConsent, 0.01, 256
	}, "idcert-a")
	_, key, err := h.keys.Issue(b.Context(), access.Key{Name: "bench", Tenant: "bank", Apps: []string{"shop"}, Scopes: access.Scopes()})
	if err != nil {
		b.Fatal(err)
	}
	h.key = key.Reveal()
	vendor := h.sandbox.Vendors()[0]
	target, err := url.Parse(vendor.URL)
	if err != nil {
		b.Fatal(err)
	}
	hop := httputil.NewSingleHostReverseProxy(target)
	hop.Transport = &http.Transport{MaxIdleConnsPerHost: 256}
	proxy := httptest.NewServer(hop)
	defer proxy.Close()
	query := "/idcard?" + url.Values{"idCard": {number}, "name": {"张三"}}.Encode()

	bodies := make([]string, b.N)
	h.fill(bodies)
	ours := newSide(func(n int) *http.Request {
		r, _ := http.NewRequest(http.MethodPost, "http://"+h.at.Listen+"/v1/verifications", strings.NewReader(bodies[n]))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+h.key)
		return r
	})
	plain := newSide(func(int) *http.Request {
		r, _ := http.NewRequest(http.MethodGet, proxy.URL+query, nil)
		r.Header.Set("Authorization", "APPCODE "+vendor.AppCode.Reveal())
		return r
	})
	b.ResetTimer()
	for round := range compareRounds {
		from, to := b.N*round/compareRounds, b.N*(round+1)/compareRounds
		ours.run(b, from, to)
		plain.run(b, from, to)
	}
	b.StopTimer()
	ours.report(b, "heyan")
	plain.report(b, "proxy")
	b.ReportMetric(ours.rate()/plain.rate(), "ratio")
	b.ReportMetric(0, "ns/op") // of both together, which says nothing
}

// usesPerConsent is the most that a consent may have.
const usesPerConsent = 1000

// fill writes requests on consents, of which each is used as often as it may be.
func (h *fixture) fill(bodies []string) {
	consent, purpose := "", ""
	for n := range bodies {
		if n%usesPerConsent == 0 {
			purpose = fmt.Sprint("开立账户", n/usesPerConsent)
			consent = h.agreeTo(purpose)
		}
		bodies[n] = fmt.Sprintf(`{"check":"id_name","app":"shop","purpose":%q,"subject":%s,"consent_id":%q}`, purpose, subject, consent)
	}
}

// side is one of the two that are compared.
type side struct {
	client  *http.Client
	request func(n int) *http.Request
	elapsed time.Duration

	mu    sync.Mutex
	times []time.Duration
}

func newSide(request func(n int) *http.Request) *side {
	return &side{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * compareCallers}}, request: request}
}

// run sends the requests from one number to another.
func (s *side) run(b *testing.B, from, to int) {
	begun := time.Now()
	numbers := make(chan int)
	var callers sync.WaitGroup
	for range compareCallers {
		callers.Go(func() {
			var times []time.Duration
			for n := range numbers {
				times = append(times, s.one(b, n))
			}
			s.mu.Lock()
			s.times = append(s.times, times...)
			s.mu.Unlock()
		})
	}
	for n := from; n < to; n++ {
		numbers <- n
	}
	close(numbers)
	callers.Wait()
	s.elapsed += time.Since(begun)
}

func (s *side) one(b *testing.B, n int) time.Duration {
	r := s.request(n)
	begun := time.Now()
	resp, err := s.client.Do(r)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(`"01"`)) && !bytes.Contains(text, []byte(`"match"`)) {
		b.Errorf("status %d, %v: %.300s", resp.StatusCode, err, text)
	}
	return time.Since(begun)
}

func (s *side) rate() float64 { return float64(len(s.times)) / s.elapsed.Seconds() }

func (s *side) report(b *testing.B, name string) {
	s.client.CloseIdleConnections()
	slices.Sort(s.times)
	at := func(q float64) float64 { return s.times[int(q*float64(len(s.times)-1))].Seconds() * 1000 }
	b.ReportMetric(s.rate(), name+"/s")
	b.ReportMetric(at(0.5), name+"-p50-ms")
	b.ReportMetric(at(0.99), name+"-p99-ms")
}

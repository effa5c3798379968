//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// The overload: places for requests, how long a vendor takes, and who sends.
const (
	overloadPlaces  = 40
	overloadLatency = 500 * time.Millisecond
	overloadTenants = 20 // the last one is abusive
)

// TestOverload sends ten times what a daemon on SQLite can process, nearly all of it by one of
// 20 tenants; the others ask for half of what there is. With HEYAN_PROVE it takes a minute and
// what the others get, and what the daemon still processes, are bounded; the short form has the
// same load for a moment, and bounds no time.
func TestOverload(t *testing.T) {
	t.Parallel()
	length, warm := time.Second, time.Second
	if os.Getenv("HEYAN_PROVE") != "" {
		length, warm = time.Minute, 10*time.Second
	}
	o := startOverload(t)
	peak := float64(o.saturate(warm)) / warm.Seconds()
	var load sync.WaitGroup
	each := time.Duration(float64(time.Second) / (peak / 2 / (overloadTenants - 1)))
	for tenant := range overloadTenants - 1 {
		load.Go(func() { o.send(tenant, each, length) })
	}
	load.Go(func() { o.send(overloadTenants-1, time.Duration(float64(time.Second)/(10*peak)), length) })
	load.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	goodput := 0
	others, abusive := tally{}, o.tallies[overloadTenants-1]
	for tenant, one := range o.tallies {
		if goodput += one.served; tenant < overloadTenants-1 {
			others.served, others.refused, others.failed = others.served+one.served, others.refused+one.refused, others.failed+one.failed
		}
	}
	slices.Sort(abusive.waits)
	median := time.Duration(0)
	if len(abusive.waits) > 0 {
		median = abusive.waits[len(abusive.waits)/2]
	}
	share := float64(others.served) / float64(max(1, others.served+others.refused+others.failed))
	ratio := float64(goodput) / length.Seconds() / peak
	t.Logf("peak %.0f/s, goodput %.0f/s = %.3f of it; others: %d served, %d refused, %d failed, share %.5f; abusive: %d served, %d refused, %d failed; median refusal %v",
		peak, float64(goodput)/length.Seconds(), ratio, others.served, others.refused, others.failed, share, abusive.served, abusive.refused, abusive.failed, median)
	if abusive.refused == 0 || others.failed+abusive.failed > 0 {
		t.Error("no request of the abusive tenant was refused, or a request had another answer than 200 and 503")
	}
	if length == time.Minute && (ratio < 0.9 || share < 0.999 || median > 5*time.Millisecond) {
		t.Error("want a goodput of 0.9, a share of 0.999 and a refusal within 5 ms")
	}
}

// tally is what became of a tenant's requests.
type tally struct {
	served, refused, failed int
	waits                   []time.Duration // for refusals
}

// overload is a daemon with a key for each tenant.
type overload struct {
	*callers

	keys    []string
	client  *http.Client
	tallies []tally
}

func startOverload(t *testing.T) *overload {
	t.Helper()
	fake := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "idcert-a"}}})
	if err := fake.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: "normal", LatencyMS: overloadLatency.Milliseconds()}); err != nil {
		t.Fatal(err)
	}
	v, dir := fake.Vendors()[0], t.TempDir()
	transport := &http.Transport{MaxIdleConnsPerHost: 1000}
	t.Cleanup(transport.CloseIdleConnections)
	o := &overload{client: &http.Client{Transport: transport}, tallies: make([]tally, overloadTenants), callers: &callers{
		t: t, config: filepath.Join(dir, "heyan.yaml"), started: make(chan struct{}),
		wrapped: []string{"env", "-u", "HEYAN_PROVE"}, // which is no setting of the daemon
		environ: []string{"CODE=" + v.AppCode.Reveal(), "KEY=the key of a test's fingerprints"},
	}}
	text := fmt.Sprintf("listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\nmax_requests: %d\nstore: {driver: sqlite, dsn: %q}\nidempotency: {key: \"env:KEY\"}\n"+
		"log: {level: error}\npolicy: {consent: {mode: off}}\nproviders:\n"+
		"  - {name: idcert-a, use: idcert, settings: {base_url: %q, appcode: \"env:CODE\"}, limits: {concurrency: 256, timeout: 30s}}\nroutes: [{check: id_name, providers: [idcert-a]}]\n",
		overloadPlaces, "file:"+filepath.Join(dir, "heyan.db"), v.URL)
	if err := os.WriteFile(o.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for tenant := range overloadTenants {
		create := exec.CommandContext(t.Context(), "env", "-u", "HEYAN_PROVE", self, "key", "create", "--config", o.config, "--name", "load", "--scope", "verify", "--tenant", fmt.Sprint("t", tenant))
		create.Env = append(os.Environ(), append(o.environ, beHeyan+"=1")...)
		key, err := create.Output()
		if err != nil {
			t.Fatal(err)
		}
		o.keys = append(o.keys, strings.TrimSpace(string(key)))
	}
	t.Cleanup(o.kill)
	o.start()
	return o
}

// ask sends a request of a tenant and returns the status, 0 without an answer.
func (o *overload) ask(ctx context.Context, tenant int) int {
	const body = `{"check":"id_name","subject":{"name":"张三","id_number":"11010519491231002X"}}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+o.address+"/v1/verifications", strings.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+o.keys[tenant])
	resp, err := o.client.Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0
	}
	return resp.StatusCode
}

// saturate has as many callers as there are places, of all tenants, for a time, and returns
// the number of their answers.
func (o *overload) saturate(length time.Duration) (served int) {
	end := time.Now().Add(length)
	var callers sync.WaitGroup
	for n := range overloadPlaces {
		callers.Go(func() {
			for time.Now().Before(end) {
				if status := o.ask(o.t.Context(), n%overloadTenants); status == http.StatusOK {
					o.mu.Lock()
					served++
					o.mu.Unlock()
				}
			}
		})
	}
	callers.Wait()
	return max(served, 1)
}

// send sends requests of a tenant at a rate for a time, whatever becomes of them.
func (o *overload) send(tenant int, every, length time.Duration) {
	var sent sync.WaitGroup
	defer sent.Wait()
	beat := time.NewTicker(min(every, length))
	defer beat.Stop()
	end, begun, n := time.After(length), time.Now(), 0
	for {
		select {
		case <-beat.C:
		case <-end:
			return
		}
		// A ticker drops beats on a busy machine; what is due is sent anyway.
		for ; time.Duration(n)*every < time.Since(begun); n++ {
			sent.Go(func() {
				began := time.Now()
				o.note(tenant, o.ask(o.t.Context(), tenant), time.Since(began))
			})
		}
	}
}

func (o *overload) note(tenant, status int, wait time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch one := &o.tallies[tenant]; status {
	case http.StatusOK:
		one.served++
	case http.StatusServiceUnavailable:
		one.refused++
		one.waits = append(one.waits, wait)
	default:
		one.failed++
	}
}

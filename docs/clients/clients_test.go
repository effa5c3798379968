package clients

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The persons of the cases are fictitious.
const (
	name, number  = "张三", "11010519491231002X"
	other         = "420106199506159063"
	noRecord      = "无记录"
	third         = "310101198802140023"
	problemHeader = "application/problem+json"
)

// testCase is a row for every language. In a task, $NAME stands for the id that an earlier
// case saved.
type testCase struct {
	name   string
	faults []fault
	always bool // the last fault remains
	outage bool // the first vendor answers 9999 once
	task   task
	want   result
	saves  string
	sameAs string // the case's id is the one that was saved as this
	least  int    // requests that reach the proxy; exactly as many unless always
	billed int
}

// TestClients runs the example and all cases with each client.
func TestClients(t *testing.T) {
	t.Parallel()
	program := build(t)
	for _, l := range languages() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			command, example := l.programs(t)
			d := startDaemon(t, program)
			t.Run("example", func(t *testing.T) { d.runExample(t, example) })
			if command == nil {
				return // curl is no client; its example is on the page
			}
			m := matrix{d, startProxy(t, d.url), startDriver(t, command), map[string]string{}, map[string]bool{}}
			for _, c := range cases() {
				t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) { m.run(t, &c) })
			}
		})
	}
}

// matrix is what the cases of a language share.
type matrix struct {
	daemon daemon
	proxy  *proxy
	driver driver
	saved  map[string]string
	keys   map[string]bool // idempotency keys of earlier cases
}

func (m matrix) run(t *testing.T, c *testCase) {
	work := m.fill(c.task)
	m.proxy.set(c.faults, c.always)
	if c.outage {
		m.daemon.maintenance()
	}
	before := m.daemon.billed()
	got := m.driver.do(t, &work)
	if n := m.daemon.billed() - before; n != c.billed {
		t.Errorf("%d answers were billed, want %d", n, c.billed)
	}
	for _, secret := range []string{name, number, other, third, m.daemon.key} {
		if strings.Contains(got.Printed, secret) {
			t.Errorf("printed in clear: %s", got.Printed)
		}
	}
	m.checkRequests(t, c, &work, &got)
	if c.saves != "" {
		m.saved["$"+c.saves] = got.ID
	}
	if c.sameAs != "" && got.ID != m.saved["$"+c.sameAs] {
		t.Errorf("id %q, want that of the earlier %s", got.ID, c.sameAs)
	}
	want := c.want
	if want.Attempts == nil {
		got.Attempts = nil
	}
	got.ID, got.IdempotencyKey, got.Tries, got.Printed = "", "", 0, ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// fill completes a task.
func (m matrix) fill(w task) task {
	defaults := task{
		BaseURL: m.proxy.URL, Key: m.daemon.key, TimeoutMS: 20_000, Check: "id_name", Name: name, IDNumber: number,
		Purpose: "account_opening", App: "shop",
	}
	for _, field := range []struct{ have, otherwise *string }{
		{&w.BaseURL, &defaults.BaseURL}, {&w.Key, &defaults.Key}, {&w.Check, &defaults.Check}, {&w.Name, &defaults.Name},
		{&w.IDNumber, &defaults.IDNumber}, {&w.Purpose, &defaults.Purpose}, {&w.App, &defaults.App},
	} {
		if *field.have == "" {
			*field.have = *field.otherwise
		}
	}
	if w.TimeoutMS == 0 {
		w.TimeoutMS = defaults.TimeoutMS
	}
	for _, id := range []*string{&w.ID, &w.ConsentID} {
		if strings.HasPrefix(*id, "$") {
			*id = m.saved[*id]
		}
	}
	return w
}

// checkRequests: as many requests as expected, with one idempotency key of this call alone.
func (m matrix) checkRequests(t *testing.T, c *testCase, work *task, got *result) {
	t.Helper()
	seen, lost := m.proxy.seen()
	if n := len(seen); n < c.least || n > c.least && !c.always {
		t.Errorf("%d requests, want %d", n, c.least)
	}
	if got.ID != "" && lost != "" && !strings.Contains(lost, `"id":"`+got.ID+`"`) {
		t.Errorf("the id is %s, and the lost response was %s", got.ID, lost)
	}
	keys := slices.Compact(slices.Clone(seen))
	if work.Op != "verify" || len(keys) == 0 {
		return
	}
	switch key := keys[0]; {
	case len(keys) != 1 || key == "":
		t.Errorf("the tries have the keys %q, want the same", seen)
	case work.IdempotencyKey != "" && key != work.IdempotencyKey:
		t.Errorf("the key was %q, want %q", key, work.IdempotencyKey)
	case work.IdempotencyKey == "" && m.keys[key]:
		t.Errorf("the key %q is that of an earlier call", key)
	case got.Error != "" && got.IdempotencyKey != key:
		t.Errorf("the error names the key %q, want %q", got.IdempotencyKey, key)
	default:
		m.keys[key] = true
	}
}

func problem(status int, name, retryAfter string) fault {
	f := fault{status: status, header: http.Header{"Content-Type": {problemHeader}}, body: `{"type":"urn:heyan:problem:` + name + `","title":"x","status":0}`}
	if retryAfter != "" {
		f.header.Set("Retry-After", retryAfter)
	}
	return f
}

func answer(body string) fault {
	return fault{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

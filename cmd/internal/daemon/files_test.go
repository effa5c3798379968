package daemon

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/metric/noop"

	"github.com/heyan-id/heyan/cmd/internal/rpcapi"
	"github.com/heyan-id/heyan/config"
)

// TestDue: a change is taken when two readings in a row agree, once, however the file is replaced.
func TestDue(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	type act func(t *testing.T, dir string)
	nothing := func(*testing.T, string) {}
	for _, test := range []struct {
		name string
		acts []act  // one before each reading
		want string // of each reading: whether a reload is due
	}{
		{"nothing", []act{nothing, nothing, nothing}, "---"},
		{"written in place", []act{func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "b") }, nothing, nothing}, "-x-"},
		{"truncated, then written", []act{func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "") },
			func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "b") }, nothing, nothing}, "--x-"},
		{"ten saves", []act{
			func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "1") }, func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "2") },
			func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "3") }, func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "4") }, nothing, nothing,
		}, "----x-"},
		{"saved and undone", []act{func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "b") }, func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "a") }, nothing}, "---"},
		{"the link of a volume", []act{func(t *testing.T, dir string) {
			must(t, os.Symlink("two", dir+"/next"))
			must(t, os.Rename(dir+"/next", dir+"/data"))
		}, nothing, nothing}, "-x-"},
		{"renamed over", []act{func(t *testing.T, dir string) {
			write(t, dir+"/one/new", "b")
			must(t, os.Rename(dir+"/one/new", dir+"/one/heyan.yaml"))
		}, nothing, nothing}, "-x-"},
		{"deleted and made again at once", []act{func(t *testing.T, dir string) { must(t, os.Remove(dir+"/one/heyan.yaml")) },
			func(t *testing.T, dir string) { write(t, dir+"/one/heyan.yaml", "a") }, nothing}, "---"},
		{"deleted", []act{func(t *testing.T, dir string) { must(t, os.Remove(dir+"/one/heyan.yaml")) }, nothing, nothing}, "-x-"},
		{"a notice in the folder", []act{func(t *testing.T, dir string) { write(t, dir+"/notices/a.md", "a") }, nothing, nothing}, "-x-"},
		{"a file of rules", []act{func(t *testing.T, dir string) { write(t, dir+"/rules.yaml", "b") }, nothing, nothing}, "-x-"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, folder := range []string{"one", "two", "notices"} {
				must(t, os.Mkdir(filepath.Join(dir, folder), 0o700))
			}
			write(t, dir+"/one/heyan.yaml", "a")
			write(t, dir+"/two/heyan.yaml", "b")
			write(t, dir+"/rules.yaml", "a")
			must(t, os.Symlink("one", dir+"/data"))
			status := newReloadStatus(noop.Int64Counter{})
			c := config.Defaults()
			c.Policy.Rules, c.Policy.Consent.Notices = []string{dir + "/rules.yaml"}, dir+"/notices"
			o := Options{Config: c, File: dir + "/data/heyan.yaml"}
			r := newReloader(&daemon{status: status, options: o, began: beginning(o)})
			var got strings.Builder
			for _, act := range test.acts {
				act(t, dir)
				if !r.due() {
					got.WriteByte('-')
					continue
				}
				got.WriteByte('x')
				if v := r.status.view(); v.State != "changed" {
					t.Errorf("the state is %q, want changed", v.State)
				}
				r.tried = r.last // as a rejected reload does
			}
			if got.String() != test.want {
				t.Errorf("reloads were due at %q, want %q", got.String(), test.want)
			}
		})
	}
}

// TestGenerationEnds: a generation ends with its last request, and takes none after it was replaced.
func TestGenerationEnds(t *testing.T) {
	t.Parallel()
	g := &generation{replaced: make(chan struct{}), idle: make(chan struct{})}
	ended := func() bool {
		select {
		case <-g.idle:
			return true
		default:
			return false
		}
	}
	for range 2 {
		if !g.begin() {
			t.Fatal("a request was refused")
		}
	}
	g.done()
	g.replace()
	if g.begin() || ended() {
		t.Errorf("it took a request after it was replaced, or ended before its last one: %v", ended())
	}
	g.done()
	if !ended() {
		t.Error("it did not end with its last request")
	}
}

// TestWatchHoldsNoGeneration: a replaced generation ends although a stream of health goes on that
// was begun with it, but not before a request that was begun with it.
func TestWatchHoldsNoGeneration(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{rpcapi.WatchPath: 0, "/v1/verifications": 1} {
		g := &generation{replaced: make(chan struct{}), idle: make(chan struct{})}
		var d daemon
		d.current.Store(g)
		got := -1
		handler := func(*generation) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got = g.requests })
		}
		d.front(handler).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, path, nil))
		if got != want || g.requests != 0 {
			t.Errorf("%s: %d requests while it was served, want %d; %d after it", path, got, want, g.requests)
		}
	}
}

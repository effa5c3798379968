//go:build unix

package plugins

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	p := opened(t, spec(t, "good"))
	if diff := cmp.Diff([]idv.Descriptor{toyCard("1.0.0")}, p.Products()); diff != "" {
		t.Errorf("descriptor (-want +got):\n%s", diff)
	}
	s := p.State()
	if _, sum := self(); !s.Ready() || s.PID == 0 || s.SHA256 != sum || s.Version != "1.0.0" || s.Restarts != 0 {
		t.Errorf("state %+v, want ready, with a process, its version and its sum", s)
	}
	vendor := &toyVendor{calls: map[string]int{}}
	provider := providers.NewProvider(codecOf(t, p), vendor)
	for n := range 10 {
		q := person(n)
		got, err := provider.Ask(t.Context(), q)
		if err != nil || got.Verdict != want(q.Subject.IDNumber) || got.Charge != idv.Charged || got.VendorRef != "ref-1" {
			t.Errorf("person %d: got %+v, %v", n, got, err)
		}
	}
}

// What the configuration or the file gets wrong: an error names plugin and remedy,
// at once, and nothing is started.
func TestRefused(t *testing.T) {
	t.Parallel()
	path, sum := self()
	dir := shortDir(t)
	write := func(name string, mode os.FileMode, content string) string {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(file, []byte(content), 0o600), os.Chmod(file, mode)); err != nil {
			t.Fatal(err)
		}
		return file
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*Spec)
		want   Reason
	}{
		{"no name", func(s *Spec) { s.Name = "Toy/.." }, ReasonSpec},
		{"no path", func(s *Spec) { s.Path = "" }, ReasonSpec},
		{"a sum that is none", func(s *Spec) { s.SHA256 = "abc" }, ReasonSpec},
		{"a variable of ours", func(s *Spec) { s.Env = []string{"HEYAN_PLUGIN=x"} }, ReasonSpec},
		{"a negative time", func(s *Spec) { s.PingEvery = -1 }, ReasonSpec},
		{"no sum", func(s *Spec) { s.SHA256 = "" }, ReasonUnpinned},
		{"missing", func(s *Spec) { s.Path = filepath.Join(dir, "nothing") }, ReasonMissing},
		{"a folder", func(s *Spec) { s.Path = dir }, ReasonNotAFile},
		{"a link", func(s *Spec) { s.Path = link }, ReasonNotAFile},
		{"not executable", func(s *Spec) { s.Path = write("plain", 0o600, "x") }, ReasonNotExecutable},
		{"empty", func(s *Spec) { s.Path = write("empty", 0o700, "") }, ReasonNotExecutable},
		{"writable by everyone", func(s *Spec) { s.Path = write("open", 0o777, "x") }, ReasonUnsafeFile},
		{"another file", func(s *Spec) { s.SHA256 = strings.Repeat("0", 64) }, ReasonChecksum},
		{"no program", func(s *Spec) {
			s.Path, s.SHA256, s.AllowUnpinned = write("text", 0o700, "this is no program"), "", true
		}, ReasonNotExecutable},
		{"a script without its interpreter", func(s *Spec) {
			s.Path, s.SHA256, s.AllowUnpinned = write("script", 0o700, "#!/no/such/thing\n"), "", true
		}, ReasonNotExecutable},
		{"no folder", func(s *Spec) { s.TempDir = filepath.Join(dir, "nothing") }, ReasonFolder},
		{"a long folder", func(s *Spec) {
			s.TempDir = filepath.Join(dir, strings.Repeat("x", 80))
			if err := os.Mkdir(s.TempDir, 0o700); err != nil {
				t.Fatal(err)
			}
		}, ReasonFolder},
		{"another version", func(s *Spec) { s.Version = "1.0.1" }, ReasonVersion},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := spec(t, "good")
			s.SHA256 = sum
			tt.change(&s)
			refuses(t, s, tt.want)
		})
	}
}

// refuses opens what must not open and looks at the error and at what is left.
func refuses(t *testing.T, s Spec, want Reason) {
	t.Helper()
	p, err := Open(t.Context(), s)
	if err == nil {
		closed(t, p)
		t.Fatalf("it opened, want %s", want)
	}
	var e *Error
	if !errors.As(err, &e) || e.Reason != want || e.Plugin != s.Name {
		t.Fatalf("got %v, want the reason %s", err, want)
	}
	if text := err.Error(); !strings.Contains(text, "plugin "+s.Name+": "+want.What()) || !strings.HasSuffix(text, want.Remedy()) || want.Remedy() == "" {
		t.Errorf("the error %q does not name plugin, fault and remedy", text)
	}
	if left, err := filepath.Glob(filepath.Join(s.TempDir, dirPattern+"*")); err != nil || len(left) > 0 {
		t.Errorf("%q is left, %v", left, err)
	}
}

// Plugins that start badly.
func TestBadStart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		role string
		want Reason
	}{
		{"old", ReasonProtocol},
		{"version", ReasonProtocol},
		{"core", ReasonProtocol},
		{"netrpc", ReasonProtocol},
		{"garbage", ReasonHandshake},
		{"chatty", ReasonHandshake},
		{"foreign", ReasonHandshake},
		{"closed", ReasonHandshake},
		{"long", ReasonHandshake},
		{"exit", ReasonStartExit},
		{"silent", ReasonStartTimeout},
		{"bare", ReasonConnection},
		{"empty", ReasonDescriptor},
	}
	for _, tt := range tests {
		t.Run(tt.role, func(t *testing.T) {
			t.Parallel()
			s := spec(t, tt.role)
			if tt.want == ReasonStartTimeout {
				s.StartTimeout = 50 * time.Millisecond
			}
			refuses(t, s, tt.want)
		})
	}
}

// A plugin of the first protocol version is refused by its handshake, before any call, and
// the error names both versions and the remedy.
func TestOldPlugin(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), spec(t, "old"))
	if !errors.Is(err, &Error{Reason: ReasonProtocol}) {
		t.Fatalf("got %v, want %s", err, ReasonProtocol)
	}
	for _, part := range []string{"version 1, heyan uses 2", "rebuild", "provider.proto"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not say %q", err, part)
		}
	}
}

// A plugin in a language without certificates can do without, if it is allowed to. One
// that gives a certificate all the same is not believed to have asked for it.
func TestPlaintext(t *testing.T) {
	t.Parallel()
	s := spec(t, "good")
	s.Plaintext = true
	if _, err := codecOf(t, opened(t, s)).Encode(person(1)); err != nil {
		t.Error(err)
	}
	odd := spec(t, "bare-cert")
	odd.Plaintext = true
	refuses(t, odd, ReasonHandshake)
}

func TestOpenKeepsTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, spec(t, "silent")); !errors.Is(err, &Error{Reason: ReasonStartTimeout}) {
		t.Errorf("got %v, want %s", err, ReasonStartTimeout)
	}
}

// A script runs from a private copy, and finds its own folder.
func TestScript(t *testing.T) {
	t.Parallel()
	path, _ := self()
	s := spec(t, "good")
	s.Path = filepath.Join(shortDir(t), "plugin.sh")
	script := "#!/bin/sh\ntest -f \"$HEYAN_PLUGIN_DIR/plugin.sh\" || exit 1\nexec " + path + "\n"
	if err := os.WriteFile(s.Path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	s.SHA256, s.AllowUnpinned = "", true
	if p := opened(t, s); !p.State().Ready() {
		t.Errorf("state %+v, want ready", p.State())
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	p := opened(t, spec(t, "good"))
	if _, err := productOf(t, p).Factory().New(providers.Settings{"mood": "bad"}); !errors.Is(err, &Error{Reason: ReasonSettings}) || !strings.Contains(err.Error(), "the mood is bad") {
		t.Errorf("got %v, want the plugin's own words", err)
	}
	if _, err := productOf(t, p).Factory().New(providers.Settings{"mood": "good"}); err != nil {
		t.Errorf("good settings: %v", err)
	}
	if _, err := productOf(t, p).Provider(t.Context(), nil, nil); !errors.Is(err, &Error{Reason: ReasonSettings}) {
		t.Errorf("a codec as a provider: got %v, want a refusal", err)
	}
}

package plugins

import (
	"cmp"
	"encoding/hex"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/plugins/internal/wire"
)

// Spec says which program is a plugin and how it is run. Name, Path and SHA256 are
// required; the zero value of the rest is sane.
type Spec struct {
	Name    string   // the configured name; stands in errors, logs and metrics
	Path    string   // of the program: a file, no link
	SHA256  string   // of the file, in hex
	Version string   // that its descriptor must have; "" for any
	Args    []string // after the program's name
	Env     []string // NAME=value, on top of the little that a plugin gets

	// AllowUnpinned runs the program without a sha256. It is for a plugin under
	// development: whoever can write the file can then answer for the vendor.
	AllowUnpinned bool
	// Plaintext does without certificates, for a plugin in a language that cannot
	// make them. The socket is still in a folder that only this user can enter.
	Plaintext bool

	StartTimeout time.Duration // from the start of the process to its descriptor; 5 s if 0
	CallTimeout  time.Duration // the longest Encode or Decode where the caller sets no limit; 2 s if 0. Three in a row that take longer are a hang
	PingEvery    time.Duration // how often it is asked whether it is well, and how long it may take to say so; 3 s if 0
	DrainTimeout time.Duration // how long calls may go on in a plugin that is being replaced; 30 s if 0

	TempDir string       // where the folder for its socket is made; os.TempDir if ""
	Logger  *slog.Logger // for its states and its own log lines; nil for none
	// OnState is told each new state, one after the other, and must return soon.
	OnState func(State)
}

// patience is how long a call waits for a plugin that is being started again. A
// restart takes less, and the caller's own deadline is seconds away.
const restartWait = 150 * time.Millisecond

func (s Spec) withDefaults() Spec {
	s.StartTimeout = cmp.Or(s.StartTimeout, 5*time.Second)
	s.CallTimeout = cmp.Or(s.CallTimeout, 2*time.Second)
	s.PingEvery = cmp.Or(s.PingEvery, 3*time.Second)
	s.DrainTimeout = cmp.Or(s.DrainTimeout, 30*time.Second)
	s.SHA256 = strings.ToLower(s.SHA256)
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	if s.OnState == nil {
		s.OnState = func(State) {}
	}
	return s
}

// fault makes an error about this plugin.
func (s Spec) newError(r Reason, detail string) *Error { return &Error{s.Name, r, detail} }

func (s Spec) check() error {
	switch {
	case !wire.ServiceName(s.Name):
		return s.newError(ReasonSpec, "its name is not made of a-z, 0-9, - and _")
	case s.Path == "" || strings.ContainsRune(s.Path, 0):
		return s.newError(ReasonSpec, "it has no path")
	case s.SHA256 == "" && !s.AllowUnpinned:
		return s.newError(ReasonUnpinned, "")
	case min(s.StartTimeout, s.CallTimeout, s.PingEvery, s.DrainTimeout) < 0:
		return s.newError(ReasonSpec, "a duration is negative")
	}
	if sum, err := hex.DecodeString(s.SHA256); s.SHA256 != "" && (err != nil || len(sum) != 32) {
		return s.newError(ReasonSpec, "its sha256 is not 64 hexadecimal digits")
	}
	if slices.ContainsFunc(s.Env, reservedEnv) {
		return s.newError(ReasonSpec, "an entry of its environment is not NAME=value, or is one that heyan sets")
	}
	return nil
}

func reservedEnv(entry string) bool {
	name, _, ok := strings.Cut(entry, "=")
	return !ok || name == "" || strings.HasPrefix(name, "PLUGIN_") || strings.HasPrefix(name, cookieKey)
}

// folderOf returns the folder of the program as it was configured.
func (s Spec) folderOf() string {
	abs, err := filepath.Abs(s.Path)
	if err != nil {
		abs = s.Path
	}
	return filepath.Dir(abs)
}

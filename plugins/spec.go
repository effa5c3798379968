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

// Spec describes a plugin and how to run it. Name, Path and SHA256 are required; the
// zero values of the other fields are sound defaults.
type Spec struct {
	Name    string   // the configured name, used in errors, logs and metrics
	Path    string   // of the program; not a symbolic link
	SHA256  string   // of the file, in hex
	Version string   // the required version of all its products; "" accepts any
	Args    []string // arguments after the program name
	Env     []string // NAME=value, in addition to the inherited variables

	// AllowUnpinned runs the program without a sha256, for a plugin under development.
	// Anyone who can write the file then controls the answers.
	AllowUnpinned bool
	// Plaintext disables TLS, for a plugin in a language that cannot make certificates.
	// The socket still lies in a directory that only this user can enter.
	Plaintext bool

	StartTimeout time.Duration // from the start of the process to its descriptor; 5 s if 0
	CallTimeout  time.Duration // limit of Encode and Decode without a deadline of the caller; 2 s if 0. Three slower calls in a row count as a hang
	PingEvery    time.Duration // interval of health checks and the limit of each; 3 s if 0
	DrainTimeout time.Duration // limit for calls in flight at a plugin that is being replaced; 30 s if 0

	// LogMessages are constant sentences that the plugin may log. Its other lines are
	// withheld and counted, since they may hold a claim in any form.
	LogMessages []string
	// LogRaw forwards all lines, for a plugin under development with fictitious persons.
	LogRaw bool

	TempDir string       // parent of the plugin's private directory; os.TempDir if ""
	Logger  *slog.Logger // receives state changes and the plugin's log; nil discards them
	// OnState receives every new state, one at a time. It must return soon.
	OnState func(State)
}

// restartWait is how long a call waits for a plugin that is restarting. A restart
// usually takes less, and callers have deadlines of a few seconds.
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

// newError returns an error about this plugin.
func (s Spec) newError(r Reason, detail string) *Error { return &Error{s.Name, r, detail} }

func (s Spec) check() error {
	switch {
	case !wire.ServiceName(s.Name):
		return s.newError(ReasonSpec, "name: must consist of a-z, 0-9, - and _, up to 64 characters")
	case s.Path == "" || strings.ContainsRune(s.Path, 0):
		return s.newError(ReasonSpec, "path: must not be empty")
	case s.SHA256 == "" && !s.AllowUnpinned:
		return s.newError(ReasonUnpinned, "")
	case min(s.StartTimeout, s.CallTimeout, s.PingEvery, s.DrainTimeout) < 0:
		return s.newError(ReasonSpec, "a duration is negative; use 0 for the default")
	}
	if sum, err := hex.DecodeString(s.SHA256); s.SHA256 != "" && (err != nil || len(sum) != 32) {
		return s.newError(ReasonSpec, "sha256: must be 64 hexadecimal digits")
	}
	if slices.Contains(s.LogMessages, "") {
		return s.newError(ReasonSpec, "log_messages: must not hold an empty text")
	}
	if slices.ContainsFunc(s.Env, reservedEnv) {
		return s.newError(ReasonSpec, "env: must be NAME=value and not a variable that heyan sets")
	}
	return nil
}

func reservedEnv(entry string) bool {
	name, _, ok := strings.Cut(entry, "=")
	return !ok || name == "" || strings.HasPrefix(name, "PLUGIN_") || strings.HasPrefix(name, cookieKey)
}

// programDir returns the directory of the configured program.
func (s Spec) programDir() string {
	abs, err := filepath.Abs(s.Path)
	if err != nil {
		abs = s.Path
	}
	return filepath.Dir(abs)
}

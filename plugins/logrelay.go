package plugins

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/heyan-id/heyan/engine/idv"
)

// logRelay forwards a plugin's log lines to the host's log, as far as the allowlist goes,
// and counts the rest. It counts lines above the rate limit instead of logging them.
//
// With Spec.LogRaw it forwards every line. It then masks what is known to be part of a
// claim, which is a help and no guarantee.
type logRelay struct {
	log      *slog.Logger
	limit    *rate.Limiter
	report   rate.Sometimes // reports withheld lines
	withheld atomic.Int64   // lines and attributes that are not on the allowlist
	forms    *regexp.Regexp // matches what is masked

	mu      sync.Mutex
	asked   map[*idv.Subject]struct{} // subjects of the calls in flight
	dropped int
	allowed logAllowlist
	raw     bool
}

const (
	maxLine     = 8 << 10
	maxShown    = 4096 // bytes of a text; a stack is long
	maxAttrs    = 16
	linesPerSec = 50
	linesAtOnce = 200
	fromPlugin  = "plugin log line"
	hiddenLine  = "(withheld: the line holds a claim)"
)

func newLogRelay(log *slog.Logger, name string) *logRelay {
	return &logRelay{
		log: log.With("plugin", name), limit: rate.NewLimiter(linesPerSec, linesAtOnce),
		forms: personalForms(), asked: map[*idv.Subject]struct{}{}, report: rate.Sometimes{First: 1, Interval: time.Minute},
	}
}

// configure applies a specification.
func (r *logRelay) configure(s Spec) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.allowed, r.raw = logAllowlist{s.LogMessages}, s.LogRaw
}

// enter registers the subject of a call that goes to the plugin; the result is for
// leave.
func (r *logRelay) enter(s idv.Subject) *idv.Subject {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[&s] = struct{}{}
	return &s
}

func (r *logRelay) leave(s *idv.Subject) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.asked, s)
}

// holdsClaim reports whether a line holds a claim of a call in flight.
func (r *logRelay) holdsClaim(line string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.asked {
		if s.ContainedIn(line) {
			return true
		}
	}
	return false
}

// writer returns the destination of one process's standard error.
func (r *logRelay) writer() io.WriteCloser { return &lines{to: r} }

// lines splits a stream into lines of bounded length.
type lines struct {
	to           *logRelay
	pending      []byte
	disconnected bool // discards the rest of the line
}

// Write takes a part of the stream.
func (l *lines) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		piece, after, ended := bytes.Cut(rest, []byte("\n"))
		if !l.disconnected {
			l.pending = append(l.pending, piece[:min(len(piece), maxLine-len(l.pending))]...)
			l.disconnected = len(l.pending) == maxLine
		}
		if ended {
			l.flush()
		}
		rest = after
	}
	return len(b), nil
}

// Close logs an unfinished line.
func (l *lines) Close() error {
	l.flush()
	return nil
}

func (l *lines) flush() {
	if len(l.pending) > 0 {
		l.to.line(string(l.pending))
	}
	l.pending, l.disconnected = l.pending[:0], false
}

// line logs what is allowed of one line.
func (r *logRelay) line(text string) {
	r.mu.Lock()
	allowed, raw := r.allowed, r.raw
	r.mu.Unlock()
	if raw {
		r.forward(func() { r.rawLine(text) })
		return
	}
	line, withheld := allowed.read(text)
	if withheld > 0 {
		r.withheld.Add(withheld)
		r.report.Do(func() { r.log.Warn("plugin log lines or attributes withheld; they are counted") })
	}
	if line.Message == "" {
		return
	}
	r.forward(func() {
		var attrs []slog.Attr
		line.Attrs(func(a slog.Attr) bool { attrs = append(attrs, a); return true })
		r.log.LogAttrs(context.Background(), line.Level, line.Message, attrs...)
	})
}

// forward logs within the rate limit.
func (r *logRelay) forward(log func()) {
	if !r.limit.Allow() {
		r.mu.Lock()
		r.dropped++
		r.mu.Unlock()
		return
	}
	r.mu.Lock()
	dropped := r.dropped
	r.dropped = 0
	r.mu.Unlock()
	if dropped > 0 {
		r.log.Warn("plugin log lines dropped", "lines", dropped)
	}
	log()
}

func (r *logRelay) rawLine(text string) {
	if r.holdsClaim(text) {
		r.log.Warn(fromPlugin, "text", hiddenLine)
		return
	}
	level, msg, attrs := r.parse(text)
	r.log.LogAttrs(context.Background(), level, msg, attrs...)
}

// parse reads a JSON line of slog or hclog. Any other text becomes one attribute, at
// level error if it looks like a Go panic.
func (r *logRelay) parse(text string) (slog.Level, string, []slog.Attr) {
	var members map[string]any
	if json.Unmarshal([]byte(text), &members) != nil {
		level := slog.LevelInfo
		if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
			level = slog.LevelError
		}
		return level, fromPlugin, []slog.Attr{slog.String("text", r.scrub(text))}
	}
	level, msg := slog.LevelInfo, fromPlugin
	var attrs []slog.Attr
	for _, name := range sorted(members) {
		value := fmt.Sprint(members[name])
		switch name {
		case "level", "@level":
			_ = level.UnmarshalText([]byte(value))
		case "msg", "@message":
			msg = r.scrub(value)
		case "time", "@timestamp", "plugin":
		default:
			if len(attrs) < maxAttrs {
				attrs = append(attrs, slog.String(r.scrub(name), r.scrub(value)))
			}
		}
	}
	return level, msg, attrs
}

// scrub masks what may be part of a claim: all characters outside ASCII, since Chinese
// names are, encoded forms of these, and runs of digits that are long enough for a part
// of a number. Authors are told to log in English.
func (r *logRelay) scrub(text string) string {
	hidden := r.forms.ReplaceAllString(text, "***")
	return strings.ToValidUTF8(hidden[:min(len(hidden), maxShown)], "")
}

// personalForms matches what scrub masks. A date of birth has six digits; what a log
// needs (a status, a port, milliseconds) has fewer.
func personalForms() *regexp.Regexp {
	return regexp.MustCompile(`([^\t\n -~]|%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|[0-9]{6,}[Xx]?)+`)
}

package plugins

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"github.com/heyan-id/heyan/engine/idv"
)

// relay hands the log lines of a plugin to the host's log. It trusts no line: what
// could be part of a claim is starred, long ones are cut, and too many are counted
// instead of shown.
type relay struct {
	log   *slog.Logger
	limit *rate.Limiter

	mu      sync.Mutex
	asked   map[*idv.Subject]struct{} // whose calls are in the plugin now
	dropped int
}

const (
	maxLine      = 8 << 10
	maxShown     = 4096 // of a text; a stack is long
	maxAttrs     = 16
	linesPerSec  = 50
	linesAtOnce  = 200
	fromPlugin   = "log line of the plugin"
	notForPeople = "(a line with a claim in it is not shown)"
)

func newRelay(log *slog.Logger, name string) *relay {
	return &relay{
		log: log.With("plugin", name), limit: rate.NewLimiter(linesPerSec, linesAtOnce), asked: map[*idv.Subject]struct{}{},
	}
}

// enter notes whose call goes to the plugin now; the result is for leave.
func (r *relay) enter(s idv.Subject) *idv.Subject {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[&s] = struct{}{}
	return &s
}

func (r *relay) leave(s *idv.Subject) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.asked, s)
}

func (r *relay) personal(line string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.asked {
		if s.Within(line) {
			return true
		}
	}
	return false
}

// writer returns where the standard error of one process goes.
func (r *relay) writer() io.WriteCloser { return &lines{to: r} }

// lines cuts a stream into lines of bounded length.
type lines struct {
	to      *relay
	pending []byte
	cut     bool // the rest of the line is thrown away
}

// Write takes a piece of the stream.
func (l *lines) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		piece, after, ended := bytes.Cut(rest, []byte("\n"))
		if !l.cut {
			l.pending = append(l.pending, piece[:min(len(piece), maxLine-len(l.pending))]...)
			l.cut = len(l.pending) == maxLine
		}
		if ended {
			l.flush()
		}
		rest = after
	}
	return len(b), nil
}

// Close shows an unfinished line.
func (l *lines) Close() error {
	l.flush()
	return nil
}

func (l *lines) flush() {
	if len(l.pending) > 0 {
		l.to.line(string(l.pending))
	}
	l.pending, l.cut = l.pending[:0], false
}

// line shows one line, if there are not too many.
func (r *relay) line(text string) {
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
		r.log.Warn("log lines of the plugin were dropped", "lines", dropped)
	}
	if r.personal(text) {
		r.log.Warn(fromPlugin, "text", notForPeople)
		return
	}
	level, msg, attrs := parseLine(text)
	r.log.LogAttrs(context.Background(), level, msg, attrs...)
}

// parseLine reads a line of slog's or hclog's JSON; any other text is one attribute,
// and of the level of a program that prints because it dies if it looks like that.
func parseLine(text string) (slog.Level, string, []slog.Attr) {
	var members map[string]any
	if json.Unmarshal([]byte(text), &members) != nil {
		level := slog.LevelInfo
		if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
			level = slog.LevelError
		}
		return level, fromPlugin, []slog.Attr{slog.String("text", scrub(text))}
	}
	level, msg := slog.LevelInfo, fromPlugin
	var attrs []slog.Attr
	for _, name := range sorted(members) {
		value := fmt.Sprint(members[name])
		switch name {
		case "level", "@level":
			_ = level.UnmarshalText([]byte(value))
		case "msg", "@message":
			msg = scrub(value)
		case "time", "@timestamp", "plugin":
		default:
			if len(attrs) < maxAttrs {
				attrs = append(attrs, slog.String(scrub(name), scrub(value)))
			}
		}
	}
	return level, msg, attrs
}

// scrub stars what may be a piece of a claim: everything that is not ASCII, since a
// Chinese name is not, what may be an encoded form of that, and every run of digits
// that is long enough for a part of a number. Authors are told to log in English.
func scrub(text string) string {
	var b strings.Builder
	hidden := false
	for i := 0; i < len(text) && b.Len() < maxShown; {
		n := suspicious(text[i:])
		if n == 0 {
			b.WriteByte(text[i])
			hidden = false
			i++
			continue
		}
		if !hidden {
			b.WriteString("***")
		}
		hidden = true
		i += n
	}
	return b.String()
}

// longRun is how many digits in a row are hidden: a date of birth has six, and what
// a log needs (a status, a port, milliseconds) has fewer.
const longRun = 6

// suspicious returns how many bytes at the beginning of text are hidden.
func suspicious(text string) int {
	c := text[0]
	switch {
	case c >= 0x7f || c < ' ' && c != '\n' && c != '\t':
		return 1
	case (c == '%' || c == '\\') && len(text) > 2 && isHex(text[1]) && isHex(text[2]):
		return 3 // %E5 of a query
	case c == '\\' && len(text) > 5 && text[1] == 'u':
		return 6 // \u5f20 of JSON
	}
	run := 0
	for run < len(text) && text[run] >= '0' && text[run] <= '9' {
		run++
	}
	if run < longRun {
		return 0
	}
	return run
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

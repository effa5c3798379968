package plugins

import (
	"log/slog"

	"github.com/hashicorp/go-hclog"
)

// hclogTo returns go-plugin's logger. It forwards warnings and errors only, since the
// rest is about sockets and certificates.
func hclogTo(log *slog.Logger) hclog.Logger {
	return hclogger{hclog.NewNullLogger(), log}
}

type hclogger struct {
	hclog.Logger
	log *slog.Logger
}

// Log forwards warnings and errors.
func (h hclogger) Log(level hclog.Level, msg string, args ...any) {
	switch level {
	case hclog.Warn:
		h.Warn(msg, args...)
	case hclog.Error:
		h.Error(msg, args...)
	}
}

// Warn forwards a warning.
func (h hclogger) Warn(msg string, args ...any) {
	h.log.Warn("plugin connection: warning", append([]any{"event", msg}, args...)...)
}

// Error forwards an error.
func (h hclogger) Error(msg string, args ...any) {
	h.log.Error("plugin connection: error", append([]any{"event", msg}, args...)...)
}

// Named returns the same logger: the host adds the plugin's name.
func (h hclogger) Named(string) hclog.Logger { return h }

// With adds attributes.
func (h hclogger) With(args ...any) hclog.Logger { return hclogger{h.Logger, h.log.With(args...)} }

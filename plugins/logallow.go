package plugins

import (
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// logAllowlist says what of a plugin's log reaches heyan's log. A claim can be written in
// any form (bytes, base64, groups of digits), so no filter finds them all. What passes is
// one of a few known values, and never a text that the plugin composes.
type logAllowlist struct {
	messages []string // constant sentences, from Spec.LogMessages
}

const (
	panicked    = "adapter panicked"
	crashed     = "plugin crashed"
	otherReason = "other"
)

// read returns the allowed part of a line, and how many parts are withheld: the line, or
// some of its attributes.
func (a logAllowlist) read(text string) (line slog.Record, withheld int64) {
	if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
		line.Level, line.Message = slog.LevelError, crashed
		line.AddAttrs(slog.String("kind", crashKind(text)))
		return line, 0
	}
	var members map[string]any
	if json.Unmarshal([]byte(text), &members) != nil {
		return line, 1
	}
	for _, name := range sorted(members) {
		value := members[name]
		switch name {
		case "level", "@level":
			line.Level = knownLevel(value)
		case "msg", "@message":
			line.Message, _ = value.(string)
		case "time", "@timestamp", "plugin":
		default:
			if attr, ok := knownAttr(name, value); ok {
				line.AddAttrs(attr)
			} else {
				withheld++
			}
		}
	}
	if line.Message != panicked && !slices.Contains(a.messages, line.Message) {
		return slog.Record{}, 1
	}
	return line, withheld
}

func knownLevel(value any) slog.Level {
	word, _ := value.(string)
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelWarn, slog.LevelError} {
		if strings.EqualFold(word, level.String()) {
			return level
		}
	}
	return slog.LevelInfo
}

// knownAttr returns an attribute of the allowlist with its value, if that has the type and
// the range. docs/plugins.md lists them.
func knownAttr(name string, value any) (slog.Attr, bool) {
	if number, ok := value.(float64); ok {
		n, ok := knownNumber(name, number)
		return slog.Int(name, n), ok
	}
	word, _ := value.(string)
	return slog.String(name, word), slices.Contains(knownWords(name), word)
}

// knownNumber allows a status of HTTP, a count of one digit, and a duration, which loses
// all digits but two so that it cannot carry a part of an ID number.
func knownNumber(name string, number float64) (int, bool) {
	n := int(max(-1, min(number, 1e6)))
	switch name {
	case "status":
		return n, float64(n) == number && http.StatusText(n) != ""
	case "attempt":
		return n, float64(n) == number && n >= 0 && n < 10
	case "ms":
		return twoDigits(n), n >= 0 && n < 1e6
	}
	return 0, false
}

func twoDigits(n int) int {
	if n < 100 {
		return n
	}
	unit := int(math.Pow10(len(strconv.Itoa(n)) - 2))
	return n / unit * unit
}

// knownWords lists the values of an attribute.
func knownWords(name string) []string {
	switch name {
	case "kind":
		return crashKinds()
	case "method":
		return []string{"Describe", "ValidateSettings", "Encode", "Decode", "Ask"}
	}
	return nil
}

// crashKinds lists parts of the Go runtime's messages.
func crashKinds() []string {
	return []string{
		"index out of range", "slice bounds out of range", "nil pointer dereference", "assignment to entry in nil map",
		"integer divide by zero", "interface conversion", "close of closed channel", "send on closed channel",
		"concurrent map", "all goroutines are asleep", "stack overflow", "out of memory", otherReason,
	}
}

// crashKind returns the kind of crash that a message of the Go runtime names. The message
// itself may hold a claim.
func crashKind(text string) string {
	for _, kind := range crashKinds() {
		if strings.Contains(text, kind) {
			return kind
		}
	}
	return otherReason
}

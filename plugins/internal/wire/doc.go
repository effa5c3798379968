// Package wire translates between heyan's words and the messages of a plugin, both
// ways, and distrusts what comes back.
//
// The plugin's side uses the functions that make responses ([Encoded], [Decoded],
// [Described]) and read requests ([QueryFrom], [ReplyFrom]). The host's side makes
// requests ([Query], [Reply]) and reads responses ([CallFrom], [AnswerFrom],
// [DescriptorFrom]), where every field is checked: a number outside its list, an
// answer to another question, a text too long, both an answer and a failure or
// neither of them is a failure with a constant sentence, and never a verdict.
package wire

import (
	"unicode"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

// MaxMessage is the most bytes of one message, in both directions. A reply of a
// vendor is at most 64 KiB, so it is far above what an honest plugin needs.
const MaxMessage = 1 << 20

// What is longer than these is not a short text or list of an honest plugin. The
// texts are counted in bytes.
const (
	maxWord   = 64   // a name, a version, a code, a media type
	maxText   = 1024 // a sentence for people
	maxPath   = 512
	maxParam  = 64 << 10 // a value of a call
	maxBody   = 512 << 10
	maxParams = 128
	maxList   = 64   // checks, documents, schemes, settings, prices, faults
	maxCodes  = 1024 // rows of a code table
)

// tidy returns a text from the other process if it is short, printable and holds
// no claim, else "".
func safeText(text string, most int, s idv.Subject) string {
	if len(text) > most || !printable(text) || s.ContainedIn(text) {
		return ""
	}
	return text
}

func printable(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, c := range text {
		if !unicode.IsPrint(c) {
			return false
		}
	}
	return true
}

// word reports whether a text is there, short and printable.
func isWord(text string) bool { return text != "" && len(text) <= maxWord && printable(text) }

// sentence reports whether a text may be shown to people; it may be empty.
func isSentence(text string) bool { return len(text) <= maxText && printable(text) }

// broken is the failure for what a plugin got wrong. detail is a constant.
func pluginFault(f idv.Failure, phase, detail string) *idv.Error {
	return &idv.Error{Failure: f, Origin: idv.OriginEngine, Phase: phase, Detail: detail}
}

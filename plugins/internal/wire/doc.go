// Package wire converts between heyan's types and the messages of the plugin protocol,
// in both directions, and validates what a plugin sends.
//
// The plugin's side uses the functions that make responses ([Encoded], [Decoded],
// [Described]) and read requests ([QueryFrom], [ReplyFrom]). The host's side makes
// requests ([Query], [Reply]) and reads responses ([CallFrom], [AnswerFrom],
// [DescriptorFrom]), which check every field. An enum number outside its list, an
// answer to another query, a text that is too long, or both or neither of result and
// failure give a failure with a constant detail, never a verdict.
package wire

import (
	"github.com/heyan-id/heyan/engine/idv"
)

// MaxMessage is the maximum size of a message in bytes, in both directions. A vendor
// reply is at most 64 KiB, so an honest plugin stays far below.
const MaxMessage = 1 << 20

// Limits of texts in bytes and of lists in elements.
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

// safeText returns a text of the plugin if it is short, printable and holds no claim,
// else "".
func safeText(text string, most int, s idv.Subject) string {
	if len(text) > most || !printable(text) || s.ContainedIn(text) {
		return ""
	}
	return text
}

// printable reports whether a text may be kept, as every text of a caller.
func printable(text string) bool { return idv.CheckText(text, len(text)) == idv.TextFits }

// isWord reports whether a text is non-empty, short and printable.
func isWord(text string) bool { return text != "" && len(text) <= maxWord && printable(text) }

// isSentence reports whether a text may be shown to people; it may be empty.
func isSentence(text string) bool { return len(text) <= maxText && printable(text) }

// pluginFault returns the failure of an invalid response. detail is a constant.
func pluginFault(f idv.Failure, phase, detail string) *idv.Error {
	return &idv.Error{Failure: f, Origin: idv.OriginEngine, Phase: phase, Detail: detail}
}

// Package idv defines the domain types of heyan: the person ([Subject]), the question
// ([Check], [Request], [Query]), the source ([Provider], [Descriptor], [Answer]), the
// course of a verification ([Plan], [Attempt], [Error], [Failure], [Delivery], [Charge])
// and its result ([Verification], [Verdict]).
//
// The package masks, classifies and explains; it has no other behaviour. It imports
// only the standard library, so every package of this module may import it. Its structs
// carry no tags: cmd/internal/api and the stores define the forms that are sent and stored.
//
// Three rules apply to all types:
//
//   - The zero value is the cautious one: [Undetermined], [ChargeUnknown],
//     [DeliveryUnknown], [FailureUnknown].
//   - Personal data and secrets are of type [Sensitive], which every printer and encoder
//     shows masked.
//   - Programs act on codes ([FailureOf]), never on the text of an error.
//
// A new failure is appended last and gets the same number in provider.proto of the plugins.
// engine/dispatch and engine/guard decide its effects, AdviceRows the next steps.
//
// Comparing a name and a number with a register is validation of attributes (NIST SP
// 800-63A-4). It does not prove that the person in front of you is that person.
package idv

import "fmt"

// word returns the word of v, or "invalid" for a number outside the list, so that a
// value of another process can be printed before it is refused.
func word[T ~uint8](words []string, v T) string {
	if int(v) < len(words) {
		return words[v]
	}
	return "invalid"
}

// parse sets into to the value of a word. For an unlisted word it returns an error and
// sets the zero value, which is the cautious one in every enumeration of this package.
// The error does not repeat the word: a caller may have sent a claim in its place.
func parse[T ~uint8](kind string, words []string, text []byte, into *T) error {
	for i, w := range words {
		if w == string(text) {
			*into = T(i)
			return nil
		}
	}
	*into = 0
	return fmt.Errorf("unknown %s; use one of %v", kind, words)
}

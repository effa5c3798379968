// Package idv holds the nouns of heyan: who is asked about ([Subject]), what is
// asked ([Check], [Request], [Query]), who answers ([Provider], [Descriptor],
// [Answer]), how it went ([Attempt], [Error], [Failure], [Sent], [Charge]) and
// what a caller gets ([Verification], [Verdict]).
//
// The package has no behaviour beyond masking, classification and text. It
// imports nothing but the standard library and nothing of this module, so every
// room may import it.
//
// Three habits hold everywhere in it:
//
//   - The zero value is the cautious one: [Undetermined], [ChargeUnknown],
//     [DeliveryUnknown], [FailureUnknown].
//   - Personal data and secrets are of type [Sensitive], which prints itself
//     masked whichever way it is printed.
//   - Programs act on codes ([FailureOf]), never on the text of an error.
//
// A note on words. Comparing a name and a number with a register is validation
// of attributes (NIST SP 800-63A-4); it does not prove that the person in front
// of you is that person.
package idv

package identity

import "github.com/heyan-id/heyan/engine/idv"

// Finding is what a local check found about one claim. The zero value is not
// valid.
type Finding struct {
	Valid   bool    // the form can be right; whether the claim is true only a register knows
	Reason  Reason  // why it is valid or not
	Flags   Flags   // what was noticed without being a ground for rejection
	Changes Changes // what was done to the input

	text idv.Sensitive // the input in its one form, or as far as it was brought into it
}

// Canonical returns the claim in its one form, the form to send to a vendor. It
// is empty if the claim is not valid, so that nobody pays for one by mistake.
func (f Finding) Canonical() idv.Sensitive {
	if !f.Valid {
		return idv.Sensitive{}
	}
	return f.text
}

// conclude sets the verdict: accepted if failure is empty. The reason does not
// mention the quiet changes.
func (f *Finding) conclude(failure Reason, quiet Changes) {
	f.Valid, f.Reason = failure == "", failure
	if f.Valid {
		f.Reason = okReason(f.Flags, f.Changes&^quiet)
	}
}

// keep stores the text of the finding: the input itself if it is still the same,
// which saves the copy.
func (f *Finding) keep(input idv.Sensitive, text string) {
	f.text = input
	if f.Changes != 0 {
		f.text = idv.NewSensitive(text)
	}
}

// Package reconcile compares what a vendor billed with what heyan's book says,
// and finds out what the vendor does not publish. It is pure: no clock, no store,
// no network.
//
// The vendor's usage export has no line per call. It has a line per window of ten
// minutes: serial number, from, to, note, and how many calls were billed; a window
// without a bill has no line (the vendor's guide, section three). [Match] lays
// these windows on a time-line, puts the calls of the book into them and explains
// every window whose two counts differ:
//
//   - [ClockEdge]: a call at the edge was billed in the neighbouring window.
//   - [UnknownOutcome]: calls that were sent and never answered were billed.
//   - [BilledCode]: a code is billed though the book does not say so, or the reverse.
//   - [ForeignUse]: more was billed than heyan asked; somebody else uses the app code.
//   - [MissingBilling]: less was billed than heyan asked.
//
// On the way it learns which codes are billed, and proposes how to settle holds
// whose charge is unknown, where the evidence is clear. It changes nothing itself.
package reconcile

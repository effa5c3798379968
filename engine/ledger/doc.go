// Package ledger holds the rules of the book: what a prepaid package is, which
// one a call draws on, and how a unit moves from available to spent. It knows no
// SQL and no clock; times are given to it.
//
// A [Lot] is a package that was bought at a vendor. Before a call one unit of a
// lot is held; after it the unit is posted (charged), given back (not charged) or
// left unknown until reconciliation or a person settles it. Each of these moves is
// an [Entry] from one [Account] to another, so for every lot and at any instant
//
//	bought = available + held + posted + unknown + written off
//
// which [Balance.Check] tests. [Book] is the state machine that keeps the rules.
// Stores load the part of it that an operation needs, let it decide, and save what
// it changed; so the rules stand here once.
package ledger

// Package rules writes policy down: files of rules in YAML whose conditions are CEL
// expressions over [policy.Facts], and a [Set] of them that decides.
//
// Everything that can be wrong with a rule is told when its file is loaded, all of
// it at once and each with its place: a fact that does not exist, a comparison of
// things that cannot be compared, a condition that would cost too much. What is left
// to go wrong while deciding denies. The order in which rules stand changes nothing
// but the order in which they are named: every rule is asked, and any denial wins.
package rules

// Package identity brings identity numbers, names, mobile and bank card numbers
// into one form and checks what can be checked without asking anyone: length,
// characters, province, calendar, check digits. It makes no network call, keeps
// nothing it has seen, and prints no number or name.
//
// What it is not: proof of anything but form. A number that passes here may
// belong to nobody, and 10 of 11 random slips are caught, 1 is not. Only a
// register can say whether a name belongs to a number.
//
// # Rejected or flagged
//
// A number is rejected only for what cannot be: see [Reason]. Everything about
// the county part of the address code is a [Flags] word and never a rejection,
// since the code is the one in force when the number was assigned, no list of
// codes is complete, and real cards carry codes that are in none.
//
// # Use
//
// [CheckNumber] checks a number of any kind, [CheckName] a name, and [Normalize]
// a whole subject for a check that is about to be paid for. All functions may be
// called by many goroutines at once. A clean resident number or name is checked
// without an allocation.
package identity

//go:generate go run ./internal/areacodes

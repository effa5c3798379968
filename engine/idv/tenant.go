package idv

// Tenant names whose request, row, counter or key something is. It is a type of
// its own so that the compiler refuses a key without it: data of one tenant must
// not be found by another, by guessing or by mistake. The empty tenant is that of
// a program which has only one.
type Tenant string

// SubjectToken stands for a person within one tenant: a keyed hash of the number,
// with the id of its key before a colon. Without the key it can be neither made nor
// undone (a plain hash of a resident number is undone in hours); two tenants have
// different tokens for one person. Empty means that none was made.
type SubjectToken string

// ConsentUse is the use of a consent by one call, and stands in its intent: a store
// refuses the hold if the consent does not stand at that moment, so that nothing can
// come between the withdrawal and the call. The zero value asks for no consent, for
// what rests on another legal basis.
type ConsentUse struct {
	ID        string
	Recipient string // legal name of the body that would receive the data
	First     bool   // the verification's first call: it takes one use of the consent
}

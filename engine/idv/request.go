package idv

// Request is a verification request to the engine.
type Request struct {
	Tenant         Tenant // from the caller's key, never from the body
	Caller         string // the id of the caller's API key, for limits; "" if there is none
	App            string
	Check          Check
	Subject        Subject
	Purpose        string
	ConsentID      string
	IdempotencyKey string // "" if the caller gave none; then every request is a new one
}

// Tenant names the owner of a request, row, counter or key. It is a type of its own so
// that the compiler refuses a key without it: one tenant must not find another's data,
// by guessing or by mistake. The empty tenant is that of a program with only one.
type Tenant string

// SubjectToken identifies a person within one tenant: the id of a key, a colon, and a
// keyed hash of the person's number. It can be neither made nor reversed without the key;
// a plain hash of a resident number is reversed in hours. Two tenants have different
// tokens for one person. The empty token identifies no person.
type SubjectToken string

// NameToken stands for the name of one person within one tenant: the id of a key, a colon,
// and a keyed hash of the person's number and name. Two people of one name have different
// tokens. The empty token stands for no name.
type NameToken string

// ConsentUse is the use of a consent by one call and part of its intent. A store refuses
// the hold if the consent is not valid at that moment, so no call can follow a
// withdrawal. The zero value requires no consent, for another legal basis.
type ConsentUse struct {
	ID        string
	Recipient string // legal name of the organization that would receive the data
	First     bool   // the verification's first call, which takes one use of the consent
}

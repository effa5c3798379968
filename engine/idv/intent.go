package idv

import "time"

// Intent is a call that is about to be made: what must be durable before a byte
// leaves, so that after a crash somebody knows that it may have been charged.
type Intent struct {
	Attempt      string // the attempt's id, unique
	Verification string
	Provider     string
	Check        Check
	Tenant       Tenant
	App          string
	Purpose      string
	Consent      ConsentUse // that the call takes; of it the book keeps the id
	Basis        string     // the legal basis, as the verification names it
	At           time.Time
	Deadline     time.Time // when the call has ended at the latest; later its outcome counts as lost
	Price        Money     // the list price, used while no package of the provider is booked
}

// Reservation is one unit set aside for a call.
type Reservation struct {
	Lot   string
	Price Money // of the unit; the attempt's price
}

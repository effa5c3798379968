package abuse

import "github.com/heyan-id/heyan/engine/idv"

// BlindIndexer makes the keyed hash of some parts, per tenant; label keeps marks of
// different uses apart. A pseudonym.Ring is one.
type BlindIndexer interface {
	BlindIndex(tenant idv.Tenant, label string, parts ...string) BlindIndex
}

// numberLabel is the label of a whole ID number.
const numberLabel = "limits number"

// try is one thing tried against another, which the counter stands for.
type try struct {
	Hit
	axis Dimension
}

// reader turns the claims of a question into marks. The claims in clear stay in this
// file.
type reader struct {
	marks  BlindIndexer
	bounds Thresholds
	tenant idv.Tenant

	consent string // the id of the consent that the number is tried on, "" if on none

	number BlindIndex
	tries  []try
}

// maxTries is how many tries a question has at most.
const maxTries = 13

// question reads the claims of a question that may be asked.
func (r *reader) question(s idv.Subject) {
	r.tries = make([]try, 0, maxTries)
	name, number := fold(s.Name.Reveal()), r.whole(s.IDNumber)
	if r.watches(NamesPerNumber) {
		r.add(NamesPerNumber, r.number.of(kindNames, 0), r.marks.BlindIndex(r.tenant, "limits name", name))
	}
	if isResident(number) {
		r.resident(name, number)
	} else {
		r.other(name, number)
	}
	r.beside(s.Mobile, kindMobiles, MobilesPerNumber, NumbersPerMobile)
	r.beside(s.BankCard, kindCards, CardsPerNumber, NumbersPerCard)
	r.onConsent()
}

// tried reads the number of a question that is not asked, since no consent covers it.
func (r *reader) tried(s idv.Subject) {
	r.whole(s.IDNumber)
	r.onConsent()
}

// onConsent adds the number as tried on the consent. The counter takes one more than
// is allowed, which is how a number that was counted before is found over the bound.
func (r *reader) onConsent() {
	if r.consent == "" || !r.watches(NumbersPerConsent) {
		return
	}
	counter := r.marks.BlindIndex(r.tenant, string(NumbersPerConsent), r.consent).of(kindConsent, 0)
	r.tries = append(r.tries, try{Hit{Counter: counter, Member: r.number, Most: r.bounds[NumbersPerConsent] + 1}, NumbersPerConsent})
}

// refused reads the number of a question that the local check refused.
func (r *reader) refused(s idv.Subject) {
	if number := r.whole(s.IDNumber); isResident(number) {
		r.try(CheckDigits, number[:17])
	}
}

// whole takes the number in and returns it in the form that it is counted in.
func (r *reader) whole(number idv.Sensitive) string {
	folded := fold(number.Reveal())
	r.number = r.marks.BlindIndex(r.tenant, numberLabel, folded)
	return folded
}

// resident adds the axes of a number of 18 characters.
func (r *reader) resident(name, number string) {
	region, birth, sequence, tail := number[:6], number[6:14], number[14:17], number[14:]
	r.try(NumbersPerPrefix, name, region, birth)
	r.try(NumbersPerBirth, name, birth)
	r.try(NumbersPerSequence, name, region, sequence)
	r.try(NumbersPerMonth, name, region, birth[:6])
	r.try(NumbersPerTail, name, birth[:4], tail)
	r.try(CheckDigits, number[:17])
}

// other adds the axes of any other number. One of less than eight characters has too
// few to tell a head from a tail.
func (r *reader) other(name, number string) {
	if len(number) < 8 {
		return
	}
	r.try(NumbersPerHead, name, number[:len(number)/2])
	r.try(NumbersPerTail, name, number[len(number)-4:])
}

// beside adds both axes of a claim that stands beside the number: it tried against the
// number, and the number against it.
func (r *reader) beside(claim idv.Sensitive, k kind, forth, back Dimension) {
	if claim.IsZero() {
		return
	}
	mark := r.marks.BlindIndex(r.tenant, string(back), fold(claim.Reveal()))
	if r.watches(forth) {
		r.add(forth, r.number.of(k, 0), mark)
	}
	if r.watches(back) {
		r.add(back, mark, r.number)
	}
}

// try adds the number as tried against what the parts hold fast.
func (r *reader) try(axis Dimension, fast ...string) {
	if r.watches(axis) {
		r.add(axis, r.marks.BlindIndex(r.tenant, string(axis), fast...), r.number)
	}
}

func (r *reader) add(axis Dimension, counter, member BlindIndex) {
	r.tries = append(r.tries, try{Hit{Counter: counter, Member: member, Most: r.bounds[axis]}, axis})
}

func (r *reader) watches(axis Dimension) bool { return r.bounds[axis] != Off }

// isResident reports whether a folded number has the form of GB 11643-1999, whatever
// its check digit: permits for residents and the foreigner's card of 2023 have it too.
func isResident(number string) bool {
	if len(number) != 18 {
		return false
	}
	for i := range 17 {
		if number[i] < '0' || number[i] > '9' {
			return false
		}
	}
	return true
}

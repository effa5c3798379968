package abuse

import (
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Honeytokens are numbers that nobody has: a tenant puts them among its own data, so that
// a question about one tells that the data were stolen. They are kept as marks. The
// zero value holds none.
//
// Take numbers that can be no real person's, for a real one would set off the alarm
// by asking about himself; those with a birth date to come are. The local check
// refuses them, so [Guard.Refused] looks for them too.
type Honeytokens struct {
	marks map[idv.Tenant]map[BlindIndex]struct{}
}

// NewHoneytokens makes the set. The marks are made with the marker that the guard has;
// with a new key the set is made anew. The error is for a number that is empty or holds
// more than capitals and digits once it is folded: no question would ever match it.
func NewHoneytokens(marks BlindIndexer, numbers map[idv.Tenant][]idv.Sensitive) (Honeytokens, error) {
	all := Honeytokens{marks: make(map[idv.Tenant]map[BlindIndex]struct{}, len(numbers))}
	for tenant, list := range numbers {
		set := make(map[BlindIndex]struct{}, len(list))
		for i, number := range list {
			if number.IsZero() {
				return Honeytokens{}, fmt.Errorf("tenant %q: canary %d is empty", tenant, i+1)
			}
			r := reader{marks: marks, tenant: tenant}
			if strings.ContainsFunc(r.whole(number), unlikeNumber) {
				return Honeytokens{}, fmt.Errorf("tenant %q: canary %d is no number", tenant, i+1)
			}
			set[r.number] = struct{}{}
		}
		all.marks[tenant] = set
	}
	return all, nil
}

// unlikeNumber reports whether a folded number does not have a rune.
func unlikeNumber(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }

// watched reports whether a tenant has canaries.
func (c Honeytokens) watched(tenant idv.Tenant) bool { return len(c.marks[tenant]) > 0 }

// has reports whether a number is one of a tenant's.
func (c Honeytokens) has(tenant idv.Tenant, number BlindIndex) bool {
	_, ok := c.marks[tenant][number]
	return ok
}

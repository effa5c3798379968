package abuse

import (
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// Honeytokens are ID, mobile and card numbers that belong to no person. A tenant plants them among its data;
// a request about one shows that the data were stolen. They are stored as blind indexes.
// The zero value holds none.
//
// Choose numbers that cannot belong to a real person, such as numbers with a future birth
// date. A real person's request would raise the alarm. The local check rejects such
// numbers, so [Detector.RecordInvalid] looks for them too.
type Honeytokens struct {
	indexes map[idv.Tenant]map[policy.BlindIndex]struct{}
}

// NewHoneytokens returns a set of honeytokens. It needs the indexer of the detector;
// after a key rotation the set is made again. A number is rejected if it is empty or
// contains anything but letters and digits once folded: no request would ever match it.
func NewHoneytokens(indexer policy.BlindIndexer, numbers map[idv.Tenant][]idv.Sensitive) (Honeytokens, error) {
	all := Honeytokens{indexes: make(map[idv.Tenant]map[policy.BlindIndex]struct{}, len(numbers))}
	for tenant, list := range numbers {
		set := make(map[policy.BlindIndex]struct{}, len(list))
		for i, number := range list {
			if number.IsZero() {
				return Honeytokens{}, fmt.Errorf("tenant %q: honeytoken %d is empty", tenant, i+1)
			}
			if strings.ContainsFunc(folded(number), neverInNumber) {
				return Honeytokens{}, fmt.Errorf("tenant %q: honeytoken %d must contain only letters and digits", tenant, i+1)
			}
			for _, index := range plant(indexer, tenant, number) {
				set[index] = struct{}{}
			}
		}
		all.indexes[tenant] = set
	}
	return all, nil
}

// plant returns the indexes of a number as an ID number of any document, a mobile number and
// a bank card. A list does not say which of them a number is.
func plant(indexer policy.BlindIndexer, t idv.Tenant, number idv.Sensitive) []policy.BlindIndex {
	list := []policy.BlindIndex{
		personIndex(indexer, t, idv.Subject{IDNumber: number}),
		claimIndex(indexer, t, NumbersPerMobile, number), claimIndex(indexer, t, NumbersPerCard, number),
	}
	for _, d := range idv.Documents() {
		if d.Declared() {
			list = append(list, personIndex(indexer, t, idv.Subject{IDNumber: number, Document: d}))
		}
	}
	return list
}

// neverInNumber reports whether no folded number contains r.
func neverInNumber(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }

// plantedBy reports whether a tenant has honeytokens.
func (h Honeytokens) plantedBy(tenant idv.Tenant) bool { return len(h.indexes[tenant]) > 0 }

// has reports whether one of the indexes is that of a tenant's honeytoken.
func (h Honeytokens) has(tenant idv.Tenant, indexes ...policy.BlindIndex) bool {
	for _, index := range indexes {
		if _, ok := h.indexes[tenant][index]; ok {
			return true
		}
	}
	return false
}

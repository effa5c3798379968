package api

import (
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// SubjectRecords is what is stored about a person, without texts.
type SubjectRecords struct {
	Consents      []Consent      `json:"consents" nullable:"false"`
	Verifications []Verification `json:"verifications" nullable:"false"`
	Erasures      []Erasure      `json:"erasures" nullable:"false" doc:"Earlier erasures of the person"`
}

// Erasure is an erasure of a person's data.
type Erasure struct {
	ID            string    `json:"id"`
	At            time.Time `json:"at"`
	Verifications int       `json:"verifications" doc:"Verifications that were anonymized"`
	Consents      int       `json:"consents" doc:"Consents that were anonymized"`
	Keys          int       `json:"keys_destroyed" doc:"Data keys that were destroyed"`
}

// SubjectRecordsOf returns the view of what is stored about a person.
func SubjectRecordsOf(r *consents.SubjectRecords, now time.Time) SubjectRecords {
	return SubjectRecords{
		Consents: list(r.Consents, func(stored *consent.Record) Consent {
			c := ConsentOf(stored, now)
			c.AsGuardian = r.AsGuardian(stored)
			return c
		}),
		Verifications: list(r.Verifications, VerificationOf),
		Erasures:      list(r.Erasures, erasureOf),
	}
}

// SubjectExport is the copy that a person may request (PIPL art. 45): the records and the
// texts that the person saw.
type SubjectExport struct {
	ExportedAt time.Time     `json:"exported_at"`
	Controller consent.Party `json:"controller" doc:"The organization that stores the data"`
	SubjectRecords
}

// SubjectExportOf returns the view of a person's copy. It contains name and number in
// clear, for that person only.
func SubjectExportOf(e *consents.SubjectExport, controller consent.Party, now time.Time) SubjectExport {
	out := SubjectExport{now.UTC(), controller, SubjectRecordsOf(&e.SubjectRecords, now)}
	for i := range out.Consents {
		c := &out.Consents[i]
		c.Text, c.Unreadable = unmasked(e.Texts[c.ID].Body), slices.Contains(e.Unreadable, c.ID)
	}
	return out
}

func erasureOf(e *store.Erasure) Erasure {
	return Erasure{ID: e.ID, At: e.At, Verifications: e.Verifications, Consents: e.Consents, Keys: e.Keys}
}

package receipt

import (
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// ErasureVersion is the schema_version of the proofs of erasures.
const ErasureVersion = "heyan.erasure.1"

// Erasure proves that a person was taken out, and that the book was not touched by it.
// It holds nothing of the person: whoever asked for it knows the erasure's id.
type Erasure struct {
	SchemaVersion string     `json:"schema_version"`
	Tenant        idv.Tenant `json:"tenant"`
	ID            string     `json:"erasure_id"`
	At            time.Time  `json:"erased_at"`
	Verifications int64      `json:"verifications"`  // that lost the person
	Consents      int64      `json:"consents"`       // that lost the person
	KeysDestroyed int64      `json:"keys_destroyed"` // data keys; without them what was sealed is noise
	Before        Book       `json:"book_before"`
	After         Book       `json:"book_after"`
	Kept          []Kept     `json:"kept"` // what stays, and why
}

// Book is the sums of all lots, in units, and how many lines the book has. Other calls
// may have been made between the two counts, so the sums may differ; units and lines
// never become fewer by an erasure.
type Book struct {
	Units      int64 `json:"units"` // bought
	Available  int64 `json:"available"`
	Held       int64 `json:"held"`
	Posted     int64 `json:"posted"`
	Unknown    int64 `json:"unknown"`
	WrittenOff int64 `json:"written_off"`
	Entries    int64 `json:"entries"`
}

// Kept is something that an erasure leaves, and the duty to keep it.
type Kept struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// ErrBook says that the sums of a book do not add up, or that it has fewer units or
// lines than before: that is not to be proven but to be looked into.
var ErrBook = errors.New("the book does not add up")

// largest is the greatest whole number that every JSON reader reads the same (RFC 8785
// appendix B).
const largest = 1<<53 - 1

// check finds what is missing, and a book that does not add up: a proof of that would
// prove too much.
func (e *Erasure) check() error {
	switch {
	case e.SchemaVersion != ErasureVersion:
		return fmt.Errorf("a proof of an erasure needs schema_version: %w", ErrIncomplete)
	case e.ID == "" || e.At.IsZero():
		return fmt.Errorf("a proof of an erasure needs erasure_id and erased_at: %w", ErrIncomplete)
	case len(e.Kept) == 0:
		return fmt.Errorf("a proof of an erasure says what is kept and why: %w", ErrIncomplete)
	case !countable(e.Verifications, e.Consents, e.KeysDestroyed):
		return fmt.Errorf("a proof of an erasure needs its counts, none below nothing: %w", ErrIncomplete)
	case !e.Before.adds() || !e.After.adds() || e.After.Units < e.Before.Units || e.After.Entries < e.Before.Entries:
		return ErrBook
	}
	return nil
}

// adds reports whether bought = available + held + posted + unknown + written off.
func (b *Book) adds() bool {
	return countable(b.Units, b.Available, b.Held, b.Posted, b.Unknown, b.WrittenOff, b.Entries) &&
		b.Units == b.Available+b.Held+b.Posted+b.Unknown+b.WrittenOff
}

func countable(counts ...int64) bool {
	for _, n := range counts {
		if n < 0 || n > largest {
			return false
		}
	}
	return true
}

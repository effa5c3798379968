package receipt

import (
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// ErasureVersion is the schema_version of the proofs of erasures.
const ErasureVersion = "heyan.erasure.1"

// Erasure proves that the data of a person was erased and that the ledger did not change.
// It contains nothing about the person, who knows the id of the erasure.
type Erasure struct {
	SchemaVersion string     `json:"schema_version"`
	Tenant        idv.Tenant `json:"tenant"`
	ID            string     `json:"erasure_id"`
	At            time.Time  `json:"erased_at"`
	Verifications int64      `json:"verifications"`  // whose person was erased
	Consents      int64      `json:"consents"`       // whose person was erased
	KeysDestroyed int64      `json:"keys_destroyed"` // data keys; what was encrypted with them cannot be read any more
	Before        Book       `json:"book_before"`
	After         Book       `json:"book_after"`
	Kept          []Kept     `json:"kept"` // what is kept, and why
}

// Book is the sums of all lots of the ledger, in units, and the number of its entries. The
// two sums of an erasure may differ, because calls can happen between them, but an erasure
// never lowers units or entries.
type Book struct {
	Units      int64 `json:"units"` // bought
	Available  int64 `json:"available"`
	Held       int64 `json:"held"`
	Posted     int64 `json:"posted"`
	Unknown    int64 `json:"unknown"`
	WrittenOff int64 `json:"written_off"`
	Entries    int64 `json:"entries"`
}

// Kept is something that an erasure does not remove, and the duty to keep it.
type Kept struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// ErrBook says that the sums of the ledger do not add up, or that it has fewer units or
// entries than before. Find the cause before a proof is signed.
var ErrBook = errors.New("the ledger does not add up")

// largest is the largest integer that every JSON parser reads exactly (RFC 8785 appendix
// B).
const largest = 1<<53 - 1

// check returns what is missing, or ErrBook.
func (e *Erasure) check() error {
	switch {
	case e.SchemaVersion != ErasureVersion:
		return fmt.Errorf("a proof of an erasure needs schema_version: %w", ErrIncomplete)
	case e.ID == "" || e.At.IsZero():
		return fmt.Errorf("a proof of an erasure needs erasure_id and erased_at: %w", ErrIncomplete)
	case len(e.Kept) == 0:
		return fmt.Errorf("a proof of an erasure must say what is kept and why: %w", ErrIncomplete)
	case !countable(e.Verifications, e.Consents, e.KeysDestroyed):
		return fmt.Errorf("a proof of an erasure needs its counts, none of them negative: %w", ErrIncomplete)
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

package store

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// VerificationFilter selects verifications of one tenant. A field with its zero value selects
// all.
type VerificationFilter struct {
	Tenant   idv.Tenant // never all
	From, To time.Time  // created at or after From, and before To
	Verdicts []idv.Verdict
	Reason   string   // such as "timeout"
	Provider string   // whose answer it has, or the last one that was called
	Apps     []string // any of them
}

// Selects reports whether the filter selects a verification.
func (f *VerificationFilter) Selects(v *idv.Verification) bool {
	return v.Tenant == f.Tenant && !v.CreatedAt.Before(f.From) && (f.To.IsZero() || v.CreatedAt.Before(f.To)) &&
		(len(f.Verdicts) == 0 || slices.Contains(f.Verdicts, v.Verdict)) && (f.Reason == "" || string(v.Reason) == f.Reason) &&
		(f.Provider == "" || FilterProvider(v) == f.Provider) && (len(f.Apps) == 0 || slices.Contains(f.Apps, v.App))
}

// Stored reports whether every text of the filter can be in a store. Otherwise it selects
// nothing.
func (f *VerificationFilter) Stored() bool {
	for _, text := range append([]string{string(f.Tenant), f.Reason, f.Provider}, f.Apps...) {
		if idv.CheckText(text, idv.MaxNote) != idv.TextFits {
			return false
		}
	}
	return true
}

// FilterProvider returns the provider that a verification is found by: the one whose answer
// it has, else the last one that was called, else "".
func FilterProvider(v *idv.Verification) string {
	if len(v.Evidence) > 0 {
		return v.Evidence[0].Provider
	}
	if n := len(v.Attempts); n > 0 {
		return v.Attempts[n-1].Provider
	}
	return ""
}

// Position is a place in a list that is ordered by time and id, newest first. It stays valid
// while rows are added and deleted.
type Position struct {
	At int64 // microseconds since 1970
	ID string
}

// PositionOf returns the position of a row.
func PositionOf(at time.Time, id string) Position { return Position{at.UnixMicro(), id} }

// String returns the position as the cursor of a page, which callers do not read.
func (p Position) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.At, 10) + "." + p.ID))
}

// ParsePosition reads a cursor. The error is ErrPage.
func ParsePosition(cursor string) (Position, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return Position{}, ErrPage
	}
	micros, id, ok := strings.Cut(string(text), ".")
	at, err := strconv.ParseInt(micros, 10, 64)
	if p := (Position{at, id}); ok && err == nil && id != "" && idv.CheckText(id, idv.MaxName) == idv.TextFits && p.String() == cursor {
		return p, nil
	}
	return Position{}, ErrPage
}

package sqlstore

import (
	"encoding"
	"fmt"
	"math"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// micros returns a time in its stored form, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func timeOf(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// from and to return the limits of a filter in stored form.
func from(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixMicro()
}

func to(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.UnixMicro()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// wordsOf parses stored words into values, in pairs of value and word. An unknown word means
// that a newer version or another program wrote it.
func wordsOf(pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		if err := pairs[i].(encoding.TextUnmarshaler).UnmarshalText([]byte(pairs[i+1].(string))); err != nil {
			return fmt.Errorf("reading a stored word: %w", err)
		}
	}
	return nil
}

func scanLot(r row) (l ledger.Balance, err error) {
	var open, bought, expires, booked, canceled, left, counted int64
	err = r.Scan(&l.ID, &l.Provider, &open, &bought, &expires, &l.Note, &l.Total.Currency, &l.Total.Micros, &l.Units,
		&l.Available, &l.Held, &l.Posted, &l.Unknown, &l.WrittenOff, &booked, &canceled, &left, &counted)
	l.Open, l.Bought, l.Expires, l.Booked, l.Canceled = open != 0, timeOf(bought), timeOf(expires), timeOf(booked), timeOf(canceled)
	l.Reopen(left, counted)
	return l, err
}

func insertLot(l *ledger.Balance) statement {
	return statement{sql: insertLotSQL, args: []any{
		l.ID, l.Provider, flag(l.Open), micros(l.Bought), micros(l.Expires), l.Note, l.Total.Currency, l.Total.Micros, l.Units,
		l.Available, l.Held, l.Posted, l.Unknown, l.WrittenOff, micros(l.Booked), micros(l.Canceled), l.Left, l.Available,
	}}
}

// updateLot writes differences, so that the check constraints reject an overdraft even if
// another program changed the row.
func updateLot(l, before *ledger.Balance) statement {
	return statement{sql: updateLotSQL, args: []any{
		l.ID, l.Total.Currency, l.Total.Micros - before.Total.Micros, l.Units - before.Units, l.Available - before.Available,
		l.Held - before.Held, l.Posted - before.Posted, l.Unknown - before.Unknown, l.WrittenOff - before.WrittenOff,
		micros(l.Canceled), l.Left, l.Available,
	}}
}

func scanHold(r row) (h ledger.Hold, err error) {
	var open, at, deadline, changed, told, failed int64
	var check, state, ending, origin, sent, charge string
	i, a := &h.Intent, &h.Outcome
	err = r.Scan(&i.Attempt, &i.Verification, &i.Provider, &check, &i.Tenant, &i.App, &i.Purpose, &h.Lot, &open, &i.Price.Micros,
		&i.Price.Currency, &at, &deadline, &state, &changed, &h.Why, &told, &failed, &ending, &origin, &sent, &charge,
		&a.VendorCode, &a.VendorRef, &a.Duration, &i.Consent.ID, &i.Basis)
	if err != nil {
		return h, err
	}
	i.At, i.Deadline, h.Changed = timeOf(at), timeOf(deadline), timeOf(changed)
	h.Open, h.OutcomeRecorded, a.Failed = open != 0, told != 0, failed != 0
	if err := wordsOf(&i.Check, check, &h.State, state); err != nil || !h.OutcomeRecorded {
		return h, err
	}
	a.ID, a.Provider, a.Check, a.StartedAt, a.Lot, a.Price = i.Attempt, i.Provider, i.Check, i.At, h.Lot, i.Price
	var word encoding.TextUnmarshaler = &a.Verdict
	if a.Failed {
		word = &a.Failure
	}
	return h, wordsOf(word, ending, &a.Origin, origin, &a.Delivery, sent, &a.Charge, charge)
}

func insertHold(h *ledger.Hold) statement {
	i := &h.Intent
	return statement{sql: insertHoldSQL, args: append(outcomeArgs(h),
		i.Verification, i.Provider, i.Check.String(), i.Tenant, i.App, i.Purpose, h.Lot, flag(h.Open), i.Price.Micros,
		i.Price.Currency, micros(i.At), monthNumber(i.At), micros(i.Deadline), i.Consent.ID, i.Basis,
	)}
}

func updateHold(h *ledger.Hold) statement { return statement{sql: updateHoldSQL, args: outcomeArgs(h)} }

// outcomeArgs returns the columns of a hold that change.
func outcomeArgs(h *ledger.Hold) []any {
	a := &h.Outcome
	args := make([]any, 0, 28)
	return append(args, h.Intent.Attempt, h.State.String(), micros(h.Changed), h.Why, flag(h.OutcomeRecorded), flag(a.Failed), h.Ending(),
		a.Origin.String(), a.Delivery.String(), a.Charge.String(), a.VendorCode, a.VendorRef, int64(a.Duration))
}

// monthNumber returns the month of usage as a number such as 202611.
func monthNumber(t time.Time) int64 {
	year, month, _ := ledger.VendorTime(t).Date()
	return int64(year)*100 + int64(month)
}

func insertEntry(e *ledger.Entry) statement {
	return statement{sql: insertEntrySQL, args: []any{
		e.Seq, micros(e.At), e.Lot, e.Hold, e.From.String(), e.To.String(), e.Units, e.Amount.Micros, e.Amount.Currency, e.Why,
	}}
}

func scanEntry(r row) (e ledger.Entry, err error) {
	var at int64
	var from, to string
	err = r.Scan(&e.Seq, &at, &e.Lot, &e.Hold, &from, &to, &e.Units, &e.Amount.Micros, &e.Amount.Currency, &e.Why,
		&e.Provider, &e.Tenant, &e.App, &e.Purpose)
	if err != nil {
		return e, err
	}
	e.At = timeOf(at)
	return e, wordsOf(&e.From, from, &e.To, to)
}

func scanUse(r row) (u ledger.Use, err error) {
	var month int64
	var state string
	if err = r.Scan(&month, &u.Provider, &u.Outcome, &state, &u.Amount.Currency, &u.Calls, &u.Amount.Micros); err != nil {
		return u, err
	}
	var s ledger.State
	err = wordsOf(&s, state)
	u.Month, u.Charge = fmt.Sprintf("%04d-%02d", month/100, month%100), s.Charge()
	return u, err
}

func scanClaim(r row, k store.Key) (*claimed, error) {
	var fingerprint []byte
	var deadline, expires, done int64
	c := &claimed{Claimed: store.Claimed{Claim: store.Claim{Key: k}}}
	err := r.Scan(&fingerprint, &c.Verification, &deadline, &expires, &done, &c.data)
	copy(c.Print[:], fingerprint)
	c.Deadline, c.Expiry, c.Done = timeOf(deadline), timeOf(expires), done != 0
	return c, err
}

// The words of the column kind of verifications.
const (
	kindRequest   = ""          // written by its request
	kindUncalled  = "uncalled"  // by a request for which no provider was called, in short form
	kindRecovered = "recovered" // by Recover; the outcome of the request may still arrive
)

func insertVerification(v *idv.Verification, data, kind string) statement {
	return statement{sql: insertVerificationSQL, args: []any{
		v.Tenant, v.ID, micros(v.CreatedAt), v.Check.String(), v.Verdict.String(), v.Reason, data, string(v.Token),
		store.FilterProvider(v), v.App, v.Purpose, kind,
	}}
}

package sqlstore

import (
	"encoding"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

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

// scanLot reads what does not change of a lot.
func scanLot(r row) (l ledger.Lot, err error) {
	var open, bought, expires, booked, canceled int64
	err = r.Scan(&l.ID, &l.Provider, &open, &bought, &expires, &l.Note, &l.Total.Currency, &l.Total.Micros, &l.Units, &booked, &canceled)
	l.Open, l.Bought, l.Expires, l.Booked, l.Canceled = open != 0, timeOf(bought), timeOf(expires), timeOf(booked), timeOf(canceled)
	return l, err
}

// scanBalance reads a lot with the sums of its rows.
func scanBalance(r row) (b ledger.Balance, err error) {
	var open, bought, expires, booked, canceled int64
	l := &b.Lot
	err = r.Scan(&l.ID, &l.Provider, &open, &bought, &expires, &l.Note, &l.Total.Currency, &l.Total.Micros, &l.Units, &booked, &canceled,
		&b.Left, &b.Available, &b.Held, &b.Posted, &b.Unknown, &b.WrittenOff)
	l.Open, l.Bought, l.Expires, l.Booked, l.Canceled = open != 0, timeOf(bought), timeOf(expires), timeOf(booked), timeOf(canceled)
	return b, err
}

func insertLot(l *ledger.Lot) statement {
	return statement{sql: insertLotSQL, args: []any{
		l.ID, l.Provider, flag(l.Open), micros(l.Bought), micros(l.Expires), l.Note, l.Total.Currency, l.Total.Micros, l.Units,
		micros(l.Booked), micros(l.Canceled),
	}}
}

func scanRow(r row) (l ledger.Row, err error) {
	var last int64
	err = r.Scan(&l.ID, &l.N, &l.Moved, &l.Available, &l.Left, &l.Held, &l.Posted, &l.Unknown, &l.WrittenOff, &l.Seq, &last)
	l.Last = timeOf(last)
	return l, err
}

// insertRow writes a new row. What a package cost is in its first row.
func insertRow(r *ledger.Row) statement {
	total := r.Total.Micros
	if !r.Open && r.N > 0 {
		total = 0
	}
	return statement{sql: insertRowSQL, args: []any{
		r.ID, int64(r.N), r.Bought(), total, r.Moved, r.Available, r.Left, r.Held, r.Posted, r.Unknown, r.WrittenOff, r.Seq, micros(r.Last),
	}}
}

// updateRow writes differences, so that the check constraints reject an overdraft even if
// another program changed the row.
func updateRow(r, before *ledger.Row) statement {
	return statement{sql: updateRowSQL, args: []any{
		r.ID, int64(r.N), r.Units - before.Units, r.Total.Micros - before.Total.Micros, r.Available - before.Available, r.Left - before.Left,
		r.Held - before.Held, r.Posted - before.Posted, r.Unknown - before.Unknown, r.WrittenOff - before.WrittenOff, r.Seq - before.Seq, micros(r.Last),
		r.Moved - before.Moved,
	}}
}

func scanHold(r row) (h ledger.Hold, err error) {
	var open, at, deadline, changed, told, failed int64
	var check, state, ending, origin, sent, charge string
	i, a := &h.Intent, &h.Outcome
	err = r.Scan(&i.Attempt, &i.Verification, &i.Provider, &check, &i.Tenant, &i.App, &i.Purpose, &h.Lot, &open, &i.Price.Micros,
		&i.Price.Currency, &at, &deadline, &state, &changed, &h.Why, &told, &failed, &ending, &origin, &sent, &charge,
		&a.VendorCode, &a.VendorRef, &a.Duration, &a.Phase, &i.Consent.ID, &i.Basis)
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
	args := make([]any, 0, 29)
	return append(args, h.Intent.Attempt, h.State.String(), micros(h.Changed), h.Why, flag(h.OutcomeRecorded), flag(a.Failed), h.Ending(),
		a.Origin.String(), a.Delivery.String(), a.Charge.String(), a.VendorCode, a.VendorRef, int64(a.Duration), a.Phase)
}

// monthNumber returns the month of usage as a number such as 202611.
func monthNumber(t time.Time) int64 {
	year, month, _ := ledger.VendorTime(t).Date()
	return int64(year)*100 + int64(month)
}

func insertEntry(e *ledger.Entry) statement {
	return statement{sql: insertEntrySQL, args: []any{
		e.Lot, int64(e.Row), e.Seq, micros(e.At), e.Hold, e.From.String(), e.To.String(), e.Units, e.Amount.Micros, e.Amount.Currency, e.Why,
	}}
}

func scanEntry(r row) (e ledger.Entry, err error) {
	var at int64
	var from, to string
	err = r.Scan(&e.Row, &e.Seq, &at, &e.Lot, &e.Hold, &from, &to, &e.Units, &e.Amount.Micros, &e.Amount.Currency, &e.Why,
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

func scanClaim(r row) (*claimed, error) {
	var fingerprint []byte
	var deadline, expires, done, kept int64
	c := &claimed{}
	err := r.Scan(&c.Key.Tenant, &c.Key.Key, &fingerprint, &c.Verification, &deadline, &expires, &done, &kept)
	copy(c.Print[:], fingerprint)
	c.Deadline, c.Expiry, c.Done = timeOf(deadline), timeOf(expires), done != 0
	c.empty = c.Done && kept == 0
	return c, err
}

func insertClaim(c *claimed) statement {
	return statement{sql: upsertClaim, args: []any{
		c.Key.Tenant, c.Key.Key, c.Print[:], c.Verification, micros(c.Deadline), micros(c.Expiry), flag(c.Done),
	}}
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

package sqlstore

import (
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// storedVerification is a verification as the column data holds it, beside the columns of its row.
// The tags are the names under which every version wrote the members; a name that changes loses
// what is stored under the old one. Package idv may rename its fields, these tags never follow.
// docs/decisions/0033-stored-forms.md has the rule, testdata/golden the written forms. Empty
// members are left out, and what the columns say.
type storedVerification struct {
	Document  idv.Document     `json:"Document,omitzero"`
	Fidelity  idv.Fidelity     `json:"Fidelity,omitzero"`
	Subject   storedSubject    `json:"Subject,omitzero"`
	Erased    string           `json:"Erased,omitzero"`
	Flags     []string         `json:"Flags,omitzero"`
	Evidence  []storedEvidence `json:"Evidence,omitzero"`
	LeftOut   []storedSkipped  `json:"LeftOut,omitzero"`
	ConsentID string           `json:"ConsentID,omitzero"`
	Basis     string           `json:"Basis,omitzero"`
	Rules     []string         `json:"Rules,omitzero"`
	Review    bool             `json:"Review,omitzero"`
	Reused    *storedReuse     `json:"Reused,omitempty"`
	CreatedAt *time.Time       `json:"CreatedAt,omitempty"` // if it is not exactly that of the column
	TraceID   *string          `json:"TraceID,omitempty"`   // if it is not that of the id, see traceOf
	NextSteps []storedAdvice   `json:"NextSteps,omitzero"`
	Fields    []storedField    `json:"Fields,omitempty"` // absent in rows of versions before 0005
	SecondOf  string           `json:"SecondOf,omitempty"`
	Attempts  []storedAttempt  `json:"Attempts,omitempty"`
}

// storedColumns are the columns of a verification. Versions before 0018 wrote them to data too,
// under these names.
type storedColumns struct {
	Tenant   idv.Tenant       `json:"Tenant"`
	ID       string           `json:"ID"`
	App      string           `json:"App"`
	Check    idv.Check        `json:"Check"`
	Verdict  idv.Verdict      `json:"Verdict"`
	Reason   string           `json:"Reason"`
	Token    idv.SubjectToken `json:"Token"`
	Purpose  string           `json:"Purpose"`
	created  time.Time
	provider string // see store.FilterProvider
}

// columnsOfRow returns the columns of a verification.
func columnsOfRow(v *idv.Verification) storedColumns {
	return storedColumns{
		Tenant: v.Tenant, ID: v.ID, App: v.App, Check: v.Check, Verdict: v.Verdict, Reason: string(v.Reason), Token: v.Token, Purpose: v.Purpose,
		created: timeOf(micros(v.CreatedAt)), provider: store.FilterProvider(v),
	}
}

// unlessTime returns a time as data holds it, nil if it is the given one.
func unlessTime(t, same time.Time) *time.Time {
	if _, offset := t.Zone(); t.Equal(same) && offset == 0 {
		return nil
	}
	return &t
}

// unless returns a value as data holds it, nil if it is the given one.
func unless[T comparable](value, same T) *T {
	if value == same {
		return nil
	}
	return &value
}

// or returns the value that data has, or the given one if it has none.
func or[T any](stored *T, same T) T {
	if stored == nil {
		return same
	}
	return *stored
}

// traceOf returns the trace id that a verification has unless its caller sent one: the 16 bytes
// of its id. It is "" for an id of another form.
func traceOf(id string) string {
	raw, err := base32.HexEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimPrefix(id, "ver_"))
	if err != nil || len(raw) != 16 {
		return ""
	}
	return hex.EncodeToString(raw)
}

// storedSubject is a masked subject: nothing else of a person's claims is stored.
type storedSubject struct {
	Name     string `json:"name,omitempty"`
	IDNumber string `json:"id_number,omitempty"`
	Mobile   string `json:"mobile,omitempty"`
	BankCard string `json:"bank_card,omitempty"`
}

type storedEvidence struct {
	Type         string    `json:"type"`
	CheckMethod  string    `json:"check_method"`
	Organization string    `json:"organization"`
	Provider     string    `json:"provider"`
	CheckID      string    `json:"check_id,omitempty"`
	Source       string    `json:"source,omitempty"`
	Time         time.Time `json:"time"`
}

type storedSkipped struct {
	Provider string         `json:"provider"`
	Why      idv.SkipReason `json:"why"`
	Until    time.Time      `json:"until,omitzero"`
}

type storedReuse struct {
	Verification string    `json:"verification"`
	At           time.Time `json:"at"`
	Until        time.Time `json:"until"`
}

// storedField is how one claim compares with the register. Claims that were not compared
// are left out.
type storedField struct {
	Claim  idv.Claim      `json:"claim"`
	Result idv.Comparison `json:"result"`
}

type storedAdvice struct {
	Code string    `json:"code"`
	ZH   string    `json:"zh"`
	EN   string    `json:"en"`
	At   time.Time `json:"at,omitzero"`
	Date string    `json:"date,omitempty"`
}

// storedAttempt is a call. After and Duration are in microseconds and nanoseconds.
//
// What a call usually has in common with its verification is left out. A version before 0018
// wrote it.
type storedAttempt struct {
	ID         *string       `json:"ID,omitempty"`       // if it is not made of that of the verification and the number of the call
	Provider   *string       `json:"Provider,omitempty"` // if it is not that of the column
	Check      *idv.Check    `json:"Check,omitempty"`    // if it is not that of the verification
	Verdict    *idv.Verdict  `json:"Verdict,omitempty"`  // if it is not that of the verification
	Failure    idv.Failure   `json:"Failure,omitzero"`
	Failed     bool          `json:"Failed,omitzero"`
	Origin     idv.Origin    `json:"Origin,omitzero"`
	Sent       idv.Delivery  `json:"Sent,omitzero"`
	Charge     idv.Charge    `json:"Charge,omitzero"`
	VendorCode string        `json:"VendorCode,omitzero"`
	VendorRef  string        `json:"VendorRef,omitzero"`
	StartedAt  *time.Time    `json:"StartedAt,omitempty"` // if it is not After the column created_at
	After      int64         `json:"After,omitzero"`
	Duration   time.Duration `json:"Duration,omitzero"`
	Lot        string        `json:"Lot,omitzero"`
	Price      storedMoney   `json:"Price,omitzero"`
	Phase      string        `json:"Phase,omitempty"` // absent in rows of versions before 0005
}

type storedMoney struct {
	Micros   int64  `json:"Micros"`
	Currency string `json:"Currency"`
}

// encode returns what the column data holds of a verification. The subject in it is masked.
func encode(v *idv.Verification) (string, error) {
	c := columnsOfRow(v)
	text, err := json.Marshal(&storedVerification{
		Document: v.Document, Fidelity: v.Fidelity, Subject: storedSubject(v.Subject), Erased: v.Erased, Flags: v.Flags,
		Evidence:  converted(v.Evidence, func(e idv.Evidence) storedEvidence { return storedEvidence(e) }),
		LeftOut:   converted(v.Skipped, storeSkipped),
		ConsentID: v.ConsentID, Basis: string(v.Basis), Rules: v.Rules, Review: v.Review,
		Reused: (*storedReuse)(v.Reused), CreatedAt: unlessTime(v.CreatedAt, c.created), TraceID: unless(v.TraceID, traceOf(v.ID)),
		NextSteps: converted(v.NextSteps, func(a idv.Advice) storedAdvice { return storedAdvice(a) }),
		Attempts:  c.attempts(v.Attempts),
		Fields:    storeFields(v.Fields),
		SecondOf:  v.SecondOf,
	})
	return string(text), err
}

// decode reads a row that encode wrote the column data of, in this version or an earlier one,
// which wrote all of a verification to data.
func decode(c storedColumns, data string) (idv.Verification, error) {
	var r struct {
		storedColumns
		storedVerification
	}
	if err := json.Unmarshal([]byte(data), &r); err != nil {
		return idv.Verification{}, err
	}
	usual := c
	if r.ID != "" || c.ID == "" {
		c, usual = r.storedColumns, storedColumns{}
	}
	v := idv.Verification{
		ID: c.ID, Tenant: c.Tenant, App: c.App, Check: c.Check, Document: r.Document, Verdict: c.Verdict, Reason: idv.Reason(c.Reason),
		Fidelity: r.Fidelity, Subject: idv.MaskedSubject(r.Subject).HideLast(), Token: c.Token, Erased: r.Erased, Flags: r.Flags,
		Evidence: converted(r.Evidence, func(e storedEvidence) idv.Evidence { return idv.Evidence(e) }),
		Skipped:  converted(r.LeftOut, storedSkipped.skipped),
		Purpose:  c.Purpose, ConsentID: r.ConsentID, Basis: idv.Basis(r.Basis), Rules: r.Rules, Review: r.Review,
		Reused: (*idv.Reuse)(r.Reused), CreatedAt: or(r.CreatedAt, c.created), TraceID: or(r.TraceID, traceOf(usual.ID)),
		NextSteps: converted(r.NextSteps, func(a storedAdvice) idv.Advice { return idv.Advice(a) }),
		Attempts:  make([]idv.Attempt, len(r.Attempts)),
		Fields:    fieldsOf(r.Fields),
		SecondOf:  r.SecondOf,
	}
	for n := range r.Attempts {
		v.Attempts[n] = usual.attempt(n, &r.Attempts[n])
	}
	return v, nil
}

func storeFields(f idv.Fields) (list []storedField) {
	for claim, result := range f {
		if result != idv.NotCompared {
			list = append(list, storedField{idv.Claim(claim), result}) //nolint:gosec // an index of Fields is a claim
		}
	}
	return list
}

func fieldsOf(list []storedField) (f idv.Fields) {
	for _, stored := range list {
		f[stored.Claim] = stored.Result
	}
	return f
}

func storeSkipped(l idv.Skipped) storedSkipped {
	return storedSkipped{Provider: l.Provider, Why: l.Reason, Until: l.Until}
}

func (l storedSkipped) skipped() idv.Skipped {
	return idv.Skipped{Provider: l.Provider, Reason: l.Why, Until: l.Until}
}

// attempts returns what data holds of calls.
func (c *storedColumns) attempts(list []idv.Attempt) []storedAttempt {
	out := make([]storedAttempt, len(list))
	for n := range list {
		a := &list[n]
		after := a.StartedAt.Sub(c.created).Truncate(time.Microsecond)
		out[n] = storedAttempt{
			ID: unless(a.ID, c.attemptID(n)), Provider: unless(a.Provider, c.provider), Check: unless(a.Check, c.Check),
			Verdict: unless(a.Verdict, c.Verdict), Failure: a.Failure, Failed: a.Failed, Origin: a.Origin,
			Sent: a.Delivery, Charge: a.Charge, VendorCode: a.VendorCode, VendorRef: a.VendorRef,
			StartedAt: unlessTime(a.StartedAt, c.created.Add(after)), Duration: a.Duration,
			Lot: a.Lot, Price: storedMoney(a.Price), Phase: a.Phase,
		}
		if out[n].StartedAt == nil {
			out[n].After = after.Microseconds()
		}
	}
	return out
}

// attemptID returns the id of the n-th call if no call before it was given up.
func (c *storedColumns) attemptID(n int) string { return c.ID + "-" + strconv.Itoa(n+1) }

// attempt returns the n-th call.
func (c *storedColumns) attempt(n int, a *storedAttempt) idv.Attempt {
	return idv.Attempt{
		ID: or(a.ID, c.attemptID(n)), Provider: or(a.Provider, c.provider), Check: or(a.Check, c.Check), Verdict: or(a.Verdict, c.Verdict),
		Failure: a.Failure, Failed: a.Failed, Origin: a.Origin, Delivery: a.Sent, Charge: a.Charge, VendorCode: a.VendorCode, VendorRef: a.VendorRef,
		StartedAt: or(a.StartedAt, c.created.Add(time.Duration(a.After)*time.Microsecond)), Duration: a.Duration,
		Lot: a.Lot, Price: idv.Money(a.Price), Phase: a.Phase,
	}
}

// converted converts every element of a list. A nil list stays nil, which JSON tells
// from an empty one.
func converted[From, To any](list []From, convert func(From) To) []To {
	if list == nil {
		return nil
	}
	out := make([]To, len(list))
	for i := range list {
		out[i] = convert(list[i])
	}
	return out
}

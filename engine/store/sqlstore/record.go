package sqlstore

import (
	"encoding/json"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// storedVerification is a verification as the column data holds it. The tags are the
// names under which every version wrote the members; a name that changes loses what is
// stored under the old one. Package idv may rename its fields, these tags never follow.
// docs/decisions/0033-stored-forms.md has the rule, testdata/golden the written forms. Empty
// members are left out, which every version reads as empty: most of them are in most rows.
type storedVerification struct {
	ID        string           `json:"ID"`
	Tenant    idv.Tenant       `json:"Tenant"`
	App       string           `json:"App,omitzero"`
	Check     idv.Check        `json:"Check,omitzero"`
	Document  idv.Document     `json:"Document,omitzero"`
	Verdict   idv.Verdict      `json:"Verdict,omitzero"`
	Reason    string           `json:"Reason,omitzero"`
	Fidelity  idv.Fidelity     `json:"Fidelity,omitzero"`
	Subject   storedSubject    `json:"Subject,omitzero"`
	Token     idv.SubjectToken `json:"Token,omitzero"`
	Erased    string           `json:"Erased,omitzero"`
	Flags     []string         `json:"Flags,omitzero"`
	Evidence  []storedEvidence `json:"Evidence,omitzero"`
	LeftOut   []storedSkipped  `json:"LeftOut,omitzero"`
	Purpose   string           `json:"Purpose,omitzero"`
	ConsentID string           `json:"ConsentID,omitzero"`
	Basis     string           `json:"Basis,omitzero"`
	Rules     []string         `json:"Rules,omitzero"`
	Review    bool             `json:"Review,omitzero"`
	Reused    *storedReuse     `json:"Reused,omitzero"`
	CreatedAt time.Time        `json:"CreatedAt"`
	TraceID   string           `json:"TraceID,omitzero"`
	NextSteps []storedAdvice   `json:"NextSteps,omitzero"`
	Fields    []storedField    `json:"Fields,omitempty"` // absent in rows of versions before 0005
	SecondOf  string           `json:"SecondOf,omitempty"`
	Attempts  []storedAttempt  `json:"Attempts"`
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

// storedAttempt is a call. Duration is in nanoseconds.
type storedAttempt struct {
	ID         string        `json:"ID"`
	Provider   string        `json:"Provider"`
	Check      idv.Check     `json:"Check,omitzero"`
	Verdict    idv.Verdict   `json:"Verdict,omitzero"`
	Failure    idv.Failure   `json:"Failure,omitzero"`
	Failed     bool          `json:"Failed,omitzero"`
	Origin     idv.Origin    `json:"Origin,omitzero"`
	Sent       idv.Delivery  `json:"Sent,omitzero"`
	Charge     idv.Charge    `json:"Charge,omitzero"`
	VendorCode string        `json:"VendorCode,omitzero"`
	VendorRef  string        `json:"VendorRef,omitzero"`
	StartedAt  time.Time     `json:"StartedAt"`
	Duration   time.Duration `json:"Duration,omitzero"`
	Lot        string        `json:"Lot,omitzero"`
	Price      storedMoney   `json:"Price,omitzero"`
	Phase      string        `json:"Phase,omitempty"` // absent in rows of versions before 0005
}

type storedMoney struct {
	Micros   int64  `json:"Micros"`
	Currency string `json:"Currency"`
}

// encode writes a verification for the store. The subject in it is masked.
func encode(v *idv.Verification) (string, error) {
	text, err := json.Marshal(&storedVerification{
		ID: v.ID, Tenant: v.Tenant, App: v.App, Check: v.Check, Document: v.Document, Verdict: v.Verdict, Reason: string(v.Reason),
		Fidelity: v.Fidelity, Subject: storedSubject(v.Subject), Token: v.Token, Erased: v.Erased, Flags: v.Flags,
		Evidence: converted(v.Evidence, func(e idv.Evidence) storedEvidence { return storedEvidence(e) }),
		LeftOut:  converted(v.Skipped, storeSkipped),
		Purpose:  v.Purpose, ConsentID: v.ConsentID, Basis: string(v.Basis), Rules: v.Rules, Review: v.Review,
		Reused: (*storedReuse)(v.Reused), CreatedAt: v.CreatedAt, TraceID: v.TraceID,
		NextSteps: converted(v.NextSteps, func(a idv.Advice) storedAdvice { return storedAdvice(a) }),
		Attempts:  converted(orEmpty(v.Attempts), storeAttempt),
		Fields:    storeFields(v.Fields),
		SecondOf:  v.SecondOf,
	})
	return string(text), err
}

// storedBrief is a verification for which no provider was called. Its members are some of
// those of storedVerification, so both are read alike.
type storedBrief struct {
	ID        string          `json:"ID"`
	Tenant    idv.Tenant      `json:"Tenant"`
	App       string          `json:"App,omitempty"`
	Check     idv.Check       `json:"Check"`
	Reason    string          `json:"Reason"`
	LeftOut   []storedSkipped `json:"LeftOut,omitempty"`
	Purpose   string          `json:"Purpose,omitempty"`
	CreatedAt time.Time       `json:"CreatedAt"`
	TraceID   string          `json:"TraceID"`
}

// encodeBrief writes the short form of a verification for the store.
func encodeBrief(v *idv.Verification) (string, error) {
	text, err := json.Marshal(&storedBrief{
		ID: v.ID, Tenant: v.Tenant, App: v.App, Check: v.Check, Reason: string(v.Reason), LeftOut: converted(v.Skipped, storeSkipped),
		Purpose: v.Purpose, CreatedAt: v.CreatedAt, TraceID: v.TraceID,
	})
	return string(text), err
}

// decode reads what encode or encodeBrief wrote, in this version or an earlier one.
func decode(text string) (idv.Verification, error) {
	var r storedVerification
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return idv.Verification{}, err
	}
	return idv.Verification{
		ID: r.ID, Tenant: r.Tenant, App: r.App, Check: r.Check, Document: r.Document, Verdict: r.Verdict, Reason: idv.Reason(r.Reason),
		Fidelity: r.Fidelity, Subject: idv.MaskedSubject(r.Subject).HideLast(), Token: r.Token, Erased: r.Erased, Flags: r.Flags,
		Evidence: converted(r.Evidence, func(e storedEvidence) idv.Evidence { return idv.Evidence(e) }),
		Skipped:  converted(r.LeftOut, storedSkipped.skipped),
		Purpose:  r.Purpose, ConsentID: r.ConsentID, Basis: idv.Basis(r.Basis), Rules: r.Rules, Review: r.Review,
		Reused: (*idv.Reuse)(r.Reused), CreatedAt: r.CreatedAt, TraceID: r.TraceID,
		NextSteps: converted(r.NextSteps, func(a storedAdvice) idv.Advice { return idv.Advice(a) }),
		Attempts:  converted(orEmpty(r.Attempts), storedAttempt.attempt),
		Fields:    fieldsOf(r.Fields),
		SecondOf:  r.SecondOf,
	}, nil
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

func storeAttempt(a idv.Attempt) storedAttempt {
	return storedAttempt{
		ID: a.ID, Provider: a.Provider, Check: a.Check, Verdict: a.Verdict, Failure: a.Failure, Failed: a.Failed, Origin: a.Origin,
		Sent: a.Delivery, Charge: a.Charge, VendorCode: a.VendorCode, VendorRef: a.VendorRef, StartedAt: a.StartedAt, Duration: a.Duration,
		Lot: a.Lot, Price: storedMoney(a.Price), Phase: a.Phase,
	}
}

func (a storedAttempt) attempt() idv.Attempt {
	return idv.Attempt{
		ID: a.ID, Provider: a.Provider, Check: a.Check, Verdict: a.Verdict, Failure: a.Failure, Failed: a.Failed, Origin: a.Origin,
		Delivery: a.Sent, Charge: a.Charge, VendorCode: a.VendorCode, VendorRef: a.VendorRef, StartedAt: a.StartedAt, Duration: a.Duration,
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

// orEmpty returns an empty list for nil: a verification without calls has always been
// stored with the list [], and is read with one.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

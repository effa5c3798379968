package sqlstore

import (
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// The values that the golden databases and golden JSON hold, written out. A test that
// reads a golden file compares with these, never with what today's encoder makes. All
// people are invented.

// goldenFuture is when what must not run out in any test runs out.
func goldenFuture() time.Time { return time.Date(2199, 12, 31, 0, 0, 0, 0, time.UTC) }

// recoveredVerification is what Recover stored in place of a request.
func recoveredVerification() idv.Verification {
	return idv.Verification{
		ID: "ver_recovered", Tenant: "bank", App: "wallet", Check: idv.CheckIDName, Reason: "unknown", Purpose: "account opening", CreatedAt: goldenTime(3),
		Attempts: []idv.Attempt{{ID: "ver_recovered-1", Provider: "alpha", Check: idv.CheckIDName, Failed: true, StartedAt: goldenTime(3)}},
	}
}

// goldenVerifications are a full verification, an empty one, one without its person
// after an erasure, and one for each word that a member can have.
func goldenVerifications() []idv.Verification {
	list := []idv.Verification{fullVerification(), {ID: "ver_empty", Tenant: "bank", CreatedAt: goldenTime(0), Attempts: []idv.Attempt{}}}
	add := func(name string, v idv.Verification) {
		v.ID, v.Tenant, v.CreatedAt = "ver_"+name, "shop", goldenTime(len(list))
		if v.Attempts == nil {
			v.Attempts = []idv.Attempt{}
		}
		list = append(list, v)
	}
	add("erased", idv.Verification{Verdict: idv.Match, Erased: "ers_1", Check: idv.CheckIDName})
	add("person", idv.Verification{Verdict: idv.Match, Token: "k1:goldenpersontwo", Check: idv.CheckIDName, Subject: idv.MaskedSubject{Name: "试*"}})
	for i, verdict := range []idv.Verdict{idv.Undetermined, idv.Match, idv.Mismatch, idv.NoRecord, idv.MismatchOrNoRecord} {
		add(fmt.Sprint("verdict_", i), idv.Verification{Verdict: verdict, Attempts: []idv.Attempt{{Verdict: verdict}}})
	}
	for i, f := range goldenFailures() {
		add(fmt.Sprint("failure_", i), idv.Verification{Reason: idv.Reason(goldenFailureWords()[i]), Attempts: []idv.Attempt{{Failed: true, Failure: f}}})
	}
	for i, f := range []idv.Fidelity{idv.FidelityUnknown, idv.TwoWay, idv.ThreeWay, idv.WithReason} {
		add(fmt.Sprint("fidelity_", i), idv.Verification{Fidelity: f})
	}
	for i, c := range []idv.Check{idv.CheckNone, idv.CheckIDName, idv.CheckIDNameMobile, idv.CheckIDNameBankCard, idv.CheckIDNameMobileBankCard} {
		add(fmt.Sprint("check_", i), idv.Verification{Check: c, Attempts: []idv.Attempt{{Check: c}}})
	}
	for i, s := range goldenSent() {
		add(fmt.Sprint("sent_", i), idv.Verification{Attempts: []idv.Attempt{{Delivery: s}}})
	}
	for i, c := range []idv.Charge{idv.ChargeUnknown, idv.Charged, idv.NotCharged} {
		add(fmt.Sprint("charge_", i), idv.Verification{Attempts: []idv.Attempt{{Charge: c}}})
	}
	for i, o := range goldenOrigins() {
		add(fmt.Sprint("origin_", i), idv.Verification{Attempts: []idv.Attempt{{Origin: o}}})
	}
	for i, d := range []idv.Document{
		idv.Resident18, idv.Resident15, idv.HKMOResidence, idv.TWResidence, idv.ForeignPR18, idv.ForeignPR15, idv.HKID, idv.MacauBIR, idv.TaiwanID,
		idv.TaiwanARC, idv.HKMOPermit, idv.TaiwanPermit, idv.PassportMRZLine2,
	} {
		add(fmt.Sprint("document_", i), idv.Verification{Document: d})
	}
	for i, w := range []idv.SkipReason{
		idv.SkipUnsupportedCheck, idv.SkipUnsupportedDocument, idv.SkipMaintenance, idv.SkipQuotaExhausted, idv.SkipCredentials, idv.SkipThrottled,
		idv.SkipBreakerOpen, idv.SkipTrialRunning, idv.SkipBusy, idv.SkipDrained, idv.SkipNotConsented, idv.SkipPolicy,
	} {
		add(fmt.Sprint("why_", i), idv.Verification{Skipped: []idv.Skipped{{Provider: "gamma", Reason: w}}})
	}
	return list
}

func goldenFailures() []idv.Failure {
	return []idv.Failure{
		idv.FailureUnknown, idv.InvalidInput, idv.Denied, idv.SubjectLimited, idv.Throttled, idv.QuotaExhausted, idv.BadCredentials, idv.Maintenance,
		idv.Unavailable, idv.Timeout, idv.Garbled, idv.Unsupported, idv.Canceled, idv.Internal,
	}
}

func goldenFailureWords() []string {
	return []string{
		"unknown", "invalid_input", "denied", "subject_limited", "throttled", "quota_exhausted", "credentials", "maintenance",
		"unavailable", "timeout", "garbled", "unsupported", "canceled", "internal",
	}
}

func goldenSent() []idv.Delivery {
	return []idv.Delivery{idv.DeliveryUnknown, idv.NotSent, idv.RefusedByGateway, idv.Answered}
}

func goldenOrigins() []idv.Origin {
	return []idv.Origin{idv.OriginUnknown, idv.OriginCaller, idv.OriginEngine, idv.OriginGateway, idv.OriginVendor, idv.OriginSource}
}

// goldenConsents are a full consent, one in each state, one with each action, and one
// without its person after an erasure.
func goldenConsents() []consent.Record {
	list := []consent.Record{fullConsent()}
	draft := func(name string) consent.Record {
		r := fullConsent()
		r.ID, r.Erasure, r.Guardian, r.Older, r.State, r.Used, r.Proof = "cns_"+name, "", consent.Guardian{}, nil, consent.Drafted, 0, consent.Proof{}
		r.Subject = idv.SubjectToken("k1:golden" + name)
		r.DraftedAt, r.PresentedAt, r.DecidedAt, r.EndedAt = goldenTime(10*len(list)), time.Time{}, time.Time{}, time.Time{}
		return r
	}
	for _, state := range []consent.State{
		consent.Drafted, consent.Presented, consent.Given, consent.Refused, consent.Withdrawn, consent.Expired, consent.Superseded,
	} {
		r := draft(string(state))
		r.State = state
		if state != consent.Drafted {
			r.PresentedAt = r.DraftedAt.Add(time.Millisecond)
		}
		if state != consent.Drafted && state != consent.Presented {
			r.DecidedAt, r.Proof = r.DraftedAt.Add(2*time.Millisecond), consent.Proof{Channel: "web", Action: consent.Checkbox}
		}
		if state == consent.Withdrawn || state == consent.Expired || state == consent.Superseded {
			r.EndedAt = r.DraftedAt.Add(3 * time.Millisecond)
		}
		list = append(list, r)
	}
	for _, action := range []consent.Action{consent.Checkbox, consent.TypedName, consent.Signature, consent.Spoken} {
		r := draft(string(action))
		r.State, r.PresentedAt, r.DecidedAt = consent.Given, r.DraftedAt.Add(time.Millisecond), r.DraftedAt.Add(2*time.Millisecond)
		r.Proof.Action, r.Used = action, 1
		list = append(list, r)
	}
	child := draft("child")
	child.Guardian, child.OfAge = consent.Guardian{Subject: "k1:goldenguardian", Relation: "father"}, false
	erased := draft("erased")
	erased.Subject, erased.Name, erased.Sealed, erased.Erasure, erased.State = "", "", nil, "ers_1", consent.Withdrawn
	erased.EndedAt = erased.DraftedAt.Add(time.Millisecond)
	return append(list, child, erased)
}

// goldenLots are a package whose units are in every account, an open lot, one that has
// expired, and one that was canceled, which versions before 0006 did not know. They did not
// store the money that is left, and it is the same.
func goldenLots(folder string) []ledger.Balance {
	list := []ledger.Balance{
		{
			Lot: ledger.Lot{
				ID: "lot-a", Provider: "alpha", Units: 30, Total: goldenMoney(3_000_000), Bought: goldenTime(0), Expires: goldenFuture(), Note: "order 1",
				Booked: goldenTime(0),
			},
			Left: 1_700_000, Available: 17, Held: 1, Posted: 3, Unknown: 2, WrittenOff: 7,
		},
		{
			Lot: ledger.Lot{
				ID: "lot-old", Provider: "alpha", Units: 5, Total: goldenMoney(500_000), Bought: goldenTime(0), Expires: goldenTime(1), Note: "order 0",
				Booked: goldenTime(0),
			},
			Left: 500_000, Available: 5,
		},
		{Lot: ledger.Lot{ID: "open:beta", Provider: "beta", Units: 1, Total: goldenMoney(35_000), Bought: goldenTime(0), Open: true}, Posted: 1},
	}
	if folder >= "0006" {
		list = append(list, ledger.Balance{Lot: ledger.Lot{
			ID: "lot-wrong", Provider: "beta", Total: goldenMoney(0), Bought: goldenTime(0), Note: "order 2", Booked: goldenTime(901), Canceled: goldenTime(902),
		}})
	}
	return list
}

// goldenHold is a call on lot-a that was made n milliseconds after the fixed time.
func goldenHold(n int, state ledger.State, why string) ledger.Hold {
	v := fmt.Sprintf("ver_%02d", n)
	return ledger.Hold{
		Intent: idv.Intent{
			Attempt: v + "-1", Verification: v, Provider: "alpha", Check: idv.CheckIDName, Tenant: "bank", App: "wallet", Purpose: "account opening",
			Consent: idv.ConsentUse{ID: "cns_given"}, Basis: "consent", At: goldenTime(n), Deadline: goldenTime(n + 5000), Price: goldenMoney(100_000),
		},
		Lot: "lot-a", State: state, Changed: goldenTime(n + 100), Why: why,
	}
}

// goldenOutcome is what is stored of a call's outcome; the rest is read from its intent.
func goldenOutcome(h ledger.Hold, a idv.Attempt) ledger.Hold {
	i := &h.Intent
	a.ID, a.Provider, a.Check, a.StartedAt, a.Lot, a.Price = i.Attempt, i.Provider, i.Check, i.At, h.Lot, i.Price
	h.OutcomeRecorded, h.Outcome = true, a
	return h
}

// goldenHolds are calls in every state, with each verdict, failure, origin and charge.
func goldenHolds() []ledger.Hold {
	answered := func(n int, verdict idv.Verdict, why string) ledger.Hold {
		return goldenOutcome(goldenHold(n, ledger.StatePosted, why), idv.Attempt{
			Verdict: verdict, Origin: idv.OriginSource, Delivery: idv.Answered, Charge: idv.Charged, VendorCode: "0" + fmt.Sprint(n), VendorRef: "ref-1",
			Duration: 123_456_789,
		})
	}
	list := []ledger.Hold{
		answered(1, idv.Match, "match"), answered(2, idv.Mismatch, "mismatch"), answered(3, idv.NoRecord, "resolved by hand"),
		answered(4, idv.MismatchOrNoRecord, "mismatch_or_no_record"),
		goldenOutcome(goldenHold(5, ledger.StateUnknown, "timeout"), idv.Attempt{Failed: true, Failure: idv.Timeout, Origin: idv.OriginEngine}),
		goldenHold(6, ledger.StateUnknown, "no outcome"),
		goldenHold(7, ledger.StateHeld, "call"),
	}
	open := &list[3]
	open.Lot, open.Open, open.Intent.Provider, open.Intent.Price = "open:beta", true, "beta", goldenMoney(35_000)
	*open = goldenOutcome(*open, open.Outcome)
	open.Intent.Consent.ID, open.Intent.Basis = "", ""
	for i, f := range goldenFailures() {
		list = append(list, goldenOutcome(goldenHold(10+i, ledger.StateVoided, goldenFailureWords()[i]), idv.Attempt{
			Failed: true, Failure: f, Origin: goldenOrigins()[i%6], Delivery: goldenSent()[i%4], Charge: idv.NotCharged, VendorCode: "E" + fmt.Sprint(i), VendorRef: "ref",
			Duration: time.Duration(i),
		}))
	}
	return list
}

// goldenEntries are the entries that lead to the lots and holds.
func goldenEntries(folder string) []ledger.Entry {
	var list []ledger.Entry
	lines := map[string]int64{}
	add := func(e ledger.Entry) {
		e.Row, e.Seq = ledger.WholeBook, int64(len(list)+1)
		if folder >= "0015" { // numbered in each row
			e.Row = 0
			lines[e.Lot]++
			e.Seq = lines[e.Lot]
			e.At = goldenTime(1000 + len(list)) // of writing
		}
		list = append(list, e)
	}
	bought := ledger.Entry{At: goldenTime(0), Provider: "alpha", From: ledger.Bought, To: ledger.Available}
	for _, lot := range []struct {
		id, note string
		units    int64
	}{{"lot-a", "order 1", 30}, {"lot-old", "order 0", 5}} {
		e := bought
		e.Lot, e.Why, e.Units, e.Amount = lot.id, lot.note, lot.units, goldenMoney(lot.units*100_000)
		add(e)
	}
	to := map[ledger.State]ledger.Account{ledger.StatePosted: ledger.Posted, ledger.StateUnknown: ledger.Unknown, ledger.StateVoided: ledger.Available}
	for _, h := range goldenHolds() {
		i := h.Intent
		e := ledger.Entry{
			At: i.At, Lot: h.Lot, Provider: i.Provider, Hold: i.Attempt, Tenant: i.Tenant, App: i.App, Purpose: i.Purpose,
			From: ledger.Available, To: ledger.Held, Units: 1, Amount: i.Price, Why: "call",
		}
		if h.Open {
			e.From = ledger.Bought
		}
		add(e)
		if h.State != ledger.StateHeld {
			e.At, e.From, e.To, e.Why = h.Changed, ledger.Held, to[h.State], h.Why
			add(e)
		}
	}
	add(ledger.Entry{
		At: goldenTime(900), Lot: "lot-a", Provider: "alpha", From: ledger.Available, To: ledger.WrittenOff, Units: 7, Amount: goldenMoney(700_000),
		Why: "given up",
	})
	if folder >= "0006" {
		wrong := ledger.Entry{
			At: goldenTime(901), Lot: "lot-wrong", Provider: "beta", From: ledger.Bought, To: ledger.Available, Units: 4, Amount: goldenMoney(400_000), Why: "order 2",
		}
		add(wrong)
		wrong.At, wrong.From, wrong.To, wrong.Why = goldenTime(902), ledger.Available, ledger.Bought, "booked twice"
		add(wrong)
	}
	return list
}

// goldenClaims are an idempotency key whose request has ended, and one whose request
// was still running.
func goldenClaims() []store.Claimed {
	return []store.Claimed{
		{
			Claim: store.Claim{
				Key: store.Key{Tenant: "bank", Key: "key-done"}, Print: store.Fingerprint{1, 2, 0xff}, Verification: "ver_full", Deadline: goldenTime(1),
				Expiry: goldenFuture(),
			},
			Done: true,
		},
		{
			Claim: store.Claim{
				Key: store.Key{Tenant: "bank", Key: "key-running"}, Print: store.Fingerprint{3}, Verification: "ver_07", Deadline: goldenTime(2),
				Expiry: goldenFuture(),
			},
		},
	}
}

// goldenHits are counters as they were counted: one of hits, one of members.
func goldenHits() []policy.Hit {
	return []policy.Hit{
		{Counter: policy.BlindIndex{1, 0xfe}, Until: goldenFuture()},
		{Counter: policy.BlindIndex{2}, Member: policy.BlindIndex{3, 0xff}, Until: goldenFuture()},
	}
}

type goldenKey struct {
	person
	wrapped []byte
}

// goldenKeys are wrapped data keys: of a person, and of a key of the ring.
func goldenKeys() []goldenKey {
	return []goldenKey{
		{person{"bank", "k1:goldengiven"}, []byte("k1:wrapped\x00\xff")},
		{person{"", "ring:k1"}, []byte("k1:remembered\x01")},
	}
}

func goldenErasures() []store.Erasure {
	return []store.Erasure{{ID: "ers_1", Tenant: "shop", At: goldenTime(5), Verifications: 1, Consents: 2, Keys: 3}}
}

// goldenErased is the person of the erasure.
func goldenErased() person { return person{"shop", "k1:goldenerasedperson"} }

// linesOf returns the number of entries of a lot in the newest golden database.
func linesOf(lot string) (n int64) {
	for _, e := range goldenEntries(newestGolden) {
		if e.Lot == lot {
			n++
		}
	}
	return n
}

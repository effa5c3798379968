package sqlstore

import (
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// goldenTime is so many milliseconds after a fixed time; 0 for the time itself.
func goldenTime(ms int) time.Time {
	return time.Date(2026, 11, 2, 1, 2, 3, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)
}

func goldenMoney(micros int64) idv.Money { return idv.Money{Micros: micros, Currency: "CNY"} }

// fullVerification has every member set, with nanoseconds and a time zone where a time
// is stored as text.
func fullVerification() idv.Verification {
	zone := time.FixedZone("", 8*60*60)
	local := func(ns int) time.Time { return time.Date(2026, 11, 2, 9, 2, 3, ns, zone) }
	return idv.Verification{
		ID: "ver_full", Tenant: "bank", App: "wallet", Check: idv.CheckIDNameMobileBankCard, Document: idv.Resident18,
		Verdict: idv.Mismatch, Reason: "timeout", Fidelity: idv.WithReason,
		Subject: idv.MaskedSubject{Name: "测**", IDNumber: "1****************X", Mobile: "1**********", BankCard: "6*****************8"},
		Token:   "k1:goldenpersonone", Erased: "ers_0", Flags: []string{"county_unknown", "name_rewritten"},
		Evidence: []idv.Evidence{{
			Type: "electronic_record", CheckMethod: "data", Organization: "甲方数据有限公司", Provider: "alpha", CheckID: "ref-1",
			Source: "某登记机关", Time: local(123456789),
		}},
		Attempts: []idv.Attempt{
			{
				ID: "ver_full-2", Provider: "beta", Check: idv.CheckIDName, Verdict: idv.NoRecord, Failure: idv.Maintenance, Failed: true,
				Origin: idv.OriginGateway, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged, VendorCode: "A01", VendorRef: "ref-0",
				StartedAt: local(1), Duration: 1234567891, Lot: "open:beta", Price: goldenMoney(35000), Phase: "first_byte",
			},
			{
				ID: "ver_full-3", Provider: "alpha", Check: idv.CheckIDNameMobileBankCard, Verdict: idv.Mismatch, Failure: idv.Timeout, Failed: true,
				Origin: idv.OriginSource, Delivery: idv.Answered, Charge: idv.Charged, VendorCode: "02", VendorRef: "ref-1",
				StartedAt: goldenTime(200), Duration: 987654321, Lot: "lot-a", Price: goldenMoney(100000),
			},
		},
		Skipped: []idv.Skipped{{Provider: "gamma", Reason: idv.SkipBreakerOpen, Until: local(3)}}, Purpose: "account opening", ConsentID: "cns_given",
		Basis: "consent", Rules: []string{"adults/1", "own/2"}, Review: true,
		Reused:    &idv.Reuse{Verification: "ver_earlier", At: local(4), Until: local(5)},
		SecondOf:  "ver_doubted",
		CreatedAt: local(123456789), TraceID: "0123456789abcdef0123456789abcdef",
		NextSteps: []idv.Advice{{Code: "ask_again", ZH: "请核对后再试", EN: "Check the data and try again", At: local(6), Date: "2026-12-28"}},
		Fields:    idv.Fields{idv.ClaimName: idv.FieldMatched, idv.ClaimBankCard: idv.FieldMismatched},
	}
}

// briefVerification is the short form of a verification for which no provider was called,
// with every member that it keeps.
func briefVerification() idv.Verification {
	full := fullVerification()
	return idv.Verification{
		ID: "ver_brief", Tenant: full.Tenant, App: full.App, Check: full.Check, Reason: full.Reason, Skipped: full.Skipped, Purpose: full.Purpose,
		CreatedAt: full.CreatedAt, TraceID: full.TraceID, Attempts: []idv.Attempt{},
	}
}

// goldenFolders lists the folders whose databases have rows of every form.
func goldenFolders() []string {
	return []string{"0003", "0005", "0006", "0007", "0013", "0015", "0018"}
}

// firstVerification is the verification in the database of version 1, which knew
// nothing of persons, policy and answers given again.
func firstVerification() idv.Verification {
	v := verificationAsOf("0001", fullVerification())
	v.Token, v.Erased, v.Basis, v.Rules, v.Review, v.Reused = "", "", "", nil, false, nil
	return v
}

// verificationAsOf returns a verification as it is read from what the release of a golden
// folder wrote: before 0005 an attempt did not say where it broke, nothing said how each
// claim compares, and the masks showed the last character; before 0013 no next step had a time
// or a date, before 0015 no operator ordered a second opinion; before 0018 the full one had other
// calls.
func verificationAsOf(folder string, v idv.Verification) idv.Verification {
	v.Subject = v.Subject.HideLast()
	if folder < "0018" && v.ID == "ver_full" {
		v.Attempts = slices.Clone(v.Attempts)
		first, second := &v.Attempts[0], &v.Attempts[1]
		first.ID, first.Check = "ver_full-1", second.Check
		second.ID, second.StartedAt = "ver_full-2", time.Date(2026, 11, 2, 1, 2, 3, 2, time.UTC)
	}
	if folder < "0015" {
		v.SecondOf = ""
	}
	if folder < "0013" {
		v.NextSteps = slices.Clone(v.NextSteps)
		for i := range v.NextSteps {
			v.NextSteps[i].At, v.NextSteps[i].Date = time.Time{}, ""
		}
	}
	if folder < "0005" {
		v.Fields = idv.Fields{}
		v.Attempts = slices.Clone(v.Attempts)
		for i := range v.Attempts {
			v.Attempts[i].Phase = ""
		}
	}
	return v
}

// asOf returns a consent as the release of a golden folder wrote it: before 0005 the name
// was not bound.
func asOf(folder string, r consent.Record) consent.Record {
	if folder < "0005" {
		r.Name = ""
	}
	return r
}

// fullConsent has every member set, also those that no one consent has at once.
func fullConsent() consent.Record {
	return consent.Record{
		ID: "cns_full", Tenant: "bank", App: "wallet", Subject: "k1:goldenpersonone", Name: "k1:goldenname", Purpose: "account opening",
		Notice: consent.Notice{Name: "同意书", Version: "3", Language: "zh-CN", Template: "sha256:a1", Text: "sha256:b2"},
		Items:  []idv.Claim{idv.ClaimName, idv.ClaimIDNumber, idv.ClaimMobile, idv.ClaimBankCard},
		Recipients: []consent.Party{
			{Name: "甲方数据有限公司", Contact: "privacy@a.example", Address: "成都市某路 1 号"}, {Name: "乙方数据有限公司", Contact: "privacy@b.example"},
		},
		Controller: consent.Party{Name: "某某银行", Contact: "95000", Address: "上海市某路 2 号"},
		MaxUses:    3, Valid: 720 * time.Hour, MinReview: 5 * time.Second,
		Guardian: consent.Guardian{Subject: "k1:goldenguardian", Relation: "mother"}, OfAge: true,
		State: consent.Withdrawn, DraftedAt: goldenTime(1), PresentedAt: goldenTime(2), DecidedAt: goldenTime(3), EndedAt: goldenTime(4), Used: 2,
		Proof: consent.Proof{
			Channel: "app", Presenter: "counter 3", Action: consent.Signature, Session: "0a0b", Address: "0c0d", Agent: "0e0f",
		},
		Older: []idv.SubjectToken{"k0:goldenpersonone", "k9:goldenpersonone"}, Sealed: []byte("sealed\x00\xff"), Erasure: "ers_0",
	}
}

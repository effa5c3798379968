package sqlstore

import (
	"encoding/json"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// storedConsent is a consent as the column data holds it. As in storedVerification, the
// tags never change. Valid and MinReview are in nanoseconds. Items are the numbers of
// claims, which are never used again for another claim.
type storedConsent struct {
	ID          string             `json:"ID"`
	Tenant      idv.Tenant         `json:"Tenant"`
	App         string             `json:"App"`
	Subject     idv.SubjectToken   `json:"Subject"`
	Purpose     string             `json:"Purpose"`
	Notice      storedNotice       `json:"Notice"`
	Recipients  []storedParty      `json:"Recipients"`
	Controller  storedParty        `json:"Controller"`
	MaxUses     int                `json:"MaxUses"`
	Valid       time.Duration      `json:"Valid"`
	MinReview   time.Duration      `json:"MinReview"`
	Guardian    storedGuardian     `json:"Guardian"`
	OfAge       bool               `json:"OfAge"`
	State       consent.State      `json:"State"`
	DraftedAt   time.Time          `json:"DraftedAt"`
	PresentedAt time.Time          `json:"PresentedAt"`
	DecidedAt   time.Time          `json:"DecidedAt"`
	EndedAt     time.Time          `json:"EndedAt"`
	Used        int                `json:"Used"`
	Proof       storedProof        `json:"Proof"`
	Sealed      []byte             `json:"Sealed"`
	Erasure     string             `json:"Erasure"`
	Items       []int              `json:"Items"`
	Older       []idv.SubjectToken `json:"Older,omitempty"`
	Name        idv.NameToken      `json:"Name,omitempty"` // absent in rows of versions that did not bind it
}

type storedNotice struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Language string `json:"language"`
	Template string `json:"template"`
	Text     string `json:"text_hash"`
}

type storedParty struct {
	Name    string `json:"name"`
	Contact string `json:"contact"`
	Address string `json:"address,omitempty"`
}

type storedGuardian struct {
	Subject  idv.SubjectToken `json:"subject,omitempty"`
	Relation string           `json:"relation,omitempty"`
}

type storedProof struct {
	Channel   string         `json:"channel,omitempty"`
	Presenter string         `json:"presenter,omitempty"`
	Action    consent.Action `json:"action,omitempty"`
	Session   string         `json:"session,omitempty"`
	Address   string         `json:"address,omitempty"`
	Agent     string         `json:"agent,omitempty"`
}

// encodeConsent writes a consent for the store.
func encodeConsent(r *consent.Record) (string, error) {
	items := make([]int, len(r.Items))
	for i, c := range r.Items {
		items[i] = int(c)
	}
	text, err := json.Marshal(&storedConsent{
		ID: r.ID, Tenant: r.Tenant, App: r.App, Subject: r.Subject, Purpose: r.Purpose, Notice: storedNotice(r.Notice), Items: items,
		Recipients: converted(r.Recipients, func(p consent.Party) storedParty { return storedParty(p) }),
		Controller: storedParty(r.Controller), MaxUses: r.MaxUses, Valid: r.Valid, MinReview: r.MinReview,
		Guardian: storedGuardian(r.Guardian), OfAge: r.OfAge, State: r.State, DraftedAt: r.DraftedAt, PresentedAt: r.PresentedAt,
		DecidedAt: r.DecidedAt, EndedAt: r.EndedAt, Used: r.Used, Proof: storedProof(r.Proof), Older: r.Older, Name: r.Name, Sealed: r.Sealed, Erasure: r.Erasure,
	})
	return string(text), err
}

// decodeConsent reads what encodeConsent wrote, in this version or an earlier one.
func decodeConsent(text string) (consent.Record, error) {
	var r storedConsent
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return consent.Record{}, err
	}
	items := make([]idv.Claim, len(r.Items))
	for i, n := range r.Items {
		items[i] = idv.Claim(n)
	}
	return consent.Record{
		ID: r.ID, Tenant: r.Tenant, App: r.App, Subject: r.Subject, Purpose: r.Purpose, Notice: consent.Notice(r.Notice), Items: items,
		Recipients: converted(r.Recipients, func(p storedParty) consent.Party { return consent.Party(p) }),
		Controller: consent.Party(r.Controller), MaxUses: r.MaxUses, Valid: r.Valid, MinReview: r.MinReview,
		Guardian: consent.Guardian(r.Guardian), OfAge: r.OfAge, State: r.State, DraftedAt: r.DraftedAt, PresentedAt: r.PresentedAt,
		DecidedAt: r.DecidedAt, EndedAt: r.EndedAt, Used: r.Used, Proof: consent.Proof(r.Proof), Older: r.Older, Name: r.Name, Sealed: r.Sealed, Erasure: r.Erasure,
	}, nil
}

package config

import (
	"strings"
	"time"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy"
)

// policy keeps the rules for what may be asked.
func (v *validator) policy() {
	v.consent()
	v.purposes()
	v.keys("policy.keys", v.config.Policy.Keys)
	if k := v.config.Policy.Consent.ReceiptKey; k != "" && !IsReference(k) {
		v.note("policy.consent.receipt_key", errReference.Error())
	}
	if c := v.config.Policy.Abuse.Honeytokens; c != "" && !IsReference(c) {
		v.note("policy.abuse.honeytokens", errReference.Error())
	}
	for i, file := range v.config.Policy.Rules {
		if strings.TrimSpace(file) == "" {
			v.note(strictyaml.At("policy.rules", i), "is empty; name a file of rules, or pack:NAME")
		}
	}
	v.limitsOnce()
	if r := v.config.Policy.Retention; r.Verifications > 0 && r.Verifications < v.config.Idempotency.Expiry {
		v.note("policy.retention.verifications", "is shorter than idempotency.expiry, for which a repeated request gets the first one's result")
	}
}

// limitsOnce keeps the rule that two bounds of one thing would leave a reader in
// doubt which holds.
func (v *validator) limitsOnce() {
	seen := map[[2]string]bool{}
	for i, l := range v.config.Policy.Limits {
		name := [2]string{l.Per, l.Window}
		if seen[name] {
			v.note(strictyaml.At("policy.limits", i), "bounds what one before it bounds; keep one of the two")
		}
		seen[name] = true
	}
}

// consent keeps the rules for what people are told and by whom.
func (v *validator) consent() {
	c := v.config.Policy.Consent
	switch c.Mode {
	case "off":
		v.withoutConsent()
		return
	case "external":
		v.peopleKeys() // who asks too often is counted under them
		return
	case "required":
	default:
		return
	}
	if c.Controller.Name == "" || c.Controller.Contact == "" {
		v.note("policy.consent.controller", "needs name and contact: people must be told who asks, and how to reach them (PIPL art. 17). "+
			"To try heyan without consents on this machine, set policy.consent.mode to off")
	}
	if c.Notice == "" || c.GuardianNotice == "" || c.Language == "" {
		v.note("policy.consent.notice", "and guardian_notice and language must be set; `heyan consent notice list` prints what there is")
	}
	if c.Valid%(24*time.Hour) != 0 {
		v.note("policy.consent.valid", "must be whole days, as 48h, since the notice says it in days")
	}
	for i, place := range c.Storage {
		if strings.TrimSpace(place) == "" {
			v.note(strictyaml.At("policy.consent.storage", i), "is empty; name the place, or leave storage out")
		}
	}
	if r := v.config.Policy.Retention; r.Verifications == 0 || r.Consents == 0 {
		v.note("policy.retention", "must have an end: people must be told how long it is (PIPL art. 17 and 19)")
	}
	v.recipients()
	v.peopleKeys()
	v.receiptKey()
}

// withoutConsent keeps the rule that only this machine reaches what makes calls without consent.
func (v *validator) withoutConsent() {
	for _, l := range v.config.Listeners() {
		if l.Path != "admin_listen" && !loopbackListener(l.Address) {
			v.note("policy.consent.mode", "off makes calls without consent, and is accepted only if "+l.Path+" is a loopback address; "+
				"use required, or external if another system of yours keeps the consents")
		}
	}
}

// recipients keeps the rule that people are told how to reach who gets their data.
func (v *validator) recipients() {
	for i, p := range v.config.Providers {
		if p.RecipientContact == "" {
			v.note(strictyaml.At("providers", i)+".recipient_contact", "is missing: people must be told how to reach who gets their data (PIPL art. 23)")
		}
	}
}

// peopleKeys keeps the rule that nodes which share a store share their keys: otherwise
// a person would have another token on every node.
func (v *validator) peopleKeys() {
	if v.config.Store.Driver == "postgres" && len(v.config.Policy.Keys) == 0 {
		v.note("policy.keys", "are missing: the nodes of a fleet know people by them; give one with an id and a reference to its secret")
	}
}

func (v *validator) receiptKey() {
	if v.config.Store.Driver == "postgres" && v.config.Policy.Consent.ReceiptKey == "" {
		v.note("policy.consent.receipt_key", "is missing: the nodes of a fleet sign receipts with one key; give a reference to its seed")
	}
}

func (v *validator) keys(path string, keys []Key) {
	seen := map[string]bool{}
	for i, k := range keys {
		if seen[k.ID] {
			v.note(strictyaml.At(path, i)+".id", "is taken by one before it; an id is never used again")
		}
		seen[k.ID] = true
		if !IsReference(k.Secret) {
			v.note(strictyaml.At(path, i)+".secret", errReference.Error())
		}
	}
}

// purposes keeps the rules that stand at policy.Purpose, and that apps and names are
// there once.
func (v *validator) purposes() {
	seen := map[string]bool{}
	for i, p := range v.config.Policy.Purposes {
		path := strictyaml.At("policy.purposes", i)
		if seen[p.Name] {
			v.note(path+".name", "is taken by one before it; give each purpose its own")
		}
		seen[p.Name] = true
		one := p.Policy()
		if v.config.Policy.Consent.Mode == "required" && one.NeedsConsent() && p.Title == "" && policy.IsCode(p.Name) {
			v.note(path+".title", "is missing: the notice tells people the purpose in words, and "+p.Name+" is a code (PIPL art. 17)")
		}
		if needed := one.Needed(); needed != "" && strings.TrimSpace(p.Reference) == "" {
			v.note(path+".reference", needed)
		} else if err := one.Validate(); err != nil {
			v.note(path, strings.TrimPrefix(err.Error(), "purpose "+p.Name+": "))
		}
	}
}

// Policy returns the purpose as the engine takes it.
func (p Purpose) Policy() policy.Purpose {
	return policy.Purpose{
		Name: p.Name, Basis: policy.Basis(p.Basis), Reference: p.Reference, Apps: p.Apps, Minors: policy.Minors(p.Minors), CacheTTL: p.CacheTTL,
		SecondOpinions: p.SecondOpinions,
	}
}

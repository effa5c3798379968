package config

import (
	"testing"
	"time"
)

func TestValidatePolicy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(*Config)
		want  []want
	}{
		{"no controller", func(c *Config) { c.Policy.Consent.Controller = Party{} }, []want{{"policy.consent.controller", "mode to off"}}},
		{"a recipient without contact", func(c *Config) { c.Providers[0].RecipientContact = "" }, []want{{"providers[0].recipient_contact", "art. 23"}}},
		{"no notice", func(c *Config) { c.Policy.Consent.Notice = "" }, []want{{"policy.consent.notice", "notice list"}}},
		{"off needs none of it", func(c *Config) {
			c.Policy.Consent = Consent{Mode: "off", Uses: 1, Valid: 24 * time.Hour}
			c.Providers[0].RecipientContact = ""
		}, nil},
		{"external needs none of it", func(c *Config) {
			c.Policy.Consent.Mode, c.Policy.Consent.Controller = "external", Party{}
		}, nil},
		{"external in a fleet counts people by one key", func(c *Config) {
			c.Policy.Consent.Mode, c.Store, c.Idempotency.Key = "external", Store{Driver: "postgres", DSN: "env:HEYAN_STORE_DSN"}, "env:HEYAN_KEY"
		}, []want{{"policy.keys", "are missing"}}},
		{"off where others reach it", func(c *Config) {
			c.Policy.Consent.Mode, c.Listen = "off", "0.0.0.0:80"
		}, []want{{"listen", "no loopback"}, {"policy.consent.mode", "loopback"}}},
		{"half a day", func(c *Config) { c.Policy.Consent.Valid = 36 * time.Hour }, []want{{"policy.consent.valid", "whole days"}}},
		{"kept for ever", func(c *Config) { c.Policy.Retention.Consents = 0 }, []want{{"policy.retention", "must have an end"}}},
		{"unlimited uses", func(c *Config) { c.Policy.Consent.Uses = 0 }, []want{{"policy.consent.uses", "from 1 to 1000"}}},
		{"a code in place of words", func(c *Config) {
			c.Policy.Purposes = []Purpose{
				{Name: "kyc_2", Basis: "consent", Minors: "guardian"}, {Name: "开立账户", Basis: "consent", Minors: "guardian"},
				{Name: "law", Basis: "statutory_duty", Reference: "art. 1", Minors: "guardian"},
			}
		}, []want{{"policy.purposes[0].title", "kyc_2 is a code"}}},
		{"a ground without its article", func(c *Config) {
			c.Policy.Purposes = []Purpose{{Name: "a", Basis: "statutory_duty", Minors: "allow"}, {Name: "a", Title: "核对身份", Basis: "consent", Minors: "allow"}}
		}, []want{{"policy.purposes[0].reference", "needs a reference"}, {"policy.purposes[1]", "not consent"}, {"policy.purposes[1].name", "is taken"}}},
		{"words", func(c *Config) {
			c.Policy.Purposes = []Purpose{{Name: "a", Basis: "legitimate_interest", Minors: "maybe"}}
			c.Policy.Limits = []Limit{{Per: "planet", Window: "year", Most: 0}}
		}, []want{
			{"policy.limits[0].most", "must be from 1"}, {"policy.limits[0].per", "subject"}, {"policy.limits[0].window", "minute"},
			{"policy.purposes[0].basis", "consent"}, {"policy.purposes[0].minors", "guardian"},
			{"policy.purposes[0].reference", "needs a reference"},
		}},
		{"one bound twice", func(c *Config) {
			c.Policy.Limits = []Limit{{"app", "day", 1}, {"app", "day", 2}}
		}, []want{{"policy.limits[1]", "keep one"}}},
		{"secrets in the file", func(c *Config) {
			c.Policy.Keys = []Key{{"K 1", "geheim"}, {"k2", "env:A"}, {"k2", "env:B"}}
			c.Policy.Consent.ReceiptKey, c.Policy.Consent.OldReceiptKeys = "geheim", []string{"short"}
			c.Policy.Abuse.Honeytokens = "110101199001010000"
		}, []want{
			{"policy.abuse.honeytokens", "reference"}, {"policy.consent.old_receipt_keys[0]", "64"}, {"policy.consent.receipt_key", "reference"},
			{"policy.keys[0].id", "small letters"}, {"policy.keys[0].secret", "reference"}, {"policy.keys[2].id", "never used again"},
		}},
		{"a place without a name", func(c *Config) { c.Policy.Consent.Storage = []string{"中国境内", " "} }, []want{{"policy.consent.storage[1]", "is empty"}}},
		{"an empty name of rules", func(c *Config) { c.Policy.Rules = []string{" "} }, []want{{"policy.rules[0]", "pack:NAME"}}},
		{"results that go before their key", func(c *Config) { c.Policy.Retention.Verifications = time.Hour }, []want{{"policy.retention.verifications", "idempotency.expiry"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good(t)
			test.spoil(&c)
			expect(t, Validate(c, known), test.want)
		})
	}
}

package config

import "time"

// Policy says what may be asked, on what ground and how often.
type Policy struct {
	// Consent says whether the person's consent is asked for.
	Consent Consent `json:"consent,omitzero"`

	// Purposes are what may be asked for. Without any, a question may name any purpose,
	// and rests on the person's consent.
	Purposes []Purpose `json:"purposes,omitzero"`

	// Rules are files of rules, or pack:NAME for one that heyan brings. All must allow.
	Rules []string `json:"rules,omitzero"`

	// Limits bound how often is asked. Days, hours and minutes are the calendar's, UTC+8.
	Limits []Limit `json:"limits,omitzero"`

	// Abuse stops callers who guess names or numbers.
	Abuse Abuse `json:"abuse,omitzero"`

	// Keys make the tokens that stand for people, the current one first. Keep old ones
	// behind it for as long as anything of their time is kept. All nodes of a postgres
	// store share them. Beside a sqlite file one is made, as heyan.db.people.key.
	Keys []Key `json:"keys,omitzero" reload:"restart"`

	// LostKeys are the ids of keys whose secret is lost. heyan does not start without a
	// key that people are known by, unless it stands here: those people are found no
	// more, and no erasure reaches them.
	LostKeys []string `json:"lost_keys,omitzero" reload:"restart"`

	// Retention says how long what is known of questions and consents is kept.
	Retention Retention `json:"retention,omitzero"`
}

// Consent says whether the person's consent is asked for, and how.
type Consent struct {
	// Mode is required when heyan keeps the consents and makes no call without one,
	// external when the caller keeps them and sends a reference, off when none is needed:
	// that is accepted on a loopback address only. The law requires one in any case.
	Mode string `json:"mode,omitzero"`

	// Controller is who asks, as people are told: your company.
	Controller Party `json:"controller,omitzero"`

	// Notice is the name of the text that people see; `heyan consent notice list` prints
	// those that there are.
	Notice string `json:"notice,omitzero"`

	// GuardianNotice is the name of the text that a guardian sees who agrees for a child.
	GuardianNotice string `json:"guardian_notice,omitzero"`

	// Language is that of the notice if a request names none, as zh-CN.
	Language string `json:"language,omitzero"`

	// Notices is a folder of your own notices, beside those that heyan brings.
	Notices string `json:"notices,omitzero"`

	// Uses is how many verifications one consent covers; unlimited is not a value.
	Uses int `json:"uses,omitzero"`

	// Valid is how long a consent stands after it was given, in whole days, as 48h.
	Valid time.Duration `json:"valid,omitzero"`

	// MinReview is how long the text must have been in front of the person before an
	// agreement counts.
	MinReview time.Duration `json:"min_review,omitzero"`

	// Pause is how long a person who refused is not asked for the same again.
	Pause time.Duration `json:"pause,omitzero"`

	// Withdraw says how a person takes a consent back, as the notice and the receipt
	// print it; the controller's contact if it is left out.
	Withdraw string `json:"withdraw,omitzero"`

	// Storage says where the data are kept, as receipts state it; mainland China (中国境内) if
	// it is left out. Set it if you keep them elsewhere: a receipt must not say otherwise.
	Storage []string `json:"storage,omitzero"`

	// ReceiptKey is a reference to the seed of the Ed25519 key that signs receipts: 32
	// random bytes in hexadecimal digits or base64. Beside a sqlite file one is made, as
	// heyan.db.receipt.key.
	ReceiptKey string `json:"receipt_key,omitzero" reload:"restart"`

	// OldReceiptKeys are the public keys that signed before, so that their receipts stay
	// valid. They are no secrets.
	OldReceiptKeys []string `json:"old_receipt_keys,omitzero" reload:"restart"`
}

// Party is a body as a notice names it.
type Party struct {
	// Name is the legal name.
	Name string `json:"name,omitzero"`
	// Contact is how a person reaches it: a telephone number, a page or an address of mail.
	Contact string `json:"contact,omitzero"`
	// Address is where it sits.
	Address string `json:"address,omitzero"`
}

// Purpose is one thing that may be asked for.
type Purpose struct {
	// Name is what requests call it.
	Name string `json:"name"`

	// Title says it to people, as the notice prints it. A name that is in words itself
	// needs none.
	Title string `json:"title,omitzero"`

	// Basis is the legal ground (PIPL art. 13). Only consent needs the person's.
	Basis string `json:"basis,omitzero"`

	// Reference is the article or clause that a basis other than consent stands on.
	Reference string `json:"reference,omitzero"`

	// Apps are those that may ask for it; all if there are none here.
	Apps []string `json:"apps,omitzero"`

	// Minors says what becomes of a request about a child under 14, or about a person
	// whose number tells no age: guardian with a guardian's consent, deny, or allow where
	// the basis is another than consent.
	Minors string `json:"minors,omitzero"`

	// CacheTTL is how long an earlier answer may be returned again, where the provider
	// allows it too; 0 never.
	CacheTTL time.Duration `json:"cache_ttl,omitzero"`

	// SecondOpinions is for how many verifications of a tenant in a day of China time another
	// recipient may be asked too, after one that has no record of the person; 0 for none.
	SecondOpinions int `json:"second_opinions,omitzero"`
}

// Limit bounds how often is asked.
type Limit struct {
	// Per is whose questions are counted.
	Per string `json:"per"`
	// Window is the time in which they are counted.
	Window string `json:"window"`
	// Most is how many there may be.
	Most int `json:"most"`
}

// Abuse stops callers who guess. Its thresholds are those of docs/policy.md.
type Abuse struct {
	// Off turns the detection off. Callers can then find out numbers at your cost. It is
	// off also where consent.mode is.
	Off bool `json:"off,omitzero"`
	// Window is how long different names and numbers are remembered, as keyed hashes.
	Window time.Duration `json:"window,omitzero"`
	// Honeytokens is a reference to a list of ID, mobile or card numbers, one a line, that
	// belong to no person: an app that sends one works through a stolen list.
	Honeytokens string `json:"honeytokens,omitzero"`
	// BlockFor is how long an app is blocked that sent a honeytoken.
	BlockFor time.Duration `json:"block_for,omitzero"`
}

// Key is a secret with a name that is kept beside what it made.
type Key struct {
	// ID is 1 to 16 small letters and digits, and never used for another secret.
	ID string `json:"id"`
	// Secret is a reference to 32 or more random characters.
	Secret string `json:"secret"`
}

// Retention says how long records are kept. The ledger is kept for ever, since it holds
// no personal data.
type Retention struct {
	// Verifications is the time after which a stored result is deleted; 0 never.
	Verifications time.Duration `json:"verifications,omitzero"`
	// Uncalled is the same for results of requests for which no provider was called; 0
	// as Verifications. They are stored only if the request has an idempotency key, and hold
	// nothing of the person.
	Uncalled time.Duration `json:"uncalled,omitzero"`
	// Consents is the time after which a consent that has ended is deleted; 0 never. The
	// law wants records of what was given to others for three years.
	Consents time.Duration `json:"consents,omitzero"`
}

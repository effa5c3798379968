package consents

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// Draft describes the consent that a person is going to be asked for.
type Draft struct {
	Tenant  idv.Tenant
	App     string
	Purpose string
	Check   idv.Check // decides which data and which recipients the notice names

	Subject  idv.Subject // name and ID number; the bank card instead for a check without an ID number
	Guardian *Guardian   // who consents for a child under 14
	OfAge    bool        // the person declared to be 14 or older; used only if the number encodes no age

	Notice     string            // the default if ""
	Language   string            // the default if ""
	Business   string            // what the person is doing, such as "opening an account"; the purpose's title if ""
	Recipients []string          // legal names; every recipient of the check if empty
	Uses       int               // at most the default, which 0 means
	Valid      time.Duration     // whole days, at most the default, which 0 means
	Values     map[string]string // texts for the blanks of custom templates, by name

	Channel   string // one of Channels
	Presenter string // the page or counter that shows the text
}

// Guardian is the person who consents for a child.
type Guardian struct {
	Subject  idv.Subject
	Relation string // to the child, such as mother, father or legal guardian
}

// DraftResult is a drafted consent and the text to show to the person.
type DraftResult struct {
	Record consent.Record
	Text   idv.Sensitive
}

// Draft renders the text and stores the drafted consent. No personal data is stored in
// clear: the record holds the values of the text, encrypted with a data key of the person,
// so that the text can be rendered again until the person is erased.
//
// The error is an *idv.Error of class InvalidInput with the invalid field, a *DraftError, a
// *policy.Denial, a consent.Fault, strictyaml.Faults for blanks that cannot be filled, or
// the store's.
func (s *Service) Draft(ctx context.Context, in Draft) (DraftResult, error) {
	if err := in.canonical(); err != nil {
		return DraftResult{}, err
	}
	s = s.For(in.Tenant)
	now := time.Now().UTC()
	person, err := identity.Normalize(in.Subject, in.identifying(), now)
	if err := s.countAttempt(ctx, &in, person.Claims, now, err); err != nil {
		return DraftResult{}, err
	}
	for field, text := range map[idv.Field]string{idv.FieldApp: in.App, idv.FieldPurpose: in.Purpose} {
		if person.Claims.NumberIn(text) {
			return DraftResult{}, invalid(field, idv.TextPersonal.Help())
		}
	}
	if err := s.checkEligible(&in, person.Number.Birth, now); err != nil {
		return DraftResult{}, err
	}
	record, err := s.newRecord(ctx, &in, person.Document, now)
	if err != nil {
		return DraftResult{}, err
	}
	tokens := s.Keyring.Tokens(in.Tenant, person.Claims.Person())
	record.Subject, record.Older, record.Name = tokens[0], tokens[1:], s.Keyring.NameToken(in.Tenant, person.Claims)
	values := s.values(&in, &record, person.Claims, now)
	if err := s.addGuardian(&in, &record, values, now); err != nil {
		return DraftResult{}, err
	}
	text, filled, err := s.render(&in, &record, values)
	if err != nil {
		return DraftResult{}, err
	}
	if err := record.Validate(); err != nil {
		return DraftResult{}, err
	}
	if err := s.save(ctx, &record, filled); err != nil {
		return DraftResult{}, err
	}
	return DraftResult{record, text}, nil
}

// canonical brings the identifiers of a draft into canonical form, as the engine does with
// those of a request.
func (in *Draft) canonical() error {
	for _, one := range []struct {
		field idv.Field
		text  *string
	}{{idv.FieldTenant, (*string)(&in.Tenant)}, {idv.FieldApp, &in.App}, {idv.FieldPurpose, &in.Purpose}} {
		form, fault := identity.Identifier(*one.text)
		if fault != idv.TextFits {
			return invalid(one.field, fault.Help())
		}
		*one.text = form
	}
	return nil
}

// identifying returns the check whose claims identify the person.
func (in *Draft) identifying() idv.Check {
	if claims := in.Check.Claims(); claims != 0 && !claims.Has(idv.ClaimIDNumber) {
		return in.Check
	}
	return idv.CheckIDName
}

// checkTexts returns the first text of a draft that cannot be kept. Package notice checks
// the texts that fill blanks.
func (in *Draft) checkTexts() error {
	list := []idv.KeptText{{Field: "presenter", Text: in.Presenter}, {Field: "notice", Text: in.Notice}, {Field: "language", Text: in.Language}}
	if in.Guardian != nil {
		list = append(list, idv.KeptText{Field: "guardian.relation", Text: in.Guardian.Relation})
	}
	var fault *idv.TextError
	if errors.As(idv.CheckTexts(list...), &fault) {
		return invalidMember(fault.Field, fault.Error())
	}
	return nil
}

// newRecord returns the record without the person and the text. document is the person's.
func (s *Service) newRecord(ctx context.Context, in *Draft, document idv.Document, now time.Time) (consent.Record, error) {
	r := consent.Record{
		ID: newID("con_"), Tenant: in.Tenant, App: in.App, Purpose: in.Purpose, Items: in.Check.Claims().List(),
		Controller: s.Defaults.Controller, MaxUses: cmp.Or(in.Uses, s.Defaults.Uses), Valid: cmp.Or(in.Valid, s.Defaults.Valid),
		MinReview: s.Defaults.MinReview, OfAge: in.OfAge, State: consent.Drafted, DraftedAt: now.Truncate(time.Microsecond),
		Proof: consent.Proof{Channel: in.Channel, Presenter: in.Presenter},
	}
	if err := in.checkTexts(); err != nil {
		return r, err
	}
	switch {
	case in.Channel != "" && !slices.Contains(Channels(), in.Channel):
		return r, invalidMember("channel", "channel must be one of "+strings.Join(Channels(), ", "))
	case s.Defaults.Titles[in.Purpose] == "" && policy.IsCode(in.Purpose):
		return r, invalid(idv.FieldPurpose, "is a code, and the notice must name the purpose in words; give it a title in policy.purposes, or send words")
	case len(r.Items) == 0:
		return r, invalid(idv.FieldCheck, "is missing; name the check, which decides what data the person is asked for")
	case r.MaxUses < 1 || r.MaxUses > s.Defaults.Uses:
		return r, invalidMember("uses", "uses must be from 1 to the limit in policy.consent.uses")
	case r.Valid < day || r.Valid > s.Defaults.Valid || r.Valid%day != 0:
		return r, invalidMember("valid", "valid must be whole days such as 24h, up to the limit in policy.consent.valid")
	}
	return r, s.addRecipients(ctx, in, document, &r)
}

const day = 24 * time.Hour

// addRecipients adds the recipients of the check that take the document, or those of them
// that the draft names.
func (s *Service) addRecipients(ctx context.Context, in *Draft, document idv.Document, r *consent.Record) error {
	all, err := s.Recipients(ctx, in.Check, document)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return s.noRecipient(ctx, in, document)
	}
	for _, p := range all {
		if len(in.Recipients) == 0 || slices.Contains(in.Recipients, p.Name) {
			r.Recipients = append(r.Recipients, p)
		}
	}
	for _, name := range in.Recipients {
		if !r.Names(name) {
			return invalidMember("recipients", "recipients names an organization that no route of this check can call, or that does not take this document; GET /v1/providers lists the recipients")
		}
	}
	return nil
}

// noRecipient says why no organization can get the data.
func (s *Service) noRecipient(ctx context.Context, in *Draft, document idv.Document) error {
	others, err := s.Recipients(ctx, in.Check, idv.DocumentUnknown)
	switch {
	case err != nil:
		return err
	case len(others) > 0:
		return invalid(idv.FieldIDNumber, "no provider of this check takes the document "+string(document)+"; add one that does to its route, or ask for another document")
	}
	return invalid(idv.FieldCheck, "no route answers this check; add one to routes, or name another check")
}

// values returns the values of the blanks that the built-in templates have.
func (s *Service) values(in *Draft, r *consent.Record, person idv.Subject, now time.Time) notice.Values {
	words := wordsOf(cmp.Or(in.Language, s.Defaults.Language))
	purpose := cmp.Or(s.Defaults.Titles[in.Purpose], in.Purpose)
	var items []string
	for _, c := range r.Items {
		items = append(items, words.items[c])
	}
	var recipients []notice.Recipient
	for _, p := range r.Recipients {
		recipients = append(recipients, notice.Recipient{Party: p, For: purpose, Method: words.method, Items: items})
	}
	number, by := "person_number", person.IDNumber
	if by.IsZero() {
		number, by = "person_card", person.BankCard
	}
	return notice.Values{
		"controller": notice.Party(r.Controller), "person_name": notice.Name(person.Name), number: notice.IDNumber(by),
		"business": notice.Text(cmp.Or(in.Business, purpose)), "purpose": notice.Text(purpose), "items": notice.List(items...),
		"recipients": notice.Recipients(recipients...), "retention": notice.Text(words.retention(s.Defaults)),
		"uses": notice.Count(r.MaxUses), "valid_days": notice.Count(int(r.Valid / day)),
		"withdrawal": notice.Text(s.Defaults.Withdraw), "date": notice.Date(now.In(idv.China())),
	}
}

// render renders the text, names it in the record, and returns it with the values that it
// was rendered from.
func (s *Service) render(in *Draft, r *consent.Record, values notice.Values) (body idv.Sensitive, used notice.Values, err error) {
	template, err := s.template(in)
	if err != nil {
		return body, nil, err
	}
	used = notice.Values{}
	for _, b := range template.Blanks() {
		if v, ok := values[b.Name]; ok {
			used[b.Name] = v
		}
	}
	for name, text := range in.Values {
		if _, reserved := values[name]; reserved { // the caller must not choose what the notice says about the request
			return body, nil, invalidMember("values", "values names "+name+", which is filled in from the request and the configuration; remove it")
		}
		used[name] = notice.Text(text)
	}
	used.WithSerial()
	text, err := template.Render(used)
	if err != nil {
		return body, nil, err
	}
	r.Notice = text.Notice
	return text.Body, used, nil
}

// CardNotice is the built-in notice of a check without an ID number, which names the person
// by the bank card.
const CardNotice = "bank-card-check"

// template returns the latest version of the notice that the draft names, or of the default.
func (s *Service) template(in *Draft) (*notice.Template, error) {
	name, variant := s.Defaults.Notice, notice.Adult
	switch {
	case in.Guardian != nil:
		name, variant = s.Defaults.GuardianNotice, notice.Guardian
	case in.identifying() != idv.CheckIDName:
		name = CardNotice
	}
	t, err := s.Notices.Latest(cmp.Or(in.Notice, name), cmp.Or(in.Language, s.Defaults.Language))
	if err != nil {
		return nil, invalidMember("notice", "there is no notice of this name in this language; `heyan consent notice list` lists the notices")
	}
	if t.Head().Variant != variant {
		return nil, invalidMember("notice", "this notice is of the other variant; name a guardian notice if the draft has a guardian, else an adult notice")
	}
	return t, nil
}

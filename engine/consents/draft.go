package consents

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// Draft is what a person is to be asked to agree to.
type Draft struct {
	Tenant  idv.Tenant
	App     string
	Purpose string
	Check   idv.Check // says which data and which recipients

	Subject  idv.Subject // name and ID number
	Guardian *Guardian   // who agrees for a child under 14
	OfAge    bool        // the person declared to be 14 or older; for numbers that tell no age

	Notice     string            // the terms' if ""
	Language   string            // the terms' if ""
	Business   string            // what the person is doing, as "opening an account"; the purpose's title if ""
	Recipients []string          // legal names; all of the check if there are none
	Uses       int               // the terms' if 0, and no more than those
	Valid      time.Duration     // whole days; the terms' if 0, and no more than those
	Values     map[string]string // texts for blanks of your own templates

	Channel   string // web, app, counter, paper
	Presenter string // the page or desk that shows it
}

// Guardian is who agrees for a child.
type Guardian struct {
	Subject  idv.Subject
	Relation string // as mother, father, legal guardian
}

// DraftResult is a consent that nobody has seen yet, and its text.
type DraftResult struct {
	Record consent.Record
	Text   idv.Sensitive
}

// Draft makes the text and keeps the draft. Nothing of the person is kept in clear:
// name and number go into the text, and sealed with the person's own key into the
// record, so that the text can be made again until the person is erased.
//
// The error is an *idv.Error of class InvalidInput with the field at fault, a
// consent.Fault, strictyaml.Faults for blanks that do not fit, or the store's.
func (d *Service) Draft(ctx context.Context, in Draft) (DraftResult, error) {
	now := time.Now().UTC()
	person, err := identity.Normalize(in.Subject, idv.CheckIDName, now)
	if err := d.hear(ctx, &in, person.Claims, now, err); err != nil {
		return DraftResult{}, err
	}
	if err := d.askable(&in, person.Number.Birth, now); err != nil {
		return DraftResult{}, err
	}
	record, err := d.begin(ctx, &in, now)
	if err != nil {
		return DraftResult{}, err
	}
	tokens := d.Keyring.Tokens(in.Tenant, person.Claims.IDNumber)
	record.Subject, record.Older = tokens[0], tokens[1:]
	values := d.values(&in, &record, person.Claims, now)
	if err := d.guardian(&in, &record, values, now); err != nil {
		return DraftResult{}, err
	}
	text, filled, err := d.render(&in, &record, values)
	if err != nil {
		return DraftResult{}, err
	}
	if err := record.Validate(); err != nil {
		return DraftResult{}, err
	}
	if err := d.keep(ctx, &record, filled); err != nil {
		return DraftResult{}, err
	}
	return DraftResult{record, text}, nil
}

// begin makes the record without the person and the text.
func (d *Service) begin(ctx context.Context, in *Draft, now time.Time) (consent.Record, error) {
	r := consent.Record{
		ID: name("con_"), Tenant: in.Tenant, App: in.App, Purpose: in.Purpose, Items: in.Check.Claims().List(),
		Controller: d.Defaults.Controller, MaxUses: cmp.Or(in.Uses, d.Defaults.Uses), Valid: cmp.Or(in.Valid, d.Defaults.Valid),
		MinReview: d.Defaults.MinReview, OfAge: in.OfAge, State: consent.Drafted, DraftedAt: now.Truncate(time.Microsecond),
		Proof: consent.Proof{Channel: in.Channel, Presenter: in.Presenter},
	}
	switch {
	case !idv.IsPrintable(r.Purpose):
		return r, invalid(idv.FieldPurpose, "holds a character that cannot be seen; type it anew")
	case !idv.IsPrintable(r.App):
		return r, invalid(idv.FieldApp, "holds a character that cannot be seen; type it anew")
	case in.Channel != "" && !slices.Contains(Channels(), in.Channel):
		return r, invalidMember("channel", "channel must be one of "+strings.Join(Channels(), ", "))
	case len(r.Items) == 0:
		return r, invalid(idv.FieldCheck, "name the check, which says what data is asked for")
	case r.MaxUses < 1 || r.MaxUses > d.Defaults.Uses:
		return r, invalidMember("uses", "uses must be from 1 to what policy.consent.uses allows")
	case r.Valid < day || r.Valid > d.Defaults.Valid || r.Valid%day != 0:
		return r, invalidMember("valid", "valid must be whole days, as 24h, and no longer than policy.consent.valid")
	}
	return r, d.recipients(ctx, in, &r)
}

const day = 24 * time.Hour

// recipients lists who may get the data: all that may be asked, or those of them that
// the draft names.
func (d *Service) recipients(ctx context.Context, in *Draft, r *consent.Record) error {
	all, err := d.Recipients(ctx, in.Check)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return invalid(idv.FieldCheck, "no route answers this check, so nobody could be asked")
	}
	for _, p := range all {
		if len(in.Recipients) == 0 || slices.Contains(in.Recipients, p.Name) {
			r.Recipients = append(r.Recipients, p)
		}
	}
	for _, name := range in.Recipients {
		if !r.Names(name) {
			return invalidMember("recipients", "recipients names a body that no route of this check could ask; GET /v1/providers lists them")
		}
	}
	return nil
}

// values fills the blanks that shipped templates have.
func (d *Service) values(in *Draft, r *consent.Record, person idv.Subject, now time.Time) notice.Values {
	words := wordsOf(cmp.Or(in.Language, d.Defaults.Language))
	purpose := cmp.Or(d.Defaults.Titles[in.Purpose], in.Purpose)
	var items []string
	for _, c := range r.Items {
		items = append(items, words.items[c])
	}
	var recipients []notice.Recipient
	for _, p := range r.Recipients {
		recipients = append(recipients, notice.Recipient{Party: p, For: purpose, Method: words.method, Items: items})
	}
	return notice.Values{
		"controller": notice.Party(r.Controller), "person_name": notice.Name(person.Name), "person_number": notice.IDNumber(person.IDNumber),
		"business": notice.Text(cmp.Or(in.Business, purpose)), "purpose": notice.Text(purpose), "items": notice.List(items...),
		"recipients": notice.Recipients(recipients...), "retention": notice.Text(words.retention(d.Defaults)),
		"uses": notice.Count(r.MaxUses), "valid_days": notice.Count(int(r.Valid / day)),
		"withdrawal": notice.Text(d.Defaults.Withdraw), "date": notice.Date(now.In(beijing)),
	}
}

// beijing is where a notice is dated.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// render makes the text, and returns what it is made of.
func (d *Service) render(in *Draft, r *consent.Record, values notice.Values) (body idv.Sensitive, fit notice.Values, err error) {
	template, err := d.template(in)
	if err != nil {
		return body, nil, err
	}
	fit = notice.Values{}
	for _, b := range template.Blanks() {
		if v, ok := values[b.Name]; ok {
			fit[b.Name] = v
		}
	}
	for name, text := range in.Values {
		if _, ours := values[name]; ours { // what the person is told of us is not for the caller to choose
			return body, nil, invalidMember("values", "values names "+name+", which is filled in from the request and the configuration; leave it out")
		}
		fit[name] = notice.Text(text)
	}
	fit.WithSerial()
	text, err := template.Render(fit)
	if err != nil {
		return body, nil, err
	}
	r.Notice = text.Notice
	return text.Body, fit, nil
}

func (d *Service) template(in *Draft) (*notice.Template, error) {
	name, want := d.Defaults.Notice, notice.Adult
	if in.Guardian != nil {
		name, want = d.Defaults.GuardianNotice, notice.Guardian
	}
	t, err := d.Notices.Latest(cmp.Or(in.Notice, name), cmp.Or(in.Language, d.Defaults.Language))
	if err != nil {
		return nil, invalidMember("notice", "there is no notice of this name in this language; `heyan consent notice list` prints what there is")
	}
	if t.Head().Variant != want {
		return nil, invalidMember("notice", "this notice is of the other variant: a guardian agrees by a guardian's notice, a person by an adult's")
	}
	return t, nil
}

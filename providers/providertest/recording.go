package providertest

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Recording is a reply of a product and what must come of it.
type Recording struct {
	Name    string // of the file, without .json
	Reply   providers.Reply
	Subject idv.Subject // the person asked for; zero for [Person]
	Want    Outcome
}

// Outcome is what must come of a reply: a verdict, or a failure if Verdict is
// idv.Undetermined.
type Outcome struct {
	Verdict idv.Verdict
	Failure idv.Failure
	Field   idv.Field
	Charge  idv.Charge
	Code    string // the code of the table, its parts joined by "/"; "" for any
	Ref     string // "" for any
}

// written is a recording as it stands in its file. Pointers are members that must be there.
type written struct {
	Status     *int              `json:"status"`
	Headers    map[string]string `json:"headers"`
	Body       jsontext.Value    `json:"body"`
	BodyBase64 *string           `json:"body_base64"` // in place of body, if the bytes are not UTF-8
	Subject    writtenSubject    `json:"subject"`
	Expect     *writtenOutcome   `json:"expect"`
	Source     string            `json:"source"`
	Note       string            `json:"note"`
}

type writtenSubject struct {
	Name     idv.Sensitive `json:"name"`
	IDNumber idv.Sensitive `json:"id_number"`
	Mobile   idv.Sensitive `json:"mobile"`
	BankCard idv.Sensitive `json:"bank_card"`
}

type writtenOutcome struct {
	Verdict    *idv.Verdict `json:"verdict"`
	Failure    *idv.Failure `json:"failure"`
	Field      string       `json:"field"`
	Charge     *idv.Charge  `json:"charge"`
	VendorCode string       `json:"vendor_code"`
	VendorRef  string       `json:"vendor_ref"`
}

// Recordings reads the files NAME.json of some folders. The members of a file are
//
//	status       the HTTP status
//	headers      an object of strings; optional
//	body         the body: a string, or an object that is the body as it stands there; or
//	             body_base64, if the bytes are not UTF-8
//	subject      an object with name, id_number, mobile and bank_card; [Person] if missing
//	expect       what must come of it: verdict or failure, charge, and optionally field,
//	             vendor_code and vendor_ref, with the words of package idv
//	source, note texts for people; optional
//
// An unknown member is an error. Errors name the file and the member. Files with other
// names are ignored, and so are folders below.
func Recordings(folders ...fs.FS) ([]Recording, error) {
	var list []Recording
	for _, folder := range folders {
		names, err := fs.Glob(folder, "*.json")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := fs.ReadFile(folder, name)
			if err != nil {
				return nil, err
			}
			r, err := parseRecording(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			r.Name = strings.TrimSuffix(path.Base(name), ".json")
			list = append(list, r)
		}
	}
	return list, nil
}

func parseRecording(text []byte) (Recording, error) {
	var w written
	if err := json.Unmarshal(text, &w, json.RejectUnknownMembers(true)); err != nil {
		return Recording{}, fmt.Errorf("must be a recorded reply: %w", err)
	}
	body, err := w.body()
	if err != nil {
		return Recording{}, err
	}
	want, err := w.outcome()
	if err != nil {
		return Recording{}, err
	}
	header := http.Header{}
	for name, value := range w.Headers {
		header.Set(name, value)
	}
	if w.Status == nil {
		return Recording{}, errors.New("status: is missing; add the HTTP status of the reply")
	}
	subject := idv.Subject{Name: w.Subject.Name, IDNumber: w.Subject.IDNumber, Mobile: w.Subject.Mobile, BankCard: w.Subject.BankCard}
	return Recording{Reply: providers.Reply{Status: *w.Status, Header: header, Body: body}, Subject: subject, Want: want}, nil
}

func (w written) body() ([]byte, error) {
	switch {
	case (w.Body == nil) == (w.BodyBase64 == nil):
		return nil, errors.New("body: must have either body or body_base64; an empty reply has the body \"\"")
	case w.Body.Kind() == kindObject:
		return w.Body, nil
	case w.Body != nil:
		var text string
		if json.Unmarshal(w.Body, &text) != nil {
			return nil, errors.New("body: must be a string or an object")
		}
		return []byte(text), nil
	}
	body, err := base64.StdEncoding.DecodeString(*w.BodyBase64)
	if err != nil {
		return nil, errors.New("body_base64: is not standard base64")
	}
	return body, nil
}

func (w written) outcome() (Outcome, error) {
	e := w.Expect
	switch {
	case e == nil:
		return Outcome{}, errors.New("expect: is missing; add the verdict or the failure that must come of the reply, and the charge")
	case (e.Verdict == nil) == (e.Failure == nil) || e.Verdict != nil && *e.Verdict == idv.Undetermined:
		return Outcome{}, errors.New("expect: must have either a verdict other than undetermined or a failure")
	case e.Charge == nil:
		return Outcome{}, errors.New("expect.charge: is missing; the charge is charged, not_charged or unknown")
	}
	o := Outcome{Charge: *e.Charge, Code: e.VendorCode, Ref: e.VendorRef}
	if e.Verdict != nil {
		o.Verdict = *e.Verdict
	} else {
		o.Failure = *e.Failure
	}
	if e.Field != "" {
		claim, ok := claimOf(e.Field)
		if !ok {
			return Outcome{}, errors.New("expect.field: must be name, id_number, mobile or bank_card")
		}
		o.Field = idv.FieldOf(claim)
	}
	return o, nil
}

func claimOf(word string) (idv.Claim, bool) {
	for _, c := range idv.CheckIDNameMobileBankCard.Claims().List() {
		if c.String() == word {
			return c, true
		}
	}
	return 0, false
}

// Check asks through [providers.NewProvider] as in production, with the recording as the
// reply of the transport, and returns how the outcome differs from the expected one.
func (r Recording) Check(ctx context.Context, c providers.Codec) error {
	q, err := r.query(c.Describe())
	if err != nil {
		return err
	}
	answer, failure := providers.NewProvider(c, replayed{r.Reply}).Ask(ctx, q)
	got := Outcome{Verdict: answer.Verdict, Charge: answer.Charge, Code: answer.VendorCode, Ref: answer.VendorRef}
	if failure != nil {
		e := idv.AsError(failure)
		got = Outcome{Failure: e.Failure, Field: e.Field, Charge: e.Charge, Code: e.Code, Ref: e.Ref}
	}
	switch want := r.Want.filled(got); {
	case got != want || (failure == nil) != (want.Verdict != idv.Undetermined):
		return fmt.Errorf("got %v, want %v", got, want)
	case q.Subject.ContainedIn(printed(answer) + printed(failure)):
		return errors.New("the outcome holds a claim in clear")
	}
	return nil
}

// filled returns the outcome with what it leaves open taken from another.
func (o Outcome) filled(from Outcome) Outcome {
	if o.Code == "" {
		o.Code = from.Code
	}
	if o.Ref == "" {
		o.Ref = from.Ref
	}
	return o
}

// String returns the outcome on one line.
func (o Outcome) String() string {
	result := "verdict " + o.Verdict.String()
	if o.Verdict == idv.Undetermined {
		result = "failure " + o.Failure.String()
	}
	return fmt.Sprintf("%s, field %q, charge %v, code %q, ref %q", result, o.Field, o.Charge, o.Code, o.Ref)
}

// query returns the query that the recording answers.
func (r Recording) query(d idv.Descriptor) (idv.Query, error) {
	q, err := Query(d)
	if r.Subject != (idv.Subject{}) {
		q.Subject = r.Subject.Only(q.Check.Claims())
	}
	return q, err
}

// replayed is a transport that returns a reply to every call.
type replayed struct{ reply providers.Reply }

// Do returns the reply to every call.
func (t replayed) Do(context.Context, providers.Call) (providers.Reply, error) { return t.reply, nil }

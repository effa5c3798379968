package notice

import (
	"errors"

	"github.com/go-json-experiment/json"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// stored is the stored form of a value. It must be readable as long as consents are kept,
// so no member may change its meaning.
type stored struct {
	Kind       Kind           `json:"kind"`
	Text       string         `json:"text,omitzero"`
	Count      int            `json:"count,omitzero"`
	Party      *consent.Party `json:"party,omitzero"`
	List       []string       `json:"list,omitzero"`
	Recipients []Recipient    `json:"recipients,omitzero"`
}

// envelope is the stored form of Values.
type envelope struct {
	Form   int               `json:"form"` // 1
	Values map[string]stored `json:"values"`
}

const storedForm = 1

// EncodeValues encodes values for storage, so that [DecodeValues] and [Template.Render]
// produce the same text again. The result contains the name and the number of the person in
// clear and must be encrypted. A text that is not UTF-8 is an error.
func EncodeValues(values Values) (idv.Sensitive, error) {
	out := envelope{storedForm, map[string]stored{}}
	for name, v := range values {
		s := stored{Kind: v.kind, Text: v.clear(), Count: v.count, List: v.list, Recipients: v.recipients}
		if v.kind == KindParty {
			s.Party = &v.party
		}
		out.Values[name] = s
	}
	b, err := json.Marshal(out, json.Deterministic(true))
	if err != nil {
		return idv.Sensitive{}, errors.New("the values contain a text that is not UTF-8")
	}
	return idv.NewSensitive(string(b)), nil
}

// DecodeValues decodes the result of EncodeValues. Its error contains no value.
func DecodeValues(encoded idv.Sensitive) (Values, error) {
	var in envelope
	if json.Unmarshal(unsealed(encoded), &in, json.RejectUnknownMembers(true)) != nil || in.Form != storedForm {
		return nil, errors.New("not the stored values of a notice, or a newer form; use the version of heyan that wrote them")
	}
	values := Values{}
	for name, s := range in.Values {
		v := Value{kind: s.Kind, text: idv.NewSensitive(s.Text), count: s.Count, list: s.List, recipients: s.Recipients}
		if s.Party != nil {
			v.party = *s.Party
		}
		values[name] = v
	}
	return values, nil
}

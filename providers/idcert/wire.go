package idcert

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// reply is the body of a reply; all members that count are strings. It omits msg, since nothing
// may depend on a text, and the sex, birthday and region of an older form, since they
// are personal data that no check needs.
type reply struct {
	Status  string    `json:"status"`
	IDCard  string    `json:"idCard"`
	Name    string    `json:"name"`
	TraceID reference `json:"traceId"`
}

// isAbout reports whether the reply has a masked echo that shows enough and fits the
// subject. It detects an answer that was swapped with another person's.
func (r reply) isAbout(s idv.Subject) bool {
	return providers.NumberEchoed(s.IDNumber, r.IDCard) && providers.NameEchoed(s.Name, r.Name)
}

// reference is the traceId: a string, or a number as written. No verdict depends on it, so
// one of another type is dropped instead of a verdict that was paid for.
type reference string

// UnmarshalJSON never fails.
func (r *reference) UnmarshalJSON(value []byte) error {
	switch jsontext.Value(value).Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, value)
		*r = reference(text)
		return err
	case '0':
		*r = reference(value)
	}
	return nil
}

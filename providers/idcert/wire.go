package idcert

import (
	"strings"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

// reply is the body of a reply; all members are strings. It omits msg, since nothing
// may depend on a text, and the sex, birthday and region of an older form, since they
// are personal data that no check needs.
type reply struct {
	Status  string `json:"status"`
	IDCard  string `json:"idCard"`
	Name    string `json:"name"`
	TraceID string `json:"traceId"`
}

// The number of characters that an echo must show. With fewer, it would fit other
// people too. The guide's examples show six of the number and one of the name.
const (
	shownOfNumber = 4
	shownOfName   = 1
)

// isAbout reports whether the reply has a masked echo that shows enough and fits the
// subject. It detects an answer that was swapped with another person's.
func (r reply) isAbout(s idv.Subject) bool {
	need := shownOfName
	if s.Name.MaskName() == "*" {
		need = 0 // the mask of a name of one character is all stars
	}
	return s.IDNumber.FitsMask(r.IDCard) && shown(r.IDCard) >= shownOfNumber &&
		s.Name.FitsMask(r.Name) && shown(r.Name) >= need
}

// shown counts the characters before the first star and after the last.
func shown(echo string) int {
	first, last := strings.IndexByte(echo, '*'), strings.LastIndexByte(echo, '*')
	if first < 0 {
		return utf8.RuneCountInString(echo)
	}
	return utf8.RuneCountInString(echo[:first] + echo[last+1:])
}

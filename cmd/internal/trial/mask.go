package trial

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/providertest"
)

// masker masks one reply.
type masker struct {
	subject idv.Subject
	call    string      // the id of the query
	person  idv.Subject // the fictitious person in place of the subject
	base    result
	codes   []string // the parts of the code
	read    map[string]bool

	elsewhere map[string]bool // what the codec reads in recorded replies

	listed   bool              // the code table lists the code
	withheld map[string]string // names of members that are not shown, and what stands for them
	members  []Member
	seen     map[string]bool // the places of members and headers
}

func newMasker(r Reply, base result, read map[string]bool) *masker {
	return &masker{subject: r.Query.Subject, call: r.Query.ID, person: r.standIn(), base: base, codes: strings.Split(base.code, "/"), read: read, elsewhere: map[string]bool{}, withheld: map[string]string{}, seen: map[string]bool{}}
}

// leaf returns what stands in the masked body in place of a leaf.
func (m *masker) leaf(l leaf) string {
	m.seen[l.at] = true
	text, use, shown := m.value(l)
	m.members = append(m.members, Member{At: l.at, Type: l.kind, Value: text, Use: use, Shown: shown})
	return l.with(text)
}

// value returns a value to show, what it is to the codec, and whether it is the vendor's.
func (m *masker) value(l leaf) (text, use string, shown bool) {
	use = m.use(l.at)
	if claim, ok := m.echo(l.text); ok {
		made := remask(l.text, m.person.Claim(claim).Reveal())
		if l.kind == kindNumber && !digits.MatchString(made) {
			made = like(l)
		}
		return made, UseEcho + claim.String(), false
	}
	switch {
	case l.kind == kindBoolean, l.kind == kindNull, l.text == "":
		return l.text, use, true
	case l.text == m.call:
		return recordedCall, UseCall, false
	case l.text == m.base.ref:
		return like(l), UseReference, false
	case m.read[l.at] && slices.Contains(m.codes, l.text) && (m.listed || !m.part(l.text)):
		return l.text, UseCode, true
	case m.likeCode(l):
		return l.text, use, true
	case saidName.MatchString(plainName(l.name)):
		said, _ := Words(l.text)
		if len(l.text) <= maxText && !m.names(said) {
			return said, use, said == l.text
		}
	}
	return like(l), use, false
}

// likeCode reports whether a value is shown since the codec reads it or its member has the
// name of a code: if it is short, or a plain word that the codec reads.
func (m *masker) likeCode(l leaf) bool {
	read, isShort := m.read[l.at], short.MatchString(l.text)
	if !read && !codeName.MatchString(plainName(l.name)) {
		return false
	}
	return (isShort || read && plain.MatchString(l.text)) && !m.part(l.text)
}

func (m *masker) use(at string) string {
	if m.read[at] || m.elsewhere[at] {
		return UseRead
	}
	return UseUnread
}

// The forms of what is shown, and the names by which replies call their members, in small
// letters without underscores.
var (
	short    = regexp.MustCompile(`^-?[A-Za-z0-9_.]{1,6}$`)
	plain    = regexp.MustCompile(`^[A-Za-z_]{1,24}$`)
	digits   = regexp.MustCompile(`^[1-9][0-9]*$`)
	codeName = regexp.MustCompile(`^(code|status|statuscode|state|errorcode|errcode|errno|respcode|ret|retcode|resultcode|result|res|success|verifystatus|bizcode|isok|match|fee|charge|ischarge|isfee|chargestatus)$`)
	saidName = regexp.MustCompile(`^(msg|message|errmsg|errormsg|reason|desc|description|respmsg|resultmsg|error|errormessage|xcaerrormessage|resultdesc|remark)$`)
	goodName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z_.$-]{0,31}[0-9]{0,2}$`) // digits inside a name are those of an encoding
)

func plainName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// name returns the name of a member, a made-up one if it could be personal.
func (m *masker) name(name string) string {
	_, known := Words(name)
	if goodName.MatchString(name) && !m.part(name) || known && !m.names(name) {
		return name
	}
	if m.withheld[name] == "" {
		m.withheld[name] = fmt.Sprintf("withheld%d", len(m.withheld)+1)
	}
	return m.withheld[name]
}

// header masks a header.
func (m *masker) header(name, value string) Member {
	at := headerAt(name)
	m.seen[at] = true
	if name == contentType && mediaType.MatchString(value) || name == "Retry-After" && short.MatchString(value) && !m.part(value) {
		return Member{name, kindString, value, m.use(at), true}
	}
	text, use, shown := m.value(leaf{at: at, name: name, kind: kindString, text: value})
	return Member{m.name(name), kindString, text, use, shown}
}

const contentType = "Content-Type"

var mediaType = regexp.MustCompile(`^[a-z]+/[a-z+.-]+( ?; ?charset=[A-Za-z0-9-]+)?$`)

// claims are the claims of the query.
func (m *masker) claims() []idv.Claim { return idv.CheckIDNameMobileBankCard.Claims().List() }

// echo returns the claim that a value repeats, in clear or masked.
func (m *masker) echo(text string) (idv.Claim, bool) {
	if strings.Trim(text, "*") == "" {
		return 0, false
	}
	for _, c := range m.claims() {
		if one := m.subject.Claim(c); !one.IsZero() && one.FitsMask(text) {
			return c, true
		}
	}
	return 0, false
}

// minPart is the length from which a piece of a claim is treated as one: a year, or the last
// digits of a mobile number.
const minPart = 4

// part reports whether a text is a claim, a piece of one, or holds one, in whatever letter
// case and with whatever separators.
func (m *masker) part(text string) bool {
	text = bare(text)
	for _, c := range m.claims() {
		claim := bare(m.subject.Claim(c).Reveal())
		if claim != "" && (strings.Contains(text, claim) || len(text) >= minPart && strings.Contains(claim, text)) {
			return true
		}
	}
	return false
}

func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// names reports whether a text has a Chinese character or a word of the name, or any claim.
func (m *masker) names(text string) bool {
	name := m.subject.Name.Reveal()
	for _, r := range name {
		if r > unicode.MaxASCII && strings.ContainsRune(text, r) {
			return true
		}
	}
	said := latinWord.FindAllString(strings.ToLower(text), -1)
	return m.part(text) || slices.ContainsFunc(latinWord.FindAllString(strings.ToLower(name), -1), func(word string) bool {
		return slices.Contains(said, word)
	})
}

var latinWord = regexp.MustCompile(`[a-z]+`)

// holds reports whether a masked text still holds a claim, plain or percent-encoded. The
// claims of the fictitious person may stand there.
func (m *masker) holds(text string) bool {
	for _, c := range m.claims() {
		claim := m.subject.Claim(c)
		if claim.IsZero() || claim.Equal(m.person.Claim(c)) {
			continue
		}
		if claim.ContainedIn(text) || strings.Contains(text, url.QueryEscape(claim.Reveal())) {
			return true
		}
	}
	return false
}

// remask masks the fictitious person's claim as an echo masks the real one.
func remask(echo, made string) string {
	claim := []rune(made)
	first, last := strings.IndexByte(echo, '*'), strings.LastIndexByte(echo, '*')
	if first < 0 {
		return string(claim)
	}
	head, tail := len([]rune(echo[:first])), len([]rune(echo[last+1:]))
	if head+tail > len(claim) {
		head, tail = min(head, 1), 0
	}
	return string(claim[:head]) + echo[first:last+1] + string(claim[len(claim)-tail:])
}

// maxMade bounds the length of a made-up value.
const maxMade = 64

// recordedCall is the id of the queries of package providertest.
const recordedCall = "heyan-test"

// standIn returns the fictitious person of the product's recorded replies: that of package
// providertest, unless they name another, whose number is of a kind that the product takes.
func (r Reply) standIn() idv.Subject {
	for _, one := range r.Recorded {
		if one.Want.Verdict == idv.Match && one.Subject != (idv.Subject{}) {
			return one.Subject
		}
	}
	return providertest.Person()
}

// recordedSubject returns the member subject of a recorded reply, nil for the person of
// package providertest.
func (m *masker) recordedSubject() map[string]string {
	out := map[string]string{}
	for _, c := range m.claims() {
		if one := m.person.Claim(c); !one.IsZero() && !one.Equal(providertest.Person().Claim(c)) {
			for _, c := range m.claims() {
				if one := m.person.Claim(c); !one.IsZero() {
					out[c.String()] = one.Reveal()
				}
			}
			return out
		}
	}
	return nil
}

// like returns a made-up value of a leaf's kind and length. A text of digits and others
// becomes one of a single letter, so that not even the pattern of a hash is left.
func like(l leaf) string {
	runes := []rune(l.text)
	n := min(len(runes), maxMade)
	switch {
	case l.kind == kindNumber:
		return strings.Repeat("1", min(n, 15))
	case all(runes, func(r rune) bool { return r >= '0' && r <= '9' }):
		return strings.Repeat("1", n)
	case all(runes, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
		return strings.Repeat("某", n)
	}
	return strings.Repeat("x", n)
}

func all(runes []rune, is func(rune) bool) bool {
	return !slices.ContainsFunc(runes, func(r rune) bool { return !is(r) })
}

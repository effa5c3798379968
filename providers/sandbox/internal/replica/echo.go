package replica

import (
	"net/http"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// about returns the reply to another query, with a new reference.
func (p play) about(q idv.Query) providers.Reply {
	reply, _ := p.echoing(q)
	return reply
}

// echoing returns the reply to a query and the claims that its members echo. Some vendors echo
// the attempt's id too.
func (p play) echoing(q idv.Query) (providers.Reply, idv.ClaimSet) {
	reply := p.reply
	ref := newRef(p.ref)
	reply.Header = http.Header{}
	for name, values := range p.reply.Header {
		for _, v := range values {
			if v == p.ref && ref != "" {
				v = ref
			}
			reply.Header.Add(name, v)
		}
	}
	var edits []edit
	var echoes idv.ClaimSet
	document := p.document()
	for _, m := range scalars(document) {
		if p.ref != "" && m.text == p.ref {
			edits = append(edits, edit{m.Value, m.End, m.written(ref)})
			continue
		}
		if p.query.ID != "" && m.text == p.query.ID {
			edits = append(edits, edit{m.Value, m.End, quote(q.ID)})
			echoes |= echoOfID
			continue
		}
		if text, claims, ok := echoed(m.text, p.query.Subject, q.Subject); ok && m.kind == '"' {
			edits = append(edits, edit{m.Value, m.End, quote(text)})
			echoes |= claims
		}
	}
	if raw, err := p.format.Print(apply(document, edits)); err == nil && len(edits) > 0 {
		reply.Body = raw
	}
	return reply, echoes
}

// echoed returns what a member says of a person, if it says a claim of the recorded one, and
// that claim. A birthday is derived from the number and echoes no claim.
func echoed(text string, recorded, asked idv.Subject) (string, idv.ClaimSet, bool) {
	for _, c := range []idv.Claim{idv.ClaimIDNumber, idv.ClaimBankCard, idv.ClaimMobile, idv.ClaimName} {
		from, to := plain(recorded.Claim(c)), plain(asked.Claim(c))
		if from == "" || text == "" {
			continue
		}
		if text == from {
			return to, idv.Claims(c), true
		}
		if masked, ok := remasked(text, from, to); ok {
			return masked, idv.Claims(c), true
		}
		if c != idv.ClaimIDNumber || len(from) != 18 || len(to) != 18 {
			continue
		}
		for _, separator := range []string{"", "-"} {
			if text == birthday(from, separator) {
				return birthday(to, separator), 0, true
			}
		}
	}
	return "", 0, false
}

func birthday(number, separator string) string {
	return number[6:10] + separator + number[10:12] + separator + number[12:14]
}

// remasked masks a value as another one is masked: as many characters before and after the
// stars, and as many stars, or one for each character that is hidden.
func remasked(mask, from, to string) (string, bool) {
	head, tail, stars := cutMask(mask)
	plain, other := []rune(from), []rune(to)
	h, t := len([]rune(head)), len([]rune(tail))
	if stars == 0 || h+t == 0 || h+t >= len(plain) || !strings.HasPrefix(from, head) || !strings.HasSuffix(from, tail) {
		return "", false
	}
	if h+t >= len(other) {
		return strings.Repeat("*", max(1, len(other))), true
	}
	if stars == len(plain)-h-t {
		stars = len(other) - h - t
	}
	return string(other[:h]) + strings.Repeat("*", stars) + string(other[len(other)-t:]), true
}

// cutMask returns what stands before and after the stars of a mask, and their number.
func cutMask(mask string) (head, tail string, stars int) {
	first, last := strings.IndexByte(mask, '*'), strings.LastIndexByte(mask, '*')
	if first < 0 || strings.Trim(mask[first:last+1], "*") != "" {
		return "", "", 0
	}
	return mask[:first], mask[last+1:], last - first + 1
}

// minRef is the length of the shortest reference that is taken for a unique one.
const minRef = 8

// newRef returns a reference in the form of another: digits for digits, letters for letters,
// and hexadecimal digits where all are such. The first digit is not 0, since it can be that of
// a number.
func newRef(old string) string {
	if len(old) < minRef {
		return old
	}
	letters := byte(26)
	if strings.Trim(strings.ToLower(old), "0123456789abcdef-") == "" {
		letters = 6
	}
	out, fresh := []byte(old), random(len(old))
	for i, c := range out {
		switch {
		case c >= '0' && c <= '9' && i == 0:
			out[i] = '1' + fresh[i]%9
		case c >= '0' && c <= '9':
			out[i] = '0' + fresh[i]%10
		case c >= 'A' && c <= 'Z':
			out[i] = 'A' + fresh[i]%letters
		case c >= 'a' && c <= 'z':
			out[i] = 'a' + fresh[i]%letters
		}
	}
	return string(out)
}

// otherQuery returns a query about a fictitious person that no echo takes for q.
func (r *Replica) otherQuery(q idv.Query) idv.Query {
	q.ID, q.Subject = "sandbox-b2", r.otherPerson(q.Subject)
	return q
}

// echoOfID stands beside the claims that a reply echoes: it says whom a reply is about too.
const echoOfID idv.ClaimSet = 1 << 7

// otherPerson returns a fictitious person, born in 2099, whose masked claims differ from
// those of s in name and number. Its name has as many words as a product needs that sends
// given and family name apart.
func (r *Replica) otherPerson(s idv.Subject) idv.Subject {
	names := []string{"试样", "样例", "核验"}
	if strings.Contains(plain(s.Name), " ") {
		names = append(latin(), "CLEO HALE")
	}
	list := []idv.Subject{
		fictitious(names[0], "310101209902020084", "19811111112", "6217000000000000112"),
		fictitious(names[1], "440301209903030096", "19722222228", "6222020000000000338"),
	}
	for _, other := range list {
		if !strings.HasPrefix(plain(other.Name), first(plain(s.Name))) && !strings.HasPrefix(plain(other.IDNumber), first(plain(s.IDNumber))) {
			return other.Only(r.card.Check.Claims())
		}
	}
	return fictitious(names[2], "510101209904040064", "19633333336", "6214830000000000556").Only(r.card.Check.Claims())
}

func fictitious(name, number, mobile, card string) idv.Subject {
	return idv.Subject{
		Name: idv.NewSensitive(name), IDNumber: idv.NewSensitive(number), Mobile: idv.NewSensitive(mobile), BankCard: idv.NewSensitive(card),
	}
}

func first(text string) string {
	for _, c := range text {
		return string(c)
	}
	return "\x00"
}

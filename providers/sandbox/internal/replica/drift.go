package replica

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	textenc "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/body"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// The reasons why a drift has no meaning for a product.
var (
	errNoMatch    = errors.New("the code table has no match that can be played")
	errNoRecord   = errors.New("the code table has no row for a person without a record")
	errNoEcho     = errors.New("the product's replies do not say whom they are about, so a client cannot notice")
	errNoMember   = errors.New("no single member of the reply decides, or its form of body cannot say it")
	errOneCase    = errors.New("the name of the deciding member has no letters")
	errBothTypes  = errors.New("the product may send the deciding member in either type")
	errWord       = errors.New("the code is a word, and no number stands for it")
	errNoObject   = errors.New("the product's replies have no members that could be added to")
	errASCII      = errors.New("the product's replies hold ASCII characters only, which GBK does not change")
	errGBK        = errors.New("the product's replies are in GBK anyway")
	errTooShort   = errors.New("the reply is too short to be cut")
	errNoEnd      = errors.New("the first half of the reply is a complete one, since its form of body shows no end")
	errNoMismatch = errors.New("the code table has no mismatch to mix up with a match")
)

// Match returns a match about a person.
func (r *Replica) Match(a Asked) (Answer, error) {
	c, ok := r.firstOf(verdictIs(idv.Match))
	if !ok {
		return Answer{}, errNoMatch
	}
	return r.Answer(c, a), nil
}

// WrongEcho returns a match that echoes another person.
func (r *Replica) WrongEcho(a Asked) (Answer, error) {
	c, ok := r.firstOf(verdictIs(idv.Match))
	if !ok {
		return Answer{}, errNoMatch
	}
	reply, echoes := r.plays[c].echoing(r.otherQuery(a.Query))
	if echoes&r.echoed == 0 {
		return Answer{}, errNoEcho
	}
	return r.plays[c].answer(reply), nil
}

// Other returns a fictitious person that no echo of a takes for a.
func (r *Replica) Other(a Asked) Asked {
	a.Query = r.otherQuery(a.Query)
	return a
}

// Duplicate returns a match whose deciding member stands there twice: first as in a mismatch.
func (r *Replica) Duplicate(a Asked) (Answer, error) {
	other, ok := r.firstOf(verdictIs(idv.Mismatch), verdictIs(idv.MismatchOrNoRecord))
	if !ok {
		return Answer{}, errNoMismatch
	}
	parts := pieces(other.Code)
	return r.redecided(a, func(body []byte, m scalar) (string, error) {
		name := string(body[m.Start:m.Value])
		return name + m.written(parts[len(parts)-1]) + "," + string(body[m.Start:m.End]), nil
	})
}

// OtherCase returns a match whose deciding member has its name in another case only.
func (r *Replica) OtherCase(a Asked) (Answer, error) {
	return r.redecided(a, func(body []byte, m scalar) (string, error) {
		var list []string
		for _, name := range []string{strings.ToUpper(m.Name[:1]) + m.Name[1:], strings.ToUpper(m.Name), strings.ToLower(m.Name)} {
			member := quote(name) + ":" + string(body[m.Value:m.End])
			if name != m.Name && !slices.Contains(list, member) && len(list) < 2 {
				list = append(list, member)
			}
		}
		if len(list) == 0 {
			return "", errOneCase
		}
		return strings.Join(list, ","), nil
	})
}

// OtherType returns a match whose deciding member is a number in place of a string, or a
// string in place of a number or a boolean.
func (r *Replica) OtherType(a Asked) (Answer, error) {
	answer, err := r.redecided(a, func(body []byte, m scalar) (string, error) {
		text := quote(m.text)
		if m.kind == '"' {
			text = strings.TrimLeft(m.text, "0")
			if text == "" {
				text = "0"
			}
			if !json.Valid([]byte(text)) || strings.ContainsAny(text, `{["n`) {
				return "", errWord
			}
		}
		return string(body[m.Start:m.Value]) + text, nil
	})
	if err != nil {
		return Answer{}, err
	}
	if o, ok := r.outcome(a.Query, answer.Reply); ok && o.verdict == idv.Match {
		return Answer{}, errBothTypes
	}
	return answer, nil
}

// redecided returns a match with other text in place of its deciding member.
func (r *Replica) redecided(a Asked, by func(body []byte, m scalar) (string, error)) (Answer, error) {
	answer, err := r.Match(a)
	if err != nil {
		return Answer{}, err
	}
	document, m, ok := r.decider(a, answer)
	if !ok {
		return Answer{}, errNoMember
	}
	text, err := by(document, m)
	if err != nil {
		return Answer{}, err
	}
	if answer.Reply.Body, err = r.format.Print(apply(document, []edit{{m.Start, m.End, text}})); err != nil {
		return Answer{}, errNoMember
	}
	return answer, nil
}

// decider returns the document of a match and the member that holds the innermost part of its
// code: without it the reply is no match.
func (r *Replica) decider(a Asked, answer Answer) ([]byte, scalar, bool) {
	parts := pieces(answer.Code)
	document, err := r.format.Document(bytes.TrimSpace(answer.Reply.Body))
	if err != nil {
		return nil, scalar{}, false
	}
	all := scalars(document)
	for _, m := range slices.Backward(all) {
		if m.text != parts[len(parts)-1] {
			continue
		}
		reply := answer.Reply
		if reply.Body, err = r.format.Print(apply(document, []edit{{m.Start, m.Value, `"sandbox":`}})); err != nil {
			continue
		}
		if o, ok := r.outcome(a.Query, reply); !ok || o.verdict != idv.Match {
			return document, m, true
		}
	}
	return nil, scalar{}, false
}

// Cut returns the first part of a match: one of so many, or nothing for none.
func (r *Replica) Cut(a Asked, parts int) (Answer, error) {
	answer, err := r.Match(a)
	if err != nil {
		return Answer{}, err
	}
	length := 0
	if parts > 0 {
		if length = len(answer.Reply.Body) / parts; length == 0 {
			return Answer{}, errTooShort
		}
	}
	answer.Reply.Body = answer.Reply.Body[:length]
	if o, ok := r.outcome(a.Query, answer.Reply); ok && o.verdict == idv.Match {
		return Answer{}, errNoEnd
	}
	return answer, nil
}

// Extra returns an answer with members that the product does not list.
func (r *Replica) Extra(answer Answer) (Answer, error) {
	document, err := r.format.Document(bytes.TrimSpace(answer.Reply.Body))
	if err != nil {
		return Answer{}, errNoObject
	}
	members, err := strictjson.Members(document)
	if err != nil || !bytes.HasPrefix(document, []byte("{")) || len(members) == 0 {
		return Answer{}, errNoObject
	}
	end := len(document) - 1
	if r.format.Form == body.XML { // within the root element
		end--
	}
	if document[end] != '}' {
		return Answer{}, errNoObject
	}
	var more string
	for _, m := range [][2]string{{"sex", "女"}, {"area", "北京市东城区"}, {"birthday", "2099-01-01"}, {"lastCode", "7"}} {
		taken := slices.ContainsFunc(members, func(t strictjson.Member) bool { return strings.EqualFold(t.Name, m[0]) })
		if !taken {
			more += "," + quote(m[0]) + ":" + quote(m[1])
		}
	}
	extended := apply(document, []edit{{end, end, more}})
	if answer.Reply.Body, err = r.format.Print(extended); err != nil || r.format.Form == body.Text {
		return Answer{}, errNoObject
	}
	return answer, nil
}

// GBK returns an answer in GBK, under a header that says otherwise.
func (r *Replica) GBK(answer Answer) (Answer, error) {
	if r.format.Encoding == body.GBK || r.format.Encoding == body.GB18030 {
		return Answer{}, errGBK
	}
	raw, err := textenc.ReplaceUnsupported(simplifiedchinese.GBK.NewEncoder()).Bytes(answer.Reply.Body)
	if err != nil || bytes.Equal(raw, answer.Reply.Body) {
		return Answer{}, errASCII
	}
	answer.Reply.Body = raw
	return answer, nil
}

// WithStatus returns an answer under another HTTP status. Where the status says whether a call
// is charged, the charge follows it.
func (r *Replica) WithStatus(a Asked, answer Answer, status int) Answer {
	answer.Reply.Status = status
	if o, ok := r.outcome(a.Query, answer.Reply); ok {
		answer.Charge = o.charge
	}
	return answer
}

// Fictitious returns the fictitious person of the recordings.
func (r *Replica) Fictitious() Asked { return Asked{Query: r.form.query} }

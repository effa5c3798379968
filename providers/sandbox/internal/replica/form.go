package replica

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// form is the form of a product's requests.
type form struct {
	documents []idv.Document // those whose requests differ
	path      string
	query     idv.Query // about a fictitious person
	codes     []codeClaim
	headers   []string // that the codec sets
}

// source is what varies between two requests: a claim, or the id of the attempt.
type source int

const sourceID source = 100

// codeClaim says where the value of a source stands.
type codeClaim struct {
	source  source
	where   []locator // one, or two if a name is split; none if it is not known
	between string    // the two parts of a split name
	all     []place   // every place that varies with the source
}

// locator is a place whose value is prefix, the value in some encoding, and suffix.
type locator struct {
	place
	prefix, suffix string
	encoding       encoding
}

// learnForm encodes fictitious persons that differ in one claim, and compares the calls.
func learnForm(codec providers.Codec, person idv.Subject) (form, error) {
	card := codec.Describe()
	f := form{query: idv.Query{ID: "sandbox-a1", Check: card.Check, Subject: person.Only(card.Check.Claims())}}
	documents := card.Documents
	if len(documents) == 0 {
		documents = []idv.Document{idv.DocumentUnknown}
	}
	f.query.Document = documents[0]
	first, err := encode(codec, f.query)
	if err != nil {
		return form{}, fmt.Errorf("the codec refuses the fictitious person: %v", idv.FailureOf(err))
	}
	for _, d := range documents {
		q := f.query
		q.Document = d
		if m, err := encode(codec, q); err == nil && (d == documents[0] || differs(m, first)) {
			f.documents = append(f.documents, d)
		}
	}
	call, _ := codec.Encode(f.query) // encode has done so
	f.path = call.Path
	for _, p := range call.Header {
		f.headers = append(f.headers, p.Name)
	}
	found := false
	for _, s := range sources(card.Check) {
		c := learnSource(codec, f.query, s)
		f.codes = append(f.codes, c)
		found = found || len(c.where) > 0 && s != sourceID
	}
	if !found {
		return form{}, errors.New("no claim can be found in its request")
	}
	return f, nil
}

func sources(check idv.Check) []source {
	list := []source{sourceID}
	for _, c := range check.Claims().List() {
		list = append(list, source(c))
	}
	return list
}

func encode(codec providers.Codec, q idv.Query) (message, error) {
	call, err := codec.Encode(q)
	if err != nil {
		return message{}, err
	}
	return ofCall(call)
}

func differs(a, b message) bool { return len(changed(a, b)) > 0 || len(a.values) != len(b.values) }

// changed returns the places whose values differ.
func changed(a, b message) []place {
	var list []place
	for _, v := range a.values {
		if other, n := b.at(v.place); n != 1 || other.text != v.text || other.kind != v.kind {
			list = append(list, v.place)
		}
	}
	return list
}

// latin are names for products that accept no Chinese ones or split a name at its spaces.
func latin() []string { return []string{"ADA QUELL", "BEN TROY"} }

// learnSource finds where a source stands. A source that no encoding explains has no
// locator; the places that vary with it are then not compared.
func learnSource(codec providers.Codec, q idv.Query, s source) codeClaim {
	c := codeClaim{source: s}
	var pairs [][2]string
	if mine := read(q, s); mine != "" {
		pairs = append(pairs, [2]string{mine, another(mine)})
	}
	if s == source(idv.ClaimName) {
		pairs = append(pairs, [2]string(latin()))
	}
	for _, pair := range pairs {
		a, errA := encode(codec, with(q, s, pair[0]))
		b, errB := encode(codec, with(q, s, pair[1]))
		if errA != nil || errB != nil {
			continue
		}
		places := changed(a, b)
		if len(places) == 0 || len(a.values) != len(b.values) {
			continue
		}
		found := codeClaim{source: s, all: places}
		found.find(a, b, pair)
		if len(found.where) > len(c.where) || len(c.all) == 0 { // a split name explains more
			c = found
		}
	}
	return c
}

// find sets the locators.
func (c *codeClaim) find(a, b message, pair [2]string) {
	for _, e := range encodings() {
		for _, p := range c.all {
			va, _ := a.at(p)
			vb, _ := b.at(p)
			if prefix, suffix, ok := e.around(va.text, pair[0]); ok {
				if encoded, ok := e.encode(pair[1]); ok && vb.text == prefix+encoded+suffix {
					c.where = []locator{{p, prefix, suffix, e}}
					return
				}
			}
		}
	}
	for _, p := range c.all {
		for _, o := range c.all {
			for _, between := range []string{"", " "} {
				if joins(a, p, o, between) == pair[0] && joins(b, p, o, between) == pair[1] && p != o {
					c.where, c.between = []locator{{place: p}, {place: o}}, between
					return
				}
			}
		}
	}
}

func joins(m message, p, o place, between string) string {
	first, _ := m.at(p)
	second, _ := m.at(o)
	return first.text + between + second.text
}

// another returns a value of the same form: its middle characters are another digit or letter.
func another(text string) string {
	runes := []rune(text)
	i := len(runes) / 2
	switch c := runes[i]; {
	case c >= '0' && c <= '9':
		runes[i] = '0' + (c-'0'+3)%10
	case c >= 'A' && c <= 'Z':
		runes[i] = 'A' + (c-'A'+3)%26
	case c >= 'a' && c <= 'z':
		runes[i] = 'a' + (c-'a'+3)%26
	default:
		runes[i] = '核'
	}
	return string(runes)
}

func read(q idv.Query, s source) string {
	if s == sourceID {
		return q.ID
	}
	return plain(q.Subject.Claim(idv.Claim(s)))
}

func with(q idv.Query, s source, text string) idv.Query {
	v := idv.NewSensitive(text)
	switch s {
	case sourceID:
		q.ID = text
	case source(idv.ClaimName):
		q.Subject.Name = v
	case source(idv.ClaimIDNumber):
		q.Subject.IDNumber = v
	case source(idv.ClaimMobile):
		q.Subject.Mobile = v
	case source(idv.ClaimBankCard):
		q.Subject.BankCard = v
	}
	return q
}

// read returns the value of the source in a message.
func (c codeClaim) read(m message) (string, *Fault) {
	var list []string
	for _, w := range c.where {
		v, n := m.at(w.place)
		if n != 1 {
			return "", c.missing(n, w.place)
		}
		text, ok := strings.CutPrefix(v.text, w.prefix)
		text, ok2 := strings.CutSuffix(text, w.suffix)
		if !ok || !ok2 {
			return "", &Fault{Kind: FaultForm, Field: c.field(), Detail: "another form of " + w.name}
		}
		if w.encoding.decode != nil {
			if text, ok = w.encoding.decode(text); !ok {
				return "", &Fault{Kind: FaultForm, Field: c.field(), Detail: "another encoding of " + w.name}
			}
		}
		list = append(list, text)
	}
	return strings.TrimSuffix(strings.Join(list, c.between), c.between), nil
}

func (c codeClaim) missing(n int, p place) *Fault {
	f := &Fault{Kind: FaultMissing, Field: c.field(), Detail: "no " + p.in + " value " + p.name}
	if n > 1 {
		f.Kind, f.Detail = FaultForm, "duplicate "+p.in+" value "+p.name
	}
	return f
}

func (c codeClaim) field() idv.Field {
	if c.source == sourceID {
		return idv.NoField
	}
	return idv.FieldOf(idv.Claim(c.source))
}

// person reads a message without what authenticates it, and checks that encoding the same
// person gives the same message.
func (r *Replica) person(m message) (Asked, *Fault) {
	q := r.form.query
	asked := Asked{}
	var unread []place
	for _, c := range r.form.codes {
		if len(c.where) == 0 {
			unread = append(unread, c.all...)
			q = r.guess(c, m, q, &asked)
			continue
		}
		text, fault := c.read(m)
		if fault != nil {
			return Asked{}, fault
		}
		if c.source != sourceID && (text == "" || !utf8.ValidString(text)) {
			return Asked{}, &Fault{Kind: FaultClaim, Field: c.field(), Detail: "an empty or damaged " + c.field().String()}
		}
		q = with(q, c.source, text)
		asked.know(c.source)
	}
	var fault *Fault
	for _, d := range r.form.documents {
		q.Document = d
		want, err := encode(r.codec, q)
		if err != nil {
			fault = cmp.Or(fault, &Fault{Kind: FaultClaim, Field: idv.AsError(err).Field, Detail: "the product does not accept the claims"})
			continue
		}
		f := compare(want, m, unread)
		if f == nil {
			asked.Query = q
			return asked, nil
		}
		fault = cmp.Or(fault, f)
	}
	return Asked{}, fault
}

// guess tries the names that select an answer on a claim that cannot be read back, such as a
// hash. Any other person stays unknown.
func (r *Replica) guess(c codeClaim, m message, q idv.Query, asked *Asked) idv.Query {
	if c.source != source(idv.ClaimName) || len(c.all) == 0 {
		return q
	}
	for _, name := range append(steeringNames(), latinNames()...) {
		try := with(q, c.source, name)
		want, err := encode(r.codec, try)
		if err == nil && !slices.ContainsFunc(c.all, func(p place) bool { return !same(want, m, p) }) {
			asked.know(c.source)
			return try
		}
	}
	return q
}

func same(a, b message, p place) bool {
	va, _ := a.at(p)
	vb, n := b.at(p)
	return n == 1 && va == vb
}

// compare returns the first difference between the message that was expected and the one
// that arrived. It names places of the expected one only.
func compare(want, got message, unread []place) *Fault {
	switch {
	case want.method != got.method:
		return &Fault{Kind: FaultMethod, Detail: "the method is not " + want.method}
	case want.mediaType != got.mediaType:
		return &Fault{Kind: FaultForm, Detail: "the content type is not " + want.mediaType}
	}
	for _, v := range want.values {
		other, n := got.at(v.place)
		switch {
		case n == 0:
			return &Fault{Kind: FaultMissing, Detail: "no " + v.in + " value " + v.name}
		case n > 1:
			return &Fault{Kind: FaultForm, Detail: "duplicate " + v.in + " value " + v.name}
		case slices.Contains(unread, v.place):
		case other.text != v.text || other.kind != v.kind:
			return &Fault{Kind: FaultForm, Detail: "another " + v.in + " value " + v.name}
		}
	}
	if len(got.values) != len(want.values) {
		return &Fault{Kind: FaultForm, Detail: "an unknown parameter or member"}
	}
	return nil
}

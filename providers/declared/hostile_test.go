package declared_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/providertest"
)

// hostiles is how many hostile replies all products get together. HEYAN_PROVE=1 makes it a
// million.
func hostiles() int {
	switch {
	case os.Getenv("HEYAN_PROVE") != "":
		return 1_000_000
	case testing.Short():
		return 6_000
	}
	return 60_000
}

// No hostile reply becomes a verdict that its file does not give it, and none makes the
// codec panic. The replies are made from the product's own fixtures: values of other codes
// and types, members that are missing, double, in another case or in another place, bytes
// that are cut off, added or not UTF-8.
func TestHostileReplies(t *testing.T) {
	t.Parallel()
	files := declared.Shipped()
	each := hostiles()/len(files) + 1
	for i, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			f := factory(t, file)
			c, o := codec(t, f), newOracle(t, file)
			list := recordings(t, f)
			g := &grammar{rand: rand.New(rand.NewPCG(7, uint64(i))), values: o.values()}
			for _, r := range list {
				g.learn(r.Reply.Body)
			}
			verdicts := 0
			for range each {
				r := list[g.rand.IntN(len(list))]
				q := question(t, f.Descriptor)
				if !r.Subject.IDNumber.IsZero() {
					q.Subject = r.Subject
				}
				verdicts += judge(t, c, o, q, g.reply(r))
			}
			if verdicts == 0 {
				t.Error("no reply had a verdict; the grammar destroys too much")
			}
		})
	}
}

// judge decodes a reply, and returns 1 for a verdict.
func judge(t testing.TB, c providers.Codec, o oracle, q idv.Query, r providers.Reply) int {
	t.Helper()
	answer, err := c.Decode(q, r)
	if err != nil {
		return 0
	}
	if want := o.verdict(q.Subject, r); answer.Verdict.String() != want {
		t.Errorf("a false verdict: %v (%s), want %q, of status %d and\n%q", answer.Verdict, answer.VendorCode, want, r.Status, r.Body)
	}
	return 1
}

// FuzzDecode is TestHostileReplies with bodies of the fuzzer.
func FuzzDecode(f *testing.F) {
	var codecs []providers.Codec
	var oracles []oracle
	for i, file := range declared.Shipped() {
		p := factory(f, file)
		codecs, oracles = append(codecs, codec(f, p)), append(oracles, newOracle(f, file))
		for _, r := range recordings(f, p) {
			f.Add(i, r.Reply.Status, r.Reply.Body)
		}
	}
	f.Fuzz(func(t *testing.T, product, status int, body []byte) {
		i := int(uint(product) % uint(len(codecs)))
		judge(t, codecs[i], oracles[i], question(t, codecs[i].Describe()), providers.Reply{Status: status, Header: http.Header{}, Body: body})
	})
}

// values returns the values that a file names.
func (o oracle) values() []string {
	var list []string
	for _, row := range o.Codes {
		list = append(append(list, row.Code), strings.Split(row.Code, "/")...)
	}
	for _, r := range o.Reply.Require {
		list = append(list, r.Is...)
	}
	return list
}

// grammar makes hostile replies.
type grammar struct {
	rand   *rand.Rand
	values []string // as texts
	names  []string // of members
	parts  []*part  // values of the fixtures
}

// part is a JSON value as a text with its structure.
type part struct {
	raw   string // of a scalar
	names []string
	list  []*part
	open  string // "{", "[" or ""
}

func (g *grammar) learn(body []byte) {
	if p := parsePart(body); p != nil {
		g.collect(p)
	}
}

func (g *grammar) collect(p *part) {
	g.parts = append(g.parts, p)
	g.names = append(g.names, p.names...)
	for _, one := range p.list {
		g.collect(one)
	}
}

// parsePart returns nil for what is no JSON.
func parsePart(body []byte) *part {
	var fields map[string]json.RawMessage
	var items []json.RawMessage
	p := &part{raw: string(body)}
	switch {
	case !json.Valid(body):
		return nil
	case json.Unmarshal(body, &fields) == nil && fields != nil:
		p.open = "{"
		d := json.NewDecoder(strings.NewReader(string(body)))
		_, _ = d.Token()
		for d.More() { // in the order of the document
			name, _ := d.Token()
			var value json.RawMessage
			_ = d.Decode(&value)
			p.names, p.list = append(p.names, name.(string)), append(p.list, parsePart(value))
		}
	case json.Unmarshal(body, &items) == nil && items != nil:
		p.open = "["
		for _, item := range items {
			p.list = append(p.list, parsePart(item))
		}
	}
	return p
}

func (p *part) clone() *part {
	out := &part{raw: p.raw, open: p.open, names: append([]string(nil), p.names...)}
	for _, one := range p.list {
		out.list = append(out.list, one.clone())
	}
	return out
}

// reply makes a hostile reply of a fixture.
func (g *grammar) reply(from providertest.Recording) providers.Reply {
	r := providers.Reply{Status: from.Reply.Status, Header: from.Reply.Header, Body: from.Reply.Body}
	if root := parsePart(r.Body); root != nil {
		for range g.rand.IntN(3) {
			g.change(root)
		}
		var b strings.Builder
		g.write(&b, root)
		r.Body = []byte(b.String())
	}
	switch g.rand.IntN(12) {
	case 0:
		r.Body = g.bytes(r.Body)
	case 1:
		r.Status = []int{200, 201, 204, 301, 400, 401, 403, 404, 429, 450, 500, 503}[g.rand.IntN(12)]
	case 2:
		r.Header = http.Header{"X-Ca-Error-Code": {"B403MQ"}}
	}
	return r
}

// change changes one value somewhere below a part.
func (g *grammar) change(p *part) {
	for len(p.list) > 0 && g.rand.IntN(4) > 0 {
		p = p.list[g.rand.IntN(len(p.list))]
	}
	n := len(p.list)
	switch op := g.rand.IntN(8); {
	case p.open == "" || op == 0:
		*p = *g.value()
	case n == 0 || op == 1:
		p.list = append(p.list, g.value())
		p.names = append(p.names, g.name())
	case op == 2: // remove
		i := g.rand.IntN(n)
		p.list = append(p.list[:i:i], p.list[i+1:]...)
		if p.open == "{" {
			p.names = append(p.names[:i:i], p.names[i+1:]...)
		}
	case op == 3 && p.open == "{": // double
		i := g.rand.IntN(n)
		p.list, p.names = append(p.list, g.value()), append(p.names, p.names[i])
	case op == 4 && p.open == "{": // another case or name
		i := g.rand.IntN(n)
		p.names[i] = []string{strings.ToUpper(p.names[i]), strings.ToLower(p.names[i]), strings.Replace(p.names[i], "s", "ſ", 1), p.names[i] + " ", g.name()}[g.rand.IntN(5)]
	case op == 5: // exchange
		i, j := g.rand.IntN(n), g.rand.IntN(n)
		p.list[i], p.list[j] = p.list[j], p.list[i]
	default:
		p.list[g.rand.IntN(n)] = g.value()
	}
}

func (g *grammar) name() string {
	if len(g.names) == 0 {
		return "x"
	}
	return g.names[g.rand.IntN(len(g.names))]
}

// value returns a value of another fixture, a code as some type, or something odd.
func (g *grammar) value() *part {
	odd := []string{"null", `""`, "{}", "[]", "true", "false", "0", "-0", "0.0", "1e0", "1", `"0"`, `"1"`, `"0 "`, `"０"`, "1234567890123456789012", `[0]`, `{"code":0}`}
	switch g.rand.IntN(4) {
	case 0:
		return g.parts[g.rand.IntN(len(g.parts))].clone()
	case 1:
		return &part{raw: odd[g.rand.IntN(len(odd))]}
	}
	code := g.values[g.rand.IntN(len(g.values))]
	if json.Valid([]byte(code)) && g.rand.IntN(2) == 0 {
		return &part{raw: code}
	}
	text, _ := json.Marshal(code)
	return &part{raw: string(text)}
}

// write writes a part, with space and escapes where they change nothing.
func (g *grammar) write(b *strings.Builder, p *part) {
	if p.open == "" {
		b.WriteString(p.raw)
		return
	}
	b.WriteString(p.open)
	for i, one := range p.list {
		if i > 0 {
			b.WriteByte(',')
		}
		if g.rand.IntN(20) == 0 {
			b.WriteString("\n\t ")
		}
		if p.open == "{" {
			name, _ := json.Marshal(p.names[i])
			if g.rand.IntN(20) == 0 && len(p.names[i]) > 0 && p.names[i][0] == 'c' {
				name = []byte(`"\u0063` + string(name[2:]))
			}
			b.Write(name)
			b.WriteByte(':')
		}
		g.write(b, one)
	}
	b.WriteString(map[string]string{"{": "}", "[": "]"}[p.open])
}

// bytes changes bytes of a body.
func (g *grammar) bytes(body []byte) []byte {
	at := 0
	if len(body) > 0 {
		at = g.rand.IntN(len(body))
	}
	switch g.rand.IntN(6) {
	case 0:
		return body[:at]
	case 1:
		return append([]byte("\ufeff"), body...)
	case 2:
		return append(append([]byte{}, body...), `{"code":0}`...)
	case 3:
		return append(append(append([]byte{}, body[:at]...), 0xb2, 0xe2), body[at:]...)
	case 4:
		return append(append([]byte{}, body[:at]...), body[min(at+1, len(body)):]...)
	}
	return []byte("<html>" + string(body) + "</html>")
}

// The hostile replies and the oracle tell a careless codec from a strict one: a reader of
// the usual kind, for which the last of two members counts and 1 is "1", is caught.
func TestHostileRepliesCatchACarelessCodec(t *testing.T) {
	t.Parallel()
	f := factory(t, "kz-idcard")
	o, list := newOracle(t, "kz-idcard"), recordings(t, f)
	g := &grammar{rand: rand.New(rand.NewPCG(7, 7)), values: o.values()}
	for _, r := range list {
		g.learn(r.Reply.Body)
	}
	caught := map[string]bool{}
	for range 20_000 {
		r := g.reply(list[g.rand.IntN(len(list))])
		var body struct {
			Code any
			Data struct{ Result any }
		}
		if json.Unmarshal(r.Body, &body) != nil {
			continue
		}
		code := fmt.Sprint(body.Code) + "/" + fmt.Sprint(body.Data.Result)
		row, _ := providers.Table(f.Descriptor.Codes).Row(providers.LayerVendor, code)
		if row.Verdict != idv.Undetermined && o.verdict(idv.Subject{}, r) != row.Verdict.String() {
			caught[row.Verdict.String()] = true
		}
	}
	if len(caught) != 3 {
		t.Errorf("false verdicts of the kinds %v, want all three", caught)
	}
}

// FuzzParse: no file makes the parser panic or a product that cannot be used.
func FuzzParse(f *testing.F) {
	for _, file := range declared.Shipped() {
		text, err := os.ReadFile("vendors/" + file + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(head + requestPart + replyPart + codesPart + nonePart))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := declared.Parse("test.yaml", text)
		if (err == nil) == (p.Factory.New == nil) {
			t.Fatalf("%v, and a product: %v", err, p.Factory.New != nil)
		}
		if err != nil {
			return
		}
		d := p.Factory.Descriptor
		if len(d.Schemes) == 0 || d.Name == "" || len(d.Codes) == 0 {
			t.Errorf("a product without a name, a scheme or codes: %+v", d)
		}
		c := codec(t, p.Factory)
		call, err := c.Encode(question(t, d))
		if err == nil && (call.Path == "" || call.Method == "") {
			t.Errorf("the call %v", call)
		}
		for _, body := range []string{"", "{}", `{"code":"0"}`, "<a/>", "a=b"} {
			_, _ = c.Decode(question(t, d), providers.Reply{Status: 200, Header: http.Header{}, Body: []byte(body)})
		}
		for _, s := range p.Schemes {
			if s.Name == "" || s.New == nil {
				t.Error("a scheme without a name")
			}
		}
	})
}

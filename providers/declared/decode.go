package declared

import (
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/gateway"
)

// Decode checks for an error of the gateway first, then reads the body and gives its code
// to the table, and then checks that a verdict keeps its conditions and is about the
// subject.
func (c *codec) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	if err := c.reply.check(r); err != nil {
		return idv.Answer{}, err
	}
	answer, err := c.read(q, r)
	if e := providers.StatusFailure(r.Status); c.overrides(e, err) {
		e.Ref = c.reply.ref(content{reply: r})
		return idv.Answer{}, e
	}
	return answer, err
}

// overrides reports whether a failure of the HTTP status says more than the body: a status
// with a row of its own (401, 429) is no verdict, and an unreadable body of an error status
// is that error.
func (c *codec) overrides(e *idv.Error, read error) bool {
	_, listed := c.table.Row(providers.LayerGateway, e.Code)
	if read == nil {
		return listed
	}
	return (listed || e.Failure == idv.Unavailable) && idv.FailureOf(read) == idv.Garbled
}

// read decodes a reply that the vendor wrote.
func (c *codec) read(q idv.Query, r providers.Reply) (idv.Answer, error) {
	values, err := c.reply.body.values(r.Body)
	if err != nil {
		return idv.Answer{}, garbled("the body has not the declared form", c.reply.ref(content{reply: r}))
	}
	in := content{r, values}
	ref := c.reply.ref(in)
	codes, ok := c.reply.codes(in)
	if !ok {
		return idv.Answer{}, garbled("a code has a type that is not listed, or contradicts another", ref)
	}
	answer, err := c.table.Decode(providers.Reading{Codes: codes, Ref: ref, Flag: c.reply.flag.read(in), Fields: c.reply.fields(in)})
	code := answer.VendorCode
	if err != nil {
		// A partial match is an answer about the person, and final: what makes a verdict
		// garbled makes it garbled too. Any other failure needs no echo.
		if idv.FailureOf(err) != idv.PartialMatch {
			return idv.Answer{}, err
		}
		code = idv.AsError(err).Code
	}
	switch {
	case !c.reply.require.hold(in, code):
		return idv.Answer{}, garbled("the reply breaks a condition of its verdict", ref)
	case !c.reply.isAbout(q.Subject, in, answer.Verdict):
		e := providers.WrongEcho("the echo does not fit the subject")
		e.Ref = ref
		return idv.Answer{}, e
	case err != nil:
		return idv.Answer{}, err
	}
	if answer.Verdict == idv.NoRecord || answer.Verdict == idv.MismatchOrNoRecord {
		answer.Fields = idv.Fields{} // what is said of one claim says nothing then
	}
	return answer, nil
}

func garbled(detail, ref string) *idv.Error {
	e := providers.Garbled(detail)
	e.Ref = ref
	return e
}

// check returns nil if the vendor wrote the reply.
func (r *reply) check(from providers.Reply) error {
	if r.aliyun {
		return gateway.Check(from, r.replies)
	}
	return providers.CheckStatus(from, r.replies)
}

// ref returns the vendor's reference of the call, or the gateway's.
func (r *reply) ref(c content) string {
	for _, p := range r.refs {
		if c.values == nil && len(p.at) > 0 {
			continue
		}
		if text, s := p.read(c); s == present {
			return text
		}
	}
	if r.aliyun {
		return gateway.Ref(c.reply)
	}
	return ""
}

// codes returns the parts of the code that the table needs. They are not ok if a part has
// a type that is not listed, or follows a verdict that nothing may follow.
func (r *reply) codes(c content) (codes []string, ok bool) {
	if r.err != nil {
		switch text, s := r.err.read(c); s {
		case wrong:
			return nil, false
		case present:
			return r.failed(c, text), true
		}
	}
	codes = make([]string, 0, maxLayers)
	key := ""
	for i := range r.layers {
		l := &r.layers[i]
		before := r.final[key]
		if i > 0 && !before.verdict && !before.continues {
			break // whatever is inside an error means nothing, also inside one without a row
		}
		if len(l.after) > 0 && !slices.Contains(l.after, key) {
			continue
		}
		text, s := l.read(c)
		switch {
		case s == missing && before.verdict && !before.continues:
			continue // a verdict of the outer codes alone
		case s == wrong:
			return nil, false
		}
		codes = append(codes, text)
		if key = text; len(codes) > 1 {
			key = strings.Join(codes, separator)
		}
	}
	return codes, true
}

// separator joins the parts of a code.
const separator = "/"

// failed returns the code of an error. A result beside it follows it, so that the two are
// no verdict.
func (r *reply) failed(c content, code string) []string {
	for _, l := range r.layers {
		if text, s := l.read(c); s != missing {
			return []string{code, text}
		}
	}
	return []string{code}
}

// finals returns the codes of a table, and their beginnings.
func finals(table providers.Table) map[string]final {
	out := map[string]final{}
	for _, row := range table {
		f := out[row.Code]
		f.verdict, f.failure = row.Verdict != idv.Undetermined, row.Verdict == idv.Undetermined
		out[row.Code] = f
		parts := strings.Split(row.Code, separator)
		for n := 1; n < len(parts); n++ {
			begin := strings.Join(parts[:n], separator)
			f := out[begin]
			f.continues = true
			out[begin] = f
		}
	}
	return out
}

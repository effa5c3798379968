package declared

import (
	"errors"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/body"
	"github.com/heyan-id/heyan/providers/gateway"
)

// reply is how the codec reads a reply.
type reply struct {
	replies idv.Replies
	aliyun  bool // behind the gateway of the Aliyun market
	body    watched
	layers  []layer
	err     *place
	refs    []place
	require conditions
	echo    []echo
	compare []compare
	flag    *flag
	final   map[string]final // vendor codes and beginnings of codes
}

var errBody = errors.New("the body has not the declared form")

// layer is a layer of the code.
type layer struct {
	place
	also  []place // of the same part
	after []string
}

// final says what a code of the table is if nothing follows it.
type final struct {
	failure, verdict bool // the table has a row with it
	continues        bool // the table has rows that go on after it
}

// compare is the place that says whether a claim agrees.
type compare struct {
	place
	claim           idv.Claim
	matched, differ []string
}

// flag is the place that says whether the call was charged.
type flag struct {
	place
	charged, not []string
}

const (
	gatewayAliyun = "aliyun"
	maxLayers     = 3 // of a code in providers.Table
	maxRows       = 500
)

// reply compiles the reply.
func (c *compiler) reply() reply {
	f := c.file.Reply
	b := &places{}
	out := reply{aliyun: f.Gateway == gatewayAliyun}
	if f.Gateway != "" {
		c.one("reply.gateway", f.Gateway, gatewayAliyun)
	}
	format := body.Format{Form: f.Body, Encoding: f.Encoding, Separator: f.Separator}
	c.structured = format.IsJSON()
	c.form(f)
	c.layers(&out, b)
	if f.Error != nil {
		p := c.place("reply.error", *f.Error, b)
		out.err = &p
	}
	for i, ref := range f.Ref {
		out.refs = append(out.refs, c.place(strictyaml.At("reply.ref", i), ref, b, "string", "integer"))
	}
	table := c.table()
	out.require = c.conditions("reply.require", f.Require, b, table)
	c.echoes(&out, b)
	c.compare(&out, b)
	c.flag(&out, b)
	out.final = finals(table)
	out.body = watched{Format: format, pointers: b.pointers}
	out.body.selector = c.selector("reply", b, f.Texts)
	if f.TextsEncoding != "" && out.body.selector != nil {
		c.one("reply.texts_encoding", f.TextsEncoding, "base64")
		out.body.selector = out.body.selector.Decoding(unbase64)
	}
	out.replies = c.replies(b, f)
	return out
}

// form notes what is wrong with the form of the body.
func (c *compiler) form(f Reply) {
	if f.Body != "" {
		c.one("reply.body", f.Body, body.JSON, body.XML, body.Form, body.Text)
	}
	if f.Encoding != "" {
		c.one("reply.encoding", f.Encoding, body.UTF8, body.GBK, body.GB18030)
	}
	if f.Separator != "" && f.Body != body.Text {
		c.note("reply.separator", "has an effect on body: text only; remove it")
	}
	if f.TextsEncoding != "" && f.Texts == nil {
		c.note("reply.texts_encoding", "has an effect on texts only; remove it")
	}
	if f.Texts != nil && f.Body != "" && f.Body != body.JSON {
		c.note("reply.texts", "has an effect on body: json only; JSON within another form needs a plugin")
	}
	c.statuses(f.Statuses)
	for i, pointer := range f.Texts {
		where := strictyaml.At("reply.texts", i)
		if _, err := c.pointerOf(where, pointer); err == nil && slices.Contains(f.Texts[:i], pointer) {
			c.note(where, "is there twice; keep one")
		}
	}
}

func (c *compiler) statuses(list []int) {
	for i, status := range list {
		if status < 200 || status > 599 || status/100 == 3 {
			c.note(strictyaml.At("reply.statuses", i), "must be an HTTP status of 200 to 299 or 400 to 599")
		}
		if slices.Contains(list[:i], status) {
			c.note(strictyaml.At("reply.statuses", i), "is there twice; keep one")
		}
	}
}

func (c *compiler) pointerOf(path, pointer string) ([]string, error) {
	segments, ok := c.pointer(path, pointer)
	if !ok || !strings.HasPrefix(pointer, "/") {
		if ok {
			c.note(path, "must be a JSON pointer such as /data")
		}
		return nil, errBody
	}
	return segments, nil
}

// layers compiles the layers of the code.
func (c *compiler) layers(out *reply, b *places) {
	list := c.file.Reply.Codes
	if len(list) == 0 {
		c.note("reply.codes", "is missing; list the places of the code, from the outermost to the innermost")
	}
	if len(list) > maxLayers {
		c.note("reply.codes", "has more than %d layers; needs a plugin", maxLayers)
	}
	for i, l := range list {
		where := strictyaml.At("reply.codes", i)
		if i == 0 && l.After != nil {
			c.note(where+".after", "the outermost layer is always read; remove it")
		}
		out.layers = append(out.layers, layer{c.place(where, l.Place, b), c.also(where, l, b), l.After})
	}
}

// also compiles the other places of a part.
func (c *compiler) also(path string, l Code, b *places) []place {
	var out []place
	for i, pointer := range l.Also {
		out = append(out, c.place(strictyaml.At(path+".also", i), Place{At: &pointer, Types: l.Types}, b))
	}
	return out
}

// read returns the values of all places of a part, joined by commas.
func (l *layer) read(c content) (string, state) {
	text, s := l.place.read(c)
	if len(l.also) == 0 || s == wrong {
		return text, s
	}
	all := []string{text}
	for _, p := range l.also {
		more, is := p.read(c)
		if is != s || strings.Contains(text+more, separatorAlso) {
			return "", wrong
		}
		all = append(all, more)
	}
	if s == missing {
		return "", missing
	}
	return strings.Join(all, separatorAlso), present
}

// separatorAlso joins the values of one part.
const separatorAlso = ","

// replies returns the part of the descriptor.
func (c *compiler) replies(b *places, f Reply) idv.Replies {
	if f.Gateway == gatewayAliyun {
		r := gateway.Replies(f.Statuses...)
		r.Headers = append(r.Headers, b.headers...)
		return r
	}
	r := idv.Replies{Statuses: f.Statuses, Headers: b.headers}
	for _, ref := range f.Ref {
		if ref.Header != "" && r.RefHeader == "" {
			r.RefHeader = ref.Header
		}
	}
	return r
}

// flag compiles the charge flag.
func (c *compiler) flag(out *reply, b *places) {
	f := c.file.Reply.ChargeFlag
	byFlag := slices.ContainsFunc(c.file.Codes, func(r Row) bool { return r.Charge == chargeFlag })
	switch {
	case f == nil && byFlag:
		c.note("reply.charge_flag", "is missing; rows of codes have charge: flag")
		return
	case f == nil:
		return
	case !byFlag:
		c.note("reply.charge_flag", "has no effect, since no row of codes has charge: flag")
	}
	if len(f.Charged)+len(f.NotCharged) == 0 {
		c.note("reply.charge_flag", "names no value; list those that say charged and not_charged")
	}
	for i, value := range f.NotCharged {
		if slices.Contains(f.Charged, value) {
			c.note(strictyaml.At("reply.charge_flag.not_charged", i), "stands in charged too; keep one")
		}
	}
	out.flag = &flag{c.place("reply.charge_flag", f.Place, b), f.Charged, f.NotCharged}
}

func (f *flag) read(c content) idv.Charge {
	if f == nil {
		return idv.ChargeUnknown
	}
	text, s := f.place.read(c)
	switch {
	case s != present:
		return idv.ChargeUnknown
	case slices.Contains(f.charged, text):
		return idv.Charged
	case slices.Contains(f.not, text):
		return idv.NotCharged
	}
	return idv.ChargeUnknown
}

// compare compiles the comparisons of claims.
func (c *compiler) compare(out *reply, b *places) {
	for i, one := range c.file.Reply.Compare {
		where := strictyaml.At("reply.compare", i)
		claim, ok := claimOf(one.Claim)
		if !ok {
			c.note(where+".claim", "%s", strictyaml.Unknown("claim", one.Claim, claimWords()))
		}
		if len(one.Matched)+len(one.Mismatched) == 0 {
			c.note(where, "names no value; list those that say matched and mismatched")
		}
		for j, value := range one.Mismatched {
			if slices.Contains(one.Matched, value) {
				c.note(strictyaml.At(where+".mismatched", j), "stands in matched too; keep one")
			}
		}
		out.compare = append(out.compare, compare{c.place(where, one.Place, b), claim, one.Matched, one.Mismatched})
	}
}

// fields returns what the reply says of each claim.
func (r *reply) fields(c content) (f idv.Fields) {
	for _, one := range r.compare {
		text, s := one.read(c)
		switch {
		case s != present:
		case slices.Contains(one.matched, text):
			f[one.claim] = idv.FieldMatched
		case slices.Contains(one.differ, text):
			f[one.claim] = idv.FieldMismatched
		}
	}
	return f
}

package declared

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// place is where a reply holds a value.
type place struct {
	at     []int // indexes of the watched pointers that may hold it
	header string
	status bool
	types  types
}

// types are the types that a value may have.
type types struct{ text, integer, number, boolean bool }

// state says whether a place holds a value.
type state uint8

const (
	missing state = iota // also null and ""
	present
	wrong // of a type that is not listed, or two that differ
)

// content is a reply as the places read it.
type content struct {
	reply  providers.Reply
	values []strictjson.Value
}

// read returns the value at a place as it is written.
func (p place) read(c content) (string, state) {
	switch {
	case p.status:
		return strconv.Itoa(c.reply.Status), present
	case p.header != "":
		switch list := c.reply.Header.Values(p.header); {
		case len(list) > 1:
			return "", wrong
		case len(list) == 1 && list[0] != "":
			return list[0], present
		}
		return "", missing
	}
	found, is := "", missing
	for _, i := range p.at {
		text, s := p.types.read(c.values[i])
		switch {
		case s == wrong, s == present && is == present && text != found:
			return "", wrong
		case s == present:
			found, is = text, present
		}
	}
	return found, is
}

func (t types) read(v strictjson.Value) (string, state) {
	switch v.Kind() {
	case 0, 'n':
		return "", missing
	case '"':
		text, ok := v.Text()
		switch {
		case ok && text == "":
			return "", missing
		case ok && t.text:
			return text, present
		}
	case '0':
		if t.number || t.integer && isInteger(v) {
			return string(v), present
		}
	case 't', 'f':
		if t.boolean {
			return string(v), present
		}
	}
	return "", wrong
}

// isInteger reports whether a JSON number is written as a whole number, as codes are: 1.0
// and 1e0 are other codes than 1.
func isInteger(v strictjson.Value) bool {
	for i, c := range v {
		if (c < '0' || c > '9') && (i > 0 || c != '-') {
			return false
		}
	}
	return string(v) != "-0"
}

// places collects the pointers of all places, so that one pass reads them.
type places struct {
	pointers []string
	headers  []string
}

func (b *places) watch(pointer string) int {
	if i := slices.Index(b.pointers, pointer); i >= 0 {
		return i
	}
	b.pointers = append(b.pointers, pointer)
	return len(b.pointers) - 1
}

// place compiles a place. fallback are its types if it lists none; without one they must
// be listed.
func (c *compiler) place(path string, p Place, b *places, fallback ...string) place {
	set := 0
	for _, is := range []bool{p.At != nil, p.Header != "", p.Status} {
		if is {
			set++
		}
	}
	if set != 1 {
		c.note(path, "must have exactly one of at, header and status")
		return place{}
	}
	out := place{header: p.Header, status: p.Status}
	if p.At == nil {
		c.elsewhere(path, p, b)
		return out
	}
	for i, pointer := range append([]string{*p.At}, p.Or...) {
		where := path + ".at"
		if i > 0 {
			where = strictyaml.At(path+".or", i-1)
		}
		if _, err := strictjson.Segments(pointer); err != nil {
			c.check(where, err)
			continue
		}
		if slices.Contains(append([]string{*p.At}, p.Or...)[:i], pointer) {
			c.note(where, "is the same pointer as another one here; remove it")
		}
		out.at = append(out.at, b.watch(pointer))
	}
	out.types = c.types(path, p, fallback)
	return out
}

// elsewhere checks a place that is not in the body.
func (c *compiler) elsewhere(path string, p Place, b *places) {
	if p.Or != nil || p.Types != nil {
		c.note(path, "or and types belong to at; remove them")
	}
	if p.Header == "" {
		return
	}
	if !httpguts.ValidHeaderFieldName(p.Header) {
		c.note(path+".header", "must be the name of a header")
	}
	if !slices.ContainsFunc(b.headers, func(h string) bool { return strings.EqualFold(h, p.Header) }) {
		b.headers = append(b.headers, p.Header)
	}
}

func (c *compiler) types(path string, p Place, fallback []string) types {
	list := p.Types
	if len(list) == 0 {
		list = fallback
	}
	if !c.structured {
		if p.Types != nil && !slices.Equal(p.Types, []string{"string"}) {
			c.note(path+".types", "values in this form of body are strings; write types: [string], or leave it out")
		}
		return types{text: true}
	}
	if len(list) == 0 {
		c.note(path+".types", "is missing; list the JSON types that the vendor writes: string, integer, number or boolean")
	}
	var out types
	for i, word := range list {
		switch word {
		case "string":
			out.text = true
		case "integer":
			out.integer = true
		case "number":
			out.number = true
		case "boolean":
			out.boolean = true
		default:
			c.note(strictyaml.At(path+".types", i), "must be string, integer, number or boolean")
		}
	}
	return out
}

// selector compiles the watched pointers.
func (c *compiler) selector(path string, b *places, texts []string) *strictjson.Selector {
	s, err := strictjson.NewSelector(b.pointers, texts)
	c.check(path, err)
	return s
}

// conditions are conditions of a reply.
type conditions struct {
	list     []condition
	selector *strictjson.Selector // of their places, where they are read alone
}

type condition struct {
	place
	is     []string
	absent bool
	codes  []string
}

// conditions compiles conditions. table is nil where there are no codes.
func (c *compiler) conditions(path string, list []Condition, b *places, table providers.Table) conditions {
	var out conditions
	for i, one := range list {
		where := strictyaml.At(path, i)
		if one.Absent == (len(one.Is) > 0) {
			c.note(where, "must have either is with the values, or absent: true")
		}
		for j, code := range one.For {
			if row, ok := table.Row(providers.LayerVendor, code); !ok || row.Verdict == idv.Undetermined {
				c.note(strictyaml.At(where+".for", j), "is no code with a verdict; name one of codes")
			}
		}
		out.list = append(out.list, condition{c.place(where, one.Place, b, "string", "integer", "boolean"), one.Is, one.Absent, one.For})
	}
	return out
}

// hold reports whether all conditions of a code hold.
func (l conditions) hold(c content, code string) bool {
	for _, one := range l.list {
		if len(one.codes) > 0 && !slices.Contains(one.codes, code) {
			continue
		}
		text, s := one.read(c)
		if one.absent && s != missing || !one.absent && (s != present || !slices.Contains(one.is, text)) {
			return false
		}
	}
	return true
}

// holdIn is hold for a reply without codes.
func (l conditions) holdIn(r providers.Reply) bool {
	values, err := l.selector.Select(r.Body)
	return err == nil && l.hold(content{r, values}, "")
}

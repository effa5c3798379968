package draft

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/trial"
	"github.com/heyan-id/heyan/engine/idv"
)

// reads are what the draft reads of a reply, as YAML.
type reads struct {
	codes, refs, echoes []string
	code                []string // its parts in the exchange
	kept                []string // pointers whose value stays as it is
}

// The names by which replies call their members, in small letters without underscores.
var (
	outerName = regexp.MustCompile(`^(code|status|errorcode|errcode|respcode|ret|retcode|resultcode|isok|success)$`)
	innerName = regexp.MustCompile(`^(result|res|verifystatus|state|status|isok|respcode|code|match|valid|retcode|isconsistent|bizcode|verifyresult|outcomecode)$`)
	refName   = regexp.MustCompile(`^(traceid|requestid|orderno|orderid|seqno|taskno|taskid|sn|logid|reqid|serialno|referenceid)$`)
	feeName   = regexp.MustCompile(`^(isfee|fee|charge|chargestatus|ischarge|ispayed|feenum)$`)
	saidName  = regexp.MustCompile(`^(msg|message|reason|desc|description|respmsg|resultmsg)$`)
)

func plainName(pointer string) string {
	name := pointer[strings.LastIndexByte(pointer, '/')+1:]
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// reply drafts where the reply holds what, and returns it with made-up values.
func (d *drafter) reply(e Exchange) (string, error) {
	if strings.TrimSpace(e.Reply) == "" {
		d.note("reply: there is none in the sample; add its codes")
		return "", nil
	}
	v, err := decode(e.Reply)
	if _, ok := v.(map[string]any); err != nil || !ok {
		return "", errors.New("the reply is no JSON object; write the file by hand, with body: xml, form or text")
	}
	d.find(v, 1, outerName)
	d.find(v, 2, innerName)
	walk(v, "", d.member)
	if len(d.reads.codes) == 0 {
		d.note("reply.codes: no member looks like a code; name its place")
	}
	text, err := json.Marshal(d.masked(v, ""))
	return string(text), err
}

// find takes the first member of a depth, or deeper, whose name is that of a code.
func (d *drafter) find(v any, depth int, names *regexp.Regexp) {
	done := false
	walk(v, "", func(pointer string, leaf any) {
		at := strings.Count(pointer, "/")
		if done || at < depth || depth == 1 && at > 1 || !names.MatchString(plainName(pointer)) || len(d.reads.codes) >= 3 {
			return
		}
		kind, text := kindOf(leaf)
		if kind == "" || text == "" || len(text) > 24 {
			return
		}
		d.reads.codes = append(d.reads.codes, fmt.Sprintf("    - {at: %s, types: [%s]}", quoted(pointer), kind))
		d.reads.code = append(d.reads.code, text)
		d.reads.kept = append(d.reads.kept, pointer)
		done = true
	})
}

// member drafts a reference or an echo.
func (d *drafter) member(pointer string, leaf any) {
	kind, text := kindOf(leaf)
	switch {
	case refName.MatchString(plainName(pointer)) && text != "":
		d.reads.refs = append(d.reads.refs, fmt.Sprintf("{at: %s}", quoted(pointer)))
	case feeName.MatchString(plainName(pointer)):
		d.note("reply.charge_flag: %s may say whether the call was charged; %s here", pointer, text)
		d.reads.kept = append(d.reads.kept, pointer)
	case kind == "string":
		if c := d.echo(text); c != "" {
			d.reads.echoes = append(d.reads.echoes, fmt.Sprintf("    - {claim: %s, at: %s}", c, quoted(pointer)))
		}
	}
}

// echo returns the claim that a text repeats, in clear or masked.
func (d *drafter) echo(text string) string {
	for _, c := range []string{"id_number", "bank_card", "mobile", "name"} {
		if value := d.claims[c]; value != "" && strings.Trim(text, "*") != "" && idv.NewSensitive(value).FitsMask(text) {
			return c
		}
	}
	return ""
}

// masked returns a value of the reply without anything that could be personal data.
func (d *drafter) masked(v any, pointer string) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			out[name] = d.masked(one, pointer+"/"+escape(name))
		}
		return out
	case []any:
		out := []any{}
		for i, one := range v {
			out = append(out, d.masked(one, fmt.Sprintf("%s/%d", pointer, i)))
		}
		return out
	}
	return d.scalar(v, pointer)
}

func (d *drafter) scalar(v any, pointer string) any {
	if i := slices.Index(d.reads.kept, pointer); i >= 0 {
		return d.part(i, v)
	}
	switch v := v.(type) {
	case string:
		name := plainName(pointer)
		switch c := d.echo(v); {
		case c != "":
			return remask(v, persona()[c])
		case refName.MatchString(name):
			return "623487612345678901"
		case saidName.MatchString(name) && d.instead == nil && !d.holdsClaim(v):
			said, _ := trial.Words(v)
			return said
		case v == "":
			return v
		}
		return "x"
	case json.Number:
		return json.Number("1")
	}
	return v
}

var longDigits = regexp.MustCompile(`\d{5,}`)

func (d *drafter) holdsClaim(text string) bool {
	for _, value := range d.claims {
		if strings.Contains(text, value) {
			return true
		}
	}
	return longDigits.MatchString(text) || len(text) > 120
}

// remask masks a made-up claim as an echo masks the real one.
func remask(echo, claim string) string {
	first, last := strings.IndexByte(echo, '*'), strings.LastIndexByte(echo, '*')
	if first < 0 {
		return claim
	}
	runes := []rune(claim)
	head, tail := len([]rune(echo[:first])), len([]rune(echo[last+1:]))
	if head+tail > len(runes) {
		head, tail = 1, 0
	}
	return string(runes[:head]) + echo[first:last+1] + string(runes[len(runes)-tail:])
}

// kindOf returns the type of a code and its text, "" for what is none.
func kindOf(v any) (kind, text string) {
	switch v := v.(type) {
	case string:
		return "string", v
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "number", v.String()
		}
		return "integer", v.String()
	case bool:
		return "boolean", fmt.Sprint(v)
	}
	return "", ""
}

// decode decodes JSON, keeping the text of numbers.
func decode(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// walk visits the leaves of a value, sorted by name.
func walk(v any, pointer string, visit func(pointer string, leaf any)) {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			walk(v[name], pointer+"/"+escape(name), visit)
		}
	case []any:
		for i, one := range v {
			walk(one, fmt.Sprintf("%s/%d", pointer, i), visit)
		}
	default:
		visit(pointer, v)
	}
}

func escape(name string) string   { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }
func unescape(name string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(name) }

// recording returns the recorded reply.
func (d *drafter) recording(e Exchange, body string, parts []string, source string) []byte {
	status := e.Status
	if status == 0 {
		status = 200
	}
	code := strings.Join(parts, "/")
	expect := map[string]string{"failure": "unknown", "charge": "unknown", "vendor_code": code}
	if verdict, confirmed := d.options.Verdicts[code]; confirmed {
		delete(expect, "failure")
		expect["verdict"] = verdict.String()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	_ = enc.Encode(map[string]any{ // strings always encode
		"status": status, "headers": map[string]string{"Content-Type": "application/json;charset=UTF-8"}, "body": body,
		"expect": expect, "source": source,
	})
	return b.Bytes()
}

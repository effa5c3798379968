package declared_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// oracle judges replies by the file alone, and shares no code with the codec: it reads the
// YAML with another decoder and the JSON with package encoding/json. It is slow.
type oracle struct {
	parse func([]byte) (any, error) // of the body; strict if nil

	Reply struct {
		Gateway  string
		Statuses []int
		Codes    []oraclePlace
		Error    *oraclePlace
		Require  []oraclePlace
		Echo     []oraclePlace
	}
	Codes []struct{ Code, Verdict string }
}

type oraclePlace struct {
	At       string
	Or       []string
	Also     []string
	Types    []string
	After    []string
	Is       []string
	For      []string
	Absent   bool
	Status   bool
	Claim    string
	Verdicts []string
}

func newOracle(t testing.TB, file string) oracle {
	t.Helper()
	text, err := os.ReadFile("vendors/" + file + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var o oracle
	if err := yaml.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// verdict returns the verdict that a reply may have, "" if it may have none.
func (o oracle) verdict(s idv.Subject, r providers.Reply) string {
	statuses := o.Reply.Statuses
	if statuses == nil {
		statuses = []int{200}
	}
	if !slices.Contains(statuses, r.Status) || r.Status == 401 || r.Status == 429 || o.Reply.Gateway != "" && r.Header.Get("X-Ca-Error-Code") != "" {
		return ""
	}
	parse := o.parse
	if parse == nil {
		parse = strict
	}
	document, err := parse(r.Body)
	if err != nil {
		return ""
	}
	code, verdict := o.code(document, r.Status)
	if verdict == "" {
		return ""
	}
	for _, c := range o.Reply.Require {
		v, ok := c.read(document, r.Status)
		if c.For != nil && !slices.Contains(c.For, code) {
			continue
		}
		if c.Absent == ok || !c.Absent && !slices.Contains(c.Is, v) {
			return ""
		}
	}
	for _, e := range o.Reply.Echo {
		if v, ok := e.read(document, r.Status); !ok && (e.Verdicts == nil || slices.Contains(e.Verdicts, verdict)) || ok && !shows(s, e.Claim, v) {
			return ""
		}
	}
	return verdict
}

// code returns the code of a document and its verdict.
func (o oracle) code(document any, status int) (string, string) {
	var parts []string
	if o.Reply.Error != nil {
		if v, ok := o.Reply.Error.read(document, status); ok {
			parts = append(parts, v)
		}
	}
	for _, c := range o.Reply.Codes {
		if c.After != nil && !slices.Contains(c.After, strings.Join(parts, "/")) {
			continue
		}
		if v, ok := c.all(document, status); ok {
			parts = append(parts, v)
		} else if v != "" {
			return "", "" // of another type
		} else {
			parts = append(parts, "")
		}
	}
	code := strings.TrimRight(strings.Join(parts, "/"), "/")
	if slices.Contains(parts[:strings.Count(code, "/")+1], "") {
		return "", ""
	}
	for _, row := range o.Codes {
		if row.Code == code {
			return code, row.Verdict
		}
	}
	return code, ""
}

// all returns the values of a part in several places.
func (p oraclePlace) all(document any, status int) (string, bool) {
	v, ok := p.read(document, status)
	for _, pointer := range p.Also {
		more, is := oraclePlace{At: pointer, Types: p.Types}.read(document, status)
		if is != ok || !ok && v+more != "" || strings.Contains(v+more, ",") && len(p.Also) == 1 {
			return "?", false
		}
		if ok {
			v += "," + more
		}
	}
	return v, ok
}

// read returns the value at a place. Without ok, it is "" if nothing is there, else it is
// something of another type.
func (p oraclePlace) read(document any, status int) (string, bool) {
	if p.Status {
		return strconv.Itoa(status), true
	}
	found, ok := "", false
	for _, pointer := range append([]string{p.At}, p.Or...) {
		v := walk(document, pointer)
		var text, kind string
		switch v := v.(type) {
		case nil:
			continue
		case string:
			text, kind = v, "string"
		case json.Number:
			text, kind = v.String(), "integer"
			if strings.ContainsAny(text, ".eE") || text == "-0" || slices.Contains(p.Types, "number") {
				kind = "number"
			}
		case bool:
			text, kind = strconv.FormatBool(v), "boolean"
		default:
			return "?", false
		}
		if text == "" {
			continue
		}
		if p.Types != nil && !slices.Contains(p.Types, kind) || ok && text != found {
			return "?", false
		}
		found, ok = text, true
	}
	return found, ok
}

func walk(v any, pointer string) any {
	for _, name := range strings.Split(pointer, "/")[1:] {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// shows reports whether an echo agrees with a claim in what it shows.
func shows(s idv.Subject, claim, echo string) bool {
	want := map[string]idv.Sensitive{"name": s.Name, "id_number": s.IDNumber, "mobile": s.Mobile, "bank_card": s.BankCard}[claim].Reveal()
	begin, end, masked := echo, "", strings.Contains(echo, "*")
	if masked {
		begin, _, _ = strings.Cut(echo, "*")
		end = echo[strings.LastIndex(echo, "*")+1:]
	}
	want, begin, end = strings.ToUpper(want), strings.ToUpper(begin), strings.ToUpper(end)
	if !masked {
		return want == begin
	}
	return len(begin)+len(end) > 0 && strings.HasPrefix(want, begin) && strings.HasSuffix(want, end)
}

var errOracle = errors.New("not strict")

// strict reads a document, and refuses names that are there twice in whatever case.
func strict(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, errOracle
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := strictValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errOracle
	}
	return v, nil
}

func strictValue(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		out := map[string]any{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			for seen := range out {
				if strings.EqualFold(seen, name.(string)) {
					return nil, errOracle
				}
			}
			if out[name.(string)], err = strictValue(d); err != nil {
				return nil, err
			}
		}
		_, err := d.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for d.More() {
			v, err := strictValue(d)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err := d.Token()
		return out, err
	}
	return t, nil
}

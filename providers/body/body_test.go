package body_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/providers/body"
)

func gbk(t testing.TB, text string) string {
	t.Helper()
	raw, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A document says what a body says, and is printed as a body that says the same.
func TestDocument(t *testing.T) {
	t.Parallel()
	xml := body.Format{Form: body.XML}
	for _, tt := range []struct {
		name      string
		format    body.Format
		raw, want string
	}{
		{"JSON stays as it is", body.Format{}, `{ "a":1.50, "b" : ["x"]}`, `{ "a":1.50, "b" : ["x"]}`},
		{"JSON in a text", body.Format{}, `{"a":"{\"b\":1}","c":"{"}`, `{"a":{"#json":{"b":1}},"c":"{"}`},
		{"JSON in Base64", body.Format{}, `{"a":"eyJiIjoxfQ=="}`, `{"a":{"#base64":{"b":1}}}`},
		{"JSON in GBK", body.Format{Encoding: body.GBK}, gbk(t, `{"a":"测试"}`), `{"a":"测试"}`},
		{"elements", xml, `<r><a>1</a><b> x </b><c/></r>`, `{"r":{"a":"1","b":"x","c":""}}`},
		{"attributes", xml, `<r x="1"><a y='2'>t</a></r>`, `{"r":{"@x":"1","a":{"@y":"2","#text":"t"}}}`},
		{"elements that are there twice", xml, `<r><a>1</a><b/><a>2</a></r>`, `{"r":{"a":["1","2"],"b":""}}`},
		{"prefixes", xml, `<p:r xmlns:p="u"><p:a>1</p:a></p:r>`, `{"p:r":{"@xmlns:p":"u","p:a":"1"}}`},
		{"escapes", xml, `<r>&lt;&amp;&#65;<![CDATA[<x>]]></r>`, `{"r":"<&A<x>"}`},
		{"XML in GBK", body.Format{Form: body.XML, Encoding: body.GBK}, gbk(t, `<?xml version="1.0" encoding="GBK"?><r n="试">测</r>`), `{"r":{"@n":"试","#text":"测"}}`},
		{"a form", body.Format{Form: body.Form}, `a=1&b=%E6%B5%8B&b=2`, `{"a":"1","b":["测","2"]}`},
		{"a form in GBK", body.Format{Form: body.Form, Encoding: body.GBK}, `a=%B2%E2&b=` + gbk(t, "试"), `{"a":"测","b":"试"}`},
		{"a text", body.Format{Form: body.Text}, "ok\n", `{"0":"ok"}`},
		{"a text of parts", body.Format{Form: body.Text, Separator: "|", Encoding: body.GB18030}, gbk(t, "0|测|"), `{"0":"0","1":"测","2":""}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.format.Document([]byte(tt.raw))
			if err != nil || string(got) != tt.want {
				t.Fatalf("got %s, %v, want %s", got, err, tt.want)
			}
			raw, err := tt.format.Print(got)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := tt.format.Document(raw); err != nil || string(again) != tt.want {
				t.Errorf("printed as %q, which is %s, %v", raw, again, err)
			}
		})
	}
}

// What a form cannot say is refused and not printed as something else.
func TestPrintRefuses(t *testing.T) {
	t.Parallel()
	xml, form, text := body.Format{Form: body.XML}, body.Format{Form: body.Form}, body.Format{Form: body.Text, Separator: "|"}
	for name, tt := range map[string]struct {
		format   body.Format
		document string
	}{
		"two roots":                     {xml, `{"a":1,"b":2}`},
		"a root that is there twice":    {xml, `{"a":["1","2"]}`},
		"no object":                     {xml, `["a"]`},
		"a name with a space":           {xml, `{"a b":"1"}`},
		"a control character":           {xml, `{"a":"\u0000"}`},
		"an attribute with members":     {xml, `{"a":{"@b":{"c":1}}}`},
		"a list in a list":              {xml, `{"r":{"a":[["1"]]}}`},
		"no JSON":                       {xml, `{"a":01}`},
		"a form with members":           {form, `{"a":{"b":1}}`},
		"a part with the separator":     {text, `{"0":"a|b"}`},
		"a part that is there twice":    {text, `{"0":"a","0":"b"}`},
		"a part with members":           {text, `{"0":{"a":1}}`},
		"a character that GBK lacks":    {body.Format{Encoding: body.GBK}, `{"a":"😀"}`},
		"a second part of a whole text": {body.Format{Form: body.Text}, `{"0":"a","1":"b"}`},
	} {
		if raw, err := tt.format.Print([]byte(tt.document)); err == nil {
			t.Errorf("%s: printed as %q", name, raw)
		}
	}
}

func TestDocumentRefuses(t *testing.T) {
	t.Parallel()
	xml := body.Format{Form: body.XML}
	for name, tt := range map[string]struct {
		format body.Format
		raw    string
	}{
		"an open element":           {xml, `<a><b></b>`},
		"another end":               {xml, `<a></b>`},
		"a second root":             {xml, `<a/><b/>`},
		"a text after the root":     {xml, `<a/>x`},
		"a document type":           {xml, `<!DOCTYPE a><a/>`},
		"an entity":                 {xml, `<a>&x;</a>`},
		"nothing but space":         {xml, ` `},
		"GBK in UTF-8":              {xml, gbk(t, `<a>测</a>`)},
		"other bytes in GBK":        {body.Format{Form: body.XML, Encoding: body.GBK}, "<a>\xff\xff</a>"},
		"JSON with a name twice":    {body.Format{}, `{"a":1,"A":2}`},
		"a form without =":          {body.Format{Form: body.Form}, `a`},
		"a form of another charset": {body.Format{Form: body.Form}, `a=%B2%E2`},
	} {
		if got, err := tt.format.Document([]byte(tt.raw)); err == nil {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestSniff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		bodies []string
		want   string
	}{
		{nil, "json"},
		{[]string{"", "<!DOCTYPE html><html>", `{"a":1}`}, "json"},
		{[]string{`<a/>`}, "xml"},
		{[]string{`<?xml version="1.0" encoding="GBK"?><a/>`}, "xml, gb18030"},
		{[]string{`<a>` + gbk(t, "测") + `</a>`}, "xml, gb18030"},
		{[]string{"a=1&b=2"}, "form"},
		{[]string{"0|ok"}, "text"},
	} {
		var raw [][]byte
		for _, b := range tt.bodies {
			raw = append(raw, []byte(b))
		}
		if got := body.Sniff(raw...).String(); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.bodies, got, tt.want)
		}
	}
}

// FuzzDocument: no body makes a reader panic, a document is JSON, and its print says the same.
func FuzzDocument(f *testing.F) {
	for _, raw := range []string{`{"a":"{\"b\":1}"}`, `<r x="1"><a>1</a><a/></r>`, "a=1&b=%B2%E2", "0|a|b", "\xb2\xe2"} {
		for form := range 16 {
			f.Add(form, []byte(raw))
		}
	}
	f.Fuzz(func(t *testing.T, form int, raw []byte) {
		n := int(uint(form) % 16)
		format := body.Format{
			Form: []string{body.JSON, body.XML, body.Form, body.Text}[n%4], Encoding: []string{"", body.GBK, body.GB18030, ""}[n/4], Separator: []string{"", "|"}[n/8],
		}
		if !format.IsJSON() {
			_, _ = format.Texts(raw)
		}
		document, err := format.Document(raw)
		if err != nil || len(raw) == 0 {
			return
		}
		if !json.Valid(document) {
			t.Fatalf("%v: %q has the document %q, which is no JSON", format, raw, document)
		}
		printed, err := format.Print(document)
		if err != nil || len(printed) == 0 {
			return
		}
		again, err := format.Document(printed)
		if err != nil || !same(document, again) {
			t.Errorf("%v: %q has the document %s, printed as %q with the document %s, %v", format, raw, document, printed, again, err)
		}
	})
}

func same(a, b []byte) bool {
	var one, two any
	return json.Unmarshal(a, &one) == nil && json.Unmarshal(b, &two) == nil && reflect.DeepEqual(one, two)
}

package declared_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/declared"
)

// row writes a row of a code table.
func row(code, outcome, charge string) string {
	key := "verdict"
	if v := idv.Undetermined; v.UnmarshalText([]byte(outcome)) != nil {
		key = "failure"
	}
	return fmt.Sprintf("  - {code: %q, %s: %s, charge: %s, text: x, source: x}\n", code, key, outcome, charge)
}

// table has codes of one and of two parts.
func table(rows ...string) string { return "codes:\n" + strings.Join(rows, "") }

func TestReplies(t *testing.T) {
	t.Parallel()
	two := "reply:\n  codes: [{at: /code, types: [integer]}, {at: /data/r, types: [string]}]\n"
	rows := table(row("0/1", "match", "charged"), row("0/2", "mismatch", "charged"), row("210", "no_record", "not_charged"), row("500", "unavailable", "unknown"),
		row("7", "timeout", "unknown"), row("7/1", "match", "charged"))
	one := table(row("0", "match", "charged"), row("1", "mismatch", "unknown"), row("NOT_FOUND", "no_record", "unknown"), row("E1", "invalid_input", "not_charged"))
	type reply struct{ status, header, body, want string }
	tests := []struct {
		name, reply, codes string
		replies            []reply
	}{
		{"layers", two, rows, []reply{
			{"", "", `{"code":0,"data":{"r":"1"}}`, "match 0/1 charged"},
			{"", "", `{"code":0,"data":{"r":"9"}}`, "unknown 0/9 unknown"},
			{"", "", `{"code":0,"data":{}}`, "garbled  unknown"},
			{"", "", `{"code":0,"data":{"r":1}}`, "garbled  unknown"},
			{"", "", `{"code":"0","data":{"r":"1"}}`, "garbled  unknown"},
			{"", "", `{"code":210,"data":null}`, "no_record 210 not_charged"},
			{"", "", `{"code":210,"data":{"r":""}}`, "no_record 210 not_charged"},
			{"", "", `{"code":210,"data":{"r":"1"}}`, "unknown 210/1 unknown"},
			{"", "", `{"code":210,"data":{"r":1}}`, "garbled  unknown"},
			{"", "", `{"code":500,"data":{"r":"1"}}`, "unavailable 500 unknown"},
			{"", "", `{"code":500,"data":{"r":{}}}`, "unavailable 500 unknown"},
			{"", "", `{"code":9,"data":{}}`, "unknown 9 unknown"},
			{"", "", `{"code":9,"data":{"r":{}}}`, "unknown 9 unknown"},
			{"", "", `{"code":9,"data":{"r":"1"}}`, "unknown 9 unknown"},
			{"", "", `{"code":7}`, "garbled  unknown"},
			{"", "", `{"code":7,"data":{"r":"2"}}`, "timeout 7 unknown"},
			{"", "", `{"code":0.0,"data":{"r":"1"}}`, "garbled  unknown"},
			{"", "", `{"code":-0,"data":{"r":"1"}}`, "garbled  unknown"},
			{"", "", `{"data":{"r":"1"}}`, "garbled  unknown"},
			{"", "", ``, "garbled  unknown"},
			{"500", "", `{"code":0,"data":{"r":"1"}}`, "unavailable http_500 unknown"},
			{"302", "", `{"code":0,"data":{"r":"1"}}`, "garbled http_302 unknown"},
		}},
		{"other statuses", two + "  statuses: [200, 401, 404, 503]\n", rows, []reply{
			{"404", "", `{"code":210}`, "no_record 210 not_charged"},
			{"401", "", `{"code":0,"data":{"r":"1"}}`, "credentials http_401 unknown"},
			{"401", "", `{"code":500}`, "unavailable 500 unknown"},
			{"503", "", `<html>`, "unavailable http_503 unknown"},
			{"404", "", `<html>`, "garbled  unknown"},
		}},
		{"alternatives", "reply: {codes: [{at: /code, or: [/c], types: [string, integer]}]}\n", one, []reply{
			{"", "", `{"code":"0"}`, "match 0 charged"},
			{"", "", `{"c":0}`, "match 0 charged"},
			{"", "", `{"c":0,"code":"0"}`, "match 0 charged"},
			{"", "", `{"c":1,"code":"0"}`, "garbled  unknown"},
		}},
		{"an error in the place of a result", "reply: {codes: [{at: /result, types: [string]}], error: {at: /error/code, types: [string]}}\n", one, []reply{
			{"", "", `{"result":"0"}`, "match 0 charged"},
			{"", "", `{"error":{"code":"E1"}}`, "invalid_input E1 not_charged"},
			{"", "", `{"error":{"code":"E1"},"result":"0"}`, "invalid_input E1 not_charged"},
			{"", "", `{"error":{"code":"NOT_FOUND"}}`, "no_record NOT_FOUND unknown"},
			{"", "", `{"error":{"code":"NOT_FOUND"},"result":"0"}`, "unknown NOT_FOUND/0 unknown"},
			{"", "", `{"error":{"code":"0"},"result":"1"}`, "unknown 0/1 unknown"},
			{"", "", `{"error":{"code":0},"result":"0"}`, "garbled  unknown"},
			{"", "", `{"error":null,"result":"0"}`, "match 0 charged"},
		}},
		{"a part of several places", "reply: {codes: [{at: /c, types: [integer]}, {at: /n, also: [/i, /m], types: [string]}]}\n",
			table(row("0/Y,Y,Y", "match", "charged"), row("0/Y,N,Y", "mismatch", "charged"), row("1", "no_record", "unknown")), []reply{
				{"", "", `{"c":0,"n":"Y","i":"Y","m":"Y"}`, "match 0/Y,Y,Y charged"},
				{"", "", `{"c":0,"n":"Y","i":"N","m":"Y"}`, "mismatch 0/Y,N,Y charged"},
				{"", "", `{"c":0,"n":"Y","i":"N"}`, "garbled  unknown"},
				{"", "", `{"c":0,"n":"Y,N","i":"Y","m":"Y"}`, "garbled  unknown"},
				{"", "", `{"c":1,"n":"","i":null}`, "no_record 1 unknown"},
				{"", "", `{"c":1,"n":"","i":"Y"}`, "garbled  unknown"},
			}},
		{"numbers as they are written", "reply: {codes: [{at: /c, types: [number]}]}\n", table(row("1.0", "match", "charged"), row("2", "mismatch", "charged")), []reply{
			{"", "", `{"c":1.0}`, "match 1.0 charged"}, {"", "", `{"c":1}`, "unknown 1 unknown"}, {"", "", `{"c":"1.0"}`, "garbled  unknown"},
		}},
		{"the HTTP status as a code", "reply: {statuses: [200, 404], codes: [{status: true}, {at: /ok, types: [boolean]}]}\n",
			table(row("200/true", "match", "charged"), row("200/false", "mismatch", "charged"), row("404", "no_record", "unknown")), []reply{
				{"", "", `{"ok":true}`, "match 200/true charged"},
				{"", "", `{"ok":"true"}`, "garbled  unknown"},
				{"404", "", ``, "no_record 404 unknown"},
				{"404", "", `{"ok":true}`, "unknown 404/true unknown"},
			}},
		{"a header as a code", "reply: {codes: [{header: X-Result}]}\n", one, []reply{
			{"", "X-Result: 0", `{}`, "match 0 charged"},
			{"", "X-Result: 0|X-Result: 1", `{}`, "garbled  unknown"},
			{"", "", `{}`, "garbled  unknown"},
		}},
		{"JSON in a text", "reply: {texts: [/data], codes: [{at: /data/r, types: [string]}], error: {at: /err, types: [string]}}\n", one, []reply{
			{"", "", `{"data":"{\"r\":\"0\"}"}`, "match 0 charged"},
			{"", "", `{"data":"{\"r\":\"1\",\"r\":\"0\"}"}`, "garbled  unknown"},
			{"", "", `{"data":"oops","err":"E1"}`, "invalid_input E1 not_charged"},
			{"", "", `{"data":{"r":"0"}}`, "match 0 charged"},
		}},
		{"JSON in a text in Base64", "reply: {texts: [/data], texts_encoding: base64, codes: [{at: /data/r, types: [string]}], error: {at: /err, types: [string]}}\n", one, []reply{
			{"", "", `{"data":"eyJyIjoiMCJ9"}`, "match 0 charged"},
			{"", "", `{"data":"eyJyIjoiMSIsInIiOiIwIn0="}`, "garbled  unknown"},
			{"", "", `{"data":"{\"r\":\"0\"}"}`, "garbled  unknown"},
			{"", "", `{"data":"?","err":"E1"}`, "invalid_input E1 not_charged"},
		}},
		{"XML", "reply: {body: xml, codes: [{at: /Reply/Code}], ref: [{at: /Reply/@id}]}\n", one, []reply{
			{"", "", `<?xml version="1.0" encoding="UTF-8"?><Reply id="a1"><Code> 0 </Code></Reply>`, "match 0 charged a1"},
			{"", "", `<Reply><Code>1</Code><Code>0</Code></Reply>`, "garbled  unknown"},
			{"", "", `<Reply><Code>1</Code><code>0</code></Reply>`, "garbled  unknown"},
			{"", "", `<Reply><Code><x/>0</Code></Reply>`, "garbled  unknown"},
			{"", "", `<Reply><Code>0</Reply>`, "garbled  unknown"},
			{"", "", `<Reply><Code>0</Code></Reply><Reply/>`, "garbled  unknown"},
			{"", "", `<!DOCTYPE r [<!ENTITY x "0">]><Reply><Code>&x;</Code></Reply>`, "garbled  unknown"},
			{"", "", `<reply><Code>0</Code></reply>`, "garbled  unknown"},
		}},
		{"a form", "reply: {body: form, codes: [{at: /code}]}\n", one, []reply{
			{"", "", "code=0&msg=%E4%B8%80", "match 0 charged"},
			{"", "", "code=1&code=0", "garbled  unknown"},
			{"", "", "code=1&CODE=0", "garbled  unknown"},
			{"", "", "code", "garbled  unknown"},
			{"", "", "code=%zz", "garbled  unknown"},
		}},
		{"a text", "reply: {body: text, codes: [{at: \"\"}]}\n", one, []reply{{"", "", "0\r\n", "match 0 charged"}, {"", "", " 0", "unknown unlisted unknown"}}},
		{"parts of a text", "reply: {body: text, separator: \"|\", codes: [{at: /0}], ref: [{at: /2}]}\n", one, []reply{
			{"", "", "0|一致|r7", "match 0 charged r7"}, {"", "", "|0", "garbled  unknown"},
		}},
		{"GBK", "reply: {encoding: gbk, codes: [{at: /c, types: [string]}]}\n", one, []reply{
			{"", "", "{\"c\":\"0\",\"m\":\"\xb2\xe2\"}", "match 0 charged"}, {"", "", "{\"c\":\"0\",\"m\":\"\xff\xff\"}", "garbled  unknown"},
		}},
		{"conditions", "reply: {codes: [{at: /c, types: [string]}], require: [{at: /ok, is: [\"true\"], for: [\"0\"]}, {at: /l/1, absent: true}]}\n", one, []reply{
			{"", "", `{"c":"0","ok":true}`, "match 0 charged"},
			{"", "", `{"c":"0","ok":false}`, "garbled  unknown"},
			{"", "", `{"c":"0"}`, "garbled  unknown"},
			{"", "", `{"c":"1"}`, "mismatch 1 unknown"},
			{"", "", `{"c":"1","l":["x"]}`, "mismatch 1 unknown"},
			{"", "", `{"c":"1","l":["x","y"]}`, "garbled  unknown"},
			{"", "", `{"c":"E1","ok":false}`, "invalid_input E1 not_charged"},
		}},
		{"echoes", "reply: {codes: [{at: /c, types: [string]}], echo: [{claim: id_number, at: /id, mask: \"#\"}, {claim: name, at: /n, verdicts: [match]}]}\n", one, []reply{
			{"", "", `{"c":"0","id":"1101##########005X","n":"测*"}`, "match 0 charged"},
			{"", "", `{"c":"0","id":"1101##########0051","n":"测*"}`, "garbled  unknown"},
			{"", "", `{"c":"0","id":"1################X","n":"测*"}`, "garbled  unknown"},
			{"", "", `{"c":"0","id":"1101**********005X","n":"测*"}`, "garbled  unknown"},
			{"", "", `{"c":"0","id":"11010120990101005X"}`, "garbled  unknown"},
			{"", "", `{"c":"0","id":"11010120990101005X","n":"李*"}`, "garbled  unknown"},
			{"", "", `{"c":"0","id":"11010120990101005X","n":["测试"]}`, "garbled  unknown"},
			{"", "", `{"c":"1","id":"11010120990101005x"}`, "mismatch 1 unknown"},
			{"", "", `{"c":"1","id":"11010120990101005X","n":"李四"}`, "garbled  unknown"},
			{"", "", `{"c":"1"}`, "garbled  unknown"},
		}},
		{"an echo that no verdict needs", "reply: {codes: [{at: /c, types: [string]}], echo: [{claim: name, at: /n, verdicts: []}]}\n", one, []reply{
			{"", "", `{"c":"0"}`, "match 0 charged"}, {"", "", `{"c":"0","n":"测试"}`, "match 0 charged"}, {"", "", `{"c":"0","n":"李四"}`, "garbled  unknown"},
		}},
		{"a flag", "reply: {codes: [{at: /c, types: [string]}], charge_flag: {at: /fee, types: [integer], charged: [\"1\"], not_charged: [\"0\"]}}\n",
			table(row("0", "match", "flag"), row("1", "mismatch", "not_charged")), []reply{
				{"", "", `{"c":"0","fee":1}`, "match 0 charged"},
				{"", "", `{"c":"0","fee":0}`, "match 0 not_charged"},
				{"", "", `{"c":"0","fee":"0"}`, "match 0 unknown"},
				{"", "", `{"c":"0","fee":2}`, "match 0 unknown"},
				{"", "", `{"c":"1","fee":1}`, "mismatch 1 not_charged"},
				{"", "", `{"c":"5","fee":1}`, "unknown 5 charged"},
				{"", "", `{"c":"5","fee":0}`, "unknown 5 unknown"},
			}},
		{"references", "reply: {codes: [{at: /c, types: [string]}], ref: [{at: /r}, {at: /s}, {header: X-Ref}]}\n", one, []reply{
			{"", "X-Ref: h", `{"c":"0","r":12345678901234567890}`, "match 0 charged 12345678901234567890"},
			{"", "X-Ref: h", `{"c":"0","r":"","s":"b"}`, "match 0 charged b"},
			{"", "X-Ref: h", `{"c":"0","r":{}}`, "match 0 charged h"},
			{"", "X-Ref: h", `{`, "garbled  unknown h"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parse(t, head, nonePart, requestPart, tt.reply, tt.codes)
			for _, r := range tt.replies {
				status := 200
				_, _ = fmt.Sscan(r.status, &status)
				header := http.Header{}
				for _, h := range strings.Split(r.header, "|") {
					if name, value, ok := strings.Cut(h, ": "); ok {
						header.Add(name, value)
					}
				}
				if got := decoded(t, p, providers.Reply{Status: status, Header: header, Body: []byte(r.body)}); got != r.want {
					t.Errorf("%s %s: got %q, want %q", r.status, r.body, got, r.want)
				}
			}
		})
	}
}

// decoded returns the outcome, the code, the charge and the reference of a reply.
func decoded(t testing.TB, p declared.Product, r providers.Reply) string {
	t.Helper()
	answer, err := codec(t, p.Factory).Decode(question(t, p.Factory.Descriptor), r)
	if err == nil {
		return strings.TrimSpace(fmt.Sprintf("%v %s %v %s", answer.Verdict, answer.VendorCode, answer.Charge, answer.VendorRef))
	}
	e := idv.AsError(err)
	return strings.TrimSpace(fmt.Sprintf("%v %s %v %s", e.Failure, e.Code, e.Charge, e.Ref))
}

// What a reply says of single claims reaches the answer.
func TestComparisons(t *testing.T) {
	t.Parallel()
	p := parse(t, head, nonePart, requestPart,
		"reply: {codes: [{at: /id, types: [string]}, {at: /n, types: [string]}], compare: [{claim: id_number, at: /id, types: [string], matched: [\"y\"], mismatched: [\"n\"]}, {claim: name, at: /n, types: [string], matched: [\"y\"], mismatched: [\"n\"]}]}\n",
		table(row("y/y", "match", "charged"), row("y/n", "partial_match", "charged"), row("-/y", "no_record", "charged")))
	c := codec(t, p.Factory)
	for body, want := range map[string][2]idv.Comparison{
		`{"id":"y","n":"y"}`: {idv.FieldMatched, idv.FieldMatched},
		`{"id":"y","n":"n"}`: {idv.FieldMismatched, idv.FieldMatched},
		`{"id":"-","n":"y"}`: {idv.NotCompared, idv.NotCompared},
	} {
		answer, err := c.Decode(question(t, p.Factory.Descriptor), providers.Reply{Status: 200, Body: []byte(body)})
		got := answer.Fields
		if err != nil {
			got = idv.AsError(err).Fields
		}
		if got[idv.ClaimName] != want[0] || got[idv.ClaimIDNumber] != want[1] {
			t.Errorf("%s: got %v, want name %v, id_number %v", body, got, want[0], want[1])
		}
	}
}

package providertest

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/idcert"
)

// mutant is idcert's codec with one mistake.
type mutant struct {
	providers.Codec
	decode func(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error)
}

// Decode makes the mistake.
func (m mutant) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	return m.decode(m.Codec, q, r)
}

// mistake is a wrong Decode of idcert, and the rule that names it.
type mistake struct {
	name, rule string
	decode     func(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error)
}

// reading is a mistake in how the reply is read.
func reading(name, rule string, change func(providers.Reply) providers.Reply) mistake {
	return mistake{name, rule, func(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error) {
		return c.Decode(q, change(r))
	}}
}

// parsing is a mistake in how the body is read.
func parsing(name, rule string, change func([]byte) []byte) mistake {
	return reading(name, rule, func(r providers.Reply) providers.Reply {
		r.Body = change(r.Body)
		return r
	})
}

// pattern is a mistake that replaces a part of the body.
func pattern(name, rule, old, by string) mistake {
	re := regexp.MustCompile(old)
	return parsing(name, rule, func(b []byte) []byte { return re.ReplaceAll(b, []byte(by)) })
}

// meaning is a mistake in what becomes of the result.
func meaning(name, rule string, change func(q idv.Query, r providers.Reply, a *idv.Answer, err *error)) mistake {
	return mistake{name, rule, func(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error) {
		answer, err := c.Decode(q, r)
		change(q, r, &answer, &err)
		return answer, err
	}}
}

func mistakes() []mistake {
	list := replyMistakes()
	list = append(list, bodyMistakes()...)
	list = append(list, codeMistakes()...)
	return append(list, meaningMistakes()...)
}

func replyMistakes() []mistake {
	return []mistake{
		{"does not check the echo", "other-person", func(c providers.Codec, _ idv.Query, r providers.Reply) (idv.Answer, error) {
			return c.Decode(toyQuery(), r)
		}},
		reading("does not check the gateway", "gateway-first", func(r providers.Reply) providers.Reply {
			r.Header = nil
			if len(r.Body) > 0 {
				r.Status = 200
			}
			return r
		}),
		reading("ignores the status", "status-first", func(r providers.Reply) providers.Reply { r.Status = 200; return r }),
		reading("accepts 201", "status-first", func(r providers.Reply) providers.Reply {
			if r.Status == 201 {
				r.Status = 200
			}
			return r
		}),
		pattern("accepts a reply without the echo of the name", "echo-missing", `"providertest":\s*"测\*"`, `"name":"测*"`),
		pattern("accepts an empty echo of the number", "echo-missing", `"idCard":""`, `"idCard":"11**005X"`),
	}
}

func bodyMistakes() []mistake {
	return []mistake{
		parsing("the last duplicate wins", "duplicates", lastWins),
		parsing("the first duplicate wins", "duplicates", func(b []byte) []byte {
			first := regexp.MustCompile(`^\{"status":"\w+",`).Find(b)
			return append(first, regexp.MustCompile(`"status":"\w+",`).ReplaceAll(b[len(first):], nil)...)
		}),
		parsing("accepts data after the document", "trailing", firstDocument),
		parsing("ignores a second object", "no-document", func(b []byte) []byte { return firstDocument(bytes.TrimPrefix(b, []byte("["))) }),
		parsing("accepts a byte order mark", "byte-order-mark", func(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) }),
		parsing("accepts other encodings", "utf8", func(b []byte) []byte {
			if utf8.Valid(b) {
				return b
			}
			return bytes.ToValidUTF8(b, nil)
		}),
		parsing("completes a truncated document", "truncated", func(b []byte) []byte {
			if closed := append(bytes.Clone(b), '}'); json.Valid(closed) {
				return closed
			}
			return b
		}),
		parsing("ignores the case of names", "letter-case", func(b []byte) []byte {
			return regexp.MustCompile(`"(?i:status)":`).ReplaceAll(b, []byte(`"status":`))
		}),
	}
}

// firstDocument returns the first document of a body.
func firstDocument(b []byte) []byte {
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(b)).Decode(&first) != nil {
		return b
	}
	return first
}

func codeMistakes() []mistake {
	return []mistake{
		pattern("takes a number for a string", "types", `"status":(\d)\b`, `"status":"0$1"`),
		pattern("takes a list of one code for the code", "types", `"status":\[("\w+")\]`, `"status":$1`),
		pattern("takes null for the first code", "types", `"status":null`, `"status":"01"`),
		pattern("takes a missing code for a match", "missing", `"providertest":\s*"0\d"`, `"status":"01"`),
		pattern("takes an empty code for a match", "unlisted-code", `"status":""`, `"status":"01"`),
		pattern("takes the code from another member", "other-members", `"status":"\w+","msg":"(0[12])"`, `"status":"$1","msg":""`),
		pattern("compares the beginning of the code", "unlisted-code", `"status":"(0[12])[^"]*"`, `"status":"$1"`),
		pattern("trims spaces", "unlisted-code", `"status":" *(\w+) *"`, `"status":"$1"`),
		pattern("compares the number of the code", "unlisted-code", `"status":"0*([12])"`, `"status":"0$1"`),
		pattern("takes the verdict from the text", "other-members", `"status":"\w+","msg":"实名认证通过!"`, `"status":"01","msg":""`),
		pattern("swaps two codes", "fixtures", `"status":"0([12])"`, `"status":"0[$1]"`).then(`"0\[1\]"`, `"02"`).then(`"0\[2\]"`, `"01"`),
		pattern("takes a missing record for a mismatch", "fixtures", `"status":"202"`, `"status":"02"`),
	}
}

// then adds a change of the body after the first.
func (m mistake) then(old, by string) mistake {
	re, first := regexp.MustCompile(old), m.decode
	m.decode = func(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error) {
		return first(mutant{c, func(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error) {
			r.Body = re.ReplaceAll(r.Body, []byte(by))
			return c.Decode(q, r)
		}}, q, r)
	}
	return m
}

func meaningMistakes() []mistake {
	return []mistake{
		meaning("puts the name into the reference", "no-leak", func(q idv.Query, _ providers.Reply, a *idv.Answer, err *error) {
			if *err == nil {
				a.VendorRef += "-" + q.Subject.Name.Reveal()
			}
		}),
		meaning("puts the code as written into the error", "no-leak", func(_ idv.Query, r providers.Reply, _ *idv.Answer, err *error) {
			var body struct{ Status string }
			if *err != nil && json.Unmarshal(r.Body, &body) == nil {
				e := *idv.AsError(*err)
				e.Code = body.Status
				*err = &e
			}
		}),
		meaning("says that an unlisted code is free", "unlisted-code", func(_ idv.Query, _ providers.Reply, _ *idv.Answer, err *error) {
			if *err != nil && idv.FailureOf(*err) == idv.FailureUnknown {
				e := *idv.AsError(*err)
				e.Charge = idv.NotCharged
				*err = &e
			}
		}),
		meaning("says that nothing was sent", "bytes-left", func(_ idv.Query, r providers.Reply, _ *idv.Answer, err *error) {
			if *err != nil && r.Status == 302 {
				*err = &idv.Error{Failure: idv.Garbled, Delivery: idv.NotSent}
			}
		}),
		meaning("passes an unknown member on", "unknown-members", func(_ idv.Query, r providers.Reply, a *idv.Answer, err *error) {
			if *err == nil && strings.Contains(string(r.Body), "providertest-unknown") {
				a.VendorRef = "providertest-unknown"
			}
		}),
		meaning("panics on an object", "types", func(_ idv.Query, r providers.Reply, _ *idv.Answer, _ *error) {
			var body map[string]any
			if json.Unmarshal(r.Body, &body) == nil && body["status"] != nil {
				_, isObject := body["status"].(map[string]any)
				if isObject {
					panic("status is an object")
				}
			}
		}),
	}
}

// Each mistake that a codec of one flat code can make is caught by the rule about it.
func TestMutantsAreCaught(t *testing.T) {
	t.Parallel()
	list, err := RecordingsOf(idcert.Factory())
	if err != nil {
		t.Fatal(err)
	}
	codec, err := idcert.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHarness(codec, list, 0)
	if err != nil {
		t.Fatal(err)
	}
	if found := Check(t.Context(), h); len(found) > 0 {
		t.Fatalf("the codec without a mistake: %v", found)
	}
	for _, m := range mistakes() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			h := h
			h.Codec = mutant{codec, m.decode}
			found := brokenRules(Check(t.Context(), h))
			if !found[m.rule] {
				t.Errorf("%s does not catch it; the findings are of %v", m.rule, found)
			}
		})
	}
}

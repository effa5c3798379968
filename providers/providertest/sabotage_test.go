package providertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// broken is a toy, or a nested one, with one fault.
type broken struct {
	toy
	nested   bool
	describe func(idv.Descriptor) idv.Descriptor
	encode   func(idv.Query) (providers.Call, error)
	before   func(providers.Reply) providers.Reply // makes a lenient reader out of a strict one
	decode   func(idv.Query, providers.Reply) (idv.Answer, error)
}

func (b broken) Describe() idv.Descriptor {
	if b.describe != nil {
		return b.describe(b.sound().Describe())
	}
	return b.sound().Describe()
}

func (b broken) Encode(q idv.Query) (providers.Call, error) {
	if b.encode != nil {
		return b.encode(q)
	}
	return b.toy.Encode(q)
}

func (b broken) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	if b.before != nil {
		r = b.before(r)
	}
	if b.decode != nil {
		return b.decode(q, r)
	}
	return b.sound().Decode(q, r)
}

func (b broken) sound() providers.Codec {
	if b.nested {
		return nested{}
	}
	return b.toy
}

func (b broken) harness(t *testing.T) Harness {
	t.Helper()
	if b.nested {
		return nestedHarness(t, b)
	}
	return toyHarness(t, b)
}

// onCall makes a fault out of a change to the encoded call.
func onCall(change func(idv.Query, *providers.Call)) broken {
	return broken{encode: func(q idv.Query) (providers.Call, error) {
		call, err := toy{}.Encode(q)
		if err == nil {
			change(q, &call)
		}
		return call, err
	}}
}

// onBody makes a fault out of a change to the body before it is read.
func onBody(change func([]byte) []byte) broken {
	return broken{before: func(r providers.Reply) providers.Reply {
		r.Body = change(r.Body)
		return r
	}}
}

// onResult makes a fault out of a change to what was decoded.
func onResult(change func(idv.Query, providers.Reply, *idv.Answer, *error)) broken {
	return broken{decode: func(q idv.Query, r providers.Reply) (idv.Answer, error) {
		answer, err := toy{}.Decode(q, r)
		change(q, r, &answer, &err)
		return answer, err
	}}
}

// sabotages maps each rule to a codec that breaks it and no other.
func sabotages() map[string]broken {
	all := describeSabotages()
	for _, more := range []map[string]broken{encodeSabotages(), decodeSabotages(), bodySabotages(), memberSabotages(), meaningSabotages()} {
		for name, b := range more {
			all[name] = b
		}
	}
	return all
}

func describeSabotages() map[string]broken {
	var calls atomic.Int64
	return map[string]broken{
		"descriptor-complete": {describe: func(d idv.Descriptor) idv.Descriptor { d.Source = ""; return d }},
		"descriptor-constant": {describe: func(d idv.Descriptor) idv.Descriptor {
			d.Version = time.Duration(calls.Add(1)).String()
			return d
		}},
		"codes-sound": {describe: func(d idv.Descriptor) idv.Descriptor {
			d.Codes = slices.Clone(d.Codes)
			d.Codes[0].Source = ""
			return d
		}},
	}
}

func encodeSabotages() map[string]broken {
	var calls atomic.Int64
	param := func(c *providers.Call, name, value string) {
		c.Query = append(c.Query, providers.Param{Name: name, Value: idv.NewSensitive(value)})
	}
	return map[string]broken{
		"encode-pure":    onCall(func(_ idv.Query, c *providers.Call) { param(c, "n", time.Duration(calls.Add(1)).String()) }),
		"encode-minimal": onCall(func(q idv.Query, c *providers.Call) { param(c, "mobile", q.Subject.Mobile.Reveal()) }),
		"encode-whole":   onCall(func(_ idv.Query, c *providers.Call) { c.Query = c.Query[:1] }),
		"encode-path":    onCall(func(q idv.Query, c *providers.Call) { c.Path += "/" + q.Subject.IDNumber.Reveal() }),
		"encode-form":    onCall(func(_ idv.Query, c *providers.Call) { c.Body = idv.NewSensitive("{}") }),
		"encode-refuses": {encode: func(q idv.Query) (providers.Call, error) {
			q.Document = idv.Resident18
			return toy{}.Encode(q)
		}},
	}
}

func decodeSabotages() map[string]broken {
	var calls, inside atomic.Int64
	return map[string]broken{
		"recordings": onResult(func(_ idv.Query, r providers.Reply, a *idv.Answer, err *error) {
			if string(r.Body) == "drift" {
				*a, *err = idv.Answer{}, &idv.Error{Failure: idv.Unavailable}
			}
		}),
		"fixtures": {describe: func(d idv.Descriptor) idv.Descriptor {
			d.Codes = append(slices.Clone(d.Codes), idv.CodeRow{
				Layer: providers.LayerVendor, Code: "8888", Failure: idv.Unavailable, Text: "text", Source: "source",
			})
			return d
		}},
		"gateway-first": {before: func(r providers.Reply) providers.Reply {
			if r.Header.Get(toyHeader) != "" && r.Status != http.StatusOK && len(r.Body) > 0 {
				return providers.Reply{Status: http.StatusOK, Body: r.Body}
			}
			return r
		}},
		"gateway-and-answer": {before: func(r providers.Reply) providers.Reply {
			if r.Header.Get(toyHeader) != "" && r.Status == http.StatusOK {
				r.Body = nil // the gateway's code alone counts
			}
			return r
		}},
		"status-first": {before: func(r providers.Reply) providers.Reply {
			if r.Header.Get(toyHeader) == "" {
				r.Status = http.StatusOK
			}
			return r
		}},
		"decode-pure": onResult(func(_ idv.Query, _ providers.Reply, a *idv.Answer, err *error) {
			a.VendorRef = ""
			if *err == nil && calls.Add(1)%2 == 0 {
				a.VendorRef = "second"
			}
		}),
		"decode-concurrent": onResult(func(_ idv.Query, _ providers.Reply, a *idv.Answer, err *error) {
			if inside.Add(1) > 1 && *err == nil {
				a.VendorRef = "another call's"
			}
			time.Sleep(time.Millisecond)
			inside.Add(-1)
		}),
		"honest": onResult(func(_ idv.Query, _ providers.Reply, a *idv.Answer, err *error) {
			if *err != nil {
				a.Verdict = idv.Match
			}
		}),
		"bytes-left": onResult(func(_ idv.Query, r providers.Reply, _ *idv.Answer, err *error) {
			if *err != nil && r.Status == http.StatusFound {
				*err = &idv.Error{Failure: idv.Garbled, Delivery: idv.NotSent}
			}
		}),
		"no-leak": onResult(func(q idv.Query, _ providers.Reply, _ *idv.Answer, err *error) {
			if *err != nil && idv.FailureOf(*err) == idv.Garbled {
				*err = &idv.Error{Failure: idv.Garbled, Detail: "no answer for " + q.Subject.Name.Reveal()}
			}
		}),
	}
}

func bodySabotages() map[string]broken {
	return map[string]broken{
		"no-document": onBody(func(b []byte) []byte {
			if bytes.HasPrefix(b, []byte("<!DOCTYPE")) {
				return []byte(`{"status":"01","id":"11*****005X","name":"测*"}`)
			}
			return b
		}),
		"truncated": onBody(func(b []byte) []byte {
			if closed := slices.Concat(b, []byte("}")); bytes.HasSuffix(b, []byte(`"测*"`)) && json.Valid(closed) {
				return closed
			}
			return b
		}),
		"byte-order-mark": onBody(func(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) }),
		"utf8":            onBody(func(b []byte) []byte { return bytes.ToValidUTF8(b, nil) }),
		"trailing": onBody(func(b []byte) []byte {
			var first json.RawMessage
			if json.NewDecoder(bytes.NewReader(b)).Decode(&first) == nil {
				return first
			}
			return b
		}),
		"other-person": {decode: func(_ idv.Query, r providers.Reply) (idv.Answer, error) { return toy{}.Decode(toyQuery(), r) }},
		"echo-weak": onBody(func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"110101************"`), []byte(`"11*****005X"`), 1)
		}),
		"echo-missing": onBody(func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"******"`), []byte(`"测*"`), 1)
		}),
	}
}

func memberSabotages() map[string]broken {
	number := regexp.MustCompile(`"status":(\d)\b`)
	return map[string]broken{
		"duplicates": onBody(lastWins),
		"letter-case": onBody(func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"STATUS":`), []byte(`"status":`), 1)
		}),
		"types": onBody(func(b []byte) []byte { return number.ReplaceAll(b, []byte(`"status":"0$1"`)) }),
		"missing": onBody(func(b []byte) []byte {
			if len(b) > 2 && json.Valid(b) && b[0] == '{' && !strings.Contains(strings.ToLower(string(b)), `"status"`) {
				return withMember(b, 1, `"status":"01"`)
			}
			return b
		}),
		"unlisted-code": onResult(func(_ idv.Query, _ providers.Reply, a *idv.Answer, err *error) {
			var e *idv.Error
			if errors.As(*err, &e) && e.Failure == idv.FailureUnknown && e.Code == "7777" {
				*a, *err = idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "7777"}, nil
			}
		}),
		"unknown-members": {before: func(r providers.Reply) providers.Reply {
			if bytes.Contains(r.Body, []byte(`"list"`)) {
				r.Body = nil
			}
			return r
		}},
	}
}

func meaningSabotages() map[string]broken {
	text := regexp.MustCompile(`"status":"\w+","msg":("0[12]")`)
	inside := func(change func([]byte) []byte) broken {
		b := onBody(change)
		b.nested = true
		return b
	}
	return map[string]broken{
		"other-members": onBody(func(b []byte) []byte { return text.ReplaceAll(b, []byte(`"status":$1,"msg":"x"`)) }),
		"envelope-errors": inside(func(b []byte) []byte {
			if bytes.Contains(b, []byte(`"坏"`)) && bytes.Contains(b, []byte(`"result":`)) {
				return bytes.Replace(b, []byte(`"code":"9"`), []byte(`"code":"0"`), 1)
			}
			return b
		}),
		"empty-results": inside(func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"data":[]`), []byte(`"data":{"result":1,"id":"11*****005X","name":"测*"}`), 1)
		}),
		"charge-flag": inside(func(b []byte) []byte { return bytes.Replace(b, []byte(`"fee":"1"`), []byte(`"fee":0`), 1) }),
	}
}

// lastWins reads as encoding/json does, but for letter case.
func lastWins(b []byte) []byte {
	members := map[string]json.RawMessage{}
	if !utf8.Valid(b) || json.Unmarshal(b, &members) != nil || len(members) == 0 {
		return b
	}
	flat, err := json.Marshal(members)
	if err != nil {
		return b
	}
	if _, err := strictjson.Members(flat); err != nil {
		return b
	}
	return flat
}

package declared_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/providertest"
)

// head begins the files of tests.
const head = `name: test/idcard
version: 1.0.0
title: a product of a test
check: id_name
documents: [resident18]
source: made up
recipient: Example Ltd.
`

// The parts of a file that a test does not change.
const (
	requestPart = "request: {base_url: \"https://v.example\", method: POST, path: /check, form: [{name: id, claim: id_number}, {name: name, claim: name}]}\n"
	replyPart   = "reply: {codes: [{at: /code, types: [string]}]}\n"
	codesPart   = "codes: [{code: \"0\", verdict: match, charge: charged, text: x, source: x}, {code: \"1\", verdict: mismatch, charge: charged, text: x, source: x}]\n"
	nonePart    = "auth: [none]\n"
)

// parse parses a text that has no faults.
func parse(t testing.TB, parts ...string) declared.Product {
	t.Helper()
	p, err := declared.Parse("test.yaml", []byte(strings.Join(parts, "")))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// question is a question about the fictitious person.
func question(t testing.TB, d idv.Descriptor) idv.Query {
	t.Helper()
	q, err := providertest.Query(d)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// sent encodes and authenticates a call with settings, and returns it as text.
func sent(t testing.TB, p declared.Product, values map[string]string, nonce string) string {
	t.Helper()
	d := p.Factory.Descriptor
	plain := providers.Settings{}
	for name, value := range values {
		plain[name] = value
	}
	c, err := p.Factory.New(plain)
	if err != nil {
		t.Fatal(err)
	}
	call, err := c.Encode(question(t, d))
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := append(auth.Schemes(), p.Schemes...).Select(d.Schemes, auth.Env{
		Value: func(name string) idv.Sensitive { return idv.NewSensitive(values[name]) },
	})
	if err != nil {
		t.Fatal(err)
	}
	call, err = scheme.Authenticate(t.Context(), call, providers.Stamp{Host: "v.example", At: time.UnixMilli(1700000000000), Nonce: nonce})
	if err != nil {
		t.Fatal(err)
	}
	return written(call)
}

func written(c providers.Call) string {
	text := c.Method + " " + c.Path
	if q := c.RawQuery().Reveal(); q != "" {
		text += "?" + q
	}
	for _, h := range c.Header {
		text += fmt.Sprintf("\n%s: %s", h.Name, h.Value.Reveal())
	}
	if body := c.Payload().Reveal(); body != "" {
		text += "\n" + c.ContentTypeHeader() + "\n" + body
	}
	return text
}

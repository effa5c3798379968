package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// file is a recorded reply, in the form that package providertest reads.
type file struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Expect  map[string]string `json:"expect"`
	Subject map[string]string `json:"subject,omitempty"`
	Source  string            `json:"source"`
}

// record makes the recorded reply, unless it would not decode as the reply did.
func (out *Report) record(ctx context.Context, r Reply, base result, m *masker) {
	if out.Withheld != "" {
		out.Unfit = "the body is withheld"
		return
	}
	headers := map[string]string{}
	for _, h := range out.Headers {
		if h.At == contentType || slices.ContainsFunc(r.Codec.Describe().Replies.Headers, func(name string) bool { return strings.EqualFold(name, h.At) }) {
			headers[h.At] = h.Value
		}
	}
	want := providertest.Outcome{Verdict: base.verdict, Charge: base.charge, Code: base.code}
	expect := map[string]string{"charge": base.charge.String()}
	if e := base.failure; e != nil {
		want.Failure, want.Field = e.Failure, e.Field
		expect["failure"] = e.Failure.String()
		if e.Field != idv.NoField {
			expect["field"] = e.Field.String()
		}
	} else {
		expect["verdict"] = base.verdict.String()
	}
	if base.code != "" {
		expect["vendor_code"] = base.code
	}
	if base.ref != "" {
		want.Ref = like(leaf{kind: kindString, text: base.ref})
		expect["vendor_ref"] = want.Ref
	}
	header := http.Header{}
	for name, value := range headers {
		header.Set(name, value)
	}
	masked := providertest.Recording{Reply: providers.Reply{Status: out.Status, Header: header, Body: []byte(out.Body)}, Subject: m.person, Want: want}
	if err := masked.Check(ctx, r.Codec); err != nil {
		out.Unfit = "with made-up values the codec decodes something else, so the reply cannot be recorded: " + strings.TrimSpace(err.Error())
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	_ = enc.Encode(file{out.Status, headers, out.Body, expect, m.recordedSubject(), "one reply of the vendor; the person and all values but codes are made up"}) // strings always encode
	if m.holds(b.String()) {
		out.Unfit = "a claim was left in the recorded reply"
		return
	}
	out.Recorded = b.Bytes()
}

// Package trial shows the reply of one real call without the data of the person: which
// members the codec reads, which are unknown to it, which are missing, and what the codec
// makes of it. From the reply it makes a recorded reply about the fictitious person of
// package providertest.
//
// Nothing of a reply is shown because it looks harmless. A value is shown if it is on the
// path to the code, or if it consists of words of a list; any other value becomes a made-up
// one of the same kind and length.
package trial

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// Reply is a reply with the codec and the query that it answers.
type Reply struct {
	Codec providers.Codec
	Query idv.Query

	providers.Reply

	// Recorded are the recorded replies of the product. What their codec reads and the reply
	// lacks is missing.
	Recorded []providertest.Recording
}

// Report is what may be shown of a reply.
type Report struct {
	Status   int          `json:"status"`
	Headers  []Member     `json:"headers"`
	Members  []Member     `json:"members"`
	Body     string       `json:"body"`               // with made-up values in place of those that are not shown
	Withheld string       `json:"withheld,omitempty"` // why the body is not shown
	Outcome  Outcome      `json:"decoded"`
	Row      *idv.CodeRow `json:"-"` // of the code table; nil if it lists none
	Findings []Finding    `json:"findings"`
	Unfit    string       `json:"no_fixture,omitempty"` // why there is no recorded reply
	Recorded []byte       `json:"-"`                    // the recorded reply; nil if there is none
}

// Outcome is what the codec made of the reply, by the words of package idv.
type Outcome struct {
	Verdict idv.Verdict `json:"verdict"`
	Failure string      `json:"failure,omitempty"`
	Field   string      `json:"field,omitempty"`
	Charge  idv.Charge  `json:"charge"`
	Code    string      `json:"vendor_code,omitempty"`
	Ref     bool        `json:"has_reference"` // the ledger has it; it is not shown, since a reference can be made of claims
	Detail  string      `json:"detail,omitempty"`
}

// Member is a header or a value of the body.
type Member struct {
	At    string `json:"at"`
	Type  string `json:"type"`
	Value string `json:"value"` // or a made-up one
	Use   string `json:"use"`
	Shown bool   `json:"shown"` // the value is the vendor's
}

// What a member is to the codec.
const (
	UseCode      = "code"
	UseReference = "reference"
	UseCall      = "id of the call"
	UseEcho      = "echo of " // and the claim
	UseRead      = "read"
	UseUnread    = "not read"
)

// Finding is something to look at.
type Finding struct {
	Kind Kind   `json:"kind"`
	At   string `json:"at,omitempty"`
	EN   string `json:"en"`
	ZH   string `json:"zh"`
}

// Kind is the kind of a finding.
type Kind string

// The kinds of findings.
const (
	Unknown  Kind = "unknown"  // the codec does not read it
	Missing  Kind = "missing"  // the codec reads it elsewhere
	Unlisted Kind = "unlisted" // a code without a row
	Inferred Kind = "inferred" // a row that no document of the vendor states
	Charge   Kind = "charge"   // it is not known whether the call is charged
	InClear  Kind = "in_clear" // the vendor repeats a claim in clear
	Garbled  Kind = "garbled"  // the codec does not accept the reply
)

// Examine returns the report of a reply. It makes no call.
func Examine(ctx context.Context, r Reply) Report {
	d := r.Codec.Describe()
	received := r.Header
	r.Header = CodecHeaders(received, d.Replies)
	base := r.ask(ctx, r.Query, r.Reply)
	m := newMasker(r, base, r.reads(ctx, r.Query, r.Reply))
	out := Report{Status: r.Status}
	row, listed := providers.Table(d.Codes).Row(layer(base.failure), base.code)
	if listed && base.code != "" {
		out.Row = &row
		m.listed = true
	} else if slices.ContainsFunc(m.codes, m.part) {
		base.code = "withheld" // a piece of a claim where the code should be
	}
	out.Headers, out.Outcome = m.headers(received), base.outcome()
	expected := r.expected(ctx, base, m)
	out.body(m, r.Body)
	out.judge(base, d)
	out.missing(expected, m.seen)
	out.record(ctx, r, base, m)
	return out
}

// CodecHeaders returns the headers that a codec gets: those that its descriptor lists, as
// in package exchange.
func CodecHeaders(from http.Header, format idv.Replies) http.Header {
	to := http.Header{}
	for _, name := range slices.Concat([]string{contentType, "Retry-After"}, format.Headers) {
		if values := from.Values(name); len(values) > 0 {
			to[http.CanonicalHeaderKey(name)] = values
		}
	}
	return to
}

// body masks the body.
func (out *Report) body(m *masker, body []byte) {
	if len(body) == 0 {
		return
	}
	masked, err := rewrite(body, editor{value: m.leaf, name: m.name})
	if err != nil {
		m.members = nil
		text, whole := Words(string(body))
		if len(body) > maxText || !whole || m.holds(text) {
			out.Withheld = fmt.Sprintf("%d bytes that are neither JSON with unique members nor simple XML", len(body))
			return
		}
		masked = []byte(text)
	}
	if m.holds(string(masked)) {
		m.members = nil
		out.Withheld = "a claim was left in the masked body"
		return
	}
	out.Body, out.Members = string(masked), m.members
}

// maxText is the length up to which a body that is a plain text is shown.
const maxText = 300

// judge adds the findings about the outcome.
func (out *Report) judge(base result, d idv.Descriptor) {
	for _, member := range out.Members {
		switch {
		case member.Use == UseUnread:
			out.note(Unknown, member.At, "the codec does not read it", "编解码器未读取该字段")
		case strings.HasPrefix(member.Use, UseEcho) && !strings.Contains(member.Value, "*"):
			out.note(InClear, member.At, "the vendor repeats a claim in clear", "供应商明文回显了要素")
		}
	}
	switch {
	case base.failure != nil && base.failure.Failure == idv.Garbled:
		out.note(Garbled, "", "the codec does not accept the reply: "+base.failure.Detail, "编解码器不接受该应答")
	case out.Row == nil:
		out.note(Unlisted, base.code, "the code table has no row for the code, so it is no verdict", "代码表中没有该代码，不产生结论")
	case inferred(out.Row.Source):
		out.note(Inferred, base.code, "the row is inferred: "+out.Row.Source, "该行为推断："+out.Row.Source)
	}
	if base.charge == idv.ChargeUnknown {
		out.note(Charge, "", "unknown charge: compare with the vendor's usage statement", "是否计费未知，请核对供应商用量账单")
	}
	if !d.Replies.HasBody(out.Status) && len(out.Members) > 0 {
		out.note(Unknown, "status", "the descriptor does not list this HTTP status as one with a body", "描述中未列明该 HTTP 状态带应答体")
	}
}

// inferred reports whether the source of a row says that no document states it.
func inferred(source string) bool {
	return strings.Contains(strings.ToLower(source), "inferred") || strings.Contains(source, "[I") || strings.Contains(source, "[K") || strings.Contains(source, "a sample exchange")
}

// missing adds what the recorded replies of the same code have and the reply lacks.
func (out *Report) missing(expected []string, seen map[string]bool) {
	for _, at := range expected {
		if !seen[at] {
			out.note(Missing, at, "recorded replies have it and the codec reads it", "样例应答中有该字段且编解码器会读取")
		}
	}
}

func (out *Report) note(k Kind, at, en, zh string) {
	out.Findings = append(out.Findings, Finding{k, at, en, zh})
}

// layer returns the layer of the code table that a failure is of.
func layer(e *idv.Error) string {
	if e != nil && e.Origin == idv.OriginGateway {
		return providers.LayerGateway
	}
	return providers.LayerVendor
}

// headers masks the headers, sorted by name.
func (m *masker) headers(h http.Header) []Member {
	var list []Member
	for name, values := range h {
		for _, value := range values {
			list = append(list, m.header(name, value))
		}
	}
	slices.SortFunc(list, func(a, b Member) int { return strings.Compare(a.At, b.At) })
	return list
}

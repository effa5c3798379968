package replica

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/body"
)

// Code names a row of the code table.
type Code struct{ Layer, Code string }

// play is how a row of the code table is answered.
type play struct {
	row    idv.CodeRow
	charge idv.Charge
	ref    string
	query  idv.Query // that the recorded reply answers
	reply  providers.Reply
	format body.Format
}

// plays are the rows that can be played.
type plays map[Code]play

// outcome is what the codec reads from a reply.
type outcome struct {
	code    Code
	verdict idv.Verdict
	charge  idv.Charge
	ref     string
}

// fixed is a transport that returns one reply.
type fixed struct{ reply providers.Reply }

// Do returns the reply.
func (f fixed) Do(context.Context, providers.Call) (providers.Reply, error) { return f.reply, nil }

// outcome reads the reply to a query as the host does. ok is false for a reply that is no row
// of the table.
func (r *Replica) outcome(q idv.Query, reply providers.Reply) (o outcome, ok bool) {
	answer, err := providers.NewProvider(r.codec, fixed{reply}).Ask(context.Background(), q)
	if err == nil {
		return outcome{Code{providers.LayerVendor, answer.VendorCode}, answer.Verdict, answer.Charge, answer.VendorRef}, true
	}
	e := idv.AsError(err)
	layer := providers.LayerVendor
	if e.Origin == idv.OriginGateway {
		layer = providers.LayerGateway
	}
	row, ok := providers.Table(r.card.Codes).Row(layer, e.Code)
	return outcome{code: Code{layer, e.Code}, charge: e.Charge, ref: e.Ref}, ok && row.Verdict == idv.Undetermined && e.Origin != idv.OriginEngine
}

// collect finds a reply for each row: a recorded one, or one that is made from another.
func (r *Replica) collect(samples []Sample) (plays, error) {
	p := plays{}
	var order []play // the recorded ones
	for _, s := range samples {
		q := r.form.query
		q.ID, q.Subject = s.ID, s.Subject.Only(q.Check.Claims())
		o, ok := r.outcome(q, s.Reply)
		if _, taken := p[o.code]; !ok || taken {
			continue
		}
		row, _ := providers.Table(r.card.Codes).Row(o.code.Layer, o.code.Code)
		made := play{row, o.charge, o.ref, q, s.Reply, r.format}
		if !r.adapts(made) {
			continue
		}
		p[o.code] = made
		order = append(order, made)
	}
	if len(order) == 0 {
		return nil, fmt.Errorf("no recorded reply of %d has a code of the table", len(samples))
	}
	for _, row := range r.card.Codes {
		code := Code{row.Layer, row.Code}
		if _, recorded := p[code]; recorded {
			continue
		}
		if made, ok := r.derive(row, order); ok {
			p[code] = made
		}
	}
	return p, nil
}

// adapts reports whether a reply keeps its meaning when it is about another person.
func (r *Replica) adapts(p play) bool {
	other := r.otherQuery(r.form.query)
	o, ok := r.outcome(other, p.about(other))
	return ok && o.code == Code{p.row.Layer, p.row.Code}
}

// derive makes a reply for a row without a recording. The codec decides which of the
// candidates it is.
func (r *Replica) derive(row idv.CodeRow, recorded []play) (play, bool) {
	for _, base := range r.candidates(row, recorded) {
		o, ok := r.outcome(base.query, base.reply)
		if ok && (o.code == Code{row.Layer, row.Code}) {
			base.row, base.charge, base.ref = row, o.charge, o.ref
			if r.adapts(base) {
				return base, true
			}
		}
	}
	return play{}, false
}

func (r *Replica) candidates(row idv.CodeRow, recorded []play) []play {
	var list []play
	if row.Layer == providers.LayerGateway {
		list = r.gatewayCandidates(row)
	}
	// A base with as many parts comes first: it has the most in common with the row.
	near := slices.Clone(recorded)
	n := strings.Count(row.Code, "/")
	slices.SortStableFunc(near, func(a, b play) int {
		return abs(strings.Count(a.row.Code, "/")-n) - abs(strings.Count(b.row.Code, "/")-n)
	})
	for _, base := range near {
		if base.row.Layer == row.Layer {
			list = append(list, recoded(base, row.Code)...)
			if strings.Contains(row.Code, ",") {
				list = append(list, recodedParts(base, pieces(base.row.Code), pieces(row.Code))...)
			}
		}
	}
	return list
}

func abs(n int) int { return max(n, -n) }

// gatewayCandidates are replies with the code or its text in a header that the codec reads,
// and those of which the status says all.
func (r *Replica) gatewayCandidates(row idv.CodeRow) []play {
	reply := func(status int, header http.Header) play {
		return play{query: r.form.query, reply: providers.Reply{Status: status, Header: header}, format: r.format}
	}
	status := statusIn(row.Code)
	list := []play{reply(status, http.Header{})}
	for _, name := range r.card.Replies.Headers {
		if name == r.card.Replies.RefHeader {
			continue
		}
		text := row.Text
		if strings.HasSuffix(text, " ") { // the beginning of a text; HTTP cuts the space
			text += "API Flow Control"
		}
		for _, text := range []string{row.Code, text} {
			header := http.Header{}
			header.Set(name, text)
			if r.card.Replies.RefHeader != "" {
				header.Set(r.card.Replies.RefHeader, "0D7B9C1A-2F3E-4B5C-8D6E-7F8091A2B3C4")
			}
			list = append(list, reply(status, header))
		}
	}
	return list
}

// statusIn returns the HTTP status whose digits stand in a code, or 403.
func statusIn(code string) int {
	for i := 0; i+3 <= len(code); i++ {
		var n int
		if _, err := fmt.Sscanf(code[i:i+3], "%03d", &n); err == nil && n >= 400 && n <= 599 {
			return n
		}
	}
	return http.StatusForbidden
}

// maxCombinations limits the candidates that are made from one reply.
const maxCombinations = 256

// recoded returns copies of a reply whose code is replaced by another, in each combination
// of places that hold its parts.
func recoded(base play, code string) []play {
	from, to := strings.Split(base.row.Code, "/"), strings.Split(code, "/")
	return append(recodedParts(base, from, to), textual(base, from, to)...)
}

// pieces splits a code at the commas too, which join what several members hold.
func pieces(code string) []string {
	return strings.FieldsFunc(code, func(c rune) bool { return c == '/' || c == ',' })
}

func recodedParts(base play, from, to []string) []play {
	combinations := [][]edit{nil}
	document := base.document()
	all := scalars(document)
	for i, part := range to[:min(len(to), len(from))] {
		var more [][]edit
		for _, edits := range combinations {
			if part == from[i] {
				more = append(more, edits)
			}
			for _, s := range all {
				taken := slices.ContainsFunc(edits, func(e edit) bool { return e.start == s.Value })
				if s.text == from[i] && !taken && len(more) < maxCombinations {
					more = append(more, append(slices.Clone(edits), edit{s.Value, s.End, s.written(part)}))
					if s.kind != '"' {
						more = append(more, append(slices.Clone(edits), edit{s.Value, s.End, quote(part)}))
					}
				}
			}
		}
		combinations = more
	}
	var list []play
	for _, edits := range combinations {
		if raw, err := base.format.Print(apply(document, edits)); len(edits) > 0 && err == nil {
			list = append(list, base.with(raw))
		}
	}
	return list
}

// textual replaces the code in a header, or in a body that has not the product's form.
func textual(base play, from, to []string) []play {
	var list []play
	old, by := strings.Join(from, "/"), strings.Join(to, "/")
	for name, values := range base.reply.Header {
		if len(values) == 1 && values[0] == old {
			p := base
			p.reply.Header = base.reply.Header.Clone()
			p.reply.Header.Set(name, by)
			p.reply.Status = statusIn(by)
			list = append(list, p)
		}
	}
	text := string(base.reply.Body)
	whole := base.format.Form == body.Text && base.format.Separator == ""
	if (base.document() == nil || whole) && len(from) == len(to) {
		for i := range from {
			text = strings.Replace(text, from[i], to[i], 1)
		}
		list = append(list, base.with([]byte(text)))
	}
	return list
}

// document returns the document of the reply's body, nil if it has none.
func (p play) document() []byte {
	document, err := p.format.Document(bytes.TrimSpace(p.reply.Body))
	if err != nil {
		return nil
	}
	return document
}

func (p play) with(body []byte) play {
	p.reply.Body = body
	return p
}

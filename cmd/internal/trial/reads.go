package trial

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// result is what a codec makes of a reply.
type result struct {
	verdict idv.Verdict
	fields  idv.Fields
	charge  idv.Charge
	code    string
	ref     string
	failure *idv.Error
}

// ask decodes a reply as the engine does, without a call.
func (r Reply) ask(ctx context.Context, q idv.Query, reply providers.Reply) result {
	answer, err := providers.NewProvider(r.Codec, replayed{reply}).Ask(ctx, q)
	if err != nil {
		e := idv.AsError(err)
		return result{fields: e.Fields, charge: e.Charge, code: e.Code, ref: e.Ref, failure: e}
	}
	return result{answer.Verdict, answer.Fields, answer.Charge, answer.VendorCode, answer.VendorRef, nil}
}

// replayed is a transport that returns a reply to every call.
type replayed struct{ reply providers.Reply }

// Do returns the reply.
func (t replayed) Do(context.Context, providers.Call) (providers.Reply, error) { return t.reply, nil }

// same reports whether two results are the same in all that a caller sees.
func (a result) same(b result) bool {
	if a.verdict != b.verdict || a.fields != b.fields || a.charge != b.charge || a.code != b.code || a.ref != b.ref || (a.failure == nil) != (b.failure == nil) {
		return false
	}
	return a.failure == nil || a.failure.Failure == b.failure.Failure && a.failure.Field == b.failure.Field && a.failure.Detail == b.failure.Detail
}

// outcome returns the result by the words of package idv.
func (a result) outcome() Outcome {
	o := Outcome{Verdict: a.verdict, Charge: a.charge, Code: a.code, Ref: a.ref != ""}
	if e := a.failure; e != nil {
		o.Failure, o.Field, o.Detail = e.Failure.String(), e.Field.String(), e.Detail
	}
	return o
}

// maxLeaves bounds the replies that are made of one.
const maxLeaves = 400

// reads returns the members and headers of a reply that the codec reads: those without
// which, or with a broken value of which, it decodes something else. This holds for a
// codec of any kind, also in another process, since a codec is a pure function.
func (r Reply) reads(ctx context.Context, q idv.Query, reply providers.Reply) map[string]bool {
	base, read := r.ask(ctx, q, reply), map[string]bool{}
	list, _ := leaves(reply.Body) // another form has no leaves
	for _, l := range list[:min(len(list), maxLeaves)] {
		for _, instead := range []string{l.broken(), l.absent()} {
			changed := reply
			changed.Body, _ = rewrite(reply.Body, editor{value: func(other leaf) string {
				if other.at == l.at {
					return instead
				}
				return other.with(other.text)
			}})
			other := r.ask(ctx, q, changed)
			if ctx.Err() != nil { // the process of the codec hangs
				return read
			}
			if !base.same(other) {
				read[l.at] = true
				break
			}
		}
	}
	for name := range reply.Header {
		changed := reply
		changed.Header = reply.Header.Clone()
		changed.Header.Del(name)
		if !base.same(r.ask(ctx, q, changed)) {
			read[headerAt(name)] = true
		}
	}
	return read
}

// absent returns the text of a leaf without a value.
func (l leaf) absent() string {
	if l.isXML {
		return ""
	}
	return kindNull
}

// headerAt is the place of a header among the members.
func headerAt(name string) string { return "header " + http.CanonicalHeaderKey(name) }

// maxRecorded bounds the recorded replies that are compared with one.
const maxRecorded = 8

// expected returns what the codec reads in each recorded reply of the same code, or of a
// match if there is none of that code. It tells the masker what the codec reads in any of
// them, since of a reply that it does not accept it reads only the first part.
func (r Reply) expected(ctx context.Context, base result, m *masker) []string {
	of := func(fits func(providertest.Recording) bool) (list []providertest.Recording) {
		for _, one := range r.Recorded {
			if fits(one) && len(list) < maxRecorded {
				list = append(list, one)
			}
		}
		return list
	}
	list := of(func(one providertest.Recording) bool { return base.code != "" && one.Want.Code == base.code })
	other := len(list) == 0
	if other {
		list = of(func(one providertest.Recording) bool { return one.Want.Verdict == idv.Match })
	}
	count := map[string]int{}
	for _, one := range list {
		q, err := providertest.Query(r.Codec.Describe())
		if err != nil {
			return nil
		}
		if one.Subject != (idv.Subject{}) {
			q.Subject = one.Subject.Only(q.Check.Claims())
		}
		for at := range r.reads(ctx, q, one.Reply) {
			count[at]++
			m.elsewhere[at] = true
		}
	}
	if other && m.listed { // a failure has another shape than a match
		return nil
	}
	var all []string
	for at, n := range count {
		if n == len(list) {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, cmp.Compare)
	return all
}

package providertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func meaningRules() []Rule {
	return []Rule{
		{"other-members", "Only the members that hold the code decide: its value in another member, also of an error, changes no verdict.", otherMembers},
		{"envelope-errors", "A reply that reports an error yields no verdict, even if a verdict is inside.", envelopeErrors},
		{"empty-results", "A reply whose result is empty, null or of another type yields no verdict.", eachReply(emptyResults)},
		{"charge-flag", "A charge flag that is missing, of another type or unlisted means an unknown charge.", chargeFlag},
	}
}

// all returns the samples of the vendor, those with a verdict and those with a failure.
func (h Harness) all() (verdicts, failures []sample, err error) {
	list, err := h.samples(providers.LayerVendor)
	for _, s := range list {
		if s.row.Verdict != idv.Undetermined {
			verdicts = append(verdicts, s)
		} else {
			failures = append(failures, s)
		}
	}
	return verdicts, failures, err
}

// otherMembers puts the parts of each verdict's code, and what other replies hold there,
// into each member of each reply, and of replies without a result.
func otherMembers(ctx context.Context, h Harness) error {
	j, err := h.judge()
	if err != nil {
		return err
	}
	verdicts, failures, err := h.all()
	if err != nil {
		return err
	}
	m := moving{judge: j, verdicts: verdicts, codes: codeValues(verdicts), tried: map[string]bool{}}
	return each(ctx, slices.Concat(verdicts, failures), func(s sample) error {
		bodies, err := j.withoutResult(s)
		if err != nil {
			return err
		}
		for _, body := range append(bodies, s.reply.Body) {
			if err := m.intoEach(s, body); err != nil {
				return err
			}
		}
		return nil
	})
}

// moving is the state of otherMembers.
type moving struct {
	judge
	verdicts []sample
	codes    []string        // the values to put into each member
	tried    map[string]bool // the bodies that were decoded
}

func (m moving) intoEach(s sample, body []byte) error {
	list, err := nodes(body)
	if err != nil {
		return err
	}
	for _, n := range list {
		if n.isContainer() {
			continue
		}
		for _, value := range slices.Concat(m.codes, valuesAt(n.path, m.verdicts)) {
			changed := n.replace(body, value)
			if kind, _ := scalar([]byte(value)); m.tried[string(changed)] || kind != n.kind && m.leadsToCode(s, n) {
				continue // types gives a code another type
			}
			m.tried[string(changed)] = true
			if err := m.check(s, s.with(changed), "with the value of another member in "+n.path); err != nil {
				return err
			}
		}
	}
	return nil
}

// codeValues returns the parts of the verdicts' codes, and the whole codes, as strings and
// as numbers or booleans.
func codeValues(verdicts []sample) []string {
	var values []string
	add := func(value string) {
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	for _, s := range verdicts {
		for _, code := range append(s.parts(), s.row.Code) {
			add(quote(code))
			if json.Valid([]byte(code)) {
				add(code)
			}
			if number, err := strconv.Atoi(code); err == nil {
				add(strconv.Itoa(number))
			}
		}
	}
	return values
}

func valuesAt(path string, list []sample) []string {
	var values []string
	for _, s := range list {
		if value := s.valueAt(path); !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

// withoutResult returns the sample's bodies without each part of its code, and without the
// objects around them, unless the codec takes such a reply for a verdict: the rule missing
// reports that.
func (j judge) withoutResult(s sample) ([][]byte, error) {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return nil, err
	}
	var bodies [][]byte
	for _, n := range list {
		if !j.leadsToCode(s, n) {
			continue
		}
		body := n.rename(s.reply.Body)
		if n.isContainer() {
			body = n.replace(s.reply.Body, "{}")
		}
		if _, err := j.Codec.Decode(j.Query, s.with(body)); err != nil {
			bodies = append(bodies, body)
		}
	}
	return bodies, nil
}

// envelopeErrors combines each reply that is a failure with each that is a verdict, also if
// the code of the failure is one that the table does not list.
func envelopeErrors(ctx context.Context, h Harness) error {
	j, err := h.judge()
	if err != nil {
		return err
	}
	verdicts, failures, err := h.all()
	if err != nil {
		return err
	}
	return each(ctx, failures, func(f sample) error {
		for _, v := range verdicts {
			body, err := merged(f.reply.Body, v.reply.Body)
			if err != nil {
				return err
			}
			what := "with the result of the fixture " + v.row.Code + " inside"
			if err := h.fails(f, f.with(body), what); err != nil {
				return err
			}
			if err := j.otherErrors(f, body, what); err != nil {
				return err
			}
		}
		return nil
	})
}

// otherErrors replaces the code of a failure in a body with others. It leaves the members
// where verdicts have their codes to unlisted-code.
func (j judge) otherErrors(f sample, body []byte, what string) error {
	list, err := nodes(body)
	if err != nil {
		return err
	}
	for _, n := range list {
		ofVerdict := slices.ContainsFunc(j.places, func(p place) bool { return slices.Contains(p.paths, n.path) })
		if ofVerdict || !slices.Contains(f.parts(), n.text) {
			continue
		}
		for _, code := range []string{"no-such", "7777", "-1", "0", "1", ""} {
			if n.kind == kindString {
				code = quote(code)
			}
			if err := j.fails(f, f.with(n.replace(body, code)), what+" and another code"); err != nil {
				return err
			}
		}
	}
	return nil
}

// merged returns the failure's members and those of the verdict that the failure lacks, or
// has only empty.
func merged(failure, verdict []byte) ([]byte, error) {
	over, err := parsed(failure)
	if err != nil {
		return nil, err
	}
	under, err := parsed(verdict)
	if err != nil {
		return nil, err
	}
	return json.Marshal(overlay(over, under))
}

// parsed returns a body as a tree, with its numbers as written, or nil for an empty body.
func parsed(body []byte) (tree any, err error) {
	if len(body) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&tree) != nil {
		return nil, errors.New("a fixture is not JSON")
	}
	return tree, nil
}

func overlay(over, under any) any {
	below, isObject := under.(map[string]any)
	above, also := over.(map[string]any)
	switch {
	case isObject && also:
		for name, value := range below {
			if own, has := above[name]; has {
				value = overlay(own, value)
			}
			above[name] = value
		}
		return above
	case isObject, over == nil, over == "":
		return under
	}
	return over
}

// emptyResults replaces each object and list by what vendors write where there is no result.
func emptyResults(j judge, s sample) error {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return err
	}
	for _, n := range list {
		if !n.isContainer() {
			continue // types changes them
		}
		own := string(s.reply.Body[n.Value:n.End])
		for _, value := range []string{"{}", `""`, "null", "[]", `"x"`, "0", "1", "true", "[" + own + "]", quote(own)} {
			if err := j.check(s, s.with(n.replace(s.reply.Body, value)), fmt.Sprintf("with %.4s as %s", value, n.path)); err != nil {
				return err
			}
		}
	}
	return nil
}

// chargeFlag changes the flag in the replies whose charge depends on one: without it, or
// with a value that no fixture shows, the charge is unknown.
func chargeFlag(ctx context.Context, h Harness) error {
	list, err := h.samples(providers.LayerVendor)
	if err != nil {
		return err
	}
	return each(ctx, list, func(s sample) error {
		if !s.row.ByFlag || h.outcome(s.reply).charge == idv.ChargeUnknown {
			return nil // a fixture without the flag
		}
		flags, err := h.flags(s)
		if err == nil && len(flags) == 0 {
			err = fmt.Errorf("the fixture %s: its row is marked ByFlag, but its charge depends on no member", s.row.Code)
		}
		for _, n := range flags {
			shown := valuesAt(n.path, list)
			for _, value := range append(retyped(n, string(s.reply.Body[n.Value:n.End])), `"no-such"`, "7777") {
				if got := h.outcome(s.with(n.replace(s.reply.Body, value))).charge; got != idv.ChargeUnknown && !slices.Contains(shown, value) {
					return fmt.Errorf("the fixture %s, with %.9s as %s: got %v, want unknown", s.row.Code, value, n.path, got)
				}
			}
			if got := h.outcome(s.with(n.rename(s.reply.Body))).charge; got != idv.ChargeUnknown {
				return fmt.Errorf("the fixture %s, without %s: got %v, want unknown", s.row.Code, n.path, got)
			}
		}
		return err
	})
}

// flags returns the members without which the sample has the same outcome but another
// charge.
func (h Harness) flags(s sample) ([]node, error) {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return nil, err
	}
	want := h.outcome(s.reply)
	return slices.DeleteFunc(list, func(n node) bool {
		got := h.outcome(s.with(n.rename(s.reply.Body)))
		return n.isContainer() || got.code != want.code || got.charge == want.charge
	}), nil
}

// outcome is a reply's code and charge, whether it is a verdict or a failure.
type outcome struct {
	code   string
	charge idv.Charge
}

func (h Harness) outcome(r providers.Reply) outcome {
	got := h.result(r)
	if got.err != nil {
		e := idv.AsError(got.err)
		return outcome{e.Code, e.Charge}
	}
	return outcome{got.answer.VendorCode, got.answer.Charge}
}

package providertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func meaningRules() []Rule {
	return []Rule{
		{"other-members", "Only the members that hold the code decide: its value in another member, also of an error, changes no verdict.", otherMembers},
		{"envelope-errors", "A reply that reports an error yields no verdict, even if a verdict is inside.", envelopeErrors},
		{"empty-results", "A reply whose result is empty, null, of another type or not the only one yields no verdict.", eachReply(emptyResults)},
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

// emptyResults replaces each object and list by what vendors write where there is no result,
// and those around a code by two results.
func emptyResults(j judge, s sample) error {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return err
	}
	verdicts, err := j.verdicts()
	if err != nil {
		return err
	}
	for _, n := range list {
		if !n.isContainer() {
			continue // types changes them
		}
		own, try := string(s.reply.Body[n.Value:n.End]), j.check
		values := []string{"{}", `""`, "null", "[]", `"x"`, "0", "1", "true", "[" + own + "]", quote(own)}
		if j.leadsToCode(s, n) {
			try, values = j.fails, append(values, doubled(n, own, valuesAt(n.path, verdicts))...)
		}
		for _, value := range values {
			if err := try(s, s.with(n.replace(s.reply.Body, value)), fmt.Sprintf("with %.4s as %s", value, n.path)); err != nil {
				return err
			}
		}
	}
	return nil
}

// doubled returns lists of a result and another, in both orders.
func doubled(n node, own string, others []string) []string {
	var lists []string
	for _, other := range others {
		if n.kind == kindArray {
			lists = append(lists, own[:len(own)-1]+","+strings.TrimPrefix(other, "["), strings.TrimSuffix(other, "]")+","+own[1:])
			continue
		}
		lists = append(lists, "["+own+","+other+"]", "["+other+","+own+"]")
	}
	return lists
}

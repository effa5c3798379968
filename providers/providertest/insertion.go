package providertest

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
)

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
	m := insertion{judge: j, verdicts: verdicts, codes: codeValues(verdicts), tried: map[string]bool{}}
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

// insertion is the state of otherMembers.
type insertion struct {
	judge
	verdicts []sample
	codes    []string        // the values to put into each member
	tried    map[string]bool // the bodies that were decoded
}

func (m insertion) intoEach(s sample, body []byte) error {
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
// objects around them, as errors are, unless the codec takes such a reply for a verdict: the
// rules missing and empty-results report that.
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
		bodies = append(bodies, n.rename(s.reply.Body))
		if n.isContainer() {
			for _, nothing := range []string{"{}", "null", `""`} {
				bodies = append(bodies, n.replace(s.reply.Body, nothing))
			}
		}
	}
	return slices.DeleteFunc(bodies, func(body []byte) bool {
		_, err := j.Codec.Decode(j.Query, s.with(body))
		return err == nil
	}), nil
}

package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Options are what the author knows of a sample.
type Options struct {
	// Claims are the parameters that hold a claim, by the claim's name; others are found by
	// the form of their values.
	Claims map[string]string

	// Verdicts are the codes whose meaning the author confirms, with all their parts joined
	// by "/". Any other code is a failure, so that a guess is never a verdict.
	Verdicts map[string]idv.Verdict
}

func (o Options) check() error {
	for claim := range o.Claims {
		if persona()[claim] == "" {
			return errors.New("unknown claim; the claims are name, id_number, mobile, bank_card")
		}
	}
	for code := range o.Verdicts {
		if code == "" || len(code) > maxCode || strings.ContainsFunc(code, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
			return fmt.Errorf("a code must have 1 to %d printable ASCII characters", maxCode)
		}
	}
	return nil
}

// maxCode is the maximum length of a code with all its parts.
const maxCode = 64

// claimOf returns the claim that a parameter holds by the author's word.
func (o Options) claimOf(parameter string) string {
	for claim, name := range o.Claims {
		if name == parameter {
			return claim
		}
	}
	return ""
}

// rows returns the code table: the confirmed codes, and that of the sample, which is a
// failure unless it is confirmed.
func (d *drafter) rows() []string {
	sample, list := strings.Join(d.reads.code, "/"), []string{}
	for _, code := range slices.Sorted(maps.Keys(d.options.Verdicts)) {
		list = append(list, fmt.Sprintf(`  - {code: %s, verdict: %s, charge: unknown, text: "confirmed by the author", source: "the author of the file"}`, quoted(code), d.options.Verdicts[code]))
	}
	if _, confirmed := d.options.Verdicts[sample]; !confirmed {
		list = append(list, fmt.Sprintf(`  - {code: %s, failure: unknown, charge: unknown, text: "the sample's code; its meaning is not confirmed", source: "a sample exchange"}`, quoted(sample)))
		d.note("codes: %s is the sample's code and gives no verdict yet; say what it means with --match, --mismatch or --no-record, or in the file", sample)
	}
	return list
}

const (
	recordedSource = "drafted from a sample; the values are made up"
	madeSource     = "made from a sample by another code; replace it by a reply of the vendor"
)

var notFile = regexp.MustCompile(`[^A-Za-z0-9.]+`)

// made returns the sample's reply with each other code that is confirmed and has as many parts.
func (d *drafter) made(e Exchange) (list []Made) {
	v, err := decode(e.Reply)
	if err != nil {
		return nil
	}
	for _, code := range slices.Sorted(maps.Keys(d.options.Verdicts)) {
		parts := strings.Split(code, "/")
		if len(parts) != len(d.reads.code) || slices.Equal(parts, d.reads.code) {
			continue
		}
		d.instead = parts
		text, err := json.Marshal(d.masked(v, ""))
		d.instead = nil
		if err != nil { // a part is no value of the type that the sample has
			d.note("codes: %s has another type than the sample's code; add its type and a recorded reply", code)
			continue
		}
		list = append(list, Made{strings.Trim(notFile.ReplaceAllString(code, "-"), "-."), d.recording(e, string(text), parts, madeSource)})
	}
	if len(list) > 0 {
		d.note("recorded replies: those of other codes than the sample's are made from it; replace them by replies of the vendor")
	}
	return list
}

// part returns what stands in a reply at a place that keeps its value: the value, or the
// part of another code in the same type.
func (d *drafter) part(i int, v any) any {
	if i >= len(d.instead) {
		return v
	}
	switch v.(type) {
	case json.Number:
		return json.Number(d.instead[i])
	case bool:
		return json.RawMessage(d.instead[i])
	}
	return d.instead[i]
}

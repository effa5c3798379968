package providertest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// sample is a fixture with its row.
type sample struct {
	row   idv.CodeRow
	reply providers.Reply
}

// parts returns the parts of the sample's code, from the outermost to the innermost.
func (s sample) parts() []string {
	parts, _ := s.split()
	return parts
}

// split returns the parts of the sample's code and the separators between them. A part such
// as Y,N that no member holds whole is that of several members.
func (s sample) split() (parts []string, shape string) {
	for i, part := range strings.Split(s.row.Code, separator) {
		if i > 0 {
			shape += separator
		}
		pieces := strings.Split(part, separatorAlso)
		if len(pieces) > 1 && s.holds(part) {
			pieces = []string{part}
		}
		parts, shape = append(parts, pieces...), shape+strings.Repeat(separatorAlso, len(pieces)-1)
	}
	return parts, shape
}

// holds reports whether a member has a text.
func (s sample) holds(text string) bool {
	list, err := nodes(s.reply.Body)
	return err == nil && slices.ContainsFunc(list, func(n node) bool { return n.text == text })
}

// joined is the inverse of split. shape may be longer than needed.
func joined(parts []string, shape string) string {
	code := parts[0]
	for i, part := range parts[1:] {
		code += shape[i:i+1] + part
	}
	return code
}

// samples pairs the fixtures of a layer with their rows. A fixture without a row is
// an error, and so are rows without any fixture, since the rules would test nothing.
func (h Harness) samples(layer string) ([]sample, error) {
	table := providers.Table(h.Codec.Describe().Codes)
	var list []sample
	for _, f := range h.Fixtures {
		if f.Layer != layer {
			continue
		}
		row, ok := table.Row(f.Layer, f.Code)
		if !ok {
			return nil, fmt.Errorf("the fixture %q of the %s has no row in the code table", f.Code, layer)
		}
		list = append(list, sample{row, f.Reply})
	}
	for _, row := range table {
		if row.Layer == layer && len(list) == 0 {
			return nil, fmt.Errorf("there is no fixture of the %s", layer)
		}
	}
	return list, nil
}

// verdicts returns the samples whose row is a verdict.
func (h Harness) verdicts() ([]sample, error) {
	all, err := h.samples(providers.LayerVendor)
	if err != nil {
		return nil, err
	}
	var list []sample
	for _, s := range all {
		if s.row.Verdict != idv.Undetermined {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return nil, errors.New("there is no fixture with a verdict")
	}
	return list, nil
}

// with returns the reply with another body.
func (s sample) with(body []byte) providers.Reply {
	r := s.reply
	r.Body = body
	return r
}

// fails decodes a reply that must not become a verdict.
func (h Harness) fails(s sample, r providers.Reply, what string) error {
	if answer, err := h.Codec.Decode(h.Query, r); err == nil && !h.unchanged(s, r.Body) {
		return fmt.Errorf("the fixture %s, %s: got %v, want a failure", s.row.Code, what, answer.Verdict)
	}
	return nil
}

// sameOrFails decodes a reply that may fail but must not become another verdict.
func (h Harness) sameOrFails(s sample, r providers.Reply, what string) error {
	answer, err := h.Codec.Decode(h.Query, r)
	if err == nil && answer.Verdict != s.row.Verdict {
		return fmt.Errorf("the fixture %s, %s: got %v, want %v or a failure", s.row.Code, what, answer.Verdict, s.row.Verdict)
	}
	return nil
}

// decodes checks that a reply decodes to its row. The charge of a row that is marked
// ByFlag is what the reply says.
func (h Harness) decodes(row idv.CodeRow, r providers.Reply, what string) error {
	answer, err := h.Codec.Decode(h.Query, r)
	if err == nil {
		if row.Verdict == idv.Undetermined || answer.Verdict != row.Verdict || !fits(row, answer.Charge) || answer.VendorCode != row.Code {
			return fmt.Errorf("the fixture %s%s: got verdict %v, charge %v, code %q; want %s, charge %v, code %q",
				row.Code, what, answer.Verdict, answer.Charge, answer.VendorCode, inWords(row), row.Charge, row.Code)
		}
		return nil
	}
	e := idv.AsError(err)
	if row.Verdict != idv.Undetermined || e.Failure != row.Failure || !fits(row, e.Charge) ||
		e.Delivery != row.Delivery || !fitsField(row, e.Field) || e.Code != row.Code {
		return fmt.Errorf("the fixture %s%s: got failure %v, delivery %v, charge %v, field %q, code %q; want %s, delivery %v, charge %v, field %q, code %q",
			row.Code, what, e.Failure, e.Delivery, e.Charge, e.Field, e.Code, inWords(row), row.Delivery, row.Charge, row.Field, row.Code)
	}
	return nil
}

// inWords returns the verdict or the failure of a row.
func inWords(row idv.CodeRow) string {
	if row.Verdict != idv.Undetermined {
		return "verdict " + row.Verdict.String()
	}
	return "failure " + row.Failure.String()
}

func fits(row idv.CodeRow, c idv.Charge) bool { return row.ByFlag || c == row.Charge }

// fitsField reports whether a failure may name a field: that of the row or, for
// invalid_input of no field in particular, the one that the reply names.
func fitsField(row idv.CodeRow, f idv.Field) bool {
	return f == row.Field || row.Failure == idv.InvalidInput && row.Field == idv.NoField
}

// seen returns the reply as the host shows it to the codec: without the headers that the
// descriptor does not list.
func (h Harness) seen(r providers.Reply) providers.Reply {
	header := http.Header{}
	for _, name := range slices.Concat([]string{"Content-Type", "Retry-After"}, h.Codec.Describe().Replies.Headers) {
		if values := r.Header.Values(name); len(values) > 0 {
			header[http.CanonicalHeaderKey(name)] = values
		}
	}
	r.Header = header
	return r
}

package declared

import (
	"errors"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/gateway"
)

// chargeFlag is the charge of a row whose reply says whether the call was charged.
const chargeFlag = "flag"

var errWord = errors.New("unknown word")

func verdictWords() []string {
	return []string{idv.Match.String(), idv.Mismatch.String(), idv.NoRecord.String(), idv.MismatchOrNoRecord.String()}
}

func verdictOf(word string) (v idv.Verdict, err error) {
	if err = v.UnmarshalText([]byte(word)); err == nil && v == idv.Undetermined {
		err = errWord
	}
	return v, err
}

// failureWords are the failures that a vendor can report.
func failureWords() []string {
	var words []string
	for _, f := range idv.Failures() {
		switch f {
		case idv.Denied, idv.Canceled, idv.Internal:
		default:
			words = append(words, f.String())
		}
	}
	return words
}

// table returns the vendor's rows without checking them.
func (c *compiler) table() providers.Table {
	var t providers.Table
	for _, r := range c.file.Codes {
		row := idv.CodeRow{
			Layer: providers.LayerVendor, Code: r.Code, Delivery: idv.Answered, ByFlag: r.Charge == chargeFlag,
			Account: r.Account, RenewsToken: r.RenewsToken, Text: r.Text, Source: r.Source,
		}
		row.Verdict, _ = verdictOf(r.Verdict)            // rows checks it
		_ = row.Failure.UnmarshalText([]byte(r.Failure)) // rows checks it
		if !row.ByFlag {
			_ = row.Charge.UnmarshalText([]byte(r.Charge)) // rows checks it
		}
		if claim, ok := claimOf(r.Field); ok {
			row.Field = idv.FieldOf(claim)
		}
		t = append(t, row)
	}
	return t
}

// rows checks the code table and returns it with the gateway's rows.
func (c *compiler) rows(r reply) []idv.CodeRow {
	first, matches := map[string]int{}, 0
	layers := max(len(c.file.Reply.Codes), 1)
	if len(c.file.Codes) > maxRows {
		c.note("codes", "has more than %d rows; needs a plugin", maxRows)
	}
	for i, row := range c.file.Codes {
		path := strictyaml.At("codes", i)
		if j, twice := first[row.Code]; twice {
			c.note(path+".code", "has a row already, %s; keep one", strictyaml.At("codes", j))
		} else {
			first[row.Code] = i
		}
		c.row(path, row, layers)
		if row.Verdict == idv.Match.String() {
			matches++
		}
	}
	if matches == 0 {
		c.note("codes", "has no row with verdict: match")
	}
	c.after(r)
	rows := []idv.CodeRow(c.table())
	if r.aliyun {
		return append(rows, gateway.Rows()...)
	}
	return append(rows, providers.StatusRows()...)
}

// row checks one row.
func (c *compiler) row(path string, r Row, layers int) {
	parts := strings.Split(r.Code, separator)
	for _, part := range parts {
		if part == "" {
			c.note(path+".code", "is empty or has an empty part; write the parts as the vendor does, joined by /")
			break
		}
	}
	if len(parts) > layers {
		c.note(path+".code", "has %s and reply.codes has %s; add the layer, or remove the part", idv.Count(len(parts), "part"), idv.Count(layers, "layer"))
	}
	c.outcome(path, r)
	var charge idv.Charge
	switch {
	case r.Charge == "":
		c.note(path+".charge", "is missing; give charged, not_charged, flag, or unknown if the vendor does not print it")
	case r.Charge != chargeFlag && charge.UnmarshalText([]byte(r.Charge)) != nil:
		c.note(path+".charge", "%s", strictyaml.Unknown("charge", r.Charge, []string{"charged", "not_charged", "unknown", chargeFlag}))
	}
	if r.Text == "" {
		c.note(path+".text", "is missing; give the vendor's sentence")
	}
	if r.Source == "" {
		c.note(path+".source", "is missing; say where the vendor states it")
	}
}

// outcome checks the verdict or failure of a row.
func (c *compiler) outcome(path string, r Row) {
	if (r.Verdict == "") == (r.Failure == "") {
		c.note(path, "must have either a verdict or a failure")
	}
	if r.Verdict != "" {
		if _, err := verdictOf(r.Verdict); err != nil {
			c.note(path+".verdict", "%s", strictyaml.Unknown("verdict", r.Verdict, verdictWords()))
		}
		if r.Account || r.RenewsToken {
			c.note(path, "account and renews_token are for failures; remove them")
		}
	}
	if r.Failure != "" {
		c.one(path+".failure", r.Failure, failureWords()...)
	}
	if r.RenewsToken && r.Failure != idv.BadCredentials.String() {
		c.note(path+".renews_token", "is for failure: credentials; remove it")
	}
	if r.Field == "" {
		return
	}
	if _, ok := claimOf(r.Field); !ok {
		c.note(path+".field", "%s", strictyaml.Unknown("claim", r.Field, claimWords()))
	}
	if r.Failure != idv.InvalidInput.String() {
		c.note(path+".field", "is for failure: invalid_input; remove it")
	}
}

// after notes layers that are read after codes which the table does not go on from.
func (c *compiler) after(r reply) {
	for i, l := range c.file.Reply.Codes {
		for j, code := range l.After {
			if !r.final[code].continues {
				c.note(strictyaml.At(strictyaml.At("reply.codes", i)+".after", j), "no row of codes goes on after it; add a row with one more part, or remove it")
			}
		}
	}
}

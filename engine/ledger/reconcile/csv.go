package reconcile

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/ledger/csvfile"
)

// CSV writes the differences, a line per part, with times of the vendor. Texts that
// a spreadsheet program would take for a formula begin with an apostrophe, for
// serials and codes come from outside.
func (r Report) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{
		"from", "to", "serials", "billed", "charged", "unknown", "difference",
		"cause", "units", "explained", "code", "neighbour", "attempts",
	})
	for _, d := range r.Differences {
		for _, p := range d.Parts {
			if err == nil {
				err = out.Write(record(d, p))
			}
		}
	}
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func record(d Difference, p Part) []string {
	neighbour := ""
	if !p.Neighbour.IsZero() {
		neighbour = stamp(p.Neighbour)
	}
	return []string{
		stamp(d.From), stamp(d.To), words(strings.Join(d.Serials, " ")), number(d.Billed), number(d.Charged), number(d.Unknown), number(d.Units),
		string(p.Cause), number(p.Units), strconv.FormatBool(p.Explained), words(p.Code), neighbour, words(strings.Join(p.Attempts, " ")),
	}
}

func stamp(t time.Time) string { return t.In(Shanghai()).Format(time.DateTime) }

func number(n int64) string { return strconv.FormatInt(n, 10) }

// words is a text from outside, kept from being taken for a formula.
func words(text string) string { return csvfile.Text(text).CSV() }

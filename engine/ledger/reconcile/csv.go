package reconcile

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
)

// CSV writes the differences, one line per part, with times in China Standard Time. Serial
// numbers and codes come from the vendor, so texts that a spreadsheet program would execute
// as a formula are escaped.
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
		neighbour = zoned(p.Neighbour)
	}
	return []string{
		zoned(d.From), zoned(d.To), escaped(strings.Join(d.Serials, " ")), number(d.Billed), number(d.Charged), number(d.Unknown), number(d.Units),
		string(p.Cause), number(p.Units), strconv.FormatBool(p.Explained), escaped(p.Code), neighbour, escaped(strings.Join(p.Attempts, " ")),
	}
}

func zoned(t time.Time) string { return t.In(idv.China()).Format(idv.ZonedTime) }

// stamp leaves the zone to the text around it.
func stamp(t time.Time) string { return t.In(idv.China()).Format(time.DateTime) }

func number(n int64) string { return strconv.FormatInt(n, 10) }

// escaped returns external text that no spreadsheet program executes as a formula.
func escaped(text string) string { return csvfile.Text(text).CSV() }

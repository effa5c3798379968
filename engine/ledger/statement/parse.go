package statement

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

const (
	mostSerial = 64
	mostUnits  = 1_000_000_000
	longest    = 24 * time.Hour

	serialSigns = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
)

// parseSerial takes a serial number. Programs that keep long numbers as text write
// them as ="455784350650"; those that do not shorten them to 4.55784E+11, and then
// two lines look alike.
func parseSerial(cell string) (text, what string) {
	text = compact(cell)
	if inner, ok := strings.CutPrefix(text, `="`); ok {
		text = strings.TrimSuffix(inner, `"`)
	}
	text = strings.TrimPrefix(text, "'")
	switch {
	case text == "":
		return "", "is empty"
	case len(text) > mostSerial:
		return "", "is too long for a serial number"
	case strings.Contains(text, ".") && strings.ContainsAny(text, "eE"):
		return "", "was shortened by a spreadsheet program; export the file anew and do not open it before"
	}
	if strings.Trim(text, serialSigns) != "" {
		return "", "is no serial number: letters and digits only"
	}
	return text, ""
}

const (
	badPeriod = `is no period as "2018-03-19 10:50:01 - 2018-03-19 11:00:01"`
	dashes    = "-‐‑‒–—―−~〜至到"
)

// parsePeriod takes two times of the vendor with a dash of any kind between them.
func parsePeriod(cell string) (from, to time.Time, what string) {
	text := strings.ReplaceAll(strings.TrimSpace(norm.NFKC.String(cell)), "/", "-")
	n := len(time.DateTime)
	if len(text) < 2*n+1 {
		return from, to, badPeriod
	}
	between := strings.TrimFunc(text[n:len(text)-n], unicode.IsSpace)
	if between == "" || strings.Trim(between, dashes) != "" {
		return from, to, badPeriod
	}
	from, err := time.ParseInLocation(time.DateTime, text[:n], reconcile.Shanghai())
	if err != nil {
		return from, to, badPeriod
	}
	to, err = time.ParseInLocation(time.DateTime, text[len(text)-n:], reconcile.Shanghai())
	switch {
	case err != nil:
		return from, to, badPeriod
	case !from.Before(to):
		return from, to, "ends before it begins"
	case to.Sub(from) > longest:
		return from, to, "is longer than a day"
	}
	return from, to, ""
}

// parseUnits takes "7次" or "7".
func parseUnits(cell string) (n int64, what string) {
	text := strings.TrimSuffix(compact(cell), "次")
	if text == "" || len(text) > 10 || strings.Trim(text, "0123456789") != "" {
		return 0, `is no number of calls as "7次"`
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > mostUnits {
		return 0, "is too large"
	}
	return n, ""
}

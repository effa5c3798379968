package statement

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

const (
	mostSerial = 64
	mostUnits  = 1_000_000_000
	longest    = 24 * time.Hour

	serialSigns = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
)

// shortenedSerial is the fault of a serial number of which digits are missing. The vendor's
// own file still has them.
const shortenedSerial = "was shortened by a spreadsheet program, so digits are missing; download the statement from the vendor again and name that file here, " +
	"without opening and saving it in between"

// parseSerial parses a serial number. Some spreadsheet programs write a long number as
// ="455784350650" or with separators of thousands. Others shorten it to 4.55784E+11, after
// which two lines look alike.
func parseSerial(cell string) (text, fault string) {
	text, wrong := identity.Identifier(cell)
	if wrong != idv.TextFits && wrong != idv.TextBlank {
		return "", wrong.Help()
	}
	if wrong == idv.TextBlank {
		text = ""
	}
	text, shortened := plainNumber(unquoted(compact(text)))
	switch {
	case text == "":
		return "", "must not be empty"
	case len(text) > mostSerial:
		return "", "a serial number has at most 64 characters"
	case shortened:
		return "", shortenedSerial
	}
	if strings.Trim(text, serialSigns) != "" {
		return "", "expected a serial number of letters and digits"
	}
	return text, ""
}

// unquoted returns a text without what spreadsheet programs and people put round a number to
// keep it a text: an apostrophe before it, quotation marks, the formula ="…".
func unquoted(text string) string {
	inner := strings.TrimPrefix(text, "=")
	for {
		cut := inner
		for _, pair := range []string{`""`, "''", "“”", "‘’", "’’", "``"} {
			open := []rune(pair)
			if rest, ok := strings.CutPrefix(cut, string(open[0])); ok {
				cut = strings.TrimSuffix(rest, string(open[1]))
				break
			}
		}
		if cut == inner {
			break
		}
		inner = cut
	}
	if inner == strings.TrimPrefix(text, "=") && strings.Trim(inner, digits) != "" {
		return text // a formula
	}
	return inner
}

const (
	badPeriod = `expected a period such as "2018-03-19 10:50:01 - 2018-03-19 11:00:01"`
	dashes    = "-‐‑‒–—―−~〜至到"
)

// parsePeriod parses two times in China Standard Time with any kind of dash between them.
func parsePeriod(cell string) (from, to time.Time, fault string) {
	text := strings.ReplaceAll(strings.TrimSpace(unquoted(strings.TrimFunc(norm.NFKC.String(cell), unicode.IsSpace))), "/", "-")
	n := len(time.DateTime)
	if len(text) < 2*n+1 {
		return from, to, badPeriod
	}
	between := strings.TrimFunc(text[n:len(text)-n], unicode.IsSpace)
	if between == "" || strings.Trim(between, dashes) != "" {
		return from, to, badPeriod
	}
	from, err := time.ParseInLocation(time.DateTime, text[:n], idv.China())
	if err != nil {
		return from, to, badPeriod
	}
	to, err = time.ParseInLocation(time.DateTime, text[len(text)-n:], idv.China())
	switch {
	case err != nil:
		return from, to, badPeriod
	case !from.Before(to):
		return from, to, "the period ends before it begins"
	case to.Sub(from) > longest:
		return from, to, "the period is longer than a day"
	}
	return from, to, ""
}

// otherWords are parts of notes that say that a line is no use of a package: refunds and
// reversals, purchases and gifts, and what has expired.
func otherWords() []string {
	return []string{"退", "返还", "冲正", "冲销", "撤销", "取消", "购买", "充值", "赠送", "过期", "失效", "refund", "reversal", "cancel", "purchase", "recharge", "gift", "expire"}
}

// isOther reports whether a note says that its line is no use of a package.
func isOther(note string) bool {
	text := strings.ToLower(compact(note))
	for _, word := range otherWords() {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// parseUnits parses "7次" or "7", and with signed also "-7次", of which it drops the sign.
func parseUnits(cell string, signed bool) (n int64, fault string) {
	text := strings.TrimSuffix(unquoted(compact(cell)), "次")
	if signed {
		text = strings.TrimLeft(text, "+-−")
	}
	text, _ = plainNumber(text)
	if text == "" || len(text) > 10 || strings.Trim(text, "0123456789") != "" {
		return 0, `expected a count such as "7次"`
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > mostUnits {
		return 0, "the count is too large"
	}
	return n, ""
}

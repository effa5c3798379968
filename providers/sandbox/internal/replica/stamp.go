package replica

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/providers"
)

// stampForm is how a scheme writes the time or the nonce of a call.
type stampForm struct {
	kind   markKind
	format func(providers.Stamp) string
	parse  func(string) (time.Time, bool)
}

// stampForms returns the known forms.
func stampForms() []stampForm {
	list := []stampForm{
		{markTime, func(s providers.Stamp) string { return strconv.FormatInt(s.At.UnixMilli(), 10) }, number(time.UnixMilli)},
		{markTime, func(s providers.Stamp) string { return strconv.FormatInt(s.At.Unix(), 10) }, number(seconds)},
	}
	beijing := time.FixedZone("UTC+8", 8*60*60)
	for _, zone := range []*time.Location{time.UTC, beijing} {
		for _, layout := range []string{
			http.TimeFormat, "2006-01-02T15:04:05Z", "20060102T150405Z", time.RFC3339, "2006-01-02 15:04:05", "20060102150405",
			"20060102150405000", "2006-01-02T15:04:05.000Z",
		} {
			list = append(list, stampForm{
				markTime, func(s providers.Stamp) string { return s.At.In(zone).Format(layout) },
				func(text string) (time.Time, bool) {
					at, err := time.ParseInLocation(layout, text, zone)
					return at, err == nil
				},
			})
		}
	}
	return append(list,
		stampForm{kind: markNonce, format: func(s providers.Stamp) string { return s.Nonce }},
		stampForm{kind: markNonce, format: func(s providers.Stamp) string { return strings.ReplaceAll(s.Nonce, "-", "") }},
	)
}

func number(at func(int64) time.Time) func(string) (time.Time, bool) {
	return func(text string) (time.Time, bool) {
		n, err := strconv.ParseInt(text, 10, 64)
		return at(n), err == nil
	}
}

func seconds(n int64) time.Time { return time.Unix(n, 0) }

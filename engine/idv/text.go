package idv

import (
	"strconv"
	"strings"
	"time"
)

// Text is one text in English and Chinese. Both are shown to people; programs read codes.
type Text struct{ EN, ZH string }

// In returns the text in a language, which is a tag (BCP 47) or a locale: the Chinese
// text for one that begins with "zh", the English text for all others.
func (t Text) In(language string) string {
	if len(language) >= 2 && strings.EqualFold(language[:2], "zh") {
		return t.ZH
	}
	return t.EN
}

// Count returns a number with its English noun, as "1 call" and "2 calls".
func Count[N int | int64](n N, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.FormatInt(int64(n), 10) + " " + noun
}

// china is fixed because small container images hold no zone data. China has had one
// zone without summer time since 1991.
var china = time.FixedZone("UTC+8", 8*60*60)

// China returns the time zone of China, UTC+8. Days, months and vendor invoices are
// counted in it.
func China() *time.Location { return china }

// Now returns the time in UTC to the microsecond, as stores keep it. It has the reading of the
// monotonic clock, so that a duration since then is right if the clock is changed.
func Now() time.Time {
	now := time.Now().UTC()
	return now.Add(-time.Duration(now.Nanosecond() % int(time.Microsecond)))
}

// ZonedTime is the layout of times that people read: to the second, with the zone.
const ZonedTime = "2006-01-02 15:04:05-07:00"

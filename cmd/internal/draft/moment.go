package draft

import (
	"net/http"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/providers/transform"
)

// patterns are the written forms of a time that a vendor may ask for, and whether they are in
// UTC by their form.
func patterns() map[string]bool {
	return map[string]bool{
		"yyyyMMddHHmmss": false, "yyyyMMdd": false, "yyyy-MM-dd": false, "yyyy-MM-dd HH:mm:ss": false, "yyyy/MM/dd HH:mm:ss": false,
		"yyyy-MM-dd HH:mm:ss.SSS": false, "yyyy-MM-dd'T'HH:mm:ss": false, "yyyyMMdd'T'HHmmss'Z'": true,
		"yyyy-MM-dd'T'HH:mm:ssXXX": false, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX": false,
	}
}

// moment returns the generator of a value that is a time of these years, "" if it is none.
// A date alone must stand under the name of a time, since it may be a person's.
func (d *drafter) moment(place, name, value string) string {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		switch {
		case millis.MatchString(value) && recent(time.UnixMilli(n)):
			return "generate: timestamp_ms"
		case seconds.MatchString(value) && recent(time.Unix(n, 0)):
			return "generate: timestamp"
		}
	}
	if at, err := time.Parse(http.TimeFormat, value); err == nil && recent(at) {
		return "generate: http_date"
	}
	for pattern, utc := range patterns() {
		layout, err := transform.Layout(pattern)
		if err != nil || len(value) < len("20060102150405") && !timeName.MatchString(name) {
			continue
		}
		at, err := time.Parse(layout, value)
		if err != nil || at.Format(layout) != value || !recent(at) {
			continue
		}
		_, offset := at.Zone()
		zoned := len(pattern) > 3 && pattern[len(pattern)-3:] == "XXX"
		text := "generate: time, pattern: " + quoted(pattern)
		if utc || zoned && offset == 0 {
			return text + ", utc: true"
		}
		if !zoned {
			d.note("%s %s: the time is taken to be Beijing's; add utc: true if the vendor expects UTC", place, name)
		}
		return text
	}
	return ""
}

// recent reports whether a time can be that of a sample exchange.
func recent(at time.Time) bool { return at.Year() >= 2015 && at.Year() < 2040 }

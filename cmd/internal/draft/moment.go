package draft

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// written is a form of a time that a vendor may ask for: as a pattern of the file, as a layout of
// package time, and whether it is in UTC.
type written struct {
	pattern, layout string
	utc             bool
}

func forms() []written {
	return []written{
		{"yyyyMMddHHmmss", "20060102150405", false},
		{"yyyyMMdd", "20060102", false},
		{"yyyy-MM-dd", time.DateOnly, false},
		{"yyyy-MM-dd HH:mm:ss", time.DateTime, false},
		{"yyyy/MM/dd HH:mm:ss", "2006/01/02 15:04:05", false},
		{"yyyy-MM-dd HH:mm:ss.SSS", "2006-01-02 15:04:05.000", false},
		{"yyyy-MM-dd'T'HH:mm:ss", "2006-01-02T15:04:05", false},
		{"yyyyMMdd'T'HHmmss'Z'", "20060102T150405Z", true},
		{"yyyy-MM-dd'T'HH:mm:ssXXX", time.RFC3339, false},
		{"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2006-01-02T15:04:05.000Z07:00", false},
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
	return d.written(place, name, value)
}

// written returns the generator of a written time.
func (d *drafter) written(place, name, value string) string {
	for _, f := range forms() {
		at, err := time.Parse(f.layout, value)
		alone := len(value) < len("20060102150405") // a date
		if err != nil || alone && !timeName.MatchString(name) || at.Format(f.layout) != value || !recent(at) {
			continue
		}
		_, offset := at.Zone()
		zoned := strings.HasSuffix(f.pattern, "XXX")
		text := "generate: time, pattern: " + quoted(f.pattern)
		if f.utc || zoned && offset == 0 {
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

package abuse_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/keyring"
)

// noon is a time of all tests, in China.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.FixedZone("UTC+8", 8*60*60))

func ring(t testing.TB) *keyring.Keyring {
	t.Helper()
	r, err := keyring.New(keyring.Key{ID: "k1", Secret: idv.NewSensitive(strings.Repeat("s", 32))})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// siren remembers the events.
type siren struct {
	mu     sync.Mutex
	events []abuse.Event
}

func (s *siren) Alarm(e abuse.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

// of returns the axes of an app's alarms.
func (s *siren) of(app string) (list []abuse.Dimension) {
	for _, e := range s.events {
		if e.App == app {
			list = append(list, e.Dimension)
		}
	}
	return list
}

// harness is a detector with its counters, alarms and clock.
type harness struct {
	t        testing.TB
	guard    *abuse.Detector
	counters counters
	siren    siren
	now      time.Time
}

// newHarness makes a guard of a configuration; its marker and alarms are filled in.
func newHarness(t testing.TB, c abuse.Config) *harness {
	t.Helper()
	d := &harness{t: t, now: noon}
	c.Indexer, c.Alarms = ring(t), &d.siren
	guard, err := abuse.New(c)
	if err != nil {
		t.Fatal(err)
	}
	d.guard = guard
	d.counters.at(noon)
	return d
}

// wait lets time go by.
func (d *harness) wait(length time.Duration) {
	d.now = d.now.Add(length)
	d.counters.at(d.now)
}

func (d *harness) asked(app string, s idv.Subject) abuse.Attempt {
	return abuse.Attempt{Tenant: "t1", App: app, Caller: "key1", Subject: s, Now: d.now}
}

// check asks one question for an app.
func (d *harness) check(app string, s idv.Subject) abuse.Result {
	d.t.Helper()
	out, err := d.guard.Check(d.t.Context(), &d.counters, d.asked(app, s))
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// refused tells of a number that the local check refused.
func (d *harness) refused(app string, s idv.Subject) abuse.Result {
	d.t.Helper()
	out, err := d.guard.RecordInvalid(d.t.Context(), &d.counters, d.asked(app, s))
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// pair is a subject with a name and a number.
func pair(name, number string) idv.Subject {
	return idv.Subject{Name: idv.NewSensitive(name), IDNumber: idv.NewSensitive(number)}
}

// with is a subject with a card and a mobile number too.
func with(s idv.Subject, mobile, card string) idv.Subject {
	s.Mobile, s.BankCard = idv.NewSensitive(mobile), idv.NewSensitive(card)
	return s
}

// complete adds the check digit to 17 digits (GB 11643-1999).
func complete(digits string) string {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	return digits + "10X98765432"[sum%11:sum%11+1]
}

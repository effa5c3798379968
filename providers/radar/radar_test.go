package radar

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// person returns one of many fictitious persons.
func person(n int) idv.Subject {
	return idv.Subject{Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive(fmt.Sprintf("1101011990030%05d", n))}
}

// toy decodes a reply whose test says the code; an empty one is garbled.
type toy struct{}

func (toy) Describe() idv.Descriptor {
	return idv.Descriptor{Version: "1.2.0", Codes: []idv.CodeRow{
		{Layer: "vendor", Code: "01", Verdict: idv.Match}, {Layer: "vendor", Code: "05", Failure: idv.Unavailable},
	}}
}

func (toy) Encode(idv.Query) (providers.Call, error) { return providers.Call{Path: "/"}, nil }

func (t toy) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	return providers.Table(t.Describe().Codes).Decode(providers.Reading{Codes: []string{r.Header.Get("Code")}})
}

type vendor struct {
	t     *testing.T
	radar *Radar
	codec providers.ContextCodec
	n     int
}

func newVendor(t *testing.T) *vendor {
	r := New("p")
	return &vendor{t: t, radar: r, codec: r.Watch(toy{}).(providers.ContextCodec)}
}

// reply has the codec decode replies about different persons.
func (v *vendor) reply(times int, code, body string) {
	v.t.Helper()
	for range times {
		v.n++
		v.about(person(v.n), code, body)
	}
}

func (v *vendor) about(s idv.Subject, code, body string) {
	v.radar.second = time.Time{} // no reply is left out
	header := map[string][]string{"Code": {code}}
	a, err := v.codec.DecodeContext(v.t.Context(), idv.Query{Subject: s}, providers.Reply{Status: 200, Header: header, Body: []byte(body)})
	if wantErr := code != "01"; wantErr != (err != nil) || a.Verdict == idv.Match == wantErr {
		v.t.Fatalf("the watched codec decodes %+v, %v", a, err)
	}
}

// found returns what was found, without what is merely seen, as "kind path type code count".
func (v *vendor) found() (list []string) {
	v.t.Helper()
	err := v.radar.Flush(func(all []idv.Finding) error {
		for _, f := range all {
			if f.Provider != "p" || f.Version != "1.2.0" || f.First.After(f.Last) || !f.Storable() {
				v.t.Errorf("finding %+v", f)
			}
			if f.Kind != idv.FindingSeen {
				list = append(list, strings.Join(strings.Fields(fmt.Sprint(f.Kind, " ", f.Path, " ", f.Type, " ", f.Code, " ", f.Count)), " "))
			}
		}
		return nil
	})
	if err != nil {
		v.t.Error(err)
	}
	return list
}

const usual = `{"code":"01","result":{"name":"测*","ok":true,"score":1,"list":[{"a":1},{"a":"x"}],"none":null}}`

func TestChanges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, code, body string
		times            int
		want             []string
	}{
		{"nothing", "01", usual, 10, nil},
		{"a new member", "01", strings.Replace(usual, `"ok"`, `"level":"A","ok"`, 1), 5, []string{"new /result/level string 5"}},
		{"a new type", "01", strings.Replace(usual, `true`, `"true"`, 1), 5, []string{"new /result/ok string 5"}},
		{"a missing member", "01", strings.Replace(usual, `"score":1,`, ``, 1), 5, []string{"missing /result/score 01 5"}},
		{"an unlisted code", "07", usual, 5, []string{"code vendor 07 5"}},
		{"a member missing from garbled replies", "", strings.Replace(usual, `"name":"测*",`, ``, 1), 5, []string{"missing /result/name 5"}},
		{"too few people", "07", strings.Replace(usual, `"ok"`, `"level":"A","ok"`, 1), people - 1, nil},
		{"a list in a list", "01", strings.Replace(usual, `null`, `[[{"b":null}]]`, 1), 3, []string{
			"new /result/none array 3", "new /result/none/* array 3", "new /result/none/*/* object 3", "new /result/none/*/*/b null 3",
		}},
		{"no JSON", "01", "<html>", 5, nil},
		{"truncated", "01", usual[:40], 5, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := newVendor(t)
			v.reply(2*learnReplies, "01", usual)
			if found := v.found(); found != nil {
				t.Fatalf("while learning: %q", found)
			}
			v.reply(test.times, test.code, test.body)
			if diff := cmp.Diff(test.want, v.found()); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			v.reply(1, test.code, test.body)
			if again := v.found(); len(test.want) != len(again) && test.times >= people {
				t.Errorf("one more time: %q", again)
			}
		})
	}
}

func TestXML(t *testing.T) {
	t.Parallel()
	const body = `<?xml version="1.0" encoding="gbk"?><r v="1"><status>01</status></r>`
	v := newVendor(t)
	v.reply(2*learnReplies, "01", body)
	v.reply(5, "01", strings.Replace(body, "<status>01</status>", "<state z='1'/>", 1))
	want := []string{"missing /r/status 01 5", "new /r/state xml 5", "new /r/state/@z xml 5"}
	if diff := cmp.Diff(want, v.found()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// TestANewCodeIsLearned: the members of a code that comes late are not changes.
func TestANewCodeIsLearned(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	v.reply(2*learnReplies, "01", usual)
	v.reply(2*newCode, "05", `{"code":"05","hint":"later"}`)
	if found := v.found(); found != nil {
		t.Errorf("found %q", found)
	}
	v.reply(5, "05", `{"code":"05","hint":"later","more":1}`)
	if diff := cmp.Diff([]string{"new /more number 5"}, v.found()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	v.reply(learnReplies, "01", usual)
	if err := v.radar.Flush(func([]idv.Finding) error { return errors.New("away") }); err == nil {
		t.Error("the store's error is lost")
	}
	var stored []idv.Finding
	if err := v.radar.Flush(func(list []idv.Finding) error { stored = list; return nil }); err != nil || len(stored) < 8 {
		t.Fatalf("stored %+v, %v", stored, err)
	}
	after := newVendor(t)
	after.radar.Restore(stored)
	after.reply(5, "01", strings.Replace(usual, `"ok"`, `"level":"A","ok"`, 1))
	if diff := cmp.Diff([]string{"new /result/level string 5"}, after.found()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// TestCanary: whatever a vendor makes of a person's claims, in names of members and in codes,
// no finding has it.
func TestCanary(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	v.reply(2*learnReplies, "01", usual)
	v.found()
	for i := range 50 {
		s := person(90000 + i)
		number := fmt.Sprintf("1101011990030%05d", 90000+i)
		for _, made := range []string{
			number, hex.EncodeToString([]byte(number)), base64.StdEncoding.EncodeToString([]byte(number)), base64.RawURLEncoding.EncodeToString([]byte("测试" + number)),
			url.QueryEscape(number), number[:6] + "-" + number[6:], number[12:], "id" + number + "x", strings.Map(func(c rune) rune { return c - '0' + 'a' }, number), "测试",
			hex.EncodeToString([]byte("测试" + number))[:20],
		} {
			v.about(s, "01", fmt.Sprintf(`{"code":"01","result":{"name":1,"ok":true,"score":1,"list":[],"none":null,%q:%q}}`, made, made))
			v.about(s, made, usual)
		}
	}
	for _, found := range v.found() {
		if found != "new /result/name number 550" && found != "new /result/? string 300" && !strings.HasPrefix(found, "new /result/? ") && !strings.HasPrefix(found, "new /result/name number") && !strings.HasPrefix(found, "missing /result/list/") {
			t.Errorf("found %q", found)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	v.reply(2*learnReplies, "01", usual)
	for i := range 3000 {
		name := strings.Repeat("x", i%50) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
		v.reply(people, "x"+name, fmt.Sprintf(`{"code":"01","%s":1}`, name))
	}
	r := v.radar
	if len(r.waiting) > maxWaiting || len(r.known) > maxKnown || len(r.classes) > maxClasses || len(r.findings.List("")) > maxKnown {
		t.Errorf("%d waiting, %d known, %d classes, %d findings", len(r.waiting), len(r.known), len(r.classes), len(r.findings.List("")))
	}
	r.second, r.read = time.Now(), 0
	before := r.replies
	for range 10 * perSecond {
		d := toy{}.Describe()
		r.look(&d, person(1), providers.Reply{Status: 200, Body: []byte(usual)}, idv.Answer{Verdict: idv.Match, VendorCode: "01"}, nil, r.second)
	}
	if n := r.replies - before; n != perSecond {
		t.Errorf("%d replies of one second were read, want %d", n, perSecond)
	}
}

// FuzzShape: no reply makes the reader panic, or return a name that is not one.
func FuzzShape(f *testing.F) {
	for _, seed := range []string{usual, `<?xml version="1.0"?><a b="1"><c/></a>`, `{"a":[[[]]]}`, `{"1101011990030712345":1}`, `{"a":1,"a":2}`, "{", `{"a"`, `<?xml `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		members, err := shape(body, person(1))
		if err != nil && !errors.Is(err, errShape) {
			t.Errorf("the error may hold a part of the reply: %v", err)
		}
		if len(members) > maxMembers {
			t.Errorf("%d members", len(members))
		}
		for _, m := range members {
			for _, name := range strings.Split(m.path[1:], "/") {
				name = strings.TrimPrefix(name, "@")
				digits := strings.Count(strings.NewReplacer("1", "0", "2", "0", "3", "0", "4", "0", "5", "0", "6", "0", "7", "0", "8", "0", "9", "0").Replace(name), "0")
				if len(name) > maxName || digits > maxDigits || name == "" {
					t.Errorf("the name %q", name)
				}
			}
		}
	})
}

func BenchmarkLook(b *testing.B) {
	d, answer := toy{}.Describe(), idv.Answer{Verdict: idv.Match, VendorCode: "01"}
	reply := providers.Reply{Status: 200, Body: []byte(usual)}
	for name, fresh := range map[string]bool{"read": true, "left out": false} {
		b.Run(name, func(b *testing.B) {
			r := New("p")
			s, now := person(1), time.Now()
			b.ReportAllocs()
			for b.Loop() {
				if fresh {
					r.read = 0
				}
				r.look(&d, s, reply, answer, nil, now)
			}
		})
	}
}

package idv_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"github.com/heyan-id/heyan/engine/idv"
)

const canary = "张三canary"

// holder holds a Sensitive where fmt cannot call its methods.
type holder struct {
	Open   idv.Sensitive
	hidden idv.Sensitive
}

func TestSensitiveMasksItself(t *testing.T) {
	t.Parallel()
	s := idv.NewSensitive(canary)
	h := holder{s, s}
	var forms []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%10s", "%-5v", "%c", "%U"} {
		forms = append(forms, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, h), fmt.Sprintf(verb, []holder{h}),
			fmt.Sprintf(verb, map[string]holder{"a": h}), fmt.Sprintf(verb, struct{ p *holder }{&h}))
	}
	forms = append(forms, fmt.Sprint(s), fmt.Sprintln(h), fmt.Errorf("at %v: %w", s, fmt.Errorf("%+v", h)).Error())
	add := func(b []byte, err error) {
		if err != nil {
			t.Errorf("marshalling: %v", err)
		}
		forms = append(forms, string(b))
	}
	add(json.Marshal(h))
	add(json.Marshal(map[string]any{"a": s, "b": &s}))
	add(xml.Marshal(s))
	add(s.MarshalText())
	var log, gobbed, rendered bytes.Buffer
	for _, l := range []*slog.Logger{slog.New(slog.NewJSONHandler(&log, nil)), slog.New(slog.NewTextHandler(&log, nil))} {
		l.Info("x", "a", s, "b", h, "c", []idv.Sensitive{s}, slog.Group("g", "d", s))
	}
	if err := gob.NewEncoder(&gobbed).Encode(h); err != nil {
		t.Errorf("gob: %v", err)
	}
	if err := template.Must(template.New("").Parse("{{.}} {{printf `%v` .}}")).Execute(&rendered, s); err != nil {
		t.Errorf("template: %v", err)
	}
	forms = append(forms, log.String(), gobbed.String(), rendered.String())
	for _, form := range forms {
		for _, leak := range []string{"canary", "张三", fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
			if strings.Contains(form, leak) {
				t.Errorf("the value stands in %q", form)
			}
		}
	}
	if got := fmt.Sprint(s, idv.Sensitive{}); got != "*** " {
		t.Errorf("got %q, want stars for a value and nothing for none", got)
	}
}

func TestSensitiveTakesJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, want string
		ok       bool
	}{
		{`"张三"`, "张三", true},
		{`"\u5f20\u4e09"`, "张三", true},
		{`"张\"三"`, "张\"三", true},
		{"\"张\xff\"", "张\ufffd", true},
		{`""`, "", true},
		{`null`, "", true},
		{`123`, "", false},
		{`["张三"]`, "", false},
		{`{"张三":1}`, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			var s idv.Sensitive
			err := json.Unmarshal([]byte(tt.in), &s)
			if (err == nil) != tt.ok || s.Reveal() != tt.want {
				t.Errorf("got %q, %v", s.Reveal(), err)
			}
			if err != nil && strings.Contains(err.Error(), "张三") {
				t.Errorf("the refusal repeats the input: %v", err)
			}
		})
	}
}

func TestMasks(t *testing.T) {
	t.Parallel()
	tests := []struct{ value, name, number string }{
		{"", "", ""},
		{"张", "*", "*"},
		{"张三", "张*", "**"},
		{"阿里木·买买提", "阿******", "*******"},
		{"11010519491231002X", "1*****************", "1*****************"},
		{"19900000000", "1**********", "1**********"},
		{"A123456", "A******", "*******"},
		{"A1234567", "A*******", "A*******"},
		{"\x1b[2J11010519491231002X", strings.Repeat("*", 22), strings.Repeat("*", 22)},
		{"\u202e11010519491231002X", strings.Repeat("*", 19), strings.Repeat("*", 19)},
		{"\xff1010519491231002X", strings.Repeat("*", 18), strings.Repeat("*", 18)},
		{strings.Repeat("9", 60), "9" + strings.Repeat("*", 59), "9" + strings.Repeat("*", 59)},
	}
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			s := idv.NewSensitive(tt.value)
			if got := s.MaskName(); got != tt.name {
				t.Errorf("as a name %q, want %q", got, tt.name)
			}
			if got := s.MaskNumber(); got != tt.number {
				t.Errorf("as a number %q, want %q", got, tt.number)
			}
		})
	}
}

func TestFitsMask(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value, echo string
		want        bool
	}{
		{"510101199001011111", "51*****1111", true},
		{"510101199001011111", "51*****1112", false},
		{"510101199001011111", "52*****1111", false},
		{"11010519491231002X", "11*****002x", true},
		{"张三", "张*", true},
		{"李四", "张*", false},
		{"张三", "*三", true},
		{"张三", "张三", true},
		{"张三", "张", false},
		{"张三", "***", true},
		{"111", "11*11", false}, // head and tail overlap: it is not this one
		{"", "张*", false},
	}
	for _, tt := range tests {
		t.Run(tt.value+" "+tt.echo, func(t *testing.T) {
			if got := idv.NewSensitive(tt.value).FitsMask(tt.echo); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func FuzzFitsMask(f *testing.F) {
	f.Add("张三", "张*")
	f.Add("11010519491231002X", "11*****002X")
	f.Add("\xff\xfe", "*\xff")
	f.Fuzz(func(t *testing.T, value, echo string) {
		s := idv.NewSensitive(value)
		s.FitsMask(echo)
		if value != "" && strings.ToValidUTF8(value, "") == value && !strings.Contains(value, "*") {
			if masked := s.MaskName(); !s.FitsMask(masked) {
				t.Errorf("%q does not fit its own mask %q", value, masked)
			}
			if masked := s.MaskNumber(); !s.FitsMask(masked) {
				t.Errorf("%q does not fit its own mask %q", value, masked)
			}
		}
	})
}

// TestMasksOfEarlierReleases: those of stored results show the last character.
func TestMasksOfEarlierReleases(t *testing.T) {
	t.Parallel()
	old := idv.MaskedSubject{Name: "测*", IDNumber: "1****************X", Mobile: "1**********", BankCard: "6*****************8"}
	want := idv.MaskedSubject{Name: "测*", IDNumber: "1*****************", Mobile: "1**********", BankCard: "6******************"}
	if got := old.HideLast(); got != want || want.HideLast() != want || (idv.MaskedSubject{}) != (idv.MaskedSubject{}).HideLast() {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

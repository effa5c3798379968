package reconcile

import (
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

func reported(t *testing.T) Report {
	t.Helper()
	m := newMonth(scene{seed: 9, span: 1008, unknown: 0.005, paid: 0.5, offset: 40 * time.Second, bills: map[string]bool{"202": true}})
	m.plant(130, map[int]int64{}, func(int) int64 { return 3 })
	m.plant(1, map[int]int64{}, m.lost)
	r := m.match()
	m.vector(t, r)
	return r
}

func TestText(t *testing.T) {
	t.Parallel()
	r := reported(t)
	for lang, want := range map[string][]string{
		"en": {"Reconciliation 2018-03-01 00:00:01", "40 s ahead", "+3  billed, but not called by heyan", "further windows: 31", "code 202: billed (confidence 0.999", "renew the app code", "settle as charged"},
		"zh": {"对账 2018-03-01 00:00:01", "供应商计费", "快 +40 秒", "另有 31 个时间窗", "返回码 202：计费（置信度 0.999", "更换 AppCode", "建议记为已计费"},
	} {
		text := r.Text(lang)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q in\n%s", lang, part, text)
			}
		}
		if strings.Contains(text, "%!") {
			t.Errorf("%s: a verb without a value in\n%s", lang, text)
		}
	}
	if text := (Report{}).Text("en"); !strings.Contains(text, "nothing to compare") {
		t.Errorf("an empty report says %q", text)
	}
}

// TestWordsForAll gives every cause, pattern and doubt its words in both languages.
func TestWordsForAll(t *testing.T) {
	t.Parallel()
	seen := map[idv.Text]bool{}
	check := func(name string, words idv.Text) {
		if words.EN == "" || words.ZH == "" || seen[words] {
			t.Errorf("%s has the words %q", name, words)
		}
		seen[words] = true
	}
	for _, c := range Causes() {
		check(string(c), c.words())
	}
	for _, p := range []Pattern{PatternNone, PatternIsolated, PatternBalanced, PatternRepeated, PatternSteady} {
		check(string(p), p.words())
	}
	for _, d := range []Doubt{DoubtBetween, DoubtEdge, DoubtNoise} {
		check(string(d), d.words())
	}
	for _, c := range []idv.Charge{idv.ChargeUnknown, idv.Charged, idv.NotCharged} {
		check(c.String(), chargeWords(c))
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	r := reported(t)
	var b strings.Builder
	if err := r.CSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, row := range rows[1:] {
		n, err := strconv.ParseInt(row[8], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if want := r.Totals.Billed - r.Totals.Charged; sum != want {
		t.Errorf("the parts add up to %d, want billed - charged = %d", sum, want)
	}
}

func TestNeutral(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"455784350650", "", "202", "a=b", "at-1"} {
		if got := escaped(text); got != text {
			t.Errorf("escaped(%q) = %q, want it as it is", text, got)
		}
	}
	for _, text := range []string{"=1+1", "+1", "-1", "@x", " =1", "\t1", "\r1", "＝1", "－1", "\u3000=1"} {
		want := "'" + idv.Visible(text)
		if got := escaped(text); got != want {
			t.Errorf("escaped(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(reported(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"cause":"foreign_use"`, `"clock_offset_s":40`, `"charge":"charged"`, `"basis":"window"`, `"pattern":`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s", want)
		}
	}
	text, err = json.Marshal(Match(nil, nil, Options{}))
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("an empty report: %s, %v", text, err)
	}
}

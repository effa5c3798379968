package daemon_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// resident returns the number of a fictitious person, whose last character is even or X if
// match, so that the sandbox gives that verdict.
func resident(n int, match bool) string {
	for ; ; n += 1000 {
		text := fmt.Sprintf("1101011990%02d%02d%03d", n/28%12+1, n%28+1, n/336%1000)
		sum := 0
		for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
			sum += int(text[i]-'0') * weight
		}
		last := "10X98765432"[sum%11]
		if strings.ContainsRune("02468X", rune(last)) == match {
			return text + string(last)
		}
	}
}

// TestDriftAndFindings: a vendor that changes its replies, and then answers match for
// everybody, is told, without a word about a person.
func TestDriftAndFindings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.db")
	h := start(t, durable(path), "idcert-a")
	var said []string
	asked := map[string]bool{}
	ask := func(from, to int, match func(int) bool) {
		for n := from; n < to; n++ {
			number := resident(n, match(n))
			asked[number] = true
			h.verify("张三", number)
		}
	}
	mixed := func(n int) bool { return n%5 != 0 }
	ask(0, 300, mixed)
	h.set("idcert-a", "extra_fields")
	ask(300, 320, mixed)
	h.set("idcert-a", "normal")
	ask(320, 1400, mixed)
	if lines := h.lines("alert"); len(lines) != 0 {
		t.Fatalf("a false alarm: %q", lines)
	}
	ask(1400, 1800, func(int) bool { return true })
	h.wait(func() bool { return len(h.lines("alert")) > 0 })
	h.expect("alert", "WARN", `"kind":"drift"`, `"provider":"idcert-a"`, `"change":"always_match"`, `"tenant":"default"`)
	_, metrics := h.call("GET", "http://"+h.at.AdminListen+"/metrics", "")
	for _, want := range []string{`heyan_provider_drift{provider="idcert-a"} 1`, `heyan_provider_drift{provider="idcert-b"} 0`, `heyan_drift_dropped_total 0`,
		`heyan_alerts_total{kind="drift",provider="idcert-a"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	_, score := h.call("GET", "http://"+h.at.Listen+"/v1/providers/idcert-a/score", "")
	if !strings.Contains(score, `"calls":1800,"availability":1,"served":1800,`) || !strings.Contains(score, `"change":"always_match"`) {
		t.Errorf("the score is %s", score)
	}
	h.end() // what was found is stored at the end too
	again := start(t, durable(path), "idcert-a")
	_, findings := again.call("GET", "http://"+again.at.Listen+"/v1/providers/idcert-a/findings", "")
	if strings.Count(findings, `"kind":"new"`) == 0 || strings.Contains(findings, "missing") {
		t.Errorf("the findings are %s", findings)
	}
	said = append(said, metrics, score, findings, strings.Join(h.lines("alert"), "\n"))
	for _, text := range said {
		h.silent(text)
		for number := range asked {
			if slices.ContainsFunc([]string{number, number[6:14] + number[14:17], fmt.Sprintf("%x", number)}, func(form string) bool { return strings.Contains(text, form) }) {
				t.Fatalf("%s was said in %.300s", number, text)
			}
		}
	}
}

package webhook

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
)

// What each format sends, as a server gets it: the message beside its golden file,
// and the proof beside a signature made by hand.
func TestFormats(t *testing.T) {
	answers := map[Format]string{
		Generic: "", DingTalk: `{"errcode":0,"errmsg":"ok"}`, WeCom: `{"errcode":0,"errmsg":"ok"}`,
		Feishu: `{"code":0,"msg":"success","data":{},"Extra":null,"StatusCode":0,"StatusMessage":"success"}`,
	}
	for _, p := range places() {
		t.Run(string(p.format), func(t *testing.T) {
			server, got := robot(t, 200, answers[p.format])
			if err := open(t, p.at(server.URL)).Send(t.Context(), low()); err != nil {
				t.Fatal(err)
			}
			all := got()
			if len(all) != 1 {
				t.Fatalf("%d requests, want 1", len(all))
			}
			r := all[0]
			path, query, _ := strings.Cut(p.path, "?")
			if r.Method != http.MethodPost || r.URL.Path != path || !strings.HasPrefix(r.URL.RawQuery, query) {
				t.Errorf("got %s %s, want POST %s", r.Method, r.URL, p.path)
			}
			if want := "application/json; charset=utf-8"; r.Header.Get("Content-Type") != want {
				t.Errorf("content type %q, want %q", r.Header.Get("Content-Type"), want)
			}
			golden(t, string(p.format), proven(t, p, r))
		})
	}
}

// golden compares a message with its file.
func golden(t *testing.T, name, body string) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, []byte(body), "", "  "); err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	got.WriteByte('\n')
	want, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Without a secret nothing is signed.
func TestUnsigned(t *testing.T) {
	for _, p := range places() {
		t.Run(string(p.format), func(t *testing.T) {
			p.secret = ""
			server, got := robot(t, 200, `{"errcode":0,"code":0}`)
			if err := open(t, p.at(server.URL)).Send(t.Context(), low()); err != nil {
				t.Fatal(err)
			}
			r := got()[0]
			if r.URL.Query().Has("sign") || strings.Contains(r.body, `"sign"`) || r.Header.Get("Webhook-Signature") != "" {
				t.Error("signed, want not")
			}
		})
	}
}

// The longest message fits the least of the robots' limits: WeCom's 4096 bytes.
func TestLength(t *testing.T) {
	name := strings.Repeat("n", 40) // the longest that the configuration takes
	most := int64(1e15)
	balances := []alert.Balance{
		{Provider: name, Bought: most, Available: most / 5, UsedLastWeek: 1},
		{Provider: name, Bought: most, Available: most, Closed: idv.SkipCredentials},
		{Provider: name, Bought: most, Available: most, Closed: idv.SkipQuotaExhausted},
		{Provider: name, Lots: 1},
	}
	for _, b := range balances {
		alerts, _ := alert.DefaultLevels().Check(nil, noon(), []alert.Balance{b})
		if len(alerts) != 1 {
			t.Fatalf("%d alerts, want 1", len(alerts))
		}
		if n := len(markdown(alerts[0])); n > 4096 {
			t.Errorf("%s: %d bytes, want at most 4096", alerts[0].Kind, n)
		}
	}
}

package plugins

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/heyan-id/heyan/engine/idv"
)

// written sends what a plugin wrote through a relay that forwards all lines and returns
// the host's log.
func written(t *testing.T, text string, asked ...idv.Subject) string {
	t.Helper()
	return relayed(t, Spec{LogRaw: true}, text, asked...)
}

func relayed(t *testing.T, s Spec, text string, asked ...idv.Subject) string {
	t.Helper()
	var log bytes.Buffer
	r := newLogRelay(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), "toy")
	r.configure(s)
	for _, s := range asked {
		defer r.leave(r.enter(s))
	}
	w := r.writer()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return log.String()
}

func TestRelay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
		not        []string
	}{
		{"slog", `{"time":"x","level":"WARN","msg":"slow","ms":1500,"plugin":"other"}` + "\n", []string{"level=WARN", "msg=slow", "ms=1500", "plugin=toy"}, []string{"other"}},
		{"hclog", `{"@level":"error","@message":"broken","@timestamp":"x"}` + "\n", []string{"level=ERROR", "msg=broken"}, nil},
		{"members of another type", `{"@level":1,"@message":2,"level":{},"msg":[3]}` + "\n", []string{"plugin=toy"}, nil},
		{"plain", "just so\n", []string{"just so", "level=INFO"}, nil},
		{"no end of line", "just so", []string{"just so"}, nil},
		{"a panic", "panic: oh\n", []string{"level=ERROR", "oh"}, nil},
		{"a name", "asked for 测试 again\n", []string{"asked for *** again"}, []string{"测"}},
		{"a number", "no 11010120990101005X here\n", []string{"no *** here"}, []string{"110101", "2099", "X"}},
		{"a number in JSON", `{"msg":"m","n":110101209901010051}` + "\n", nil, []string{"110101", "0101005"}},
		{"an escaped name", `GET /?name=%E6%B5%8B%E8%AF%95 \u6d4b` + "\n", []string{"name=***"}, []string{"E6", "6d4b"}},
		{"a name in JSON", `{"msg":"\u6d4b\u8bd5"}` + "\n", []string{"msg=***"}, nil},
		{"GBK", "\xb2\xe2\xca\xd4\n", []string{"***"}, nil},
		{"a status", "status 9999 on port 65535\n", []string{"status 9999 on port 65535"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := written(t, tt.text)
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("the log lacks %q:\n%s", w, got)
				}
			}
			for _, w := range tt.not {
				if strings.Contains(got, w) {
					t.Errorf("the log has %q:\n%s", w, got)
				}
			}
		})
	}
}

// What is not on the allowlist does not reach the log, in whatever form it is written.
func TestAllowlist(t *testing.T) {
	t.Parallel()
	s := Spec{LogMessages: []string{"a call failed"}}
	const name, number = "测试", "11010120990101005X"
	tests := []struct {
		name, text string
		want       string // without the plugin's name; "" for none
	}{
		{"an allowed message", `{"level":"warn","msg":"a call failed","method":"Decode","kind":"index out of range","attempt":2,"status":502,"ms":1534}`,
			`level=WARN msg="a call failed" attempt=2 kind="index out of range" method=Decode ms=1500 status=502`},
		{"hclog", `{"@level":"error","@message":"a call failed","@timestamp":"x"}`, `level=ERROR msg="a call failed"`},
		{"another message", `{"msg":"a call failed for ` + number + `"}`, ""},
		{"text", "a call failed", ""},
		{"bytes", fmt.Sprintf("%d", []byte(name+number)), ""},
		{"base64", base64.StdEncoding.EncodeToString([]byte(name + number)), ""},
		{"hex", hex.EncodeToString([]byte(name + number)), ""},
		{"groups of digits", "1101 0120 9901 0100 5X", ""},
		{"attributes", `{"msg":"a call failed","n":"1101","ms":11010120990101,"attempt":11,"status":110,"kind":"测试","method":"0120","测试":1}`, `level=INFO msg="a call failed"`},
		{"a level", `{"msg":"a call failed","level":"ERROR+1101"}`, `level=INFO msg="a call failed"`},
		{"values of another type", `{"msg":["a call failed"],"level":{},"ms":"7"}`, ""},
		{"a panic of the runtime", "panic: runtime error: index out of range [110101] with length 20990101", `level=ERROR msg="plugin crashed" kind="index out of range"`},
		{"a panic with a value", "panic: " + name + number, `level=ERROR msg="plugin crashed" kind=other`},
		{"a stack", "main.decode(0x110101, 0x20990101)", ""},
		{"a recovered panic", `{"level":"ERROR","msg":"adapter panicked","method":"Encode","kind":"other","type":"测试","stack":"110101"}`, `level=ERROR msg="adapter panicked" kind=other method=Encode`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := relayed(t, s, tt.text+"\n")
			want := "level=WARN msg=\"plugin log lines or attributes withheld; they are counted\""
			if tt.want != "" {
				want = tt.want
			}
			if !strings.Contains(strings.ReplaceAll(got, " plugin=toy", ""), want+"\n") {
				t.Errorf("the log is %q, want %q", got, want)
			}
			for _, part := range []string{"1101", "0101", "2099", name, "[230", base64.StdEncoding.EncodeToString([]byte(name)), hex.EncodeToString([]byte(name))} {
				if strings.Contains(withoutTime(got), part) {
					t.Errorf("the log has %q: %q", part, got)
				}
			}
		})
	}
}

// withoutTime removes the times of a text log.
func withoutTime(log string) string { return regexp.MustCompile(`time=\S+`).ReplaceAllString(log, "") }

func TestWithheldLinesAreCounted(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	r := newLogRelay(slog.New(slog.NewTextHandler(&log, nil)), "toy")
	for range 1000 {
		r.line("测试")
	}
	r.line(`{"msg":"adapter panicked","stack":"测试"}`)
	if got := r.withheld.Load(); got != 1001 || strings.Count(log.String(), "withheld") != 1 || strings.Count(log.String(), "\n") != 2 {
		t.Errorf("%d withheld, and the log is %q; want 1001 and one warning", got, log.String())
	}
}

// FuzzAllowlist: whatever a plugin writes, the log holds nothing but known words.
func FuzzAllowlist(f *testing.F) {
	f.Add(`{"msg":"a call failed","ms":110101,"level":"warn"}`)
	f.Add("panic: 11010120990101005X")
	known := regexp.MustCompile(`^(level=(DEBUG|INFO|WARN|ERROR) msg=("[a-z ;]+") plugin=toy( (kind|method)=("[a-z ]+"|[A-Za-z]+)| attempt=\d| status=\d{3}| ms=\d{1,2}0{0,4})*\n)*$`)
	f.Fuzz(func(t *testing.T, text string) {
		got := strings.ReplaceAll(withoutTime(relayed(t, Spec{LogMessages: []string{"a call failed"}}, text)), " level", "level")
		if !known.MatchString(got) {
			t.Errorf("the log is %q", got)
		}
	})
}

// A name in Latin letters is a word like others: only who is asked about tells.
func TestRelayKnowsWhoIsAsked(t *testing.T) {
	t.Parallel()
	s := idv.Subject{Name: idv.NewSensitive("MUSTERMANN")}
	if got := written(t, "asking for MUSTERMANN\n", s); strings.Contains(got, "MUSTER") || !strings.Contains(got, "withheld") {
		t.Errorf("the log is %s", got)
	}
}

func TestRelayIsBounded(t *testing.T) {
	got := written(t, strings.Repeat("long", 1<<20)+"\nnext\n")
	if len(got) > 2*maxShown || !strings.Contains(got, "next") {
		t.Errorf("%d bytes from one long line", len(got))
	}
	synctest.Test(t, func(t *testing.T) {
		got := written(t, strings.Repeat("many\n", 10*linesAtOnce))
		if n := strings.Count(got, "\n"); n != linesAtOnce {
			t.Errorf("%d lines of %d, want %d", n, 10*linesAtOnce, linesAtOnce)
		}
	})
}

// FuzzRelay: whatever a plugin writes, the host lives and no number is shown.
func FuzzRelay(f *testing.F) {
	f.Add(`{"msg":"m"}`)
	f.Add(`{"@message":1,"@level":[]}`)
	f.Add("panic: 11010120990101005X\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := written(t, text+"\n11010120990101005X 测试\n")
		if strings.Contains(got, "11010120990101005X") || strings.Contains(got, "测试") {
			t.Errorf("a claim is shown: %s", got)
		}
	})
}

package plugins

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/heyan-id/heyan/engine/idv"
)

// written sends what a plugin wrote through a relay and returns the host's log.
func written(t *testing.T, text string, asked ...idv.Subject) string {
	t.Helper()
	var log bytes.Buffer
	r := newLogRelay(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), "toy")
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

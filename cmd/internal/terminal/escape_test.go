package terminal

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

func TestEscaper(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"text", "核验 done\n\ta · b\n", "核验 done\n\ta · b\n"},
		{"color", "\x1b[31mred", `\u001b[31mred`},
		{"window title", "\x1b]0;x\x07", `\u001b]0;x\u0007`},
		{"C1", "\u009b31m", `\u009b31m`},
		{"C1 as a byte", "\x9b31m", `\ufffd31m`},
		{"carriage return", "real\rfake", `real\u000dfake`},
		{"backspace", "a\b", `a\u0008`},
		{"delete", "a\x7f", `a\u007f`},
		{"direction", "a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"invisible", "a\u200bb\u00adc", `a\u200bb\u00adc`},
		{"line separators", "a\u2028b\u2029c\u0085d", `a\u2028b\u2029c\u0085d`},
		{"tag, outside of 16 bits", "a\U000e0041", `a\udb40\udc41`},
		{"mark in the middle", "a\ufeff", `a\ufeff`},
		{"mark at the beginning", "\ufeffa", "\ufeffa"},
		{"NUL", "a\x00", `a\u0000`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if n, err := Escape(&out).Write([]byte(tt.text)); n != len(tt.text) || err != nil || out.String() != tt.want {
				t.Errorf("got %q, %d, %v; want %q", out.String(), n, err, tt.want)
			}
			out.Reset()
			byBytes := Escape(&out)
			for i := range len(tt.text) {
				if _, err := byBytes.Write([]byte{tt.text[i]}); err != nil {
					t.Fatal(err)
				}
			}
			if tt.name != "mark at the beginning" && out.String() != tt.want {
				t.Errorf("byte by byte %q, want %q", out.String(), tt.want)
			}
		})
	}
}

// FuzzEscaper: nothing that controls a terminal is left, JSON keeps its meaning, and text
// without control characters its bytes.
func FuzzEscaper(f *testing.F) {
	f.Add("a\x1b[31m", 1)
	f.Add("核验\u202e", 2)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		var out bytes.Buffer
		e := Escape(&out)
		if cut = max(0, min(cut, len(text))); cut > 0 {
			_, _ = e.Write([]byte(text[:cut]))
		}
		_, _ = e.Write([]byte(text[cut:] + "\n"))
		shown := strings.TrimPrefix(out.String(), "\ufeff")
		if strings.ContainsFunc(shown, mustEscape) {
			t.Fatalf("%q became %q", text, shown)
		}
		if !utf8.ValidString(text) {
			return
		}
		if !strings.ContainsFunc(text, idv.IsControl) && shown != text+"\n" {
			t.Fatalf("%q became %q", text, shown)
		}
		out.Reset()
		NewPrinter(&out).JSON(text)
		var back string
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != text {
			t.Fatalf("JSON of %q: %q, %v", text, back, err)
		}
	})
}

// TestDocumentsKeepTheirBytes: what may be signed is not changed in a file or a pipe.
func TestDocumentsKeepTheirBytes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := NewPrinter(&out)
	if _, err := p.Write([]byte("a\u200bb\r\n")); err != nil || out.String() != "a\u200bb\r\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
	p.Table([][]string{{"head"}, {"two\nlines\x1b[1m"}})
	if want := "head\n" + `two\u000alines\u001b[1m` + "\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// TestEscaperIsShared: loggers write from several goroutines.
func TestEscaperIsShared(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	e := Escape(&out)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				_, _ = e.Write([]byte("核验\x1b\n"))
			}
		})
	}
	group.Wait()
	if want := strings.Repeat("核验\\u001b\n", 400); out.String() != want {
		t.Errorf("%d bytes, want %d", out.Len(), len(want))
	}
}

// A log counts the lines that the stream did not accept, so what is written must be told
// exactly.
func TestEscaperTellsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want int
	}{{"12345\n", 3}, {"1\x1b2345\n", 0}} {
		if n, err := Escape(&narrow{3}).Write([]byte(tt.text)); n != tt.want || err == nil {
			t.Errorf("Write(%q) = %d, %v, want %d and an error", tt.text, n, err, tt.want)
		}
	}
}

// narrow accepts so many bytes.
type narrow struct{ left int }

func (w *narrow) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return w.left, io.ErrShortWrite
	}
	w.left -= len(p)
	return len(p), nil
}

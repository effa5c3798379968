package terminal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWidth(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       int
	}{
		{"nothing", "", 0}, {"letters", "idcert-a", 8}, {"characters", "张三", 4}, {"mixed", "张*", 3},
		{"full-width forms", "１２Ｘ", 6}, {"check mark", "✓", 1}, {"middle dot", "·", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Width(test.text); got != test.want {
				t.Errorf("Width(%q) = %d, want %d", test.text, got, test.want)
			}
			if got := Width(Pad(test.text, 10)); got != 10 {
				t.Errorf("padded to %d columns, want 10", got)
			}
		})
	}
	if got := Pad("wider", 2); got != "wider" {
		t.Errorf("Pad cut a text to %q", got)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := NewPrinter(&out)
	p.Table([][]string{{"name", "empty", "verdict"}, {"张三", "", "match"}, {"a longer one", "", "x"}})
	want := "name          verdict\n张三          match\na longer one  x\n"
	if out.String() != want || p.Err() != nil {
		t.Errorf("got\n%s(%v), want\n%s", out.String(), p.Err(), want)
	}
	out.Reset()
	if p.Table(nil); out.Len() != 0 {
		t.Errorf("a table without rows printed %q", out.String())
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := NewPrinter(&out)
	p.JSON(map[string]string{"text": "a<b & 张*"})
	if want := `{"text":"a<b & 张*"}` + "\n"; out.String() != want {
		t.Errorf("got %s, want %s", out.String(), want)
	}
	if p.JSON(make(chan int)); p.Err() == nil {
		t.Error("a value that has no JSON left no error")
	}
}

type full struct{ calls int }

var errFull = errors.New("no space")

func (f *full) Write([]byte) (int, error) {
	f.calls++
	return 0, errFull
}

func TestPrinterKeepsTheFirstError(t *testing.T) {
	t.Parallel()
	var disk full
	p := NewPrinter(&disk)
	p.Linef("one")
	p.JSON(2)
	if !errors.Is(p.Err(), errFull) || disk.calls != 1 {
		t.Errorf("error %v after %d writes, want the first and no write after it", p.Err(), disk.calls)
	}
}

func TestProgressNeedsATerminal(t *testing.T) {
	t.Parallel()
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if NewProgress(file, false) != nil || NewProgress(&bytes.Buffer{}, false) != nil {
		t.Error("a progress line on what is no terminal")
	}
	var none *Progress
	none.Showf("%d", 1) // must not panic
	none.Clear()
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &Progress{w: &out, next: time.Now().Add(time.Hour)}
	if p.Showf("too early"); out.Len() != 0 {
		t.Errorf("a progress line at once: %q", out.String())
	}
	p.next = time.Time{}
	p.Showf("%d numbers", 12345)
	p.next = time.Time{}
	p.Showf("done")
	p.Clear()
	screen := out.String()
	if !strings.HasPrefix(screen, "\r12345 numbers\rdone         \r") || !strings.HasSuffix(screen, "\r") {
		t.Errorf("a line was not wiped by the next: %q", screen)
	}
}

// TestNotATerminal: the null device, files and pipes are not terminals. The scripts of
// cmd/heyan test a terminal.
func TestNotATerminal(t *testing.T) {
	t.Parallel()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = null.Close() }()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), w.Close() }()
	for name, stream := range map[string]any{
		"null device": null, "file": file, "pipe to read": r, "pipe to write": w, "no file": new(bytes.Buffer), "nothing": nil,
	} {
		if IsTerminal(stream) {
			t.Errorf("%s is taken for a terminal", name)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/engine/idv"
)

// once runs heyan to its end.
func once(t *testing.T, environ []string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	code = run(ctx, args, strings.NewReader(stdin), &out, &errs, environ)
	return code, out.String(), errs.String()
}

// TestFlagsNameTheirValue: pflag takes what stands between backquotes for the name of
// the value, also where a whole command was meant to be quoted.
func TestFlagsNameTheirValue(t *testing.T) {
	word := regexp.MustCompile(`^[a-zA-Z]*$`)
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, set := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
			set.VisitAll(func(f *pflag.Flag) {
				if value, _ := pflag.UnquoteUsage(f); !word.MatchString(value) {
					t.Errorf("%s --%s %s: put the name of the value between backquotes, or nothing", c.CommandPath(), f.Name, value)
				}
			})
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&tool{}).root())
	code, help, _ := once(t, nil, "", "config", "check", "--help")
	if code != exitDone || !strings.Contains(help, "--config FILE   the configuration FILE; heyan config example prints one") {
		t.Errorf("code %d, help:\n%s", code, help)
	}
}

func TestVerdictCode(t *testing.T) {
	want := map[idv.Verdict]int{
		idv.Match: 0, idv.Mismatch: 1, idv.NoRecord: 2, idv.MismatchOrNoRecord: 2, idv.Undetermined: 3, idv.Verdict(99): 3,
	}
	for verdict, code := range want {
		if got := verdictCode(verdict); got != code {
			t.Errorf("%v: %d, want %d", verdict, got, code)
		}
	}
}

// panicking stands for a fault of heyan's own that holds a claim.
type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("11010519491231002X") }

// TestPanicIsNoVerdict: the runtime's own exit code would be 2, which is no_record.
func TestPanicIsNoVerdict(t *testing.T) {
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"check"}, panicking{}, &out, &errs, nil)
	if code != exitInternal || strings.Contains(errs.String(), "1101") || !strings.Contains(errs.String(), "a fault of heyan's own") {
		t.Errorf("code %d, stderr %q", code, errs.String())
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestLostOutputIsNoSuccess: a caller that reads the code must not take a result
// for written that was not.
func TestLostOutputIsNoSuccess(t *testing.T) {
	for _, args := range [][]string{
		{"version"}, {"config", "schema"}, {"provider", "list"}, {"check", "11010519491231002X"}, {"check"}, {"sandbox", "--json"},
	} {
		var errs bytes.Buffer
		code := run(t.Context(), args, strings.NewReader("11010519491231002X\n"), fullDisk{}, &errs, nil)
		if code != exitInternal || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("%v: code %d, stderr %q", args, code, errs.String())
		}
	}
}

// TestCheckStreams checks more numbers than any buffer holds, one by one.
func TestCheckStreams(t *testing.T) {
	const n = 100_000
	var in strings.Builder
	for i := range n {
		_, _ = fmt.Fprintf(&in, "1101051949123100%02d\n", i%100)
	}
	out := &counter{}
	var errs bytes.Buffer
	if code := run(t.Context(), []string{"check", "--json"}, strings.NewReader(in.String()), out, &errs, nil); code != exitFound || errs.Len() > 0 {
		t.Errorf("code %d, stderr %q", code, errs.String())
	}
	if out.lines != n {
		t.Errorf("%d lines, want %d", out.lines, n)
	}
}

type counter struct{ lines int }

func (c *counter) Write(b []byte) (int, error) {
	c.lines += bytes.Count(b, []byte("\n"))
	return len(b), nil
}

// TestCheckAnswersEachLine: whoever feeds numbers one by one gets each answer before
// the next number.
func TestCheckAnswersEachLine(t *testing.T) {
	in, feed := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(t.Context(), []string{"check", "--json"}, in, out, io.Discard, nil)
		_ = out.Close()
	}()
	read := json.NewDecoder(answers)
	for range 3 {
		_, _ = io.WriteString(feed, "11010519491231002X\n")
		var answer struct{ Valid bool }
		if err := read.Decode(&answer); err != nil || !answer.Valid {
			t.Fatal(answer, err)
		}
	}
	_ = feed.Close()
	if code := <-done; code != exitDone {
		t.Errorf("code %d", code)
	}
}

func TestCheckBoundsALine(t *testing.T) {
	long := strings.Repeat("1", 300_000) + "\n11010519491231002X"
	code, stdout, _ := once(t, nil, long, "check", "--json")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != exitFound || len(lines) != 2 || !strings.Contains(lines[0], `"reason":"length"`) || !strings.Contains(lines[1], `"valid":true`) {
		t.Errorf("code %d, stdout %.300q", code, stdout)
	}
}

// TestCheckPrintsNoNumber feeds the numbers that identity is tested with, and looks
// for them in what is printed.
func TestCheckPrintsNoNumber(t *testing.T) {
	file, err := os.Open(filepath.Join("..", "..", "engine", "identity", "testdata", "identity.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 50 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		number := row[0]
		for _, args := range [][]string{{"check"}, {"check", "--json"}} {
			_, stdout, stderr := once(t, nil, number+"\n", args...)
			if len(number) > 3 && strings.Contains(stdout+stderr, number) {
				t.Errorf("%v printed the number", args)
			}
		}
	}
}

func FuzzSubject(f *testing.F) {
	for _, seed := range []string{
		`{"name":"张三","id_number":"11010519491231002X"}`, `{"name":"张三","name":"李四"}`, `{"Name":"x"}`, `{"name":1}`, `[]`, `{}`,
		"\ufeff{}", `{"name":null}`, `{"name":"\ud800"}`, `{"name":"a"}{"name":"b"}`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := decodeSubject(text)
		if err == nil {
			return
		}
		if s != (idv.Subject{}) {
			t.Error("a subject beside an error")
		}
		_, same := decodeSubject([]byte("x"))
		if err.Error() != same.Error() {
			t.Errorf("the error depends on the input: %v", err)
		}
	})
}

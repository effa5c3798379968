package main

import (
	"bytes"
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
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// once runs a command and returns its exit code and output.
func once(t *testing.T, environ []string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &errs, environ)
	return code, out.String(), errs.String()
}

// TestFlagsNameTheirValue: pflag uses the text between backquotes as the name of the value,
// also where a command was meant to be quoted.
func TestFlagsNameTheirValue(t *testing.T) {
	t.Parallel()
	word := regexp.MustCompile(`^[a-zA-Z]*$`)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, set := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
			set.VisitAll(func(f *pflag.Flag) {
				if value, _ := pflag.UnquoteUsage(f); !word.MatchString(value) {
					t.Errorf("%s --%s %s: put the name of the value between backquotes, or nothing", cmd.CommandPath(), f.Name, value)
				}
			})
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk((&cli{}).root())
	code, help, _ := once(t, nil, "", "config", "check", "--help")
	if code != exitDone || !strings.Contains(help, "--config FILE   the configuration FILE; heyan config example prints a starting point") {
		t.Errorf("code %d, help:\n%s", code, help)
	}
}

func TestVerdictCode(t *testing.T) {
	t.Parallel()
	want := map[idv.Verdict]int{
		idv.Match: 0, idv.Mismatch: 1, idv.NoRecord: 2, idv.MismatchOrNoRecord: 2, idv.Undetermined: 3, idv.Verdict(99): 3,
	}
	for verdict, code := range want {
		if got := verdictCode(verdict); got != code {
			t.Errorf("%v: %d, want %d", verdict, got, code)
		}
	}
}

// panicking panics with a claim.
type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("11010519491231002X") }

// TestPanicIsNoVerdict: the runtime's own exit code would be 2, which is no_record.
func TestPanicIsNoVerdict(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"check"}, panicking{}, &out, &errs, nil)
	if code != exitInternal || strings.Contains(errs.String(), "1101") || !strings.Contains(errs.String(), "internal error") {
		t.Errorf("code %d, stderr %q", code, errs.String())
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestLostOutputIsNoSuccess: the exit code must not report success for lost output.
func TestLostOutputIsNoSuccess(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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

// TestCheckAnswersEachLine: each answer is printed before the next number is read.
func TestCheckAnswersEachLine(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	long := strings.Repeat("1", 300_000) + "\n11010519491231002X"
	code, stdout, _ := once(t, nil, long, "check", "--json")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != exitFound || len(lines) != 2 || !strings.Contains(lines[0], `"reason":"length"`) || !strings.Contains(lines[1], `"valid":true`) {
		t.Errorf("code %d, stdout %.300q", code, stdout)
	}
}

// TestCheckPrintsNoNumber looks for the test numbers of package identity in the output.
func TestCheckPrintsNoNumber(t *testing.T) {
	t.Parallel()
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

// printing returns a cli that prints into a buffer.
func printing(lang words.Lang) (*cli, *bytes.Buffer) {
	var out bytes.Buffer
	return &cli{out: terminal.NewPrinter(&out), stderr: &out, lang: lang}, &out
}

// TestEveryConsentFaultIsPrinted: the gate in the store returns an *idv.Error, policy a denial;
// both print the same text.
func TestEveryConsentFaultIsPrinted(t *testing.T) {
	t.Parallel()
	for _, fault := range consent.Faults() {
		var gate *idv.Error
		if !errors.As(fault.Unwrap(), &gate) {
			t.Fatal("a fault is no *idv.Error")
		}
		denial := &policy.Denial{Failure: idv.Denied, Field: idv.FieldConsentID, Decision: policy.Deny(policy.Reason{
			Rule: consent.RulePrefix + string(fault), ZH: fault.Help().ZH, EN: fault.Help().EN,
		})}
		for lang, want := range map[words.Lang]string{words.EN: fault.Help().EN, words.ZH: fault.Help().ZH} {
			for name, err := range map[string]error{"gate": gate, "policy": denial, "service": fault} {
				c, _ := printing(lang)
				got := c.refused(err, false)
				var exit *exitError
				if !errors.As(got, &exit) || exit.code != exitRefused || !strings.Contains(exit.Error(), want) || !strings.Contains(exit.Error(), "consent."+string(fault)) {
					t.Errorf("%s: %s: %v", name, fault, got)
				}
			}
		}
	}
}

func TestRefusalCode(t *testing.T) {
	t.Parallel()
	refused := map[idv.Failure]bool{
		idv.InvalidInput: true, idv.Unsupported: true, idv.Denied: true, idv.SubjectLimited: true, idv.Throttled: true, idv.QuotaExhausted: true,
	}
	for _, f := range idv.Failures() {
		want := exitInternal
		if refused[f] {
			want = exitRefused
		}
		if got := refusalCode(f); got != want {
			t.Errorf("%v: %d, want %d", f, got, want)
		}
	}
}

func TestConsentRefused(t *testing.T) {
	t.Parallel()
	incomplete := (&consent.Record{}).Validate()
	for _, test := range []struct {
		name string
		err  error
		code int
		want string
	}{
		{"unknown id", fmt.Errorf("store: %w", consent.ErrNotFound), exitUsage, "no such consent"},
		{"text gone", consents.ErrText, exitUsage, "cannot be made again"},
		{"erased", consent.ErrErased, exitRefused, "consent.erased): The personal data, the text and the keys have been erased"},
		{"blanks", strictyaml.Faults{{Path: "branch", Text: "is missing"}, {Path: "counter", Text: "is missing"}}, exitRefused, "branch: is missing\ncounter: is missing"},
		{"a part is missing", incomplete, exitRefused, "the consent lacks id and state"},
		{"the caller's draft", &idv.Error{Failure: idv.InvalidInput, Origin: idv.OriginCaller, Code: "consent_draft", Detail: "say so"}, exitRefused, "say so"},
		{"the store", store.ErrUnwritable, exitInternal, "the store cannot write"},
		{"internal", &idv.Error{Failure: idv.Internal, Detail: "it broke"}, exitInternal, "it broke"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := printing(words.EN)
			got := c.consentRefused(test.err, false)
			var exit *exitError
			if !errors.As(got, &exit) || exit.code != test.code || !strings.Contains(exit.Error(), test.want) {
				t.Errorf("got %v, want code %d and %q", got, test.code, test.want)
			}
		})
	}
}

// TestReusedAnswersSaySo: a cached answer must not look like the answer of a call.
func TestReusedAnswersSaySo(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.Local)
	v := idv.Verification{ID: "ver_2", Verdict: idv.Match, Basis: "contract", Reused: &idv.Reuse{Verification: "ver_1", At: at, Until: at.Add(time.Hour)}}
	for lang, want := range map[words.Lang][]string{
		words.EN: {"reused      no call was made: the answer of ver_1 from " + at.Format(idv.ZonedTime) + " is valid until " + at.Add(time.Hour).Format(idv.ZonedTime), "legal basis contract"},
		words.ZH: {"未发起调用：沿用 ver_1 的结果", "法律依据      合同所必需（contract）"},
	} {
		c, out := printing(lang)
		c.printVerification(v)
		for _, text := range want {
			if !strings.Contains(out.String(), text) {
				t.Errorf("%q is missing:\n%s", text, out)
			}
		}
	}
}

func TestFaultsOf(t *testing.T) {
	t.Parallel()
	own := strictyaml.Faults{{Path: "listen", Text: "is taken"}, {File: "h.yaml", Line: 7, Path: "grace", Text: "is short"}}
	ruled := strictyaml.Faults{{File: "a.yaml", Line: 3, Path: "rules[0].when", Text: "wrong"}}
	noticed := strictyaml.Faults{{File: "b.md", Line: 1, Path: "version", Text: "wrong"}}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"none", nil, ""},
		{"one", own[:1], "listen: is taken"},
		{"two", own, "\nlisten: is taken\nh.yaml:7: grace: is short"},
		{"of files, in joins", errors.Join(fmt.Errorf("policy.rules: %w", ruled), errors.Join(fmt.Errorf("x: %w", noticed), own[:1])),
			"\na.yaml:3: rules[0].when: wrong\nb.md:1: version: wrong\nlisten: is taken"},
		{"of the environment", fmt.Errorf("store: %w", errors.Join(errors.New("a"), errors.New("b"))), "store: a\nb"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := faultLines(test.err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

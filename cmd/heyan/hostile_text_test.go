package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/engine/idv"
)

// controls is what a terminal would act on: a color, the screen cleared by C1, another text
// direction, an invisible character, the line overwritten, a bell.
const controls = "\x1b[31m\u009b2J\u202e\u200b\r\x07\x7f"

// leaves lists the commands without subcommands that do not serve a plugin.
func leaves(cmd *cobra.Command) (list []*cobra.Command) {
	if !cmd.HasSubCommands() && cmd.CommandPath() != "heyan provider serve" {
		return []*cobra.Command{cmd}
	}
	for _, sub := range cmd.Commands() {
		list = append(list, leaves(sub)...)
	}
	return list
}

// runHostile runs heyan and reports what a terminal would act on.
func runHostile(t *testing.T, input string, args ...string) (output string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if slices.Contains([]string{"serve", "sandbox", "demo"}, args[0]) {
		stop() // they end at once instead of serving
	}
	var out, errs bytes.Buffer
	run(ctx, args, strings.NewReader(input), &out, &errs, []string{"LANG=en_US.UTF-8"})
	for stream, text := range map[string]string{"stdout": out.String(), "stderr": errs.String()} {
		if at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && idv.IsControl(r) }); at >= 0 {
			t.Errorf("%s of heyan %q has a control character: %.80q", stream, args, text[max(0, at-30):])
		}
	}
	return out.String() + errs.String()
}

// TestNoControlCharacterIsPrinted runs all commands with every flag and argument set to a
// hostile text, to a missing file and to a file with a hostile name and content.
func TestNoControlCharacterIsPrinted(t *testing.T) {
	t.Chdir(t.TempDir())
	content := "{\"a" + controls + "\": \"" + controls + "\"}\n# " + controls + "\n" + controls + ",流水编号" + controls + "\n"
	file := "f" + controls + ".yaml"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	commands := leaves((&cli{stdin: strings.NewReader("")}).root())
	if len(commands) < 30 {
		t.Fatalf("%d commands", len(commands))
	}
	runs, shown := 0, 0
	try := func(args ...string) {
		runs++
		if strings.Contains(runHostile(t, content, args...), `\u001b`) {
			shown++
		}
	}
	for _, cmd := range commands {
		path := strings.Fields(cmd.CommandPath())[1:]
		for _, value := range []string{controls, file, filepath.Join("missing"+controls, "x")} {
			try(slices.Concat(path, []string{value})...)
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				try(slices.Concat(path, []string{"--" + f.Name + "=" + value})...)
			})
		}
	}
	if runs < 500 || shown == 0 {
		t.Errorf("%d runs, %d of which show an escaped character; the test has lost its subject", runs, shown)
	}
}

// TestHostileFilesArePrintedEscaped has files that are read and shown in part.
func TestHostileFilesArePrintedEscaped(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) string {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	config := write("heyan.yaml", "store: {driver: sqlite, dsn: \"file:x.db\"}\n\"a\\e[31m\\u202e\": 1\nlog: {level: \"\\e[31m\"}\n")
	rules := write("rules.yaml", "rules:\n  - id: r1\n    when: 'app == \"\x1b[31m\u202e\" + 1'\n    then: deny\n")
	raw := write("rules2.yaml", "rules:\n  - id: r1\n    when: \"app == 'a\\e[31m\\u202e\\u009b' + 1\"\n    deny: {zh: \"a\", en: \"\\e[31m\"}\n")
	facts := write("facts.yaml", "app: a\n")
	numbers := write("numbers.txt", "\x1b[31m11010519491231002X\n\u202e11010519491231002X\n\u009b31m\n"+controls+"\n")
	notice := write("notice.txt", "您的授权不可撤销"+controls+"。\n我们将永久保存您的信息\x1b[2J。\n")
	sheet := write("use.csv", "流水编号,处理时间,消耗,备注\n\x1b[31m,"+controls+",x,"+controls+"\n")
	for _, tt := range []struct {
		name string
		args []string
		want string // something that the file is about
	}{
		{"configuration", []string{"config", "check", "--config", config}, "log.level"},
		{"configuration, JSON", []string{"config", "check", "--json", "--config", config}, "log.level"},
		{"rules", []string{"policy", "explain", "--facts", facts, "--rules", rules}, "rules.yaml"},
		{"rules with a fault of CEL", []string{"policy", "explain", "--facts", facts, "--rules", raw}, "rules2.yaml"},
		{"numbers", []string{"check", numbers}, "invalid"},
		{"numbers, details", []string{"check", "--details", numbers}, "invalid"},
		{"numbers, JSON", []string{"check", "--json", numbers}, `"valid":false`},
		{"notice", []string{"consent", "lint", notice}, "irrevocable"},
		{"notice, JSON", []string{"consent", "lint", "--json", notice}, "irrevocable"},
		{"statement", []string{"ledger", "reconcile", "--config", config, "--provider", "p", "--export", sheet}, "流水编号"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := runHostile(t, "", tt.args...); !strings.Contains(got, tt.want) || got == "" {
				t.Errorf("got %q, want something about %s", got, tt.want)
			}
		})
	}
}

// TestOnlyOneWayOut: no command writes to a stream past the escaper.
func TestOnlyOneWayOut(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{".", "../internal/terminal", "../internal/demo", "../internal/logwriter", "../internal/certify"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "main.go" {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, stream := range []string{"os.Stdout", "os.Stderr", "fmt.Print"} {
				if bytes.Contains(source, []byte(stream)) {
					t.Errorf("%s uses %s; print through the printer or notef", name, stream)
				}
			}
		}
	}
}

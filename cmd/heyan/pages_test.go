//go:build unix

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestPages runs every command that the pages show, in the order of the page, and compares
// what it prints. A block of a page runs unless the line before it is a comment for this test:
//
//	<!-- not run: REASON -->          the next block is only shown
//	<!-- file: NAME -->               the next block is the content of a file
//	<!-- setup: COMMAND -->           a command that the reader does not see; $REPO is the checkout,
//	                                  $PAGES the folder of files for this test
//	<!-- paste: REASON -->            the next block is pasted into the shell as a whole; what it
//	                                  starts with & goes on until the end of the page
//
// In the expected output, "…" stands for any text, and on a line of its own for any lines.
// Times and durations may differ. Identifiers, keys and prices of one run replace those of
// the page from where the page first shows them, also in later commands.
func TestPages(t *testing.T) {
	t.Parallel()
	repo, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pagesWithCommands(t, repo) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(repo, name))
			if err != nil {
				t.Fatal(err)
			}
			blocks, err := parsePage(string(text))
			if err != nil {
				t.Fatal(err)
			}
			r := newReader(t, repo)
			for _, b := range blocks {
				r.follow(b)
			}
		})
	}
}

// pagesWithCommands returns the pages that show a command. Those that are printed by
// heyan show none.
func pagesWithCommands(t *testing.T, repo string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(repo, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Glob(filepath.Join(repo, "docs", "examples", "*", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	list = append(append(list, examples...), filepath.Join(repo, "README.md"), filepath.Join(repo, "CONTRIBUTING.md"))
	var names []string
	for _, path := range list {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !commandLine.Match(text) {
			continue
		}
		name, err := filepath.Rel(repo, path)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if len(names) < 8 {
		t.Fatalf("%d pages with commands, want more", len(names))
	}
	return names
}

var (
	commandLine = regexp.MustCompile(`(?m)^ *\$ `)
	directive   = regexp.MustCompile(`^<!-- (not run|file|setup|paste): (.+) -->$`)
)

// block is a part of a page that the test follows.
type block struct {
	line     int     // of the page
	file     string  // to write, "" if it has commands
	content  string  // of the file
	commands []shown // in their order
	pasted   bool
}

// shown is a command of a page with the output that the page shows, if any.
type shown struct {
	command string
	output  []string
}

// parsePage returns the blocks of a page that are to be followed.
func parsePage(text string) ([]block, error) {
	var list []block
	kind, value := "", ""
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if m := directive.FindStringSubmatch(line); m != nil {
			if m[1] == "setup" {
				list = append(list, block{line: i + 1, commands: []shown{{command: m[2]}}})
				continue
			}
			kind, value = m[1], m[2]
			continue
		}
		if !strings.HasPrefix(line, "```") {
			if line != "" && kind != "" {
				return nil, fmt.Errorf("line %d: no block after the comment %q", i+1, kind)
			}
			continue
		}
		begin, indent := i+1, len(lines[i])-len(strings.TrimLeft(lines[i], " "))
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
			lines[i] = strings.TrimPrefix(lines[i], strings.Repeat(" ", indent))
		}
		body := lines[begin:i]
		switch {
		case kind == "file":
			list = append(list, block{line: begin, file: value, content: strings.Join(body, "\n") + "\n"})
		case kind == "paste":
			list = append(list, block{line: begin, commands: []shown{{command: strings.Join(body, "\n")}}, pasted: true})
		case kind == "" && slices.ContainsFunc(body, isCommand):
			list = append(list, block{line: begin, commands: commandsOf(body)})
		}
		kind = ""
	}
	return list, nil
}

func isCommand(line string) bool { return strings.HasPrefix(line, "$ ") }

// commandsOf returns the commands of a block. A line that ends in a backslash, or that
// follows an open quote, loop or function, goes on in the next line.
func commandsOf(body []string) []shown {
	var list []shown
	for i := 0; i < len(body); i++ {
		if !isCommand(body[i]) {
			if len(list) > 0 {
				last := &list[len(list)-1]
				last.output = append(last.output, body[i])
			}
			continue
		}
		command := strings.TrimPrefix(body[i], "$ ")
		for i+1 < len(body) && goesOn(command) {
			i++
			command += "\n" + strings.TrimPrefix(body[i], "> ")
		}
		list = append(list, shown{command: command})
	}
	return list
}

func goesOn(command string) bool {
	lines := strings.Split(command, "\n")
	first, last := lines[0], lines[len(lines)-1]
	return strings.HasSuffix(command, "\\") || strings.Count(command, "'")%2 == 1 ||
		strings.HasPrefix(command, "for ") && !strings.HasSuffix(command, "done") ||
		strings.HasSuffix(first, "() {") && strings.TrimSpace(last) != "}"
}

// reader follows a page as a person at a shell would.
type reader struct {
	t     *testing.T
	repo  string
	dir   string
	state string            // a file with the exported variables and the functions of the shell
	same  map[string]string // what the page shows, and what stands for it in this run
}

// ports matches the ports of the pages. Servers get free ones instead, since others may use
// the page's, and the test learns them from what the servers print.
var ports = regexp.MustCompile(`\b(?:8080|8081|8082|8090|9100|9101)\b`)

func newReader(t *testing.T, repo string) *reader {
	t.Helper()
	r := &reader{t: t, repo: repo, dir: t.TempDir(), same: map[string]string{}}
	r.state = filepath.Join(r.dir, ".shell")
	heyan, err := exec.LookPath("heyan")
	if err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"bin/heyan": heyan, "docs": filepath.Join(repo, "docs")} {
		path := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func (r *reader) follow(b block) {
	r.t.Helper()
	if b.file != "" {
		path := filepath.Join(r.dir, b.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(r.today(b.content)), 0o600); err != nil {
			r.t.Fatal(err)
		}
		return
	}
	for _, c := range b.commands {
		var got string
		switch {
		case b.pasted:
			got = r.paste(c)
		case servers.MatchString(c.command):
			got = r.serve(c)
		default:
			got = r.run(c)
		}
		if !r.expects(c.output, got) {
			r.t.Fatalf("line %d: %s\nprinted\n%s\nthe page shows\n%s", b.line, c.command, got, strings.Join(c.output, "\n"))
		}
	}
}

// servers are the commands that go on until they are stopped.
var servers = regexp.MustCompile(`heyan (serve|sandbox)\b`)

// goRun runs the program of the test in place of one that "go run" or make would compile.
const goRun = `make() { [ "$1" = build ]; }; go() { if [ "$1 $2" = "run ./cmd/heyan" ]; then shift 2; heyan "$@"; else command go "$@"; fi; }; `

// shell returns the command in a shell with the state of the one before.
func (r *reader) shell(command string) *exec.Cmd {
	script := fmt.Sprintf(goRun+"[ -f %[1]q ] && . %[1]q; set -e\n%[2]s\n{ export -p; declare -f; printf 'cd %%q\\n' \"$PWD\"; } > %[1]q", r.state, r.today(command))
	c := exec.CommandContext(r.t.Context(), "bash", "-c", script)
	c.Dir = r.dir
	c.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=", "LC_MESSAGES=",
		"REPO="+r.repo, "PAGES="+filepath.Join(r.repo, "cmd", "heyan", "testdata", "pages"))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// run returns what a command prints. If the page shows output, the exit code may be that
// of a finding; a wrong usage and an internal error fail always.
func (r *reader) run(c shown) string {
	r.t.Helper()
	out, err := r.shell(c.command).CombinedOutput()
	if err != nil {
		var exit *exec.ExitError
		if code := exitCodeOf(err, &exit); code < 1 || code > 4 || len(c.output) == 0 {
			r.t.Fatalf("%s: %v\n%s", c.command, err, out)
		}
	}
	return string(out)
}

// portFlags are the flags that choose the ports of what a page starts later.
var portFlags = regexp.MustCompile(`--(?:sandbox-)?port (\d+)`)

// paste runs a block whole, with free ports in place of those that its flags name. A command
// of it that fails ends the block as it would not in a shell, so that none fails unseen.
func (r *reader) paste(c shown) string {
	r.t.Helper()
	for _, m := range portFlags.FindAllStringSubmatch(c.command, -1) {
		r.same[m[1]] = freePorts(r.t)
	}
	cmd := r.shell(c.command)
	out, err := cmd.CombinedOutput()
	r.t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) })
	if err != nil {
		r.t.Fatalf("%s: %v\n%s", c.command, err, out)
	}
	return string(out)
}

// freePorts returns a port that is free, as is the next one.
func freePorts(t *testing.T) string {
	t.Helper()
	for range 100 {
		first, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := first.Addr().(*net.TCPAddr).Port
		next, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
		_ = first.Close()
		if err == nil {
			_ = next.Close()
			return strconv.Itoa(port)
		}
	}
	t.Fatal("no two free ports in a row")
	return ""
}

func exitCodeOf(err error, exit **exec.ExitError) int {
	e, ok := err.(*exec.ExitError) //nolint:errorlint // exec returns it unwrapped
	if !ok {
		return -1
	}
	*exit = e
	return e.ExitCode()
}

var (
	listen  = regexp.MustCompile(`(--listen 127\.0\.0\.1:)(\d+)`)
	address = regexp.MustCompile(`127\.0\.0\.1:(\d+)`)
)

// serve starts a server on free ports and returns what it prints until it is ready. If the
// page shows nothing of it, the port is that of the first address.
func (r *reader) serve(c shown) string {
	r.t.Helper()
	cmd := r.shell(listen.ReplaceAllString(c.command, "${1}0"))
	cmd.Env = append(cmd.Env, "HEYAN_LISTEN=127.0.0.1:0", "HEYAN_ADMIN_LISTEN=127.0.0.1:0")
	if strings.Contains(strings.Join(c.output, "\n"), "dropin_listen") {
		cmd.Env = append(cmd.Env, "HEYAN_DROPIN__LISTEN=127.0.0.1:0")
	}
	for _, page := range ports.FindAllString(strings.Join(c.output, "\n"), -1) {
		delete(r.same, page) // an earlier command printed it as configured
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	var faults bytes.Buffer
	cmd.Stderr = &faults
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(out)
	var got strings.Builder
	for range max(len(c.output), 1) {
		line, err := lines.ReadString('\n')
		got.WriteString(line)
		if err != nil {
			_ = cmd.Wait()
			r.t.Fatalf("%s: %s\n%s", c.command, got.String(), faults.String())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	asked, bound := listen.FindStringSubmatch(c.command), address.FindStringSubmatch(got.String())
	if len(c.output) == 0 && asked != nil && bound != nil {
		r.same[asked[2]] = bound[1]
	}
	return got.String()
}

// today returns a text of the page with the identifiers of this run.
func (r *reader) today(text string) string {
	for page, now := range r.same {
		text = strings.ReplaceAll(text, page, now)
	}
	return text
}

// Parts of the output that differ from run to run: those that a reader copies into later
// commands, and those that a reader only reads.
var (
	copied   = regexp.MustCompile(`(?:con|ver|rcp|lot)_[0-9A-Za-z]{8,}|\b[0-9a-f]{32}\b|\b[0-9a-f]{64}\b|\b2\d{8}\b|` + ports.String())
	differs  = regexp.MustCompile(`\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?|\b\d+(?:\.\d+)? ?(?:µs|ms|s)\b`)
	anything = regexp.MustCompile(`\s*…\s*`)
	spaces   = regexp.MustCompile(`[ \t\n─]+`)
)

// expects reports whether the output is what the page shows. A page that shows nothing
// expects nothing. What the page shows of identifiers is learned for later commands.
func (r *reader) expects(page []string, got string) bool {
	text := strings.TrimSpace(strings.Join(page, "\n"))
	if text == "" {
		return true
	}
	var ids []string
	var want strings.Builder
	want.WriteString(`^\s*`)
	for _, part := range split(text) {
		switch {
		case copied.MatchString(part):
			if now, known := r.same[part]; known {
				want.WriteString("(?:" + regexp.QuoteMeta(now) + "|" + regexp.QuoteMeta(part) + ")") // a port is also printed as configured
				continue
			}
			ids = append(ids, part)
			want.WriteString(`([0-9A-Za-z_]+)`)
		case differs.MatchString(part):
			want.WriteString(`[0-9a-zA-Z:.µ\-+]+(?: ?(?:[0-9:]{5,8}(?:[+-][0-9:]{5})?|µs|ms|s))?`)
		default:
			want.WriteString(literal(part))
		}
	}
	want.WriteString(`\s*$`)
	m := regexp.MustCompile(`(?s)` + want.String()).FindStringSubmatch(got)
	if m == nil {
		return false
	}
	for i, id := range ids {
		r.same[id] = m[i+1]
	}
	return true
}

// split cuts a text at the parts that differ from run to run.
func split(text string) []string {
	var parts []string
	for text != "" {
		a, b := copied.FindStringIndex(text), differs.FindStringIndex(text)
		at := a
		if a == nil || b != nil && b[0] < a[0] {
			at = b
		}
		if at == nil {
			return append(parts, text)
		}
		if at[0] > 0 {
			parts = append(parts, text[:at[0]])
		}
		parts = append(parts, text[at[0]:at[1]])
		text = text[at[1]:]
	}
	return parts
}

// literal returns the expression of a text in which "…" is any text and each gap any gap.
func literal(text string) string {
	var b strings.Builder
	for i, piece := range anything.Split(text, -1) {
		if i > 0 {
			b.WriteString(`.*?`)
		}
		for j, word := range spaces.Split(piece, -1) {
			if j > 0 {
				b.WriteString(`[\s─]*`)
			}
			b.WriteString(regexp.QuoteMeta(word))
		}
	}
	return b.String()
}

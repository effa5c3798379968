package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers"
)

// programs are the programs of the test binary: heyan, and plugins with one fault each.
func programs() map[string]func() {
	return map[string]func(){
		"heyan":     main,
		"credulous": func() { plugins.Serve(faulty(credulous)) },
		"mortal":    func() { plugins.Serve(faulty(mortal)) },
		"silent":    func() { plugins.Serve(faulty(silently)) },
		"fussy":     func() { plugins.Serve(fussy()) },
		"several":   func() { plugins.Serve(renamed("idcert/idcard", sound), renamed("idcert/other", credulous)) },
		"errant":    func() { plugins.Serve(errant()) },
		"nameless":  func() { plugins.Serve(providers.Factory{Descriptor: idv.Descriptor{Name: "nameless"}}) },
		"chatty":    func() { fmt.Println("Welcome to chatty!"); time.Sleep(time.Minute) },
		"moved":     func() { plugins.Serve(moved()) },
		"late":      func() { time.Sleep(time.Minute) },
	}
}

// cmdProgram puts one of the programs into the script's folder as a file of its own, since a
// plugin must not be a symbolic link: `program credulous`.
func cmdProgram(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: program NAME")
	}
	ts.Setenv("TMPDIR", os.TempDir()) // the script's own is too long for a socket
	self, err := os.Executable()
	ts.Check(err)
	to := ts.MkAbs(args[0])
	if err := os.Link(self, to); err == nil || errors.Is(err, fs.ErrExist) {
		return
	}
	text, err := os.ReadFile(filepath.Clean(self))
	ts.Check(err)
	ts.Check(os.WriteFile(to, text, 0o755))
}

// pluggedText is a configuration with a plugin, a built-in vendor and a plugin with a wrong
// checksum.
const pluggedText = `
policy: {consent: {mode: off}}
providers:
  - {name: good, recipient: Example Ltd., plugin: {path: ./heyan, sha256: %[1]q, args: [provider, serve, idcert], start_timeout: 20s}}
  - {name: spare, use: idcert, settings: {appcode: env:NOT_SET}}
  - {name: bad, plugin: {path: ./heyan, sha256: %[2]q}}
routes:
  - {check: id_name, providers: [%[3]s]}
`

// cmdPlugged writes a configuration whose plugin is heyan itself, with those
// providers: `plugged FILE good spare`.
func cmdPlugged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: plugged FILE PROVIDER…")
	}
	cmdProgram(ts, false, []string{"heyan"})
	program, err := os.ReadFile(ts.MkAbs("heyan"))
	ts.Check(err)
	sum := sha256.Sum256(program)
	text := fmt.Sprintf(pluggedText, hex.EncodeToString(sum[:]), strings.Repeat("0", 64), strings.Join(args[1:], ", "))
	kept := []string{}
	for line := range strings.Lines(text) {
		name, is := strings.CutPrefix(line, "  - {name: ")
		name, _, _ = strings.Cut(name, ",")
		if !is || slices.Contains(args[1:], name) {
			kept = append(kept, line)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(kept, "")), 0o600))
}

// wrong is a valid codec with another Decode.
type wrong struct {
	providers.Codec
	decode func(providers.Codec, idv.Query, providers.Reply) (idv.Answer, error)
}

func (w wrong) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	return w.decode(w.Codec, q, r)
}

func faulty(decode func(providers.Codec, idv.Query, providers.Reply) (idv.Answer, error)) providers.Factory {
	b, _ := assemble.Catalogue().Find("idcert")
	sound := b.New
	b.New = func(s providers.Settings) (providers.Codec, error) {
		c, err := sound(s)
		return wrong{c, decode}, err
	}
	return b
}

func sound(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error) {
	return c.Decode(q, r)
}

// renamed is one of several products.
func renamed(name string, decode func(providers.Codec, idv.Query, providers.Reply) (idv.Answer, error)) providers.Factory {
	f := faulty(decode)
	f.Descriptor.Name = name
	return f
}

// credulous reads any reply that looks like a match as one.
func credulous(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error) {
	if r.Status == http.StatusOK && bytes.Contains(r.Body, []byte(`"status":"01"`)) && bytes.HasPrefix(r.Body, []byte("{")) {
		return idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "01"}, nil
	}
	return c.Decode(q, r)
}

// mortal exits on a reply that is truncated after its first byte.
func mortal(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error) {
	if string(r.Body) == "{" {
		os.Exit(3)
	}
	return c.Decode(q, r)
}

// silently never returns for such a reply.
func silently(c providers.Codec, q idv.Query, r providers.Reply) (idv.Answer, error) {
	if string(r.Body) == "{" {
		select {}
	}
	return c.Decode(q, r)
}

// moved asks another source.
func moved() providers.Factory {
	b, _ := assemble.Catalogue().Find("idcert")
	b.Descriptor.Source = "another register"
	return b
}

// fussy rejects every setting but its own.
func fussy() providers.Factory {
	b, _ := assemble.Catalogue().Find("idcert")
	sound := b.New
	b.Descriptor.Settings = append(b.Descriptor.Settings, idv.Setting{Name: "channel", Help: "who asks", Required: true})
	b.New = func(s providers.Settings) (providers.Codec, error) {
		if s["channel"] != "web" {
			return nil, fmt.Errorf("the setting channel must be web")
		}
		return sound(s)
	}
	return b
}

// errant has its own transport, which follows redirects.
func errant() plugins.CustomTransport {
	b, _ := assemble.Catalogue().Find("idcert")
	return plugins.CustomTransport{Descriptor: b.Descriptor, New: func(s providers.Settings, _ map[string]idv.Sensitive) (idv.Provider, error) {
		return wandering{b.Descriptor, s["base_url"]}, nil
	}}
}

type wandering struct {
	card idv.Descriptor
	base string
}

func (w wandering) Describe() idv.Descriptor { return w.card }

func (w wandering) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	failure := &idv.Error{Failure: idv.Unavailable, Origin: idv.OriginEngine, Delivery: idv.DeliveryUnknown}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+"/idcard", io.NopCloser(bytes.NewReader(nil)))
	if err != nil {
		return idv.Answer{}, failure
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			failure.Failure = idv.Timeout
		}
		return idv.Answer{}, failure
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		return idv.Answer{}, failure
	}
	b, _ := assemble.Catalogue().Find("idcert")
	c, err := b.New(nil)
	if err != nil {
		return idv.Answer{}, failure
	}
	return c.Decode(q, providers.Reply{Status: r.StatusCode, Header: r.Header, Body: body})
}

// TestNewPluginIsCertified: the output of `heyan provider new` is formatted, builds, passes its
// tests and the contract, without a network, for each form of the vendor's answers.
func TestNewPluginIsCertified(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{answerFlat, answerEnvelope} {
		t.Run(answer, func(t *testing.T) { newPluginIsCertified(t, answer) })
	}
}

func newPluginIsCertified(t *testing.T, answer string) {
	heyan, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "a folder", "acme")
	if code, _, stderr := once(t, nil, "", "provider", "new", "acme", "--dir", dir, "--heyan", heyan, "--answer", answer); code != exitDone {
		t.Fatalf("code %d, %s", code, stderr)
	}
	for _, args := range [][]string{
		{"gofmt", "-l", "."},
		{"go", "vet", "./..."},
		{"go", "test", "./..."},
		{"go", "build", "-o", "heyan-provider-acme", "."},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOPROXY=off", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil || args[0] == "gofmt" && len(out) > 0 {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	code, stdout, stderr := once(t, nil, "", "provider", "check", filepath.Join(dir, "heyan-provider-acme"))
	if code != exitDone || !strings.Contains(stdout, "rules passed") {
		t.Errorf("code %d, %s%s", code, stdout, stderr)
	}
	main, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if lines := bytes.Count(main, []byte("\n")); err != nil || lines > 15 {
		t.Errorf("main.go has %d lines, %v", lines, err)
	}
}

func TestAskAnswer(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"envelope\n": answerEnvelope, "flat \n": answerFlat, "\n": answerFlat, "": answerFlat, "both\n": "both",
	} {
		var question bytes.Buffer
		c := &cli{stdin: strings.NewReader(typed), stderr: &question}
		if got := c.askAnswer(); got != want || !strings.Contains(question.String(), "envelope") {
			t.Errorf("%q: got %q after %q, want %q", typed, got, &question, want)
		}
	}
}

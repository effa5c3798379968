// Package setup writes the files of a new installation: a configuration with its notice and
// environment file, and optionally sandbox vendors and a certificate to try it with.
//
// [Plan.Files] makes the texts, [Write] checks and writes them.
package setup

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/pages"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent/lint"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/providers"
)

// The files of an installation, in the order in which they are written.
const (
	Environment = "heyan.env"
	Sandbox     = "sandbox.yaml"
	Certificate = "tls.crt"
	Key         = "tls.key"
	Notice      = "notices/identity-check.md"
	Ignore      = ".gitignore"
	Config      = "heyan.yaml" // last: where it stands, the others do
)

// Vendor is one product that is asked.
type Vendor struct {
	Factory   providers.Factory
	Recipient string            // who gets the data; "" for that of the descriptor
	Contact   string            // of the recipient
	Settings  map[string]string // by name: references of secrets, values of others
}

// Needed returns the settings that the vendor needs. Of its authentication schemes it takes the
// first one for which a setting is given, else the first one that needs secrets only, whose
// references have defaults.
func (v Vendor) Needed() []idv.Setting {
	d := v.Factory.Descriptor
	var lists [][]idv.Setting
	for _, scheme := range append(d.Schemes, "")[:max(1, len(d.Schemes))] {
		list := pages.Needed(d, scheme)
		if slices.ContainsFunc(list, func(s idv.Setting) bool { return !s.Required && v.Settings[s.Name] != "" }) {
			return list
		}
		lists = append(lists, list)
	}
	for _, list := range lists {
		if !slices.ContainsFunc(list, func(s idv.Setting) bool { return !s.Secret && !s.Required }) {
			return list
		}
	}
	return lists[0]
}

// Name is the name of the provider.
func (v Vendor) Name() string { return strings.ReplaceAll(v.Factory.Descriptor.Name, "/", "-") }

// Variable is the environment variable for one of its settings.
func (v Vendor) Variable(setting string) string {
	return "HEYAN_" + strings.ToUpper(strings.ReplaceAll(v.Name(), "-", "_")+"_"+setting)
}

// Plan says what to write.
type Plan struct {
	Dir        string // absolute
	Vendors    []Vendor
	Purpose    string
	Title      string // of the purpose, shown in the notice
	Controller config.Party
	Postgres   bool
	Port       int // of the API; the admin address has the next one

	Sandbox     bool
	SandboxPort int // of the first sandbox vendor
	TLS         bool
}

// File is a file to write.
type File struct {
	Name string
	Text []byte
	Mode fs.FileMode
}

// Files returns the texts of all files. They differ from run to run, since keys are
// generated.
func (p Plan) Files() ([]File, error) {
	list := []File{{Environment, nil, 0o600}}
	env := p.environment()
	if p.Sandbox {
		file, lines, err := p.sandbox()
		if err != nil {
			return nil, err
		}
		env += lines
		list = append(list, File{Sandbox, file, 0o600})
	}
	list[0].Text = []byte(env)
	if p.TLS {
		cert, key, err := selfSigned()
		if err != nil {
			return nil, err
		}
		list = append(list, File{Certificate, cert, 0o644}, File{Key, key, 0o600})
	}
	text, err := noticeText()
	if err != nil {
		return nil, err
	}
	return append(list,
		File{Notice, text, 0o644},
		File{Ignore, []byte("# Secrets, personal data and the database stay out of the repository.\nheyan.env\ntls.key\nsandbox.yaml\nheyan.db*\nperson.json\n*.log\n"), 0o644},
		File{Config, []byte(p.config()), 0o644},
	), nil
}

// noticeName is the name of the notice in the folder, a copy of the built-in one to be edited.
const noticeName = "identity-check-own"

// noticeText returns a copy of the built-in notice. One with findings is not written.
func noticeText() ([]byte, error) {
	all, err := notice.Builtin()
	if err != nil {
		return nil, err
	}
	t, err := all.Latest("identity-check", "zh-CN")
	if err != nil {
		return nil, err
	}
	text := strings.Replace(t.Source(), "name: identity-check\n", "name: "+noticeName+"\n", 1)
	if found := lint.Lint(text); len(found) > 0 {
		return nil, fmt.Errorf("the notice has findings: %s", found[0].ID)
	}
	return []byte(text), nil
}

// quoted writes a text of the user as a YAML string.
func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string cannot fail
	return strings.TrimSpace(b.String())
}

// text is a text that grows by lines.
type text struct{ strings.Builder }

func (t *text) add(format string, args ...any) {
	_, _ = fmt.Fprintf(t, format+"\n", args...) // writing to a builder does not fail
}

// config returns the configuration.
func (p Plan) config() string {
	t := &text{}
	t.add("# Written by heyan init. `heyan config example` shows more keys, docs/config.md all of them. Every key that is left")
	t.add("# out has its default; one that is not known is an error. `heyan config check --config FILE` reports every fault.")
	t.add("")
	t.add("listen: %s          # the API; callers need a key: heyan key create", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port)))
	t.add("admin_listen: %s    # health, readiness, metrics", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port+1)))
	if p.TLS {
		t.add("tls: {cert: %s, key: %s}   # self-signed, for localhost; replace both files, they are read again", quoted(p.path(Certificate)), quoted(p.path(Key)))
	}
	if p.Postgres {
		t.add("store: {driver: postgres, dsn: \"env:HEYAN_STORE_DSN\"}   # in %s; off this machine with sslmode=verify-full", Environment)
		t.add("idempotency: {key: \"env:HEYAN_IDEMPOTENCY_KEY\"}         # the same on all nodes, as the two keys below")
	} else {
		t.add("store: {driver: sqlite, dsn: %s}   # ledger, consents, results; back up the keys beside it too", quoted("file:"+p.path("heyan.db")))
	}
	t.add("")
	t.add("policy:")
	t.add("  purposes:                     # no other purpose is accepted")
	t.add("    - {name: %s, title: %s}   # the title is shown in the notice", quoted(p.Purpose), quoted(p.Title))
	t.add("  consent:")
	t.add("    controller: {name: %s, contact: %s}   # your company, shown in the notice", quoted(p.Controller.Name), quoted(p.Controller.Contact))
	t.add("    notices: %s   # your notices; edit the copy, raise its version, then: heyan consent lint FILE", quoted(p.path(filepath.Dir(Notice))))
	t.add("    notice: %s", noticeName)
	if p.Postgres {
		t.add("    receipt_key: \"env:HEYAN_RECEIPT_KEY\"")
		t.add("  keys: [{id: k1, secret: \"env:HEYAN_PEOPLE_KEY\"}]   # people are known by it: keep a copy apart from the database")
	}
	t.add("")
	t.add("providers:                      # the first one of the route is asked first")
	for _, v := range p.Vendors {
		p.provider(t, v)
	}
	t.add("")
	p.routes(t)
	return t.String()
}

func (p Plan) path(name string) string { return filepath.Join(p.Dir, filepath.FromSlash(name)) }

func (p Plan) provider(t *text, v Vendor) {
	t.add("  - name: %s", v.Name())
	t.add("    use: %s", v.Factory.Descriptor.Name)
	if v.Recipient != "" {
		t.add("    recipient: %s   # its legal name, shown in the notice", quoted(v.Recipient))
	}
	t.add("    recipient_contact: %s   # of the vendor, shown in the notice", quoted(v.Contact))
	needed := v.Needed()
	if len(needed) > 0 {
		t.add("    settings:")
	}
	for _, s := range needed {
		t.add("      %s: %s   # %s", s.Name, quoted(v.Settings[s.Name]), s.Help)
	}
}

// routes writes a route for each check that the vendors answer.
func (p Plan) routes(t *text) {
	t.add("routes:")
	seen := map[idv.Check]bool{}
	for _, v := range p.Vendors {
		check := v.Factory.Descriptor.Check
		if seen[check] {
			continue
		}
		seen[check] = true
		var names []string
		for _, other := range p.Vendors {
			if other.Factory.Descriptor.Check == check {
				names = append(names, other.Name())
			}
		}
		t.add("  - check: %s", check)
		t.add("    providers: [%s]", strings.Join(names, ", "))
	}
}

// environment returns the file of variables, which a shell and systemd can read.
func (p Plan) environment() string {
	t := &text{}
	t.add("# The secrets of heyan.yaml, readable by their owner only. For a shell: set -a; . FILE; set +a")
	t.add("# For systemd: EnvironmentFile=%s", p.path(Environment))
	if p.Postgres {
		t.add("")
		t.add("# The database, as 'postgres://heyan@db.internal/heyan?sslmode=verify-full', in single quotes.")
		t.add("HEYAN_STORE_DSN=")
		t.add("# Generated keys. They are the same on all nodes; without them consents and requests are not found again.")
		for _, name := range []string{"HEYAN_IDEMPOTENCY_KEY", "HEYAN_RECEIPT_KEY", "HEYAN_PEOPLE_KEY"} {
			t.add("%s=%s", name, newKey())
		}
	}
	if p.Sandbox {
		return t.String()
	}
	for _, v := range p.Vendors {
		t.add("")
		t.add("# %s, from the vendor's console; without quotes.", v.Factory.Descriptor.Name)
		for _, s := range v.Needed() {
			if name, ok := strings.CutPrefix(v.Settings[s.Name], "env:"); ok && s.Secret {
				t.add("%s=", name)
			}
		}
	}
	return t.String()
}

func newKey() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails; it ends the process instead
	return hex.EncodeToString(raw[:])
}

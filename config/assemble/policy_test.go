package assemble_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// asking returns a configuration that asks for consents and keeps them in a file.
func asking(t *testing.T) (config.Config, map[string]string) {
	t.Helper()
	c, env := ofSandbox(sandboxtest.Start(t, sandbox.Config{}))
	c.Store = config.Store{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "heyan.db")}
	c.Policy = config.Defaults().Policy
	c.Policy.Consent.Controller = config.Party{Name: "某某商城有限公司", Contact: "400-000-0001"}
	c.Policy.Consent.MinReview = 0
	for i := range c.Providers {
		c.Providers[i].RecipientContact = "400-000-0002"
	}
	return c, env
}

// agreed records the agreement of a person and returns the request that uses it.
func agreed(t *testing.T, d *consents.Service) idv.Request {
	t.Helper()
	ctx := t.Context()
	r := request("张三", even)
	drafted, err := d.Draft(ctx, consents.Draft{Tenant: r.Tenant, App: r.App, Purpose: r.Purpose, Check: r.Check, Subject: r.Subject})
	if err != nil {
		t.Fatal(err)
	}
	r.ConsentID = drafted.Record.ID
	for _, e := range []consent.Event{
		{Kind: consent.Present}, {Kind: consent.Give, Text: drafted.Record.Notice.Text, Proof: consent.Proof{Action: consent.Checkbox}},
	} {
		if _, err := d.Change(ctx, r.Tenant, r.ConsentID, e); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(2 * time.Millisecond)
	return r
}

// A consent that a tool recorded beside the daemon covers the daemon's questions, also
// after a restart: the keys beside the database are the same.
func TestConsentOutlivesTheProcess(t *testing.T) {
	c, env := asking(t)
	c.Policy.Consent.Storage = []string{"新加坡"}
	options := assemble.Options{Config: c, LookupEnv: lookup(env), Attached: true}
	d, s, err := assemble.OpenConsents(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	r := agreed(t, d)
	if doc, err := d.Receipt(t.Context(), r.Tenant, r.ConsentID); err != nil || !strings.Contains(string(doc), `"storage_locations":["新加坡"]`) {
		t.Errorf("the receipt: %s, %v", doc, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	h := build(t, c, env)
	v, err := h.Engine.Verify(t.Context(), r)
	if err != nil || v.Verdict != idv.Match || v.Basis != "consent" {
		t.Fatalf("verdict %v, %v", v.Verdict, err)
	}
	r.ConsentID = ""
	if _, err := h.Engine.Verify(t.Context(), r); idv.FailureOf(err) != idv.Denied {
		t.Errorf("without a consent: %v", err)
	}
	for _, suffix := range []string{".people.key", ".receipt.key"} {
		info, err := os.Stat(strings.TrimPrefix(c.Store.DSN, "file:") + suffix)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", suffix, err)
		}
	}
}

// Of a plugin whose recipient the configuration does not name, a tool asks the plugin;
// a fault of that one is reported when a consent is requested, not before.
func TestRecipientOfAPlugin(t *testing.T) {
	c, env := asking(t)
	c.Providers[0].Use, c.Providers[0].Plugin = "", itself(t)
	d, s, err := assemble.OpenConsents(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env), Attached: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	record, err := d.Consent(t.Context(), request("", "").Tenant, agreed(t, d).ConsentID)
	if known, _, _ := assemble.Describe(t.Context(), c.Providers[0]); err != nil || known.Recipient == "" || !record.Names(known.Recipient) {
		t.Errorf("recipients %v, want %q, %v", record.Recipients, known.Recipient, err)
	}
	c.Providers[0].Plugin.Path += ".gone"
	d, gone, err := assemble.OpenConsents(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env), Attached: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = gone.Close() }()
	var failed *plugins.Error
	r := request("张三", even)
	if _, err := d.Draft(t.Context(), consents.Draft{Tenant: r.Tenant, Purpose: r.Purpose, Check: r.Check, Subject: r.Subject}); !errors.As(err, &failed) {
		t.Errorf("without its program: %v", err)
	}
}

// A notice names the companies whose providers take the person's document, and no other one of
// the route. A consent to them does not admit another, whichever provider fails.
func TestRecipientsTakeTheDocument(t *testing.T) {
	c, env := asking(t)
	india := c.Providers[0]
	india.Name, india.Use, india.Recipient, india.RecipientContact = "india", "cashfree/pan", "印度验证有限公司", "400-000-0004"
	india.Settings = map[string]string{"client_id": "env:INDIA", "client_secret": "env:INDIA"}
	c.Providers = append(c.Providers, india)
	env["INDIA"] = "test-secret"
	c.Routes[0].Providers = append(c.Routes[0].Providers, "india")
	app := build(t, c, env)
	for _, test := range []struct {
		document idv.Document
		name     string
		number   string
		india    bool
	}{
		{idv.DocumentUnknown, "张三", even, false},
		{idv.IndiaPAN, "TEST PERSON", "ABCPV1234D", true},
	} {
		t.Run(string(test.document), func(t *testing.T) {
			r := request(test.name, test.number)
			r.Subject.Document = test.document
			drafted, err := app.Consents.Draft(t.Context(), consents.Draft{Tenant: r.Tenant, App: r.App, Purpose: r.Purpose, Check: r.Check, Subject: r.Subject, OfAge: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range drafted.Record.Recipients {
				if india := p.Name == "印度验证有限公司"; india != test.india {
					t.Errorf("the notice names %s", p.Name)
				}
			}
			r.ConsentID = drafted.Record.ID
			for _, e := range []consent.Event{
				{Kind: consent.Present}, {Kind: consent.Give, Text: drafted.Record.Notice.Text, Proof: consent.Proof{Action: consent.Checkbox}},
			} {
				if _, err := app.Consents.Change(t.Context(), r.Tenant, r.ConsentID, e); err != nil {
					t.Fatal(err)
				}
			}
			plan, err := app.Engine.Explain(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if len(plan.Steps) == 0 {
				t.Errorf("no step in %+v", plan)
			}
			for _, s := range plan.Steps {
				if (s.Provider == "india") != test.india {
					t.Errorf("the plan has %s", s.Provider)
				}
			}
		})
	}
}

// A lost key is reported, not replaced: with another key each person would be unknown.
func TestLostPeopleKey(t *testing.T) {
	c, env := asking(t)
	path := strings.TrimPrefix(c.Store.DSN, "file:") + ".people.key"
	open := func() error {
		h, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env)})
		if err == nil {
			err = h.Close(t.Context())
		}
		return err
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := open(); err == nil || !strings.Contains(err.Error(), "policy.keys") || !strings.Contains(err.Error(), ".people.key") {
		t.Errorf("with a lost key: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another key lies in its place: %v", err)
	}
	c.Policy.Keys = []config.Key{{ID: "k2", Secret: "env:NEW"}, {ID: "k1", Secret: "env:OLD"}}
	env["OLD"], env["NEW"] = string(key), strings.Repeat("n", 32)
	if err := open(); err != nil {
		t.Errorf("with a new key before the old one: %v", err)
	}
	c.Policy.Keys = c.Policy.Keys[:1]
	if err := open(); err != nil {
		t.Errorf("without a key that stands for no person: %v", err)
	}
	c.Policy.Keys = []config.Key{{ID: "k2", Secret: "env:NEW"}, {ID: "k1", Secret: "env:OLD"}}
	env["OLD"] = strings.Repeat("o", 32)
	if err := open(); err == nil || !strings.Contains(err.Error(), "another key as k1") {
		t.Errorf("with a wrong old key: %v", err)
	}
}

// Without a key by which people are known they would not be found, and an erasure would
// be signed that erased nothing.
func TestForgottenKey(t *testing.T) {
	c, env := asking(t)
	open := func() error {
		d, s, err := assemble.OpenConsents(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env), Attached: true})
		if err != nil {
			return err
		}
		agreed(t, d)
		return s.Close()
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	env["NEW"] = strings.Repeat("n", 32)
	c.Policy.Keys = []config.Key{{ID: "k2", Secret: "env:NEW"}}
	if err := open(); err == nil || !strings.Contains(err.Error(), "known by k1") || !strings.Contains(err.Error(), "lost_keys") {
		t.Errorf("without the old key: %v", err)
	}
	c.Policy.LostKeys = []string{"k1"}
	if err := open(); err != nil {
		t.Errorf("with the old key told to be lost: %v", err)
	}
}

// Who can read the key file can find people in a stolen database.
func TestKeyFilesArePrivate(t *testing.T) {
	c, env := asking(t)
	for _, suffix := range []string{".people.key", ".receipt.key", ".key"} {
		t.Run(suffix, func(t *testing.T) {
			build(t, c, env)
			path := strings.TrimPrefix(c.Store.DSN, "file:") + suffix
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			h, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env), Attached: true})
			if err == nil || !strings.Contains(err.Error(), "chmod 600") {
				t.Errorf("%v, %v", h, err)
			}
			if err := os.Chmod(path, 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestRulesOfAFile(t *testing.T) {
	c, env := asking(t)
	path := filepath.Join(t.TempDir(), "rules.yaml")
	const text = "default: allow\nrules:\n  - id: often\n    when: counts.subject_day > 1\n    then: deny\n    reason: {zh: 今日次数过多。, en: Too often today.}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Policy.Rules = []string{path}
	h := build(t, c, env)
	r := agreed(t, h.Consents)
	if _, err := h.Engine.Verify(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	_, err := h.Engine.Verify(t.Context(), r)
	var denial *policy.Denial
	if !errors.As(err, &denial) || denial.Decision.Rules[0] != "often" {
		t.Errorf("the second question: %v", err)
	}
	if err := assemble.CheckPolicy(c); err != nil {
		t.Errorf("CheckPolicy: %v", err)
	}
}

// bells notes alarms.
type bells struct{ axes []abuse.Dimension }

func (b *bells) Alarm(e abuse.Event) { b.axes = append(b.axes, e.Dimension) }

func TestCanary(t *testing.T) {
	c, env := asking(t)
	path := filepath.Join(t.TempDir(), "canaries.txt")
	if err := os.WriteFile(path, []byte("# no person\n11010120990101005X\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Policy.Abuse.Honeytokens = "file:" + path
	var told bells
	h, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env), Alarms: &told})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close(context.Background()) }()
	r := agreed(t, h.Consents)
	stolen := r
	r.Tenant, stolen.Tenant = "default", "default"
	stolen.Subject.IDNumber = idv.NewSensitive("11010120990101005X")
	if _, err := h.Engine.Verify(t.Context(), stolen); idv.FailureOf(err) != idv.SubjectLimited || len(told.axes) != 1 || told.axes[0] != abuse.HoneytokenUsed {
		t.Errorf("got %v, alarms %v", err, told.axes)
	}
}

func TestPolicyFaults(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bad := write("rules.yaml", "rules:\n  - {id: a, when: 'agee < 18', then: allow}\n")
	short := write("short", "too short")
	empty := write("empty", "\n")
	named := write("named", "# a list\n11010120990101005X\nfoo too short\n110105199001010053,too short\n")
	rotten := write("rotten", strings.Repeat("too short\n", 9))
	for _, test := range []struct {
		name  string
		spoil func(*config.Config)
		want  string
	}{
		{"a fact that is misspelt", func(c *config.Config) { c.Policy.Rules = []string{bad} }, "rules.yaml:2:"},
		{"rules that are not there", func(c *config.Config) { c.Policy.Rules = []string{folder + "/none.yaml"} }, "policy.rules"},
		{"a folder that is not there", func(c *config.Config) { c.Policy.Consent.Notices = folder + "/none" }, "policy.consent.notices"},
		{"a short key", func(c *config.Config) { c.Policy.Keys = []config.Key{{ID: "k1", Secret: "file:" + short}} }, "policy.keys"},
		{"no key", func(c *config.Config) { c.Policy.Keys = []config.Key{{ID: "k1", Secret: "env:NOT_SET"}} }, "policy.keys[0]"},
		{"a seed that is none", func(c *config.Config) { c.Policy.Consent.ReceiptKey = "file:" + short }, "policy.consent.receipt_key"},
		{"an empty list", func(c *config.Config) { c.Policy.Abuse.Honeytokens = "file:" + empty }, "policy.abuse.honeytokens"},
		{"a list with more than numbers", func(c *config.Config) { c.Policy.Abuse.Honeytokens = "file:" + named }, "policy.abuse.honeytokens: there is no ID, mobile or card number in line 3, 4;"},
		{"a list of something else", func(c *config.Config) { c.Policy.Abuse.Honeytokens = "file:" + rotten }, "in 9 lines, of which the first are 1, 2, 3, 4, 5;"},
		{"a notice that is not there", func(c *config.Config) { c.Policy.Consent.Notice = "nope" }, "policy.consent.notice: there is no notice of this name"},
		{"no notice in the language", func(c *config.Config) { c.Policy.Consent.Language = "fr" }, "policy.consent.guardian_notice: there is no notice of this name"},
		{"an example", func(c *config.Config) { c.Policy.Consent.Notice = "vendor-letter" }, "policy.consent.notice: is an example"},
		{"a guardian's notice for all", func(c *config.Config) { c.Policy.Consent.Notice = c.Policy.Consent.GuardianNotice }, "name one of variant adult"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, env := asking(t)
			test.spoil(&c)
			h, err := assemble.New(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env)})
			if err == nil {
				_ = h.Close(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "too short") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// What is wrong with a list or a notice is told where the configuration is checked, too;
// a list that is not there is not missed, since it may be kept where the daemon runs.
func TestCheckPolicy(t *testing.T) {
	list := filepath.Join(t.TempDir(), "canaries.txt")
	if err := os.WriteFile(list, []byte("11010519491231002X, 张三\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		spoil func(*config.Policy)
		want  string
	}{
		{"nothing", func(*config.Policy) {}, ""},
		{"a notice", func(p *config.Policy) { p.Consent.Notice = "nope" }, "policy.consent.notice: "},
		{"a notice that is never shown", func(p *config.Policy) { p.Consent.Notice, p.Consent.Mode = "nope", "external" }, ""},
		{"a list", func(p *config.Policy) { p.Abuse.Honeytokens = "file:" + list }, "policy.abuse.honeytokens: there is no ID, mobile or card number in line 1;"},
		{"a list elsewhere", func(p *config.Policy) { p.Abuse.Honeytokens = "file:" + list + ".gone" }, ""},
		{"a list in a variable", func(p *config.Policy) { p.Abuse.Honeytokens = "env:CANARIES" }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config.Defaults()
			test.spoil(&c.Policy)
			err := assemble.CheckPolicy(c)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "张三") {
				t.Errorf("a line is told: %v", err)
			}
		})
	}
}

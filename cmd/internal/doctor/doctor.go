// Package doctor examines an installation as the daemon would find it: the configuration,
// secrets, files, database, plugins, vendors and the machine. It changes nothing, sends no
// request to a vendor and does not disturb a running daemon.
//
// [Examine] makes all checks. A new check is a method of examination that adds findings, and
// a call in its list.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
)

// Status says how bad a finding is.
type Status string

// The statuses. Warn is what the daemon starts with and an operator should know.
const (
	OK   Status = "ok"
	Warn Status = "warn"
	Fail Status = "fail"
)

// Finding is the result of one check of one thing. It holds no secret.
type Finding struct {
	Check   string   // the kind, a constant word
	Subject string   // what was examined: a path in the configuration, a host, a file
	Status  Status   //
	Text    idv.Text // what was found
	Remedy  idv.Text // what to do; empty if all is well
}

// Options say what to examine.
type Options struct {
	Path      string                      // of the configuration file
	Environ   []string                    // with the overrides
	LookupEnv func(string) (string, bool) // for env: references
	Timeout   time.Duration               // of each check that waits for others
	Secrets   func(config.Config) error   // the checks of the daemon behind the references; may be nil
	Progress  func(check string)          // called before each check that may take long; may be nil
}

// Examine makes all checks and returns their findings in a fixed order. It returns within a
// few times o.Timeout.
func Examine(ctx context.Context, o Options) []Finding {
	x := &examination{Options: o}
	loaded, ok := x.configuration()
	x.machine()
	if !ok {
		return x.findings
	}
	x.config = loaded.Config
	x.assembly = assemble.Options{Config: x.config, LookupEnv: o.LookupEnv, Secrets: assemble.NewSecrets(x.config, o.LookupEnv)}
	for _, check := range []struct {
		name string
		do   func(context.Context)
	}{
		{"secrets", x.secrets}, {"files", func(context.Context) { x.files() }}, {"store", x.store}, {"plugins", x.plugins}, {"vendors", x.vendors},
		{"dropin", func(context.Context) { x.dropin() }}, {"listen", x.listeners}, {"certificates", func(context.Context) { x.certificates() }},
	} {
		if ctx.Err() != nil {
			x.add("doctor", check.name, Fail, idv.Text{EN: "not checked: interrupted", ZH: "已中断，未检查"}, idv.Text{EN: "run it again", ZH: "重新运行"})
			continue
		}
		if o.Progress != nil {
			o.Progress(check.name)
		}
		check.do(ctx)
	}
	return x.findings
}

// examination is one run.
type examination struct {
	Options

	config   config.Config
	assembly assemble.Options
	database sqlstore.Examination
	products map[string]idv.Descriptor // of the providers whose plugin serves or whose product is known
	unread   map[string]bool           // the paths of references without a secret
	mu       sync.Mutex
	findings []Finding
}

// add adds a finding. It is safe for concurrent use.
func (x *examination) add(check, subject string, status Status, text, remedy idv.Text) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.findings = append(x.findings, Finding{check, subject, status, text, remedy})
}

func (x *examination) ok(check, subject string, text idv.Text) {
	x.add(check, subject, OK, text, idv.Text{})
}

// fault adds an error of the configuration. Its text ends with the remedy, after the last
// semicolon.
func (x *examination) fault(check string, err error) {
	for _, one := range each(err) {
		var faults strictyaml.Faults
		if !errors.As(one, &faults) {
			faults = strictyaml.Faults{{Text: one.Error()}}
		}
		for _, f := range faults {
			if x.unread[f.Path] {
				continue // reported as a secret
			}
			text, remedy := f.Text, ""
			if i := strings.LastIndex(text, "; "); i > 0 {
				text, remedy = text[:i], text[i+2:]
			}
			x.add(check, place(f), Fail, same(text), same(remedy))
		}
	}
}

// place returns where a fault stands: file, line and path as far as they are known.
func place(f strictyaml.Fault) string {
	f.Text = ""
	return strings.TrimSuffix(strings.TrimSpace(f.String()), ":")
}

// same is a text of the configuration, whose faults have no Chinese.
func same(text string) idv.Text { return idv.Text{EN: text, ZH: text} }

// each returns the parts of a joined error, none of nil.
func each(err error) (list []error) {
	many, ok := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !ok:
		return []error{err}
	}
	for _, one := range many.Unwrap() {
		list = append(list, each(one)...)
	}
	return list
}

// configuration makes the checks of `heyan config check`. Without a valid configuration,
// nothing that it describes can be examined; files and programs that it names can.
func (x *examination) configuration() (*config.Loaded, bool) {
	loaded, err := assemble.Check(x.Path, x.Environ)
	if err == nil {
		x.ok("configuration", x.Path, idv.Text{EN: "valid", ZH: "有效"})
		if names := loaded.Overrides(); len(names) > 0 {
			x.ok("configuration", "environment", idv.Text{EN: "overrides the file: " + strings.Join(names, ", "), ZH: "覆盖文件中的值：" + strings.Join(names, "、")})
		}
		return loaded, true
	}
	x.fault("configuration", err)
	if loaded, err = config.Load(x.Path, x.Environ); err != nil {
		return nil, false
	}
	return loaded, len(loaded.Validate(assemble.Known)) == 0
}

// secrets resolves every reference and looks at the form of what it stands for.
func (x *examination) secrets(ctx context.Context) {
	x.unread = map[string]bool{}
	for _, r := range config.References(x.config) {
		ctx, cancel := context.WithTimeout(ctx, x.secretTimeout(r.Value))
		secret, err := x.assembly.Secrets.Resolve(ctx, r.Value)
		cancel()
		subject := r.Path + " = " + r.Value
		switch {
		case err != nil:
			x.unread[r.Path] = true
			text, remedy := strings.TrimPrefix(err.Error(), r.Value+": "), "give the secret where the reference says"
			if i := strings.LastIndex(text, "; "); i > 0 {
				text, remedy = text[:i], text[i+2:]
			}
			x.add("secret", subject, Fail, same(text), same(remedy))
		default:
			if text := form(secret); text != (idv.Text{}) {
				x.add("secret", subject, Warn, text, idv.Text{EN: "compare it with the vendor's console, and give it without anything around it", ZH: "与供应商控制台核对，前后不要有多余字符"})
				continue
			}
			x.ok("secret", subject, idv.Text{EN: "resolves", ZH: "可读取"})
		}
	}
	if x.Secrets != nil {
		x.fault("secret", x.Secrets(x.config))
	}
}

// secretTimeout lets a helper have its own time.
func (x *examination) secretTimeout(ref string) time.Duration {
	if h, ok := x.config.Helper(ref); ok {
		return h.Timeout + time.Second
	}
	return x.Timeout
}

// Worst returns the gravest status of a list.
func Worst(list []Finding) Status {
	order := []Status{OK, Warn, Fail}
	worst := OK
	for i := range list {
		if cmp.Compare(slices.Index(order, list[i].Status), slices.Index(order, worst)) > 0 {
			worst = list[i].Status
		}
	}
	return worst
}

// Package demo is the main job in one walk: two fake vendors, a real engine between
// them and you, and two acts of steps that show what heyan is for: right answers while
// vendors fail, and no question without the person's consent. It goes the way that a
// daemon goes (configuration, config/assemble, HTTP over loopback, signatures), so a
// walk that goes as told says that the house stands.
//
// [Open] puts the house together, [Demo.Walk] goes the steps, [Demo.Config] is the
// configuration for a daemon with the same set-up.
package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// adapter is the one that both vendors are asked through.
const adapter = "idcert"

// The vendors' names; the first is asked first.
const (
	first  = "idcert-a"
	second = "idcert-b"
)

// How long the gate of a vendor in maintenance stays closed: at first, and at most.
// They are short enough to wait for and long enough for a hundred calls on a slow
// machine. A daemon's are seconds and minutes.
const (
	gateFirst = 1500 * time.Millisecond
	gateMax   = 2 * time.Second
)

// The variables that the configuration refers to. They exist in [Demo.LookupEnv]
// only.
const (
	appCodeOfFirst    = "HEYAN_DEMO_APPCODE"
	appSecretOfSecond = "HEYAN_DEMO_APP_SECRET"
)

// Demo is the house of the demonstration. It is for one goroutine.
type Demo struct {
	sandbox *sandbox.Sandbox
	config  config.Config
	secrets map[string]idv.Sensitive
}

// Open starts the fake vendors. Close ends them. The first one's adapter runs as the
// plugin, a process of its own; the second one's is compiled in.
func Open(ctx context.Context, plugin config.Plugin) (*Demo, error) {
	s, err := sandbox.New(sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: first}, {Name: second}}})
	if err != nil {
		return nil, err
	}
	if err := s.Start(ctx); err != nil {
		return nil, err
	}
	a, b := s.Vendors()[0], s.Vendors()[1]
	return &Demo{
		sandbox: s, config: configOf(a, b, plugin),
		secrets: map[string]idv.Sensitive{appCodeOfFirst: a.AppCode, appSecretOfSecond: b.AppSecret},
	}, nil
}

// Close ends the fake vendors.
func (d *Demo) Close(ctx context.Context) error { return d.sandbox.Close(ctx) }

// Vendors lists the fake vendors with their addresses and credentials.
func (d *Demo) Vendors() []sandbox.Vendor { return d.sandbox.Vendors() }

// Config returns the configuration of the house. Its listeners take any free port.
func (d *Demo) Config() config.Config { return d.config }

// LookupEnv finds the secrets that the configuration refers to.
func (d *Demo) LookupEnv(name string) (string, bool) {
	secret, ok := d.secrets[name]
	return secret.Reveal(), ok
}

// Self returns the running heyan as a plugin: the binary can serve what is compiled
// into it.
func Self() (config.Plugin, error) {
	path, err := os.Executable()
	if err != nil {
		return config.Plugin{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return config.Plugin{}, err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return config.Plugin{}, err
	}
	return config.Plugin{
		Path: path, SHA256: hex.EncodeToString(sum.Sum(nil)), Args: []string{"provider", "serve", adapter},
		StartTimeout: 30 * time.Second,
	}, nil
}

// configOf returns a configuration with two accounts: one proves itself by an
// AppCode, the other by signatures.
func configOf(a, b sandbox.Vendor, plugin config.Plugin) config.Config {
	c := config.Defaults()
	c.Listen, c.AdminListen = "127.0.0.1:0", "127.0.0.1:0"
	c.Store = config.Store{Driver: "memory"}
	c.Policy.Consent.Mode = "off" // the people of a demonstration are nobody
	c.Log.Level = "warn"
	c.Providers = []config.Provider{
		provider(a, config.Settings{"appcode": "env:" + appCodeOfFirst}),
		provider(b, config.Settings{"app_key": b.AppKey, "app_secret": "env:" + appSecretOfSecond}),
	}
	c.Providers[0].Use, c.Providers[0].Plugin = "", plugin
	route := config.DefaultRoute()
	route.Check, route.Providers = idv.CheckIDName.String(), []string{first, second}
	c.Routes = []config.Route{route}
	return c
}

func provider(v sandbox.Vendor, credentials config.Settings) config.Provider {
	p := config.DefaultProvider()
	p.Name, p.Use, p.Settings = v.Name, adapter, credentials
	p.Settings["base_url"] = v.URL
	p.Limits.GateFirst, p.Limits.GateMax, p.Limits.BreakerOpen = gateFirst, gateMax, time.Second
	return p
}

// act is a part of the walk that a house of its own plays.
type act struct {
	title  words.Text // what is printed before it; empty for nothing
	config config.Config
	steps  []step
}

// acts returns the walk.
func (d *Demo) acts() []act {
	return []act{
		{config: d.config, steps: steps()},
		{title: words.Text{EN: "asked rightly, or not at all", ZH: "依规核验，否则不核验"}, config: askingFirst(d.config), steps: consentSteps()},
	}
}

// Walk goes all steps and tells of each as it is over. The error says that the walk
// could not be gone to its end; a step that went otherwise than told is no error
// but stands in its report.
func (d *Demo) Walk(ctx context.Context, tell func(Report)) (total Total, err error) {
	d.sandbox.Reset()
	for _, a := range d.acts() {
		if err := d.play(ctx, a, &total, tell); err != nil {
			return Total{}, err
		}
	}
	total.settle(d.sandbox.Stats())
	return total, nil
}

// play opens the house of an act and goes its steps.
func (d *Demo) play(ctx context.Context, a act, total *Total, tell func(Report)) (err error) {
	house, err := assemble.New(ctx, assemble.Options{Config: a.config, LookupEnv: d.LookupEnv})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, house.Close(context.WithoutCancel(ctx))) }()
	w := &walk{house: house, engine: house.Engine, sandbox: d.sandbox, limits: a.config.Providers[0].Limits}
	total.price = house.Engine.Providers()[0].Price
	for i, s := range a.steps {
		report, err := w.step(ctx, s)
		if err != nil {
			return fmt.Errorf("step %d (%s): %w", total.Steps+1, s.code, err)
		}
		total.add(report)
		report.Number = total.Steps
		if i == 0 {
			report.Act = a.title
		}
		tell(report)
	}
	return nil
}

// Reset ends every scenario and clears the counters, so that a daemon begins with
// vendors in good order.
func (d *Demo) Reset() { d.sandbox.Reset() }

// person is somebody who does not exist. Their number passes the local check.
type person struct{ name, number string }

// The people of the demonstration. Two of the names steer the fake vendors.
func agreeing() person    { return person{"张三", "11010519491231002X"} }
func disagreeing() person { return person{"张三", "420106199506159063"} }
func unrecorded() person  { return person{"无记录", "11010519491231002X"} }
func mistyped() person    { return person{"张三", "11010519491231003X"} }
func misnamed() person    { return person{"坏姓名", "11010519491231002X"} }
func child() person       { return person{"小明", "110105202601010000"} }

// purpose is what they are asked about for.
const purpose = "demonstration"

func (p person) request() idv.Request {
	return idv.Request{
		Tenant: "demo", App: "heyan demo", Check: idv.CheckIDName, Purpose: purpose,
		Subject: idv.Subject{Name: idv.NewSensitive(p.name), IDNumber: idv.NewSensitive(p.number)},
	}
}

// Query returns the query string that asks a fake vendor for a person who is not yet
// born, for an example with curl.
func Query() string {
	return url.Values{"idCard": {"11010120990101005X"}, "name": {"测试"}}.Encode()
}

// Body returns the JSON that asks heyan for a person who does not exist, for an
// example with curl.
func Body() string {
	return fmt.Sprintf(`{"check":"id_name","purpose":%q,"subject":{"name":%q,"id_number":%q}}`, purpose, agreeing().name, agreeing().number)
}

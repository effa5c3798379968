// Package demo demonstrates heyan with two sandbox vendors and a real engine. The vendors
// are of different companies and have nothing in common: idcert answers a GET with texts and
// takes an AppCode, Tencent a signed POST with JSON. Part one
// shows verdicts and failover, part two shows consent. The demonstration uses the same code
// as the daemon (configuration, config/assemble, HTTP over loopback, signatures), so it is
// also an end-to-end test of an installation.
//
// [Open] starts the vendors, [Demo.Run] runs the steps, [Demo.ServeConfig] is the
// configuration for a daemon with the same vendors, and [Caller] gives it something to show.
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
	"strings"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/fakevendor"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// The products of the two vendors.
const (
	adapter = "idcert"
	other   = "tencent/idcard"
)

// The vendors' names in the order of the route.
const (
	first  = "idcert-a"
	second = "tencent"
)

// priceOfSecond is made up, since the vendor publishes none.
const priceOfSecond = "0.10"

// How long the gate of a vendor in maintenance stays closed: at first, and at most. The
// times are short enough for a user to wait and long enough for 100 calls on a slow machine.
// A daemon uses seconds to minutes.
const (
	gateFirst = 1500 * time.Millisecond
	gateMax   = 2 * time.Second
)

// The variables that the configuration names. Only [Demo.LookupEnv] knows them.
const (
	appCodeOfFirst = "HEYAN_DEMO_APPCODE"
	prefixOfSecond = "HEYAN_DEMO_"
)

// Demo is a demonstration. It must be used by one goroutine at a time.
type Demo struct {
	sandbox *sandbox.Sandbox
	config  config.Config
	secrets map[string]idv.Sensitive
}

// Open starts the sandbox vendors; the caller closes the Demo. The adapter of the first
// vendor runs in the plugin, a process of its own, that of the second one is compiled in.
func Open(ctx context.Context, plugin config.Plugin) (*Demo, error) {
	factory, _ := assemble.Catalogue().Find(other) // a test opens the demonstration
	product, err := fakevendor.Product(factory, fakevendor.Schemes(other))
	if err != nil {
		return nil, err
	}
	s, err := sandbox.New(sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: first}, {Name: second, Product: product}}})
	if err != nil {
		return nil, err
	}
	if err := s.Start(ctx); err != nil {
		return nil, err
	}
	a, b := s.Vendors()[0], s.Vendors()[1]
	given, secrets := credentials(factory.Descriptor, b)
	secrets[appCodeOfFirst] = a.AppCode
	return &Demo{sandbox: s, config: configOf(a, b, plugin, given), secrets: secrets}, nil
}

// credentials returns the settings with which a provider calls a vendor, and the variables that
// hold the secrets among them.
func credentials(d idv.Descriptor, v sandbox.Vendor) (config.Settings, map[string]idv.Sensitive) {
	settings, secrets := config.Settings{}, map[string]idv.Sensitive{}
	for _, s := range d.Settings {
		value, ok := v.Settings[s.Name]
		switch name := prefixOfSecond + strings.ToUpper(s.Name); {
		case !ok:
		case s.Secret:
			settings[s.Name], secrets[name] = "env:"+name, value
		default:
			settings[s.Name] = value.Reveal()
		}
	}
	return settings, secrets
}

// Close stops the sandbox vendors.
func (d *Demo) Close(ctx context.Context) error { return d.sandbox.Close(ctx) }

// Vendors lists the sandbox vendors with their addresses and credentials.
func (d *Demo) Vendors() []sandbox.Vendor { return d.sandbox.Vendors() }

// Config returns the configuration. Its listeners use port 0.
func (d *Demo) Config() config.Config { return d.config }

// LookupEnv returns the secrets that the configuration names.
func (d *Demo) LookupEnv(name string) (string, bool) {
	secret, ok := d.secrets[name]
	return secret.Reveal(), ok
}

// Self returns the running binary as a plugin: it can serve the adapters that are compiled
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

// configOf returns a configuration with two providers of different vendors.
func configOf(a, b sandbox.Vendor, plugin config.Plugin, ofSecond config.Settings) config.Config {
	c := config.Defaults()
	c.Listen, c.AdminListen = "127.0.0.1:0", "127.0.0.1:0"
	c.Store = config.Store{Driver: "memory"}
	c.Policy.Consent.Mode = "off" // the persons of the demonstration are fictitious
	c.Log.Level = "warn"
	c.Providers = []config.Provider{
		provider(a, "", config.Settings{"appcode": "env:" + appCodeOfFirst}),
		provider(b, other, ofSecond),
	}
	c.Providers[0].Plugin = plugin
	c.Providers[1].Price.Amount = priceOfSecond
	route := config.DefaultRoute()
	route.Check, route.Providers = idv.CheckIDName.String(), []string{first, second}
	c.Routes = []config.Route{route}
	return c
}

func provider(v sandbox.Vendor, use string, credentials config.Settings) config.Provider {
	p := config.DefaultProvider()
	p.Name, p.Use, p.Settings = v.Name, use, credentials
	p.Settings["base_url"] = v.URL
	p.Limits.GateFirst, p.Limits.GateMax, p.Limits.BreakerOpen = gateFirst, gateMax, time.Second
	return p
}

// part is a group of steps with a configuration of its own.
type part struct {
	title  idv.Text // printed before the steps, unless it is empty
	config config.Config
	steps  []step
}

// parts returns the parts in order.
func (d *Demo) parts() []part {
	return []part{
		{config: d.config, steps: steps()},
		{title: idv.Text{EN: "consent: verified lawfully, or not at all", ZH: "合规才核验"}, config: withConsent(d.config), steps: consentSteps()},
	}
}

// Run runs all steps and calls report after each one. The error means that a step could not
// run; an unexpected result is not an error but stands in the report of its step.
func (d *Demo) Run(ctx context.Context, report func(Report)) (total Total, err error) {
	d.sandbox.Reset()
	for _, p := range d.parts() {
		if err := d.run(ctx, p, &total, report); err != nil {
			return Total{}, err
		}
	}
	total.settle(d.sandbox.Stats())
	return total, nil
}

// run assembles an engine for a part and runs its steps.
func (d *Demo) run(ctx context.Context, p part, total *Total, report func(Report)) (err error) {
	app, err := assemble.New(ctx, assemble.Options{Config: p.config, LookupEnv: d.LookupEnv})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close(context.WithoutCancel(ctx))) }()
	run := &runner{app: app, engine: app.Engine, sandbox: d.sandbox}
	total.prices = map[string]idv.Money{}
	for _, p := range app.Engine.Providers() {
		total.prices[p.Name] = p.Price
	}
	for i, s := range p.steps {
		result, err := run.step(ctx, s)
		if err != nil {
			return fmt.Errorf("step %d (%s): %w", total.Steps+1, s.code, err)
		}
		total.add(result)
		result.Number = total.Steps
		if i == 0 {
			result.Act = p.title
		}
		report(result)
	}
	return nil
}

// Reset ends every scenario and clears the counters, so that a daemon starts with working
// vendors.
func (d *Demo) Reset() { d.sandbox.Reset() }

// person is a fictitious person whose number passes the local check.
type person struct{ name, number string }

// The persons of the demonstration. Two of the names select an answer of the sandbox.
func agreeing() person    { return person{"张三", "11010519491231002X"} }
func disagreeing() person { return person{"张三", "420106199506159063"} }
func unrecorded() person  { return person{"无记录", "11010519491231002X"} }
func mistyped() person    { return person{"张三", "11010519491231003X"} }
func misnamed() person    { return person{"坏姓名", "11010519491231002X"} }
func child() person       { return person{"小明", "110105202601010000"} }

// purpose is the purpose of all verifications.
const purpose = "demonstration"

func (p person) request() idv.Request {
	return idv.Request{
		Tenant: "demo", App: "heyan demo", Check: idv.CheckIDName, Purpose: purpose,
		Subject: idv.Subject{Name: idv.NewSensitive(p.name), IDNumber: idv.NewSensitive(p.number)},
	}
}

// Query returns the query string of a request to a sandbox vendor about a fictitious person,
// for an example with curl.
func Query() string {
	return url.Values{"idCard": {"11010120990101005X"}, "name": {"测试"}}.Encode()
}

package config

import (
	"reflect"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Known finds the descriptor of a provider's adapter. It is a parameter because
// this package knows no vendor and starts no plugin. Of a plugin that was not
// started it knows nothing; the rules that its descriptor states are then kept
// when it is.
type Known func(p Provider) (idv.Descriptor, bool)

// Validate returns everything that is wrong with a configuration, or nothing. It
// makes no call, resolves no secret and opens no file.
func Validate(c Config, known Known) Faults {
	v := &validator{config: c, known: known}
	v.values()
	v.listeners()
	v.store()
	v.telemetry()
	v.providers()
	v.routes()
	return v.faults.sorted()
}

// validator collects faults.
type validator struct {
	config Config
	known  Known
	faults Faults
}

// note adds a fault if there is a message.
func (v *validator) note(path, message string) {
	if message != "" {
		v.faults.add(path, message)
	}
}

// values keeps the rules for single values.
func (v *validator) values() {
	words, numbers, texts := choices(), spans(), patterns()
	leaves(v.config, func(path string, leaf reflect.Value) {
		k := kind(path)
		if rule, ok := words[k]; ok {
			v.note(path, rule.fault(leaf.String()))
		}
		if rule, ok := numbers[k]; ok {
			v.note(path, rule.fault(leaf))
		}
		if rule, ok := texts[k]; ok {
			v.note(path, rule.fault(leaf.String()))
		}
	})
}

// listeners keeps the rule that whoever reaches an API without keys must be on
// this machine.
func (v *validator) listeners() {
	c := v.config
	api, admin := listener(c.Listen), listener(c.AdminListen)
	v.note("listen", api)
	v.note("admin_listen", admin)
	if api != "" || admin != "" {
		return
	}
	if c.Listen == c.AdminListen && !anyPort(c.Listen) {
		v.note("admin_listen", "must differ from listen, or one of the two cannot open")
	}
	if c.Auth.Mode == "none" && !loopbackListener(c.Listen) {
		v.note("auth.mode", "none lets everybody ask who reaches listen, and is accepted only if that is "+
			"a loopback address; set listen to 127.0.0.1 or [::1]")
	}
}

func (v *validator) store() {
	if v.config.Store.DSN != "" && v.config.Store.Driver == "memory" {
		v.note("store.dsn", "the memory store takes none; leave it out")
	}
}

func (v *validator) telemetry() {
	if endpoint := v.config.Telemetry.OTLPEndpoint; endpoint != "" {
		v.note("telemetry.otlp_endpoint", urlFault(endpoint, plainAnywhere))
	}
}

// limits keeps the rules between the limits of one provider. A time that is
// longer than the one around it is no fault: the shorter one simply holds.
func (v *validator) limits(path string, l Limits) {
	if l.GateFirst > l.GateMax && l.GateMax >= time.Millisecond {
		v.note(path+".gate_first", "must not be longer than gate_max")
	}
}

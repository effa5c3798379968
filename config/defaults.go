package config

import (
	_ "embed"
	"reflect"
	"time"

	"github.com/heyan-id/heyan/policy"
)

// Example is a commented configuration with two accounts at one vendor. It loads and
// passes [Validate] as it stands.
//
//go:embed example.yaml
var Example string

// Defaults returns the configuration of a file that says nothing. It has no
// provider and no route, so it is complete but does not pass [Validate].
func Defaults() Config {
	return Config{
		Listen:      "127.0.0.1:8080",
		AdminListen: "127.0.0.1:8081",
		Store:       Store{Driver: "sqlite", DSN: "file:heyan.db", LotRows: 16},
		Auth:        Auth{Mode: "keys"},
		TLS:         TLS{Mode: "files"},
		Policy:      defaultPolicy(),
		Timeout:     10 * time.Second,
		MaxRequests: 512,
		Grace:       15 * time.Second,
		Idempotency: Idempotency{Expiry: 24 * time.Hour},
		Alerts:      Alerts{Percent: []int{50, 20, 5}, Days: []int{7, 2}, Every: time.Minute},
		Log:         Log{Level: "info", Format: "json"},
	}
}

func defaultPolicy() Policy {
	return Policy{
		Consent: Consent{
			Mode: "required", Notice: "identity-check", GuardianNotice: "identity-check-guardian", Language: "zh-CN", Uses: 3, Valid: 24 * time.Hour, MinReview: time.Second,
			Pause: 24 * time.Hour,
		},
		Retention: Retention{Verifications: 180 * 24 * time.Hour, Uncalled: 7 * 24 * time.Hour, Consents: 3 * 365 * 24 * time.Hour},
		Abuse:     Abuse{Window: 24 * time.Hour, BlockFor: 24 * time.Hour},
	}
}

// DefaultProvider returns a provider with the default limits and no name.
func DefaultProvider() Provider {
	return Provider{Plugin: Plugin{StartTimeout: 5 * time.Second}, Limits: Limits{
		Concurrency:     64,
		Timeout:         3 * time.Second,
		Connect:         2 * time.Second,
		BreakerFailures: 5,
		BreakerOpen:     5 * time.Second,
		GateFirst:       5 * time.Second,
		GateMax:         5 * time.Minute,
	}}
}

// DefaultRoute returns a route with the default mode and attempts, for no check.
func DefaultRoute() Route { return Route{Mode: "priority", MaxAttempts: 2} }

// blank returns what a new list element begins with.
func blank(t reflect.Type) reflect.Value {
	switch t {
	case reflect.TypeFor[Provider]():
		return reflect.ValueOf(DefaultProvider())
	case reflect.TypeFor[Route]():
		return reflect.ValueOf(DefaultRoute())
	case reflect.TypeFor[SecretHelper]():
		return reflect.ValueOf(SecretHelper{Timeout: 10 * time.Second, Refresh: 5 * time.Minute})
	case reflect.TypeFor[DropinClient]():
		return reflect.ValueOf(DropinClient{Tenant: "default"})
	case reflect.TypeFor[Purpose]():
		return reflect.ValueOf(Purpose{Basis: string(policy.ByConsent), Minors: string(policy.MinorsGuardian)})
	}
	return reflect.Zero(t)
}

package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/access"
)

// The tables of this file are the rules for single values, by path with [] for
// an index. [Validate] keeps them and [Schema] prints them.

// choice is the words that a value may be.
type choice struct{ words []string }

func choices() map[string]choice {
	checks := make([]string, 0, len(idv.Checks()))
	for _, c := range idv.Checks() {
		checks = append(checks, c.String())
	}
	return map[string]choice{
		"store.driver":             {words: []string{"memory", "sqlite", "postgres"}},
		"auth.mode":                {words: []string{"keys", "none"}},
		"auth.jwt[].algorithms[]":  {words: access.Algorithms()},
		"auth.jwt[].scopes[]":      {words: stringsOf(access.Scopes())},
		"auth.mtls[].scopes[]":     {words: stringsOf(access.Scopes())},
		"tls.mode":                 {words: []string{"files", "terminated_elsewhere"}},
		"policy.consent.mode":      {words: []string{"required", "external", "off"}},
		"policy.purposes[].basis":  {words: stringsOf(policy.Bases())},
		"policy.purposes[].minors": {words: stringsOf([]policy.Minors{policy.MinorsGuardian, policy.MinorsDeny, policy.MinorsAllow})},
		"policy.limits[].per":      {words: []string{"tenant", "app", "caller", "subject"}},
		"policy.limits[].window":   {words: []string{"minute", "hour", "day"}},
		"routes[].mode":            {words: stringsOf(route.Modes())},
		"routes[].check":           {words: checks},
		"alerts.webhooks[].format": {words: []string{"generic", "dingtalk", "wecom", "feishu"}},
		"webhooks[].events[]":      {words: []string{VerificationCompleted}},
		"log.level":                {words: []string{"debug", "info", "warn", "error"}},
		"log.format":               {words: []string{"json", "text"}},
	}
}

// stringsOf returns the words of a type of their own as strings.
func stringsOf[T ~string](words []T) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return list
}

// fault returns what is wrong with a word, or "".
func (c choice) fault(word string) string {
	if slices.Contains(c.words, word) {
		return ""
	}
	return "must be one of: " + strings.Join(c.words, ", ")
}

// bounds are the least and the most of a number; a duration is in nanoseconds.
type bounds struct{ least, most float64 }

func durations(least, most time.Duration) bounds { return bounds{float64(least), float64(most)} }

func ranges() map[string]bounds {
	return map[string]bounds{
		"timeout":                             durations(time.Millisecond, 5*time.Minute),
		"grace":                               durations(time.Millisecond, 10*time.Minute),
		"shutdown_delay":                      durations(0, 10*time.Minute),
		"store.lot_rows":                      {0, 128},
		"max_billable_calls":                  {0, 10},
		"max_requests":                        {1, 100_000},
		"policy.consent.uses":                 {1, 1000},
		"policy.consent.valid":                durations(24*time.Hour, 366*24*time.Hour),
		"policy.consent.min_review":           durations(0, 10*time.Minute),
		"policy.consent.pause":                durations(0, 366*24*time.Hour),
		"policy.purposes[].cache_ttl":         durations(0, policy.MaxCacheTTL),
		"policy.purposes[].second_opinions":   {0, 1_000_000},
		"policy.limits[].most":                {1, 1_000_000_000},
		"policy.abuse.window":                 durations(time.Hour, 7*24*time.Hour),
		"policy.abuse.block_for":              durations(time.Minute, 7*24*time.Hour),
		"policy.retention.verifications":      durations(0, 20*366*24*time.Hour),
		"policy.retention.uncalled":           durations(0, 20*366*24*time.Hour),
		"policy.retention.consents":           durations(0, 20*366*24*time.Hour),
		"providers[].cache_ttl":               durations(0, policy.MaxCacheTTL),
		"idempotency.expiry":                  durations(time.Minute, 90*24*time.Hour),
		"alerts.every":                        durations(time.Second, 24*time.Hour),
		"alerts.percent[]":                    {1, 99},
		"alerts.days[]":                       {1, 365},
		"secret_helpers[].timeout":            durations(time.Millisecond, time.Minute),
		"secret_helpers[].refresh":            durations(0, 24*time.Hour),
		"providers[].plugin.start_timeout":    durations(time.Millisecond, time.Minute),
		"accounts[].limits.concurrency":       {0, 10_000},
		"accounts[].limits.rate":              {0, 1_000_000},
		"providers[].limits.concurrency":      {1, 10_000},
		"providers[].limits.rate":             {0, 1_000_000},
		"providers[].limits.timeout":          durations(time.Millisecond, time.Minute),
		"providers[].limits.connect":          durations(time.Millisecond, time.Minute),
		"providers[].limits.first_byte":       durations(0, time.Minute),
		"providers[].limits.breaker_failures": {1, 1000},
		"providers[].limits.breaker_open":     durations(time.Millisecond, time.Hour),
		"providers[].limits.gate_first":       durations(time.Millisecond, 24*time.Hour),
		"providers[].limits.gate_max":         durations(time.Millisecond, 24*time.Hour),
		"routes[].max_attempts":               {1, 10},
		"routes[].weights[]":                  {0, 1_000_000},
		"telemetry.sample_ratio":              {0, 1},
	}
}

// fault returns what is wrong with a number, or "". It is written so that NaN is
// out of all bounds.
func (s bounds) fault(v reflect.Value) string {
	var number float64
	least, most := fmt.Sprint(s.least), fmt.Sprint(int64(s.most))
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		number = float64(v.Int())
		least, most = time.Duration(s.least).String(), time.Duration(s.most).String()
	case v.CanInt():
		number = float64(v.Int())
	default:
		number = v.Float()
	}
	if number >= s.least && number <= s.most {
		return ""
	}
	return "must be from " + least + " to " + most
}

// pattern is a form that a text must have, and its description.
type pattern struct {
	form *regexp.Regexp
	want string
}

var (
	hostForm   = regexp.MustCompile(`^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){0,9}$`)
	nameForm   = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	publicForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
	keyIDForm  = regexp.MustCompile(`^[a-z0-9]{1,16}$`)
	amountForm = regexp.MustCompile(`^([0-9]{1,9}(\.[0-9]{1,6})?)?$`)
)

func patterns() map[string]pattern {
	return map[string]pattern{
		"hosts[]":                               {hostForm, "must be a host name in small letters without scheme, port or wildcard, such as heyan.internal"},
		"secret_helpers[].name":                 {nameForm, "must be a name of 1 to 40 small letters, digits and hyphens"},
		"accounts[].network.pins[].host":        {hostForm, "must be a host name in small letters without scheme or port"},
		"auth.mtls[].name":                      {nameForm, "must be a name of 1 to 40 small letters, digits and hyphens"},
		"providers[].network.pins[].host":       {hostForm, "must be a host name in small letters without scheme or port"},
		"alerts.webhooks[].network.pins[].host": {hostForm, "must be a host name in small letters without scheme or port"},
		"webhooks[].network.pins[].host":        {hostForm, "must be a host name in small letters without scheme or port"},
		"webhooks[].name":                       {nameForm, "must be a name of 1 to 40 small letters, digits and hyphens"},
		"accounts[].name":                       {nameForm, "must be a name of 1 to 40 small letters, digits and hyphens"},
		"providers[].name":                      {nameForm, "must be a name of 1 to 40 small letters, digits and hyphens"},
		"policy.keys[].id":                      {keyIDForm, "must be 1 to 16 small letters and digits"},
		"policy.lost_keys[]":                    {keyIDForm, "must be 1 to 16 small letters and digits"},
		"policy.consent.old_receipt_keys[]":     {publicForm, "must be a public key of 64 hexadecimal digits, as the receipts name it"},
		"providers[].price.amount":              {amountForm, `must be a decimal in quotes, of at most 6 places and below one billion, such as "0.069"`},
	}
}

// fault returns what is wrong with a text, or "".
func (p pattern) fault(text string) string {
	if p.form.MatchString(text) {
		return ""
	}
	return p.want
}

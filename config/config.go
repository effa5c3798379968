// Package config reads and checks the configuration: its structs and defaults, the rules
// that values must keep, and what may be shown of it. Package assemble builds the engine
// from it.
//
// [Load] lets koanf merge the defaults, the file and the HEYAN_ variables, and decodes
// the result strictly. [Validate] checks the rules, and [Check] does both. All faults
// are returned at once, each with its path, line and remedy. Unknown keys are errors, so
// a misspelt limit is never ignored silently.
//
// Secrets are references, env:NAME, file:PATH or exec:NAME. Load does not follow them;
// [Resolve] reads one secret, and package assemble runs the helpers behind exec:. No fault, value or difference of this package shows the value of a setting,
// since a secret may stand where its reference belongs.
//
// [Diff] compares two configurations, [NeedsRestart] says which settings a running daemon
// cannot change, and [Files] which other files belong to a configuration.
//
// A new key is a field with a comment in config.go or policy.go, its default in defaults.go
// and its bounds in rules.go. The comment becomes the description in docs/config.md.
package config

import "time"

// The comment of each field is also its description in the JSON schema: this
// file is embedded and read by [Schema]. The json tag is the key in the file; a
// key without omitzero is one that has to be there.

// Config is the whole file. Its zero value is not valid; begin with [Defaults].
type Config struct {
	// Listen is the address of the API as host:port. Port 0 takes any free port.
	Listen string `json:"listen,omitzero" reload:"restart"`

	// AdminListen is the address of health, readiness and metrics, as host:port.
	AdminListen string `json:"admin_listen,omitzero" reload:"restart"`

	// Dropin says whether programs written for a vendor are answered in the vendor's form.
	Dropin Dropin `json:"dropin,omitzero"`

	// Hosts are the names by which callers reach the addresses, such as heyan.internal.
	// A request whose Host header is neither one of them, an IP address nor localhost is
	// refused, since a web page can give its own name to this machine's address.
	Hosts []string `json:"hosts,omitzero"`

	// Store says where what must survive is kept.
	Store Store `json:"store,omitzero" reload:"restart"`

	// Auth says how callers of the API prove who they are.
	Auth Auth `json:"auth,omitzero"`

	// TLS says how callers reach the addresses that are not loopback ones.
	TLS TLS `json:"tls,omitzero"`

	// TrustedProxies are the IP addresses and networks of proxies in front of the daemon,
	// such as 10.0.0.0/8. Of their requests the client is the last address in
	// X-Forwarded-For that is none of them; of any other request that header is ignored.
	TrustedProxies []string `json:"trusted_proxies,omitzero"`

	// Policy says what may be asked, on what ground and how often.
	Policy Policy `json:"policy,omitzero"`

	// Tenants are those that callers may be of; any if there are none. Each may differ from
	// policy in what it states.
	Tenants []Tenant `json:"tenants,omitzero"`

	// SecretHelpers are programs that print secrets, for references exec:NAME.
	SecretHelpers []SecretHelper `json:"secret_helpers,omitzero"`

	// Accounts are accounts at vendors, for products that share one.
	Accounts []Account `json:"accounts,omitzero"`

	// Providers are the vendors that may be asked, each with a name of its own.
	Providers []Provider `json:"providers,omitzero"`

	// Routes say which providers are asked for which check. A check without a
	// route is not answered.
	Routes []Route `json:"routes,omitzero"`

	// Calendar has the announced maintenance of the providers, beside what heyan calendar add
	// and POST /v1/calendar declare. A provider is not called in a window.
	Calendar []Window `json:"calendar,omitzero"`

	// Timeout is the time for one whole verification, over all its attempts.
	Timeout time.Duration `json:"timeout,omitzero"`

	// MaxBillableCalls is how many calls of one verification may turn out to be charged,
	// over all its attempts. 0 leaves it to the route's max_attempts, and makes it 2 where
	// the route has retry_unknown. A call that met a maintenance code counts too, as long as
	// it is not known whether that is billed.
	MaxBillableCalls int `json:"max_billable_calls,omitzero"`

	// MaxRequests is how many requests of callers are processed at once, over all tenants. Of
	// those beyond it some are refused with 503, first those of the tenant that has the most.
	MaxRequests int `json:"max_requests,omitzero"`

	// Grace is the time that calls in flight get to finish when the daemon stops.
	// A call that is cut off may have been billed without an answer.
	Grace time.Duration `json:"grace,omitzero"`
	// ShutdownDelay is the time for which a stopping daemon reports that it is not ready and
	// still serves, so that load balancers send no more requests before it refuses them.
	// 0 for none. It comes before Grace.
	ShutdownDelay time.Duration `json:"shutdown_delay,omitzero"`

	// Idempotency says how repeated requests are known.
	Idempotency Idempotency `json:"idempotency,omitzero"`
	// Alerts say when and where it is told that a package runs low.
	Alerts Alerts `json:"alerts,omitzero"`

	// Webhooks get a message about each completed verification.
	Webhooks []Subscription `json:"webhooks,omitzero"`

	// Log says what is logged, and how.
	Log Log `json:"log,omitzero"`

	// Telemetry says what metrics and traces have.
	Telemetry Telemetry `json:"telemetry,omitzero"`
}

// Store says where what must survive is kept.
type Store struct {
	// Driver is the kind of store. Memory loses everything when the process ends.
	Driver string `json:"driver,omitzero"`

	// DSN is the data source name of the driver. Memory takes none. A PostgreSQL server on
	// another machine needs sslmode=verify-full in it, or trust_network.
	DSN string `json:"dsn,omitzero"`

	// TrustNetwork allows a connection to a PostgreSQL server on another machine whose
	// certificate is not verified, or which is not encrypted. Whoever controls the network
	// can then read and change the ledger, the consents and the results.
	TrustNetwork bool `json:"trust_network,omitzero"`

	// LotRows is the number of rows that a package has on PostgreSQL. As many nodes draw on it at
	// the same time. With 1, one node at a time does; take 32 for more than 12 nodes; 0 means 16.
	// It concerns packages that are added later, and those that heyan ledger lots spread divides
	// anew.
	LotRows int `json:"lot_rows,omitzero"`
}

// Idempotency says how repeated requests are known.
type Idempotency struct {
	// Expiry is how long an Idempotency-Key is kept after its request.
	Expiry time.Duration `json:"expiry,omitzero"`
	// Key is a reference to the key of the hash that is kept of a request; all nodes
	// of a postgres store share it. Beside a sqlite file one is made, as heyan.db.key.
	Key string `json:"key,omitzero" reload:"restart"`
}

// Alerts say when and where it is told that a package runs low.
type Alerts struct {
	// Percent are the shares of what was bought at which it is told once each.
	Percent []int `json:"percent,omitzero"`
	// Days are the days left, at the last week's rate, at which it is told.
	Days []int `json:"days,omitzero"`
	// Every is how often the balances are looked at.
	Every time.Duration `json:"every,omitzero"`
	// Webhooks are told beside the log.
	Webhooks []Webhook `json:"webhooks,omitzero"`
}

// TLS says how callers reach the addresses that are not loopback ones.
type TLS struct {
	// Mode says who ends TLS. Files is the daemon, with cert and key. Terminated_elsewhere is
	// a proxy or a mesh in front of it: listen then accepts plain HTTP on any address, and
	// API keys and personal data are readable between the two.
	Mode string `json:"mode,omitzero" reload:"restart"`
	// Cert is the PEM file of the certificate and its chain, the leaf first. It is read again
	// when it changes.
	Cert string `json:"cert,omitzero"`
	// Key is the PEM file of the certificate's private key, readable by its owner only.
	Key string `json:"key,omitzero"`
	// ClientCA is the PEM file of the authorities whose client certificates are verified, for
	// auth.mtls. A client without a certificate may still send a key. It is read again when it
	// changes.
	ClientCA string `json:"client_ca,omitzero"`
}

// Provider is one vendor account that may be asked.
type Provider struct {
	// Name is how routes, logs and bills call this provider: small letters, digits
	// and hyphens, at most 40. It must be unique.
	Name string `json:"name"`

	// Use is the vendor's product, vendor/product or vendor: a built-in one, by the name
	// that `heyan provider list` prints, or one of those that plugin serves. Leave it out
	// if the plugin serves one product only.
	Use string `json:"use,omitzero"`
	// Account is the account that the product is bought with, one of accounts. Leave it out
	// if no other provider shares it; then settings hold the keys.
	Account string `json:"account,omitzero"`
	// Declared is a YAML file that describes the vendor's product, instead of use. A relative
	// path is relative to the configuration file.
	Declared string `json:"declared,omitzero"`
	// Plugin is an adapter in a process of its own. Providers whose plugins are
	// configured alike share the process.
	Plugin Plugin `json:"plugin,omitzero"`

	// Recipient is the legal name of the body that receives the personal data. If
	// it is left out, the one that the adapter states is used.
	Recipient string `json:"recipient,omitzero"`

	// RecipientContact is how a person reaches that body; a notice must say it.
	RecipientContact string `json:"recipient_contact,omitzero"`

	// CacheTTL is how long an answer may be returned again without a call, where the
	// purpose allows it too; 0 never. A vendor that promises fresh data, as idcert does, is
	// always called, and a duration here is refused.
	CacheTTL time.Duration `json:"cache_ttl,omitzero"`

	// Settings are the adapter's own, by the names that `heyan provider show`
	// prints. Secrets among them are references: env:NAME, file:PATH or exec:NAME.
	Settings Settings `json:"settings,omitzero"`

	// Network says how the vendor is reached, in place of the account's network as a whole. A
	// plugin with a custom transport makes its own calls and takes none.
	Network Network `json:"network,omitzero"`

	// Limits protect the vendor, the budget and the caller's patience.
	Limits Limits `json:"limits,omitzero"`

	// Price is what one call costs. If it is left out, the adapter's list price is
	// used.
	Price Price `json:"price,omitzero"`
}

// Plugin is an adapter in a process of its own, which the daemon starts, watches
// and restarts. It gets no secret unless it makes its own calls.
type Plugin struct {
	// Path is the plugin's executable file. A relative path is relative to the
	// working directory.
	Path string `json:"path,omitzero"`
	// SHA256 is the checksum of the file, in 64 hexadecimal digits, as `heyan
	// provider check` and sha256sum print it. Another file is not started.
	SHA256 string `json:"sha256,omitzero"`
	// Args are arguments for it; most plugins take none. If path is an interpreter,
	// sha256 pins the interpreter and not the script that it is given here.
	Args []string `json:"args,omitzero"`
	// Plaintext does without certificates on the private socket, for a plugin in a
	// language that cannot make them.
	Plaintext bool `json:"plaintext,omitzero"`
	// StartTimeout is the time for the process to be ready.
	StartTimeout time.Duration `json:"start_timeout,omitzero"`
	// LogMessages are the constant sentences that the plugin may log. Its other lines
	// are counted and withheld, since they may hold personal data in any form.
	LogMessages []string `json:"log_messages,omitzero"`
	// LogRaw shows all lines of the plugin's log, for a plugin under development with
	// fictitious persons. The lines may hold personal data; a warning at the start
	// says so.
	LogRaw bool `json:"log_raw,omitzero"`
}

// Limits protect the vendor, the budget and the caller's patience.
type Limits struct {
	// Concurrency is how many calls may be in flight at once.
	Concurrency int `json:"concurrency,omitzero"`

	// Rate is how many calls a second may be begun; 0 sets no limit.
	Rate float64 `json:"rate,omitzero"`

	// Timeout is the time for one call as a whole, the connection included.
	Timeout time.Duration `json:"timeout,omitzero"`

	// Connect is the time for the connection to stand, TLS included. A call that
	// fails here was never sent, so another vendor may be asked without risk.
	Connect time.Duration `json:"connect,omitzero"`

	// FirstByte is the time from the request being written to the first byte of
	// the reply; 0 leaves it to Timeout.
	FirstByte time.Duration `json:"first_byte,omitzero"`

	// BreakerFailures is how many failed calls in a row open the breaker. It also opens if
	// half of at least 20 calls of the last minute failed, and on a stall: three calls that
	// run for longer than twice the 99.9th percentile of the answers.
	BreakerFailures int `json:"breaker_failures,omitzero"`

	// BreakerOpen is how long an open breaker keeps the vendor out before one
	// trial call.
	BreakerOpen time.Duration `json:"breaker_open,omitzero"`

	// GateFirst is how long the vendor is left alone after it said that it is in
	// maintenance, if it gave no time, and the pause between trial calls.
	GateFirst time.Duration `json:"gate_first,omitzero"`

	// GateMax bounds the pause between trial calls. The pause grows only if the vendor
	// charges for failed trials, or if it names a time.
	GateMax time.Duration `json:"gate_max,omitzero"`
}

// Price is what one call costs.
type Price struct {
	// Amount is a decimal in quotes, of at most six places, as "0.069".
	Amount string `json:"amount,omitzero"`

	// Currency is the ISO 4217 code; CNY if it is left out. All providers must be
	// priced in the same one, for there is no exchange rate here.
	Currency string `json:"currency,omitzero"`
}

// Route says which providers are asked for one check.
type Route struct {
	// Check is the question that this route is for. Of several routes for a check, the
	// first that matches a request is used.
	Check string `json:"check"`

	// Match is a CEL condition for the requests of this route, such as 'app == "loans"'. It
	// knows tenant, app, check, document, purpose, region and name_script. If it is left
	// out, the route takes every request.
	Match string `json:"match,omitzero"`

	// Mode is how the providers are ordered: priority by the list, weighted in proportion to
	// weights, cheapest by the price of the next unit, fastest by the latency of answers,
	// sticky by the person.
	Mode string `json:"mode,omitzero"`

	// Providers are the names of the providers, the preferred one first.
	Providers []string `json:"providers"`

	// Weights are the shares of the providers as first choice, in the order of providers,
	// for mode weighted. A provider with 0 is only called after the others.
	Weights []int `json:"weights,omitzero"`

	// MaxAttempts is how many calls one verification may make, over all providers.
	MaxAttempts int `json:"max_attempts,omitzero"`

	// RetryUnknown allows another vendor to be asked after a call whose outcome is
	// unknown. Both vendors may then charge for the same question.
	RetryUnknown bool `json:"retry_unknown,omitzero"`

	// RetrySubjectLimited allows another vendor to be asked after one said that
	// this person was asked about too often.
	RetrySubjectLimited bool `json:"retry_subject_limited,omitzero"`
}

// Window is a time in which a provider is not called: one that recurs, by cron and duration, or
// a single one, by from and to.
type Window struct {
	// Provider is the name of the provider.
	Provider string `json:"provider"`

	// Cron is when the window begins, in five fields in quotes: minute, hour, day of the
	// month, month, day of the week. "0 2 * * 0" is Sundays at 02:00.
	Cron string `json:"cron,omitzero"`

	// Duration is how long a window of cron lasts, from 1m to 168h.
	Duration time.Duration `json:"duration,omitzero"`

	// Zone is the IANA time zone of cron, and of from and to without an offset;
	// Asia/Shanghai if it is left out.
	Zone string `json:"zone,omitzero"`

	// From is when a single window begins, in quotes, such as "2026-12-05 02:00" in zone, or
	// "2026-12-05T02:00:00+08:00".
	From string `json:"from,omitzero"`

	// To is when a single window ends, at most 31 days after from.
	To string `json:"to,omitzero"`

	// Reason is for operators, as heyan calendar list shows it.
	Reason string `json:"reason,omitzero"`
}

// Log says what is logged, and how.
type Log struct {
	// Level is the least grave level that is logged.
	Level string `json:"level,omitzero"`

	// Format is json for machines or text for people.
	Format string `json:"format,omitzero" reload:"restart"`
}

// Telemetry says what metrics and traces have. The OTEL_ variables of the environment say
// where they are sent.
type Telemetry struct {
	// OTLPEndpoint is the URL of an OTLP collector over HTTP for traces, unless OTEL_
	// variables name one.
	OTLPEndpoint string `json:"otlp_endpoint,omitzero" reload:"restart"`

	// SampleRatio is the share of verifications that are traced, from 0 to 1, unless
	// OTEL_TRACES_SAMPLER says another.
	SampleRatio float64 `json:"sample_ratio,omitzero"`

	// TenantLabel adds the label tenant to the metrics of verifications and refused
	// requests. The first 100 tenants have a value of their own, the others share one.
	TenantLabel bool `json:"tenant_label,omitzero" reload:"restart"`
}

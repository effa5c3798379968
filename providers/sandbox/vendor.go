package sandbox

import (
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/heyan-id/heyan/engine/idv"
)

// Vendor is the address and the credentials of a fake vendor. The credentials print
// masked. Only the JSON, which is the output of `heyan sandbox --json`, shows them;
// they are valid for this sandbox alone.
type Vendor struct {
	Name      string        `json:"vendor"`
	URL       string        `json:"url"`
	AppCode   idv.Sensitive `json:"appcode"`
	AppKey    string        `json:"app_key"`
	AppSecret idv.Sensitive `json:"app_secret"`

	// Product is the name of the product's adapter, "" for the vendor of idcert that is
	// written by hand. Settings are the settings with which the adapter calls the vendor,
	// beside base_url.
	Product  string                   `json:"product"`
	Settings map[string]idv.Sensitive `json:"settings"`
}

// MarshalJSON returns vendor, url and the credentials in clear: {"appcode","app_key",
// "app_secret"} for the vendor of idcert, else product and its settings by their names.
func (v Vendor) MarshalJSON() ([]byte, error) {
	if v.Product == "" {
		return json.Marshal(struct {
			Name      string `json:"vendor"`
			URL       string `json:"url"`
			AppCode   string `json:"appcode"`
			AppKey    string `json:"app_key"`
			AppSecret string `json:"app_secret"`
		}{v.Name, v.URL, v.AppCode.Reveal(), v.AppKey, v.AppSecret.Reveal()})
	}
	line := map[string]string{}
	for name, value := range v.Settings {
		line[name] = value.Reveal()
	}
	line["vendor"], line["url"], line["product"] = v.Name, v.URL, v.Product
	return json.Marshal(line)
}

// inClear returns a setting of a fake vendor.
func inClear(v idv.Sensitive) string { return v.Reveal() }

// Credentials returns the names of the settings in their order with their values in clear.
func (v Vendor) Credentials() (names, values []string) {
	names = slices.Sorted(maps.Keys(v.Settings))
	for _, name := range names {
		values = append(values, v.Settings[name].Reveal())
	}
	return names, values
}

// backend is what answers in the place of a vendor: idcert's, which is written by hand, or a
// product's, which is made from what heyan knows of the product.
type backend interface {
	// receive reads and authenticates a request. It returns the call, or the reply to a
	// request without a known person.
	receive(w http.ResponseWriter, r *http.Request) (*call, *reply)
	// moved returns the path of the redirect's target.
	moved() string
	// behavior returns what a mode does, or why it has no meaning for the product.
	behavior(m Mode) (behavior, error)
	// describe sets the credentials.
	describe(v *Vendor)
	costs() map[string]bool
	codes() any
}

// vendor is one fake vendor: backend, meter and active scenario.
type vendor struct {
	name    string
	backend backend
	meter   *meter
	active  *active
	rate    *rate.Limiter // nil without a limit
	quota   int64         // 0 without a limit
	observe func(Event)
	log     *slog.Logger
}

func newVendor(cfg VendorConfig, key []byte, all Config) (*vendor, error) {
	var b backend = newIdcert(cfg)
	if cfg.Product != nil {
		p, err := newProduct(cfg)
		if err != nil {
			return nil, err
		}
		b = p
	}
	costs := b.costs()
	maps.Copy(costs, cfg.Billed)
	v := &vendor{
		name: cfg.Name, backend: b, meter: newMeter(key, costs), active: newActive(cfg.initial()),
		quota: cfg.Quota, observe: all.Observe, log: all.Log.With("vendor", cfg.Name),
	}
	needs := []Mode{cfg.initial().Mode}
	if cfg.Rate > 0 {
		v.rate = rate.NewLimiter(rate.Limit(cfg.Rate), int(max(1, cfg.Rate)))
		needs = append(needs, ModeThrottled429)
	}
	if cfg.Quota > 0 {
		needs = append(needs, ModeQuotaExhausted)
	}
	for _, m := range needs {
		if err := v.supports(m); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// limited returns the mode in which a call is answered: the vendor's limits come before a
// scenario.
func (v *vendor) limited(m Mode) Mode {
	switch {
	case v.rate != nil && !v.rate.Allow():
		return ModeThrottled429
	case v.quota > 0 && v.meter.stats().Billed >= v.quota:
		return ModeQuotaExhausted
	}
	return m
}

// supports returns why a mode has no meaning for the vendor.
func (v *vendor) supports(m Mode) error {
	if _, err := v.backend.behavior(m); err != nil {
		return &ScenarioError{Detail: string(m) + " has no meaning for " + v.name + ": " + err.Error(), Field: "mode"}
	}
	return nil
}

// reply is a reply before it is sent. code is the outcome that the meter counts.
type reply struct {
	code    string
	billed  bool // unless the meter says otherwise
	refused bool // by the gateway, before the vendor sees the request
	status  int
	header  http.Header
	body    []byte
}

// call is one request to the backend.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	subject person
	asked   any // of a product, replica.Asked
	swap    *swap
}

// ServeHTTP passes a request through gateway, meter and backend, in that order.
func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, out := v.backend.receive(w, r)
	if out != nil && out.code == outcomeToken {
		v.meter.countRefusal(out.code)
		out.write(w)
		return
	}
	v.meter.countRequest()
	switch {
	case out != nil && out.refused:
		v.refuse(w, *out)
	case out != nil:
		v.answer(&call{w: w, r: r}, Scenario{}, behavior{send: sendAll}, *out)
	case r.URL.Path == v.backend.moved():
		b, err := v.backend.behavior(modeFollowed)
		v.serve(c, Scenario{}, b, err)
	default:
		sc := v.active.next()
		b, err := v.backend.behavior(v.limited(sc.Mode))
		v.serve(c, sc, b, err)
	}
}

func (v *vendor) serve(c *call, sc Scenario, b behavior, err error) {
	if err != nil {
		notPlayable(err).write(c.w)
		return
	}
	v.answer(c, sc, b, b.compose(c))
}

// answer counts before it answers, so that no byte of a reply is sent before its charge is
// counted.
func (v *vendor) answer(c *call, sc Scenario, b behavior, out reply) {
	event := Event{Vendor: v.name, At: time.Now(), Code: out.code}
	if out.refused {
		v.meter.countRefusal(out.code)
	} else {
		event.Person, event.Billed = v.meter.charge(c.subject, out)
	}
	v.observe(event)
	v.log.Info("sandbox: answered", "code", out.code)
	if !wait(c.r.Context(), sc.latency()) {
		resetConn(c.r)
	}
	b.send(c, out)
}

// refuse answers as the gateway: it bills nothing and records no fingerprint.
func (v *vendor) refuse(w http.ResponseWriter, out reply) {
	v.meter.countRefusal(out.code)
	v.observe(Event{Vendor: v.name, At: time.Now(), Code: out.code})
	v.log.Info("sandbox: refused", "code", out.code)
	out.write(w)
}

// notPlayable is the sandbox's own reply to a question that the product has no answer for.
func notPlayable(err error) reply {
	return reply{
		code: "not_playable", status: http.StatusNotImplemented, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
		body: []byte("sandbox: " + err.Error() + "\n"),
	}
}

// write sends a reply as it is.
func (out reply) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), out.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body) // the client may have disconnected
}

// drain reads the body, so that the server notices when the client disconnects. It
// reports whether the body was within the limit.
func drain(r *http.Request) ([]byte, bool) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxBodyBytes+1))
	return body, len(body) <= maxBodyBytes
}

func (sc Scenario) latency() time.Duration { return time.Duration(sc.LatencyMS) * time.Millisecond }

package sandbox

import (
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"time"

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
}

// MarshalJSON returns {"vendor","url","appcode","app_key","app_secret"} in clear.
func (v Vendor) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name      string `json:"vendor"`
		URL       string `json:"url"`
		AppCode   string `json:"appcode"`
		AppKey    string `json:"app_key"`
		AppSecret string `json:"app_secret"`
	}{v.Name, v.URL, v.AppCode.Reveal(), v.AppKey, v.AppSecret.Reveal()})
}

// vendor is one fake vendor: gateway, backend, meter and active scenario.
type vendor struct {
	name      string
	gate      *gateway
	meter     *meter
	active    *active
	swap      *swap
	behaviors map[Mode]behavior
	log       *slog.Logger
}

func newVendor(cfg VendorConfig, key []byte, log *slog.Logger) *vendor {
	return &vendor{
		name: cfg.Name, gate: newGateway(cfg), meter: newMeter(key, cfg.Billed), active: newActive(),
		swap: new(swap), behaviors: behaviors(), log: log.With("vendor", cfg.Name),
	}
}

// reply is a reply before it is sent. code is the outcome that the meter counts.
type reply struct {
	code   string
	status int
	header http.Header
	body   []byte
}

// call is one request to the backend.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	swap    *swap
	subject person
}

// ServeHTTP passes a request through gateway, meter and backend, in that order.
func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ca-Request-Id", requestID())
	v.meter.countRequest()
	if r.URL.Path == movedPath {
		v.serve(w, r, Scenario{}, behavior{compose: followed, send: sendAll})
		return
	}
	if f := v.gate.check(r); f != nil {
		v.refuse(w, *f)
		return
	}
	sc := v.active.next()
	b := v.behaviors[sc.Mode]
	if b.refuse == nil {
		v.serve(w, r, sc, b)
		return
	}
	if !wait(r.Context(), sc.latency()) {
		resetConn(r)
	}
	v.refuse(w, *b.refuse)
}

// serve bills before it answers, so that no byte of a reply is sent before its charge
// is counted.
func (v *vendor) serve(w http.ResponseWriter, r *http.Request, sc Scenario, b behavior) {
	c := &call{w: w, r: r, swap: v.swap, subject: personOf(r.URL.Query())}
	out := b.compose(c)
	v.meter.charge(c.subject, out.code)
	v.log.Info("sandbox: answered", "code", out.code)
	if !wait(r.Context(), sc.latency()) {
		resetConn(r)
	}
	b.send(c, out)
}

// refuse answers as the gateway: it bills nothing and records no fingerprint.
func (v *vendor) refuse(w http.ResponseWriter, f refusal) {
	v.meter.countRefusal(f.outcome())
	v.log.Info("sandbox: refused", "code", f.outcome())
	f.reply().write(w)
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
func drain(r *http.Request) bool {
	n, _ := io.Copy(io.Discard, io.LimitReader(r.Body, maxBodyBytes+1))
	return n <= maxBodyBytes
}

func (sc Scenario) latency() time.Duration { return time.Duration(sc.LatencyMS) * time.Millisecond }

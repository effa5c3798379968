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

// Vendor is a fake vendor's address and credentials. The credentials print
// masked; only its JSON, the line of `heyan sandbox --json`, shows them, since
// handing them out is what that line is for. They open nothing but this sandbox.
type Vendor struct {
	Name      string        `json:"vendor"`
	URL       string        `json:"url"`
	AppCode   idv.Sensitive `json:"appcode"`
	AppKey    string        `json:"app_key"`
	AppSecret idv.Sensitive `json:"app_secret"`
}

// MarshalJSON writes {"vendor","url","appcode","app_key","app_secret"}, all in
// clear.
func (v Vendor) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name      string `json:"vendor"`
		URL       string `json:"url"`
		AppCode   string `json:"appcode"`
		AppKey    string `json:"app_key"`
		AppSecret string `json:"app_secret"`
	}{v.Name, v.URL, v.AppCode.Reveal(), v.AppKey, v.AppSecret.Reveal()})
}

// vendor is one fake: gateway, backend, meter and the scenario in play.
type vendor struct {
	name  string
	gate  *gateway
	book  *book
	stage *stage
	swap  *swap
	plays map[Mode]play
	log   *slog.Logger
}

func newVendor(cfg VendorConfig, key []byte, log *slog.Logger) *vendor {
	return &vendor{
		name: cfg.Name, gate: newGateway(cfg), book: newBook(key, cfg.Billed), stage: newStage(),
		swap: new(swap), plays: plays(), log: log.With("vendor", cfg.Name),
	}
}

// reply is an answer before it is sent. Its code is the outcome that the meter
// counts.
type reply struct {
	code   string
	status int
	header http.Header
	body   []byte
}

// visit is one request on its way through the backend.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	swap  *swap
	asked person
}

// ServeHTTP lets a request through gateway, meter and backend, in that order.
func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ca-Request-Id", requestID())
	v.book.arrive()
	if r.URL.Path == movedPath {
		v.serve(w, r, Scenario{}, play{compose: followed, send: whole})
		return
	}
	if no := v.gate.admit(r); no != nil {
		v.turnAway(w, *no)
		return
	}
	sc := v.stage.next()
	act := v.plays[sc.Mode]
	if act.refuse == nil {
		v.serve(w, r, sc, act)
		return
	}
	if !wait(r.Context(), sc.latency()) {
		hangUp(r)
	}
	v.turnAway(w, *act.refuse)
}

// serve bills first and answers then, so that no answer is ever out before its
// charge is counted.
func (v *vendor) serve(w http.ResponseWriter, r *http.Request, sc Scenario, act play) {
	vis := &visit{w: w, r: r, swap: v.swap, asked: personOf(r.URL.Query())}
	out := act.compose(vis)
	v.book.charge(vis.asked, out.code)
	v.log.Info("sandbox: answered", "code", out.code)
	if !wait(r.Context(), sc.latency()) {
		hangUp(r)
	}
	act.send(vis, out)
}

// turnAway answers for the gateway: nothing is billed, and nobody was seen.
func (v *vendor) turnAway(w http.ResponseWriter, no refusal) {
	v.book.refuse(no.outcome())
	v.log.Info("sandbox: refused", "code", no.outcome())
	no.reply().write(w)
}

// write sends a reply as it is.
func (out reply) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), out.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body) // a client that has gone away has lost its answer
}

// drain reads what body a request has, so that the server notices when the
// client goes away. It reports whether the body was within the limit.
func drain(r *http.Request) bool {
	n, _ := io.Copy(io.Discard, io.LimitReader(r.Body, maxBodyBytes+1))
	return n <= maxBodyBytes
}

func (sc Scenario) latency() time.Duration { return time.Duration(sc.LatencyMS) * time.Millisecond }

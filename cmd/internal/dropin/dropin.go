// Package dropin answers in the place of two vendors of the Aliyun market, so that a program
// written for one of them runs unchanged against heyan: it needs another host name and a
// heyan key in place of its AppCode.
//
// It translates a vendor's request into one of the engine, and the result into the vendor's
// JSON or the gateway's error headers, by the table of [Rows]. It contains no rule of money or
// privacy: what a caller may ask, on which basis and how often is decided by the engine.
//
// The vendors' requests hold claims in the URL. Nothing of a URL or a form is logged, traced or
// measured here: log and metrics name the path of a form, never that of a request.
package dropin

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/admission"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/access"
)

// Client says what the requests of some callers are made for, since a vendor's interface has no
// place for it.
type Client struct {
	Tenant    idv.Tenant
	App       string // that the requests are of; "" is the only app of a key, or none
	Purpose   string
	ConsentID string // the reference of a controller that keeps the consents itself; "" for none
}

// Dependencies are what the handler uses. Engine and Auth are required.
type Dependencies struct {
	Engine   *engine.Engine
	Auth     auth.Authenticator
	Refusals *auth.Refusals    // counts what is refused; nil counts nothing
	Shares   *admission.Shares // the places of requests that are processed at once; nil sets no limit
	Clients  []Client          // the first that fits a key says what its requests are for; without one it is refused
	Hosts    []string          // names that a Host header may have beside IP addresses and localhost
	Timeout  time.Duration     // of everything before the verification, which has its own; 10 s if 0
	Log      *slog.Logger      // gets a line for each request; nil discards them

	// Observe wraps the handler; route returns the path of a request's form, "unmatched" if it
	// has none. Nil leaves the handler as it is.
	Observe func(route func(*http.Request) string, next http.Handler) http.Handler
	// Answered is called for each request with the name of the form and the code of the answer,
	// one of the pairs of [Answers]. Nil counts nothing.
	Answered func(form, code string)
}

// Handler returns the handler of the drop-in address. It is safe for concurrent use.
func Handler(d Dependencies) http.Handler {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	d.Timeout = cmp.Or(d.Timeout, 10*time.Second)
	f := &front{d, newRows()}
	if d.Observe == nil {
		return f
	}
	return d.Observe(func(r *http.Request) string { return pathOf(formOf(r)) }, f)
}

// front serves requests.
type front struct {
	Dependencies

	rows map[Outcome]Row
}

// answer is what a request gets.
type answer struct {
	outcome      Outcome
	detail       string // more than the table says, for the header or the log; holds no value of the request
	retry        time.Duration
	verification string // its id or trace id; "" without a verification
	key          string // the id of the caller's key; "" without one
	echo         claims
}

// ServeHTTP answers a request. It makes a HEAD request no call: only the vendor's own method does.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began, id := time.Now(), requestID()
	h := w.Header()
	h.Set(headerRequestID, id)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	asked := formOf(r)
	a := f.recovered(asked, r)
	row := f.rows[a.outcome]
	f.write(w, asked, &row, &a, id)
	f.record(r.Context(), asked, &row, &a, slog.String("request_id", id), slog.Duration("duration", time.Since(began)))
}

// recovered answers a request, also if that panics. The panic's value is discarded, since it may
// contain a claim.
func (f *front) recovered(asked *form, r *http.Request) (a answer) {
	defer func() {
		if recover() != nil {
			a = answer{outcome: Fault}
		}
	}()
	return f.answer(asked, r)
}

// answer checks a request as the gateway does, path and method first, then who sends it, then
// what it asks.
func (f *front) answer(asked *form, r *http.Request) answer {
	switch {
	case !admission.KnowsHost(f.Hosts, r.Host):
		return answer{outcome: UnknownHost}
	case asked == nil:
		return answer{outcome: UnknownPath}
	case r.Method != asked.method:
		return answer{outcome: WrongMethod}
	}
	ctx, cancel := context.WithTimeout(r.Context(), f.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	principal, refused := f.authenticate(r)
	if refused != nil {
		return *refused
	}
	a := f.ask(asked, r, &principal)
	a.key = principal.Key
	return a
}

// ask answers a request of a principal.
func (f *front) ask(asked *form, r *http.Request, p *access.Principal) answer {
	client, refused := f.client(p)
	if refused != nil {
		return *refused
	}
	if f.Shares != nil {
		if !f.Shares.Take(r.Context(), p.Tenant) {
			f.count(access.Overloaded)
			return answer{outcome: Limited}
		}
		defer f.Shares.Give(p.Tenant)
	}
	read, outcome := asked.read(r)
	if outcome != "" {
		return answer{outcome: outcome, echo: read}
	}
	return f.verify(r.Context(), client, p.Key, read)
}

// verify makes the verification. It continues if the caller disconnects, as the vendor charges
// for a call either way.
func (f *front) verify(ctx context.Context, c Client, caller string, read claims) answer {
	done, err := f.Engine.Verify(context.WithoutCancel(ctx), idv.Request{
		Tenant: c.Tenant, App: c.App, Purpose: c.Purpose, ConsentID: c.ConsentID, Caller: caller, Check: idv.CheckIDName,
		Subject: idv.Subject{Name: read.name, IDNumber: read.number},
	})
	a := answer{echo: read}
	if err != nil {
		p := engine.ProblemOf(err)
		a.outcome, a.detail, a.retry, a.verification = refusalOf(&p), detailOf(&p), p.RetryAfter, p.Verification
		return a
	}
	a.outcome, a.verification = outcomeOf(&done, f.Engine.Providers), cmp.Or(done.ID, done.TraceID)
	return a
}

// write writes the answer.
func (f *front) write(w http.ResponseWriter, asked *form, row *Row, a *answer, id string) {
	h := w.Header()
	if row.Gateway != nil {
		message := row.Gateway.Message
		if a.detail != "" {
			message += ": " + a.detail
		}
		if asked != nil && a.outcome == WrongMethod {
			h.Set("Allow", asked.method)
		}
		if after := max(a.retry, row.Gateway.Retry); after > 0 {
			h.Set("Retry-After", strconv.FormatInt(int64((after+time.Second-1)/time.Second), 10))
		}
		h.Set(headerCode, row.Gateway.Code)
		h.Set(headerMessage, message)
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Length", "0")
		w.WriteHeader(row.Gateway.Status)
		return
	}
	var body bytes.Buffer
	asked.write(&body, row, a.echo, cmp.Or(a.verification, id))
	h.Set("Content-Type", "application/json;charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	_, _ = w.Write(body.Bytes()) // an error means that the client disconnected
}

// record writes the line of the access log, and counts.
func (f *front) record(ctx context.Context, asked *form, row *Row, a *answer, attrs ...slog.Attr) {
	code := row.codeOf(asked)
	if f.Answered != nil {
		f.Answered(nameOf(asked), code)
	}
	attrs = append(attrs, slog.String("route", pathOf(asked)), slog.String("code", code), slog.String("outcome", string(a.outcome)), slog.String("verification", a.verification), slog.String("key", a.key))
	if a.detail != "" {
		attrs = append(attrs, slog.String("detail", a.detail))
	}
	f.Log.LogAttrs(ctx, slog.LevelInfo, "drop-in request answered", attrs...)
}

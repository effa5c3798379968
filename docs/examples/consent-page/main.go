// Command consent-page is an example of a registration page with consent. It shows the
// notice, records the decision, and verifies name and number only after the person
// agreed. Until then it keeps both in memory, and never in a log, a URL or a file.
package main

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"flag"
	"html/template"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

//go:embed page.html
var pageText string

func main() {
	listen := flag.String("listen", "127.0.0.1:8090", "the address of this page")
	heyan := flag.String("heyan", "http://127.0.0.1:8080", "the internal address of heyan")
	purpose := flag.String("purpose", "account_opening", "a purpose of heyan's configuration")
	flag.Parse()
	p := newPage(*heyan, *purpose)
	p.key = os.Getenv("HEYAN_KEY") // with the scopes verify and consent
	server := &http.Server{Addr: *listen, Handler: p.routes(), ReadTimeout: 10 * time.Second}
	log.Printf("the registration page is at http://%s and calls heyan at %s", *listen, *heyan)
	log.Fatal(server.ListenAndServe())
}

// page is the registration page. It is safe for concurrent use.
type page struct {
	base, purpose string
	key           string // of heyan's API, "" without one
	http          *http.Client
	html          *template.Template
	visits        sync.Map // by the cookie
}

// visit is the session of one person. Name and number are deleted after the decision.
type visit struct {
	sync.Mutex
	name, number, key string // key is the idempotency key of the verification
	Result, Reason    string // the verdict, and why there is none
	Message           string // a code of the message to show
	ID, State, Text   string // these and the hash are heyan's
	TextHash          string `json:"text_hash"`
}

func newPage(base, purpose string) *page {
	return &page{base: base, purpose: purpose, http: &http.Client{Timeout: 15 * time.Second}, html: template.Must(template.New("").Parse(pageText))}
}

// routes returns the handler. It refuses cross-site forms.
func (p *page) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { p.show(w, &visit{}, nil) })
	mux.HandleFunc("POST /notice", p.notice)
	mux.HandleFunc("POST /decision", p.known(p.decide))
	mux.HandleFunc("POST /withdrawal", p.known(func(w http.ResponseWriter, r *http.Request, v *visit) {
		p.show(w, v, p.tell(r, v, "withdraw", map[string]any{}))
	}))
	mux.HandleFunc("GET /receipt.html", p.known(p.receipt("/receipt.html", "text/html; charset=utf-8")))
	mux.HandleFunc("GET /receipt.json", p.known(p.receipt("/receipt", "application/json")))
	return http.NewCrossOriginProtection().Handler(http.MaxBytesHandler(mux, 4<<10))
}

// notice drafts the notice, records that it is presented, and shows it.
func (p *page) notice(w http.ResponseWriter, r *http.Request) {
	v := &visit{name: r.PostFormValue("name"), number: r.PostFormValue("number"), key: rand.Text()}
	err := p.heyan(r, "/v1/consents", "", map[string]any{
		"app": "registration", "purpose": p.purpose, "channel": "web", "presenter": "registration page 1",
		"subject": map[string]string{"name": v.name, "id_number": v.number},
	}, v)
	cookie := &http.Cookie{Name: "visit", Value: rand.Text(), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if err == nil {
		address, _, _ := net.SplitHostPort(r.RemoteAddr) // heyan keeps keyed hashes of these three
		err = p.tell(r, v, "present", map[string]any{"session": cookie.Value, "address": address, "agent": r.UserAgent()})
	}
	if err == nil {
		p.visits.Store(cookie.Value, v)
		time.AfterFunc(30*time.Minute, func() { p.visits.Delete(cookie.Value) })
		http.SetCookie(w, cookie)
	}
	p.show(w, v, err)
}

// decide records the decision, and verifies if the person agreed.
func (p *page) decide(w http.ResponseWriter, r *http.Request, v *visit) {
	var err error
	switch {
	case v.State != "presented": // decided before: a button was pressed twice
	case r.PostFormValue("decision") != "agree":
		err = p.tell(r, v, "refuse", map[string]any{})
	case r.PostFormValue("read") != "yes":
		v.Message = "not_ticked"
	default:
		err = p.tell(r, v, "give", map[string]any{"text_hash": v.TextHash, "action": "checkbox"})
	}
	if err == nil && v.State == "given" && v.Result == "" {
		err = p.ask(r, v)
	}
	if v.State == "refused" || v.Result != "" {
		v.name, v.number, v.Text = "", "", ""
	}
	p.show(w, v, err)
}

// ask verifies name and number.
func (p *page) ask(r *http.Request, v *visit) error {
	var said struct{ Verdict, Reason string }
	err := p.heyan(r, "/v1/verifications", v.key, map[string]any{
		"check": "id_name", "app": "registration", "purpose": p.purpose, "consent_id": v.ID,
		"subject": map[string]string{"name": v.name, "id_number": v.number},
	}, &said)
	v.Result, v.Reason = said.Verdict, said.Reason
	return err
}

// receipt returns a handler that serves the receipt.
func (p *page) receipt(path, kind string) func(http.ResponseWriter, *http.Request, *visit) {
	return func(w http.ResponseWriter, r *http.Request, v *visit) {
		var text bytes.Buffer
		if err := p.heyan(r, "/v1/consents/"+v.ID+path, "", nil, &text); err != nil {
			p.show(w, v, err)
			return
		}
		guard(w.Header(), kind)
		_, _ = text.WriteTo(w) // it fails only if the client is gone
	}
}

// tell records an event of the consent and reads its new state.
func (p *page) tell(r *http.Request, v *visit, what string, more map[string]any) error {
	return p.heyan(r, "/v1/consents/"+v.ID+":"+what, "", more, v)
}

// problemError is heyan's problem document (RFC 9457).
type problemError struct {
	Type  string
	Rules []struct{ Rule string }
}

// Error returns the first rule that refused the request, else the type of the problem.
func (p *problemError) Error() string {
	if len(p.Rules) > 0 {
		return p.Rules[0].Rule
	}
	return p.Type
}

// heyan sends a POST, or a GET if body is nil, and decodes the response into out; an
// io.Writer receives it unchanged. The idempotency key prevents paying twice.
func (p *page) heyan(r *http.Request, path, key string, body map[string]any, out any) error {
	method, text := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		text, _ = json.Marshal(body) // strings always marshal
	}
	ask, err := http.NewRequestWithContext(r.Context(), method, p.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	ask.Header.Set("Content-Type", "application/json")
	if key != "" { // an empty key is refused
		ask.Header.Set("Idempotency-Key", key)
	}
	if p.key != "" {
		ask.Header.Set("Authorization", "Bearer "+p.key)
	}
	answer, err := p.http.Do(ask)
	if err != nil {
		return &problemError{Type: "no answer"} // the error itself would hold the address
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	w, raw := out.(io.Writer)
	switch {
	case answer.StatusCode >= http.StatusBadRequest:
		no := &problemError{Type: "no problem document"}
		_ = json.NewDecoder(answer.Body).Decode(no) // then it keeps that name
		return no
	case raw:
		_, err = io.Copy(w, answer.Body)
	default:
		err = json.NewDecoder(answer.Body).Decode(out)
	}
	if err != nil {
		return &problemError{Type: "no whole answer"}
	}
	return nil
}

// known finds the visit of a request and serializes its requests.
func (p *page) known(do func(http.ResponseWriter, *http.Request, *visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, cookie := range r.CookiesNamed("visit") {
			if found, ok := p.visits.Load(cookie.Value); ok {
				v := found.(*visit)
				v.Lock()
				defer v.Unlock()
				v.Message = ""
				do(w, r, v)
				return
			}
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// show renders the state of a visit. The log gets only the code of an error.
func (p *page) show(w http.ResponseWriter, v *visit, err error) {
	if err != nil {
		log.Printf("heyan: %v", err)
		v.Message = err.Error()
	}
	guard(w.Header(), "text/html; charset=utf-8")
	_ = p.html.Execute(w, v) // it fails only if the client is gone
}

// guard forbids caching, framing and loading of other content.
func guard(h http.Header, kind string) {
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
}

package dropin

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
)

// The headers of the gateway in front of both vendors.
const (
	headerRequestID = "X-Ca-Request-Id"
	headerCode      = "X-Ca-Error-Code"
	headerMessage   = "X-Ca-Error-Message"
)

// requestID returns an id in the form of the gateway's.
func requestID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// authenticate returns who sends a request: its AppCode is a heyan key. The header is required
// also where auth.mode is none, since a web page cannot send it to another origin.
func (f *front) authenticate(r *http.Request) (access.Principal, *answer) {
	values := r.Header["Authorization"]
	if len(values) != 1 {
		return access.Principal{}, &answer{outcome: NoAppCode}
	}
	scheme, code, _ := strings.Cut(values[0], " ")
	if code = strings.TrimSpace(code); !strings.EqualFold(scheme, "APPCODE") || code == "" {
		return access.Principal{}, &answer{outcome: NoAppCode}
	}
	as := *r
	as.Header = r.Header.Clone()
	as.Header.Set("Authorization", "Bearer "+code)
	principal, err := f.Auth.Authenticate(&as)
	if err != nil {
		return principal, f.unauthenticated(err)
	}
	return principal, nil
}

func (f *front) unauthenticated(err error) *answer {
	switch {
	case errors.Is(err, auth.ErrUnauthenticated):
		return &answer{outcome: WrongAppCode}
	case errors.Is(err, auth.ErrRateLimited):
		return &answer{outcome: Limited}
	case f.Engine.Closing():
	case errors.Is(err, store.ErrUnavailable):
		f.Log.Error("store unavailable", slog.String("operation", "authenticate"), slog.String("error", err.Error()))
	default:
		f.Log.Error("store failed", slog.String("operation", "authenticate"), slog.String("kind", store.Kind(err)))
	}
	return &answer{outcome: Unavailable}
}

// client returns what the requests of a principal are for.
func (f *front) client(p *access.Principal) (Client, *answer) {
	if !p.May(access.Verify) {
		f.count(access.MissingScope)
		return Client{}, &answer{outcome: Forbidden, detail: "the key lacks the scope verify"}
	}
	for _, c := range f.Clients {
		if c.Tenant != p.Tenant {
			continue
		}
		if app, err := p.App(c.App); err == nil {
			c.App = app
			return c, nil
		}
	}
	return Client{}, &answer{outcome: Forbidden, detail: "no entry of dropin.clients is for the tenant and app of the key"}
}

// count counts a refusal after the authentication.
func (f *front) count(reason access.Refusal) {
	if f.Refusals != nil {
		f.Refusals.Count(reason)
	}
}

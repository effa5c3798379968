package auth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
)

// baiduVendor is a vendor that accepts the token of one number.
type baiduVendor struct {
	grants, paid atomic.Int32
	accepted     atomic.Int32
	closed       atomic.Bool // the token endpoint refuses
}

func (v *baiduVendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oauth/2.0/token" {
		if v.closed.Load() || r.FormValue("client_secret") != secret {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"error":"invalid_client"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"secret-token-%d","expires_in":2592000}`, v.grants.Add(1))
		return
	}
	v.paid.Add(1)
	if r.FormValue("access_token") == fmt.Sprintf("secret-token-%d", v.accepted.Load()) {
		_, _ = fmt.Fprint(w, "0")
		return
	}
	_, _ = fmt.Fprint(w, "110")
}

// baiduCodec reads the code that the vendor answers with.
type baiduCodec struct{}

func (baiduCodec) Describe() idv.Descriptor {
	return idv.Descriptor{Name: "baidu", Schemes: []string{"baidu_token"}, Codes: []idv.CodeRow{
		{Layer: providers.LayerVendor, Code: "0", Verdict: idv.Match, Delivery: idv.Answered, Charge: idv.Charged},
		{Layer: providers.LayerVendor, Code: "110", Failure: idv.BadCredentials, Delivery: idv.Answered, Charge: idv.ChargeUnknown, RenewsToken: true},
	}}
}

func (baiduCodec) Encode(idv.Query) (providers.Call, error) { return body("{}"), nil }

func (c baiduCodec) Decode(_ idv.Query, r providers.Reply) (idv.Answer, error) {
	return providers.Table(c.Describe().Codes).Decode(providers.Reading{Codes: []string{string(r.Body)}})
}

// The gate closes for credentials only if the vendor refuses a new token too. No call is
// made twice.
func TestTokenIsRenewedOnTheVendorsWord(t *testing.T) {
	t.Parallel()
	v := &baiduVendor{}
	v.accepted.Store(1)
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	p := provider(t, server.URL)
	steps := []struct {
		name     string
		before   func()
		want     idv.Failure // FailureUnknown for an answer
		delivery idv.Delivery
		grants   int32
		paid     int32
	}{
		{"the first call", func() {}, 0, 0, 1, 1},
		{"the same token", func() {}, 0, 0, 1, 2},
		{"the vendor forgets it", func() { v.accepted.Store(2) }, idv.Unavailable, idv.Answered, 1, 3},
		{"a new token", func() {}, 0, 0, 2, 4},
		{"no token is accepted any more", func() { v.accepted.Store(0) }, idv.Unavailable, idv.Answered, 2, 5},
		{"nor the new one", func() {}, idv.BadCredentials, idv.Answered, 3, 6},
		{"the token endpoint refuses", func() { v.closed.Store(true) }, idv.BadCredentials, idv.NotSent, 3, 6},
	}
	for _, step := range steps {
		step.before()
		answer, err := p.Ask(t.Context(), idv.Query{})
		e := idv.AsError(err)
		switch {
		case step.want == 0 && (err != nil || answer.Verdict != idv.Match):
			t.Errorf("%s: got %v, %v; want match", step.name, answer, err)
		case step.want != 0 && (err == nil || e.Failure != step.want || e.Delivery != step.delivery):
			t.Errorf("%s: got %+v, want %v, %v", step.name, e, step.want, step.delivery)
		case strings.Contains(fmt.Sprintf("%+v", err), "secret"):
			t.Errorf("%s: %v holds a secret", step.name, err)
		}
		if v.grants.Load() != step.grants || v.paid.Load() != step.paid {
			t.Errorf("%s: %d token calls and %d paid calls, want %d and %d", step.name, v.grants.Load(), v.paid.Load(), step.grants, step.paid)
		}
	}
}

func provider(t *testing.T, url string) idv.Provider {
	t.Helper()
	e := env(map[string]string{"base_url": url, "client_id": key, "client_secret": secret})
	connect := func(baseURL string, a auth.Authenticator) (*exchange.Exchange, error) {
		x, err := exchange.New(exchange.Config{BaseURL: baseURL, Auth: a})
		if err == nil {
			t.Cleanup(x.Close)
		}
		return x, err
	}
	e.Connect = func(baseURL string, a auth.Authenticator) (providers.Transport, error) { return connect(baseURL, a) }
	a, err := auth.Select([]string{"baidu_token"}, e)
	if err != nil {
		t.Fatal(err)
	}
	x, err := connect(url, a)
	if err != nil {
		t.Fatal(err)
	}
	return providers.NewProvider(baiduCodec{}, x)
}

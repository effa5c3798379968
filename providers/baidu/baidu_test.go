package baidu

import (
	stdjson "encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/providertest"
)

func made(t testing.TB) providers.Codec {
	t.Helper()
	c, err := Factory().New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContract(t *testing.T) {
	t.Parallel()
	providertest.RunFactory(t, Factory(), nil)
}

// The reference has more digits than a float holds.
func TestReferenceKeepsItsDigits(t *testing.T) {
	t.Parallel()
	body := []byte(`{"error_code":222351,"error_msg":"text","log_id":9007199254740993,"result":null}`)
	got, err := made(t).Decode(idv.Query{}, providers.Reply{Status: 200, Body: body})
	if err != nil || got.Verdict != idv.MismatchOrNoRecord || got.VendorRef != "9007199254740993" {
		t.Errorf("got %+v, %v, want the reference 9007199254740993", got, err)
	}
}

// vendor is the service and its token endpoint. It accepts the token of one number.
type vendor struct{ grants, calls, accepted atomic.Int32 }

const wantBody = `{"id_card_number":"11010120990101005X","name":"测试"}`

// ServeHTTP grants a token, or answers a call as documented.
func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oauth/2.0/token" {
		q := r.URL.Query()
		if q.Get("grant_type") != "client_credentials" || q.Get("client_id") != "test-key" || q.Get("client_secret") != "test-secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":2592000}`, v.grants.Add(1))
		return
	}
	v.calls.Add(1)
	body, err := io.ReadAll(r.Body)
	got := r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(body)
	switch {
	case err != nil || got != "POST /rest/2.0/face/v3/person/idmatch application/json "+wantBody:
		w.WriteHeader(http.StatusBadRequest)
	case r.URL.RawQuery != fmt.Sprintf("access_token=token-%d", v.accepted.Load()):
		_, _ = fmt.Fprint(w, `{"error_code":110,"error_msg":"Access token invalid or no longer valid","log_id":1}`)
	default:
		_, _ = fmt.Fprint(w, `{"error_code":0,"error_msg":"SUCCESS","log_id":2,"result":null}`)
	}
}

// opened returns the product with its own scheme and the transport of production.
func opened(t *testing.T, base string) idv.Provider {
	t.Helper()
	settings := map[string]string{"base_url": base, "client_id": "test-key", "client_secret": "test-secret"}
	scheme, err := auth.Select(made(t).Describe().Schemes, auth.Env{
		Value: func(name string) idv.Sensitive { return idv.NewSensitive(settings[name]) },
		Connect: func(base string, a auth.Authenticator) (providers.Transport, error) {
			x, err := exchange.New(exchange.Config{BaseURL: base, Auth: a})
			if err == nil {
				t.Cleanup(x.Close)
			}
			return x, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := exchange.Open(made(t), exchange.Config{BaseURL: base, Auth: scheme})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// The vendor's own code renews the token. The refused call is not repeated, and only a
// refused new token is the fault of the credentials.
func TestTheVendorsCodeRenewsTheToken(t *testing.T) {
	t.Parallel()
	v := &vendor{}
	v.accepted.Store(1)
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	p := opened(t, server.URL)
	q, err := providertest.Query(p.Describe())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name          string
		accepted      int32
		verdict       idv.Verdict
		failure       idv.Failure
		account       bool
		grants, calls int32
	}{
		{"the first call", 1, idv.Match, 0, false, 1, 1},
		{"the vendor forgets the token", 2, 0, idv.Unavailable, false, 1, 2},
		{"a new token", 2, idv.Match, 0, false, 2, 3},
		{"no token is accepted any more", 9, 0, idv.Unavailable, false, 2, 4},
		{"nor the new one", 9, 0, idv.BadCredentials, true, 3, 5},
	} {
		v.accepted.Store(step.accepted)
		answer, err := p.Ask(t.Context(), q)
		e := &idv.Error{}
		if err != nil {
			e = idv.AsError(err)
		}
		if answer.Verdict != step.verdict || e.Failure != step.failure || e.Account != step.account || err != nil && e.Code != "110" {
			t.Errorf("%s: got %v, %+v, want %v, %v", step.name, answer.Verdict, e, step.verdict, step.failure)
		}
		if v.grants.Load() != step.grants || v.calls.Load() != step.calls {
			t.Errorf("%s: %d tokens and %d calls, want %d and %d", step.name, v.grants.Load(), v.calls.Load(), step.grants, step.calls)
		}
	}
}

// FuzzDecode: a verdict comes only from an error code of the table that is a number.
func FuzzDecode(f *testing.F) {
	list, err := providertest.RecordingsOf(Factory())
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range list {
		f.Add(r.Reply.Status, r.Reply.Body)
	}
	f.Add(200, []byte(`{"error_code":0,"Error_Code":222351}`))
	c := made(f)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		answer, err := c.Decode(idv.Query{}, providers.Reply{Status: status, Body: body})
		if err != nil {
			return
		}
		var lenient struct {
			ErrorCode stdjson.Number `json:"error_code"`
		}
		row, ok := providers.Table(c.Describe().Codes).Row(providers.LayerVendor, answer.VendorCode)
		if stdjson.Unmarshal(body, &lenient) != nil || status != 200 || lenient.ErrorCode.String() != answer.VendorCode || !ok ||
			row.Verdict != answer.Verdict || row.Verdict == idv.Undetermined {
			t.Fatalf("%v from status %d and %q", answer.Verdict, status, body)
		}
	})
}

package sandbox_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// client returns a provider for a toy, as the host makes it.
func client(t testing.TB, y toy, v sandbox.Vendor) idv.Provider {
	t.Helper()
	open := func(baseURL string, a auth.Authenticator) (*exchange.Exchange, error) {
		x, err := exchange.New(exchange.Config{BaseURL: baseURL, Auth: a})
		if err == nil {
			t.Cleanup(x.Close)
		}
		return x, err
	}
	a, err := recipe().Select(y.card.Schemes, auth.Env{
		Value: func(name string) idv.Sensitive {
			if name == "base_url" {
				return secret(v.URL)
			}
			return v.Settings[name]
		},
		Connect: func(baseURL string, a auth.Authenticator) (providers.Transport, error) { return open(baseURL, a) },
	})
	if err != nil {
		t.Fatal(err)
	}
	x, err := open(v.URL, a)
	if err != nil {
		t.Fatal(err)
	}
	return providers.NewProvider(y, x)
}

func queryOf(y toy, name, number string) idv.Query {
	return idv.Query{ID: "a-1", Check: y.card.Check, Document: idv.Resident18, Subject: idv.Subject{Name: secret(name), IDNumber: secret(number)}}
}

// TestProductsOfEveryShape asks each toy under the names that select an answer.
func TestProductsOfEveryShape(t *testing.T) {
	t.Parallel()
	for title, y := range toys() {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s, v := playToy(t, y, nil)
			p := client(t, y, v)
			for _, tt := range []struct {
				name, number string
				verdict      idv.Verdict
				failure      idv.Failure
				billed       int64
			}{
				{"张三", evenNumber, idv.Match, 0, 1},
				{"张三", oddNumber, idv.Mismatch, 0, 1},
				{"WU DI", oddNumber, idv.Mismatch, 0, 1},
				{"无记录", evenNumber, idv.NoRecord, 0, 0},
				{"坏姓名", evenNumber, 0, idv.InvalidInput, 0},
				{"维护", evenNumber, 0, idv.Maintenance, 1},
				{"码:12", evenNumber, 0, idv.Maintenance, 1},
				{"码五", evenNumber, 0, idv.Maintenance, 1},
				{"码:nothing", evenNumber, 0, idv.Unavailable, 0},
				{"码九九", evenNumber, 0, idv.Unavailable, 0},
				{"码:http_429", evenNumber, 0, idv.Throttled, 1}, // not known to be free
			} {
				if title == "hashed" && strings.HasPrefix(tt.name, "码") {
					continue // a hash cannot be read back
				}
				s.Reset()
				answer, err := p.Ask(t.Context(), queryOf(y, tt.name, tt.number))
				if answer.Verdict != tt.verdict || idv.FailureOf(err) != tt.failure {
					t.Errorf("%s: got %v, %v, want %v, %v", tt.name, answer.Verdict, err, tt.verdict, tt.failure)
				}
				if st := s.Stats()["toy"]; st.Billed != tt.billed || st.Requests != 1 {
					t.Errorf("%s: %d requests, billed %d, want 1, %d: %v", tt.name, st.Requests, st.Billed, tt.billed, st.ByCode)
				}
			}
		})
	}
}

// forged returns a request as the client of a toy sends it, changed before it is signed.
func forged(t *testing.T, y toy, v sandbox.Vendor, stamp providers.Stamp, change func(*providers.Call)) *http.Request {
	t.Helper()
	call, err := y.Encode(queryOf(y, "张三", evenNumber))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&call)
	}
	a, err := recipe().Select(y.card.Schemes, auth.Env{Value: func(name string) idv.Sensitive { return v.Settings[name] }})
	if err != nil {
		t.Fatal(err)
	}
	stamp.Host = v.URL[len("http://"):]
	if call, err = a.Authenticate(t.Context(), call, stamp); err != nil {
		t.Fatal(err)
	}
	return requestOf(t, v, call)
}

func requestOf(t *testing.T, v sandbox.Vendor, c providers.Call) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.Method, v.URL+c.Path+"?"+c.RawQuery().Reveal(), body(c))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range c.Header {
		r.Header.Set(h.Name, h.Value.Reveal())
	}
	r.Header.Set("Content-Type", c.ContentTypeHeader())
	r.Header.Set("Accept", c.AcceptHeader())
	return r
}

// TestProductsAreStrict sends requests with one fault each. None may reach the meter as one
// about a person, and the reason stands in a header.
func TestProductsAreStrict(t *testing.T) {
	t.Parallel()
	y := toys()["form"]
	s, v := playToy(t, y, nil)
	now := func() providers.Stamp {
		return providers.Stamp{At: time.Now(), Nonce: idv.NewSensitive(nonce()).Reveal()}
	}
	old, early := now(), now()
	old.At, early.At = old.At.Add(-16*time.Minute), early.At.Add(16*time.Minute)
	add := func(pairs ...string) func(*providers.Call) {
		return func(c *providers.Call) { c.Form = append(c.Form, params(pairs...)...) }
	}
	for _, tt := range []struct {
		title  string
		stamp  providers.Stamp
		call   func(*providers.Call)
		sent   func(*http.Request)
		reason string // "" for a request that is answered
	}{
		{"as it should be", now(), nil, nil, ""},
		{"an unknown parameter", now(), add("extra", "1"), nil, "an unknown parameter or member"},
		{"a duplicate parameter", now(), add("name", "李四"), nil, "duplicate form value name"},
		{"a missing parameter", now(), func(c *providers.Call) { c.Form = c.Form[1:] }, nil, "no form value name"},
		{"another constant", now(), func(c *providers.Call) { c.Form[2].Value = secret("3") }, nil, "another form value type"},
		{"an empty claim", now(), func(c *providers.Call) { c.Form[0].Value = secret("") }, nil, "an empty or damaged name"},
		{"another path", now(), func(c *providers.Call) { c.Path = "/other" }, nil, "the path is not /form"},
		{"another content type", now(), func(c *providers.Call) { c.ContentType = "application/x-www-form-urlencoded; charset=gbk" }, nil, "the content type is not application/x-www-form-urlencoded; charset=utf-8"},
		{"too old", old, nil, nil, "ts is not a time within the allowed window"},
		{"from the future", early, nil, nil, "ts is not a time within the allowed window"},
		{"another method", now(), nil, func(r *http.Request) { r.Method = "PUT" }, "the method is not POST"},
		{"a parameter in the query too", now(), nil, func(r *http.Request) { r.URL.RawQuery = "name=a" }, "a wrong sign"},
		{"a body that is no form", now(), nil, func(r *http.Request) { r.Body, r.ContentLength = http.NoBody, 0; r.URL.RawQuery = "%zz" }, "the query string or the body cannot be parsed"},
		{"no body", now(), nil, func(r *http.Request) { r.Body, r.ContentLength = http.NoBody, 0 }, "no scheme's credentials: toy_recipe"},
	} {
		t.Run(tt.title, func(t *testing.T) {
			s.Reset()
			r := forged(t, y, v, tt.stamp, tt.call)
			if tt.sent != nil {
				tt.sent(r)
			}
			checkReason(t, s, r, tt.reason)
		})
	}
	t.Run("a nonce twice", func(t *testing.T) {
		stamp := now()
		checkReason(t, s, forged(t, y, v, stamp, nil), "")
		checkReason(t, s, forged(t, y, v, stamp, nil), "the nonce was used before")
	})
	for title, wrong := range map[string]string{"a wrong sign": "secret", "an unknown appid": "key"} {
		t.Run(title, func(t *testing.T) {
			other := v
			other.Settings = map[string]idv.Sensitive{"key": v.Settings["key"], "secret": v.Settings["secret"]}
			other.Settings[wrong] = secret("another")
			checkReason(t, s, forged(t, y, other, now(), nil), title)
		})
	}
}

// checkReason sends a request and compares the reason of its refusal.
func checkReason(t *testing.T, s *sandbox.Sandbox, r *http.Request, want string) {
	t.Helper()
	before := len(s.Stats()["toy"].Seen)
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	if got := reply.Header.Get("X-Heyan-Sandbox"); got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
	if asked := s.Stats()["toy"].Billed; want != "" && asked != 0 && before == 0 {
		t.Errorf("billed %d for a request that was refused", asked)
	}
}

// TestTokens lets a token expire, revokes another one, and refuses wrong credentials.
func TestTokens(t *testing.T) {
	t.Parallel()
	for title, code := range map[string]string{"token": "110", "oauth": "http_401", "chained": "110"} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			y := toys()[title]
			s, v := playToy(t, y, nil)
			p := client(t, y, v)
			ask := func() (idv.Answer, error) { return p.Ask(context.Background(), queryOf(y, "张三", evenNumber)) }
			if answer, err := ask(); answer.Verdict != idv.Match {
				t.Fatal(answer, err)
			}
			if err := s.SetScenario(sandbox.Scenario{Vendor: "toy", Mode: sandbox.ModeTokenRevoked, Count: 1}); err != nil {
				t.Fatal(err)
			}
			if _, err := ask(); idv.FailureOf(err) != idv.Unavailable || idv.AsError(err).Code != code {
				t.Errorf("a revoked token: got %v, want unavailable (%s), since the next call fetches a new one", err, code)
			}
			if answer, err := ask(); answer.Verdict != idv.Match {
				t.Errorf("the next call: got %v", err)
			}
			if st := s.Stats()["toy"]; st.ByCode["token"] != 2 || st.Requests != 3 {
				t.Errorf("stats %+v, want 2 tokens, 3 requests", st)
			}
			for name := range v.Settings {
				if name != "token_url" {
					v.Settings[name] = secret("another")
				}
			}
			if _, err := client(t, y, v).Ask(t.Context(), queryOf(y, "张三", evenNumber)); idv.FailureOf(err) != idv.BadCredentials {
				t.Errorf("wrong credentials: got %v", err)
			}
		})
	}
}

// TestTokenExpires uses a token after its life.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	y := toys()["token"]
	_, v := playToy(t, y, func(c *sandbox.VendorConfig) { c.TokenLife = time.Nanosecond })
	_, err := client(t, y, v).Ask(t.Context(), queryOf(y, "张三", evenNumber))
	if e := idv.AsError(err); e.Failure != idv.BadCredentials || e.Code != "" && e.Code != "110" {
		t.Errorf("got %v, want credentials: also a fresh token is refused", err)
	}
}

// TestBilledIsConfigured turns the charge of two rows round.
func TestBilledIsConfigured(t *testing.T) {
	t.Parallel()
	y := toys()["form"]
	s, v := playToy(t, y, func(c *sandbox.VendorConfig) { c.Billed = map[string]bool{"12": false, "0/3": true} })
	p := client(t, y, v)
	for _, tt := range []struct {
		name   string
		billed int64
	}{{"张三", 1}, {"维护", 0}, {"无记录", 1}, {"坏姓名", 0}} {
		s.Reset()
		_, _ = p.Ask(t.Context(), queryOf(y, tt.name, evenNumber))
		if got := s.Stats()["toy"].Billed; got != tt.billed {
			t.Errorf("%s: billed %d, want %d", tt.name, got, tt.billed)
		}
	}
}

// BenchmarkProduct learns a product.
func BenchmarkProduct(b *testing.B) {
	y := toys()["form"]
	cfg := sandbox.VendorConfig{Name: "toy", Product: &sandbox.Product{
		Factory: providers.Factory{Descriptor: y.card, New: func(providers.Settings) (providers.Codec, error) { return y, nil }},
		Schemes: recipe(), Recordings: toyFixtures(y),
	}}
	for b.Loop() {
		if _, err := sandbox.New(sandbox.Config{Vendors: []sandbox.VendorConfig{cfg}}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLimits asks more than a vendor accepts in a second, and more than its package has.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		title   string
		cfg     sandbox.VendorConfig
		limited string
	}{
		{"rate", sandbox.VendorConfig{Name: "idcert-a", Rate: 0.001}, "T429PA"},
		{"quota", sandbox.VendorConfig{Name: "idcert-a", Quota: 1}, "B403MQ"},
	} {
		t.Run(tt.title, func(t *testing.T) {
			t.Parallel()
			s := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{tt.cfg}})
			v := s.Vendors()[0]
			if got := ask(t, v, evenNumber, anyName); got.status != http.StatusOK {
				t.Errorf("the first call: status %d", got.status)
			}
			if got := ask(t, v, evenNumber, anyName); got.code() != tt.limited {
				t.Errorf("the second call: status %d, code %q, want %s", got.status, got.code(), tt.limited)
			}
			if st := s.Stats()["idcert-a"]; st.Billed != 1 {
				t.Errorf("billed %d, want the first call only", st.Billed)
			}
		})
	}
	_, err := sandbox.New(sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "a", Rate: -1}}})
	if err == nil || err.Error() != "sandbox: vendors[0]: rate and quota must not be negative" {
		t.Errorf("got %v", err)
	}
}

// TestModeWithoutMeaning refuses a mode and says why.
func TestModeWithoutMeaning(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		toy    string
		mode   sandbox.Mode
		reason string
	}{
		{"form", sandbox.ModeTokenRevoked, "the product is called without access tokens"},
		{"text", sandbox.ModeWrongEcho, "the product's replies do not say whom they are about, so a client cannot notice"},
		{"text", sandbox.ModeSwapAnswers, "the product's replies do not say whom they are about, so a client cannot notice"},
		{"text", sandbox.ModeDuplicateStatus, "no single member of the reply decides, or its form of body cannot say it"},
		{"text", sandbox.ModeExtraFields, "the product's replies have no members that could be added to"},
		{"text", sandbox.ModeGBK, "the product's replies hold ASCII characters only, which GBK does not change"},
		{"form", sandbox.ModeQuotaExhausted, "the code table has no row for it that can be played"},
	} {
		t.Run(tt.toy+"/"+string(tt.mode), func(t *testing.T) {
			t.Parallel()
			s, _ := playToy(t, toys()[tt.toy], nil)
			err := s.SetScenario(sandbox.Scenario{Vendor: "toy", Mode: tt.mode})
			want := "sandbox: scenario: mode: " + string(tt.mode) + " has no meaning for toy: " + tt.reason
			if err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox/internal/replica"
)

// refusal is an error reply of the gateway. Its request does not reach the backend.
type refusal struct {
	status  int
	code    string // X-Ca-Error-Code; "" on a classic gateway
	message string // X-Ca-Error-Message
	retry   string // Retry-After
	mode    Mode   // the outcome to count if there is no code
}

func (f refusal) outcome() string {
	if f.code == "" {
		return string(f.mode)
	}
	return f.code
}

// reply returns the gateway's reply. Its headers hold the error; its body is empty
// with the type application/octet-stream.
func (f refusal) reply() reply {
	h := http.Header{"Content-Type": {"application/octet-stream"}, "X-Ca-Error-Message": {f.message}}
	if f.code != "" {
		h.Set("X-Ca-Error-Code", f.code)
	}
	if f.retry != "" {
		h.Set("Retry-After", f.retry)
	}
	return reply{code: f.outcome(), refused: true, status: f.status, header: h}
}

// invalidHeader is the gateway's I400HD. Its use for an expired timestamp and a used
// nonce is inferred: their texts are documented, their codes are not.
func invalidHeader(name, reason string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "I400HD", message: "Invalid Header `" + name + "` " + reason}
}

func badAppCode() *refusal {
	return &refusal{status: http.StatusBadRequest, code: "A400AC", message: "Invalid AppCode `not exists`"}
}

// gateway authenticates callers. It is safe for concurrent use.
type gateway struct {
	appCode   idv.Sensitive
	appKey    string
	appSecret idv.Sensitive
	nonces    replica.Nonces
}

// newGateway uses the configured credentials and generates missing ones in the form of
// the market's console: 32 hex digits, and a number for the key.
func newGateway(cfg VendorConfig) *gateway {
	g := &gateway{appCode: cfg.AppCode, appKey: cfg.AppKey, appSecret: cfg.AppSecret}
	if g.appCode.IsZero() {
		g.appCode = idv.NewSensitive(hex.EncodeToString(random(16)))
	}
	if g.appSecret.IsZero() {
		g.appSecret = idv.NewSensitive(hex.EncodeToString(random(16)))
	}
	if g.appKey == "" {
		g.appKey = "2" + fmt.Sprintf("%08d", new(big.Int).SetBytes(random(3)))
	}
	return g
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// requestID returns a value for X-Ca-Request-Id.
func requestID() string {
	b := random(16)
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// check finds the API and authenticates the caller. It returns nil for a valid request.
func (g *gateway) check(r *http.Request) *refusal {
	if r.URL.Path != idcertPath {
		return &refusal{status: http.StatusNotFound, code: "I404NF", message: "API not found"}
	}
	if r.Method != http.MethodGet {
		return &refusal{
			status: http.StatusMethodNotAllowed, code: "I405UM", message: "Unsupported Method `" + r.Method + "`",
		}
	}
	if _, ok := drain(r); !ok {
		return &refusal{status: http.StatusRequestEntityTooLarge, code: "I413RL", message: "Request body too Large"}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &refusal{status: http.StatusBadRequest, code: "I400RU", message: "Invalid Request Uri"}
	}
	return g.authenticate(r, query)
}

// authenticate checks the AppCode if there is one, else the signature.
func (g *gateway) authenticate(r *http.Request, query url.Values) *refusal {
	code, simple := strings.CutPrefix(r.Header.Get("Authorization"), "APPCODE ")
	switch {
	case simple && g.appCode.Equal(idv.NewSensitive(code)):
		return nil
	case simple:
		return badAppCode()
	case r.Header.Get("X-Ca-Key") != "":
		return g.checkSignature(r, query, time.Now())
	}
	return &refusal{status: http.StatusBadRequest, code: "A400MA", message: "Need authorization"}
}

// quotaExhausted is the reply for an exhausted package. Code, status and text are those
// of a captured reply.
func quotaExhausted() *refusal {
	return &refusal{
		status: http.StatusForbidden, code: "B403MQ", message: "Api Market Subscription quota exhausted",
	}
}

// quotaExpired is the reply for an expired package. The text is inferred.
func quotaExpired() *refusal {
	return &refusal{status: http.StatusForbidden, code: "B403ME", message: "Api Market Subscription expired"}
}

// throttled429 is the throttling of a VPC gateway.
func throttled429() *refusal {
	return &refusal{
		status: http.StatusTooManyRequests, code: "T429PA", message: "Throttled by API Flow Control", retry: "1",
	}
}

// throttled403 is the throttling of a classic gateway, which sends a text only.
func throttled403() *refusal {
	return &refusal{
		status: http.StatusForbidden, message: "Throttled by API Flow Control", mode: ModeThrottled403,
	}
}

// codeTimeout is the gateway's code for a backend timeout.
const codeTimeout = "D504TO"

// backendTimeout is the reply of the gateway after the backend has billed.
func backendTimeout(*call) reply {
	out := refusal{
		status: http.StatusGatewayTimeout, code: codeTimeout, message: "Backend service timeout",
	}.reply()
	out.refused = false
	return out
}

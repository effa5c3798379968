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
)

// refusal is an answer of the gateway, which never reaches the backend.
type refusal struct {
	status  int
	code    string // X-Ca-Error-Code; "" on a classic gateway
	message string // X-Ca-Error-Message
	retry   string // Retry-After
	mode    Mode   // what to count where there is no code
}

func (no refusal) outcome() string {
	if no.code == "" {
		return string(no.mode)
	}
	return no.code
}

// reply is the gateway's answer: the truth is in the headers, and the body is
// empty and calls itself application/octet-stream.
func (no refusal) reply() reply {
	h := http.Header{"Content-Type": {"application/octet-stream"}, "X-Ca-Error-Message": {no.message}}
	if no.code != "" {
		h.Set("X-Ca-Error-Code", no.code)
	}
	if no.retry != "" {
		h.Set("Retry-After", no.retry)
	}
	return reply{code: no.outcome(), status: no.status, header: h}
}

// invalidHeader is the gateway's I400HD. That a stale timestamp and a used nonce
// are told this way is inferred: their texts are known, their codes are not.
func invalidHeader(name, reason string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "I400HD", message: "Invalid Header `" + name + "` " + reason}
}

func badAppCode() *refusal {
	return &refusal{status: http.StatusBadRequest, code: "A400AC", message: "Invalid AppCode `not exists`"}
}

// gateway checks who calls. Safe for concurrent use.
type gateway struct {
	appCode   idv.Sensitive
	appKey    string
	appSecret idv.Sensitive
	nonces    nonces
}

// newGateway takes the configured credentials and makes the missing ones, in the
// forms of the market's console: 32 hex digits, and a number for the key.
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
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

// requestID makes a value of X-Ca-Request-Id.
func requestID() string {
	b := random(16)
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// admit finds the API and checks who calls; nil lets the request pass.
func (g *gateway) admit(r *http.Request) *refusal {
	if r.URL.Path != idcertPath {
		return &refusal{status: http.StatusNotFound, code: "I404NF", message: "API not found"}
	}
	if r.Method != http.MethodGet {
		return &refusal{
			status: http.StatusMethodNotAllowed, code: "I405UM", message: "Unsupported Method `" + r.Method + "`",
		}
	}
	if !drain(r) {
		return &refusal{status: http.StatusRequestEntityTooLarge, code: "I413RL", message: "Request body too Large"}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &refusal{status: http.StatusBadRequest, code: "I400RU", message: "Invalid Request Uri"}
	}
	return g.authenticate(r, query)
}

// authenticate takes the AppCode if there is one, else the signature.
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

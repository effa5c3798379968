package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// Only this file of the package reveals addresses and secrets: it parses the address
// and signs.

// target is a parsed address.
type target struct {
	host   string             // scheme, host and port
	path   idv.Sensitive      // Feishu's holds the robot's key
	query  []providers.Param  // DingTalk's and WeCom's hold it
	secret idv.Sensitive      // for a message that signs itself
	scheme auth.Authenticator // for one that is signed in headers
}

// parseTarget parses an address. Its errors are constant.
func parseTarget(c Config, d dialect) (target, error) {
	scheme, err := schemeOf(c.Secret, c.OldSecret, d)
	if err != nil {
		return target{}, err
	}
	u, err := url.Parse(c.URL.Reveal())
	if err != nil || u.Fragment != "" || u.RawPath != "" { // a path is sent as it reads
		return target{}, errURL
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return target{}, errURL
	}
	u.RawQuery, u.ForceQuery = "", false
	// The exchange validates the URL, path included.
	if _, err := exchange.New(exchange.Config{BaseURL: u.String(), Auth: scheme}); err != nil {
		return target{}, errURL
	}
	t := target{host: u.Scheme + "://" + u.Host, secret: c.Secret, scheme: scheme}
	t.path = idv.NewSensitive("/" + strings.TrimPrefix(u.Path, "/"))
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			t.query = append(t.query, providers.Param{Name: name, Value: idv.NewSensitive(value)})
		}
	}
	return t, nil
}

// schemeOf returns the authenticator that signs a format's headers.
func schemeOf(secret, old idv.Sensitive, d dialect) (auth.Authenticator, error) {
	switch {
	case secret.IsZero() || d.secret == secretMessage:
		return auth.None(), nil
	case d.secret == secretUnused:
		return nil, errNoSecret
	}
	var keys []idv.Sensitive
	for _, secret := range []idv.Sensitive{secret, old} {
		if secret.IsZero() {
			continue
		}
		text, prefixed := strings.CutPrefix(secret.Reveal(), "whsec_")
		key, err := base64.StdEncoding.DecodeString(text)
		if !prefixed || err != nil || len(key) < minKey {
			return nil, errSecret
		}
		keys = append(keys, idv.NewSensitive(string(key)))
	}
	return standard{keys}, nil
}

// minKey is the shortest key that the Standard Webhooks allow, in bytes.
const minKey = 24

// call encodes the message of an alert.
func (h *Hook) call(a alert.Alert, at time.Time) (providers.Call, error) {
	query, message := h.dialect.write(a, h.target.secret, at)
	var body bytes.Buffer
	if err := strictjson.Write(&body, message); err != nil {
		return providers.Call{}, err
	}
	return providers.Call{
		Method: http.MethodPost, Path: h.target.path.Reveal(), Query: slices.Concat(h.target.query, query),
		Body: idv.NewSensitive(body.String()), ContentType: "application/json; charset=utf-8",
	}, nil
}

// signDingTalk returns timestamp, in milliseconds, and signature of a DingTalk
// message: the HMAC of timestamp, line feed and secret, keyed with the secret.
func signDingTalk(secret idv.Sensitive, at time.Time) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.UnixMilli(), 10)
	return timestamp, mac(secret.Reveal(), timestamp+"\n"+secret.Reveal())
}

// signFeishu returns timestamp, in seconds, and signature of a Feishu message: the
// HMAC of nothing, keyed with timestamp, line feed and secret.
func signFeishu(secret idv.Sensitive, at time.Time) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	return timestamp, mac(timestamp+"\n"+secret.Reveal(), "")
}

func mac(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// post encodes a message with its id.
func (h *Hook) post(id string, message any) (providers.Call, error) {
	var body bytes.Buffer
	if err := strictjson.Write(&body, message); err != nil {
		return providers.Call{}, err
	}
	return providers.Call{
		Method: http.MethodPost, Path: h.target.path.Reveal(), Query: h.target.query, Header: []providers.Param{{Name: headerID, Value: idv.NewSensitive(id)}},
		Body: idv.NewSensitive(body.String()), ContentType: "application/json; charset=utf-8",
	}, nil
}

// headerID is the header with the id of a message.
const headerID = "Webhook-Id"

// standard signs according to the Standard Webhooks specification, with each of its keys.
type standard struct{ keys []idv.Sensitive }

// Name returns the scheme's name.
func (standard) Name() string { return "standard_webhooks" }

// Authenticate adds the three headers. The id is the one of the call, or derived from the
// body, so that it is the same in every attempt.
func (s standard) Authenticate(_ context.Context, c providers.Call, stamp providers.Stamp) (providers.Call, error) {
	id := ""
	for _, h := range c.Header {
		if h.Name == headerID {
			id = h.Value.Reveal()
		}
	}
	if id == "" {
		sum := sha256.Sum256([]byte(c.Body.Reveal()))
		id = "msg_" + hex.EncodeToString(sum[:16])
		c = c.WithHeader(providers.Param{Name: headerID, Value: idv.NewSensitive(id)})
	}
	timestamp := strconv.FormatInt(stamp.At.Unix(), 10)
	signatures := make([]string, len(s.keys))
	for i, key := range s.keys {
		signatures[i] = "v1," + mac(key.Reveal(), id+"."+timestamp+"."+c.Body.Reveal())
	}
	return c.WithHeader(
		providers.Param{Name: "Webhook-Timestamp", Value: idv.NewSensitive(timestamp)},
		providers.Param{Name: "Webhook-Signature", Value: idv.NewSensitive(strings.Join(signatures, " "))},
	), nil
}

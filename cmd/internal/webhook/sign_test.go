package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// byHand is HMAC-SHA256 as RFC 2104 writes it down, for keys of up to a block.
func byHand(key, text string) string {
	block := func(pad byte) []byte {
		b := []byte(key + strings.Repeat("\x00", 64-len(key)))
		for i := range b {
			b[i] ^= pad
		}
		return b
	}
	inner := sha256.Sum256(append(block(0x36), text...))
	outer := sha256.Sum256(append(block(0x5c), inner[:]...))
	return base64.StdEncoding.EncodeToString(outer[:])
}

// Signatures made with another program, and one that the Standard Webhooks publish.
func TestSignatures(t *testing.T) {
	key, _ := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	_, ding := signDingTalk(idv.NewSensitive(dingSecret), noon())
	_, feishu := signFeishu(idv.NewSensitive(feishSecret), noon())
	own, err := schemeOf(idv.NewSensitive(whSecret), idv.Sensitive{}, dialect{secret: secretHeader})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := own.Authenticate(t.Context(), providers.Call{Body: idv.NewSensitive(`{"a":1}`)}, providers.Stamp{At: noon()})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][2]string{
		"dingtalk":  {ding, "gG0QghOxrr48vW32XFbcWOB878Joh4X27krQTbLe4z8="},
		"feishu":    {feishu, "9jXjwf+GNSAaq9ElPnaaXefCXj7mz2vmq1d4CTMk2Ok="},
		"published": {mac(string(key), `msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}`), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		"id":        {signed.Header[0].Value.Reveal(), "msg_015abd7f5cc57a2dd94b7590f04ad808"},
		"standard":  {signed.Header[2].Value.Reveal(), "v1,zigJRPViLkPCOn4xpAbin7jl6+DUNoLYNVgCMNg2JcE="},
	}
	for name, test := range tests {
		if test[0] != test[1] {
			t.Errorf("%s: got %s, want %s", name, test[0], test[1])
		}
	}
}

// proven checks the proof of a request and returns its message without it.
func proven(t *testing.T, p place, r received) string {
	t.Helper()
	var timestamp, got, want string
	body := r.body
	unit := time.Second
	switch p.format {
	case WeCom:
		return body
	case Generic:
		timestamp, got = r.Header.Get("Webhook-Timestamp"), r.Header.Get("Webhook-Signature")
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.secret, "whsec_"))
		want = "v1," + byHand(string(key), r.Header.Get("Webhook-Id")+"."+timestamp+"."+body)
	case DingTalk:
		unit = time.Millisecond
		timestamp, got = r.URL.Query().Get("timestamp"), r.URL.Query().Get("sign")
		want = byHand(p.secret, timestamp+"\n"+p.secret)
	case Feishu:
		var m struct{ Timestamp, Sign string }
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		timestamp, got = m.Timestamp, m.Sign
		want = byHand(timestamp+"\n"+p.secret, "")
		body = strings.NewReplacer(`"`+timestamp+`"`, `"TIMESTAMP"`, `"`+got+`"`, `"SIGN"`).Replace(body)
	}
	if got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	n, err := strconv.ParseInt(timestamp, 10, 64)
	at := time.Unix(0, n*int64(unit))
	if err != nil || at.Before(r.after.Truncate(unit)) || at.After(r.before) {
		t.Errorf("timestamp %s is %v, want from %v to %v", timestamp, at, r.after, r.before)
	}
	return body
}

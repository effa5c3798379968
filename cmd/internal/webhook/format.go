package webhook

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/providers"
)

// Format is how a message is written and its answer read.
type Format string

// The formats.
const (
	// Generic is the alert as JSON, answered with any status of 2xx. With a secret it
	// is signed as the Standard Webhooks specification has it (webhook-id,
	// webhook-timestamp and webhook-signature; standardwebhooks.com); the id is the
	// same at every try, so a receiver can drop what it has.
	Generic Format = "generic"

	// DingTalk is a markdown message of a custom robot (钉钉自定义机器人); source: its
	// open platform, "custom robot access". The secret is the one of "加签"; timestamp
	// and signature go into the query. For a robot that asks for a keyword the word
	// "heyan" always stands in the message. Not verified live: that 130101 is the only
	// code of its limit (20 a minute, then ten minutes of silence), and -1 the only one
	// of a busy system.
	DingTalk Format = "dingtalk"

	// WeCom is a markdown message of a group robot (企业微信群机器人); source: its
	// developer centre, pages 91770 and 90455 (codes). It has no secret but the key in
	// the address. Markdown is not shown in the WeChat plug-in. Not verified live: that
	// 45009 is the code of its limit of 20 a minute.
	WeCom Format = "wecom"

	// Feishu is a rich text ("post") message of a custom bot (飞书自定义机器人) in
	// Chinese and English, of which the reader's client shows one; source: its open
	// platform, "custom bot guide". Timestamp and signature go into the body. The key
	// of its HMAC is timestamp, line feed and secret, and nothing is hashed with it.
	// Not verified live: that a client picks the language, and that 11232 is the only
	// code of its limits (100 a minute, 5 a second).
	Feishu Format = "feishu"
)

// dialect is what one format does differently.
type dialect struct {
	secret secretUse
	write  func(a alert.Alert, secret idv.Sensitive, at time.Time) (query []providers.Param, body any)
	answer func(body []byte) (code int64, ok bool) // nil if the status alone counts
	busy   map[int64]idv.Error                     // the codes that time mends
}

// secretUse is what a format does with a secret.
type secretUse uint8

const (
	secretUnused  secretUse = iota // it is a fault to give one
	secretMessage                  // it signs in the message or the query
	secretHeader                   // it signs in headers
)

func dialectOf(f Format) (dialect, bool) {
	switch f {
	case Generic:
		return dialect{secret: secretHeader, write: plain}, true
	case DingTalk:
		return dialect{
			secret: secretMessage, write: dingTalk, answer: errCode,
			busy: map[int64]idv.Error{
				-1:     {Failure: idv.Unavailable},
				130101: {Failure: idv.Throttled, Retry: 10 * time.Minute},
			},
		}, true
	case WeCom:
		return dialect{
			write: weCom, answer: errCode,
			busy: map[int64]idv.Error{
				-1:    {Failure: idv.Unavailable},
				45009: {Failure: idv.Throttled, Retry: time.Minute},
			},
		}, true
	case Feishu:
		return dialect{
			secret: secretMessage, write: feishu, answer: plainCode,
			busy: map[int64]idv.Error{11232: {Failure: idv.Throttled, Retry: time.Minute}},
		}, true
	}
	return dialect{}, false
}

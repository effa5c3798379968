package webhook

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/providers"
)

// title is the headline of a message, which phones display.
func title(a alert.Alert) alert.Text {
	return alert.Text{EN: "heyan alert: " + a.About(), ZH: "heyan 预警：" + a.About()}
}

// markdown is the message in both languages. DingTalk needs an empty line for a line
// break.
func markdown(a alert.Alert) string {
	return "#### " + title(a).ZH + "\n\n" + a.Text.ZH + "\n\n" + a.Text.EN + "\n\n> " + localTime(a.At)
}

// localTime formats a time in the zone of its readers, who are in China.
func localTime(at time.Time) string {
	return at.In(idv.China()).Format("2006-01-02 15:04:05 MST")
}

func plain(a alert.Alert, _ idv.Sensitive, _ time.Time) ([]providers.Param, any) { return nil, a }

type dingTalkMessage struct {
	Type     string `json:"msgtype"`
	Markdown struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"markdown"`
}

func dingTalk(a alert.Alert, secret idv.Sensitive, at time.Time) ([]providers.Param, any) {
	m := dingTalkMessage{Type: "markdown"}
	m.Markdown.Title, m.Markdown.Text = title(a).ZH, markdown(a)
	if secret.IsZero() {
		return nil, m
	}
	timestamp, sign := signDingTalk(secret, at)
	return []providers.Param{
		{Name: "timestamp", Value: idv.NewSensitive(timestamp)}, {Name: "sign", Value: idv.NewSensitive(sign)},
	}, m
}

type weComMessage struct {
	Type     string `json:"msgtype"`
	Markdown struct {
		Content string `json:"content"` // at most 4096 bytes
	} `json:"markdown"`
}

func weCom(a alert.Alert, _ idv.Sensitive, _ time.Time) ([]providers.Param, any) {
	m := weComMessage{Type: "markdown"}
	m.Markdown.Content = markdown(a)
	return nil, m
}

type feishuMessage struct {
	Timestamp string `json:"timestamp,omitempty"`
	Sign      string `json:"sign,omitempty"`
	Type      string `json:"msg_type"`
	Content   struct {
		Post struct {
			ZH feishuPost `json:"zh_cn"`
			EN feishuPost `json:"en_us"`
		} `json:"post"`
	} `json:"content"`
}

// feishuPost is a message of paragraphs, each a list of elements.
type feishuPost struct {
	Title   string          `json:"title"`
	Content [][]feishuPiece `json:"content"`
}

type feishuPiece struct {
	Tag  string `json:"tag"`
	Text string `json:"text"`
}

func feishu(a alert.Alert, secret idv.Sensitive, at time.Time) ([]providers.Param, any) {
	m := feishuMessage{Type: "post"}
	m.Content.Post.ZH = post(title(a).ZH, a.Text.ZH, localTime(a.At))
	m.Content.Post.EN = post(title(a).EN, a.Text.EN, localTime(a.At))
	if !secret.IsZero() {
		m.Timestamp, m.Sign = signFeishu(secret, at)
	}
	return nil, m
}

func post(title string, paragraphs ...string) feishuPost {
	p := feishuPost{Title: title}
	for _, text := range paragraphs {
		p.Content = append(p.Content, []feishuPiece{{Tag: "text", Text: text}})
	}
	return p
}

package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func TestSend(t *testing.T) {
	const busy, broken = `{"errcode":130101,"errmsg":"send too fast"}`, `{"errcode":-1}`
	down := turn{err: &idv.Error{Failure: idv.Unavailable, Phase: "dial", Detail: "no connection could be made"}}
	tests := map[string]struct {
		format Format
		turns  []turn
		tries  int
		class  idv.Failure // if it fails
		code   string
		least  time.Duration // from the first try to the last
	}{
		"204":               {Generic, []turn{{status: 204}}, 1, 0, "", 0},
		"at the second try": {Generic, []turn{down, {status: 200}}, 2, 0, "", time.Second},
		"at the last try":   {Generic, []turn{down, down, down, down, {status: 200}}, 5, 0, "", 85 * time.Second},
		"never":             {Generic, []turn{down}, 5, idv.Unavailable, "", 85 * time.Second},
		"500":               {Generic, []turn{{status: 500}}, 5, idv.Unavailable, "500", 85 * time.Second},
		"408":               {Generic, []turn{{status: 408}}, 5, idv.Timeout, "408", 85 * time.Second},
		"429":               {Generic, []turn{{status: 429}}, 5, idv.Throttled, "429", 85 * time.Second},
		"429, a pause":      {Generic, []turn{{status: 429, retry: "300"}, {status: 200}}, 2, 0, "", 300 * time.Second},
		"503, a long pause": {Generic, []turn{{status: 503, retry: "86400"}, {status: 200}}, 2, 0, "", 10 * time.Minute},
		"400":               {Generic, []turn{{status: 400}}, 1, idv.BadCredentials, "400", 0},
		"404":               {Generic, []turn{{status: 404}}, 1, idv.BadCredentials, "404", 0},
		"404, a pause":      {Generic, []turn{{status: 404, retry: "5"}}, 1, idv.BadCredentials, "404", 0},
		"moved":             {Generic, []turn{{status: 308}}, 1, idv.BadCredentials, "308", 0},
		"garbled":           {Generic, []turn{{err: &idv.Error{Failure: idv.Garbled}}}, 1, idv.Garbled, "", 0},

		"dingtalk takes it":      {DingTalk, []turn{{status: 200, body: `{"errcode":0}`}}, 1, 0, "", 0},
		"dingtalk, too fast":     {DingTalk, []turn{{status: 200, body: busy}, {status: 200, body: `{"errcode":0}`}}, 2, 0, "", 10 * time.Minute},
		"dingtalk, busy":         {DingTalk, []turn{{status: 200, body: broken}}, 5, idv.Unavailable, "-1", 85 * time.Second},
		"dingtalk, wrong secret": {DingTalk, []turn{{status: 200, body: `{"errcode":310000,"errmsg":"sign not match"}`}}, 1, idv.BadCredentials, "310000", 0},
		"dingtalk, no answer":    {DingTalk, []turn{{status: 200, body: `<html>`}}, 1, idv.Garbled, "", 0},
		"dingtalk, no code":      {DingTalk, []turn{{status: 200, body: `{"errmsg":"ok"}`}}, 1, idv.Garbled, "", 0},
		"dingtalk, a text code":  {DingTalk, []turn{{status: 200, body: `{"errcode":"0"}`}}, 1, idv.Garbled, "", 0},
		"dingtalk, two codes":    {DingTalk, []turn{{status: 200, body: `{"errcode":0,"errcode":310000}`}}, 1, idv.Garbled, "", 0},
		"dingtalk, 502":          {DingTalk, []turn{{status: 502, body: `<html>`}}, 5, idv.Unavailable, "502", 85 * time.Second},
		"wecom, too fast":        {WeCom, []turn{{status: 200, body: `{"errcode":45009}`}, {status: 200, body: `{"errcode":0}`}}, 2, 0, "", time.Minute},
		"wecom, wrong key":       {WeCom, []turn{{status: 200, body: `{"errcode":93000}`}}, 1, idv.BadCredentials, "93000", 0},
		"feishu takes it":        {Feishu, []turn{{status: 200, body: `{"code":0,"StatusCode":0}`}}, 1, 0, "", 0},
		"feishu, too fast":       {Feishu, []turn{{status: 429, body: `{"code":11232}`}, {status: 200, body: `{"code":0}`}}, 2, 0, "", time.Minute},
		"feishu, wrong secret":   {Feishu, []turn{{status: 200, body: `{"code":19021}`}}, 1, idv.BadCredentials, "19021", 0},
		"feishu, its own 400":    {Feishu, []turn{{status: 400, body: `{"code":9499}`}}, 1, idv.BadCredentials, "9499", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, s := acted(t, test.format, test.turns...)
				begun := time.Now()
				err := h.Send(t.Context(), low())
				if s.tries() != test.tries {
					t.Errorf("%d tries, want %d", s.tries(), test.tries)
				}
				if took := time.Since(begun); took < test.least || took > 2*test.least {
					t.Errorf("took %v, want %v to the double of it", took, test.least)
				}
				failsAs(t, err, test.class, test.code)
			})
		})
	}
}

// failsAs checks an error's class and code; class 0 stands for no error.
func failsAs(t *testing.T, err error, class idv.Failure, code string) {
	t.Helper()
	if class == 0 {
		if err != nil {
			t.Errorf("%v, want nil", err)
		}
		return
	}
	var e *idv.Error
	if !errors.As(err, &e) || e.Failure != class || e.Code != code {
		t.Errorf("got %v, want %v (%s)", err, class, code)
	}
}

// Each try is signed anew: a robot takes no timestamp that is an hour old.
func TestEveryTryIsSigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s := acted(t, DingTalk, turn{status: 500}, turn{status: 200, body: `{"errcode":0}`})
		if err := h.Send(t.Context(), low()); err != nil {
			t.Fatal(err)
		}
		for i, call := range s.calls {
			want := fmt.Sprint(s.times[i].UnixMilli())
			if got := call.Query[1]; got.Name != "timestamp" || got.Value.Reveal() != want {
				t.Errorf("try %d: %s %s, want timestamp %s", i+1, got.Name, got.Value.Reveal(), want)
			}
		}
	})
}

// The pauses grow, and two hooks do not keep in step.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for range 20 {
			h, s := acted(t, Generic, turn{status: 500})
			_ = h.Send(t.Context(), low())
			full := 2 * time.Second
			for i, got := range s.pauses() {
				if got < full/2 || got > full {
					t.Errorf("pause %d is %v, want %v to %v", i+1, got, full/2, full)
				}
				full *= 4
			}
			seen[s.pauses()[3]] = true
		}
		if len(seen) < 10 {
			t.Errorf("%d different pauses among 20", len(seen))
		}
	})
}

// A send ends with its context, in a try and in a pause.
func TestSendEnds(t *testing.T) {
	tests := map[string]struct {
		turn  turn
		class idv.Failure
	}{
		"in a try":   {turn{hang: true}, idv.Canceled},
		"in a pause": {turn{status: 429, retry: "600"}, idv.Throttled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, s := acted(t, Generic, test.turn)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				begun := time.Now()
				err := h.Send(ctx, low())
				if got := time.Since(begun); got != time.Minute || s.tries() != 1 {
					t.Errorf("took %v and %d tries, want a minute and one", got, s.tries())
				}
				if idv.FailureOf(err) != test.class {
					t.Errorf("got %v, want %v", err, test.class)
				}
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	tests := map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "600": 10 * time.Minute, "601": 10 * time.Minute,
		"4294967295": 10 * time.Minute, "99999999999999999999": 0, "-1": 0, "1.5": 0, "soon": 0,
		noon().Add(time.Minute).Format(http.TimeFormat): time.Minute,
		noon().Add(time.Hour).Format(http.TimeFormat):   10 * time.Minute,
		noon().Add(-time.Hour).Format(http.TimeFormat):  0,
	}
	for text, want := range tests {
		if got := retryAfter(text, noon()); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func FuzzJudge(f *testing.F) {
	f.Add(200, "", []byte(`{"errcode":0,"code":0}`))
	f.Add(429, "30", []byte(`{"errcode":130101,"errmsg":"send too fast"}`))
	f.Add(503, noon().Format(http.TimeFormat), []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, retry string, body []byte) {
		for _, p := range places() {
			d, _ := dialectOf(p.format)
			e := d.judge(providers.Reply{Status: status, Header: http.Header{"Retry-After": {retry}}, Body: body}, noon())
			if e == nil {
				if status < 200 || status > 299 {
					t.Errorf("%s: status %d counts as arrived", p.format, status)
				}
				continue
			}
			if e.Retry < 0 || e.Retry > maxRetry || e.Detail == "" || len(e.Code) > 20 {
				t.Errorf("%s: %+v", p.format, e)
			}
		}
	})
}

package alert_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
)

func first(t *testing.T, b alert.Balance) alert.Alert {
	t.Helper()
	alerts, _ := alert.DefaultLevels().Check(nil, noon(), []alert.Balance{b})
	if len(alerts) == 0 {
		t.Fatal("no alert")
	}
	return alerts[0]
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		balance alert.Balance
		en, zh  string
	}{
		"percent": {
			has(180, 100),
			"main: 180 of 1000 calls are left, about 12 days at the rate of the last week. The warning levels of 50 and 20 percent are reached.",
			"main：剩余 180 / 1000 次，按近一周用量约可用 12 天，已达到 50%、20% 预警线。",
		},
		"no rate": {
			has(180, 0),
			"main: 180 of 1000 calls are left. The warning levels of 50 and 20 percent are reached.",
			"main：剩余 180 / 1000 次，已达到 50%、20% 预警线。",
		},
		"one level": {
			has(500, 0), "main: 500 of 1000 calls are left. The warning level of 50 percent is reached.", "main：剩余 500 / 1000 次，已达到 50% 预警线。",
		},
		"one day": {
			has(900, 3500),
			"main: 900 of 1000 calls are left, about a day at the rate of the last week. The warning levels of 7 and 2 days are reached.",
			"main：剩余 900 / 1000 次，按近一周用量约可用 1 天，已达到 7 天、2 天预警线。",
		},
		"less than a day": {
			has(900, 7000),
			"main: 900 of 1000 calls are left, less than a day at the rate of the last week. The warning levels of 7 and 2 days are reached.",
			"main：剩余 900 / 1000 次，按近一周用量不足 1 天，已达到 7 天、2 天预警线。",
		},
		"used up": {
			has(0, 0),
			"main: all packages are used up or have expired. The provider is not called until a new package is added.",
			"main：套餐包已用完或已过期，登记新套餐包之前不再调用该供应商。",
		},
		"the vendor says used up": {
			closed(has(900, 0), idv.SkipQuotaExhausted),
			"main: " + idv.QuotaExhausted.Help().Cause.EN + " " + idv.QuotaExhausted.Help().Remedy.EN +
				" The ledger still has 900 calls: reconcile it, the key may be used elsewhere.",
			"main：" + idv.QuotaExhausted.Help().Cause.ZH + idv.QuotaExhausted.Help().Remedy.ZH +
				"账面尚余 900 次，请对账：密钥可能被他人使用。",
		},
		"the key is refused": {
			closed(has(900, 0), idv.SkipCredentials),
			"main: " + idv.BadCredentials.Help().Cause.EN + " " + idv.BadCredentials.Help().Remedy.EN,
			"main：" + idv.BadCredentials.Help().Cause.ZH + idv.BadCredentials.Help().Remedy.ZH,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := first(t, test.balance).Text
			if got.EN != test.en {
				t.Errorf("got  %s\nwant %s", got.EN, test.en)
			}
			if got.ZH != test.zh {
				t.Errorf("got  %s\nwant %s", got.ZH, test.zh)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	a := first(t, has(180, 100))
	a.Text = alert.Text{EN: "en", ZH: "zh"}
	got, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"provider":"main","kind":"percent","level":20,"also":[50],"available":180,"bought":1000,"days_left":12,` +
		`"at":"2026-11-24T12:00:00Z","text":{"en":"en","zh":"zh"}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Warn("balance", slog.Any("alert", first(t, has(180, 100))))
	want := "msg=balance alert.provider=main alert.kind=percent alert.level=20 alert.available=180 alert.bought=1000 alert.days_left=12"
	if !strings.Contains(out.String(), want) {
		t.Errorf("got %s, want %s in it", out.String(), want)
	}
}

func TestGuessing(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct{ app, dimension, about, en, zh string }{
		{"shop", "names_per_number", "shop", "enumerates names", "试探"},
		{"", "canary", "t1", "honeytoken", "诱饵号码"},
	} {
		t.Run(test.dimension, func(t *testing.T) {
			a := alert.NewGuessing("t1", test.app, test.dimension, at)
			if a.About() != test.about || !strings.Contains(a.Text.EN, test.en) || !strings.Contains(a.Text.ZH, test.zh) {
				t.Errorf("about %q: %+v", a.About(), a.Text)
			}
			var out bytes.Buffer
			slog.New(slog.NewTextHandler(&out, nil)).Warn("guess", slog.Any("alert", a))
			if want := "alert.kind=guessing alert.tenant=t1"; !strings.Contains(out.String(), want) {
				t.Errorf("got %s, want %s in it", out.String(), want)
			}
		})
	}
}

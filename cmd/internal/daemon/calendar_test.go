package daemon_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
)

// TestCalendarIsFollowed: a window that another process declares in the store, as the command
// line does, takes effect and stays through a reload, and so does its removal.
func TestCalendarIsFollowed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.db")
	h := start(t, durable(path), "idcert-a", "idcert-b")
	other, err := sqlstore.OpenSQLite(t.Context(), "file:"+path, sqlstore.Options{Attached: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	asked := func() string {
		r, text := h.verify("张三", number)
		if r.Verdict != "match" {
			t.Fatal(text)
		}
		return r.Attempts[0].Provider
	}
	if got := asked(); got != "idcert-a" {
		t.Fatalf("at first %s is asked", got)
	}
	now := time.Now()
	if err := other.AddWindow(t.Context(), route.Window{ID: "cal_1", Provider: "idcert-a", From: now.Add(-time.Minute), To: now.Add(24 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	h.wait(func() bool { return asked() == "idcert-b" })
	h.reloadWith("configuration reloaded", func(c *config.Config) { c.Timeout -= time.Second })
	if got := asked(); got != "idcert-b" {
		t.Errorf("after a reload %s is asked", got)
	}
	h.reloadWith("configuration reloaded", func(c *config.Config) {
		c.Calendar = []config.Window{{Provider: "idcert-b", Cron: "0 0 * * *", Duration: 23*time.Hour + 59*time.Minute, Zone: "UTC"}}
	})
	r, text := h.verify("张三", number)
	if minute := time.Now().UTC(); minute.Hour() != 23 || minute.Minute() != 59 {
		if r.Verdict != "undetermined" || strings.Count(text, `"scheduled_maintenance"`) != 2 {
			t.Errorf("with both in maintenance: %s", text)
		}
	}
	if _, err := other.RemoveWindow(t.Context(), "cal_1"); err != nil {
		t.Fatal(err)
	}
	h.wait(func() bool {
		r, _ := h.verify("张三", number)
		return len(r.Attempts) > 0 && r.Attempts[0].Provider == "idcert-a"
	})
	for _, alarm := range h.lines("provider unavailable") {
		t.Errorf("an alarm: %s", alarm)
	}
}

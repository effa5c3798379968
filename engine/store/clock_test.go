package store_test

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// TestClock moves the time of day and the steady time in turns. After each turn the clock
// must show some time after the start, confirmed or not.
func TestClock(t *testing.T) {
	t.Parallel()
	type turn struct {
		wall, steady time.Duration // how far they move
		shows        time.Duration
		confirmed    bool
	}
	const settle, minute, hour = store.SettleTime, time.Minute, time.Hour
	tests := []struct {
		name  string
		turns []turn
	}{
		{"it runs evenly", []turn{{0, 0, 0, false}, {minute, minute, minute, false}, {settle, settle, settle + minute, true}}},
		{"it drifts", []turn{{0, 0, 0, false}, {settle + store.Tolerance, settle, settle + store.Tolerance, true}, {hour - store.Tolerance, hour, settle + hour, true}}},
		{"it jumps forward and back", []turn{
			{0, 0, 0, false}, {settle, settle, settle, true}, {5 * minute, 0, settle, false}, {minute, minute, settle + minute, false},
			{-5 * minute, 0, settle + minute, true},
		}},
		{"it jumps back and stays", []turn{
			{0, 0, 0, false}, {settle, settle, settle, true}, {-hour, 0, settle, false}, {settle, settle, 2*settle - hour, true},
		}},
		{"it jumps forward and stays", []turn{
			{0, 0, 0, false}, {settle, settle, settle, true}, {25 * hour, 0, settle, false}, {settle - 1, settle - 1, 2*settle - 1, false},
			{1, 1, 2*settle + 25*hour, true},
		}},
		{"it jumps twice", []turn{
			{0, 0, 0, false}, {settle, settle, settle, true}, {hour, 0, settle, false}, {settle / 2, settle / 2, settle * 3 / 2, false},
			{hour, 0, settle * 3 / 2, false}, {settle / 2, settle / 2, 2 * settle, false}, {settle / 2, settle / 2, settle*5/2 + 2*hour, true},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			start, wall, steady := time.Now(), time.Duration(0), time.Duration(0)
			c := store.NewClock(func() time.Time { return start.Add(wall) }, func() time.Duration { return steady })
			for i, turn := range tt.turns {
				wall += turn.wall
				steady += turn.steady
				now, confirmed := c.Now()
				if shows := now.Sub(start); shows != turn.shows || confirmed != turn.confirmed {
					t.Errorf("turn %d: it shows %v, confirmed %v; want %v, %v", i, shows, confirmed, turn.shows, turn.confirmed)
				}
				if jump := c.Jump(); (jump != 0) != (wall-now.Sub(start) != 0) || jump != wall-now.Sub(start) {
					t.Errorf("turn %d: a jump of %v is reported, want %v", i, jump, wall-now.Sub(start))
				}
			}
		})
	}
}

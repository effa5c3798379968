package replica

import (
	"fmt"
	"testing"
	"time"
)

func TestNonces(t *testing.T) {
	t.Parallel()
	var n Nonces
	start := time.Unix(1_700_000_000, 0)
	steps := []struct {
		nonce string
		after time.Duration
		want  bool
	}{
		{"a", 0, true},
		{"a", 0, false},
		{"b", time.Minute, true},
		{"a", NonceWindow, false},
		{"a", NonceWindow + time.Millisecond, true},
		{"b", NonceWindow + time.Minute, false},
	}
	for i, step := range steps {
		if got := n.Use(step.nonce, start.Add(step.after)); got != step.want {
			t.Errorf("step %d: use = %v, want %v", i, got, step.want)
		}
	}
}

func TestNoncesAreBounded(t *testing.T) {
	t.Parallel()
	var n Nonces
	for i := range MaxNonces + 10 {
		n.Use(fmt.Sprint(i), time.Unix(0, 0))
	}
	if len(n.used) != MaxNonces || len(n.order) != MaxNonces {
		t.Errorf("%d nonces in %d places, want %d", len(n.used), len(n.order), MaxNonces)
	}
}

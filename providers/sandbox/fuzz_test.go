package sandbox

import (
	"encoding/json"
	"errors"
	"testing"
)

// FuzzDecodeScenario asks that whatever is accepted can be played, means the same
// when it is written and read again, and that whatever is not gives the one kind
// of error.
func FuzzDecodeScenario(f *testing.F) {
	for _, seed := range []string{
		`{"mode":"stall"}`, `{"vendor":"idcert-a","mode":"normal","for_ms":1,"count":2,"latency_ms":3}`, `{}`, `null`, `[]`,
		`{"mode":"stall","mode":"empty"}`, `{"Mode":"stall"}`, `{"mode":{"count":1}}`, `{"mode":"stall","for_ms":1e400}`, `{"mode":"st`,
		`{"mode":"stall","count":1e3}`, "\xef\xbb\xbf{}", `{"\ud800":1}`,
	} {
		f.Add([]byte(seed))
	}
	vendors := []string{"idcert-a", "idcert-b"}
	f.Fuzz(func(t *testing.T, body []byte) {
		sc, err := decodeScenario(body, "idcert-b", vendors)
		if err != nil {
			var fault *ScenarioError
			if !errors.As(err, &fault) || fault.Detail == "" || sc != (Scenario{}) {
				t.Fatalf("error %v with %+v, want a ScenarioError and nothing else", err, sc)
			}
			return
		}
		if b := behaviors()[sc.Mode]; sc.Mode != ModeTokenRevoked && (b.compose == nil || b.send == nil) {
			t.Fatalf("mode %q was accepted but has no behavior", sc.Mode)
		}
		written, err := json.Marshal(sc)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decodeScenario(written, "idcert-a", vendors); err != nil || again != sc {
			t.Fatalf("read again: %+v, %v; want %+v", again, err, sc)
		}
	})
}

// TestModesAreComplete checks that every mode has a behavior, or a reason.
func TestModesAreComplete(t *testing.T) {
	t.Parallel()
	b := newIdcert(VendorConfig{})
	for _, m := range append(Modes(), modeFollowed) {
		got, err := b.behavior(m)
		if (err != nil) != (m == ModeTokenRevoked) || err == nil && (got.compose == nil || got.send == nil) {
			t.Errorf("mode %s: no behavior, error %v", m, err)
		}
	}
}

package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

func TestAnswerCache(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, err := newAnswerCache()
		if err != nil {
			t.Fatal(err)
		}
		defer a.close()
		key := answerKey{tenant: "t1", index: [16]byte{1}}
		a.put(key, answer{verification: "v1", verdict: idv.Match}, time.Minute)
		a.put(answerKey{tenant: "t1", index: [16]byte{2}}, answer{verification: "v2"}, 0)
		a.entries.Wait()
		for _, test := range []struct {
			name string
			key  answerKey
			want bool
		}{
			{"what was put", key, true},
			{"the same index of another tenant", answerKey{tenant: "t2", index: key.index}, false},
			{"another index", answerKey{tenant: "t1", index: [16]byte{3}}, false},
			{"what may not be kept", answerKey{tenant: "t1", index: [16]byte{2}}, false},
		} {
			if _, ok := a.get(test.key); ok != test.want {
				t.Errorf("%s: found %v, want %v", test.name, ok, test.want)
			}
		}
		time.Sleep(time.Minute + time.Second)
		if _, ok := a.get(key); ok {
			t.Error("found after its time")
		}
	})
}

// The cache forgets when it likes to, but not a fiftieth of its size already.
func TestKeepsWhatItSays(t *testing.T) {
	t.Parallel()
	a, err := newAnswerCache()
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	const put = 5000
	found := 0
	for i := range put {
		key := answerKey{index: [16]byte{byte(i), byte(i >> 8)}}
		a.put(key, answer{verdict: idv.Match}, time.Hour)
		a.entries.Wait()
		if _, ok := a.get(key); ok {
			found++
		}
	}
	if found < put*9/10 {
		t.Errorf("%d of %d are kept", found, put)
	}
}

func TestNilKeepsNothing(t *testing.T) {
	t.Parallel()
	var a *answerCache
	a.put(answerKey{}, answer{}, time.Hour)
	if _, ok := a.get(answerKey{}); ok {
		t.Error("nil has an answer")
	}
	a.clear()
	a.close()
}

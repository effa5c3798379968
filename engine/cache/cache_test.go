package cache_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/cache"
	"github.com/heyan-id/heyan/engine/idv"
)

func TestAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, err := cache.New()
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		key := cache.Key{Tenant: "t1", Mark: [16]byte{1}}
		a.Put(key, cache.Answer{Verification: "v1", Verdict: idv.Match}, time.Minute)
		a.Put(cache.Key{Tenant: "t1", Mark: [16]byte{2}}, cache.Answer{Verification: "v2"}, 0)
		a.Wait()
		for _, test := range []struct {
			name string
			key  cache.Key
			want bool
		}{
			{"what was put", key, true},
			{"the same mark of another tenant", cache.Key{Tenant: "t2", Mark: key.Mark}, false},
			{"another mark", cache.Key{Tenant: "t1", Mark: [16]byte{3}}, false},
			{"what may not be kept", cache.Key{Tenant: "t1", Mark: [16]byte{2}}, false},
		} {
			if _, ok := a.Get(test.key); ok != test.want {
				t.Errorf("%s: found %v, want %v", test.name, ok, test.want)
			}
		}
		time.Sleep(time.Minute + time.Second)
		if _, ok := a.Get(key); ok {
			t.Error("found after its time")
		}
	})
}

// The cache forgets when it likes to, but not a fiftieth of its size already.
func TestKeepsWhatItSays(t *testing.T) {
	a, err := cache.New()
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	const put = 5000
	found := 0
	for i := range put {
		key := cache.Key{Mark: [16]byte{byte(i), byte(i >> 8)}}
		a.Put(key, cache.Answer{Verdict: idv.Match}, time.Hour)
		a.Wait()
		if _, ok := a.Get(key); ok {
			found++
		}
	}
	if found < put*9/10 {
		t.Errorf("%d of %d are kept", found, put)
	}
}

func TestNilKeepsNothing(t *testing.T) {
	var a *cache.Answers
	a.Put(cache.Key{}, cache.Answer{}, time.Hour)
	if _, ok := a.Get(cache.Key{}); ok {
		t.Error("nil has an answer")
	}
	a.Clear()
	a.Close()
}

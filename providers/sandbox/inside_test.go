package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

func fake(cfg VendorConfig) *vendor {
	cfg.Name = "idcert-a"
	v, err := newVendor(cfg, []byte("key"), Config{Observe: func(Event) {}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	return v
}

func byHand(v *vendor) *idcert { return v.backend.(*idcert) }

// request is one with good credentials, ended by ctx.
func request(ctx context.Context, v *vendor) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/idcard?idCard=110101209901010084&name=a", nil)
	r.Header.Set("Authorization", "APPCODE "+byHand(v).gate.appCode.Reveal())
	return r
}

// meterReader is a ResponseWriter that looks at the meter before each write.
type meterReader struct {
	*httptest.ResponseRecorder
	v     *vendor
	early int // writes before the meter moved
}

func (m *meterReader) WriteHeader(status int) {
	m.look()
	m.ResponseRecorder.WriteHeader(status)
}

func (m *meterReader) Write(b []byte) (int, error) {
	m.look()
	return m.ResponseRecorder.Write(b)
}

func (m *meterReader) look() {
	if len(m.v.meter.stats().ByCode) == 0 {
		m.early++
	}
}

// serve runs one request to its end, hang-up included.
func serve(v *vendor, w http.ResponseWriter, r *http.Request) (hungUp bool) {
	defer func() {
		cause := recover()
		err, _ := cause.(error)
		hungUp = errors.Is(err, http.ErrAbortHandler)
		if cause != nil && !hungUp {
			panic(cause)
		}
	}()
	v.ServeHTTP(w, r)
	return false
}

// TestEveryModeCountsBeforeItWrites sets all modes under a clock of their own,
// with a client that leaves after a minute.
func TestEveryModeCountsBeforeItWrites(t *testing.T) {
	t.Parallel()
	hangs := map[Mode]bool{ModeStall: true, ModeResetBefore: true, ModeResetAfter: true}
	for m := range behaviors() {
		t.Run(string(m), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				v := fake(VendorConfig{})
				v.active.set(Scenario{Mode: m, LatencyMS: 100})
				w := &meterReader{ResponseRecorder: httptest.NewRecorder(), v: v}
				start := time.Now()
				if hungUp := serve(v, w, request(ctx, v)); hungUp != hangs[m] {
					t.Errorf("hung up: %v, want %v", hungUp, hangs[m])
				}
				if took := time.Since(start); took < 100*time.Millisecond {
					t.Errorf("answered after %v, before the latency was over", took)
				}
				if st := v.meter.stats(); w.early != 0 || len(st.ByCode) != 1 {
					t.Errorf("%d writes before the meter, outcomes %v; want none, one", w.early, st.ByCode)
				}
			})
		})
	}
}

func TestSlowDripTakesItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := fake(VendorConfig{})
		v.active.set(Scenario{Mode: ModeSlowDrip})
		w := httptest.NewRecorder()
		start := time.Now()
		v.ServeHTTP(w, request(t.Context(), v))
		if want := time.Duration(w.Body.Len()) * dripEvery; time.Since(start) != want || w.Body.Len() == 0 {
			t.Errorf("%d bytes in %v, want %v", w.Body.Len(), time.Since(start), want)
		}
	})
}

func TestClientThatLeavesEndsTheWait(t *testing.T) {
	t.Parallel()
	for _, m := range []Mode{ModeStall, ModeSlowDrip, ModeNormal, ModeQuotaExhausted} {
		t.Run(string(m), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				v := fake(VendorConfig{})
				v.active.set(Scenario{Mode: m, LatencyMS: 1000})
				start := time.Now()
				hungUp := serve(v, httptest.NewRecorder(), request(ctx, v))
				if !hungUp || time.Since(start) != 50*time.Millisecond {
					t.Errorf("hung up: %v after %v, want so with the client", hungUp, time.Since(start))
				}
			})
		})
	}
}

func TestSwapAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := fake(VendorConfig{})
		v.active.set(Scenario{Mode: ModeSwapAnswers})
		numbers := []string{"110101209901010084", "110101209901010017"}
		got := make([]*httptest.ResponseRecorder, len(numbers))
		for i, number := range numbers {
			got[i] = httptest.NewRecorder()
			r := request(t.Context(), v)
			r.URL.RawQuery = url.Values{"idCard": {number}, "name": {"张三"}}.Encode()
			go v.ServeHTTP(got[i], r)
		}
		synctest.Wait()
		for i, want := range []string{"02", "01"} {
			if status := jsonField(t, got[i], "status"); status != want {
				t.Errorf("%d. status = %s, want the other's, %s", i, status, want)
			}
		}
		if echo := jsonField(t, got[0], "idCard"); echo != "11*****0017" {
			t.Errorf("echo = %s, want the other's", echo)
		}
		seen := v.meter.has(person{idv.NewSensitive(numbers[0]), idv.NewSensitive("张三")})
		if st := v.meter.stats(); st.Billed != 2 || !seen {
			t.Errorf("stats = %+v, want both billed and seen", st)
		}
	})
}

func TestSwapAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := fake(VendorConfig{})
		v.active.set(Scenario{Mode: ModeSwapAnswers})
		w := httptest.NewRecorder()
		start := time.Now()
		v.ServeHTTP(w, request(t.Context(), v))
		if time.Since(start) != swapBound {
			t.Errorf("waited %v for another, want %v", time.Since(start), swapBound)
		}
		if byHand(v).swap.waiting != nil {
			t.Error("the one who left still waits")
		}
		if !idv.NewSensitive("110101209901010076").FitsMask(jsonField(t, w, "idCard")) {
			t.Error("the answer is not for the made-up person")
		}
	})
}

func TestScenarioEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		title string
		sc    Scenario
		want  string // a letter per request, one every second: m maintenance, n normal
	}{
		{"by count", Scenario{Count: 2}, "mmnn"},
		{"by time", Scenario{ForMS: 1500}, "mmnn"},
		{"whichever is first, count", Scenario{Count: 1, ForMS: 1500}, "mnnn"},
		{"whichever is first, time", Scenario{Count: 3, ForMS: 500}, "mnnn"},
		{"at the very moment", Scenario{ForMS: 1000}, "mnnn"},
		{"not of itself", Scenario{}, "mmmm"},
	}
	for _, tt := range tests {
		t.Run(tt.title, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newActive(Scenario{Mode: ModeNormal})
				tt.sc.Mode = ModeMaintenance
				s.set(tt.sc)
				got := ""
				for range tt.want {
					got += string(s.next().Mode[0])
					time.Sleep(time.Second)
				}
				if got != tt.want {
					t.Errorf("played %s, want %s", got, tt.want)
				}
			})
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const many = 10_000
	b := newMeter([]byte("key"), nil)
	for i := range many {
		b.charge(person{number: idv.NewSensitive(fmt.Sprint(i))}, reply{code: codeMatch})
	}
	if got := len(b.stats().Seen); got != maxSeen {
		t.Errorf("%d fingerprints, want %d", got, maxSeen)
	}
	last, first := person{number: idv.NewSensitive(fmt.Sprint(many - 1))}, person{number: idv.NewSensitive("0")}
	if !b.has(last) || b.has(first) {
		t.Error("want the last one kept and the first one forgotten")
	}
}

// The vendors of a configured port have that port and the ones after it.
func TestBasePort(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string][]string{
		"localhost:9100": {"127.0.0.1:9100", "127.0.0.1:9101"},
		"[::1]:9100":     {"[::1]:9100", "[::1]:9101"},
		"127.0.0.1:0":    {"127.0.0.1:0", "127.0.0.1:0"},
	} {
		base, err := loopback(listen, len(want))
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got := address(base, i); got != w {
				t.Errorf("%s: vendor %d listens on %s, want %s", listen, i, got, w)
			}
		}
	}
}

package certify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/plugintest"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// adapters returns a product that echoes, one that does not and a declared one, in-process
// and behind the wire. Each vendor's own tests run the same rules.
func adapters(t *testing.T) map[string]Adapter {
	t.Helper()
	list := map[string]Adapter{}
	for _, name := range []string{"idcert", "tencent/idcard", "jisu/idcard"} {
		b, ok := assemble.Catalogue().Find(name)
		if !ok {
			t.Fatalf("no product %s", name)
		}
		recorded, err := providertest.RecordingsOf(b)
		if err != nil {
			t.Fatal(err)
		}
		codec, err := b.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		list[b.Descriptor.Name] = Adapter{Card: b.Descriptor, Codec: codec, Recordings: recorded, NotEchoed: b.NotEchoed}
		list[b.Descriptor.Name+", over the wire"] = Adapter{Card: b.Descriptor, Codec: plugintest.Codec(t, b, nil), Recordings: recorded, NotEchoed: b.NotEchoed}
	}
	return list
}

func TestBuiltinsPassEveryRule(t *testing.T) {
	for name, a := range adapters(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			total, err := Run(t.Context(), a, func(s Result) {
				if !s.Passed && s.Skipped == "" || s.Says == "" {
					t.Errorf("%+v", s)
				}
			})
			want := Total{Rules: len(providertest.Rules())}
			if a.NotEchoed == a.Card.Check.Claims() {
				want.Skipped = 3 // the rules about echoes
			}
			if err != nil || total != want {
				t.Errorf("got %+v, %v, want %+v", total, err, want)
			}
		})
	}
}

// A rule that a flag waives did not pass, and its result names the flag.
func TestWaivedRulesAreSkipped(t *testing.T) {
	a := adapters(t)["idcert"]
	a.NotEchoed = a.Card.Check.Claims()
	var skipped []string
	total, err := Run(t.Context(), a, func(s Result) {
		if s.Skipped == "--not-echoed" && !s.Passed && s.Failure == "" {
			skipped = append(skipped, s.Rule)
		}
	})
	if want := (Total{Rules: len(providertest.Rules()), Skipped: 3}); err != nil || total != want || len(skipped) != 3 {
		t.Errorf("got %+v with %v skipped, %v, want %+v", total, skipped, err, want)
	}
}

// faulty is a sound codec whose calls end in a failure of its process. Most rules
// want a failure, and would take it for one.
type faulty struct {
	providers.Codec
	err error
}

func (f faulty) EncodeContext(_ context.Context, q idv.Query) (providers.Call, error) {
	return f.Encode(q)
}

func (f faulty) DecodeContext(context.Context, idv.Query, providers.Reply) (idv.Answer, error) {
	return idv.Answer{}, f.err
}

func TestTroubleIsNoRefusal(t *testing.T) {
	sound := adapters(t)["idcert"]
	const rule = "truncated"
	tests := []struct {
		name   string
		err    error
		passed bool
	}{
		{"a refusal", providers.Garbled("cut"), true},
		{"a vendor that is not there", &idv.Error{Failure: idv.Unavailable, Origin: idv.OriginVendor}, true},
		{"a crash", &idv.Error{Failure: idv.Unavailable, Origin: idv.OriginEngine}, false},
		{"a silence", &idv.Error{Failure: idv.Timeout, Origin: idv.OriginEngine}, false},
		{"a panic", &idv.Error{Failure: idv.Internal, Origin: idv.OriginEngine}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := sound
			a.Codec = faulty{sound.Codec, tt.err}
			_, err := Run(t.Context(), a, func(s Result) {
				if s.Rule == rule && s.Passed != tt.passed {
					t.Errorf("%+v, want passed %v", s, tt.passed)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// restarting is gone for a while after each death, as a plugin is.
type restarting struct {
	faulty
	back *time.Time
	gone time.Duration
}

func (r restarting) EncodeContext(ctx context.Context, q idv.Query) (providers.Call, error) {
	if time.Now().Before(*r.back) {
		return providers.Call{}, &idv.Error{Failure: idv.Unavailable, Origin: idv.OriginEngine}
	}
	return r.Encode(q)
}

func (r restarting) DecodeContext(_ context.Context, q idv.Query, reply providers.Reply) (idv.Answer, error) {
	if string(reply.Body) == "{" {
		*r.back = time.Now().Add(r.gone)
		return idv.Answer{}, r.err
	}
	return r.Decode(q, reply)
}

func TestWaitsForARestart(t *testing.T) {
	tests := []struct {
		name   string
		gone   time.Duration
		broken int
		most   time.Duration
	}{
		{"comes back", time.Second, 1, 2 * time.Second},
		{"stays away", time.Hour, 1, maxRestartWait + time.Second}, // no later rule can encode
	}
	sound := adapters(t)["idcert"]
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, begun := sound, time.Now()
				a.Codec = restarting{faulty{sound.Codec, &idv.Error{Failure: idv.Unavailable, Origin: idv.OriginEngine}}, new(time.Time), tt.gone}
				total, err := Run(t.Context(), a, func(Result) {})
				broken := total.Failed
				if err != nil || broken == 0 || broken > tt.broken || time.Since(begun) > tt.most {
					t.Errorf("%d failed after %v, %v, want at most %d within %v", broken, time.Since(begun), err, tt.broken, tt.most)
				}
			})
		})
	}
}

type panicking struct{ providers.Codec }

func (panicking) Describe() idv.Descriptor { panic("11010120990101005X") }

func TestPanicFailsARule(t *testing.T) {
	a := adapters(t)["idcert"]
	a.Codec = panicking{a.Codec}
	total, err := Run(t.Context(), a, func(s Result) {
		if strings.Contains(s.Failure, "1101") {
			t.Errorf("the panic value is reported: %s", s.Failure)
		}
	})
	if err != nil || total.Failed == 0 {
		t.Errorf("%+v, %v, want failures", total, err)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	total, err := Run(ctx, adapters(t)["idcert"], func(Result) { cancel(stopped) })
	if total.Rules != 1 || !errors.Is(err, stopped) {
		t.Errorf("%d rules, %v, want one and the cause", total.Rules, err)
	}
}

func TestQuestion(t *testing.T) {
	sound := adapters(t)["idcert"]
	tests := []struct {
		name   string
		change func(*Adapter)
		want   string
	}{
		{"no check", func(a *Adapter) { a.Card.Check = idv.CheckNone }, "names no check"},
		{"another check", func(a *Adapter) { a.Check = idv.CheckIDNameMobile }, "answers another check"},
		{"no match for a provider", func(a *Adapter) {
			a.Provider = func(string) (idv.Provider, error) { return nil, errors.New("unused") }
			a.Recordings = nil
		}, "no fixture is a match"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := sound
			tt.change(&a)
			if _, err := Run(t.Context(), a, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

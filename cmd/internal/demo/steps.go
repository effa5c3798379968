package demo

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// step is one thing to show: what is set up, what is asked, and what must come of
// it.
type step struct {
	code   string
	title  words.Text
	before func(context.Context, *walk) error // what happens to the vendors first; nil for nothing
	who    person
	times  int                                                            // how often it is asked; 1 if 0
	ask    func(context.Context, *walk, person) (idv.Verification, error) // how it is asked; nil for plainly
	want   want
	after  func(context.Context, *walk) []string // what must hold afterwards beside want; nil for nothing
}

// want is how a step must go, for each of its questions.
type want struct {
	verdict idv.Verdict
	reason  idv.Failure // of a verification without a verdict, or of a refusal
	rule    string      // the rule that refuses before any call; "" if the question goes out
	by      string      // who answers; "" if nobody does, either if it does not matter
	tries   int         // attempts of one question

	// How many requests reach each vendor, by its own counter.
	toFirst, toSecond int64
}

// either says that it does not matter who of the two answers: each question is
// answered by one of them, once.
const either = "either"

// steps returns the first act.
func steps() []step { return slices.Concat(verdicts(), failover(), crash()) }

// verdicts are the steps with both vendors in good order.
func verdicts() []step {
	return []step{
		{
			code: "match", title: words.Text{EN: "name and number that belong together", ZH: "姓名与号码一致"}, who: agreeing(),
			want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 1},
		}, {
			code: "mismatch", title: words.Text{EN: "that do not; nobody else is asked", ZH: "姓名与号码不一致；不再询问他人"}, who: disagreeing(),
			want: want{verdict: idv.Mismatch, by: first, tries: 1, toFirst: 1},
		}, {
			code: "no_record", title: words.Text{EN: "the register has no record (202)", ZH: "库无（202）"}, who: unrecorded(),
			want: want{verdict: idv.NoRecord, by: first, tries: 1, toFirst: 1},
		}, {
			code: "typo", title: words.Text{EN: "a digit mistyped: stopped before any paid call", ZH: "号码输错一位：付费调用前即被拦下"}, who: mistyped(),
			want: want{reason: idv.InvalidInput, rule: "check_digit"},
		}, {
			code: "name_format", title: words.Text{EN: "the vendor refuses the name's form (204)", ZH: "供应商不接受姓名格式（204）"}, who: misnamed(),
			want: want{reason: idv.InvalidInput, tries: 1, toFirst: 1},
		},
	}
}

// failover are the steps of a vendor in maintenance, from its first 9999 to its
// return.
func failover() []step {
	return []step{
		{
			code: "failover", title: words.Text{EN: "idcert-a says 9999 (maintenance): idcert-b answers", ZH: "idcert-a 返回 9999（维护）：改由 idcert-b 应答"},
			before: play(sandbox.ModeMaintenance), who: agreeing(),
			want: want{verdict: idv.Match, by: second, tries: 2, toFirst: 1, toSecond: 1}, after: closed,
		}, {
			code: "straight", title: words.Text{EN: "the next 100: straight to idcert-b", ZH: "随后 100 次：直接询问 idcert-b"}, who: agreeing(), times: 100,
			want: want{verdict: idv.Match, by: second, tries: 1, toSecond: 100},
		}, {
			code: "trial", title: words.Text{EN: "the time is over: one trial, still 9999, closes longer", ZH: "到时后试探一次，仍为 9999：关闭更久"},
			before: due, who: agreeing(),
			want: want{verdict: idv.Match, by: second, tries: 2, toFirst: 1, toSecond: 1}, after: closedLonger,
		}, {
			code: "still_closed", title: words.Text{EN: "meanwhile: straight to idcert-b", ZH: "期间：直接询问 idcert-b"}, who: agreeing(),
			want: want{verdict: idv.Match, by: second, tries: 1, toSecond: 1},
		}, {
			code: "back", title: words.Text{EN: "the maintenance is over: the next trial opens idcert-a", ZH: "维护结束：下一次试探恢复 idcert-a"},
			before: func(ctx context.Context, w *walk) error {
				if err := play(sandbox.ModeNormal)(ctx, w); err != nil {
					return err
				}
				return due(ctx, w)
			},
			who: agreeing(), want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 1}, after: open,
		}, {
			code: "as_before", title: words.Text{EN: "and all goes on as before", ZH: "一切恢复如初"}, who: agreeing(), times: 10,
			want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 10},
		},
	}
}

// crash are the steps of a plugin that is killed.
func crash() []step {
	return []step{
		{
			code: "crash", title: words.Text{EN: "idcert-a's plugin process is killed: 20 more go on", ZH: "杀死 idcert-a 的插件进程：后续 20 次照常"},
			before: kill, who: agreeing(), times: 20,
			want: want{verdict: idv.Match, by: either},
		}, {
			code: "restarted", title: words.Text{EN: "it was started again, and is asked as before", ZH: "插件已重新启动，照常询问"},
			before: restarted, who: agreeing(), times: 10,
			want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 10},
		},
	}
}

// kill ends the process of the first vendor's plugin.
func kill(_ context.Context, w *walk) error {
	if !w.house.KillPlugin(first) {
		return errors.New("idcert-a has no plugin process to kill")
	}
	return nil
}

// restarted waits until the plugin was started again and is asked again: on a slow
// machine so many calls met no plugin meanwhile that the breaker opened.
func restarted(ctx context.Context, w *walk) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if state, _ := w.house.Plugin(first); state.Ready() && state.Restarts > 0 && w.availability().Reason == "" {
			return nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return errors.New("the plugin was not started again")
		}
	}
}

// play puts the first vendor into a mode.
func play(mode sandbox.Mode) func(context.Context, *walk) error {
	return func(_ context.Context, w *walk) error {
		return w.sandbox.SetScenario(sandbox.Scenario{Vendor: first, Mode: mode})
	}
}

// due waits until the first vendor's gate lets a trial through.
func due(ctx context.Context, w *walk) error {
	timer := time.NewTimer(time.Until(w.availability().Until) + time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closed expects the first vendor's gate to be closed for maintenance.
func closed(_ context.Context, w *walk) []string {
	if w.availability().Reason != idv.SkipMaintenance {
		return []string{"idcert-a is not closed for maintenance"}
	}
	return nil
}

// closedLonger expects it to be closed again, and for more than the first time. The
// time is taken from before the question, so a slow machine makes it longer and
// never shorter.
func closedLonger(ctx context.Context, w *walk) []string {
	if w.availability().Until.Sub(w.asked) < (w.limits.GateFirst+w.limits.GateMax)/2 {
		return []string{"idcert-a is not closed for longer than before"}
	}
	return closed(ctx, w)
}

// open expects the first vendor to be asked again.
func open(_ context.Context, w *walk) []string {
	if a := w.availability(); a.Reason != "" {
		return []string{"idcert-a is still closed: " + string(a.Reason)}
	}
	return nil
}

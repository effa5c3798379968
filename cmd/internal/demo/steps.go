package demo

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// step is one situation: the preparation, the verification, and the expected results.
type step struct {
	code   string
	title  idv.Text
	before func(context.Context, *runner) error // the preparation; may be nil
	who    person
	times  int                                                              // the number of verifications; 0 means 1
	ask    func(context.Context, *runner, person) (idv.Verification, error) // nil means runner.verify
	want   want
	after  func(context.Context, *runner) []string // further checks; may be nil
}

// want is the expected result of each verification of a step.
type want struct {
	verdict idv.Verdict
	reason  idv.Failure // of a verification without a verdict, or of a refusal
	rule    string      // the rule that refuses before any call; "" if a call is made
	by      string      // the provider that answers; "" for none, either for any
	tries   int         // attempts of one verification

	// The requests by each vendor's counter.
	toFirst, toSecond int64
}

// either means that any of the two providers answers, with one call.
const either = "either"

// steps returns the steps of the first part.
func steps() []step { return slices.Concat(verdicts(), failover(), crash()) }

// verdicts returns the steps in which both vendors work.
func verdicts() []step {
	return []step{
		{
			code: "match", title: idv.Text{EN: "name and number match", ZH: "姓名与号码一致"}, who: agreeing(),
			want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 1},
		}, {
			code: "mismatch", title: idv.Text{EN: "name and number do not match: no other provider is called", ZH: "姓名与号码不一致：不再调用其他供应商"}, who: disagreeing(),
			want: want{verdict: idv.Mismatch, by: first, tries: 1, toFirst: 1},
		}, {
			code: "no_record", title: idv.Text{EN: "the register has no record (202)", ZH: "库无（202）"}, who: unrecorded(),
			want: want{verdict: idv.NoRecord, by: first, tries: 1, toFirst: 1},
		}, {
			code: "typo", title: idv.Text{EN: "one digit mistyped: stopped before any paid call", ZH: "号码输错一位：付费调用前即拦截"}, who: mistyped(),
			want: want{reason: idv.InvalidInput, rule: "check_digit"},
		}, {
			code: "name_format", title: idv.Text{EN: "the vendor rejects the format of the name (204)", ZH: "供应商不接受姓名格式（204）"}, who: misnamed(),
			want: want{reason: idv.InvalidInput, tries: 1, toFirst: 1},
		},
	}
}

// failover returns the steps with a vendor in maintenance, from the first 9999 to its
// recovery.
func failover() []step {
	return []step{
		{
			code: "failover", title: idv.Text{EN: "idcert-a returns 9999 (maintenance): tencent answers", ZH: "idcert-a 返回 9999（维护）：改由 tencent 应答"},
			before: play(sandbox.ModeMaintenance), who: agreeing(),
			want: want{verdict: idv.Match, by: second, tries: 2, toFirst: 1, toSecond: 1}, after: closed,
		}, {
			code: "straight", title: idv.Text{EN: "the next 100 go directly to tencent", ZH: "随后 100 次：直接调用 tencent"}, who: agreeing(), times: 100,
			want: want{verdict: idv.Match, by: second, tries: 1, toSecond: 100},
		}, {
			code: "trial", title: idv.Text{EN: "after the pause one trial, still 9999: closed again", ZH: "暂停到期，试探一次，仍为 9999：继续暂停"},
			before: due, who: agreeing(),
			want: want{verdict: idv.Match, by: second, tries: 2, toFirst: 1, toSecond: 1}, after: closed,
		}, {
			code: "still_closed", title: idv.Text{EN: "meanwhile: directly to tencent", ZH: "暂停期间：直接调用 tencent"}, who: agreeing(),
			want: want{verdict: idv.Match, by: second, tries: 1, toSecond: 1},
		}, {
			code: "back", title: idv.Text{EN: "maintenance ends: the next trial succeeds at idcert-a", ZH: "维护结束：下一次试探成功，恢复调用 idcert-a"},
			before: func(ctx context.Context, run *runner) error {
				if err := play(sandbox.ModeNormal)(ctx, run); err != nil {
					return err
				}
				return due(ctx, run)
			},
			who: agreeing(), want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 1}, after: open,
		}, {
			code: "as_before", title: idv.Text{EN: "back to normal: idcert-a answers", ZH: "恢复正常：由 idcert-a 应答"}, who: agreeing(), times: 10,
			want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 10},
		},
	}
}

// crash returns the steps in which a plugin process is killed.
func crash() []step {
	return []step{
		{
			code: "crash", title: idv.Text{EN: "idcert-a's plugin process is killed: the next 20 still succeed", ZH: "idcert-a 的插件进程被终止：后续 20 次照常成功"},
			before: kill, who: agreeing(), times: 20,
			want: want{verdict: idv.Match, by: either},
		}, {
			code: "restarted", title: idv.Text{EN: "the plugin has restarted and answers again", ZH: "插件已自动重启，恢复应答"},
			before: restarted, who: agreeing(), times: 10,
			want: want{verdict: idv.Match, by: first, tries: 1, toFirst: 10},
		},
	}
}

// kill ends the process of the first vendor's plugin.
func kill(_ context.Context, run *runner) error {
	if !run.app.KillPlugin(first) {
		return errors.New("idcert-a has no plugin process to kill")
	}
	return nil
}

// restarted waits until the plugin has restarted and its breaker is closed: on a slow
// machine enough calls fail meanwhile to open the breaker.
func restarted(ctx context.Context, run *runner) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if state, _ := run.app.Plugin(first); state.Ready() && state.Restarts > 0 && run.availability().Reason == "" {
			return nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return errors.New("the plugin has not restarted")
		}
	}
}

// play puts the first vendor into a mode.
func play(mode sandbox.Mode) func(context.Context, *runner) error {
	return func(_ context.Context, run *runner) error {
		return run.sandbox.SetScenario(sandbox.Scenario{Vendor: first, Mode: mode})
	}
}

// due waits until the first vendor's gate admits a trial.
func due(ctx context.Context, run *runner) error {
	timer := time.NewTimer(time.Until(run.availability().Until) + time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closed expects the first vendor's gate to be closed for maintenance.
func closed(_ context.Context, run *runner) []string {
	if run.availability().Reason != idv.SkipMaintenance {
		return []string{"idcert-a is not closed for maintenance"}
	}
	return nil
}

// open expects the first vendor's gate to be open.
func open(_ context.Context, run *runner) []string {
	if a := run.availability(); a.Reason != "" {
		return []string{"idcert-a is still closed: " + string(a.Reason)}
	}
	return nil
}

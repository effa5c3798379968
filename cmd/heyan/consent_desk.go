package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// office is the desk that a command serves people at.
type office struct{ *consents.Service }

// withDesk opens the desk for a moment, also while a daemon works with its store.
func (t *tool) withDesk(cmd *cobra.Command, path string, want access, do func(context.Context, *office) error) (err error) {
	loaded, err := t.load(path)
	if err != nil {
		return err
	}
	if hasBook(loaded.Config.Store, want) != nil {
		return setUp("--config: store: nothing is kept of anybody there: the memory store ends with its process, and of a sqlite file the path " +
			"is relative to the folder in which the daemon is started")
	}
	ctx := cmd.Context()
	d, s, err := assemble.OpenDesk(ctx, t.guest(loaded.Config))
	if err != nil {
		return t.opened("--config: ", err)
	}
	defer func() { err = t.away(internal(errors.Join(err, s.Close()))) }()
	return do(ctx, &office{d})
}

// refuseDesk tells why the desk did not do what it was asked for.
func (t *tool) refuseDesk(err error, asJSON bool) error {
	var blanks notice.Faults
	var known *idv.Error
	var failed *plugins.Error
	switch {
	case errors.As(err, &failed):
		return setUp("--config: %s", faultLines(err))
	case errors.Is(err, consent.ErrNotFound):
		return usage("there is no such consent; `heyan consent list` finds those of a person")
	case errors.Is(err, consents.ErrText):
		return setUp("%w", consents.ErrText)
	case errors.Is(err, consent.ErrErased):
		err = &policy.Denial{Failure: idv.Denied, Field: idv.FieldConsentID, Decision: policy.Deny(policy.Reason{
			Rule: consent.RulePrefix + "erased", ZH: "此人已被删除，文本与密钥一并销毁。", EN: "Its person was erased, and the text with the keys.",
		})}
	case errors.As(err, &blanks):
		err = &idv.Error{Failure: idv.InvalidInput, Origin: idv.OriginCaller, Code: "notice", Detail: blanks.Error()}
	case !errors.As(err, &known), refusalCode(known.Failure) == exitInternal:
		return internal(err)
	}
	e := idv.AsError(err)
	flag := flagOf(e.Field)
	switch e.Field {
	case idv.FieldName, idv.FieldIDNumber:
		flag = e.Field.String() + " (--input)"
	case idv.FieldConsentID:
		flag = "" // the rule says that it is the consent, and no flag names it here
	}
	return t.tellRefusal(err, words.Text{EN: "refused (%s): %s", ZH: "已拒绝（%s）：%s"}, flag, asJSON)
}

// askable refuses to ask where nobody can answer.
func (t *tool) askable(input, instead string) error {
	if input == "-" || !terminal.IsTerminal(t.stdin) {
		return usage("nobody can be asked: stdin is no terminal, or the person is read from it; %s", instead)
	}
	return nil
}

// ask puts a question to whoever sits at the terminal and returns the line that is
// typed, or an error when the command is interrupted.
func (t *tool) ask(ctx context.Context, question string) (string, error) {
	_, _ = fmt.Fprintf(t.stderr, "%s ", question) // who does not see it answers nothing
	answer := make(chan string, 1)
	go func() { // it ends with the process if nobody answers
		line, _ := readLine(bufio.NewReader(t.stdin)) // an end of input is an empty answer
		answer <- strings.TrimSpace(line)
	}()
	select {
	case line := <-answer:
		return line, nil
	case <-ctx.Done():
		return "", &ending{code: exitRefused, err: errors.New("interrupted; nothing was done")}
	}
}

package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newSubjectErase(t *tool) *cobra.Command {
	var path, input, out string
	var yes bool
	cmd := &cobra.Command{
		Use: "erase --config FILE --input FILE [--out FILE] [--yes]", Short: "Take a person out for good, and write the proof of it",
		Long: "Destroys the person's keys, so that what was sealed is noise; open consents are withdrawn; consents and verifications no\n" +
			"longer point to anybody. The book holds nobody's data and stays as it is. The signed proof, which is JSON, goes to stdout\n" +
			"or a file; heyan consent receipt verify checks it. It cannot be undone: without --yes it asks back.\n\n" +
			"Exit codes: 0 done, also if nothing was kept; 4 the number cannot be one, or it was not confirmed.",
		DisableFlagsInUseLine: true,
		Args:                  noArgs("--input gives the person"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	cmd.Flags().StringVar(&out, "out", "", "write the proof to this file, which appears when it is complete; stdout if it is left out")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask back")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !yes {
			if err := t.askable(input, "give --yes to erase without being asked back"); err != nil {
				return err
			}
		}
		return t.withPerson(cmd, path, input, func(ctx context.Context, c *office, number idv.Sensitive) error {
			if !yes {
				if err := t.confirmErasure(ctx, c, number); err != nil {
					return err
				}
			}
			return t.erase(ctx, c, number, out)
		})
	}
	return cmd
}

// confirmErasure tells what would go, and wants a clear yes.
func (t *tool) confirmErasure(ctx context.Context, c *office, number idv.Sensitive) error {
	found, err := c.Find(ctx, tenant, number)
	if err != nil {
		return t.refuseDesk(err, false)
	}
	t.hint(words.Text{
		EN: "kept of this person: consents: %d, verifications: %d. To erase them cannot be undone.",
		ZH: "此人有同意 %d 份、核验 %d 次的记录。删除后无法恢复。",
	}.In(t.lang), len(found.Consents), len(found.Verifications))
	answer, err := t.ask(ctx, words.Text{EN: "Type yes to erase:", ZH: "确认删除请输入 yes："}.In(t.lang))
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"yes", "是"}, strings.ToLower(answer)) {
		return &ending{code: exitRefused, err: errors.New(words.Text{
			EN: "not confirmed; nothing was erased", ZH: "未确认，没有删除任何内容",
		}.In(t.lang))}
	}
	return nil
}

// erase takes the person out. The file of the proof is begun before, so that nobody is
// erased whose proof has no place; if it cannot get its name in the end, the proof goes
// to stdout, for it is made but once.
func (t *tool) erase(ctx context.Context, c *office, number idv.Sensitive, out string) error {
	var proof []byte
	err := t.export(out, func(w io.Writer) (err error) {
		if proof, err = c.Erase(ctx, tenant, number); err != nil {
			return t.refuseDesk(err, false)
		}
		return document(proof)(w)
	})
	if proof == nil {
		return err
	}
	if err != nil && out != "" {
		_ = document(proof)(t.out) // the printer remembers the error
	}
	t.tellErased(c, proof)
	return err
}

// tellErased sums an erasure up.
func (t *tool) tellErased(c *office, proof []byte) {
	if doc, err := receipt.VerifyErasure(proof, c.Signer.Keys()...); err == nil {
		t.hint(words.Text{
			EN: "erased; pointing to nobody any more: consents: %d, verifications: %d; keys destroyed: %d; proof %s",
			ZH: "已删除：%d 份同意、%d 次核验不再指向任何人，销毁密钥 %d 把；证明编号 %s",
		}.In(t.lang), doc.Body.Consents, doc.Body.Verifications, doc.Body.KeysDestroyed, doc.Body.ID)
	}
}

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

func newNoticeDiff(t *tool) *cobra.Command {
	var f noticeFlags
	cmd := &cobra.Command{
		Use: "diff OLD NEW", Short: "Say what two notices differ in, and whether people must be asked again", DisableFlagsInUseLine: true,
		Long: "Exit codes: 0 who agreed to the old one need not be asked again; 1 must be.",
		Args: exactly(2, "two notices, as identity-check@1 identity-check@2, or the paths of their files"),
	}
	f.addLanguage(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		var both [2]*notice.Template
		for i, name := range args {
			var err error
			if both[i], err = t.notice(f, name); err != nil {
				return err
			}
		}
		d := notice.Diff(both[0], both[1])
		if f.json {
			t.out.JSON(viewDifference(d))
		} else {
			t.printDifference(d)
		}
		if d.AskAgain() {
			return silent(exitFound)
		}
		return nil
	}
	return cmd
}

// differenceView is a difference as JSON.
type differenceView struct {
	AskAgain bool         `json:"ask_again"`
	Added    []string     `json:"added,omitzero"`
	Removed  []string     `json:"removed,omitzero"`
	Changed  []string     `json:"changed,omitzero"`
	Blanks   []string     `json:"blanks,omitzero"`
	Reasons  []reasonView `json:"reasons,omitzero"`
}

type reasonView struct {
	What string   `json:"what"`
	Why  textView `json:"reason"`
}

func viewDifference(d notice.Difference) differenceView {
	v := differenceView{AskAgain: d.AskAgain(), Added: d.Added, Removed: d.Removed, Changed: d.Changed, Blanks: d.Blanks}
	for _, r := range d.Reasons {
		v.Reasons = append(v.Reasons, reasonView{r.What, viewText(r.Text)})
	}
	return v
}

func (t *tool) printDifference(d notice.Difference) {
	if d.Same() {
		t.out.Linef("%s", words.Text{EN: "they say the same", ZH: "内容相同"}.In(t.lang))
		return
	}
	rows := [][]string{t.heads("what 项目", "which 名称")}
	for _, part := range []struct {
		what words.Text
		list []string
	}{
		{words.Text{EN: "sections added", ZH: "新增章节"}, d.Added}, {words.Text{EN: "sections removed", ZH: "删除章节"}, d.Removed},
		{words.Text{EN: "sections changed", ZH: "修改章节"}, d.Changed}, {words.Text{EN: "blanks changed", ZH: "修改空白"}, d.Blanks},
	} {
		if len(part.list) > 0 {
			rows = append(rows, []string{part.what.In(t.lang), strings.Join(part.list, ", ")})
		}
	}
	t.out.Table(rows)
	for _, r := range d.Reasons {
		t.out.Linef(words.Text{EN: "ask again (%s): %s", ZH: "须重新征得同意（%s）：%s"}.In(t.lang), r.What, t.in(r.Text))
	}
	if !d.AskAgain() {
		t.out.Linef("%s", words.Text{
			EN: "nobody need be asked again; tell people of the change (PIPL art. 17)", ZH: "无须重新征得同意；变更部分应当告知个人（《个人信息保护法》第十七条）",
		}.In(t.lang))
	}
}

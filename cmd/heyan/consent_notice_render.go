package main

import (
	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

func newNoticeRender(t *tool) *cobra.Command {
	var f noticeFlags
	var values string
	var example bool
	cmd := &cobra.Command{
		Use: "render NOTICE --values FILE|-", Short: "Fill in a notice and print it as its person reads it", DisableFlagsInUseLine: true,
		Long: "The values are YAML or JSON, a key for each blank; `heyan consent notice show NOTICE` names the blanks. They hold a person's\n" +
			"name and number, so they come from a file or stdin and never from the command line. The text goes to stdout, its hash to\n" +
			"stderr. Nothing is recorded; `heyan consent record` does that.",
		Args: exactly(1, "one notice, as identity-check or identity-check@1, or the path of its file"),
	}
	f.addLanguage(cmd)
	cmd.Flags().StringVar(&values, "values", "", "the file with the values, or - for stdin")
	cmd.Flags().BoolVar(&example, "example", false, "render also what is an example and may be shown to nobody who is to agree")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if values == "" {
			return usage("--values is missing; it names the file with the values, or - for stdin")
		}
		template, err := t.notice(f, args[0])
		if err != nil {
			return err
		}
		text, err := t.readNotice(values)
		if err != nil {
			return err
		}
		filled, err := template.ParseValues(values, text)
		if err != nil {
			return noticeFaults("--values", err)
		}
		render := template.Render
		if example {
			render = template.RenderExample
		}
		rendered, err := render(filled)
		if err != nil {
			return noticeFaults("the notice is not rendered", err)
		}
		t.printNotice(rendered, f.json)
		return nil
	}
	return cmd
}

// noticeView is a filled notice as JSON.
type noticeView struct {
	consent.Notice

	Body string `json:"body"`
}

func (t *tool) printNotice(r notice.Rendered, asJSON bool) {
	if asJSON {
		t.out.JSON(noticeView{r.Notice, legible(r.Body)})
		return
	}
	_, _ = t.out.Write([]byte(legible(r.Body))) // the printer remembers the error
	t.hint("text_hash %s\ntemplate  %s", r.Notice.Text, r.Notice.Template)
}

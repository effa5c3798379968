package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/lint"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

func newConsentNotice(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "notice", Short: "List, show, render and compare notices",
		Long: "A notice is named by NAME (the latest version), by NAME@VERSION, or by the path of its file. --language selects the\n" +
			"language; --notices adds a folder of custom notices, as policy.consent.notices in the configuration does.",
	})
	cmd.AddCommand(newNoticeList(c), newNoticeShow(c), newNoticeRender(c), newNoticeDiff(c))
	return cmd
}

// noticeFlags select the source and the language of notices.
type noticeFlags struct {
	dir, language string
	json          bool
}

func (f *noticeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "notices", "", "a folder of custom notices (*.md)")
	jsonFlag(cmd, &f.json)
}

// addLanguage adds --language, for commands that name a notice.
func (f *noticeFlags) addLanguage(cmd *cobra.Command) {
	f.add(cmd)
	cmd.Flags().StringVar(&f.language, "language", "", "zh-CN, en, or a language of your custom notices (default from --lang)")
}

// catalogue returns the built-in notices and those of the folder.
func (f *noticeFlags) catalogue() (*notice.Catalogue, error) {
	all, err := notice.Builtin()
	if err != nil || f.dir == "" {
		return all, internalError(err)
	}
	own, err := notice.Load(f.dir)
	if err == nil {
		own, err = all.With(own)
	}
	if err != nil {
		return nil, fileFaults("--notices", err)
	}
	return own, nil
}

// notice finds the notice that an argument names.
func (c *cli) notice(f noticeFlags, name string) (*notice.Template, error) {
	if name == "-" || isFile(name) && strings.ContainsAny(name, "./"+string(os.PathSeparator)) {
		text, err := c.readNotice(name)
		if err != nil {
			return nil, err
		}
		template, err := notice.Parse(name, text)
		if err != nil {
			return nil, fileFaults("the file is not a valid notice", err)
		}
		return template, nil
	}
	all, err := f.catalogue()
	if err != nil {
		return nil, err
	}
	name, version, given := strings.Cut(name, "@")
	language := f.language
	if language == "" {
		language = idv.Text{EN: "en", ZH: "zh-CN"}.In(c.lang)
	}
	template, err := all.Latest(name, language)
	if given {
		template, err = all.Find(name, version, language)
	}
	if err != nil {
		return nil, usageError("no such notice in this language; `heyan consent notice list` lists the notices, --language selects the language, and a file is named by its path")
	}
	return template, nil
}

func newNoticeList(c *cli) *cobra.Command {
	var f noticeFlags
	cmd := &cobra.Command{
		Use: "list [--notices DIR]", Short: "List the notices", DisableFlagsInUseLine: true, Args: noArgs("use --notices for a folder"),
	}
	f.add(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		all, err := f.catalogue()
		if err != nil {
			return err
		}
		rows := [][]string{c.headers("name 名称", "version 版本", "language 语言", "variant 适用", "status 状态", "title 标题")}
		for _, template := range all.All() {
			h := template.Head()
			if f.json {
				c.out.JSON(viewHead(template))
			}
			rows = append(rows, []string{h.Name, h.Version, h.Language, c.code(string(h.Variant)), c.code(string(h.Status)), h.Title})
		}
		if !f.json {
			c.out.Table(rows)
		}
		return nil
	}
	return cmd
}

func newNoticeShow(c *cli) *cobra.Command {
	var f noticeFlags
	cmd := &cobra.Command{
		Use: "show NOTICE [--language L]", Short: "Print a notice with its blanks, as a starting point for a custom one", DisableFlagsInUseLine: true,
		Args: exactly(1, "one notice, as identity-check or identity-check@1, or the path of its file"),
	}
	f.addLanguage(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		template, err := c.notice(f, args[0])
		if err != nil {
			return err
		}
		if f.json {
			c.out.JSON(viewTemplate(template))
			return nil
		}
		_, _ = c.out.Write([]byte(template.Source())) // the printer keeps the error
		c.notef("%s", template.Hash())
		return nil
	}
	return cmd
}

// headView is the JSON of the header of a notice.
type headView struct {
	Name     string         `json:"name"`
	Version  string         `json:"version"`
	Language string         `json:"language"`
	Title    string         `json:"title"`
	Variant  notice.Variant `json:"variant"`
	Status   notice.Status  `json:"status"`
	Since    string         `json:"since,omitzero"`
	Changed  string         `json:"changed"`
	AskAgain bool           `json:"ask_again"`
	Hash     string         `json:"hash"`
}

func viewHead(t *notice.Template) headView {
	h := t.Head()
	return headView{h.Name, h.Version, h.Language, h.Title, h.Variant, h.Status, h.Material.Since, h.Material.Changed, h.Material.AskAgain, t.Hash()}
}

// templateView is the JSON of a notice, for example for a program that shows a form.
type templateView struct {
	headView

	Blanks   []blankView   `json:"blanks"`
	Sections []sectionView `json:"sections"`
}

type blankView struct {
	Name  string      `json:"name"`
	Kind  notice.Kind `json:"kind"`
	Label string      `json:"label"`
}

type sectionView struct {
	ID      string `json:"id"`
	Heading string `json:"heading,omitzero"`
	Text    string `json:"text"`
}

func viewTemplate(t *notice.Template) templateView {
	v := templateView{headView: viewHead(t)}
	for _, b := range t.Blanks() {
		v.Blanks = append(v.Blanks, blankView{b.Name, b.Kind, b.Label})
	}
	for _, s := range t.Sections() {
		v.Sections = append(v.Sections, sectionView{s.ID, s.Heading, s.Text})
	}
	return v
}

func newNoticeRender(c *cli) *cobra.Command {
	var f noticeFlags
	var values string
	var example bool
	cmd := &cobra.Command{
		Use: "render NOTICE --values FILE|-", Short: "Fill in a notice and print it as the person reads it", DisableFlagsInUseLine: true,
		Long: "The values are YAML or JSON with a key for each blank; `heyan consent notice show NOTICE` lists the blanks. They include a\n" +
			"name and an ID number, so they are read from a file or stdin, never from the command line. The text goes to stdout, its\n" +
			"hash to stderr. Nothing is recorded; use `heyan consent record` for that.",
		Args: exactly(1, "one notice, as identity-check or identity-check@1, or the path of its file"),
	}
	f.addLanguage(cmd)
	cmd.Flags().StringVar(&values, "values", "", "the file with the values, or - for stdin")
	cmd.Flags().BoolVar(&example, "example", false, "render a notice with status example, which must not be shown to a person for consent")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if values == "" {
			return usageError("--values is missing: name the file with the values, or - for stdin")
		}
		template, err := c.notice(f, args[0])
		if err != nil {
			return err
		}
		text, err := c.readNotice(values)
		if err != nil {
			return err
		}
		filled, err := template.ParseValues(values, text)
		if err != nil {
			return fileFaults("--values", err)
		}
		render := template.Render
		if example {
			render = template.RenderExample
		}
		rendered, err := render(filled)
		if err != nil {
			return fileFaults("the notice cannot be rendered", err)
		}
		c.printNotice(rendered, f.json)
		return nil
	}
	return cmd
}

// noticeView is the JSON of a rendered notice.
type noticeView struct {
	consent.Notice

	Body string `json:"body"`
}

func (c *cli) printNotice(r notice.Rendered, asJSON bool) {
	if asJSON {
		c.out.JSON(noticeView{r.Notice, revealNotice(r.Body)})
		return
	}
	_, _ = c.out.Write([]byte(revealNotice(r.Body))) // the printer keeps the error
	c.notef("text_hash %s\ntemplate  %s", r.Notice.Text, r.Notice.Template)
}

func newNoticeDiff(c *cli) *cobra.Command {
	var f noticeFlags
	cmd := &cobra.Command{
		Use: "diff OLD NEW", Short: "Compare two notices and say whether new consent is needed", DisableFlagsInUseLine: true,
		Long: "Exit codes: 0 consents to the old notice remain valid; 1 new consent is needed.",
		Args: exactly(2, "two notices, as identity-check@1 identity-check@2, or the paths of their files"),
	}
	f.addLanguage(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		var both [2]*notice.Template
		for i, name := range args {
			var err error
			if both[i], err = c.notice(f, name); err != nil {
				return err
			}
		}
		d := notice.Diff(both[0], both[1])
		if f.json {
			c.out.JSON(viewDifference(d))
		} else {
			c.printDifference(d)
		}
		if d.AskAgain() {
			return exitCode(exitFound)
		}
		return nil
	}
	return cmd
}

// differenceView is the JSON of a difference.
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

func (c *cli) printDifference(d notice.Difference) {
	if d.Same() {
		c.out.Linef("%s", idv.Text{EN: "the notices are equal", ZH: "内容相同"}.In(c.lang))
		return
	}
	rows := [][]string{c.headers("what 项目", "which 名称")}
	for _, part := range []struct {
		what idv.Text
		list []string
	}{
		{idv.Text{EN: "sections added", ZH: "新增章节"}, d.Added}, {idv.Text{EN: "sections removed", ZH: "删除章节"}, d.Removed},
		{idv.Text{EN: "sections changed", ZH: "修改章节"}, d.Changed}, {idv.Text{EN: "blanks changed", ZH: "修改空白"}, d.Blanks},
	} {
		if len(part.list) > 0 {
			rows = append(rows, []string{part.what.In(c.lang), strings.Join(part.list, ", ")})
		}
	}
	c.out.Table(rows)
	for _, r := range d.Reasons {
		c.out.Linef(idv.Text{EN: "new consent needed (%s): %s", ZH: "须重新征得同意（%s）：%s"}.In(c.lang), r.What, c.in(r.Text))
	}
	if !d.AskAgain() {
		c.out.Linef("%s", idv.Text{
			EN: "no new consent needed; inform the persons of the change (PIPL art. 17)", ZH: "无须重新征得同意；变更部分应当告知个人（《个人信息保护法》第十七条）",
		}.In(c.lang))
	}
}

func newConsentLint(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "lint FILE|- [--json]", Short: "Find clauses of a notice that conflict with the law, and missing statements",
		Long: "Reads a notice in Chinese or English: plain text, Markdown, or a template with blanks. Each finding names the clause, the\n" +
			"article and a proposed wording. The rules match words and do not understand the text, so a notice without findings is\n" +
			"not proved lawful. Lint templates rather than completed notices, since a finding quotes the clause.\n\n" +
			"Exit codes: 0 no findings; 1 at least one finding.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "one file with a notice, or - for stdin"),
	}
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		text, err := c.readNotice(args[0])
		if err != nil {
			return err
		}
		found := lint.Lint(string(text))
		if asJSON {
			for i := range found {
				c.out.JSON(viewFinding(&found[i]))
			}
		} else {
			c.printFindings(found)
		}
		if len(found) > 0 {
			return exitCode(exitFound)
		}
		return nil
	}
	return cmd
}

// maxNotice is the largest notice that is accepted, in bytes. A usual one has a few thousand.
const maxNotice = 256 << 10

// readNotice reads a notice, a template or a file of values.
func (c *cli) readNotice(path string) ([]byte, error) {
	text, err := c.readSigned(path)
	if err == nil && len(text) > maxNotice {
		return nil, usageError("the file is larger than 256 KiB, so it cannot be a notice; check the path")
	}
	return text, err
}

// findingView is the JSON of a finding. Line and column are omitted for a missing statement.
type findingView struct {
	Rule     string        `json:"rule"`
	Severity lint.Severity `json:"severity"`
	Line     int           `json:"line,omitzero"`
	Column   int           `json:"column,omitzero"`
	Clause   string        `json:"clause,omitzero"`
	Article  textView      `json:"article"`
	Why      textView      `json:"reason"`
	Proposal textView      `json:"proposal"`
}

// textView is the JSON of a text in both languages.
type textView struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

func viewText(t idv.Text) textView { return textView{t.ZH, t.EN} }

func viewFinding(f *lint.Finding) findingView {
	return findingView{f.ID, f.Severity, f.Line, f.Column, f.Quote, viewText(f.Article), viewText(f.Why), viewText(f.Proposal)}
}

// in returns a text in the selected language.
func (c *cli) in(text idv.Text) string { return text.In(c.lang) }

// printFindings prints the findings, then the reason and the proposal of each rule once.
func (c *cli) printFindings(found []lint.Finding) {
	if len(found) == 0 {
		c.out.Linef("%s", idv.Text{
			EN: "no findings; this does not prove that the notice is lawful", ZH: "未发现问题；但不代表该文本必然合法",
		}.In(c.lang))
		return
	}
	rows, advice := [][]string{c.headers("location 位置", "rule 规则", "article 依据", "clause 条款")}, [][]string{c.headers("rule 规则", "reason 原因")}
	var explained []string
	for _, f := range found {
		place := fmt.Sprintf("%d:%d", f.Line, f.Column)
		if f.Line == 0 {
			place = idv.Text{EN: "missing", ZH: "缺少"}.In(c.lang)
		}
		rows = append(rows, []string{place, f.ID, c.in(f.Article), f.Quote})
		if !slices.Contains(explained, f.ID) {
			explained = append(explained, f.ID)
			advice = append(advice, []string{f.ID, c.in(f.Why)}, []string{"", idv.Text{EN: "proposal: ", ZH: "建议："}.In(c.lang) + c.in(f.Proposal)})
		}
	}
	c.out.Table(rows)
	c.out.Linef("")
	c.out.Table(advice)
	c.say("\n"+idv.Count(len(found), "finding")+", "+idv.Count(len(explained), "rule"), fmt.Sprintf("\n共 %d 处，涉及 %d 条规则", len(found), len(explained)))
}

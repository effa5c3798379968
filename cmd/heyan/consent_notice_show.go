package main

import (
	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/policy/consent/notice"
)

func newNoticeList(t *tool) *cobra.Command {
	var f noticeFlags
	cmd := &cobra.Command{
		Use: "list [--notices DIR]", Short: "List the notices", DisableFlagsInUseLine: true, Args: noArgs("--notices names a folder"),
	}
	f.add(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		all, err := f.catalogue()
		if err != nil {
			return err
		}
		rows := [][]string{t.heads("name 名称", "version 版本", "language 语言", "variant 适用", "status 状态", "title 标题")}
		for _, template := range all.All() {
			h := template.Head()
			if f.json {
				t.out.JSON(viewHead(template))
			}
			rows = append(rows, []string{h.Name, h.Version, h.Language, string(h.Variant), string(h.Status), h.Title})
		}
		if !f.json {
			t.out.Table(rows)
		}
		return nil
	}
	return cmd
}

func newNoticeShow(t *tool) *cobra.Command {
	var f noticeFlags
	cmd := &cobra.Command{
		Use: "show NOTICE [--language L]", Short: "Print a notice with its blanks, as a file to begin your own with", DisableFlagsInUseLine: true,
		Args: exactly(1, "one notice, as identity-check or identity-check@1, or the path of its file"),
	}
	f.addLanguage(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		template, err := t.notice(f, args[0])
		if err != nil {
			return err
		}
		if f.json {
			t.out.JSON(viewTemplate(template))
			return nil
		}
		_, _ = t.out.Write([]byte(template.Source())) // the printer remembers the error
		t.hint("%s", template.Hash())
		return nil
	}
	return cmd
}

// headView is what a notice says of itself, as JSON.
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

// templateView is a notice as JSON, for a program that makes a form of its blanks.
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

package main

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

func newConsentNotice(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "notice", Short: "Look at the notices that people agree to, fill them in, and compare versions",
		Long: "A notice is named as NAME or NAME@VERSION, without a version the highest, or by the path of its file. --language says in\n" +
			"which language; --notices adds a folder of your own notices, as policy.consent.notices in the configuration does.",
	})
	cmd.AddCommand(newNoticeList(t), newNoticeShow(t), newNoticeRender(t), newNoticeDiff(t))
	return cmd
}

// noticeFlags say where notices come from.
type noticeFlags struct {
	dir, language string
	json          bool
}

func (f *noticeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "notices", "", "a folder of your own notices, files that end in .md")
	jsonFlag(cmd, &f.json)
}

// addLanguage adds --language, for commands that name a notice.
func (f *noticeFlags) addLanguage(cmd *cobra.Command) {
	f.add(cmd)
	cmd.Flags().StringVar(&f.language, "language", "", "zh-CN, en, or what your own notices have (default by --lang)")
}

// catalogue returns the notices that heyan brings, and those of the folder.
func (f *noticeFlags) catalogue() (*notice.Catalogue, error) {
	all, err := notice.Builtin()
	if err != nil || f.dir == "" {
		return all, internal(err)
	}
	own, err := notice.Load(f.dir)
	if err == nil {
		own, err = all.With(own)
	}
	if err != nil {
		return nil, noticeFaults("--notices", err)
	}
	return own, nil
}

// notice finds the notice that an argument names.
func (t *tool) notice(f noticeFlags, name string) (*notice.Template, error) {
	if name == "-" || isFile(name) && strings.ContainsAny(name, "./"+string(os.PathSeparator)) {
		text, err := t.readNotice(name)
		if err != nil {
			return nil, err
		}
		template, err := notice.Parse(name, text)
		if err != nil {
			return nil, noticeFaults("the file is no notice", err)
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
		language = words.Text{EN: "en", ZH: "zh-CN"}.In(t.lang)
	}
	template, err := all.Latest(name, language)
	if given {
		template, err = all.Find(name, version, language)
	}
	if err != nil {
		return nil, usage("there is no such notice in this language; `heyan consent notice list` shows them, --language chooses, and a file is named by its path")
	}
	return template, nil
}

// noticeFaults ends a command whose files have faults: all of them, each on a line of its
// own. They quote no value.
func noticeFaults(what string, err error) error {
	var faults notice.Faults
	if !errors.As(err, &faults) {
		return internal(err)
	}
	return setUp("%s:\n%s", what, faults.Error())
}

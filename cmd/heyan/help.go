package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/cmd/internal/words"
)

// chineseTexts is the one table of English texts and their Chinese. A command is written
// once, in English, and docs/cli.md is printed from that.
//
//go:embed help.zh.txt
var chineseTexts string

// translation holds the Chinese of paragraphs by their English, with one space for each run
// of white space, so that an English text can be wrapped anew.
type translation map[string]string

// restMark ends an entry for texts that end with a list which the program makes: the list
// stands in the Chinese as it is.
const restMark = " …"

// parseTranslation reads blocks of English lines and "= 中文" lines, with an empty line
// between two blocks. A line that starts with # before an English one is a comment.
func parseTranslation(text string) translation {
	t := translation{}
	for block := range strings.SplitSeq(text, "\n\n") {
		var en, zh []string
		for line := range strings.SplitSeq(strings.Trim(block, "\n"), "\n") {
			if after, is := strings.CutPrefix(line, "= "); is {
				zh = append(zh, after)
			} else if len(en) > 0 || !strings.HasPrefix(line, "# ") {
				en = append(en, line)
			}
		}
		if len(en) > 0 {
			t[oneLine(strings.Join(en, "\n"))] = strings.Join(zh, "\n")
		}
	}
	return t
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// key returns the entry for a paragraph and the list at its end, if the entry leaves it out.
// It returns "" if there is no entry.
func (t translation) key(paragraph string) (key, rest string) {
	text := oneLine(paragraph)
	if _, ok := t[text]; ok {
		return text, ""
	}
	for entry := range t {
		start, open := strings.CutSuffix(entry, restMark)
		if list, ok := strings.CutPrefix(text, start+" "); open && ok && len(entry) > len(key) {
			key, rest = entry, list
		}
	}
	return key, rest
}

// text returns the Chinese of a text, paragraph by paragraph. A paragraph without an entry
// stays as it is.
func (t translation) text(english string) string {
	paragraphs := strings.Split(english, "\n\n")
	for i, p := range paragraphs {
		if key, rest := t.key(p); key != "" {
			paragraphs[i] = t[key]
			if rest != "" {
				paragraphs[i] = strings.Replace(t[key], "…", rest, 1)
			}
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// text returns a text of the program in the selected language.
func (c *cli) text(english string) string {
	if c.lang != words.ZH {
		return english
	}
	return parseTranslation(chineseTexts).text(english)
}

// command translates the texts of a command and of those below it.
func (t translation) command(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	cmd.Short, cmd.Long = t.text(cmd.Short), t.text(cmd.Long)
	cmd.SetUsageTemplate(t.template(cmd.UsageTemplate()))
	// The persistent flags of root are in the set of every command; root translates them.
	cmd.LocalNonPersistentFlags().VisitAll(t.flag)
	for _, sub := range cmd.Commands() {
		t.command(sub)
	}
}

// flag translates the usage of a flag, and the word that pflag puts before its default.
func (t translation) flag(f *pflag.Flag) {
	f.Usage = t.text(helpFlagText(f))
	if f.Value.Type() == "stringToString" {
		f.DefValue = "" // pflag would print an empty map
	}
	if zero, known := zeroDefaults()[f.Value.Type()]; known && f.DefValue != zero {
		f.Usage += fmt.Sprintf(t.text("(default %s)"), f.DefValue)
		f.DefValue = zero
	}
}

// zeroDefaults returns, for each type of flag, the default that pflag does not print.
func zeroDefaults() map[string]string {
	return map[string]string{"string": "", "int": "0", "int64": "0", "float64": "0", "duration": "0s", "stringSlice": "[]", "stringArray": "[]"}
}

// helpFlagText is the usage of a flag without the name of the command that cobra puts in that of
// --help.
func helpFlagText(f *pflag.Flag) string {
	if f.Name == "help" {
		return "help for this command"
	}
	return f.Usage
}

// headings returns the words of cobra's template. One that ends with another comes first.
func headings() []string {
	return []string{
		"Usage:", "Aliases:", "Examples:", "Available Commands:", "Additional Commands:", "Global Flags:", "Flags:", "Additional help topics:",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`,
	}
}

func (t translation) template(template string) string {
	var pairs []string
	for _, heading := range headings() {
		pairs = append(pairs, heading, t.text(heading))
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// helpIn prints help in the language. It translates the tree only then: heyan docs prints
// docs/cli.md from the same tree in every locale.
func (c *cli) helpIn(root *cobra.Command) {
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if c.lang == words.ZH {
			t := parseTranslation(chineseTexts)
			tree := cmd.Root()
			tree.PersistentFlags().VisitAll(t.flag)
			t.command(tree)
		}
		help(cmd, args)
	})
}

// langOf returns the language of a command line before it is parsed: help and faults of flags
// end a command before anything else reads --lang. An unknown one is refused later.
func (c *cli) langOf(args []string) words.Lang {
	found := words.Detect(c.lookupEnv)
	for i, arg := range args {
		value, ok := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(args) {
			value, ok = args[i+1], true
		}
		if arg == "--" {
			break
		}
		if lang, known := words.Parse(value); ok && known {
			found = lang
		}
	}
	return found
}

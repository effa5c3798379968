package pages

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Commands prints docs/cli.md from the tree of commands, without hidden commands and those
// that cobra adds.
func Commands(root *cobra.Command) []byte {
	p := newPage("Commands")
	p.line("%s", root.Long)
	flags := rowsOf(root.PersistentFlags())
	p.line("Flags of every command:")
	p.table([]string{"flag", "default", "meaning"}, flags)
	commandsBelow(p, root)
	return p.done()
}

func commandsBelow(p *page, parent *cobra.Command) {
	for _, c := range parent.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		if c.HasAvailableSubCommands() {
			commandsBelow(p, c)
			continue
		}
		command(p, c)
	}
}

func command(p *page, c *cobra.Command) {
	p.line("## %s", c.CommandPath())
	p.line("%s.", c.Short)
	p.line("```\n%s\n```", c.UseLine())
	if c.Long != "" {
		p.line("```text\n%s\n```", c.Long)
	}
	if rows := rowsOf(c.LocalNonPersistentFlags()); len(rows) > 0 {
		p.table([]string{"flag", "default", "meaning"}, rows)
	}
}

func rowsOf(set *pflag.FlagSet) [][]string {
	var rows [][]string
	set.VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Hidden {
			return
		}
		def := f.DefValue
		if def == "false" {
			def = ""
		}
		rows = append(rows, []string{code("--" + f.Name), code(def), strings.TrimSuffix(f.Usage, ".")})
	})
	return rows
}

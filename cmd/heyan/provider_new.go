package main

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/scaffold"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/engine/idv"
)

// programPrefix is the prefix of the file names of plugin programs.
const programPrefix = "heyan-provider-"

func newProviderNew(c *cli) *cobra.Command {
	var (
		dir, checkout, answer string
		plan                  scaffold.Plan
		from                  sample
	)
	cmd := &cobra.Command{
		Use:   "new NAME [flags]",
		Short: "Create a plugin in Go, or draft a YAML file from a sample exchange",
		Long: "With --from-curl or --from-har it drafts the file of a declared product, vendor/product, and a recorded reply from one exchange:\n" +
			"a curl command with its reply, or the HAR file of a browser. Claims become those of a fictitious person, keys become\n" +
			"settings, and other texts of the reply are not kept. No code is a verdict unless you confirm it with --match, --mismatch or\n" +
			"--no-record: the code of the sample is a failure until then. docs/vendors.md shows it, docs/declared.md describes the format.\n\n" +
			"Else it writes a Go module for a fictitious vendor, to be adapted step by step with the tests at hand. The module requires the\n" +
			"module of heyan. With --heyan it uses a checkout and builds without a network.",
		DisableFlagsInUseLine: true,
		Args:                  oneIdentifier("the name of the vendor"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if from.given() {
				return c.draft(args[0], cmp.Or(dir, "."), from)
			}
			plan.Name, plan.Version = args[0], version
			if !scaffold.CheckName(plan.Name) {
				return usageError("the name must have 2 to 40 characters of a-z, 0-9 and - and start with a letter")
			}
			dir, plan.Module = cmp.Or(dir, programPrefix+plan.Name), cmp.Or(plan.Module, "example.com/"+programPrefix+plan.Name)
			if !scaffold.CheckModule(plan.Module) {
				return usageError("--module: must be the path of a Go module, such as example.com/vendor")
			}
			if answer == "" && terminal.IsTerminal(c.stdin) {
				answer = c.askAnswer()
			}
			if plan.Envelope = answer == answerEnvelope; !plan.Envelope && answer != answerFlat && answer != "" {
				return usageError("--answer: must be flat or envelope")
			}
			var err error
			if checkout != "" {
				if plan.Heyan, err = filepath.Abs(checkout); err != nil {
					return internalError(err)
				}
			}
			return c.writePlugin(dir, plan)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "the folder to write to (default heyan-provider-NAME, or . for a YAML file); existing files are never overwritten")
	cmd.Flags().StringVar(&plan.Module, "module", "", "the path of the new Go module (default example.com/heyan-provider-NAME)")
	cmd.Flags().StringVar(&answer, "answer", "", "the form of the vendor's answers: flat has one code, envelope has a code inside\n"+
		`another, as {"code":0,"result":{"status":1}} (default: asks on a terminal, else flat)`)
	cmd.Flags().StringVar(&checkout, "heyan", "", "the folder of a checkout of heyan to build against (default the published module)")
	cmd.Flags().StringVar(&from.curl, "from-curl", "", "a file, or - for stdin, with a curl command and its reply after it: the body, or as curl -i prints it")
	cmd.Flags().StringVar(&from.reply, "reply", "", "a file with the reply, if it does not follow the curl command")
	cmd.Flags().StringVar(&from.har, "from-har", "", "a HAR file of a browser; the first exchange with JSON counts")
	cmd.Flags().StringToStringVar(&from.claims, "claim", nil, "the parameter that holds a claim, as id_number=cardNo; may be repeated (default: by the form of the values)")
	cmd.Flags().StringSliceVar(&from.match, "match", nil, "a code that the vendor documents as a match, with its parts from the outermost on, as 200/1")
	cmd.Flags().StringSliceVar(&from.mismatch, "mismatch", nil, "a code that the vendor documents as a mismatch")
	cmd.Flags().StringSliceVar(&from.noRecord, "no-record", nil, "a code that the vendor documents as no record")
	return cmd
}

// The forms of a vendor's answers.
const (
	answerFlat     = "flat"
	answerEnvelope = "envelope"
)

// askAnswer asks for the form of the vendor's answers and returns what was typed, flat if
// nothing.
func (c *cli) askAnswer() string {
	c.notef("%s", idv.Text{
		EN: "Which form do the vendor's answers have?\n  flat      one code: {\"code\":\"1001\",…}\n" +
			"  envelope  a code inside another: {\"code\":0,\"result\":{\"status\":1,…}}\nflat or envelope [flat]: ",
		ZH: "供应商的应答是哪种结构？\n  flat      一个代码：{\"code\":\"1001\",…}\n" +
			"  envelope  外层代码内含内层代码：{\"code\":0,\"result\":{\"status\":1,…}}\nflat 或 envelope [flat]：",
	}.In(c.lang))
	line, _ := bufio.NewReader(io.LimitReader(c.stdin, 64)).ReadString('\n')
	return cmp.Or(strings.TrimSpace(line), answerFlat)
}

func (c *cli) writePlugin(dir string, plan scaffold.Plan) error {
	names, err := scaffold.Write(dir, plan)
	switch {
	case errors.Is(err, scaffold.ErrNoCheckout):
		return usageError("--heyan: %v", err)
	case errors.Is(err, scaffold.ErrExists):
		return configError("%v; name another folder with --dir", err)
	case err != nil:
		return configError("cannot write the files: %v", err)
	}
	for _, name := range names {
		c.out.Linef("%s", filepath.Join(dir, filepath.FromSlash(name)))
	}
	c.out.Linef("%s", idv.Text{EN: "\nNext steps:\n", ZH: "\n后续步骤：\n"}.In(c.lang))
	steps := []string{"cd " + dir, "go test ./...", "go build -o " + programPrefix + plan.Name + " .", "heyan provider check ./" + programPrefix + plan.Name}
	if plan.Heyan == "" {
		steps = append(steps[:1], append([]string{"go mod edit -replace github.com/heyan-id/heyan=/path/to/heyan", "go mod tidy"}, steps[1:]...)...)
	}
	for _, step := range steps {
		c.out.Linef("  %s", step)
	}
	return nil
}

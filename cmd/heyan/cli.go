package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
)

// tool is what the commands share: the streams, the environment, the language.
type cli struct {
	stdin   io.Reader
	out     *terminal.Printer // stdout: results
	stdout  io.Writer
	stderr  io.Writer // logs, hints, progress
	environ []string
	lang    words.Lang
}

// run is heyan without the process around it. It returns the exit code.
//
// A panic ends with the code of an internal error: the runtime's own is 2, which
// says no_record. The value is withheld, for it may hold a claim.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) (code int) {
	c := &cli{stdin: stdin, out: terminal.NewPrinter(stdout), stdout: stdout, stderr: stderr, environ: environ}
	defer func() {
		if recover() != nil {
			c.notef("heyan: a fault of heyan's own; please report the command, without the person's data")
			code = exitInternal
		}
	}()
	root := c.root()
	root.SetArgs(append([]string{}, args...)) // cobra reads the process's own if this is nil
	cmd, err := root.ExecuteContextC(ctx)
	return c.exitWith(cmd, err)
}

// root returns the tree of the commands.
func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "heyan",
		Short: "Ask identity vendors one question, get one verdict",
		Long: "heyan (核验) asks paid identity vendors whether claims about a person belong together, and gives one verdict.\n" +
			"Begin with `heyan demo`: it needs no account, no money and no real person.\n\n" +
			"Exit codes: 0 match, or done; 1 mismatch, or a check that found something; 2 no record; 3 no verdict;\n" +
			"4 refused before any call; 64 wrong usage or configuration; 70 a fault of heyan's own, or the database is away.",
		SilenceErrors: true, SilenceUsage: true,
	}
	var lang string
	root.PersistentFlags().StringVar(&lang, "lang", "", "language of texts for people, zh or en (default by LC_ALL, LC_MESSAGES or LANG)")
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return c.chooseLang(lang) }
	root.SetIn(c.stdin)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.SetFlagErrorFunc(flagFault)
	root.SetHelpCommand(newHelp())
	root.AddCommand(
		newDemo(c), newVerify(c), newCheck(c), newServe(c), newSandbox(c), newConfig(c), newProvider(c), newRoute(c),
		newLedger(c), newConsent(c), newSubject(c), newPolicy(c), newVersion(c), newDocs(),
	)
	return group(root)
}

// group makes a command that only has others below it: without one of them its
// help is shown, and that is wrong usage.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Use += " COMMAND"
	cmd.DisableFlagsInUseLine = true
	cmd.SuggestionsMinimumDistance = 2
	// cobra shows a second usage line for commands that it runs; ours is the first.
	cmd.SetUsageTemplate(strings.Replace(cmd.UsageTemplate(), "\n  {{.CommandPath}} [command]", "", 1))
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(cmd, args[0])
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cmd.SetOut(cmd.ErrOrStderr())
		return errors.Join(cmd.Help(), exitCode(exitUsage))
	}
	return cmd
}

func (c *cli) chooseLang(flag string) error {
	c.lang = words.Detect(c.lookupEnv)
	if flag == "" {
		return nil
	}
	lang, ok := words.Parse(flag)
	if !ok {
		return usageError("--lang: give zh or en")
	}
	c.lang = lang
	return nil
}

// lookupEnv finds a variable of the environment that run was given.
func (c *cli) lookupEnv(name string) (value string, ok bool) {
	for _, entry := range c.environ {
		if rest, found := strings.CutPrefix(entry, name+"="); found {
			value, ok = rest, true
		}
	}
	return value, ok
}

// hint writes a line to stderr.
func (c *cli) notef(format string, args ...any) {
	_, _ = fmt.Fprintf(c.stderr, format+"\n", args...) // there is nobody left to tell
}

// end turns how a command ended into an exit code, and says why. Errors that no
// command of ours made are cobra's complaints about arguments, which they quote:
// their text is dropped.
func (c *cli) exitWith(cmd *cobra.Command, err error) int {
	var exit *exitError
	switch {
	case err == nil && c.out.Err() == nil:
		return exitDone
	case c.out.Err() != nil:
		c.notef("%s: the output could not be written: %v", cmd.CommandPath(), c.out.Err())
		return exitInternal
	case !errors.As(err, &exit):
		exit = &exitError{code: exitUsage, err: errors.New("the arguments do not fit this command"), hint: true}
	}
	if exit.err != nil {
		c.notef("%s: %v", cmd.CommandPath(), exit.err)
	}
	if exit.hint {
		c.notef("usage: %s\nhelp:  %s --help", cmd.UseLine(), cmd.CommandPath())
	}
	return exit.code
}

// What is wrong with a command line is told without repeating it: a name or a
// number in the wrong place must not end up in a log of errors.

// plainFlag is a word that may be shown: no number and no name has this form.
var plainFlag = regexp.MustCompile(`^[a-z][a-z-]{0,23}$`)

// flagFault words pflag's errors anew.
func flagFault(_ *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &unknown):
		if name := unknown.GetSpecifiedName(); plainFlag.MatchString(name) && unknown.GetSpecifiedShortnames() == "" {
			return usageError("there is no flag --%s; look at the help", name)
		}
		return usageError("there is no such flag; write flags as --name value, and a value that begins with - as --name=value")
	case errors.As(err, &missing):
		return usageError("--%s needs a value", missing.GetFlag().Name)
	case errors.As(err, &invalid):
		return usageError("--%s does not take this value; look at the help", invalid.GetFlag().Name)
	}
	return usageError("a flag is not well formed; write it as --name value")
}

// unknownCommand names the commands there are, and the one that may be meant.
func unknownCommand(cmd *cobra.Command, word string) error {
	if !cmd.HasAvailableSubCommands() {
		return usageError("has no commands below it")
	}
	if near := cmd.SuggestionsFor(word); len(near) > 0 {
		return usageError("there is no such command; did you mean %s?", strings.Join(near, " or "))
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usageError("there is no such command; the commands are %s", strings.Join(names, ", "))
}

// noArgs accepts none and says where things go instead.
func noArgs(instead string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usageError("takes no arguments; %s", instead)
		}
		return nil
	}
}

// exactly accepts that many arguments, which want names.
func exactly(n int, want string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError("wants %s", want)
		}
		return nil
	}
}

// newHelp replaces cobra's help command, which quotes its arguments.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Show the help of a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			switch {
			case err != nil:
				return err
			case len(rest) > 0:
				return unknownCommand(found, rest[0])
			}
			return found.Help()
		},
	}
}

// The exit codes. Scripts act on them, so their meaning is fixed (INTERFACES).
const (
	exitDone      = 0  // match, or done
	exitFound     = 1  // mismatch, or a check that found something
	exitNoRecord  = 2  // no_record or mismatch_or_no_record
	exitNoVerdict = 3  // nobody gave an answer that can be relied on
	exitRefused   = 4  // refused before any call
	exitUsage     = 64 // the command line, the input or the configuration is wrong
	exitInternal  = 70 // a fault of heyan's own, or its database is away
)

// verdictCode returns the exit code of a verification.
func verdictCode(v idv.Verdict) int {
	switch v {
	case idv.Match:
		return exitDone
	case idv.Mismatch:
		return exitFound
	case idv.NoRecord, idv.MismatchOrNoRecord:
		return exitNoRecord
	default:
		return exitNoVerdict
	}
}

// ending is how a command ended otherwise than with 0. Without err everything was
// said already. The text of err never holds an argument, which may be a person's.
type exitError struct {
	code int
	err  error
	hint bool // the command line is at fault: show the command's usage line
}

// Error returns the message, "" if there is none.
func (exit *exitError) Error() string {
	if exit.err == nil {
		return ""
	}
	return exit.err.Error()
}

// Unwrap returns what the ending was made of.
func (exit *exitError) Unwrap() error { return exit.err }

// silent ends a command whose output said everything; nil for 0.
func exitCode(code int) error {
	if code == exitDone {
		return nil
	}
	return &exitError{code: code}
}

// usage is an error of the caller: it names the flag and the remedy.
func usageError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...), hint: true}
}

// setUp is a fault of the configuration or the surroundings, which no other command
// line would mend.
func configError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// internal wraps an error that the caller cannot mend.
func internalError(err error) error {
	if err == nil {
		return nil
	}
	var exit *exitError
	if errors.As(err, &exit) {
		return err
	}
	return &exitError{code: exitInternal, err: err}
}

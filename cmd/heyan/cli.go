package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/cmd/internal/logwriter"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
)

// cli holds what the commands share: the streams, the environment and the language.
type cli struct {
	stdin   io.Reader         // read through open
	stopped <-chan struct{}   // closed at the first signal
	out     *terminal.Printer // stdout: results
	stdout  io.Writer         // of out, escaped
	stderr  io.Writer         // logs, hints, progress, escaped
	log     *logwriter.Writer // stderr of a command that keeps running, else nil
	environ []string
	lang    words.Lang
	tenant  idv.Tenant // of commands with tenantFlag

	configPath string // --config of the configuration that was read, as a word of a shell command
}

// run executes one command line and returns the exit code.
//
// A panic exits with exitInternal: the runtime's own code is 2, which means no_record. The
// panic value is not printed, since it may hold a claim.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) (code int) {
	c := &cli{
		stdin: stdin, stopped: ctx.Done(), environ: environ,
		out: terminal.NewPrinter(stdout), stdout: terminal.Escape(stdout), stderr: terminal.Escape(stderr),
	}
	defer c.closeLog()
	defer func() {
		if recover() != nil {
			c.notef("heyan: internal error; please report the command, without personal data")
			code = exitInternal
		}
	}()
	c.lang = c.langOf(args)
	root := c.root()
	root.SetArgs(append([]string{}, args...)) // with nil, cobra reads os.Args
	cmd, err := root.ExecuteContextC(ctx)
	return c.exitWith(cmd, err)
}

// root returns the command tree.
func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "heyan",
		Short: "Verify identity claims with paid vendors",
		Long: "heyan (核验) verifies identity claims (for example a name and a resident ID number) with paid vendors and returns one\n" +
			"verdict. Start with `heyan demo`: it needs no account, no money and no real person.\n\n" +
			"Exit codes: 0 match, or success; 1 mismatch, or a check with findings; 2 no record; 3 no verdict;\n" +
			"4 refused before any call; 64 usage or configuration error; 70 internal error, or the database is unavailable.",
		SilenceErrors: true, SilenceUsage: true, Version: version,
	}
	root.InitDefaultVersionFlag()
	root.Flags().Lookup("version").Usage = "print version, commit, Go version and build settings"
	root.SetVersionTemplate(strings.Join(readBuild().lines(), "\n") + "\n") // no line holds a template
	var lang string
	root.PersistentFlags().StringVar(&lang, "lang", "", "language of human-readable output, zh or en (default from LC_ALL, LC_MESSAGES or LANG)")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := c.chooseLang(lang); err != nil {
			return err
		}
		f := cmd.Flags().Lookup("tenant")
		if f != nil && f.Changed && f.Value.String() == "" {
			return usageError("--tenant: must not be empty")
		}
		if f == nil || f.Annotations[ofTenant] == nil {
			c.tenant = "" // the command concerns no tenant, or all
		}
		return checkFlagTexts(cmd)
	}
	root.SetIn(c.stdin)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.SetFlagErrorFunc(flagFault)
	root.SetHelpCommand(newHelp())
	c.helpIn(root)
	root.AddCommand(
		newDemo(c), newVerify(c), newCheck(c), newServe(c), newSandbox(c), newConfig(c), newProvider(c), newRoute(c),
		newLedger(c), newVerification(c), newVerifyEvidence(c), newConsent(c), newSubject(c), newWebhook(c), newCalendar(c), newKey(c), newPolicy(c),
		newInit(c), newDoctor(c), newHealth(c), newMigrate(c), newBackup(c), newRestore(c), newAudit(c), newVersion(c), newDocs(),
	)
	return group(root)
}

// group makes a command that has only subcommands. Without a subcommand it prints its
// help on stderr and exits with a usage error.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Use += " COMMAND"
	cmd.DisableFlagsInUseLine = true
	cmd.SuggestionsMinimumDistance = 2
	// cobra prints a second usage line for a runnable command; only the first one is wanted.
	// The commands of cobra itself inherit the template and are not runnable.
	const second = "\n  {{.CommandPath}} [command]"
	cmd.SetUsageTemplate(strings.Replace(cmd.UsageTemplate(), second, "{{if not .Runnable}}"+second+"{{end}}", 1))
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
		return usageError("--lang: must be zh or en")
	}
	c.lang = lang
	return nil
}

// lookupEnv looks up a secret in the environment that run received. It removes the variable
// from the environment of the process, so that no process that is started gets it.
func (c *cli) lookupEnv(name string) (value string, ok bool) {
	_ = os.Unsetenv(name) // fails for no name of a reference
	for _, entry := range c.environ {
		if rest, found := strings.CutPrefix(entry, name+"="); found {
			value, ok = rest, true
		}
	}
	return value, ok
}

// notef writes a line to stderr, in Chinese if help.zh.txt has the format.
func (c *cli) notef(format string, args ...any) {
	_, _ = fmt.Fprintf(c.stderr, c.text(format)+"\n", args...) // an error on stderr cannot be reported
}

// exitWith prints the error of a command and returns its exit code. Any error that is not
// an *exitError comes from cobra and quotes the arguments, so its text is dropped.
func (c *cli) exitWith(cmd *cobra.Command, err error) int {
	var exit *exitError
	switch {
	case err == nil && c.out.Err() == nil:
		return exitDone
	case c.out.Err() != nil:
		c.notef("%s: cannot write the output: %v", cmd.CommandPath(), c.out.Err())
		return exitInternal
	case !errors.As(err, &exit):
		errors.As(usageError("the arguments are not valid for this command"), &exit)
	}
	if exit.err != nil {
		c.notef("%s: %s", cmd.CommandPath(), exit.in(c))
	}
	if exit.hint {
		c.notef("usage: %s\nhelp:  %s --help", cmd.UseLine(), cmd.CommandPath())
	}
	return exit.code
}

// Usage errors never quote an argument: a name or a number in the wrong place must not
// end up in an error log.

// plainFlag matches flag names that may be printed: no ID number and no Chinese name has
// this form.
var plainFlag = regexp.MustCompile(`^[a-z][a-z-]{0,23}$`)

// flagFault rewrites pflag's errors without the value that they quote.
func flagFault(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		missing *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedName() == "why" && cmd.Flags().Lookup("reason") != nil:
		return usageError("--why: renamed; use --reason")
	case errors.As(err, &unknown):
		if name := unknown.GetSpecifiedName(); plainFlag.MatchString(name) && unknown.GetSpecifiedShortnames() == "" {
			return usageError("unknown flag --%s; see the help", name)
		}
		return usageError("unknown flag; write flags as --name value, and a value that starts with - as --name=value")
	case errors.As(err, &missing):
		return usageError("--%s: needs a value", missing.GetFlag().Name)
	case errors.As(err, &invalid):
		return usageError("--%s: invalid value; see the help", invalid.GetFlag().Name)
	}
	return usageError("malformed flag; write it as --name value")
}

// unknownCommand lists the commands, or suggests the closest one.
func unknownCommand(cmd *cobra.Command, word string) error {
	if !cmd.HasAvailableSubCommands() {
		return usageError("has no subcommands")
	}
	if near := cmd.SuggestionsFor(word); len(near) > 0 {
		return usageError("unknown command; did you mean %s?", strings.Join(near, " or "))
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usageError("unknown command; the commands are %s", strings.Join(names, ", "))
}

// noArgs rejects arguments; instead names the flag to use.
func noArgs(instead string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usageError("takes no arguments; %s", instead)
		}
		return nil
	}
}

// exactly requires n arguments; want describes them.
func exactly(n int, want string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError("needs %s", want)
		}
		return nil
	}
}

// newHelp replaces cobra's help command, which quotes unknown arguments.
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

// The exit codes. Scripts depend on them, so their meaning is fixed.
const (
	exitDone      = 0  // match, or success
	exitFound     = 1  // mismatch, or a check with findings
	exitNoRecord  = 2  // no_record or mismatch_or_no_record
	exitNoVerdict = 3  // no provider returned a reliable answer
	exitRefused   = 4  // refused before any call
	exitUsage     = 64 // the command line, the input or the configuration is wrong
	exitInternal  = 70 // internal error, or the database is unavailable
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

// exitError ends a command with a code other than 0. With a nil err the output already
// says everything. The text of err never quotes an argument, which may be personal data.
type exitError struct {
	code int
	err  error
	hint bool // print the usage line, since the command line is wrong

	// format and args made err. They are kept, so that the text can be printed in Chinese.
	format string
	args   []any
}

// Error returns the message, "" if there is none.
func (exit *exitError) Error() string {
	if exit.err == nil {
		return ""
	}
	return exit.err.Error()
}

// in returns the message in the selected language. The arguments that are texts of the
// program have entries of their own.
func (exit *exitError) in(c *cli) string {
	if exit.format == "" || c.lang != words.ZH {
		return exit.Error()
	}
	args := slices.Clone(exit.args)
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = c.text(text)
		}
	}
	return fmt.Errorf(c.text(exit.format), args...).Error()
}

// Unwrap returns the wrapped error.
func (exit *exitError) Unwrap() error { return exit.err }

// exitCode ends a command whose output says everything. It returns nil for exitDone.
func exitCode(code int) error {
	if code == exitDone {
		return nil
	}
	return &exitError{code: code}
}

// usageError reports a wrong command line. The text names the flag and the remedy.
func usageError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...), hint: true, format: format, args: args}
}

// configError reports a fault of the configuration, a file or the environment, which no
// other command line would avoid.
func configError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...), format: format, args: args}
}

// internalError wraps an error that the caller cannot avoid.
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

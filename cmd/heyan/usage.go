package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

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
			return usage("there is no flag --%s; look at the help", name)
		}
		return usage("there is no such flag; write flags as --name value, and a value that begins with - as --name=value")
	case errors.As(err, &missing):
		return usage("--%s needs a value", missing.GetFlag().Name)
	case errors.As(err, &invalid):
		return usage("--%s does not take this value; look at the help", invalid.GetFlag().Name)
	}
	return usage("a flag is not well formed; write it as --name value")
}

// unknownCommand names the commands there are, and the one that may be meant.
func unknownCommand(c *cobra.Command, word string) error {
	if !c.HasAvailableSubCommands() {
		return usage("has no commands below it")
	}
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return usage("there is no such command; did you mean %s?", strings.Join(near, " or "))
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usage("there is no such command; the commands are %s", strings.Join(names, ", "))
}

// noArgs accepts none and says where things go instead.
func noArgs(instead string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("takes no arguments; %s", instead)
		}
		return nil
	}
}

// exactly accepts that many arguments, which want names.
func exactly(n int, want string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("wants %s", want)
		}
		return nil
	}
}

// newHelp replaces cobra's help command, which quotes its arguments.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Show the help of a command",
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
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

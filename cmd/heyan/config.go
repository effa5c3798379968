package main

import (
	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
)

func newConfig(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{Use: "config", Short: "Check and show the configuration"})
	cmd.AddCommand(newConfigCheck(c), newConfigShow(c), newConfigDiff(c), newConfigSchema(c), newConfigExample(c))
	return cmd
}

// faultView is the JSON of a fault.
type faultView struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Path    string `json:"path"`
	Message string `json:"message"`
}

// String returns "file:line: path: message", as far as they are known.
func (f faultView) String() string {
	return strictyaml.Fault{File: f.File, Line: f.Line, Path: f.Path, Text: f.Message}.String()
}

func newConfigCheck(c *cli) *cobra.Command {
	var path string
	var asJSON, secrets bool
	cmd := &cobra.Command{
		Use:   "check --config FILE",
		Short: "Print every fault of a configuration with its path",
		Long: "Reads the file and the HEYAN_ variables that override it, as the daemon does, the files of rules and notices that it\n" +
			"names, the list of honeytokens if it is an existing file, the folder and modes of the database file, the programs of plugins\n" +
			"and the certificates of networks: everything for which heyan serve refuses to start. With --secrets it also resolves every\n" +
			"reference, for which it runs the secret helpers, and checks the keys and the DSN behind them. It opens no database, starts no\n" +
			"plugin and calls no vendor.\n\n" +
			"Exit codes: 0 no fault; 1 at least one fault.",
		Args: noArgs("use --config"),
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().BoolVar(&secrets, "secrets", false, "also resolve the references to secrets, in this environment, and run the secret helpers")
	cmd.RunE = func(*cobra.Command, []string) error {
		if path == "" {
			return usageError("--config is missing: name the file to check")
		}
		check := assemble.Check
		if secrets {
			check = c.checkAll
		}
		_, err := check(path, c.environ)
		return c.printFaults(err, asJSON)
	}
	return cmd
}

// printFaults prints the faults of a configuration, or that there are none.
func (c *cli) printFaults(err error, asJSON bool) error {
	list := append([]faultView{}, faultsOf(err)...)
	switch {
	case asJSON:
		c.out.JSON(struct {
			Valid  bool        `json:"valid"`
			Faults []faultView `json:"faults"`
		}{len(list) == 0, list})
	case len(list) == 0:
		c.out.Linef("%s", idv.Text{EN: "the configuration is valid", ZH: "配置有效"}.In(c.lang))
	default:
		for _, f := range list {
			c.out.Linef("%s", f)
		}
	}
	if len(list) > 0 {
		return exitCode(exitFound)
	}
	return nil
}

func newConfigShow(c *cli) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show [--config FILE]",
		Short: "Print the effective values with their origin; secrets are shown as references",
		Args:  noArgs("use --config"),
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(*cobra.Command, []string) error {
		loaded, err := config.Load(path, c.environ)
		if err != nil {
			return c.printFaults(err, asJSON)
		}
		rows := [][]string{c.headers("path 路径", "value 值", "origin 来源")}
		for _, v := range loaded.Values() {
			if asJSON {
				c.out.JSON(v)
			}
			rows = append(rows, []string{v.Path, v.Value, v.Origin})
		}
		if !asJSON {
			c.out.Table(rows)
		}
		return nil
	}
	return cmd
}

func newConfigDiff(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff FILE FILE",
		Short: "Print the values in which two configurations differ",
		Long:  "Compares two files without the environment, which would override both.\n\nExit codes: 0 equal; 1 different.",
		Args:  exactly(2, "two files: the old one and the new one"),
	}
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		before, err := config.Load(args[0], nil)
		if err != nil {
			return c.printFaults(err, asJSON)
		}
		after, err := config.Load(args[1], nil)
		if err != nil {
			return c.printFaults(err, asJSON)
		}
		return c.printChanges(config.Diff(before.Config, after.Config), asJSON)
	}
	return cmd
}

func (c *cli) printChanges(changes []config.Change, asJSON bool) error {
	rows := [][]string{c.headers("path 路径", "from 原值", "to 新值")}
	for _, change := range changes {
		if asJSON {
			c.out.JSON(change)
		}
		rows = append(rows, []string{change.Path, change.From, change.To})
	}
	if len(changes) == 0 {
		return nil
	}
	if !asJSON {
		c.out.Table(rows)
	}
	return exitCode(exitFound)
}

func newConfigSchema(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON schema of the configuration, for editors", Args: noArgs("run it as heyan config schema"),
		RunE: func(*cobra.Command, []string) error {
			schema, err := config.Schema()
			c.out.Linef("%s", schema)
			return internalError(err)
		},
	}
}

func newConfigExample(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "example", Short: "Print a commented configuration as a starting point", Args: noArgs("run it as heyan config example"),
		RunE: func(*cobra.Command, []string) error {
			_, _ = c.out.Write([]byte(config.Example)) // the printer keeps the error
			return nil
		},
	}
}

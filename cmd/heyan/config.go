package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
)

func newConfig(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{Use: "config", Short: "Check and show the configuration"})
	cmd.AddCommand(newConfigCheck(t), newConfigShow(t), newConfigDiff(t), newConfigSchema(t), newConfigExample(t))
	return cmd
}

// faultView is a fault as JSON.
type faultView struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// String returns "path: message".
func (f faultView) String() string {
	if f.Path == "" {
		return f.Message
	}
	return f.Path + ": " + f.Message
}

func newConfigCheck(t *tool) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check --config FILE",
		Short: "Print everything that is wrong with a configuration, each with its path",
		Long: "Reads the file and the HEYAN_ variables over it, as the daemon does, and the files of rules and notices that it names;\n" +
			"the list of canaries too, if it is a file that is there. No secret is fetched and nobody is called.\n\n" +
			"Exit codes: 0 nothing is wrong; 1 something is.",
		Args: noArgs("--config names the configuration"),
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(*cobra.Command, []string) error {
		if path == "" {
			return usage("--config is missing; name the file to check")
		}
		_, err := config.Check(path, t.environ, assemble.Known)
		if loaded, unread := config.Load(path, t.environ); unread == nil {
			err = errors.Join(err, assemble.CheckPolicy(loaded.Config))
		}
		return t.tellFaults(err, asJSON)
	}
	return cmd
}

// tellFaults prints the faults of a configuration, and that there are none.
func (t *tool) tellFaults(err error, asJSON bool) error {
	list := append([]faultView{}, faultsOf(err)...)
	switch {
	case asJSON:
		t.out.JSON(struct {
			Valid  bool        `json:"valid"`
			Faults []faultView `json:"faults"`
		}{len(list) == 0, list})
	case len(list) == 0:
		t.out.Linef("%s", words.Text{EN: "nothing is wrong", ZH: "配置无误"}.In(t.lang))
	default:
		for _, f := range list {
			t.out.Linef("%s", f)
		}
	}
	if len(list) > 0 {
		return silent(exitFound)
	}
	return nil
}

func newConfigShow(t *tool) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show [--config FILE]",
		Short: "Print the effective values and where each comes from; secrets as references",
		Args:  noArgs("--config names the configuration"),
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(*cobra.Command, []string) error {
		loaded, err := config.Load(path, t.environ)
		if err != nil {
			return t.tellFaults(err, asJSON)
		}
		rows := [][]string{t.heads("path 路径", "value 值", "origin 来源")}
		for _, v := range loaded.Values() {
			if asJSON {
				t.out.JSON(v)
			}
			rows = append(rows, []string{v.Path, v.Value, v.Origin})
		}
		if !asJSON {
			t.out.Table(rows)
		}
		return nil
	}
	return cmd
}

func newConfigDiff(t *tool) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff FILE FILE",
		Short: "Print the values in which two configurations differ",
		Long:  "Compares two files; the environment is left out, for it would lie over both.\n\nExit codes: 0 they are the same; 1 they differ.",
		Args:  exactly(2, "two files, the old one and the new one"),
	}
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		before, err := config.Load(args[0], nil)
		if err != nil {
			return t.tellFaults(err, asJSON)
		}
		after, err := config.Load(args[1], nil)
		if err != nil {
			return t.tellFaults(err, asJSON)
		}
		return t.printChanges(config.Diff(before, after), asJSON)
	}
	return cmd
}

func (t *tool) printChanges(changes []config.Change, asJSON bool) error {
	rows := [][]string{t.heads("path 路径", "from 原值", "to 新值")}
	for _, c := range changes {
		if asJSON {
			t.out.JSON(c)
		}
		rows = append(rows, []string{c.Path, c.From, c.To})
	}
	if len(changes) == 0 {
		return nil
	}
	if !asJSON {
		t.out.Table(rows)
	}
	return silent(exitFound)
}

func newConfigSchema(t *tool) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON schema of the configuration, for editors", Args: noArgs("it always prints the same"),
		RunE: func(*cobra.Command, []string) error {
			schema, err := config.Schema()
			t.out.Linef("%s", schema)
			return internal(err)
		},
	}
}

func newConfigExample(t *tool) *cobra.Command {
	return &cobra.Command{
		Use: "example", Short: "Print a configuration with comments to begin with", Args: noArgs("it always prints the same"),
		RunE: func(*cobra.Command, []string) error {
			_, _ = t.out.Write([]byte(config.Example)) // the printer remembers the error
			return nil
		},
	}
}

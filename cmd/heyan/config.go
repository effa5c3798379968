package main

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/strictjson"
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
	var path, against, running string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff --config NEW [--against OLD | --running ADDRESS] | diff OLD NEW",
		Short: "Print the values in which two configurations differ",
		Long: "With --config it compares the file NEW, and the HEYAN_ variables that override it, with the file OLD, or with what the\n" +
			"daemon at the admin address runs with; without both flags that is the admin_listen of NEW. Of two files without flags the\n" +
			"environment, which would override both, is left out.\n\n" +
			"The last column tells whether a running daemon takes the value by a reload or only by a restart. Secrets are shown as\n" +
			"references. The content of files that a configuration names is not compared.\n\n" +
			"Exit codes: 0 equal; 1 different.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return exactly(2, "two files: the old one and the new one")(cmd, args)
		},
	}
	cmd.Flags().StringVar(&path, "config", "", "the new configuration `FILE`")
	cmd.Flags().StringVar(&against, "against", "", "the old configuration `FILE`")
	cmd.Flags().StringVar(&running, "running", "", "the admin `ADDRESS` of the daemon, such as 127.0.0.1:8081")
	jsonFlag(cmd, &asJSON)
	cmd.MarkFlagsMutuallyExclusive("against", "running")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		environ := c.environ
		switch {
		case len(args) == 2 && path+against+running == "":
			against, path, environ = args[0], args[1], nil
		case len(args) == 2:
			return usageError("give two files, or --config with --against or --running")
		case path == "":
			return usageError("--config is missing: name the new file")
		}
		after, err := config.Load(path, environ)
		if err != nil {
			return c.printFaults(err, asJSON)
		}
		if against == "" {
			shown, err := runningConfig(cmd.Context(), cmp.Or(running, after.Config.AdminListen))
			if err != nil {
				return err
			}
			return c.printChanges(shown.Diff(after.Config), asJSON)
		}
		before, err := config.Load(against, environ)
		if err != nil {
			return c.printFaults(err, asJSON)
		}
		return c.printChanges(config.Diff(before.Config, after.Config), asJSON)
	}
	return cmd
}

// runningConfig asks a daemon what it runs with.
func runningConfig(ctx context.Context, address string) (shown config.Running, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/configuration", http.NoBody)
	if err != nil {
		return shown, usageError("--running: must be host:port, such as 127.0.0.1:8081")
	}
	client := http.Client{Transport: &http.Transport{}} // without a proxy of the environment
	response, err := client.Do(request)
	if err != nil {
		return shown, configError("no daemon answers at the admin address; start it, give its address with --running, or compare files with --against")
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxRunning))
	if err != nil || response.StatusCode != http.StatusOK || strictjson.Decode(text, &shown) != nil {
		return shown, configError("the admin address did not tell the configuration (HTTP %d); it tells it without a key on a loopback address only, "+
			"so run the command on that machine or compare files with --against", response.StatusCode)
	}
	return shown, nil
}

// maxRunning bounds what is read of a daemon's configuration, in bytes.
const maxRunning = 8 << 20

func (c *cli) printChanges(changes []config.Change, asJSON bool) error {
	rows := [][]string{c.headers("path 路径", "from 原值", "to 新值", "takes_effect_by 生效方式")}
	for _, change := range changes {
		if asJSON {
			c.out.JSON(change)
		}
		by := idv.Text{EN: "reload", ZH: "重新加载"}
		if change.Restart {
			by = idv.Text{EN: "restart", ZH: "重启"}
		}
		rows = append(rows, []string{change.Path, change.From, change.To, by.In(c.lang)})
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

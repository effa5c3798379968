package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/setup"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
)

// initFlags are the flags of `heyan init`. A question whose flag is given is not asked.
type initFlags struct {
	vendors, recipients, contacts []string
	settings                      map[string]string
	purpose, controller, store    string
	port, sandboxPort             int
	sandbox, tls, yes             bool
}

func newInit(c *cli) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Ask a few questions and write a checked configuration",
		Long: "Writes heyan.yaml, the environment file heyan.env for its secrets, a consent notice to be edited, and a .gitignore to a folder,\n" +
			"the working directory by default. It asks for what no flag gives; an empty answer takes the value in brackets. With --yes it asks\n" +
			"nothing, for scripts. The configuration is checked as `heyan config check` does before a file gets its name. No file is\n" +
			"overwritten, and after Ctrl-C or a fault nothing is left.\n\n" +
			"--sandbox adds sandbox vendors, so that the first verification needs no contract with a vendor. --tls adds a self-signed\n" +
			"certificate for localhost.",
		Example: "\theyan init shop --vendor kz/idcard --recipient 某某数据有限公司 --purpose account_opening=开立账户的实名核验 \\\n" +
			"\t  --controller 某某有限公司=400-000-0001 --recipient-contact 400-000-0000 --yes",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("needs at most one folder")
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.vendors, "vendor", nil, "a product that is asked, as heyan provider list prints it; repeat it for one that answers when the first cannot")
	flags.StringArrayVar(&f.recipients, "recipient", nil, "the legal name of the company behind each vendor, in their order (default by the product, if it is known)")
	flags.StringArrayVar(&f.contacts, "recipient-contact", nil, "how persons reach the company behind each vendor, in their order")
	flags.StringToStringVar(&f.settings, "setting", nil, "a reference to a secret or a value, as idcert.appcode=env:APPCODE; may be repeated")
	flags.StringVar(&f.purpose, "purpose", "", "what is verified for, as account_opening=开立账户的实名核验: a name and the title that the notice shows")
	flags.StringVar(&f.controller, "controller", "", "your company and its contact, as 某某有限公司=400-000-0001; the notice shows both")
	flags.StringVar(&f.store, "store", "", "sqlite for one node, postgres for several (default sqlite)")
	flags.IntVar(&f.port, "port", 0, "port of the API on this machine; the admin address has the next one (default 8080)")
	flags.BoolVar(&f.sandbox, "sandbox", false, "add sandbox vendors in place of the real ones")
	flags.IntVar(&f.sandboxPort, "sandbox-port", 9100, "port of the first sandbox vendor; the others have the next ones")
	flags.BoolVar(&f.tls, "tls", false, "add a self-signed certificate for localhost and serve TLS with it")
	flags.BoolVar(&f.yes, "yes", false, "ask nothing: take the defaults, and fail if an answer is missing")
	cmd.RunE = func(_ *cobra.Command, args []string) error { return c.initialize(append(args, ".")[0], f) }
	return cmd
}

func (c *cli) initialize(dir string, f initFlags) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return configError("the folder cannot be found: %v", err)
	}
	plan := setup.Plan{Dir: abs, Sandbox: f.sandbox, SandboxPort: f.sandboxPort, TLS: f.tls}
	if err := plan.CheckFree(); err != nil {
		return configError("%v; name another folder, or remove it", err)
	}
	q, err := newQuestions(c, f.yes)
	if err != nil {
		return err
	}
	defer q.close()
	if err := q.plan(&plan, f); err != nil {
		return err
	}
	files, err := plan.Files()
	if err != nil {
		return configError("%v", err)
	}
	names, err := plan.Write(files, withoutOverrides(c.environ))
	switch {
	case errors.Is(err, setup.ErrExists):
		return configError("%v; name another folder, or remove it", err)
	case err != nil:
		return configError("nothing was written: %s", faultLines(err))
	}
	c.printWritten(dir, &plan, names)
	return nil
}

// withoutOverrides returns the environment without the variables that override a
// configuration, which may be those of another installation.
func withoutOverrides(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool { return strings.HasPrefix(entry, "HEYAN_") })
}

// printWritten says what was written, and three commands that work as they stand.
func (c *cli) printWritten(dir string, plan *setup.Plan, names []string) {
	for _, name := range names {
		c.out.Linef("%s", filepath.Join(dir, filepath.FromSlash(name)))
	}
	if !slices.Contains(names, setup.Ignore) {
		c.say("The .gitignore that is there was left as it is; let it name heyan.env, tls.key, sandbox.yaml and heyan.db*.",
			"已有的 .gitignore 未改动；请在其中列入 heyan.env、tls.key、sandbox.yaml 与 heyan.db*。")
	}
	at := func(name string) string { return shellQuote(filepath.Join(dir, name)) }
	env := at(setup.Environment)
	if !strings.Contains(env, "/") {
		env = "./" + env
	}
	heyan := c.program()
	steps := []string{"set -a; . " + env + "; set +a"}
	if plan.Sandbox {
		person := `{"name":"张三","id_number":"11010519491231002X"}`
		steps = append(steps, heyan+" sandbox --config "+at(setup.Sandbox)+" > "+at("sandbox.log")+" 2>&1 &",
			"sleep 1; echo '"+person+"' | "+heyan+" verify --config "+at(setup.Config)+" --purpose "+plan.Purpose+" --input -")
		c.say("\nThe next three commands start the sandbox vendors and make the first verification, of a fictitious person:\n",
			"\n接下来的三条命令启动沙箱供应商并完成首次核验（人物为虚构）：\n")
	} else {
		steps = append(steps, heyan+" doctor --config "+at(setup.Config), heyan+" key create --config "+at(setup.Config)+" --name first --scope verify,read,consent")
		c.say("\nFill in "+filepath.Join(dir, setup.Environment)+", then the next three commands read it, examine the installation and create an API key:\n",
			"\n先填写 "+filepath.Join(dir, setup.Environment)+"，再依次执行：读取该文件、检查安装、创建 API 密钥：\n")
	}
	for _, step := range steps {
		c.out.Linef("  %s", step)
	}
	c.say("\nThen: "+heyan+" serve --config "+at(setup.Config), "\n然后："+heyan+" serve --config "+at(setup.Config))
}

// program returns how the user started heyan.
func (c *cli) program() string {
	switch {
	case strings.Contains(os.Args[0], "go-build"):
		return "go run ./cmd/heyan"
	case strings.ContainsRune(os.Args[0], filepath.Separator) && filepath.Base(os.Args[0]) == "heyan":
		return shellQuote(os.Args[0])
	}
	return "heyan"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./@%+=:,-]+$`)

// shellQuote quotes a word for a shell if it needs to be.
func shellQuote(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// pair cuts "name=value".
func pair(text string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	return name, value, ok && name != "" && value != ""
}

// party reads "name=contact".
func party(text string) (config.Party, bool) {
	name, contact, ok := pair(text)
	return config.Party{Name: name, Contact: contact}, ok
}

// purposeName is the form that a purpose's name has in requests.
var purposeName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// portHelp says which ports are taken.
func portHelp() idv.Text {
	return idv.Text{EN: "expected a number from 1024 to 65000", ZH: "应为 1024 到 65000 之间的数字"}
}

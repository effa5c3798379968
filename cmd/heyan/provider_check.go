package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/certify"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
)

// checkFlags are the flags of `heyan provider check`.
type checkFlags struct {
	starting
	fixtures  string
	settings  map[string]string
	check     string
	notEchoed []string
	asJSON    bool
}

func newProviderCheck(t *tool) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check NAME|BINARY [flags] [-- ARGS…]",
		Short: "Run the contract against a built-in vendor or a plugin, sentence by sentence",
		Long: "Starts the program of a plugin as the daemon does, and tries each sentence of the contract on it with replies that are\n" +
			"derived from its fixtures: cut, doubled, mistyped, about somebody else. Nothing leaves this machine. The program is\n" +
			"executed with your rights, so check only what you would run.\n\n" +
			"Fixtures: CODE.json is the body of the vendor's reply with that code, gateway/CODE.http a reply of the gateway in front\n" +
			"of it as curl -i prints it. All are about 测试 with the number 11010120990101005X, who is nobody.\n\n" +
			"A provider that makes its own calls is asked against a server on a loopback address; it must have the setting base_url,\n" +
			"and its secret settings hold no real secret.\n\n" +
			"Exit codes: 0 every sentence is kept; 1 one is broken, or the program is no sound plugin; 64 wrong usage.",
		DisableFlagsInUseLine: true,
		Args:                  targetArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.args = args[1:]
			return t.certify(cmd.Context(), args[0], f)
		},
	}
	cmd.Flags().StringVar(&f.fixtures, "fixtures", "", "the folder of the fixtures (default testdata beside the program; a built-in vendor has its own)")
	cmd.Flags().StringToStringVar(&f.settings, "setting", nil, "a setting as name=value; may be given many times (default those of the descriptor)")
	cmd.Flags().StringVar(&f.check, "check", "", "the question that the fixtures answer (default the first of the descriptor)")
	cmd.Flags().StringSliceVar(&f.notEchoed, "not-echoed", nil, "claims of which the vendor's answers show nothing, as mobile")
	startFlags(cmd, &f.starting)
	jsonFlag(cmd, &f.asJSON)
	return cmd
}

// certify runs the contract and prints what came of it.
func (t *tool) certify(ctx context.Context, word string, f checkFlags) error {
	v, err := vendorOf(ctx, word, f.starting)
	defer v.close(context.WithoutCancel(ctx))
	if err != nil {
		return t.notOpened(v, err)
	}
	a, err := f.adapter(ctx, v)
	if err != nil {
		return t.notOpened(v, err)
	}
	if !f.asJSON {
		t.printVendor(v, len(a.Fixtures))
	}
	tried, broken, err := certify.Run(ctx, a, func(s certify.Result) {
		if f.asJSON {
			t.out.JSON(s)
			return
		}
		t.printSentence(s)
	})
	switch {
	case ctx.Err() != nil:
		return internal(err)
	case err != nil:
		return setUp("%v", err)
	}
	if f.asJSON {
		t.out.JSON(v.certificate(len(a.Fixtures), tried, broken))
	} else {
		t.printCount(tried, broken)
	}
	if broken == 0 {
		return nil
	}
	if v.log != nil {
		t.tellLog(v.log)
	}
	return silent(exitFound)
}

func (t *tool) printVendor(v *vendor, fixtures int) {
	t.out.Linef("%s %s: %s\n", v.card.Name, v.card.Version, v.card.Title)
	t.field("checks", "核验项", join(v.card.Checks))
	t.field("recipient", "接收方", v.card.Recipient)
	t.field("codes", "代码", fmt.Sprint(len(v.card.Codes)))
	t.field("fixtures", "样例", fmt.Sprint(fixtures))
	if v.plugin != nil {
		t.field("protocol", "协议", protocol)
		t.field("ready in", "启动用时", fmt.Sprintf("%d ms", v.ready.Milliseconds()))
		t.field("sha256", "sha256", v.plugin.State().SHA256)
	}
	t.out.Linef("")
}

func (t *tool) printSentence(s certify.Result) {
	if s.Kept {
		t.out.Linef("✓ %-20s %s", s.Rule, s.Says)
		return
	}
	t.out.Linef("✗ %-20s %s\n  %-20s %s", s.Rule, s.Says, "", s.Saw)
}

func (t *tool) printCount(tried, broken int) {
	if broken == 0 {
		t.out.Linef(words.Text{EN: "\nAll %d sentences are kept.", ZH: "\n%d 条约定全部满足。"}.In(t.lang), tried)
		return
	}
	t.out.Linef(words.Text{EN: "\n%d of %d sentences are broken.", ZH: "\n共 %[2]d 条约定，%[1]d 条不满足。"}.In(t.lang), broken, tried)
}

// certificate is the last line of the JSON.
type certificate struct {
	Name     string      `json:"name"`
	Version  string      `json:"version"`
	Checks   []idv.Check `json:"checks"`
	Receiver string      `json:"recipient"`
	Protocol string      `json:"protocol,omitempty"`
	SHA256   string      `json:"sha256,omitempty"`
	ReadyMS  int64       `json:"ready_ms,omitempty"`
	Codes    int         `json:"codes"`
	Fixtures int         `json:"fixtures"`
	Tried    int         `json:"tried"`
	Broken   int         `json:"broken"`
}

func (v *vendor) certificate(fixtures, tried, broken int) certificate {
	c := certificate{
		Name: v.card.Name, Version: v.card.Version, Checks: v.card.Checks, Receiver: v.card.Recipient,
		Codes: len(v.card.Codes), Fixtures: fixtures, Tried: tried, Broken: broken,
	}
	if v.plugin != nil {
		c.Protocol, c.SHA256, c.ReadyMS = protocol, v.plugin.State().SHA256, v.ready.Milliseconds()
	}
	return c
}

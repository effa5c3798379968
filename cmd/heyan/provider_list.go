package main

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/catalogue"
)

func newProviderList(t *tool) *cobra.Command {
	var (
		path   string
		asJSON bool
	)
	cmd := &cobra.Command{
		Use: "list [--config FILE]", Short: "List the built-in vendors, and the configured providers with their plugins",
		Long: "With --config the plugins of the configuration are started as the daemon does, asked who they are, and ended again. No\n" +
			"vendor is called and no secret is needed. Exit codes: 0; 1 a plugin cannot be started; 64 wrong usage or configuration.",
		Args: noArgs("heyan provider show NAME shows one"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			t.listBuiltins(asJSON)
			if path == "" {
				return nil
			}
			loaded, err := t.load(path)
			if err != nil {
				return err
			}
			return t.listConfigured(cmd.Context(), loaded.Config, asJSON)
		},
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (t *tool) listBuiltins(asJSON bool) {
	rows := [][]string{t.heads("name 名称", "checks 核验项", "fidelity 精度", "recipient 接收方", "version 版本")}
	for _, b := range catalogue.New().Factories() {
		d := b.Descriptor
		if asJSON {
			t.out.JSON(cardOf(d, false))
		}
		rows = append(rows, []string{d.Name, join(d.Checks), d.Fidelity.String(), d.Recipient, d.Version})
	}
	if !asJSON {
		t.out.Table(rows)
	}
}

// configured is a provider of the configuration as JSON: the card of its adapter, the
// name it has here, and how its plugin is.
type configured struct {
	Configured string `json:"configured"`
	card
	Plugin *pluginView `json:"plugin,omitempty"`
}

type pluginView struct {
	Path   string         `json:"path"`
	Phase  plugins.Phase  `json:"phase"`
	Reason plugins.Reason `json:"reason,omitempty"`
	Text   string         `json:"text,omitempty"`
	Remedy string         `json:"remedy,omitempty"`
	SHA256 string         `json:"sha256,omitempty"`
}

// listConfigured starts the plugins side by side and shows who is there. One that
// cannot be started is a line like the others: it is what this list is looked at for.
func (t *tool) listConfigured(ctx context.Context, c config.Config, asJSON bool) error {
	list, errs := make([]configured, len(c.Providers)), make([]error, len(c.Providers))
	var group sync.WaitGroup
	for i, p := range c.Providers {
		group.Go(func() { list[i], errs[i] = lookAt(ctx, p) })
	}
	group.Wait()
	rows := [][]string{t.heads("configured 配置名", "use 适配器", "version 版本", "checks 核验项", "recipient 接收方", "plugin 插件", "state 状态")}
	for _, one := range list {
		if asJSON {
			t.out.JSON(one)
		}
		row := []string{one.Configured, one.Name, one.Version, join(one.Checks), one.Recipient, "", ""}
		if p := one.Plugin; p != nil {
			row[5], row[6] = p.Path, string(p.Phase)
			if p.Reason != plugins.ReasonNone {
				row[6] += " (" + string(p.Reason) + ")"
			}
		}
		rows = append(rows, row)
	}
	if !asJSON {
		t.section(rows)
	}
	if err := errors.Join(errs...); err != nil {
		return &ending{code: exitFound, err: errors.New(faultLines(err))}
	}
	return nil
}

// lookAt finds out what a provider is.
func lookAt(ctx context.Context, p config.Provider) (configured, error) {
	one := configured{Configured: p.Name}
	if p.Plugin.Path != "" {
		one.Plugin = &pluginView{Path: p.Plugin.Path}
	}
	d, state, err := assemble.Describe(ctx, p)
	if err != nil {
		return failed(one, err), err
	}
	if one.Plugin != nil {
		one.Plugin.Phase, one.Plugin.SHA256 = state.Phase, state.SHA256
	}
	one.card = cardOf(d, false)
	one.Recipient = cmp.Or(p.Recipient, d.Recipient)
	return one, nil
}

func failed(one configured, err error) configured {
	one.card = cardOf(idv.Descriptor{}, false)
	one.Plugin.Phase = plugins.Failed
	var e *plugins.Error
	if errors.As(err, &e) {
		one.Plugin.Reason, one.Plugin.Text, one.Plugin.Remedy = e.Reason, e.Reason.What(), e.Reason.Remedy()
	}
	return one
}

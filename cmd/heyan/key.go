package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/audit"
)

func newKey(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "key", Short: "Create, list and revoke the API keys of callers",
		Long: "Works on the keys in the configured store, also before the first start of the daemon and while it runs. The daemon accepts\n" +
			"a new key at once, and no revoked one after a second.",
	})
	cmd.AddCommand(newKeyCreate(c), newKeyList(c), newKeyRevoke(c))
	return cmd
}

// withKeys opens the keys of the configured store for one command.
func (c *cli) withKeys(cmd *cobra.Command, path string, want storeAccess, do func(context.Context, auth.Issuer) error) (err error) {
	loaded, err := c.load(path)
	if err != nil {
		return err
	}
	if checkStore(loaded.Config.Store, want) != nil {
		return configError("--config: store: no keys there: the memory store ends with its process, and the path of a sqlite file is relative to " +
			"the folder in which the daemon is started; start heyan in that folder, or use sqlite or postgres")
	}
	ctx := cmd.Context()
	ring, s, err := assemble.OpenKeyring(ctx, c.attached(loaded.Config))
	if err != nil {
		return c.storeError("--config: ", err)
	}
	defer func() { err = c.unavailable(internalError(errors.Join(err, s.Close()))) }()
	return do(ctx, auth.Issuer{Store: s, Keyring: ring})
}

// keyFlags are the flags of `heyan key create`.
type keyFlags struct {
	config, expires string
	scopes          []string
	networks        []string
	key             access.Key
	json            bool
}

func newKeyCreate(c *cli) *cobra.Command {
	var f keyFlags
	cmd := &cobra.Command{
		Use: "create --config FILE --name NAME --scope SCOPE,…", Short: "Create an API key and print it, once",
		Long: "Prints the key on stdout; only its keyed hash is stored, so it cannot be shown again. Callers send it as\n" +
			"Authorization: Bearer KEY. To replace a key without a failed request, create a second one with the same name, give it to\n" +
			"the caller, and revoke the first one.\n\n" +
			"Scopes: verify makes verifications, read reads them, consent covers consents and the requests of persons, ledger packages\n" +
			"and entries, admin providers and keys. None includes another.",
		Args: noArgs("use --name and --scope"),
	}
	flags := cmd.Flags()
	configFlag(cmd, &f.config)
	flags.StringVar(&f.key.Name, "name", "", "what uses the key; at most two live keys of a tenant have one name")
	flags.StringSliceVar(&f.scopes, "scope", nil, "the scopes: verify, read, consent, ledger, admin; may be repeated")
	flags.StringVar((*string)(&f.key.Tenant), "tenant", string(api.DefaultTenant), "the tenant of all that is done with the key")
	flags.StringSliceVar(&f.key.Apps, "app", nil, "an app that requests may name; may be repeated (default any)")
	flags.StringSliceVar(&f.networks, "ip", nil, "an IP address or network of the caller, such as 10.0.0.0/8; may be repeated (default any)")
	flags.StringVar(&f.expires, "expires", "", "the last day of validity, or the time of expiry (default never)")
	jsonFlag(cmd, &f.json)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.createKey(cmd, f) }
	return cmd
}

func (c *cli) createKey(cmd *cobra.Command, f keyFlags) (err error) {
	if err := required("--name", f.key.Name, "name what uses the key"); err != nil {
		return err
	}
	if len(f.scopes) == 0 {
		return usageError("--scope: is missing; choose some of verify, read, consent, ledger, admin")
	}
	for _, s := range f.scopes {
		f.key.Scopes = append(f.key.Scopes, access.Scope(strings.TrimSpace(s)))
	}
	if f.key.Networks, err = api.Networks(f.networks); err != nil {
		return usageError("--ip: %w", err)
	}
	if f.key.Expires, err = dayEnd("--expires", f.expires); err != nil {
		return err
	}
	c.tenant = f.key.Tenant // which must be one of the configuration
	return c.withKeys(cmd, f.config, mayCreate, func(ctx context.Context, keys auth.Issuer) error {
		made, secret, err := keys.Issue(asOperator(ctx, keys, f.key.Tenant, audit.KeyCreate, ""), f.key)
		if err != nil {
			return keyRefused(err)
		}
		c.printKey(&made, secret, f.json)
		return nil
	})
}

// printKey prints the key in clear, on stdout alone.
func (c *cli) printKey(made *access.Key, secret idv.Sensitive, asJSON bool) {
	if asJSON {
		view := api.KeyOf(made, time.Now())
		view.Key = api.RevealKey(secret)
		c.out.JSON(view)
		return
	}
	c.out.Linef("%s", api.RevealKey(secret))
	c.notef(idv.Text{
		EN: "The key on stdout is shown once. Its id is %s; `heyan key revoke %s` ends it.",
		ZH: "密钥仅在标准输出显示一次。密钥编号 %s；执行 heyan key revoke %s 可吊销。",
	}.In(c.lang), made.ID, made.ID)
}

// keyRefused explains why a key was not created or revoked.
func keyRefused(err error) error {
	var fault *access.FieldError
	switch {
	case errors.As(err, &fault):
		flag := map[string]string{"name": "--name", "tenant": "--tenant", "apps": "--app", "scopes": "--scope", "networks": "--ip", "expires_at": "--expires"}[fault.Field]
		return usageError("%s: %s", flag, fault.Message)
	case errors.Is(err, access.ErrTooMany):
		return usageError("--name: %w", access.ErrTooMany)
	case errors.Is(err, access.ErrNotFound):
		return usageError("no such key; `heyan key list` lists the ids")
	}
	return internalError(err)
}

func newKeyList(c *cli) *cobra.Command {
	var path, tenant string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list --config FILE", Short: "List the API keys, without the keys themselves",
		Args: noArgs("use --tenant to choose"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&tenant, "tenant", "", "the keys of this tenant (default all)")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.withKeys(cmd, path, mustExist, func(ctx context.Context, keys auth.Issuer) error {
			var all []access.Key
			for page := (ledger.Page{}); ; {
				list, next, err := keys.Store.APIKeys(ctx, idv.Tenant(tenant), page)
				if err != nil {
					return internalError(err)
				}
				all = append(all, list...)
				if page.After = next; next == "" {
					break
				}
			}
			c.printKeys(all, asJSON)
			return nil
		})
	}
	return cmd
}

func (c *cli) printKeys(list []access.Key, asJSON bool) {
	rows := [][]string{c.headers("id 编号", "name 名称", "tenant 租户", "scopes 权限", "apps 应用", "networks 来源", "state 状态", "expires 到期", "last_used 最近使用")}
	for i := range list {
		view := api.KeyOf(&list[i], time.Now())
		if asJSON {
			c.out.JSON(view)
			continue
		}
		scopes := make([]string, len(view.Scopes))
		for i, s := range view.Scopes {
			scopes[i] = string(s)
		}
		rows = append(rows, []string{
			view.ID, view.Name, string(view.Tenant), strings.Join(scopes, ","), strings.Join(view.Apps, ","), strings.Join(view.Networks, ","),
			c.keyState(view.State), shortTime(view.ExpiresAt), shortTime(view.LastUsed),
		})
	}
	if !asJSON {
		c.out.Table(rows)
	}
}

func (c *cli) keyState(state string) string {
	return idv.Text{EN: state, ZH: map[string]string{"live": "有效", "expired": "已过期", "revoked": "已吊销"}[state]}.In(c.lang)
}

// shortTime returns a time in UTC+8 to the minute, "" for the zero time.
func shortTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ledger.VendorTime(t).Format("2006-01-02 15:04")
}

// asOperator returns a context under which a change of keys is recorded, for the tenant to
// read as well.
func asOperator(ctx context.Context, keys auth.Issuer, tenant idv.Tenant, k audit.Kind, target string) context.Context {
	return audit.With(ctx, keys.Keyring, audit.Act{Tenant: tenant, Principal: principal(), Kind: k, Target: target})
}

func revokeKey(ctx context.Context, keys auth.Issuer, id string) (access.Key, error) {
	k, err := keys.Store.APIKey(ctx, id)
	if err != nil {
		return k, err
	}
	return keys.Store.RevokeAPIKey(asOperator(ctx, keys, k.Tenant, audit.KeyRevoke, id), "", id)
}

func newKeyRevoke(c *cli) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "revoke ID --config FILE", Short: "Revoke an API key",
		Long: "No node accepts the key after a second. A revocation cannot be undone; a second one has no effect.",
		Args: exactly(1, "the id of a key, as `heyan key list` prints it"),
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withKeys(cmd, path, mustExist, func(ctx context.Context, keys auth.Issuer) error {
			revoked, err := revokeKey(ctx, keys, args[0])
			if err != nil {
				return keyRefused(err)
			}
			if asJSON {
				c.out.JSON(api.KeyOf(&revoked, time.Now()))
				return nil
			}
			c.out.Linef(idv.Text{EN: "Key %s (%s) is revoked.", ZH: "密钥 %s（%s）已吊销。"}.In(c.lang), revoked.ID, revoked.Name)
			return nil
		})
	}
	return cmd
}

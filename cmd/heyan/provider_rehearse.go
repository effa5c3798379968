package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/trial"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/providertest"
)

// rehearsalView is the JSON of a trial with --dry-run.
type rehearsalView struct {
	Provider string        `json:"provider"`
	Product  string        `json:"product"`
	Sent     bool          `json:"sent"` // always false
	Request  trial.Request `json:"request"`
	Tokens   []string      `json:"token_calls,omitempty"`
	Unsigned bool          `json:"unsigned,omitempty"`
}

// rehearseTrial shows the request of a trial and sends nothing.
func (c *cli) rehearseTrial(ctx context.Context, name string, f trialFlags) error {
	if f.out != "" || f.replay != "" {
		return usageError("--dry-run: makes no call and reads no reply; omit --out and --replay")
	}
	if err := required("--input", f.input, "name a JSON file with the subject, or - for stdin"); err != nil {
		return err
	}
	loaded, err := c.load(f.config)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(loaded.Config.Providers, func(p config.Provider) bool { return p.Name == name })
	if i < 0 {
		return notConfigured()
	}
	subject, err := c.readSubject(f.input)
	if err != nil {
		return err
	}
	var query idv.Query
	r, err := assemble.Rehearse(ctx, c.attached(loaded.Config), i, func(d idv.Descriptor) (idv.Query, idv.Query, error) {
		other, err := providertest.Query(d)
		if err != nil {
			return query, other, err
		}
		person, err := identity.Normalize(subject, d.Check, time.Now())
		query = idv.Query{ID: other.ID, Check: d.Check, Document: person.Document, Subject: person.Claims}
		other.Subject = otherThan(other.Subject, query.Subject)
		return query, other, err
	})
	var known *idv.Error
	var failed *plugins.Error
	switch {
	case errors.As(err, &failed):
		return c.pluginError(nil, err)
	case errors.As(err, &known):
		return c.refused(err, f.asJSON)
	case err != nil:
		return configError("--config: providers[%d]: %w", i, err)
	}
	view := rehearsalView{Provider: name, Product: r.Descriptor.Name, Tokens: r.Tokens, Unsigned: r.Unsigned}
	view.Request = trial.Rehearsal{
		Query: query, BaseURL: r.BaseURL, Real: r.Real, OtherPerson: r.OtherPerson, OtherSecrets: r.OtherSecrets,
	}.Mask()
	if f.asJSON {
		c.out.JSON(view)
		return nil
	}
	c.printRehearsal(view)
	return nil
}

func notConfigured() error {
	return usageError("the configuration has no provider of this name; heyan provider list --config FILE lists them")
}

// otherThan returns a subject that differs from a person in each claim.
func otherThan(other, person idv.Subject) idv.Subject {
	for _, claim := range []struct {
		other  *idv.Sensitive
		person idv.Sensitive
		spare  string
	}{
		{&other.Name, person.Name, "张三"}, {&other.IDNumber, person.IDNumber, "11010519491231002X"},
		{&other.Mobile, person.Mobile, "19900000001"}, {&other.BankCard, person.BankCard, "6222021234567890128"},
	} {
		if !claim.other.IsZero() && claim.other.Equal(claim.person) {
			*claim.other = idv.NewSensitive(claim.spare)
		}
	}
	return other
}

func (c *cli) printRehearsal(view rehearsalView) {
	r := view.Request
	c.out.Linef("%s %s", r.Method, r.URL)
	rows := [][]string{c.headers("in 位置", "name 名称", "value 值", "shown 显示")}
	for _, p := range r.Parameters {
		shown := idv.Text{EN: "as it would be sent", ZH: "原值"}.In(c.lang)
		if !p.Shown {
			shown = c.text("masked") + ": " + p.Use
		}
		rows = append(rows, []string{p.In, p.Name, p.Value, shown})
	}
	c.section(rows)
	if r.Body != "" {
		c.out.Linef("")
		c.out.Linef("%s", r.Body)
	}
	c.out.Linef("")
	for _, call := range view.Tokens {
		c.out.Linef(idv.Text{
			EN: "An access token would be fetched first; TOKEN stands for it: %s", ZH: "将先获取访问令牌（此处以 TOKEN 代替）：%s",
		}.In(c.lang), call)
	}
	if view.Unsigned {
		c.say("The request is shown without it: the form of the vendor's token is not known here.", "此处显示的请求不含令牌：无法得知供应商令牌的格式。")
	}
	c.say("Nothing was sent. No ledger and no consent was opened, and policy was not asked.", "未发送任何数据。未打开账本和同意记录，也未执行策略判断。")
}

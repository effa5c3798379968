package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

// secondFlags are the flags of `heyan verification second-opinion`.
type secondFlags struct {
	config, input, check string
	consent, reason      string
	json                 bool
}

func newVerificationSecond(c *cli) *cobra.Command {
	var f secondFlags
	cmd := &cobra.Command{
		Use: "second-opinion ID --input FILE --reason TEXT --config FILE", Short: "Have another recipient verify the claims of a mismatch; the call may be billed",
		Long: "For an operator with a reason, such as a vendor whose register lags after changes of names. Claims are not stored, so --input\n" +
			"repeats those of the earlier verification. The call goes to a recipient that was not asked before, needs a consent that covers\n" +
			"it, and is recorded in the audit log. The result is a verification of its own; the earlier one stays as it is. The same order\n" +
			"returns the first result.\n\n" +
			"Exit codes: 0 match; 1 mismatch; 2 no record; 3 no verdict; 4 refused before any call.",
		Args: oneIdentifier("the id of a verification with the verdict mismatch, as heyan verification list --verdict mismatch prints it"),
	}
	flags := cmd.Flags()
	configFlag(cmd, &f.config)
	c.tenantFlag(flags)
	flags.StringVar(&f.input, "input", "", "read the subject as JSON from a file, or from stdin with -")
	flags.StringVar(&f.check, "check", idv.CheckIDName.String(), "the check of the earlier verification: "+checkList())
	flags.StringVar(&f.consent, "consent", "", "the id of the subject's consent (default that of the earlier verification)")
	flags.StringVar(&f.reason, "reason", "", "why a second recipient is asked, for the audit log; no personal data")
	jsonFlag(cmd, &f.json)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return c.orderSecond(cmd.Context(), args[0], f) }
	return cmd
}

func (c *cli) orderSecond(ctx context.Context, id string, f secondFlags) error {
	if err := required("--input", f.input, "name a file with the claims of the earlier verification, or - for stdin"); err != nil {
		return err
	}
	if err := required("--reason", f.reason, "say why a second recipient is asked after a mismatch"); err != nil {
		return err
	}
	act := audit.Act{Tenant: c.tenant, Principal: principal(), Kind: audit.SecondOpinion, Target: id, Reason: f.reason}
	if err := act.Check(); err != nil {
		if refused := reasonRefused(err); refused != nil {
			return refused
		}
		return usageError("--reason: must be legible text of at most 200 characters")
	}
	r := idv.Request{Tenant: c.tenant, ConsentID: f.consent}
	var err error
	if r.Check, err = parseCheck(f.check); err != nil {
		return err
	}
	if r.Subject, err = c.readSubject(f.input); err != nil {
		return err
	}
	app, err := c.openApp(ctx, f.config, c.lookupEnv)
	if err != nil {
		return err
	}
	defer func() { _ = app.Close(context.WithoutCancel(ctx)) }() // no call is in flight
	v, err := app.Engine.OrderSecondOpinion(audit.With(ctx, app.Keyring, act), r, engine.SecondOpinionOrder{Verification: id, Reason: f.reason})
	if errors.Is(err, store.ErrNotFound) {
		return verificationRefused(err)
	}
	return c.printResult(&v, err, f.json)
}

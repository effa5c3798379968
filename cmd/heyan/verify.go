package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
)

// tenantFlag adds --tenant to a set of flags. The default is the tenant of a daemon without
// keys, and of a key that was created without the flag, so that a consent recorded on the
// command line can be used over the API and the other way round.
func (c *cli) tenantFlag(flags *pflag.FlagSet) {
	flags.StringVar((*string)(&c.tenant), "tenant", string(api.DefaultTenant), "the tenant whose records are made or found")
	flags.Lookup("tenant").Annotations = map[string][]string{ofTenant: {}}
}

// ofTenant marks the flag of commands that work for one tenant.
const ofTenant = "heyan_of_tenant"

// ownApp is the default app of verifications and consents of the command line.
const ownApp = "heyan verify"

// verifyFlags are the flags of `heyan verify`.
type verifyFlags struct {
	name, id, mobile, card string
	document               string
	input                  string
	check                  string
	app, purpose, consent  string
	config                 string
	json, explain          bool
}

func newVerify(c *cli) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify (--input FILE | --name N --id ID) --config FILE",
		Short: "Verify identity claims with the configured vendors; calls may be billed",
		Long: "Checks the claims locally, then calls the configured vendors in the order of the route until one answers. A match\n" +
			"means that the claims agree with a register; it does not prove that the person in front of you is that person.\n\n" +
			"The values of --name, --id, --mobile and --bank-card are visible in the process list and stay in the shell's\n" +
			"history. For real people use --input with a file, or with - for stdin:\n" +
			`  {"name":"…","id_number":"…","document":"…","mobile":"…","bank_card":"…"}` + "\n\n" +
			"Exit codes: 0 match; 1 mismatch; 2 no record; 3 no verdict; 4 refused before any call.",
		Args: noArgs("use --input, or --name and --id"),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.input, "input", "", "read the subject as JSON from a file, or from stdin with -")
	flags.StringVar(&f.name, "name", "", "the name; visible in the process list, prefer --input")
	flags.StringVar(&f.id, "id", "", "the ID number; visible in the process list, prefer --input")
	flags.StringVar(&f.document, "document", "", "the type of document, for numbers that do not tell it: "+declaredList())
	flags.StringVar(&f.mobile, "mobile", "", "the mobile number, for checks that compare it; visible in the process list")
	flags.StringVar(&f.card, "bank-card", "", "the bank card number, for checks that compare it; visible in the process list")
	flags.StringVar(&f.check, "check", idv.CheckIDName.String(), "the check: "+checkList())
	c.tenantFlag(flags)
	flags.StringVar(&f.app, "app", ownApp, "the calling app, as the consent names it")
	flags.StringVar(&f.purpose, "purpose", "", "the purpose of the verification; recorded with the result")
	flags.StringVar(&f.consent, "consent", "", "the id of the subject's consent, as heyan consent record prints it; recorded with the result")
	flags.BoolVar(&f.explain, "explain", false, "print the call plan without calling a vendor")
	configFlag(cmd, &f.config)
	jsonFlag(cmd, &f.json)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.verify(cmd, f) }
	return cmd
}

func (c *cli) verify(cmd *cobra.Command, f verifyFlags) error {
	request, err := c.verifyRequest(cmd, f)
	if err != nil {
		return err
	}
	app, err := c.openApp(cmd.Context(), f.config, c.lookupEnv)
	if err != nil {
		return err
	}
	defer func() { _ = app.Close(context.WithoutCancel(cmd.Context())) }() // no call is in flight
	if f.explain {
		plan, err := app.Engine.Explain(cmd.Context(), request)
		if err != nil {
			return c.refused(err, f.json)
		}
		return c.printPlan(plan, f.json)
	}
	v, err := app.Engine.Verify(cmd.Context(), request)
	return c.printResult(&v, err, f.json)
}

// printResult prints a verification, or why there is none, and returns the exit code.
func (c *cli) printResult(v *idv.Verification, err error, asJSON bool) error {
	unconfirmed := err != nil && engine.ProblemOf(err).Class == engine.ClassUnconfirmed
	if err != nil && !unconfirmed {
		return c.refused(err, asJSON)
	}
	if asJSON {
		c.out.JSON(api.VerificationOf(v))
	} else {
		c.printVerification(*v)
	}
	if unconfirmed { // the result was paid for, so it is printed
		return &exitError{code: exitInternal, err: fmt.Errorf(idv.Text{
			EN: "the store has not confirmed this result (%s); it may be missing later",
			ZH: "存储未确认已保存本次结果（%s），之后可能查不到",
		}.In(c.lang), v.ID)}
	}
	return exitCode(verdictCode(v.Verdict))
}

// verifyRequest builds the request from the flags.
func (c *cli) verifyRequest(cmd *cobra.Command, f verifyFlags) (idv.Request, error) {
	r := idv.Request{Tenant: c.tenant, App: f.app, Purpose: f.purpose, ConsentID: f.consent}
	var err error
	if r.Check, err = parseCheck(f.check); err != nil {
		return r, err
	}
	flags := cmd.Flags()
	given := flags.Changed("name") || flags.Changed("id") || flags.Changed("document") || flags.Changed("mobile") || flags.Changed("bank-card")
	switch {
	case f.input != "" && given:
		return r, usageError("--input: cannot be combined with --name, --id, --document, --mobile or --bank-card")
	case f.input != "":
		r.Subject, err = c.readSubject(f.input)
		return r, err
	case !flags.Changed("name"):
		return r, usageError("--name is missing; use --name and --id, or --input")
	case !flags.Changed("id") && r.Check.Claims().Has(idv.ClaimIDNumber):
		return r, usageError("--id is missing; use --name and --id, or --input")
	}
	document, err := parseDocument("--document", f.document)
	if err != nil {
		return r, err
	}
	r.Subject = idv.Subject{
		Name: idv.NewSensitive(f.name), IDNumber: idv.NewSensitive(f.id), Document: document,
		Mobile: idv.NewSensitive(f.mobile), BankCard: idv.NewSensitive(f.card),
	}
	return r, nil
}

// parseCheck reads --check.
func parseCheck(word string) (idv.Check, error) {
	for _, c := range idv.Checks() {
		if c.String() == word {
			return c, nil
		}
	}
	return idv.CheckNone, usageError("--check: unknown check; the checks are %s", checkList())
}

package main

import (
	"context"
	"errors"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newVerification(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "verification", Short: "List, show and export verifications, issue their evidence, and order second opinions",
		Long: "Reads the results in the configured store, also while a daemon uses it. Persons are masked. Only second-opinion calls a vendor.",
	})
	cmd.AddCommand(newVerificationList(c), newVerificationShow(c), newVerificationExport(c), newVerificationEvidence(c), newVerificationSecond(c))
	return cmd
}

// verificationChoice holds the flags that select verifications.
type verificationChoice struct {
	from, to string
	verdicts []string
	filter   store.VerificationFilter
}

func (s *verificationChoice) add(c *cli, cmd *cobra.Command) {
	flags := cmd.Flags()
	c.tenantFlag(flags)
	flags.StringVar(&s.from, "from", "", "created from this day or time")
	flags.StringVar(&s.to, "to", "", "created to this day inclusive, or to this time exclusive")
	flags.StringSliceVar(&s.verdicts, "verdict", nil, "only this verdict: undetermined, match, mismatch, no_record, mismatch_or_no_record; may be repeated")
	flags.StringVar(&s.filter.Reason, "reason", "", "only this reason of an undetermined verdict, such as timeout")
	flags.StringVar(&s.filter.Provider, "provider", "", "only those with the answer of this provider, or without an answer that called it last")
	flags.StringSliceVar(&s.filter.Apps, "app", nil, "only this app; may be repeated")
}

func (s *verificationChoice) parse(c *cli) (f store.VerificationFilter, err error) {
	f = s.filter
	f.Tenant = c.tenant
	if f.From, err = dayStart("--from", s.from); err != nil {
		return f, err
	}
	if f.To, err = dayEnd("--to", s.to); err != nil {
		return f, err
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return f, usageError("--to: must be after --from")
	}
	for _, word := range s.verdicts {
		var v idv.Verdict
		if v.UnmarshalText([]byte(word)) != nil {
			return f, usageError("--verdict: must be undetermined, match, mismatch, no_record or mismatch_or_no_record")
		}
		f.Verdicts = append(f.Verdicts, v)
	}
	return f, nil
}

// eachVerification calls each for every selected verification, up to most, or for all if most
// is 0.
func (b *ledgerStore) eachVerification(ctx context.Context, f store.VerificationFilter, most int, each func(*idv.Verification) error) error {
	return eachPage(most, func(p ledger.Page) ([]idv.Verification, string, error) { return b.FindVerifications(ctx, f, p) }, each)
}

func newVerificationList(c *cli) *cobra.Command {
	var path string
	var s verificationChoice
	var asJSON bool
	var limit int
	cmd := &cobra.Command{
		Use: "list --config FILE", Short: "List verifications, newest first",
		Args: noArgs("use the flags to choose"),
	}
	configFlag(cmd, &path)
	s.add(c, cmd)
	cmd.Flags().IntVar(&limit, "limit", 100, "the maximum number; 0 means all")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f, err := s.parse(c)
		if err != nil {
			return err
		}
		if limit < 0 {
			return usageError("--limit: must be 0 (all) or more")
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			out := c.listing(outputFormat{json: asJSON}, "created_at 时间", "id 编号", "outcome 结论", "reason 原因", "check 核验项", "provider 供应商", "app 应用", "cost 费用")
			err := b.eachVerification(ctx, f, limit, func(v *idv.Verification) error {
				known, possible := v.Cost()
				return out.line(api.VerificationOf(v), csvfile.Time(v.CreatedAt), csvfile.Text(v.ID), csvfile.Text(v.Verdict.String()), csvfile.Text(v.Reason),
					csvfile.Text(v.Check.String()), csvfile.Text(store.FilterProvider(v)), csvfile.Text(v.App), csvfile.Text(costRange(known, possible)))
			})
			if err != nil {
				return err
			}
			return out.end(idv.Text{EN: "no matching verifications", ZH: "没有符合条件的核验记录"}.In(c.lang))
		})
	}
	return cmd
}

func newVerificationShow(c *cli) *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show ID --config FILE", Short: "Show a verification",
		Args: oneIdentifier("the id of one verification, as heyan verification list prints it"),
	}
	configFlag(cmd, &path)
	c.tenantFlag(cmd.Flags())
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			v, err := b.Verification(ctx, c.tenant, args[0])
			if err != nil {
				return verificationRefused(err)
			}
			if asJSON {
				c.out.JSON(api.VerificationOf(&v))
				return nil
			}
			c.printVerification(v)
			return nil
		})
	}
	return cmd
}

func verificationRefused(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return usageError("no such verification of this tenant; heyan verification list lists the ids")
	}
	return internalError(err)
}

func newVerificationExport(c *cli) *cobra.Command {
	var path, format, out string
	var mark bool
	var s verificationChoice
	cmd := &cobra.Command{
		Use: "export --config FILE --format csv|json", Short: "Export verifications, newest first",
		Long: "Writes all that the flags select, with little memory. In CSV, text that a spreadsheet would read as a formula gets an\n" +
			"apostrophe; times are UTC+8.",
		Args: noArgs("use --out for a file"),
	}
	configFlag(cmd, &path)
	s.add(c, cmd)
	cmd.Flags().StringVar(&format, "format", "csv", "csv, or json with one object per line")
	cmd.Flags().StringVar(&out, "out", "", "write to this file, atomically (default stdout)")
	cmd.Flags().BoolVar(&mark, "bom", false, "start the CSV with a byte order mark, so that Excel shows Chinese")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f, err := s.parse(c)
		if err != nil {
			return err
		}
		if format != "csv" && format != "json" {
			return usageError("--format: must be csv or json")
		}
		if mark && format != "csv" {
			return usageError("--bom: not valid for JSON; omit it, or use --format csv")
		}
		return c.withLedger(cmd, path, mustExist, func(ctx context.Context, b *ledgerStore) error {
			return c.writeOutput(out, func(w io.Writer) error {
				l := listingTo(terminal.NewPrinter(w), outputFormat{json: format == "json", csv: format == "csv"}, mark)
				l.begin(api.VerificationColumns())
				if err := b.eachVerification(ctx, f, 0, func(v *idv.Verification) error {
					return l.line(api.VerificationOf(v), api.VerificationCells(v)...)
				}); err != nil {
					return err
				}
				return l.end("")
			})
		})
	}
	return cmd
}

func newVerificationEvidence(c *cli) *cobra.Command {
	var path, out string
	cmd := &cobra.Command{
		Use: "evidence ID --config FILE [--out FILE]", Short: "Issue the signed evidence of a verification",
		Long: "Writes the result with its attempts, vendor references and rules, and the receipt of its consent, as signed JSON. It names no\n" +
			"person. heyan verify-evidence checks it offline.",
		DisableFlagsInUseLine: true,
		Args:                  oneIdentifier("the id of one verification, as heyan verification list prints it"),
	}
	configFlag(cmd, &path)
	c.tenantFlag(cmd.Flags())
	cmd.Flags().StringVar(&out, "out", "", "write to this file, atomically (default stdout)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withConsents(cmd, path, mustExist, func(ctx context.Context, svc *consents.Service) error {
			v, err := svc.Store.Verification(ctx, c.tenant, args[0])
			if err != nil {
				return verificationRefused(err)
			}
			result, err := json.Marshal(api.VerificationOf(&v))
			if err != nil {
				return internalError(err)
			}
			document, err := svc.Evidence(ctx, &v, result, version)
			if err != nil {
				return internalError(err)
			}
			return c.writeOutput(out, writeSigned(document))
		})
	}
	return cmd
}

func newVerifyEvidence(c *cli) *cobra.Command {
	var keyTexts []string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "verify-evidence FILE --key KEYS", Short: "Check the signed evidence of a verification offline",
		Long: "Reads the evidence from a file, or with - from stdin. --key is a public key, or a file with one, with the response of\n" +
			"GET /v1/receipt-keys or with a JWK Set. Get it from a source that you trust, never from whoever gave you the evidence.\n\n" +
			"Exit codes: 0 one of the keys signed exactly this document, and the consent receipt in it; 1 invalid.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "one file with evidence, or - for stdin"),
	}
	cmd.Flags().StringArrayVar(&keyTexts, "key", nil, "a public key: 64 hexadecimal digits, base64, or a file with keys; may be repeated")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		text, keys, err := c.signedBy(args[0], keyTexts)
		if err != nil {
			return err
		}
		view, err := evidenceView(receipt.VerifyEvidence(text, keys...))
		return c.printSignature(view, err, asJSON)
	}
	return cmd
}

func evidenceView(doc receipt.Signed[receipt.Evidence], err error) (signatureView, error) {
	if err != nil {
		return signatureView{}, err
	}
	e := doc.Body
	var result struct {
		Consent string `json:"consent_id"`
		Verdict string `json:"verdict"`
	}
	if err := json.Unmarshal(e.Verification, &result); err != nil {
		return signatureView{}, receipt.ErrForm
	}
	return signatureView{
		Valid: true, Document: "evidence", ID: e.ID, Consent: result.Consent, State: result.Verdict, At: &e.IssuedAt, KeyID: doc.Signature.KeyID, Receipt: e.Receipt != nil,
	}, nil
}

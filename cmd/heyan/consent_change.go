package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/policy/consent"
)

// oneConsent makes a command about one consent, which its argument names.
func (t *tool) oneConsent(cmd *cobra.Command, do func(ctx context.Context, c *office, id string, asJSON bool) error) *cobra.Command {
	var path string
	var asJSON bool
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.DisableFlagsInUseLine = true
	cmd.Args = exactly(1, "the id of a consent, as heyan consent record and heyan consent list print it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return t.withDesk(cmd, path, look, func(ctx context.Context, c *office) error { return do(ctx, c, args[0], asJSON) })
	}
	return cmd
}

func newConsentPresent(t *tool) *cobra.Command {
	var proof consent.Proof
	cmd := t.oneConsent(&cobra.Command{
		Use: "present ID --config FILE", Short: "Show a person the text that was drafted, and record that it was shown",
	}, func(ctx context.Context, c *office, id string, asJSON bool) error {
		if err := knownChannel(proof.Channel); err != nil {
			return err
		}
		text, err := c.Text(ctx, tenant, id)
		if err != nil {
			return t.refuseDesk(err, asJSON)
		}
		record, err := c.Change(ctx, tenant, id, consent.Event{Kind: consent.Present, Proof: proof})
		if err != nil {
			return t.refuseDesk(err, asJSON)
		}
		t.showText(record, text.Body, asJSON)
		t.nextStep(record)
		return nil
	})
	channelFlags(cmd, &proof.Channel, &proof.Presenter)
	return cmd
}

func newConsentGive(t *tool) *cobra.Command {
	var action, hash string
	cmd := t.oneConsent(&cobra.Command{
		Use: "give ID --action A --config FILE", Short: "Record that a person agreed to the text that was shown",
		Long: "A newer consent of the same person, app and purpose ends the older one. An agreement within the moment that the\n" +
			"configuration's policy.consent.min_review says does not count: nobody has read the text by then.\n\n" +
			"Exit codes: 0 done; 4 refused, and why.",
	}, func(ctx context.Context, c *office, id string, asJSON bool) error {
		if !slices.Contains(consent.Actions(), consent.Action(action)) {
			return usage("--action: say what the person did to agree: checkbox, typed_name, signature or spoken")
		}
		event := consent.Event{Kind: consent.Give, Text: hash, Proof: consent.Proof{Action: consent.Action(action)}}
		if hash == "" {
			record, err := c.Consent(ctx, tenant, id)
			if err != nil {
				return t.refuseDesk(err, asJSON)
			}
			event.Text = record.Notice.Text
		}
		return t.change(ctx, c, id, event, asJSON)
	})
	cmd.Flags().StringVar(&action, "action", "", "what the person did: checkbox, typed_name, signature or spoken")
	cmd.Flags().StringVar(&hash, "text-hash", "", "the text_hash of the text that the person saw; the record's if it is left out")
	return cmd
}

func newConsentRefuse(t *tool) *cobra.Command {
	return t.oneConsent(&cobra.Command{
		Use: "refuse ID --config FILE", Short: "Record that a person did not agree; the person is not asked again for a while",
	}, t.only(consent.Refuse))
}

func newConsentWithdraw(t *tool) *cobra.Command {
	return t.oneConsent(&cobra.Command{
		Use: "withdraw ID --config FILE", Short: "Take a consent back for a person; no call follows",
		Long: "From now on no call rests on it, also none of a verification that is running. What was done before stays lawful. To\n" +
			"withdraw twice is no fault.",
	}, t.only(consent.Withdraw))
}

// only is a change that needs nothing but its kind.
func (t *tool) only(k consent.Kind) func(context.Context, *office, string, bool) error {
	return func(ctx context.Context, c *office, id string, asJSON bool) error {
		return t.change(ctx, c, id, consent.Event{Kind: k}, asJSON)
	}
}

// change tells the desk what happened and prints where the consent stands.
func (t *tool) change(ctx context.Context, c *office, id string, e consent.Event, asJSON bool) error {
	record, err := c.Change(ctx, tenant, id, e)
	switch {
	case err != nil:
		return t.refuseDesk(err, asJSON)
	case asJSON:
		t.out.JSON(api.ConsentOf(&record, time.Now()))
	case record.State == consent.Given:
		t.out.Linef(words.Text{
			EN: "%s: given; it covers %d verifications until %s (UTC+8)", ZH: "%s：已同意（given），可用于 %d 次核验，有效至 %s（UTC+8）",
		}.In(t.lang), record.ID, record.MaxUses, csvfile.Time(record.Until()).Plain())
	default:
		t.out.Linef(words.Text{EN: "%s: %s", ZH: "%s：%s"}.In(t.lang), record.ID, stateText(record.State).In(t.lang))
	}
	return nil
}

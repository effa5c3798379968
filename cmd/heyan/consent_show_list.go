package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/sheet"
	"github.com/heyan-id/heyan/policy/consent"
)

// consentView is a consent as JSON, in the words of the API. It holds no name and no
// number but in Text, which is there only if the person's text was asked for.
type consentView struct {
	ID          string          `json:"id"`
	State       consent.State   `json:"state"`
	App         string          `json:"app,omitzero"`
	Purpose     string          `json:"purpose"`
	Items       []string        `json:"items"`
	Recipients  []consent.Party `json:"recipients"`
	Controller  consent.Party   `json:"controller"`
	Guardian    string          `json:"guardian_relation,omitzero"`
	OfAge       bool            `json:"of_age,omitzero"`
	Uses        int             `json:"uses"` // verifications that it covers
	Used        int             `json:"used"`
	Notice      consent.Notice  `json:"notice"`
	Hash        string          `json:"text_hash"` // what an agreement has to name
	Proof       consent.Proof   `json:"proof"`
	DraftedAt   time.Time       `json:"drafted_at"`
	PresentedAt time.Time       `json:"presented_at,omitzero"`
	DecidedAt   time.Time       `json:"decided_at,omitzero"`
	ValidUntil  time.Time       `json:"valid_until,omitzero"`
	EndedAt     time.Time       `json:"ended_at,omitzero"`
	Erased      string          `json:"erased,omitzero"` // the erasure that took the person out
	Text        string          `json:"text,omitzero"`
}

func viewConsent(r *consent.Record, now time.Time) consentView {
	v := consentView{
		ID: r.ID, State: stateAt(r, now), App: r.App, Purpose: r.Purpose, Items: []string{}, Recipients: append([]consent.Party{}, r.Recipients...),
		Controller: r.Controller, Guardian: r.Guardian.Relation, OfAge: r.OfAge, Uses: r.MaxUses, Used: r.Used,
		Notice: r.Notice, Hash: r.Notice.Text, Proof: r.Proof,
		DraftedAt: r.DraftedAt, PresentedAt: r.PresentedAt, DecidedAt: r.DecidedAt, EndedAt: r.EndedAt, Erased: r.Erasure,
	}
	for _, c := range r.Items {
		v.Items = append(v.Items, c.String())
	}
	if r.State == consent.Given || r.State == consent.Expired && !r.DecidedAt.IsZero() {
		v.ValidUntil = r.Until()
	}
	return v
}

func newConsentList(t *tool) *cobra.Command {
	var path, input string
	var f form
	cmd := &cobra.Command{
		Use: "list --config FILE --input FILE", Short: "Print the consents of a person, oldest first",
		Long: `The person comes from a file, or with - from stdin, as {"id_number":"…"}. Times are UTC+8.`,
		Args: noArgs("--input gives the person"),
	}
	configFlag(cmd, &path)
	inputFlag(cmd, &input)
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		return t.withPerson(cmd, path, input, func(ctx context.Context, c *office, number idv.Sensitive) error {
			found, err := c.Find(ctx, tenant, number)
			if err != nil {
				return t.refuseDesk(err, f.json)
			}
			return t.listConsents(found.Consents, f)
		})
	}
	return cmd
}

// listConsents prints a line for each consent.
func (t *tool) listConsents(list []consent.Record, f form) error {
	out := t.listing(f, "consent 同意编号", "state 状态", "purpose 目的", "app 应用", "uses 次数", "drafted 生成", "decided 决定", "valid_until 有效至", "ended 终止")
	now := time.Now()
	for i := range list {
		v := viewConsent(&list[i], now)
		err := out.line(v, sheet.Text(v.ID), sheet.Text(v.State), sheet.Text(v.Purpose), sheet.Text(v.App), sheet.Text(usesText(&list[i])),
			sheet.Time(v.DraftedAt), sheet.Time(v.DecidedAt), sheet.Time(v.ValidUntil), sheet.Time(v.EndedAt))
		if err != nil {
			return err
		}
	}
	return out.end(words.Text{EN: "no consent of this person is kept", ZH: "未保存此人的同意记录"}.In(t.lang))
}

// usesText says how much of a consent is used up.
func usesText(r *consent.Record) string { return fmt.Sprintf("%d/%d", r.Used, r.MaxUses) }

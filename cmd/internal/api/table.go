package api

import (
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/csvfile"
	"github.com/heyan-id/heyan/engine/store"
)

// VerificationColumns names the columns of a verification in CSV. New ones are added at the
// end.
func VerificationColumns() []string {
	return []string{
		"id", "created_at", "verdict", "reason", "check", "document", "provider", "vendor_code", "vendor_ref", "attempts", "app", "purpose", "consent_id",
		"basis", "cost", "cost_maximum", "currency", "name", "id_number", "mobile", "bank_card", "rules", "review", "trace_id",
	}
}

// VerificationCells returns the cells of a verification in the order of the columns. Code and
// reference are those of its last call; the person is masked.
func VerificationCells(v *idv.Verification) []csvfile.Cell {
	known, maximum := v.Cost()
	var last idv.Attempt
	if n := len(v.Attempts); n > 0 {
		last = v.Attempts[n-1]
	}
	review := ""
	if v.Review {
		review = "true"
	}
	return []csvfile.Cell{
		csvfile.Text(v.ID), csvfile.Time(v.CreatedAt), csvfile.Text(v.Verdict.String()), csvfile.Text(v.Reason), csvfile.Text(v.Check.String()),
		csvfile.Text(v.Document), csvfile.Text(store.FilterProvider(v)), csvfile.Text(last.VendorCode), csvfile.Text(last.VendorRef),
		csvfile.Int(int64(len(v.Attempts))), csvfile.Text(v.App), csvfile.Text(v.Purpose), csvfile.Text(v.ConsentID), csvfile.Text(v.Basis),
		csvfile.Amount(known), csvfile.Amount(maximum), csvfile.Text(maximum.Currency), csvfile.Text(v.Subject.Name), csvfile.Text(v.Subject.IDNumber),
		csvfile.Text(v.Subject.Mobile), csvfile.Text(v.Subject.BankCard), csvfile.Text(strings.Join(v.Rules, " ")), csvfile.Text(review), csvfile.Text(v.TraceID),
	}
}

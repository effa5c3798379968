package ledger

import "github.com/heyan-id/heyan/engine/idv"

// checkIntent returns an *idv.TextError for a text of an intent that cannot be kept. Its
// consent is only looked up.
func checkIntent(i *idv.Intent) error {
	return idv.CheckTexts(
		idv.KeptText{Field: "attempt", Text: i.Attempt}, idv.KeptText{Field: "verification", Text: i.Verification},
		idv.KeptText{Field: "provider", Text: i.Provider}, idv.KeptText{Field: "tenant", Text: string(i.Tenant)},
		idv.KeptText{Field: "app", Text: i.App}, idv.KeptText{Field: "purpose", Text: i.Purpose},
		idv.KeptText{Field: "basis", Text: string(i.Basis)}, idv.KeptText{Field: "currency", Text: i.Price.Currency},
	)
}

// checkReason returns an *idv.TextError for a reason that cannot be kept.
func checkReason(why string) error {
	return idv.CheckTexts(idv.KeptText{Field: "reason", Text: why, Most: idv.MaxNote})
}

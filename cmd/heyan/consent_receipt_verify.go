package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newReceiptVerify(t *tool) *cobra.Command {
	var keyTexts []string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "verify FILE --key PUBLIC", Short: "Check the signature of a receipt, or of the proof of an erasure",
		Long: "Reads the document from a file, or from stdin for -, and asks nobody. Exits 0 if one of the keys signed it exactly as it\n" +
			"is, and 1 if not. Take the key from whom you trust, never from whoever handed you the document.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "the file of a receipt, or - for stdin"),
	}
	keysFlag(cmd, &keyTexts)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if len(keyTexts) == 0 {
			return usage("--key is missing: give the public key of whoever is said to have signed")
		}
		keys, err := parseKeys(keyTexts)
		if err != nil {
			return err
		}
		text, err := t.readSigned(args[0])
		if err != nil {
			return err
		}
		paper, err := examine(receipt.Verify(text, keys...))
		if errors.Is(err, receipt.ErrOther) {
			paper, err = examineErasure(receipt.VerifyErasure(text, keys...))
		}
		return t.tellPaper(paper, err, asJSON)
	}
	return cmd
}

// paper is the JSON of what was checked.
type paper struct {
	Valid    bool       `json:"valid"`
	Reason   string     `json:"reason,omitzero"`   // why it is not valid
	Document string     `json:"document,omitzero"` // receipt or erasure
	ID       string     `json:"id,omitzero"`
	Consent  string     `json:"consent_id,omitzero"`
	State    string     `json:"state,omitzero"` // of the consent, when the receipt was made
	At       *time.Time `json:"at,omitzero"`    // when it was made, or the person erased
	KeyID    string     `json:"kid,omitzero"`
}

func examine(doc receipt.Signed[receipt.Receipt], err error) (paper, error) {
	if err != nil {
		return paper{}, err
	}
	r := doc.Body
	return paper{
		Valid: true, Document: "receipt", ID: r.ReceiptID, Consent: r.RecordID, State: string(r.State()), At: &r.IssuedAt, KeyID: doc.Signature.KeyID,
	}, nil
}

func examineErasure(doc receipt.Signed[receipt.Erasure], err error) (paper, error) {
	if err != nil {
		return paper{}, err
	}
	e := doc.Body
	return paper{Valid: true, Document: "erasure", ID: e.ID, At: &e.At, KeyID: doc.Signature.KeyID}, nil
}

// tellPaper prints what was found, and ends with 1 if the document proves nothing.
func (t *tool) tellPaper(p paper, err error, asJSON bool) error {
	code := exitDone
	if err != nil {
		code, p.Reason = exitFound, invalidity(err)
	}
	switch {
	case asJSON:
		t.out.JSON(p)
	case err != nil:
		t.out.Linef("%s", t.invalidText(p.Reason))
	case p.Document == "erasure":
		t.out.Linef(words.Text{
			EN: "valid: proof of the erasure %s of %s, signed with the key %s", ZH: "有效：删除证明 %s，删除时间 %s，签名公钥 %s",
		}.In(t.lang), p.ID, p.At.Format(time.RFC3339), p.KeyID)
	default:
		t.out.Linef(words.Text{
			EN: "valid: receipt %s of the consent %s, which was %s on %s, signed with the key %s",
			ZH: "有效：回执 %s，同意编号 %s，状态 %s，出具时间 %s，签名公钥 %s",
		}.In(t.lang), p.ID, p.Consent, p.State, p.At.Format(time.RFC3339), p.KeyID)
	}
	return silent(code)
}

// invalidity is the word for why a document proves nothing.
func invalidity(err error) string {
	switch {
	case errors.Is(err, receipt.ErrSignature):
		return "signature"
	case errors.Is(err, receipt.ErrKey):
		return "key"
	case errors.Is(err, receipt.ErrVersion):
		return "version"
	default:
		return "form"
	}
}

func (t *tool) invalidText(reason string) string {
	texts := map[string]words.Text{
		"signature": {EN: "NOT VALID: the content was changed after it was signed", ZH: "无效：内容与签名不符，签名后被改动过"},
		"key":       {EN: "NOT VALID: it was signed with a key that was not given", ZH: "无效：签名所用的公钥不在给出的公钥之中"},
		"version":   {EN: "NOT VALID: its version is not known to this heyan", ZH: "无效：本程序不认识其版本"},
		"form": {
			EN: "NOT VALID: it is not a signed document as it was issued; take the original file, not one that was spelled anew",
			ZH: "无效：不是原样的签名文件；请使用原件，勿用重新排版过的文件",
		},
	}
	return texts[reason].In(t.lang)
}

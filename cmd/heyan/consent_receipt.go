package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newConsentReceipt(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "receipt", Short: "Issue receipts, verify them offline and print them",
	})
	cmd.AddCommand(newReceiptVerify(c), newReceiptPage(c), newReceiptGet(c))
	return cmd
}

// keysFlag adds --key.
func keysFlag(cmd *cobra.Command, into *[]string) {
	cmd.Flags().StringArrayVar(into, "key", nil, "the public key: 64 hexadecimal digits, base64, or a file with keys; may be repeated")
}

// maxSigned is the largest signed document or key that is read, in bytes. A receipt has about
// two thousand.
const maxSigned = 1 << 20

// readSigned reads a document from a file, or from stdin for "-".
func (c *cli) readSigned(path string) ([]byte, error) {
	text, err := c.readText("", path, maxSigned)
	if err == nil && len(text) > maxSigned {
		return nil, usageError("the file is larger than 1 MiB; check the path")
	}
	return text, err
}

// parseKeys reads the public keys of --key.
func (c *cli) parseKeys(texts []string) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for _, text := range texts {
		path, marked := strings.CutPrefix(text, "@")
		if _, err := receipt.ParsePublic(text); marked || err != nil && isFile(path) {
			held, err := c.readText("--key", path, maxSigned)
			if err != nil {
				return nil, err
			}
			text = string(held)
		}
		more, err := receipt.ParsePublicKeys(text)
		if err != nil {
			return nil, usageError("--key: %w", err)
		}
		keys = append(keys, more...)
	}
	return keys, nil
}

func newReceiptGet(c *cli) *cobra.Command {
	var path, out, page string
	cmd := &cobra.Command{
		Use: "get ID --config FILE [--out FILE] [--html FILE]", Short: "Issue the signed receipt of a decided consent",
		Long: "Writes the receipt as JSON to a file or to stdout, and with --html also as a printable page. It names no person and holds\n" +
			"the present state of the consent. heyan consent receipt verify checks it offline.",
		DisableFlagsInUseLine: true,
		Args:                  oneIdentifier("the id of one consent, as heyan consent record and heyan consent list print it"),
	}
	configFlag(cmd, &path)
	c.tenantFlag(cmd.Flags())
	cmd.Flags().StringVar(&out, "out", "", "write the receipt to this file, atomically (default stdout)")
	cmd.Flags().StringVar(&page, "html", "", "also write it as a page in Chinese to this file")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withConsents(cmd, path, mustExist, func(ctx context.Context, svc *consents.Service) error {
			text, err := svc.Receipt(ctx, c.tenant, args[0])
			if err != nil {
				return c.consentRefused(err, false)
			}
			if err := c.writeOutput(out, writeSigned(text)); err != nil || page == "" {
				return err
			}
			doc, err := receipt.Verify(text, svc.Signer.Keys()...)
			if err != nil {
				return internalError(err)
			}
			return c.writeOutput(page, func(w io.Writer) error { return receipt.HTML(w, doc) })
		})
	}
	return cmd
}

// writeSigned writes a signed document unchanged, with a newline after it.
func writeSigned(text []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(append(text[:len(text):len(text)], '\n'))
		return err
	}
}

func newReceiptPage(c *cli) *cobra.Command {
	var keyTexts []string
	var out string
	cmd := &cobra.Command{
		Use: "page FILE [--key PUBLIC] [--out FILE]", Short: "Write a receipt as a printable page in Chinese",
		Long: "Reads the receipt from a file, or with - from stdin. With --key the signature is checked first and an invalid receipt gives\n" +
			"no page; without --key the page says that the signature was not checked.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "one file with a receipt, or - for stdin"),
	}
	keysFlag(cmd, &keyTexts)
	cmd.Flags().StringVar(&out, "out", "", "write to this file, atomically (default stdout)")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		keys, err := c.parseKeys(keyTexts)
		if err != nil {
			return err
		}
		text, err := c.readSigned(args[0])
		if err != nil {
			return err
		}
		doc, err := receipt.Open(text)
		if len(keys) > 0 {
			doc, err = receipt.Verify(text, keys...)
		}
		if err != nil {
			c.notef("heyan consent receipt page: %s", c.invalidText(invalidReason(err)))
			return exitCode(exitFound)
		}
		return c.writeOutput(out, func(w io.Writer) error { return receipt.HTML(w, doc) })
	}
	return cmd
}

func newReceiptVerify(c *cli) *cobra.Command {
	var keyTexts []string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "verify FILE --key PUBLIC", Short: "Check the signature of a receipt or of an erasure proof",
		Long: "Reads the document from a file, or with - from stdin, and works offline. Get the key from a source that you trust, never\n" +
			"from whoever gave you the document.\n\n" +
			"Exit codes: 0 one of the keys signed exactly this document; 1 invalid.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "one file with a receipt, or - for stdin"),
	}
	keysFlag(cmd, &keyTexts)
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		text, keys, err := c.signedBy(args[0], keyTexts)
		if err != nil {
			return err
		}
		paper, err := receiptView(receipt.Verify(text, keys...))
		if errors.Is(err, receipt.ErrOther) {
			paper, err = erasureView(receipt.VerifyErasure(text, keys...))
		}
		return c.printSignature(paper, err, asJSON)
	}
	return cmd
}

// signatureView is the JSON of a checked document.
type signatureView struct {
	Valid    bool       `json:"valid"`
	Reason   string     `json:"reason,omitzero"`   // why it is invalid
	Document string     `json:"document,omitzero"` // receipt, erasure or evidence
	ID       string     `json:"id,omitzero"`
	Consent  string     `json:"consent_id,omitzero"`
	State    string     `json:"state,omitzero"`   // of the consent, when the receipt was issued; of evidence the verdict
	Receipt  bool       `json:"receipt,omitzero"` // the evidence has the receipt of the consent, which is valid too
	At       *time.Time `json:"at,omitzero"`      // the time of issue or of the erasure
	KeyID    string     `json:"kid,omitzero"`
}

func receiptView(doc receipt.Signed[receipt.Receipt], err error) (signatureView, error) {
	if err != nil {
		return signatureView{}, err
	}
	r := doc.Body
	return signatureView{
		Valid: true, Document: "receipt", ID: r.ReceiptID, Consent: r.RecordID, State: string(r.State()), At: &r.IssuedAt, KeyID: doc.Signature.KeyID,
	}, nil
}

func erasureView(doc receipt.Signed[receipt.Erasure], err error) (signatureView, error) {
	if err != nil {
		return signatureView{}, err
	}
	e := doc.Body
	return signatureView{Valid: true, Document: "erasure", ID: e.ID, At: &e.At, KeyID: doc.Signature.KeyID}, nil
}

// printSignature prints the result. The exit code of an invalid document is 1.
func (c *cli) printSignature(p signatureView, err error, asJSON bool) error {
	code := exitDone
	if err != nil {
		code, p.Reason = exitFound, invalidReason(err)
	}
	switch {
	case asJSON:
		c.out.JSON(p)
	case err != nil:
		c.out.Linef("%s", c.invalidText(p.Reason))
	case p.Document == "erasure":
		c.out.Linef(idv.Text{
			EN: "valid: proof of erasure %s of %s, signed with key %s", ZH: "有效：删除证明 %s，删除时间 %s，签名公钥 %s",
		}.In(c.lang), p.ID, p.At.Format(time.RFC3339), p.KeyID)
	case p.Document == "evidence":
		c.out.Linef(idv.Text{
			EN: "valid: evidence of verification %s, verdict %s, issued at %s, signed with key %s", ZH: "有效：核验 %s 的证据，结论 %s，出具时间 %s，签名公钥 %s",
		}.In(c.lang), p.ID, c.code(p.State), p.At.Format(time.RFC3339), p.KeyID)
	default:
		c.out.Linef(idv.Text{
			EN: "valid: receipt %s of consent %s, %s as of %s, signed with key %s",
			ZH: "有效：回执 %s，同意编号 %s，状态 %s，出具时间 %s，签名公钥 %s",
		}.In(c.lang), p.ID, p.Consent, p.State, p.At.Format(time.RFC3339), p.KeyID)
	}
	return exitCode(code)
}

// invalidReason returns the word for why a document is invalid.
func invalidReason(err error) string {
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

func (c *cli) invalidText(reason string) string {
	texts := map[string]idv.Text{
		"signature": {EN: "INVALID: the content was changed after signing", ZH: "无效：内容与签名不符，签名后被改动过"},
		"key":       {EN: "INVALID: signed with a key that was not given", ZH: "无效：签名所用的公钥不在给出的公钥之中"},
		"version":   {EN: "INVALID: unknown version of the document; use a newer heyan", ZH: "无效：本程序不支持其版本"},
		"form": {
			EN: "INVALID: not a signed document in its original form; use the original file, not a reformatted copy",
			ZH: "无效：不是原样的签名文件；请使用原件，勿用重新排版过的文件",
		},
	}
	return texts[reason].In(c.lang)
}

// signedBy reads a signed document, and the public keys of its signer.
func (c *cli) signedBy(path string, keyTexts []string) (text []byte, keys []ed25519.PublicKey, err error) {
	if len(keyTexts) == 0 {
		return nil, nil, usageError("--key is missing: give the public key of the signer")
	}
	if keys, err = c.parseKeys(keyTexts); err == nil {
		text, err = c.readSigned(path)
	}
	return text, keys, err
}

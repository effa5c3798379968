package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/words"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newConsentReceipt(c *cli) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "receipt", Short: "Check the receipts that people keep, without a network, and print them",
	})
	cmd.AddCommand(newReceiptVerify(c), newReceiptPage(c), newReceiptGet(c))
	return cmd
}

// keysFlag adds --key.
func keysFlag(cmd *cobra.Command, into *[]string) {
	cmd.Flags().StringArrayVar(into, "key", nil, "the public key: 64 hexadecimal digits or base64, or @FILE for the file that holds it; "+
		"several are given by --key again")
}

// maxSigned bounds what is read of a signed document or a key, in bytes. A receipt has
// about two thousand.
const maxSigned = 1 << 20

// readSigned reads a document from a file, or from stdin for "-".
func (c *cli) readSigned(path string) ([]byte, error) {
	if path == "-" {
		text, err := io.ReadAll(io.LimitReader(c.stdin, maxSigned))
		if err != nil {
			return nil, usageError("stdin cannot be read to its end")
		}
		return text, nil
	}
	text, err := readFile(path)
	if err != nil {
		return nil, usageError("the file cannot be read; give the path of a readable file, or - for stdin")
	}
	return text, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(f, maxSigned))
}

// parseKeys reads the public keys of --key.
func parseKeys(texts []string) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for _, text := range texts {
		if path, isFile := strings.CutPrefix(text, "@"); isFile {
			held, err := readFile(path)
			if err != nil {
				return nil, usageError("--key: the file cannot be read")
			}
			text = string(bytes.TrimPrefix(held, []byte("\ufeff"))) // some editors begin every file with this mark
		}
		key, err := receipt.ParsePublic(text)
		if err != nil {
			return nil, usageError("--key: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func newReceiptGet(c *cli) *cobra.Command {
	var path, out, page string
	cmd := &cobra.Command{
		Use: "get ID --config FILE [--out FILE] [--html FILE]", Short: "Make the signed receipt of a consent that a person decided on",
		Long: "Writes the receipt, which is JSON, to a file or to stdout, and with --html also as a page to print. It names no person and\n" +
			"says where the consent stands now. heyan consent receipt verify checks it without a network.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "the id of a consent, as heyan consent record and heyan consent list print it"),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&out, "out", "", "write the receipt to this file, which appears when it is complete; stdout if it is left out")
	cmd.Flags().StringVar(&page, "html", "", "write it as a page in Chinese to this file too")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withConsents(cmd, path, mustExist, func(ctx context.Context, svc *consents.Service) error {
			text, err := svc.Receipt(ctx, tenant, args[0])
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

// document writes a signed document as it was issued, and a line end after it.
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
		Use: "page FILE [--key PUBLIC] [--out FILE]", Short: "Write a receipt as a page to read and print, in Chinese",
		Long: "Reads the receipt from a file, or from stdin for -. With --key the signature is checked first, and if it is not valid no\n" +
			"page is written; without it the page says that nobody checked.",
		DisableFlagsInUseLine: true,
		Args:                  exactly(1, "the file of a receipt, or - for stdin"),
	}
	keysFlag(cmd, &keyTexts)
	cmd.Flags().StringVar(&out, "out", "", "write to this file, which appears when it is complete; stdout if it is left out")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		keys, err := parseKeys(keyTexts)
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
			return usageError("--key is missing: give the public key of whoever is said to have signed")
		}
		keys, err := parseKeys(keyTexts)
		if err != nil {
			return err
		}
		text, err := c.readSigned(args[0])
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

// paper is the JSON of what was checked.
type signatureView struct {
	Valid    bool       `json:"valid"`
	Reason   string     `json:"reason,omitzero"`   // why it is not valid
	Document string     `json:"document,omitzero"` // receipt or erasure
	ID       string     `json:"id,omitzero"`
	Consent  string     `json:"consent_id,omitzero"`
	State    string     `json:"state,omitzero"` // of the consent, when the receipt was made
	At       *time.Time `json:"at,omitzero"`    // when it was made, or the person erased
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

// tellPaper prints what was found, and ends with 1 if the document proves nothing.
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
		c.out.Linef(words.Text{
			EN: "valid: proof of the erasure %s of %s, signed with the key %s", ZH: "有效：删除证明 %s，删除时间 %s，签名公钥 %s",
		}.In(c.lang), p.ID, p.At.Format(time.RFC3339), p.KeyID)
	default:
		c.out.Linef(words.Text{
			EN: "valid: receipt %s of the consent %s, which was %s on %s, signed with the key %s",
			ZH: "有效：回执 %s，同意编号 %s，状态 %s，出具时间 %s，签名公钥 %s",
		}.In(c.lang), p.ID, p.Consent, p.State, p.At.Format(time.RFC3339), p.KeyID)
	}
	return exitCode(code)
}

// invalidity is the word for why a document proves nothing.
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
	texts := map[string]words.Text{
		"signature": {EN: "NOT VALID: the content was changed after it was signed", ZH: "无效：内容与签名不符，签名后被改动过"},
		"key":       {EN: "NOT VALID: it was signed with a key that was not given", ZH: "无效：签名所用的公钥不在给出的公钥之中"},
		"version":   {EN: "NOT VALID: its version is not known to this heyan", ZH: "无效：本程序不认识其版本"},
		"form": {
			EN: "NOT VALID: it is not a signed document as it was issued; take the original file, not one that was spelled anew",
			ZH: "无效：不是原样的签名文件；请使用原件，勿用重新排版过的文件",
		},
	}
	return texts[reason].In(c.lang)
}

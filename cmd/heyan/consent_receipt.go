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
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func newConsentReceipt(t *tool) *cobra.Command {
	cmd := group(&cobra.Command{
		Use: "receipt", Short: "Check the receipts that people keep, without a network, and print them",
	})
	cmd.AddCommand(newReceiptVerify(t), newReceiptPage(t), newReceiptGet(t))
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
func (t *tool) readSigned(path string) ([]byte, error) {
	if path == "-" {
		text, err := io.ReadAll(io.LimitReader(t.stdin, maxSigned))
		if err != nil {
			return nil, usage("stdin cannot be read to its end")
		}
		return text, nil
	}
	text, err := readFile(path)
	if err != nil {
		return nil, usage("the file cannot be read; give the path of a readable file, or - for stdin")
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
				return nil, usage("--key: the file cannot be read")
			}
			text = string(bytes.TrimPrefix(held, []byte("\ufeff"))) // some editors begin every file with this mark
		}
		key, err := receipt.ParsePublic(text)
		if err != nil {
			return nil, usage("--key: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func newReceiptGet(t *tool) *cobra.Command {
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
		return t.withDesk(cmd, path, look, func(ctx context.Context, c *office) error {
			text, err := c.Receipt(ctx, tenant, args[0])
			if err != nil {
				return t.refuseDesk(err, false)
			}
			if err := t.export(out, document(text)); err != nil || page == "" {
				return err
			}
			doc, err := receipt.Verify(text, c.Signer.Keys()...)
			if err != nil {
				return internal(err)
			}
			return t.export(page, func(w io.Writer) error { return receipt.HTML(w, doc) })
		})
	}
	return cmd
}

// document writes a signed document as it was issued, and a line end after it.
func document(text []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(append(text[:len(text):len(text)], '\n'))
		return err
	}
}

func newReceiptPage(t *tool) *cobra.Command {
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
		text, err := t.readSigned(args[0])
		if err != nil {
			return err
		}
		doc, err := receipt.Open(text)
		if len(keys) > 0 {
			doc, err = receipt.Verify(text, keys...)
		}
		if err != nil {
			t.hint("heyan consent receipt page: %s", t.invalidText(invalidity(err)))
			return silent(exitFound)
		}
		return t.export(out, func(w io.Writer) error { return receipt.HTML(w, doc) })
	}
	return cmd
}

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

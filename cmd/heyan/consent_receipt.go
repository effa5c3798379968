package main

import (
	"bytes"
	"crypto/ed25519"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

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

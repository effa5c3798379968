package receipt

import (
	"encoding/hex"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// algorithm is the only signature algorithm (RFC 8032).
const algorithm = "Ed25519"

// Signature is the signature of a document and its key.
type Signature struct {
	Alg   string `json:"alg"`   // always "Ed25519"
	KeyID string `json:"kid"`   // see KeyID
	Value string `json:"value"` // 128 hexadecimal digits
}

// Sign signs a receipt and returns the document without a line end. It returns
// [ErrIncomplete] if a required member is missing.
func (s *Signer) Sign(r Receipt) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return s.document(receiptMember, r)
}

// SignErasure signs the proof of an erasure and sets its version. It returns
// [ErrIncomplete] if a required member is missing and [ErrBook] if the ledger does not
// add up.
func (s *Signer) SignErasure(e Erasure) ([]byte, error) {
	e.SchemaVersion, e.At = ErasureVersion, e.At.UTC()
	if err := e.check(); err != nil {
		return nil, err
	}
	return s.document(erasureMember, e)
}

// The members with the signed content.
const (
	receiptMember  = "receipt"
	erasureMember  = "erasure"
	evidenceMember = "evidence"
)

// document returns a document in the form of the package comment. The members are in
// canonical order, because all names sort before "signature".
func (s *Signer) document(member string, body any) ([]byte, error) {
	signed, err := canonical(body)
	if err != nil {
		return nil, err
	}
	if len(signed) > maxDocument/2 {
		return nil, errTooLong
	}
	mark, err := canonical(Signature{algorithm, KeyID(s.keys[0]), hex.EncodeToString(s.sign(signed))})
	if err != nil {
		return nil, err
	}
	doc := append([]byte(`{"`+member+`":`), signed...)
	doc = append(append(doc, `,"signature":`...), mark...)
	return append(doc, '}'), nil
}

// maxDocument is the size limit of a document in bytes. A receipt has about two thousand.
const maxDocument = 256 << 10

var errTooLong = errors.New("the document is too long to be verified; shorten its texts")

// errSpelling replaces the error of the JSON library, which may quote the value.
var errSpelling = errors.New("a text is not valid Unicode, or a time is out of range")

// canonical encodes a value in canonical form (RFC 8785).
func canonical(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, errSpelling
	}
	value := jsontext.Value(text)
	if value.Canonicalize() != nil {
		return nil, errSpelling
	}
	return value, nil
}

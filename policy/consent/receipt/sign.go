package receipt

import (
	"encoding/hex"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// algorithm is the one way to sign (RFC 8032).
const algorithm = "Ed25519"

// Signature is who signed a document.
type Signature struct {
	Alg   string `json:"alg"`   // always "Ed25519"
	KeyID string `json:"kid"`   // as KeyID makes it
	Value string `json:"value"` // 128 hexadecimal digits
}

// Sign signs a receipt and returns the document, without a line end. A receipt that
// lacks what it must have is [ErrIncomplete].
func (s *Signer) Sign(r Receipt) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return s.document(receiptMember, r)
}

// SignErasure signs the proof of an erasure, as Sign does a receipt. It sets the
// version.
func (s *Signer) SignErasure(e Erasure) ([]byte, error) {
	e.SchemaVersion, e.At = ErasureVersion, e.At.UTC()
	if err := e.check(); err != nil {
		return nil, err
	}
	return s.document(erasureMember, e)
}

// The members that hold what is signed.
const (
	receiptMember = "receipt"
	erasureMember = "erasure"
)

// document puts together what doc.go describes. The members are in canonical order, for
// both names come before "signature".
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

// maxDocument bounds what is read as a document, in bytes. A receipt has about two
// thousand.
const maxDocument = 256 << 10

var errTooLong = errors.New("a document of that length would not be read again")

// errSpelling is why a value has no canonical form. The library's own error may quote
// the value.
var errSpelling = errors.New("a text is not valid Unicode, or a time is out of range")

// canonical writes a value in canonical form (RFC 8785).
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

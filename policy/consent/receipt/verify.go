package receipt

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The reasons why a document is not accepted. No error text contains a part of it.
var (
	// ErrForm says that it is no document in canonical form: a member is missing, given
	// twice, unknown or of another type, or the document was changed or reformatted.
	ErrForm = errors.New("not a signed document as it was issued")
	// ErrOther says that it is another kind of document, such as the proof of an erasure
	// instead of a receipt.
	ErrOther = errors.New("a signed document of another kind")
	// ErrVersion says that its version or its algorithm is unknown.
	ErrVersion = errors.New("a signed document of an unknown version")
	// ErrKey says that it was signed with a key that is not among the given ones.
	ErrKey = errors.New("signed with a key that was not given")
	// ErrSignature says that the signature does not match the content and the named key.
	ErrSignature = errors.New("the signature does not fit the content")
)

// Signed is a document that was read.
type Signed[Body Receipt | Erasure | Evidence] struct {
	Body      Body
	Signature Signature
	Checked   bool   // the signature was checked and is valid; false if Open read the document
	Document  []byte // the document as issued, without a line end
}

// Verify reads a receipt and checks that one of the keys signed it without any change. It
// returns [ErrForm], [ErrOther], [ErrVersion], [ErrKey] or [ErrSignature].
func Verify(document []byte, keys ...ed25519.PublicKey) (Signed[Receipt], error) {
	return verify[Receipt](document, keys)
}

// VerifyErasure is Verify for the proof of an erasure.
func VerifyErasure(document []byte, keys ...ed25519.PublicKey) (Signed[Erasure], error) {
	return verify[Erasure](document, keys)
}

// Open reads a receipt without checking its signature, so it may be forged.
func Open(document []byte) (Signed[Receipt], error) {
	doc, _, err := read[Receipt](document)
	return doc, err
}

func verify[B Receipt | Erasure | Evidence](document []byte, keys []ed25519.PublicKey) (Signed[B], error) {
	doc, signed, err := read[B](document)
	if err != nil {
		return Signed[B]{}, err
	}
	value, err := hex.DecodeString(doc.Signature.Value)
	if err != nil || hex.EncodeToString(value) != doc.Signature.Value {
		return Signed[B]{}, ErrForm
	}
	for _, key := range keys {
		if len(key) != ed25519.PublicKeySize || KeyID(key) != doc.Signature.KeyID {
			continue
		}
		if !ed25519.Verify(key, signed, value) {
			return Signed[B]{}, ErrSignature
		}
		doc.Checked = true
		return doc, nil
	}
	return Signed[B]{}, ErrKey
}

// envelope is the outer object of a document.
type envelope struct {
	Receipt   jsontext.Value `json:"receipt,omitzero"`
	Erasure   jsontext.Value `json:"erasure,omitzero"`
	Evidence  jsontext.Value `json:"evidence,omitzero"`
	Signature Signature      `json:"signature"`
}

// members returns how many kinds of content a document has.
func (e *envelope) members() (n int) {
	for _, content := range []jsontext.Value{e.Receipt, e.Erasure, e.Evidence} {
		if content != nil {
			n++
		}
	}
	return n
}

// read decodes a document and returns the bytes that were signed. It encodes the result
// again and compares, so that the document contains exactly what was read.
func read[B Receipt | Erasure | Evidence](document []byte) (doc Signed[B], signed []byte, err error) {
	line := bytes.Clone(bytes.TrimSuffix(document, []byte("\n")))
	var outer envelope
	if len(line) > maxDocument || json.Unmarshal(line, &outer, json.RejectUnknownMembers(true)) != nil || !same(outer, line) {
		return doc, nil, ErrForm
	}
	signed, version := outer.Receipt, Version
	switch any(doc.Body).(type) {
	case Erasure:
		signed, version = outer.Erasure, ErasureVersion
	case Evidence:
		signed, version = outer.Evidence, EvidenceVersion
	}
	switch n := outer.members(); {
	case signed == nil && n == 1:
		return doc, nil, ErrOther
	case signed == nil || n != 1:
		return doc, nil, ErrForm
	}
	if err := known(signed, version, outer.Signature.Alg); err != nil {
		return doc, nil, err
	}
	if json.Unmarshal(signed, &doc.Body, json.RejectUnknownMembers(true)) != nil || !same(doc.Body, signed) {
		return Signed[B]{}, nil, ErrForm
	}
	doc.Signature, doc.Document = outer.Signature, line
	return doc, signed, nil
}

// known distinguishes a document of another version from a damaged one.
func known(signed []byte, version, alg string) error {
	var head struct {
		Version string `json:"schema_version"`
	}
	switch {
	case json.Unmarshal(signed, &head) != nil || head.Version == "" || alg == "":
		return ErrForm
	case head.Version != version || alg != algorithm:
		return ErrVersion
	}
	return nil
}

// same reports whether the canonical form of a value is the text.
func same(v any, text []byte) bool {
	again, err := canonical(v)
	return err == nil && bytes.Equal(again, text)
}

package receipt_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func signed(t *testing.T) (doc []byte, key ed25519.PublicKey) {
	t.Helper()
	s := signer(t, seedText)
	doc, err := s.Sign(made(t, agreed(t)))
	if err != nil {
		t.Fatal(err)
	}
	return doc, s.Keys()[0]
}

// golden compares with a file, and writes it anew if HEYAN_GOLDEN is set.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("HEYAN_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (set HEYAN_GOLDEN to write it anew): %s", name, diff)
	}
}

// TestReceiptGolden: a receipt of today must verify in ten years, so its form stays.
func TestReceiptGolden(t *testing.T) {
	t.Parallel()
	doc, key := signed(t)
	golden(t, "receipt.json", append(doc, '\n'))
	got, err := receipt.Verify(append(doc, '\n'), key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made(t, agreed(t)), got.Body); diff != "" {
		t.Errorf("what is read is not what was signed: %s", diff)
	}
	if !bytes.Equal(got.Document, doc) || !got.Checked {
		t.Errorf("the document was not handed on: checked %v", got.Checked)
	}
}

// TestAnotherReader checks a receipt as doc.go tells it, with nothing of this package.
func TestAnotherReader(t *testing.T) {
	t.Parallel()
	doc, _ := signed(t)
	line := string(doc)
	message := line[len(`{"receipt":`):strings.LastIndex(line, `,"signature":`)]
	var outer struct{ Signature struct{ Value string } }
	if err := json.Unmarshal(doc, &outer); err != nil {
		t.Fatal(err)
	}
	key, err := hex.DecodeString(publicText)
	if err != nil {
		t.Fatal(err)
	}
	value, err := hex.DecodeString(outer.Signature.Value)
	if err != nil || !ed25519.Verify(key, []byte(message), value) {
		t.Errorf("the signature does not verify by the description: %v", err)
	}
}

// TestEveryByteCounts changes each byte in a few ways, leaves it out, and puts a space
// before it.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	doc, key := signed(t)
	refused := func(changed []byte, what string) {
		if _, err := receipt.Verify(changed, key); err == nil {
			t.Errorf("%s: still valid", what)
		}
	}
	for i := range doc {
		for _, bit := range []int{0, 5, i % 8} {
			changed := slices.Clone(doc)
			changed[i] ^= 1 << bit
			refused(changed, fmt.Sprintf("bit %d of byte %d flipped", bit, i))
		}
		refused(slices.Delete(slices.Clone(doc), i, i+1), fmt.Sprintf("byte %d left out", i))
		refused(slices.Insert(slices.Clone(doc), i, ' '), fmt.Sprintf("a space before byte %d", i))
	}
}

func TestVerifyTellsWhy(t *testing.T) {
	t.Parallel()
	doc, key := signed(t)
	swap := func(old, text string) []byte { return []byte(strings.Replace(string(doc), old, text, 1)) }
	erasure, err := signer(t, seedText).SignErasure(proof())
	if err != nil {
		t.Fatal(err)
	}
	other := signer(t, otherSeed).Keys()[0]
	tests := []struct {
		name string
		doc  []byte
		keys []ed25519.PublicKey
		want error
	}{
		{"as issued", doc, []ed25519.PublicKey{other, key}, nil},
		{"with a line end", append(slices.Clone(doc), '\n'), []ed25519.PublicKey{key}, nil},
		{"with two line ends", append(slices.Clone(doc), '\n', '\n'), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"with a byte order mark", append([]byte("\ufeff"), doc...), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"no key", doc, nil, receipt.ErrKey},
		{"another key", doc, []ed25519.PublicKey{other}, receipt.ErrKey},
		{"no key at all", doc, []ed25519.PublicKey{nil, {}}, receipt.ErrKey},
		{"empty", nil, []ed25519.PublicKey{key}, receipt.ErrForm},
		{"null", []byte("null"), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"a list", []byte("[]"), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"only a signature", []byte(`{"signature":{"alg":"Ed25519","kid":"","value":""}}`), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"nothing signed", []byte(`{"receipt":null,"signature":{"alg":"Ed25519","kid":"","value":""}}`), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"a later version", swap("heyan.receipt.1", "heyan.receipt.2"), []ed25519.PublicKey{key}, receipt.ErrVersion},
		{"another algorithm", swap(`"Ed25519"`, `"none"`), []ed25519.PublicKey{key}, receipt.ErrVersion},
		{"another purpose", swap("开立个人账户", "发放个人贷款"), []ed25519.PublicKey{key}, receipt.ErrSignature},
		{"more uses", swap(`"max_uses":3`, `"max_uses":9`), []ed25519.PublicKey{key}, receipt.ErrSignature},
		{"a number spelled otherwise", swap(`"max_uses":3`, `"max_uses":3.0`), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"a text spelled otherwise", swap(`"consent"`, `"\u0063onsent"`), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"a member doubled", swap(`"max_uses":3`, `"max_uses":3,"max_uses":3`), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"a member in another case", swap(`"max_uses"`, `"Max_uses"`), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"a member more", swap(`"max_uses":3`, `"max_uses":3,"name":"x"`), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"a member more outside", swap(`,"signature"`, `,"sign":1,"signature"`), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"large digits in the signature", upperValue(doc), []ed25519.PublicKey{key}, receipt.ErrForm},
		{"the proof of an erasure", erasure, []ed25519.PublicKey{key}, receipt.ErrOther},
		{"a proof that says receipt", bytes.Replace(erasure, []byte(`{"erasure"`), []byte(`{"receipt"`), 1), []ed25519.PublicKey{key}, receipt.ErrVersion},
		{"too long", swap("开立个人账户", strings.Repeat("长", 1<<17)), []ed25519.PublicKey{key}, receipt.ErrForm},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := receipt.Verify(test.doc, test.keys...)
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if err != nil && (got.Checked || got.Body.ReceiptID != "" || got.Document != nil) {
				t.Error("something is handed on beside the error")
			}
		})
	}
}

func upperValue(doc []byte) []byte {
	const member = `"value":"`
	i := bytes.Index(doc, []byte(member)) + len(member)
	return slices.Concat(doc[:i], bytes.ToUpper(doc[i:]))
}

// TestEveryMemberCounts leaves out each member at each depth, in canonical form, and
// then doubles it. Signed by hand, to see that the form is strict also to who has the key.
func TestEveryMemberCounts(t *testing.T) {
	t.Parallel()
	doc, key := signed(t)
	optional := []string{"party_address", "service", "privacy_rights", "collection_method", "valid_until", "sensitive_pii_category", "validity_duration", "action"}
	var outer map[string]any
	if err := json.Unmarshal(doc, &outer); err != nil {
		t.Fatal(err)
	}
	tried := 0
	eachMember(outer["receipt"], func(object map[string]any, name string) {
		kept := object[name]
		delete(object, name)
		tried++
		_, err := receipt.Verify(byHand(t, outer["receipt"]), key)
		want := receipt.ErrForm
		if slices.Contains(optional, name) {
			want = nil
		}
		if !errors.Is(err, want) {
			t.Errorf("without %s: got %v, want %v", name, err, want)
		}
		object[name] = kept
	})
	if tried < 50 {
		t.Errorf("%d members were left out, want all", tried)
	}
	if _, err := receipt.Verify(byHand(t, outer["receipt"]), key); err != nil {
		t.Errorf("signed by hand: got %v", err)
	}
}

func eachMember(v any, visit func(object map[string]any, name string)) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			eachMember(element, visit)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			eachMember(v[name], visit)
			visit(v, name)
		}
	}
}

// byHand signs any value as a receipt.
func byHand(t *testing.T, body any) []byte {
	t.Helper()
	seed, err := hex.DecodeString(seedText)
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		t.Fatal(err)
	}
	message := bytes.TrimSpace(text.Bytes())
	public, _ := key.Public().(ed25519.PublicKey)
	return fmt.Appendf(nil, `{"receipt":%s,"signature":{"alg":"Ed25519","kid":"%s","value":"%x"}}`, message, receipt.KeyID(public), ed25519.Sign(key, message))
}

func TestOpenDoesNotCheck(t *testing.T) {
	t.Parallel()
	doc, _ := signed(t)
	forged := []byte(strings.Replace(string(doc), `"max_uses":3`, `"max_uses":9`, 1))
	got, err := receipt.Open(forged)
	if err != nil || got.Checked || got.Body.Processing.MaxUses != 9 {
		t.Errorf("got %v, checked %v", err, got.Checked)
	}
	if _, err := receipt.Open(forged[1:]); !errors.Is(err, receipt.ErrForm) {
		t.Errorf("got %v, want %v", err, receipt.ErrForm)
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	s := signer(t, seedText)
	if _, err := s.Sign(receipt.Receipt{}); !errors.Is(err, receipt.ErrIncomplete) {
		t.Errorf("an empty one: got %v, want %v", err, receipt.ErrIncomplete)
	}
	bad := made(t, agreed(t))
	bad.Processing.Purpose = "\xff"
	if _, err := s.Sign(bad); err == nil || strings.Contains(err.Error(), "\xff") {
		t.Errorf("invalid text: got %v", err)
	}
	bad.Processing.Purpose = strings.Repeat("长", 1<<17)
	if _, err := s.Sign(bad); err == nil {
		t.Error("one that could not be read again was signed")
	}
}

// FuzzVerify: whatever is not the one document is refused, and nothing panics. What Open
// reads is spelled in one way only.
func FuzzVerify(f *testing.F) {
	s, err := os.ReadFile(filepath.Join("testdata", "receipt.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s)
	f.Add([]byte(`{"receipt":{"schema_version":"heyan.receipt.1"},"signature":{"alg":"Ed25519","kid":"","value":""}}`))
	f.Add([]byte(`{"erasure":{},"signature":{}}`))
	key, err := receipt.ParsePublic(publicText)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if _, err := receipt.Verify(doc, key); err == nil && !bytes.Equal(bytes.TrimSuffix(doc, []byte("\n")), bytes.TrimSuffix(s, []byte("\n"))) {
			t.Error("a document that was never signed is valid")
		}
		if got, err := receipt.Open(doc); err == nil && !bytes.Equal(got.Document, bytes.TrimSuffix(doc, []byte("\n"))) {
			t.Error("what was read is not what was given")
		}
		_, _ = receipt.VerifyErasure(doc, key)
	})
}

package receipt_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// bundle returns an evidence bundle with the receipt of its consent.
func bundle(t *testing.T) receipt.Evidence {
	t.Helper()
	r := made(t, agreed(t))
	doc, err := signer(t, seedText).Sign(r)
	if err != nil {
		t.Fatal(err)
	}
	return receipt.Evidence{
		ID: "ver_1", Tenant: "bank", IssuedAt: time.Date(2026, 11, 3, 9, 0, 0, 0, time.FixedZone("", 8*60*60)), Heyan: "v1", Receipt: doc,
		Verification: []byte(`{"verdict":"match","id":"ver_1","consent_id":"` + r.RecordID + `","subject":{"name":"张*"},"cost":{"amount":"0.035"},"attempts":[{"duration_ms":12.25}]}`),
	}
}

// TestEvidenceGolden: a bundle of today must verify in ten years, so its form stays.
func TestEvidenceGolden(t *testing.T) {
	t.Parallel()
	s := signer(t, seedText)
	doc, err := s.SignEvidence(bundle(t))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "evidence.json", append(doc, '\n'))
	got, err := receipt.VerifyEvidence(append(doc, '\n'), s.Keys()...)
	if err != nil || !got.Checked || got.Body.ID != "ver_1" || !bytes.Equal(got.Document, doc) {
		t.Errorf("read %+v, %v", got, err)
	}
}

// TestEveryByteOfEvidenceCounts changes, removes and repeats each byte of a bundle.
func TestEveryByteOfEvidenceCounts(t *testing.T) {
	t.Parallel()
	s := signer(t, seedText)
	doc, err := s.SignEvidence(bundle(t))
	if err != nil {
		t.Fatal(err)
	}
	for i := range doc {
		for kind, changed := range map[string][]byte{
			"changed": append(append(bytes.Clone(doc[:i]), doc[i]^1), doc[i+1:]...), "removed": append(bytes.Clone(doc[:i]), doc[i+1:]...),
			"repeated": append(append(bytes.Clone(doc[:i+1]), doc[i]), doc[i+1:]...),
		} {
			if bytes.Equal(changed, doc) {
				t.Fatalf("byte %d %s: the document is the same", i, kind)
			}
			if _, err := receipt.VerifyEvidence(changed, s.Keys()...); err == nil {
				t.Errorf("byte %d (%q) %s: still valid", i, doc[i], kind)
			}
		}
	}
}

func TestInvalidEvidence(t *testing.T) {
	t.Parallel()
	s, other := signer(t, seedText), signer(t, strings.Repeat("ab", 32))
	sign := func(change func(*receipt.Evidence)) []byte {
		e := bundle(t)
		change(&e)
		doc, err := s.SignEvidence(e)
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	fine := sign(func(*receipt.Evidence) {})
	consent, _ := signed(t)
	for _, c := range []struct {
		name string
		doc  []byte
		want error
	}{
		{"a receipt", consent, receipt.ErrOther},
		{"another version", bytes.Replace(fine, []byte("heyan.evidence.1"), []byte("heyan.evidence.2"), 1), receipt.ErrVersion},
		{"two kinds", append([]byte(`{"evidence":{},`), fine[1:]...), receipt.ErrForm},
		{"no document", []byte("{}"), receipt.ErrForm},
		{"empty", nil, receipt.ErrForm},
	} {
		if _, err := receipt.VerifyEvidence(c.doc, s.Keys()...); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := receipt.VerifyEvidence(fine, other.Keys()...); !errors.Is(err, receipt.ErrKey) {
		t.Errorf("another key: %v", err)
	}
	if _, err := receipt.Verify(fine, s.Keys()...); !errors.Is(err, receipt.ErrOther) {
		t.Errorf("read as a receipt: %v", err)
	}
	foreign, err := other.Sign(made(t, agreed(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := receipt.VerifyEvidence(sign(func(e *receipt.Evidence) { e.Receipt = foreign }), s.Keys()...); !errors.Is(err, receipt.ErrKey) {
		t.Errorf("a receipt of another key: %v", err)
	}
	if _, err := receipt.VerifyEvidence(sign(func(e *receipt.Evidence) { e.Receipt, e.NoReceipt = nil, receipt.WasErased }), s.Keys()...); err != nil {
		t.Errorf("without a receipt: %v", err)
	}
}

func TestIncompleteEvidence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*receipt.Evidence)
		want   error
	}{
		"no id":             {func(e *receipt.Evidence) { e.ID = "" }, receipt.ErrIncomplete},
		"no tenant":         {func(e *receipt.Evidence) { e.Tenant = "" }, receipt.ErrIncomplete},
		"no version":        {func(e *receipt.Evidence) { e.Heyan = "" }, receipt.ErrIncomplete},
		"no time":           {func(e *receipt.Evidence) { e.IssuedAt = time.Time{} }, receipt.ErrIncomplete},
		"no result":         {func(e *receipt.Evidence) { e.Verification = nil }, receipt.ErrIncomplete},
		"another result":    {func(e *receipt.Evidence) { e.ID = "ver_2" }, receipt.ErrForm},
		"not JSON":          {func(e *receipt.Evidence) { e.Verification = []byte("x") }, receipt.ErrForm},
		"another's receipt": {func(e *receipt.Evidence) { e.Verification = []byte(`{"id":"ver_1","consent_id":"cns_other"}`) }, receipt.ErrForm},
		"no receipt":        {func(e *receipt.Evidence) { e.Receipt = []byte(`{}`) }, receipt.ErrForm},
	} {
		e := bundle(t)
		c.change(&e)
		if doc, err := signer(t, seedText).SignEvidence(e); !errors.Is(err, c.want) {
			t.Errorf("%s: got %s, %v", name, doc, err)
		}
	}
}

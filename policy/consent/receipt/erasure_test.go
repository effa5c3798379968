package receipt_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func proof() receipt.Erasure {
	before := receipt.Book{Units: 10_000, Available: 9_000, Held: 2, Posted: 900, Unknown: 8, WrittenOff: 90, Entries: 2_004}
	after := before
	after.Available, after.Posted, after.Entries = 8_999, 901, 2_006
	return receipt.Erasure{
		SchemaVersion: receipt.ErasureVersion, Tenant: "bank", ID: "ers_8K4T", At: at(500), Verifications: 7, Consents: 2, KeysDestroyed: 1,
		Before: before, After: after,
		Kept: []receipt.Kept{{What: "调用与计费明细（不含个人）", Why: "《网络数据安全管理条例》第十二条：记录保存不少于三年"}},
	}
}

func TestErasureGolden(t *testing.T) {
	t.Parallel()
	s := signer(t, seedText)
	doc, err := s.SignErasure(proof())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "erasure.json", append(doc, '\n'))
	got, err := receipt.VerifyErasure(doc, s.Keys()...)
	if err != nil || !got.Checked {
		t.Fatalf("got %v, checked %v", err, got.Checked)
	}
	if diff := cmp.Diff(proof(), got.Body); diff != "" {
		t.Error(diff)
	}
}

func TestEveryByteOfAnErasureCounts(t *testing.T) {
	t.Parallel()
	s := signer(t, seedText)
	doc, err := s.SignErasure(proof())
	if err != nil {
		t.Fatal(err)
	}
	for i := range doc {
		for _, bit := range []int{0, 5, i % 8} {
			changed := slices.Clone(doc)
			changed[i] ^= 1 << bit
			if _, err := receipt.VerifyErasure(changed, s.Keys()...); err == nil {
				t.Errorf("bit %d of byte %d flipped: still valid", bit, i)
			}
		}
	}
	receiptDoc, key := signed(t)
	if _, err := receipt.VerifyErasure(receiptDoc, key); !errors.Is(err, receipt.ErrOther) {
		t.Errorf("a receipt: got %v, want %v", err, receipt.ErrOther)
	}
	renamed := bytes.Replace(receiptDoc, []byte(`{"receipt"`), []byte(`{"erasure"`), 1)
	if _, err := receipt.VerifyErasure(renamed, key); !errors.Is(err, receipt.ErrVersion) {
		t.Errorf("a receipt that says erasure: got %v, want %v", err, receipt.ErrVersion)
	}
}

func TestSignErasureRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*receipt.Erasure)
		want  error
	}{
		{"no id", func(e *receipt.Erasure) { e.ID = "" }, receipt.ErrIncomplete},
		{"no reasons", func(e *receipt.Erasure) { e.Kept = nil }, receipt.ErrIncomplete},
		{"less than nothing", func(e *receipt.Erasure) { e.Consents = -1 }, receipt.ErrIncomplete},
		{"a number that JSON cannot hold", func(e *receipt.Erasure) { e.Verifications = 1 << 53 }, receipt.ErrIncomplete},
		{"before does not add up", func(e *receipt.Erasure) { e.Before.Posted++ }, receipt.ErrBook},
		{"after does not add up", func(e *receipt.Erasure) { e.After.Held-- }, receipt.ErrBook},
		{"an account below nothing", func(e *receipt.Erasure) { e.After.Held, e.After.Available = -1, e.After.Available+3 }, receipt.ErrBook},
		{"units lost", func(e *receipt.Erasure) { e.After.Units--; e.After.Posted-- }, receipt.ErrBook},
		{"lines lost", func(e *receipt.Erasure) { e.After.Entries = e.Before.Entries - 1 }, receipt.ErrBook},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := proof()
			test.spoil(&e)
			if _, err := signer(t, seedText).SignErasure(e); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

package audit_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/audit"
	"github.com/heyan-id/heyan/policy/keyring"
)

func ring(t *testing.T, ids ...string) *keyring.Keyring {
	t.Helper()
	var keys []keyring.Key
	for _, id := range ids {
		keys = append(keys, keyring.Key{ID: id, Secret: idv.NewSensitive(strings.Repeat(id, 32))})
	}
	r, err := keyring.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func written(t *testing.T, n int) (list []audit.Record, heads []audit.Head) {
	t.Helper()
	s := ring(t, "k1")
	heads = []audit.Head{{}}
	for i := range n {
		a := audit.Act{Tenant: "bank", Principal: "key:abc", Kind: audit.ProviderDrain, Target: "idcert-a", Reason: "maintenance"}
		r, h := audit.Append(s, heads[i], a, time.Unix(int64(i), 0))
		list, heads = append(list, r), append(heads, h)
	}
	return list, heads
}

func verify(s audit.Sealer, list []audit.Record, stored, known audit.Head) error {
	c := audit.NewChain(s, known)
	for i := range list {
		if err := c.Next(&list[i]); err != nil {
			return err
		}
	}
	return c.End(stored)
}

func TestChain(t *testing.T) {
	t.Parallel()
	const n = 5
	for _, test := range []struct {
		name   string
		change func(list []audit.Record, heads []audit.Head) ([]audit.Record, audit.Head)
		known  int   // the head that was kept apart
		broken int64 // the record that is named; 0 if the log is accepted
	}{
		{"untouched", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) { return l, h[n] }, 0, 0},
		{"untouched, with a head", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) { return l, h[n] }, 3, 0},
		{"empty", func([]audit.Record, []audit.Head) ([]audit.Record, audit.Head) { return nil, audit.Head{} }, 0, 0},
		{"first removed", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) { return l[1:], h[n] }, 0, 1},
		{"removed", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) {
			return slices.Delete(l, 2, 3), h[n]
		}, 0, 3},
		{"removed and renumbered", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) {
			l = slices.Delete(l, 2, 3)
			l[2].Seq, l[3].Seq = 3, 4
			return l, h[n]
		}, 0, 3},
		{"reordered", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) {
			l[1], l[2] = l[2], l[1]
			return l, h[n]
		}, 0, 2},
		{"reordered and renumbered", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) {
			l[1], l[2] = l[2], l[1]
			l[1].Seq, l[2].Seq = 2, 3
			return l, h[n]
		}, 0, 2},
		{"doubled", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) {
			return slices.Insert(l, 2, l[1]), h[n]
		}, 0, 2},
		{"tail cut", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) { return l[:n-2], h[n] }, 0, 4},
		{"all cut", func(_ []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) { return nil, h[n] }, 0, 1},
		{"tail and head cut", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) {
			forged := h[n-2]
			forged.Proof = h[n].Proof
			return l[:n-2], forged
		}, 0, 3},
		{"head removed", func(l []audit.Record, _ []audit.Head) ([]audit.Record, audit.Head) { return l, audit.Head{} }, 0, 5},
		{"head behind", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) { return l, h[n-1] }, 0, 5},
		// An older copy of the whole log is consistent in itself: only a head that was kept apart shows it.
		{"rolled back, unnoticed", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) { return l[:3], h[3] }, 0, 0},
		{"rolled back, with a head", func(l []audit.Record, h []audit.Head) ([]audit.Record, audit.Head) { return l[:3], h[3] }, n, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list, heads := written(t, n)
			known := heads[test.known]
			list, stored := test.change(list, slices.Clone(heads))
			err := verify(ring(t, "k1"), list, stored, known)
			var broken *audit.BrokenError
			switch {
			case test.broken == 0 && err != nil:
				t.Errorf("got %v", err)
			case test.broken != 0 && (!errors.As(err, &broken) || broken.Seq != test.broken):
				t.Errorf("got %v, want record %d", err, test.broken)
			}
		})
	}
}

// TestEveryByteCounts changes each byte of each field of a record.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	for _, field := range []func(*audit.Record) *string{
		func(r *audit.Record) *string { return (*string)(&r.Tenant) }, func(r *audit.Record) *string { return &r.Principal },
		func(r *audit.Record) *string { return (*string)(&r.Kind) }, func(r *audit.Record) *string { return &r.Target },
		func(r *audit.Record) *string { return &r.Reason }, func(r *audit.Record) *string { return &r.MAC },
	} {
		list, heads := written(t, 3)
		text := *field(&list[1])
		for i := range text {
			changed := []byte(text)
			changed[i] ^= 1
			*field(&list[1]) = string(changed)
			if err := verify(ring(t, "k1"), list, heads[3], audit.Head{}); err == nil {
				t.Errorf("%q for %q was not noticed", changed, text)
			}
		}
	}
	list, heads := written(t, 3)
	list[1].At = list[1].At.Add(time.Microsecond)
	if err := verify(ring(t, "k1"), list, heads[3], audit.Head{}); err == nil {
		t.Error("another time was not noticed")
	}
	list, heads = written(t, 3)
	list[1].Target, list[1].Reason = list[1].Target+list[1].Reason[:1], list[1].Reason[1:]
	if err := verify(ring(t, "k1"), list, heads[3], audit.Head{}); err == nil {
		t.Error("a byte that moved to the next field was not noticed")
	}
}

func TestKeysOfChain(t *testing.T) {
	t.Parallel()
	list, heads := written(t, 3)
	if err := verify(ring(t, "k2", "k1"), list, heads[3], audit.Head{}); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
	if err := verify(ring(t, "k2"), list, heads[3], audit.Head{}); err == nil {
		t.Error("a log was accepted without its key")
	}
}

func TestParseHead(t *testing.T) {
	t.Parallel()
	_, heads := written(t, 2)
	if h, err := audit.ParseHead(heads[2].String()); err != nil || h.Seq != 2 || h.MAC != heads[2].MAC {
		t.Errorf("got %+v, %v", h, err)
	}
	for _, text := range []string{"", "@", "1@", "@k1:a", "0@k1:a", "-1@k1:a", "+1@k1:a", "01@k1:a", "x@k1:a", "1", "99999999999999999999@k1:a"} {
		if h, err := audit.ParseHead(text); err == nil {
			t.Errorf("%q: got %+v", text, h)
		}
	}
}

func FuzzParseHead(f *testing.F) {
	f.Add("42@k1:abc")
	f.Fuzz(func(t *testing.T, text string) {
		if h, err := audit.ParseHead(text); err == nil && h.String() != text {
			t.Errorf("%q was read as %q", text, h)
		}
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		reason string
		ok     bool
	}{
		{"", true}, {"按供应商公告 2026-11-30 停机维护", true}, {"ticket 1234567890", true},
		{"of 138 0013 8000", false}, {"１３８００１３８０００", false}, {"11010119900307123X", false}, {"a\x00b", false}, {strings.Repeat("a", 5000), false},
	} {
		a := audit.Act{Principal: "cli:0", Kind: audit.ProviderClose, Reason: test.reason}
		if err := a.Check(); (err == nil) != test.ok {
			t.Errorf("%.40q: got %v", test.reason, err)
		}
	}
}

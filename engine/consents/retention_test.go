package consents_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/consent/receipt"
	"github.com/heyan-id/heyan/policy/keyring"
)

// versions returns the built-in notice and later versions of it, each with a sentence of its
// own.
func versions(t *testing.T, n int) *notice.Catalogue {
	t.Helper()
	all, err := notice.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	first, err := all.Find("identity-check", "1", "zh-CN")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for v := 2; v <= n; v++ {
		text := strings.Replace(first.Source(), "version: 1\n", fmt.Sprintf("version: %d\n", v), 1)
		text = strings.Replace(text, "不必着急。", fmt.Sprintf("不必着急。这是第%d版。", v), 1)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("identity-check.%d.zh-CN.md", v)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	later, err := notice.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if all, err = all.With(later); err != nil {
		t.Fatal(err)
	}
	return all
}

// rotatedKeys returns a keyring after a number of rotations, with the newest key first.
func rotatedKeys(t *testing.T, rotations int) *keyring.Keyring {
	t.Helper()
	var keys []keyring.Key
	for i := rotations; i >= 0; i-- {
		keys = append(keys, keyring.Key{ID: fmt.Sprintf("k%d", i), Secret: idv.NewSensitive(fmt.Sprintf("secret %d of a test, of more than thirty-two bytes", i))})
	}
	ring, err := keyring.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// TestTextsAfterYears: the texts of three years, from ten versions of the notice and three
// keys, are rendered again byte for byte, and their receipts are verified with the public
// key alone.
func TestTextsAfterYears(t *testing.T) {
	t.Parallel()
	const versionsOfAll, peopleOfEach = 10, 10
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		b := newFixture(t)
		texts := map[string]string{}
		for v := 1; v <= versionsOfAll; v++ {
			b.Keyring, b.Notices = rotatedKeys(t, v/4), versions(t, v)
			for n := range peopleOfEach {
				d := draft()
				d.Purpose = fmt.Sprintf("purpose %d of version %d", n, v)
				drafted, err := b.Draft(ctx, d)
				if err != nil || drafted.Record.Notice.Version != fmt.Sprint(v) {
					t.Fatalf("version %q, want %d, %v", drafted.Record.Notice.Version, v, err)
				}
				b.agree(t, drafted)
				texts[drafted.Record.ID] = drafted.Text.Reveal()
			}
			time.Sleep(3 * 365 * 24 * time.Hour / versionsOfAll)
		}
		if len(texts) != versionsOfAll*peopleOfEach {
			t.Fatalf("%d consents", len(texts))
		}
		public := b.Signer.Keys()
		for id, want := range texts {
			b.checkText(t, id, want)
			document, err := b.Receipt(ctx, "t1", id)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := receipt.Verify(document, public...); err != nil {
				t.Errorf("the receipt of %s: %v", id, err)
			}
		}
		found, err := b.Find(ctx, "t1", enginetest.Person())
		if err != nil || len(found.Consents) != len(texts) {
			t.Errorf("%d consents are found under the keys of three years, want %d, %v", len(found.Consents), len(texts), err)
		}
	})
}

// checkText fails if the text of a consent differs from the one that was shown.
func (b *fixture) checkText(t *testing.T, id, want string) {
	t.Helper()
	got, err := b.Text(context.Background(), "t1", id)
	if err != nil || got.Body.Reveal() != want {
		t.Errorf("the text of %s differs, %v", id, err)
	}
	record, err := b.Consent(context.Background(), "t1", id)
	if err != nil || record.Notice != got.Notice || record.Stands(time.Now()) != consent.HasExpired {
		t.Errorf("%s: %+v, %v", id, record.Notice, err)
	}
}

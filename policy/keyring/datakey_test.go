package keyring_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/keyring"
)

const (
	token = idv.SubjectToken("k1:someone")
	place = "cns_1"
	text  = "测试 " + number
)

func dataKey(t testing.TB, r *keyring.Keyring) (key keyring.DataKey, wrapped []byte) {
	t.Helper()
	key, wrapped, err := r.NewDataKey("bank", token)
	if err != nil {
		t.Fatal(err)
	}
	return key, wrapped
}

func TestSealAndOpen(t *testing.T) {
	r := ring(t)
	made, wrapped := dataKey(t, r)
	kept, err := r.Unwrap("bank", token, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	for _, open := range []string{text, "", strings.Repeat("长", 5000)} {
		sealed := made.Seal(place, person(open))
		if open != "" && bytes.Contains(sealed, []byte(open)) {
			t.Error("what is sealed holds the text")
		}
		if bytes.Equal(sealed, made.Seal(place, person(open))) {
			t.Error("the same text sealed twice looks the same")
		}
		got, err := kept.Open(place, sealed)
		if err != nil || !got.Equal(person(open)) {
			t.Errorf("got %d bytes, %v; want %d", len(got.Reveal()), err, len(open))
		}
	}
}

// TestUnwrapElsewhere: a wrapped key opens for its person, tenant and ring alone.
func TestUnwrapElsewhere(t *testing.T) {
	_, wrapped := dataKey(t, ring(t))
	other := key("k2", strings.Repeat("n", 32))
	tests := []struct {
		name   string
		ring   *keyring.Keyring
		tenant idv.Tenant
		token  idv.SubjectToken
		want   error
	}{
		{"as made", ring(t), "bank", token, nil},
		{"after a rotation", ring(t, other, key("k1", secret)), "bank", token, nil},
		{"another person", ring(t), "bank", "k1:other", keyring.ErrSealed},
		{"no subject", ring(t), "bank", "", keyring.ErrSealed},
		{"another tenant", ring(t), "shop", token, keyring.ErrSealed},
		{"a key of another secret", ring(t, key("k1", strings.Repeat("n", 32))), "bank", token, keyring.ErrSealed},
		{"a ring without the key", ring(t, other), "bank", token, keyring.ErrSealed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := test.ring.Unwrap(test.tenant, test.token, wrapped); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// TestOpenElsewhere: what is sealed opens in its place, with its person's key alone.
func TestOpenElsewhere(t *testing.T) {
	r := ring(t)
	mine, _ := dataKey(t, r)
	another, _ := dataKey(t, r)
	sealed := mine.Seal(place, person(text))
	tests := []struct {
		name  string
		key   keyring.DataKey
		place string
		text  []byte
	}{
		{"another place", mine, "cns_2", sealed},
		{"no place", mine, "", sealed},
		{"another data key of the person", another, place, sealed},
		{"a destroyed key", keyring.DataKey{}, place, sealed},
		{"nothing", mine, place, nil},
		{"only a nonce", mine, place, sealed[:12]},
		{"cut off", mine, place, sealed[:len(sealed)-1]},
		{"with more behind it", mine, place, append(slices.Clone(sealed), 0)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.key.Open(test.place, test.text)
			if !errors.Is(err, keyring.ErrSealed) || !got.IsZero() {
				t.Errorf("got a text: %v, %v; want %v", !got.IsZero(), err, keyring.ErrSealed)
			}
		})
	}
}

// TestEveryByteCounts flips a bit of each byte, of what is sealed and of the wrapped
// key: each time it is noise, and the error says nothing else.
func TestEveryByteCounts(t *testing.T) {
	r := ring(t)
	k, wrapped := dataKey(t, r)
	sealed := k.Seal(place, person(text))
	flip := func(whole []byte, i int) []byte {
		changed := slices.Clone(whole)
		changed[i] ^= 1 << (i % 8)
		return changed
	}
	for i := range sealed {
		if _, err := k.Open(place, flip(sealed, i)); !bare(err) {
			t.Errorf("byte %d of what is sealed: got %v", i, err)
		}
	}
	for i := range wrapped {
		if _, err := r.Unwrap("bank", token, flip(wrapped, i)); !bare(err) {
			t.Errorf("byte %d of the wrapped key: got %v", i, err)
		}
	}
}

// bare reports whether an error is ErrSealed and says nothing beside it.
func bare(err error) bool {
	return errors.Is(err, keyring.ErrSealed) && err.Error() == keyring.ErrSealed.Error()
}

// TestDestroyedKey: with the wrapped key gone, the ring with all its secrets makes
// nothing of what is sealed.
func TestDestroyedKey(t *testing.T) {
	r := ring(t)
	k, _ := dataKey(t, r)
	sealed := k.Seal(place, person(text))
	for range 50 {
		fresh, _ := dataKey(t, r)
		if _, err := fresh.Open(place, sealed); !errors.Is(err, keyring.ErrSealed) {
			t.Fatalf("got %v, want %v", err, keyring.ErrSealed)
		}
	}
	if _, err := r.Unwrap("bank", token, nil); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("got %v, want %v", err, keyring.ErrSealed)
	}
}

func TestWrappedKeysDiffer(t *testing.T) {
	r := ring(t)
	_, a := dataKey(t, r)
	_, b := dataKey(t, r)
	if bytes.Equal(a, b) || !bytes.HasPrefix(a, []byte("k1:")) || len(a) != 3+12+32+16 {
		t.Errorf("%d bytes, the same: %v", len(a), bytes.Equal(a, b))
	}
}

func TestOneDataKeyForAll(t *testing.T) {
	r := ring(t)
	k, wrapped := dataKey(t, r)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				again, err := r.Unwrap("bank", token, wrapped)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := again.Open(place, k.Seal(place, person(text))); err != nil || !got.Equal(person(text)) {
					t.Errorf("not the text: %v", err)
				}
			}
		})
	}
	wait.Wait()
}

// FuzzUnwrap: nothing but a wrapped key opens, and nothing panics.
func FuzzUnwrap(f *testing.F) {
	// Each of the fuzzer's processes has its own secret, so that another's is a stranger's.
	r := ring(f, key("k1", rand.Text()+rand.Text()))
	_, wrapped := dataKey(f, r)
	f.Add(wrapped)
	f.Add([]byte("k1:"))
	f.Add([]byte("k1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := r.Unwrap("bank", token, data); !bytes.Equal(data, wrapped) && !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("got %v, want %v", err, keyring.ErrSealed)
		}
	})
}

// FuzzOpen: nothing but what was sealed opens, and nothing panics.
func FuzzOpen(f *testing.F) {
	k, _ := dataKey(f, ring(f))
	sealed := k.Seal(place, person(text))
	f.Add(place, sealed)
	f.Add("", []byte{})
	f.Fuzz(func(t *testing.T, where string, data []byte) {
		_, err := k.Open(where, data)
		if same := where == place && bytes.Equal(data, sealed); (err == nil) != same || err != nil && !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("got %v, want %v", err, keyring.ErrSealed)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	k, _ := dataKey(b, ring(b))
	sealed := k.Seal(place, person(text))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(place, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

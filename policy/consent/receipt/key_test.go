package receipt_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// The key pair is that of RFC 8032 section 7.1, test 1.
const (
	seedText   = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
	publicText = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
	otherSeed  = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
)

func signer(t *testing.T, seed string, before ...ed25519.PublicKey) *receipt.Signer {
	t.Helper()
	s, err := receipt.NewSigner(idv.NewSensitive(seed), before...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKeyOfTheStandard(t *testing.T) {
	t.Parallel()
	s := signer(t, seedText)
	if got := receipt.FormatPublic(s.Keys()[0]); got != publicText {
		t.Errorf("got %s, want %s", got, publicText)
	}
	if got, want := receipt.KeyID(s.Keys()[0]), "21fe31dfa154a261"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKeyTexts(t *testing.T) {
	t.Parallel()
	raw, err := hex.DecodeString(publicText)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, text string
		ok         bool
	}{
		{"hexadecimal", publicText, true},
		{"large letters", strings.ToUpper(publicText), true},
		{"a line", "\t" + publicText + "\r\n", true},
		{"base64", base64.StdEncoding.EncodeToString(raw), true},
		{"base64 without padding", base64.RawStdEncoding.EncodeToString(raw), true},
		{"empty", "", false},
		{"too short", publicText[2:], false},
		{"too long", publicText + "00", false},
		{"no digits", strings.Repeat("z", 64), false},
		{"PEM", "-----BEGIN PUBLIC KEY-----", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, err := receipt.ParsePublic(test.text)
			if test.ok != (err == nil) || !test.ok && !errors.Is(err, receipt.ErrKeyText) {
				t.Fatalf("got %v, want a key: %v", err, test.ok)
			}
			if test.ok && receipt.FormatPublic(key) != publicText {
				t.Errorf("got %x", key)
			}
			if _, err := receipt.NewSigner(idv.NewSensitive(test.text)); test.ok != (err == nil) {
				t.Errorf("as a seed: got %v", err)
			}
		})
	}
}

func TestASignerPrintsNoSecret(t *testing.T) {
	t.Parallel()
	raw, err := hex.DecodeString(seedText)
	if err != nil {
		t.Fatal(err)
	}
	s, bytes := signer(t, seedText), fmt.Sprintf("%d", raw)
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s"} {
		text := fmt.Sprintf(verb, *s)
		for _, secret := range []string{seedText, string(raw), bytes[1:30], fmt.Sprintf("%#v", raw)[8:40]} {
			if strings.Contains(text, secret) {
				t.Errorf("%s prints the seed", verb)
			}
		}
	}
	if _, err := receipt.NewSigner(idv.NewSensitive(seedText[1:])); err == nil || strings.Contains(err.Error(), seedText[1:9]) {
		t.Errorf("got %v; an error must not repeat the seed", err)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	old := signer(t, otherSeed)
	doc, err := old.Sign(made(t, agreed(t)))
	if err != nil {
		t.Fatal(err)
	}
	rotated := signer(t, seedText, old.Keys()...)
	got, err := receipt.Verify(doc, rotated.Keys()...)
	if err != nil || !got.Checked || got.Signature.KeyID != receipt.KeyID(old.Keys()[0]) {
		t.Errorf("what was signed before: got %v, %+v", err, got.Signature)
	}
	fresh, err := rotated.Sign(made(t, agreed(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := receipt.Verify(fresh, old.Keys()...); !errors.Is(err, receipt.ErrKey) {
		t.Errorf("what is signed now, with the old key alone: got %v, want %v", err, receipt.ErrKey)
	}
}

func TestPublicKeys(t *testing.T) {
	t.Parallel()
	raw, err := hex.DecodeString(publicText)
	if err != nil {
		t.Fatal(err)
	}
	x := base64.RawURLEncoding.EncodeToString(raw)
	jwk := `{"kty":"OKP","crv":"Ed25519","kid":"a","x":"` + x + `"}`
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"hex":               {publicText + "\n", 1},
		"the API":           {`{"keys":[{"kid":"a","public_key":"` + publicText + `"},{"kid":"b","public_key":"` + publicText + `"}]}`, 2},
		"a JWK":             {jwk, 1},
		"a JWK Set":         {` {"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},` + jwk + `]}`, 1},
		"no key":            {`{"keys":[]}`, 0},
		"another kind":      {`{"keys":[{"kty":"RSA","n":"AA"}]}`, 0},
		"a short key":       {`{"kty":"OKP","crv":"Ed25519","x":"AA"}`, 0},
		"not JSON":          {`{"keys":`, 0},
		"nothing":           {"", 0},
		"a repeated member": {`{"keys":[],"keys":[` + jwk + `]}`, 0},
	} {
		keys, err := receipt.ParsePublicKeys(c.text)
		if c.want == 0 {
			if !errors.Is(err, receipt.ErrKeyText) {
				t.Errorf("%s: got %v, %v", name, keys, err)
			}
			continue
		}
		if err != nil || len(keys) != c.want || receipt.FormatPublic(keys[0]) != publicText {
			t.Errorf("%s: got %v, %v", name, keys, err)
		}
	}
}

func FuzzPublicKeys(f *testing.F) {
	for _, text := range []string{publicText, `{"keys":[{"public_key":"` + publicText + `"}]}`, `{"kty":"OKP","crv":"Ed25519","x":"AA"}`, "{"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := receipt.ParsePublicKeys(text)
		for _, k := range keys {
			if err == nil && len(k) != ed25519.PublicKeySize {
				t.Errorf("a key of %d bytes", len(k))
			}
		}
	})
}

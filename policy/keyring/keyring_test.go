package keyring_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/keyring"
)

const (
	secret = "0123456789abcdef0123456789abcdef"
	number = "11010120990101005X" // born in 2099: of no person
)

func key(id, secret string) keyring.Key {
	return keyring.Key{ID: id, Secret: idv.NewSensitive(secret)}
}

func ring(t testing.TB, keys ...keyring.Key) *keyring.Keyring {
	t.Helper()
	if keys == nil {
		keys = []keyring.Key{key("k1", secret)}
	}
	r, err := keyring.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func person(number string) idv.Sensitive { return idv.NewSensitive(number) }

func TestNewRing(t *testing.T) {
	long := strings.Repeat("s", 32)
	tests := []struct {
		name string
		keys []keyring.Key
		ok   bool
	}{
		{"one", []keyring.Key{key("k1", long)}, true},
		{"two", []keyring.Key{key("2026a", long), key("2025b", long)}, true},
		{"none", nil, false},
		{"no id", []keyring.Key{key("", long)}, false},
		{"an id with a colon", []keyring.Key{key("k:1", long)}, false},
		{"an id with large letters", []keyring.Key{key("K1", long)}, false},
		{"an id with a line end", []keyring.Key{key("k1\n", long)}, false},
		{"too long an id", []keyring.Key{key(strings.Repeat("k", 17), long)}, false},
		{"an id twice", []keyring.Key{key("k1", long), key("k1", secret)}, false},
		{"too short a secret", []keyring.Key{key("k1", long[1:])}, false},
		{"no secret", []keyring.Key{{ID: "k1"}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := keyring.New(test.keys...)
			if (err == nil) != test.ok {
				t.Fatalf("got %v, want a ring: %v", err, test.ok)
			}
			if err != nil && strings.Contains(err.Error(), "sss") {
				t.Errorf("the error repeats a secret: %v", err)
			}
		})
	}
}

// TestTokenKnown pins the form: if it changed, no person would be found under the
// tokens that are kept.
func TestTokenKnown(t *testing.T) {
	want := idv.SubjectToken("k1:" + tokenByHand(t, "bank", number))
	if got := ring(t).Token("bank", person(number)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	const pinned = "k1:6atnalygaeee6t7i2emfljtimuzw7dxi"
	if want != pinned {
		t.Errorf("made by hand it is %s, kept are tokens like %s", want, pinned)
	}
}

// tokenByHand makes the hash of a token of the secret, by the standards alone.
func tokenByHand(t *testing.T, tenant, number string) string {
	t.Helper()
	derived, err := hkdf.Key(sha256.New, []byte(secret), nil, "heyan token "+tenant, 32)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, derived)
	mac.Write([]byte{0, 0, 0, byte(len(number))})
	mac.Write([]byte(number))
	return strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:20]))
}

// TestTokensDiffer makes the tokens of two people by two tenants and two keys: eight,
// and none twice.
func TestTokensDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, s := range []string{secret, strings.ToUpper(secret)} {
		for _, tenant := range []idv.Tenant{"", "bank", "bank "} {
			for _, n := range []string{number, "110101209901010068", ""} {
				what := fmt.Sprintf("%s of %q by %q", n, tenant, s)
				r := ring(t, key("k1", s))
				token := string(r.Token(tenant, person(n)))
				if other := seen[token]; other != "" {
					t.Errorf("%s has the token of %s", what, other)
				}
				seen[token] = what
				if again := string(r.Token(tenant, person(n))); again != token {
					t.Errorf("%s: %s, then %s", what, token, again)
				}
				if n != "" && strings.Contains(token, n) {
					t.Errorf("the token holds the number")
				}
			}
		}
	}
}

// TestRotation: with a new key in front, people are found under the old one, and new
// tokens are made with the new one.
func TestRotation(t *testing.T) {
	older, newer := key("k1", secret), key("k2", strings.Repeat("n", 32))
	before, after, gone := ring(t, older), ring(t, newer, older), ring(t, newer)
	old := before.Token("bank", person(number))
	tokens := after.Tokens("bank", person(number))
	if len(tokens) != 2 || tokens[1] != old || tokens[0] != after.Token("bank", person(number)) || !strings.HasPrefix(string(tokens[0]), "k2:") {
		t.Errorf("got %v, want the new token and then %s", tokens, old)
	}
	if !after.Matches(old, "bank", person(number)) || !after.Matches(tokens[0], "bank", person(number)) {
		t.Error("a person is not known under both keys")
	}
	if gone.Matches(old, "bank", person(number)) {
		t.Error("a token matches though its key is gone")
	}
	if before.BlindIndex("bank", "name", "x") == after.BlindIndex("bank", "name", "x") {
		t.Error("marks are made with an old key")
	}
}

func TestMatches(t *testing.T) {
	r := ring(t, key("k1", secret), key("k2", strings.Repeat("n", 32)))
	token := r.Token("bank", person(number))
	tests := []struct {
		name   string
		token  idv.SubjectToken
		tenant idv.Tenant
		number string
		want   bool
	}{
		{"the person", token, "bank", number, true},
		{"another person", token, "bank", "110101209901010068", false},
		{"another tenant", token, "shop", number, false},
		{"no token", "", "bank", number, false},
		{"only a key", "k1:", "bank", number, false},
		{"another key's name", "k2" + token[2:], "bank", number, false},
		{"a key that is not there", "k3" + token[2:], "bank", number, false},
		{"a part of it", token[:len(token)-1], "bank", number, false},
		{"more than it", token + "a", "bank", number, false},
		{"large letters", idv.SubjectToken(strings.ToUpper(string(token))), "bank", number, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := r.Matches(test.token, test.tenant, person(test.number)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestMarksDiffer(t *testing.T) {
	r := ring(t)
	seen := map[policy.BlindIndex]int{{}: -1}
	marks := []policy.BlindIndex{
		r.BlindIndex("bank", "name", number), r.BlindIndex("shop", "name", number), r.BlindIndex("bank", "number", number), r.BlindIndex("bank", "name"),
		r.BlindIndex("bank", "name", ""), r.BlindIndex("bank", "name", "", ""), r.BlindIndex("bank", "name", "ab", "c"), r.BlindIndex("bank", "name", "a", "bc"),
		r.BlindIndex("bank", "name", "abc"), r.BlindIndex("bank", "nameabc"), r.BlindIndex("bank", number), r.BlindIndex("bank", ""), r.BlindIndex("", "name", number),
	}
	for i, m := range marks {
		if other, taken := seen[m]; taken {
			t.Errorf("mark %d is that of %d", i, other)
		}
		seen[m] = i
	}
	if r.BlindIndex("bank", "name", number) != marks[0] {
		t.Error("the same mark is not the same again")
	}
	token, _ := strings.CutPrefix(string(r.Token("bank", person(number))), "k1:")
	raw, err := base32.StdEncoding.DecodeString(strings.ToUpper(token))
	mark := r.BlindIndex("bank", number)
	if err != nil || string(raw[:16]) == string(mark[:]) {
		t.Errorf("a mark tells a token: %v", err)
	}
}

// TestOneRingForAll uses a ring from many goroutines: the hashes come from a pool, and
// none may see what another wrote.
func TestOneRingForAll(t *testing.T) {
	r, alone := ring(t), ring(t)
	var wait sync.WaitGroup
	for worker := range 8 {
		tenant := idv.Tenant(fmt.Sprint("tenant", worker%3))
		numbers := []string{number, "110101209901010068", strings.Repeat("9", 300)}
		var tokens []idv.SubjectToken
		var marks []policy.BlindIndex
		for _, n := range numbers {
			tokens = append(tokens, alone.Token(tenant, person(n)))
			marks = append(marks, alone.BlindIndex(tenant, "name", n, "x"))
		}
		wait.Go(func() {
			for i := range 300 {
				n := numbers[i%3]
				if got := r.Token(tenant, person(n)); got != tokens[i%3] {
					t.Errorf("worker %d: got the token %s, want %s", worker, got, tokens[i%3])
				}
				if got := r.BlindIndex(tenant, "name", n, "x"); got != marks[i%3] {
					t.Errorf("worker %d: got another mark", worker)
				}
			}
		})
	}
	wait.Wait()
}

func TestARingPrintsNoSecret(t *testing.T) {
	r := ring(t)
	r.Token("bank", person(number))
	k, _, err := r.NewDataKey("bank", "k1:x")
	if err != nil {
		t.Fatal(err)
	}
	wrapping, err := hkdf.Key(sha256.New, []byte(secret), nil, "heyan wrap bank", 32)
	if err != nil {
		t.Fatal(err)
	}
	bytes := fmt.Sprintf("%d", wrapping)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		text := fmt.Sprintf(verb, r) + fmt.Sprintf(verb, key("k1", secret)) + fmt.Sprintf(verb, k)
		for _, hidden := range []string{secret, string(wrapping), bytes[1:30], fmt.Sprintf("%x", wrapping), number} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s prints a secret", verb)
			}
		}
	}
}

func BenchmarkToken(b *testing.B) {
	r, who := ring(b), person(number)
	b.ReportAllocs()
	for b.Loop() {
		r.Token("bank", who)
	}
}

func BenchmarkMark(b *testing.B) {
	r := ring(b)
	b.ReportAllocs()
	for b.Loop() {
		r.BlindIndex("bank", "name", number)
	}
}

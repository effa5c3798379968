package idv_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// A name of one word at a vendor that takes two has a next step of its own; another
// unsupported claim has that of the document.
func TestAdviceForANameOfOneWord(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{idv.CodeNameParts: "give_full_name", "": "other_document"} {
		a := idv.Attempt{Failed: true, Failure: idv.Unsupported, Origin: idv.OriginEngine, VendorCode: code}
		steps := idv.Advise(idv.Undetermined, idv.Unsupported, []idv.SkipReason{a.Obstacle()})
		if len(steps) != 1 || steps[0].Code != want {
			t.Errorf("the code %q: got %v, want %s", code, steps, want)
		}
	}
}

// A text may be longer or shorter than the coded value, of which it contains a part.
func TestPartInCodedForms(t *testing.T) {
	t.Parallel()
	const number = "11010120990101005X"
	sum := sha256.Sum256([]byte(number))
	digits, standard, url := hex.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(sum[:]), base64.URLEncoding.EncodeToString(sum[:])
	other := hex.EncodeToString([]byte("another value of some length"))
	for _, test := range []struct {
		name, text string
		want       bool
	}{
		{"sixteen digits of a hash", digits[20:36], true},
		{"fifteen digits of a hash", digits[20:35], false},
		{"sixteen digits amid others", other + digits[20:36] + other, true},
		{"fifteen digits amid others", "zz" + digits[20:35] + "zz" + digits[:15] + "zz", false},
		{"a whole hash with separators", digits[:32] + "-" + digits[32:], true},
		{"a part in Base64", standard[10:26], true},
		{"a part in Base64 for URLs", url[10:26], true},
		{"less of it in Base64", standard[10:25], false},
		{"the number in Base64", "q" + base64.RawURLEncoding.EncodeToString([]byte(number)), true},
		{"the number in Base64 in part", base64.RawStdEncoding.EncodeToString([]byte(number))[1:], false},
		{"the number in small letters in hexadecimal", hex.EncodeToString([]byte(strings.ToLower(number))), true},
		{"another value", other, false},
		{"a short text", "code", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			subject := idv.Subject{Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive(number)}
			if got := subject.PartIn(test.text); got != test.want {
				t.Errorf("PartIn(%q) = %t, want %t", test.text, got, test.want)
			}
		})
	}
}

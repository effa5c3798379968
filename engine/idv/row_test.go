package idv

import "testing"

// FuzzContainsPart compares the quick search with one of every row of characters.
func FuzzContainsPart(f *testing.F) {
	f.Add("aaabbbabab", "babab", 3)
	f.Add("0123456789abcdef", "789a", 4)
	f.Add("xy", "xy", 16)
	f.Fuzz(func(t *testing.T, text, of string, part int) {
		if len(of) < 2 || part < 2 { // the shortest encoding has two characters
			return
		}
		want := len(text) >= min(part, len(of)) && containsRow(text, []byte(of), min(part, len(of)))
		if got := containsPart(text, []byte(of), part); got != want {
			t.Errorf("containsPart(%q, %q, %d) = %t, want %t", text, of, part, got, want)
		}
	})
}

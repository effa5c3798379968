package idv

import "fmt"

// word returns the word for v, or "invalid" for a number outside the list, so
// that a value from a foreign process can be printed before it is refused.
func word[T ~uint8](words []string, v T) string {
	if int(v) < len(words) {
		return words[v]
	}
	return "invalid"
}

// parse finds the value for a word. An unlisted word is an error and leaves the
// zero value, which is the cautious one in every enum of this package.
func parse[T ~uint8](kind string, words []string, text []byte, into *T) error {
	for i, w := range words {
		if w == string(text) {
			*into = T(i)
			return nil
		}
	}
	*into = 0
	return fmt.Errorf("unknown %s; the known ones are %v", kind, words)
}

package strictyaml

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Masked stands for a key or value that is there and not shown.
const Masked = "***"

var plainKey = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]{0,23}|[a-z][a-z_]{0,23}(\.[a-z][a-z_]{0,23}){1,3})$`)

// SafeKey returns a key that may be shown. In a file that is written wrongly a secret
// can stand in the place of a key, as in {abc123}; keys that are longer or less plain
// than usual are masked. A path in the place of a key, as log.level, is shown.
func SafeKey(key string) string {
	if plainKey.MatchString(key) {
		return key
	}
	return Masked
}

// Join appends a key to a path, masked by [SafeKey].
func Join(path, key string) string {
	if path == "" {
		return SafeKey(key)
	}
	return path + "." + SafeKey(key)
}

// At appends a list index to a path.
func At(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

var indexes = regexp.MustCompile(`\[\d+\]`)

// Kind returns the path without its list indexes, such as providers[].name: the key
// of tables that hold for every item.
func Kind(path string) string { return indexes.ReplaceAllString(path, "[]") }

// ComparePaths orders paths by their letters, and list[2] before list[10].
func ComparePaths(a, b string) int {
	return slices.CompareFunc(strings.FieldsFunc(a, isBracket), strings.FieldsFunc(b, isBracket), compareWords)
}

func isBracket(r rune) bool { return r == '[' || r == ']' }

// compareWords orders two list indexes by their number and everything else by letters.
func compareWords(a, b string) int {
	if IsIndex(a) && IsIndex(b) {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}
	return cmp.Compare(a, b)
}

// IsIndex reports whether a word is a list index as strconv prints it.
func IsIndex(word string) bool {
	n, err := strconv.Atoi(word)
	return err == nil && n >= 0 && strconv.Itoa(n) == word
}

// Unknown says that a key or name is not known, and which one may be meant.
func Unknown(what, word string, known []string) string {
	for _, k := range known {
		if a, b := strings.ToLower(word), strings.ToLower(k); a == b || oneEdit(a, b) {
			return "unknown " + what + "; did you mean " + k + "?"
		}
	}
	if len(known) == 0 {
		return "unknown " + what + "; there are none here"
	}
	return "unknown " + what + "; the known ones are " + strings.Join(known, ", ")
}

// oneEdit reports whether a becomes b by one letter more, less or other, or by two
// neighbours changing places.
func oneEdit(a, b string) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 2 && len(b) == 2 {
		return a[0] == b[1] && a[1] == b[0]
	}
	return max(len(a), len(b)) == 1
}

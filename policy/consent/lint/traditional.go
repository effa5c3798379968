package lint

import (
	_ "embed" // for the table of characters
	"strings"
	"sync"
)

//go:embed data/traditional.txt
var traditionalText string

// simplifiedOf maps traditional characters and variants to the simplified ones, in which the
// rules are written.
var simplifiedOf = sync.OnceValue(func() map[rune]rune {
	table := map[rune]rune{}
	for line := range strings.Lines(traditionalText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for item := range strings.FieldsSeq(line) {
			forms := []rune(item)
			for _, r := range forms[1:] {
				table[r] = forms[0]
			}
		}
	}
	return table
})

// simplified returns the simplified form of a character.
func simplified(r rune) rune {
	if s, ok := simplifiedOf()[r]; ok {
		return s
	}
	return r
}

// simplifiedText returns a text in simplified characters, with as many characters.
func simplifiedText(text string) string { return strings.Map(simplified, text) }

package lint

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/heyan-id/heyan/policy/consent/notice"
)

// document is a text that was brought into one form.
type document struct {
	lines    []string // as written
	shown    []string // what of them is looked at; the blanks of a template are hidden
	clauses  []clause
	blocks   []string // paragraphs and items of lists, in the one form
	guardian bool     // it is a template for guardians
}

// clause is a sentence in the one form, with a space before and behind it.
type clause struct {
	text   string
	places []place // of each byte of text

	follows bool // it stands in one paragraph with the clause before
}

// place is where something stands in the text that was given, from 1.
type place struct{ line, column int }

func newDocument(text string) *document {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(strings.TrimPrefix(text, "\ufeff"), "�"))
	d := &document{lines: strings.Split(text, "\n"), shown: strings.Split(text, "\n")}
	filled := make([]map[int]string, len(d.lines))
	if t, err := notice.Parse("", []byte(text)); err == nil {
		d.guardian = t.Head().Variant == notice.Guardian
		filled = d.fillTemplate(t)
	}
	d.cut(filled)
	return d
}

// cut makes the clauses and blocks.
func (d *document) cut(filled []map[int]string) {
	var w writer
	var block strings.Builder
	flush := func() {
		for i, c := range w.clauses() {
			c.follows = i > 0
			d.clauses = append(d.clauses, c)
			block.WriteString(c.text)
		}
		if block.Len() > 0 {
			d.blocks = append(d.blocks, block.String())
		}
		block.Reset()
		w = writer{}
	}
	for i, line := range d.shown {
		if i > 0 && !wraps(d.shown[i-1], line) {
			flush()
		}
		w.line(i+1, line, filled[i])
	}
	flush()
}

var itemMark = regexp.MustCompile(`^\s*([-*+•#>|]|[0-9]{1,2}[.)、）]|[0-9]+(\.[0-9]+)+|[一二三四五六七八九十]{1,3}[、.]|[(（][一二三四五六七八九十0-9a-z]{1,3}[)）])`)

// longLine is from how many characters a line that ends without a stop is taken to go
// on in the next.
const longLine = 20

// wraps reports whether a line goes on with the sentence of the line before.
func wraps(before, line string) bool {
	before = strings.TrimSpace(before)
	if strings.TrimSpace(line) == "" || itemMark.MatchString(line) || utf8.RuneCountInString(before) < longLine {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return !strings.ContainsRune("。；！？：.;!?:>", last)
}

var (
	openBlank  = regexp.MustCompile(`\{\{[a-z0-9_.]+\}\}`)
	sectionTag = regexp.MustCompile(`^## \[([a-z0-9-]+)\]`)
)

// hiddenMark stands where a blank was. It is one byte, and no template holds it.
const hiddenMark = '\x01'

// fillTemplate takes the first part of a template away and returns, line by line, what
// its blanks are filled with, by the byte that they begin at. A blank that is typed and
// required is no open one.
func (d *document) fillTemplate(t *notice.Template) []map[int]string {
	filled := make([]map[int]string, len(d.lines))
	section, ended := "", false
	for i, line := range d.lines {
		if !ended {
			ended = i > 0 && line == "---"
			d.shown[i] = ""
			continue
		}
		if m := sectionTag.FindStringSubmatch(line); m != nil {
			section = m[1]
			d.shown[i] = strings.Repeat(" ", len(m[0])) + line[len(m[0]):]
			continue
		}
		filled[i] = map[int]string{}
		for _, at := range openBlank.FindAllStringIndex(line, -1) {
			filled[i][at[0]] = sample(t, line[at[0]+2:at[1]-2], section)
		}
		d.shown[i] = openBlank.ReplaceAllStringFunc(line, func(m string) string { return strings.Repeat(string(hiddenMark), len(m)) })
	}
	return filled
}

// rawOf returns the text as written between two places.
func (d *document) rawOf(from, to place) string {
	var b strings.Builder
	for n := from.line; n <= to.line; n++ {
		runes := []rune(d.lines[n-1])
		start, end := 0, len(runes)
		if n == from.line {
			start = min(from.column-1, end)
		}
		if n == to.line {
			end = min(to.column, end)
		}
		b.WriteString(string(runes[start:max(start, end)]))
	}
	return b.String()
}

package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/policy/consent/notice"
)

// document is a normalized text.
type document struct {
	lines    []string // as written
	shown    []string // what of them is checked; the blanks of a template are hidden
	clauses  []clause
	blocks   []string // paragraphs and items of lists, normalized: as joined sentences, and as lines that follow one another
	guardian bool     // it is a template for guardians

	continues []int // the line before that each line continues, -1 for none
}

// clause is a normalized sentence, with a space before and behind it.
type clause struct {
	text   string
	places []place // of each byte of text

	follows bool // it stands in one paragraph with the clause before
}

// place is where something stands in the text that was given, from 1.
type place struct{ line, column int }

// and returns two clauses as one.
func (c clause) and(next clause) clause {
	return clause{text: c.text + next.text, places: slices.Concat(c.places, next.places)}
}

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

// paragraphs adds the blocks of lines between blank lines and items. A statement may stand on
// lines that each end with a colon or a stop by the chance of wrapping.
func (d *document) paragraphs(filled []map[int]string) {
	var n normalizer
	lines := 0
	for i := 0; i <= len(d.shown); i++ {
		if i == len(d.shown) || strings.TrimSpace(d.shown[i]) == "" || itemMark.MatchString(d.shown[i]) {
			if block := n.all(); lines > 1 {
				d.blocks = append(d.blocks, block)
			}
			n, lines = normalizer{}, 0
		}
		if i < len(d.shown) {
			n.line(i+1, d.shown[i], filled[i])
			lines++
		}
	}
}

// cut makes the clauses and blocks.
func (d *document) cut(filled []map[int]string) {
	var n normalizer
	flush := func() {
		block := ""
		for i, c := range n.clauses() {
			c.follows = i > 0
			d.clauses = append(d.clauses, c)
			block += c.text
		}
		if block != "" {
			d.blocks = append(d.blocks, block)
		}
		n = normalizer{}
	}
	d.paragraphs(filled)
	d.continues = d.wrapping()
	for i, before := range d.continues {
		if i > 0 && before < 0 {
			flush()
		}
		n.line(i+1, d.shown[i], filled[i])
	}
	flush()
}

var (
	openBlank  = regexp.MustCompile(`\{\{[a-z0-9_.]+\}\}`)
	sectionTag = regexp.MustCompile(`^## \[([a-z0-9-]+)\]`)
)

// hiddenMark stands where a blank was. It is one byte, and no template contains it.
const hiddenMark = '\x01'

// fillTemplate hides the front matter of a template and returns, line by line, what its
// blanks are filled with, by the byte that they begin at. A blank of a template is typed
// and required, so it is no leftover blank.
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

// sample returns what a template's blank is read as: by its name, by the section that
// it stands in, or by its kind.
func sample(t *notice.Template, name, section string) string {
	text := tables().samples["text"]
	for _, key := range []string{kindOf(t, name), section, name} {
		if s, ok := tables().samples[key]; ok {
			text = s
		}
	}
	return text.In(t.Head().Language)
}

func kindOf(t *notice.Template, name string) string {
	name, field, dotted := strings.Cut(name, ".")
	for _, b := range t.Blanks() {
		if b.Name == name && dotted {
			return string(b.Kind) + "." + field
		} else if b.Name == name {
			return string(b.Kind)
		}
	}
	return ""
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

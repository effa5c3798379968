package lint

import (
	"regexp"
	"unicode"
	"unicode/utf8"
)

// look is one form of a thing that is seen in the text as written, before it is brought
// into one form: spaces and marks count here.
type look struct {
	id   string
	form *regexp.Regexp
}

// looks are open blanks, and prints that are made not to be read. Each is short, so
// that one can be added without understanding the others.
func looks() []look {
	var list []look
	for id, forms := range map[string][]string{
		"leftover-blank": {
			`【\s*】`, `【[^】]{0,12}(请|填|输入|名称|姓名|日期|待)[^】]{0,12}】`,
			`[_＿]{2,}`, `\{\{|\}\}`, `\$\{[^}]{0,40}\}`, `%[A-Z_]{3,40}%`,
			`\[[^\]]{0,20}(请|填写|名称|姓名|公司|日期)[^\]]{0,20}\]([^(]|$)`, `(?i)\[(insert|your|company|name|date|address|purpose)\b[^\]]{0,40}\]([^(]|$)`, `\[●\]`,
			`<\p{Han}{1,12}>`, `(?i)<(name|purpose|company|date|recipient|insert [^<>]{1,40})>`,
			`(^|[^0-9A-Za-z*])[Xx×✕]{2,}($|[^0-9A-Za-z*])`, `某某`, `年[ 　_＿]+月[ 　_＿]+日`, `[（(][ 　]{2,}[）)]`, `[:：][ 　]{3,}([^ 　]|$)`,
			`[（(【]?(待|请|此处)(填|输入|补充)[^）)】]{0,8}[）)】]`, `\bTB[ACD]\b`,
		},
		"fine-print": {
			`(?i)<(small|sub)\b`, `(?i)font-size:\s*([0-9](\.[0-9]+)?px|1[01]px|[0-8](\.[0-9]+)?pt|0?\.[0-7][0-9]*r?em|[1-6]?[0-9]%)`, `(?i)<font[^>]*size="?[12]\b`,
			`(?i)color:\s*(#f{3}\b|#f{6}\b|white\b|transparent\b)`, `(?i)display:\s*none`, `(?i)visibility:\s*hidden`, `(?i)opacity:\s*0?\.[0-4]`,
			`(?i)class="[^"]*(fine-?print|small-?print)`, `(?i)<[a-z]+[^>]*\shidden\b`,
		},
	} {
		for _, form := range forms {
			list = append(list, look{id, regexp.MustCompile(form)})
		}
	}
	return list
}

const (
	longHan  = 150  // Chinese characters in a clause that nobody reads in one breath
	longText = 1000 // letters in a clause of other letters
	longAll  = 8000 // characters in a notice that nobody reads
)

// rawFindings looks at the text as written, once a line for each rule.
func (d *document) rawFindings() []Finding {
	var list []Finding
	all, forms := 0, looks()
	for i, line := range d.shown {
		all += utf8.RuneCountInString(line)
		seen := map[string]bool{}
		for _, l := range forms {
			at := l.form.FindStringIndex(line)
			if at == nil || seen[l.id] {
				continue
			}
			seen[l.id] = true
			list = append(list, Finding{Rule: rule(l.id), Line: i + 1, Column: utf8.RuneCountInString(line[:at[0]]) + 1, Quote: quote(d.lines[i])})
		}
	}
	for _, c := range d.clauses {
		if han, other := lengths(c.text); han > longHan || other > longText {
			list = append(list, d.finding("fine-print", c, 1))
		}
	}
	if all > longAll {
		list = append(list, Finding{Rule: rule("fine-print"), Line: 1, Column: 1, Quote: quote(d.lines[0])})
	}
	return list
}

func lengths(text string) (han, other int) {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			han++
		} else {
			other++
		}
	}
	return han, other
}

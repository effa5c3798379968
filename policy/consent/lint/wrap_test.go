package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/heyan-id/heyan/policy/consent/notice"
)

// wrap breaks the lines of a text at a width, as an editor does: Latin words at spaces,
// Chinese text anywhere but before punctuation.
func wrap(text string, most int, between string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		out = append(out, wrapLine(line, most)...)
	}
	return strings.Join(out, between)
}

func wrapLine(line string, most int) (list []string) {
	for width(line) > most {
		end, columns, space := 0, 0, -1
		for i, r := range line {
			columns += width(string(r))
			if columns > most && i > 0 && !unicode.IsPunct(r) && r != '，' {
				break
			}
			end = i + len(string(r))
			if r == ' ' {
				space = i
			}
		}
		if next := strings.IndexFunc(line[end:], func(r rune) bool { return r > 0x2e80 }); next != 0 && space > 0 && end < len(line) {
			end = space + 1 // within a Latin word
		}
		if end >= len(line) {
			break
		}
		list = append(list, strings.TrimRight(line[:end], " "))
		line = strings.TrimLeft(line[end:], " ")
	}
	return append(list, line)
}

func widths() []int { return []int{16, 20, 24, 30, 36, 40, 48, 60, 72, 80, 100} }

// TestWrappingHidesNoClause wraps clauses at many widths, also with a blank line behind each.
func TestWrappingHidesNoClause(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ rule, text string }{
		{"irrevocable", "本授权一经作出，便在任何情况下都不可撤销。"},
		{"irrevocable", "This consent is final and, once you have given it to us, it cannot be withdrawn for any reason."},
		{"unlimited", "我们可以在您离职以后继续无限次地查询您的身份信息，本授权长期有效。"},
		{"unnamed-recipients", "我们会把您的姓名和证件号码提供给我们的合作伙伴以及关联公司使用。"},
		{"no-further-consent", "本协议的内容发生变更的，我们无需另行征得您的同意。"},
	} {
		if !slices.Contains(ids(Lint(seeded(tt.rule, tt.text))), tt.rule) {
			t.Fatalf("%s is not found in one line", tt.text)
		}
		for _, most := range widths() {
			for _, between := range []string{"\n", "\r\n", "\r", "\n\n", "\n　　", "\n  "} {
				text := wrap(seeded(tt.rule, tt.text), most, between)
				if !slices.Contains(ids(Lint(text)), tt.rule) {
					t.Errorf("%s at %d columns with %q: not found", tt.rule, most, between)
				}
			}
		}
	}
}

// TestEveryBreakOfAClause breaks a clause at each character.
func TestEveryBreakOfAClause(t *testing.T) {
	t.Parallel()
	const clause = "您同意本授权书一经签署即不可撤销"
	runes := []rune(clause)
	for at := len(runes) / 2; at < len(runes); at++ {
		text := string(runes[:at]) + "\n" + string(runes[at:]) + "。"
		if !slices.Contains(ids(Lint(text)), "irrevocable") {
			t.Errorf("not found in %q", text)
		}
	}
	if !slices.Contains(ids(Lint("This consent is irrevo-\ncable once it is given.")), "irrevocable") {
		t.Error("not found in a divided word")
	}
	if !slices.Contains(ids(Lint("甲方名称为某\n某公司，请核对。")), "leftover-blank") {
		t.Error("a form is not found over a line break")
	}
}

// TestWrappingMakesNoFindings wraps heyan's own notices and a clean one.
func TestWrappingMakesNoFindings(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"clean zh": join(whole(true)), "clean en": join(whole(false))}
	for _, template := range shipped(t) {
		h := template.Head()
		if h.Status != notice.Ready {
			continue
		}
		rendered, err := template.RenderExample(filling(template))
		if err != nil {
			t.Fatal(err)
		}
		texts[h.Name+" "+h.Language] = rendered.Body.Reveal()
	}
	if len(texts) < 6 {
		t.Fatalf("only %d notices", len(texts))
	}
	for name, text := range texts {
		for _, most := range widths() {
			for _, between := range []string{"\n", "\r\n"} {
				for _, f := range Lint(wrap(text, most, between)) {
					t.Errorf("%s at %d columns: %s at %d:%d %q", name, most, f.ID, f.Line, f.Column, f.Quote)
				}
			}
		}
	}
}

// traditional writes a text with a traditional form of each character that has one.
func traditional(text string) string {
	forms := map[rune]rune{}
	for form, r := range simplifiedOf() {
		if _, err := traditionalchinese.Big5.NewEncoder().String(string(form)); err == nil && (forms[r] == 0 || form < forms[r]) {
			forms[r] = form
		}
	}
	return strings.Map(func(r rune) rune {
		if form, ok := forms[r]; ok {
			return form
		}
		return r
	}, text)
}

// TestTraditionalForms: a wording is found in traditional characters if it is in simplified
// ones, and a clean text stays clean.
func TestTraditionalForms(t *testing.T) {
	t.Parallel()
	changed := 0
	for rule, list := range wordings(t, "wordings.txt") {
		rule = strings.TrimSuffix(rule, " held")
		for i, w := range list {
			if i%10 != 0 { // a tenth of two thousand
				continue
			}
			text := seeded(rule, w)
			other := traditional(text)
			if other != text {
				changed++
			}
			if want, got := ids(Lint(text)), ids(Lint(other)); !slices.Equal(want, got) {
				t.Errorf("%s: %v, in traditional characters %v: %s", rule, want, got, traditional(w))
			}
		}
	}
	if changed < 100 {
		t.Errorf("only %d texts have a traditional form", changed)
	}
	for _, f := range Lint(traditional(join(whole(true)))) {
		t.Errorf("a clean notice: %s at %d:%d %q", f.ID, f.Line, f.Column, f.Quote)
	}
	for _, text := range []string{"本授權一經作出，便不可撤銷。", "本授權一經作出，便不可撤銷", "ｔｈｉｓ ｃｏｎｓｅｎｔ ｉｓ ｉｒｒｅｖｏｃａｂｌｅ."} {
		if !slices.Contains(ids(Lint(text)), "irrevocable") {
			t.Errorf("irrevocable is not found in %s", text)
		}
	}
}

// TestTheTableIsComplete: a character of the rules that Big5, the character set of
// traditional texts, does not have is a simplified one, so the table has its traditional
// form; and no character of the rules is changed.
func TestTheTableIsComplete(t *testing.T) {
	t.Parallel()
	known := map[rune]bool{}
	for form, r := range simplifiedOf() {
		known[r] = true
		if _, twice := simplifiedOf()[r]; twice {
			t.Errorf("%c stands for %c, which is itself replaced", form, r)
		}
	}
	tested := 0
	for _, list := range tables().index {
		for _, e := range list {
			for _, r := range e.word {
				if simplified(r) != r {
					t.Errorf("%c of %s is replaced by %c, so the word is never found", r, e.word, simplified(r))
				}
				if !unicode.Is(unicode.Han, r) || known[r] || r == '着' || r == '帐' { // 着 and 帐 have forms that are characters of their own: 著, 帳
					continue
				}
				tested++
				if _, err := traditionalchinese.Big5.NewEncoder().String(string(r)); err != nil {
					t.Errorf("%c of %s has no traditional form in the table", r, e.word)
				}
				if _, err := simplifiedchinese.GBK.NewEncoder().String(string(r)); err != nil {
					t.Errorf("%c of %s is no simplified character", r, e.word)
				}
			}
		}
	}
	if tested < 1000 || len(simplifiedOf()) < 2500 {
		t.Errorf("%d characters tested, %d in the table", tested, len(simplifiedOf()))
	}
	// Those that Big5 has as characters of their own, by the traditional form.
	for form, r := range map[rune]rune{'後': '后', '隻': '只', '係': '系', '製': '制', '復': '复', '範': '范', '準': '准', '裡': '里', '台': '台', '臺': '台', '於': '于', '個': '个', '並': '并'} {
		if simplified(form) != r {
			t.Errorf("%c became %c, want %c", form, simplified(form), r)
		}
	}
}

// TestQuotesMaskNumbers: a finding shows no number in any width or grouping.
func TestQuotesMaskNumbers(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"11010519491231002X", "１１０１０５１９４９１２３１００２Ｘ", "110105 19491231 002X", "110105-19491231-002X", "138-0013-8000"} {
		got := quote(fmt.Sprintf("证件号码%s不可撤销", number))
		if strings.Contains(got, "002") || strings.Contains(got, "００２") || strings.Contains(got, "1949") || strings.Contains(got, "8000") {
			t.Errorf("%s is quoted as %s", number, got)
		}
	}
}

package lint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// whole is a notice in which every part stands, by the part.
func whole(chinese bool) map[string]string {
	if chinese {
		return map[string]string{
			"opening":    "本告知书由北京示例科技有限公司提供给测试（证件号码：11010120990101005X）。",
			"purpose":    "我们核验的目的只有一个：确认开户人的姓名与证件号码相符。",
			"method":     "我们把您填写的信息加密传送给接收方比对。",
			"necessity":  "上述信息是比对所必需的，缺少任何一项都无法得出结果。",
			"impact":     "这些信息一旦泄露，可能有人冒用您的身份，使您的财产受到损害。",
			"recipients": "接收方：四川涪擎大数据技术有限公司（联系方式：028-0000-0000），用途：比对姓名与号码。",
			"retention":  "核验完成后立即删除原文，核验记录保存三年。",
			"rights":     "您可以查阅、复制、更正或者删除您的信息。",
			"withdrawal": "您可以随时撤回同意，方式：在隐私页面点击撤回。",
			"contact":    "北京示例科技有限公司，联系方式：400-000-0000。",
			"guardian":   "未满十四周岁的，须由父母或者其他监护人同意。",
		}
	}
	return map[string]string{
		"opening":    "Example Ltd gives this notice to Test (document number: 11010120990101005X).",
		"purpose":    "The check has one purpose: to confirm that your name and number belong together.",
		"method":     "We send what you entered, encrypted, to the recipient.",
		"necessity":  "The comparison needs each of these items; without one of them there is no result.",
		"impact":     "If this data leaks, somebody could pretend to be you and harm your property.",
		"recipients": "Recipient: Example Data Ltd (contact: 028-0000-0000), receives name and number in order to compare them.",
		"retention":  "The data is deleted as soon as the check is done; the record is kept for three years.",
		"rights":     "You may ask for access to your data, a copy, and to have it corrected or deleted.",
		"withdrawal": "You may withdraw at any time: press the button on the privacy page.",
		"contact":    "Example Ltd, contact: 400-000-0000.",
		"guardian":   "If you are under 14, a parent or other guardian must give consent.",
	}
}

func join(parts map[string]string) string {
	var lines []string
	for _, key := range []string{"opening", "purpose", "method", "necessity", "impact", "recipients", "retention", "rights", "withdrawal", "contact", "guardian", "more"} {
		lines = append(lines, parts[key])
	}
	return strings.Join(lines, "\n\n")
}

// seeded puts a defect into a whole notice.
func seeded(rule, wording string) string {
	repeated, long := strings.CutPrefix(wording, "@long ")
	if long {
		wording = strings.Repeat(repeated, 16)
	}
	parts := whole(strings.ContainsFunc(wording, func(r rune) bool { return unicode.Is(unicode.Han, r) }))
	if part, ok := strings.CutPrefix(rule, "missing-"); ok {
		parts[part] = wording
	} else {
		parts["more"] = wording
	}
	return join(parts)
}

func ids(list []Finding) []string {
	var out []string
	for _, f := range list {
		if !slices.Contains(out, f.ID) {
			out = append(out, f.ID)
		}
	}
	return out
}

// wordings reads testdata: the lines under each heading.
func wordings(t *testing.T, file string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	lists, head := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") && !strings.ContainsAny(line, "名公"):
			head = strings.Trim(line, "[]")
		default:
			lists[head] = append(lists[head], line)
		}
	}
	return lists
}

func TestWholeNoticeIsClean(t *testing.T) {
	t.Parallel()
	for _, chinese := range []bool{true, false} {
		for _, f := range Lint(join(whole(chinese))) {
			t.Errorf("%s at %d:%d %q", f.ID, f.Line, f.Column, f.Quote)
		}
	}
}

// TestSeededDefects holds the linter to 99 % of the wordings, for those that the rules
// were made with and for those that were kept back.
func TestSeededDefects(t *testing.T) {
	lists := wordings(t, "wordings.txt")
	rates := map[bool][2]int{}
	for _, r := range Rules() {
		t.Run(r.ID, func(t *testing.T) {
			known, held := lists[r.ID], lists[r.ID+" held"]
			if len(known)+len(held) < 20 || len(held) < 5 {
				t.Fatalf("%d wordings and %d held back, want 20 with 5", len(known), len(held))
			}
			for i, w := range append(slices.Clone(known), held...) {
				kept := i >= len(known)
				rate := rates[kept]
				rate[1]++
				if slices.Contains(ids(Lint(seeded(r.ID, w))), r.ID) {
					rate[0]++
				} else {
					t.Logf("not found (held back: %v): %s", kept, w)
				}
				rates[kept] = rate
			}
		})
	}
	for kept, rate := range rates {
		t.Logf("held back: %v: %d of %d found", kept, rate[0], rate[1])
		if rate[0]*100 < rate[1]*99 {
			t.Errorf("held back: %v: %d of %d found, want 99 %%", kept, rate[0], rate[1])
		}
	}
}

func TestCleanSentences(t *testing.T) {
	t.Parallel()
	list := wordings(t, "clean.txt")[""]
	if len(list) < 20 {
		t.Fatalf("%d sentences, want 20", len(list))
	}
	for _, sentence := range list {
		if found := ids(Lint(seeded("more", sentence))); len(found) > 0 {
			t.Errorf("%v in %s", found, sentence)
		}
	}
}

package lint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPattern(t *testing.T) {
	t.Parallel()
	names := map[string]string{"撤回": "撤回|收回", "授权": "授权|{撤回}书"}
	tests := []struct {
		name, pattern, text string
		found               bool
	}{
		{"alternative", "撤销|收回", "可以收回", true},
		{"directly behind", "不 + 撤销", "不撤销", true},
		{"not directly behind", "不 + 撤销", "不得撤销", false},
		{"close", "不 ~ 撤销", "不得随意撤销", true},
		{"close, but too far", "不 ~ 撤销", "不以任何形式或者任何理由撤销", false},
		{"close, but beyond a comma", "不 ~ 撤销", "不变,可撤销", false},
		{"further on", "不 .. 撤销", "不以任何形式,或者任何理由撤销", true},
		{"further on, but too far", "不 .. 撤销", "不" + strings.Repeat("中", 26) + "撤销", false},
		{"wrong order", "撤销 .. 不", "不得撤销", false},
		{"any order", "撤销 & 罚款", "罚款之后撤销", true},
		{"any order, one is missing", "撤销 & 罚款", "不得撤销", false},
		{"any order, but too far", "撤销 & 罚款", "罚款" + strings.Repeat("中", 60) + "撤销", false},
		{"the second try fits", "不 ~ 撤销 ~ 书", "不撤销,不撤销书", true},
		{"but not", "撤销 ! 可以|有权", "可以撤销", false},
		{"but not, second", "撤销 ! 有权 ! 可以 .. 撤", "可以撤销", false},
		{"but not, absent", "撤销 ! 有权", "可以撤销", true},
		{"concept", "不得 ~ {撤回}", "不得收回", true},
		{"concept in a concept", "{授权} .. 无效", "收回书无效", true},
		{"words with a space", "no way ~ back", " there is no way back ", true},
		{"an underscore is a space", "_may_", " maybe ", false},
		{"begins a word", "hold", " household ", false},
		{"begins a word, goes on", "hold", " holding ", true},
		{"turned around close by", "永久", "绝不会永久保存", false},
		{"turned around directly", "永久", "不永久保存", false},
		{"turned around elsewhere", "永久", "不收费,永久保存", true},
		{"turned around inside", "公司 .. 多次", "公司不会多次查询", false},
		{"a negator that is part of it", "没有 ~ 期限", "没有期限", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := parse(test.pattern, names)
			if err != nil {
				t.Fatal(err)
			}
			if found := newIndex([]pattern{p}).read(test.text).matches(p); found != test.found {
				t.Errorf("%s in %s: %v", test.pattern, test.text, found)
			}
		})
	}
}

// TestSpread tells two clauses that break a rule together from such that do not, and a
// clause from one that only speaks of clauses.
func TestSpread(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, rule string
		found            bool
	}{
		{"two sentences", "借款人逾期的,可以分期归还。届时不另行通知借款人。", "adverse-data", true},
		{"two paragraphs", "借款人逾期的,可以分期归还。\n\n届时不另行通知借款人。", "adverse-data", false},
		{"a promise", "逾期信息我们会事先告知您。", "adverse-data", false},
		{"a promise turned around", "逾期信息报送征信机构,我们不会事先告知您。", "adverse-data", true},
		{"a clause that does not apply", "任何写明不可撤回的条款均无效。", "irrevocable", false},
		{"a clause that is void beside the consent", "任何条款无效的,仍不影响本授权,本授权不可撤回。", "irrevocable", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if found := slices.Contains(ids(Lint(test.text)), test.rule); found != test.found {
				t.Errorf("%s: %v", test.text, found)
			}
		})
	}
}

// BenchmarkLint reads some 5 kB of clean sentences, which no early finding cuts short.
func BenchmarkLint(b *testing.B) {
	text, err := os.ReadFile(filepath.Join("testdata", "clean.txt"))
	if err != nil {
		b.Fatal(err)
	}
	notice := strings.ToValidUTF8(string(text[:5000]), "")
	for b.Loop() {
		Lint(notice)
	}
}

package lint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// filling fills any shipped template, for a person who does not exist.
func filling(t *notice.Template) notice.Values {
	name, number := idv.NewSensitive("测试"), idv.NewSensitive("11010120990101005X")
	texts := map[string][2]string{
		"business":   {"开立账户", "opening an account"},
		"purpose":    {"确认开户人的姓名与证件号码相符", "confirm that the name and the number belong together"},
		"retention":  {"核验完成后立即删除原文，核验记录保存三年", "The data is deleted as soon as the check is done; the record is kept for three years"},
		"withdrawal": {"在“我的—隐私”页面点击撤回同意", "press Withdraw on the page My privacy"},
		"relation":   {"母亲", "mother"},
		"vendor":     {"示例数据有限公司", "Example Data Ltd"},
	}
	language := 1
	if strings.HasPrefix(t.Head().Language, "zh") {
		language = 0
	}
	values := notice.Values{}
	for _, b := range t.Blanks() {
		values[b.Name] = map[notice.Kind]notice.Value{
			notice.KindText: notice.Text(texts[b.Name][language]), notice.KindName: notice.Name(name), notice.KindIDNumber: notice.IDNumber(number),
			notice.KindCount: notice.Count(3), notice.KindDate: notice.Date(time.Date(2026, 11, 8, 0, 0, 0, 0, time.UTC)),
			notice.KindList:  notice.List("姓名", "居民身份证号码"),
			notice.KindParty: notice.Party(consent.Party{Name: "北京示例科技有限公司", Contact: "400-000-0000"}),
			notice.KindRecipients: notice.Recipients(notice.Recipient{
				Party: consent.Party{Name: "四川涪擎大数据技术有限公司", Contact: "028-0000-0000"}, For: "比对姓名与号码", Method: "在线比对", Items: []string{"姓名"},
			}),
		}[b.Kind]
	}
	return values
}

func shipped(t *testing.T) []*notice.Template {
	t.Helper()
	catalogue, err := notice.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.All()
}

func TestShippedNotices(t *testing.T) {
	t.Parallel()
	for _, template := range shipped(t) {
		h := template.Head()
		t.Run(h.Name+" "+h.Language, func(t *testing.T) {
			rendered, err := template.RenderExample(filling(template))
			if err != nil {
				t.Fatal(err)
			}
			for state, text := range map[string]string{"with blanks": template.Source(), "rendered": rendered.Body.Reveal()} {
				found := Lint(text)
				if h.Status == notice.Ready {
					for _, f := range found {
						t.Errorf("%s: %s at %d:%d %q", state, f.ID, f.Line, f.Column, f.Quote)
					}
				} else if n := clauses(found); len(n) < 6 {
					t.Errorf("%s: only %v, want 6", state, n)
				}
			}
		})
	}
}

// clauses are the rules of which a clause was found.
func clauses(found []Finding) []string {
	return ids(slices.DeleteFunc(slices.Clone(found), func(f Finding) bool { return f.Line == 0 || f.ID == "leftover-blank" }))
}

// TestGuide reads the letter in the guide of the first vendor, where it lies beside the
// checkout.
func TestGuide(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "seed", "idcert-user-guide.md"))
	if err != nil {
		t.Skip("the guide of the first vendor is not beside the checkout")
	}
	_, letter, ok := strings.Cut(string(text), "## 六 隐私协议\n")
	if !ok {
		t.Fatal("the guide has no section six")
	}
	found := Lint(letter)
	for _, f := range found {
		t.Logf("%s %d:%d %s", f.ID, f.Line, f.Column, f.Quote)
	}
	want := []string{
		"irrevocable", "unlimited", "unnamed-recipients", "no-further-consent", "excess-data", "adverse-data", "bundled-purposes", "all-consequences",
		"independence", "leftover-blank", "missing-contact", "missing-retention", "missing-rights", "missing-withdrawal", "missing-necessity",
	}
	for _, id := range want {
		if !slices.Contains(ids(found), id) {
			t.Errorf("%s was not found", id)
		}
	}
	if n := clauses(found); len(n) < 6 {
		t.Errorf("only %v", n)
	}
}

func TestWhereAFindingIs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, id, quote string
		line, column          int
	}{
		{"plain", "第一句。\n第二句，本授权不可撤销。", "irrevocable", "第二句，本授权不可撤销。", 2, 8},
		{"marks and spaces", "**本 授 权**  不\u200b可 撤 销", "irrevocable", "本 授 权** 不\u200b可 撤 销", 1, 12},
		{"full width", "Ｔhis ｃonsent is ＩＲＲＥＶＯＣＡＢＬＥ", "irrevocable", "Ｔhis ｃonsent is ＩＲＲＥＶＯＣＡＢＬＥ", 1, 17},
		{"line break", "我们确认以下约定并且同意：一经作出的本授权不可\n撤销", "irrevocable", "我们确认以下约定并且同意：一经作出的本授权不可撤销", 1, 22},
		{"number in the quote", "编号11010120990101005X的授权不可撤销", "irrevocable", "编号***的授权不可撤销", 1, 24},
		{"windows lines", "一\r\n【】", "leftover-blank", "【】", 2, 1},
		{"html", "<b>不可</b>撤销", "irrevocable", "不可</b>撤销", 1, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, f := range Lint(test.text) {
				if f.ID != test.id {
					continue
				}
				if f.Line != test.line || f.Column != test.column || f.Quote != test.quote {
					t.Errorf("%d:%d %q, want %d:%d %q", f.Line, f.Column, f.Quote, test.line, test.column, test.quote)
				}
				return
			}
			t.Errorf("no %s", test.id)
		})
	}
}

// TestRulesAreWhole: a finding without an article or a proposal is of no use.
func TestRulesAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] {
			t.Errorf("%s is there twice", r.ID)
		}
		seen[r.ID] = true
		for _, text := range []idv.Text{r.Article, r.Why, r.Proposal} {
			if text.ZH == "" || text.EN == "" {
				t.Errorf("%s lacks a text", r.ID)
			}
		}
	}
	if len(seen) < 13 {
		t.Errorf("%d rules, want 13", len(seen))
	}
}

// TestProposalsAreClean: what is proposed must not be found itself.
func TestProposalsAreClean(t *testing.T) {
	t.Parallel()
	for _, r := range Rules() {
		for _, proposal := range []string{r.Proposal.ZH, r.Proposal.EN} {
			if found := clauses(Lint(seeded("more", proposal))); len(found) > 0 {
				t.Errorf("%s proposes %q, in which %v is found", r.ID, proposal, found)
			}
		}
	}
}

func FuzzLint(f *testing.F) {
	f.Add("本授权不可撤销。\n【】")
	f.Add("---\nname: a\n---\n## [purpose] x\n{{a}}")
	f.Add("<b\xff>not .. withdraw</b> ﷺ\u200b")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		for _, found := range Lint(text) {
			if (found.Line == 0) != strings.HasPrefix(found.ID, "missing-") || found.Column < 0 || !utf8.ValidString(found.Quote) {
				t.Errorf("%s at %d:%d", found.ID, found.Line, found.Column)
			}
		}
	})
}

package notice

import (
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
)

// Difference is the difference between two versions of a template.
type Difference struct {
	Added, Removed, Changed []string // sections, by id
	Blanks                  []string // blanks with another declaration, by name
	Reasons                 []Reason // why consent must be asked for again; none if it need not
}

// AskAgain reports whether the new text needs a new consent from those who agreed to the
// old one.
func (d Difference) AskAgain() bool { return len(d.Reasons) > 0 }

// Same reports whether there is no difference.
func (d Difference) Same() bool {
	return len(d.Added)+len(d.Removed)+len(d.Changed)+len(d.Blanks)+len(d.Reasons) == 0
}

// Reason is why consent must be asked for again.
type Reason struct {
	What string // the id of the section or the name of the blank; "material" if the template requires it
	Text idv.Text
}

// Diff compares two versions of a template. The reasons follow from what changed; the
// material key of the template can only add one.
func Diff(old, next *Template) Difference {
	var d Difference
	for _, s := range next.sections {
		switch before, ok := old.section(s.ID); {
		case !ok:
			d.Added = append(d.Added, s.ID)
		case before.Text != s.Text || before.Heading != s.Heading:
			d.Changed = append(d.Changed, s.ID)
		}
	}
	for _, s := range old.sections {
		if !has(next.sections, s.ID) {
			d.Removed = append(d.Removed, s.ID)
		}
	}
	d.Blanks = changedBlanks(old, next)
	d.reasons(next)
	if next.head.Material.AskAgain && old.hash != next.hash && old.head.Version == next.head.Material.Since {
		d.Reasons = append(d.Reasons, Reason{"material", idv.Text{EN: "The template says of itself that people must be asked again.", ZH: "模板自身声明须重新征得同意。"}})
	}
	return d
}

func (t *Template) section(id string) (Section, bool) {
	i := slices.IndexFunc(t.sections, func(s Section) bool { return s.ID == id })
	if i < 0 {
		return Section{}, false
	}
	return t.sections[i], true
}

func changedBlanks(old, next *Template) []string {
	var names []string
	for _, b := range next.blanks {
		before, ok := old.blank(b.Name)
		if !ok || before.Kind != b.Kind || before.Line != b.Line || before.Join != b.Join {
			names = append(names, b.Name)
		}
	}
	for _, b := range old.blanks {
		if _, ok := next.blank(b.Name); !ok {
			names = append(names, b.Name)
		}
	}
	return names
}

// reasons adds the differences that end an old consent.
func (d *Difference) reasons(t *Template) {
	seen := map[string]bool{}
	for _, list := range [][]string{d.Added, d.Removed, d.Changed, d.Blanks} {
		for _, what := range list {
			text, ok := askAgain()[what]
			if b, _ := t.blank(what); !ok && b.Kind == KindRecipients {
				text, ok = askAgain()["recipients"]
			}
			if ok && !seen[what] {
				seen[what] = true
				d.Reasons = append(d.Reasons, Reason{what, text})
			}
		}
	}
}

// askAgain returns the sections and blanks that a consent depends on. Other changes must
// be announced (PIPL art. 17) and need no new consent.
func askAgain() map[string]idv.Text {
	return map[string]idv.Text{
		"purpose":    {EN: "The purpose changed: a new agreement is needed (PIPL art. 14).", ZH: "处理目的发生变更，须重新取得同意（《个人信息保护法》第十四条）。"},
		"business":   {EN: "The business, and with it the purpose, changed: a new agreement is needed (PIPL art. 14).", ZH: "所办业务发生变更，即处理目的发生变更，须重新取得同意（《个人信息保护法》第十四条）。"},
		"method":     {EN: "The method changed: a new agreement is needed (PIPL art. 14).", ZH: "处理方式发生变更，须重新取得同意（《个人信息保护法》第十四条）。"},
		"items":      {EN: "The types of data changed: a new agreement is needed (PIPL art. 14).", ZH: "个人信息种类发生变更，须重新取得同意（《个人信息保护法》第十四条）。"},
		"recipients": {EN: "The recipients, or what they do, changed: a new separate consent is needed (PIPL art. 23).", ZH: "接收方或者其处理目的、方式、信息种类发生变更，须重新取得单独同意（《个人信息保护法》第二十三条）。"},
		"retention":  {EN: "The retention changed, and data may not be kept longer than was agreed (Network Data Security Regulation art. 22).", ZH: "保存期限发生变更，不得超出个人同意的期限保存（《网络数据安全管理条例》第二十二条）。"},
		"validity":   {EN: "How often or how long the agreement counts changed; the old one cannot grow (PIPL art. 14).", ZH: "同意的使用次数或者有效期发生变更，原同意不能扩大使用（《个人信息保护法》第十四条）。"},
		"uses":       {EN: "How often the agreement counts changed; the old one cannot grow (PIPL art. 14).", ZH: "同意的使用次数发生变更，原同意不能扩大使用（《个人信息保护法》第十四条）。"},
		"valid_days": {EN: "How long the agreement counts changed; the old one cannot grow (PIPL art. 14).", ZH: "同意的有效期发生变更，原同意不能扩大使用（《个人信息保护法》第十四条）。"},
		"controller": {EN: "Who asks changed: a new agreement is needed (PIPL art. 22, 23).", ZH: "处理者发生变更，须重新取得同意（《个人信息保护法》第二十二条、第二十三条）。"},
		"guardian":   {EN: "What the guardian agrees to changed: the guardian must agree anew (PIPL art. 31).", ZH: "监护人同意的内容发生变更，须由监护人重新同意（《个人信息保护法》第三十一条）。"},
	}
}

package lint

import (
	"strings"

	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// sample returns what a template's blank is read as: by its name, by the section that
// it stands in, or by its kind.
func sample(t *notice.Template, name, section string) string {
	text := consent.Text{ZH: "某项内容", EN: "something"}
	for _, key := range []string{kindOf(t, name), section, name} {
		if s, ok := samples()[key]; ok {
			text = s
		}
	}
	if strings.HasPrefix(t.Head().Language, "zh") {
		return text.ZH
	}
	return text.EN
}

func kindOf(t *notice.Template, name string) string {
	name, field, _ := strings.Cut(name, ".")
	for _, b := range t.Blanks() {
		if b.Name == name && field != "" {
			return string(b.Kind) + "." + field
		} else if b.Name == name {
			return string(b.Kind)
		}
	}
	return ""
}

// samples are the readings of blanks, by kind, section and name, the later the surer.
func samples() map[string]consent.Text {
	return map[string]consent.Text{
		"count":         {ZH: "1", EN: "1"},
		"date":          {ZH: "2026-01-01", EN: "2026-01-01"},
		"name":          {ZH: "测试", EN: "Test"},
		"retention":     {ZH: "核验完成后立即删除原文，核验记录保存三年", EN: "Deleted as soon as the check is done, the record is kept for three years"},
		"withdrawal":    {ZH: "在隐私页面点击撤回", EN: "press the button on the privacy page to withdraw"},
		"purpose":       {ZH: "确认姓名与号码相符", EN: "confirm that name and number belong together"},
		"business":      {ZH: "开立账户", EN: "opening an account"},
		"items":         {ZH: "姓名、居民身份证号码", EN: "name, resident ID number"},
		"recipients":    {ZH: "示例数据有限公司（联系方式：400-000-0000），用途：比对", EN: "Example Data Ltd (contact: 400-000-0000), receives: name, in order to: compare"},
		"party.name":    {ZH: "北京示例科技有限公司", EN: "Example Ltd"},
		"party.contact": {ZH: "400-000-0001", EN: "400-000-0001"},
	}
}

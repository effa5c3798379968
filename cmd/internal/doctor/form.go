package doctor

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/heyan-id/heyan/engine/idv"
)

// placeholder matches what examples and templates have in place of a secret.
var placeholder = regexp.MustCompile(`(?i)^(?:<.*>|\$\{?.*|\{\{.*|x{3,}|\*+|your[-_ ].*|change[-_ ]?me.*|replace[-_ ]?me.*|todo|test|secret|password|example|none|null)$`)

// form returns what is odd about the form of a secret, or nothing. It shows no part of it.
func form(secret idv.Sensitive) idv.Text {
	text := secret.Reveal()
	switch {
	case strings.TrimSpace(text) != text:
		return idv.Text{EN: "begins or ends with white space", ZH: "首尾有空白字符"}
	case strings.ContainsFunc(text, unicode.IsControl):
		return idv.Text{EN: "holds a line break or another control character", ZH: "含换行或其他控制字符"}
	case placeholder.MatchString(text):
		return idv.Text{EN: "looks like a placeholder", ZH: "像是占位符"}
	case strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }):
		return idv.Text{EN: "holds characters that no key has, such as full-width ones", ZH: "含密钥中不应有的字符，如全角字符"}
	case strings.HasPrefix(strings.ToUpper(text), "APPCODE ") || strings.HasPrefix(strings.ToLower(text), "bearer "):
		return idv.Text{EN: "begins with the name of a scheme, which heyan adds", ZH: "以鉴权方式的名称开头，而 heyan 会自行添加"}
	}
	return idv.Text{}
}

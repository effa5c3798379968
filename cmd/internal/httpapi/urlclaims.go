package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// refuseClaims refuses a request whose URL holds a claim of a person, before anything of the
// request is read or logged: the URL has passed proxies that log it.
func refuseClaims(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !api.HasURL(r.Context()) {
			next.ServeHTTP(w, r)
			return
		}
		if location := claimIn(r.URL); location != "" {
			p := newProblem(http.StatusBadRequest, "personal_data_in_url",
				"the URL holds what looks like a name, an ID number, a mobile number or a bank card, and URLs are logged on their way; send claims in the body of a POST request. "+
					"If it is an app, a purpose or a package, rename it or use the command line")
			p.Errors = []Fault{{Location: location, Message: "looks like a claim of a person"}}
			writeProblem(w, p)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// claimIn returns the location of a claim in a URL, "" if there is none.
func claimIn(u *url.URL) string {
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		if holdsClaim(segment, true) {
			return "path"
		}
	}
	for part := range strings.FieldsFuncSeq(u.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		name, value, _ := strings.Cut(part, "=")
		plain, _ := url.QueryUnescape(name)
		named := slices.Contains(claimParameters(), strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(plain))) && value != ""
		free := plain == "app" || plain == "purpose"
		if !named && !holdsClaim(name, false) && !holdsClaim(strings.ReplaceAll(value, "+", " "), free) {
			continue
		}
		if location := "query." + plain; nameable.MatchString(location) {
			return location
		}
		return "query"
	}
	return ""
}

// claimParameters lists the names of query parameters that stand for a claim, in small letters
// and without hyphens.
func claimParameters() []string {
	return []string{
		"name", "realname", "fullname", "idcard", "idno", "idnumber", "idcardno", "idcardnumber", "cardno", "certno", "mobile", "mobileno", "phone",
		"phonenumber", "tel", "bankcard", "bankcardno", "bankno", "acctno",
	}
}

// maxEscapes is how often a text may be escaped before it counts as a claim.
const maxEscapes = 3

// holdsClaim reports whether an escaped text holds a claim. free is a text whose words the
// operator chooses, where only the form of a name counts; elsewhere no Chinese word is
// expected.
func holdsClaim(escaped string, free bool) bool {
	for range maxEscapes {
		plain, err := url.PathUnescape(escaped)
		switch {
		case err != nil:
			plain = escaped // huma refuses it
		case !utf8.ValidString(plain) && mayBeGBK(plain):
			return true
		}
		plain = narrow(plain)
		joined := strings.Map(func(r rune) rune {
			if r == ' ' || r == '-' || r == '+' {
				return -1
			}
			return r
		}, plain)
		if hasName(plain, free) || hasNumber(plain) || hasNumber(joined) {
			return true
		}
		if plain == escaped || !strings.Contains(plain, "%") {
			return false
		}
		escaped = plain
	}
	return true
}

// mayBeGBK reports whether two bytes of a text could be a Chinese character in GBK.
func mayBeGBK(text string) bool {
	for i := range len(text) - 1 {
		if text[i] >= 0x81 && text[i] <= 0xFE && text[i+1] >= 0x40 && text[i+1] <= 0xFE {
			return true
		}
	}
	return false
}

// narrow returns the text with fullwidth letters and digits as ASCII.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, text)
}

// hasNumber reports whether one of the words of a text is a number of a person.
func hasNumber(text string) bool {
	words := strings.FieldsFuncSeq(text, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for word := range words {
		if isDocument(word) || isMobile(word) || isCard(word) {
			return true
		}
	}
	return false
}

// isDocument reports whether a word is the number of an identity document, or a resident
// number with a wrong check digit.
func isDocument(word string) bool {
	if len(word) < 8 || len(word) > 18 || !strings.ContainsAny(word, "0123456789") {
		return false
	}
	n := identity.CheckNumber(idv.NewSensitive(word), identity.Options{})
	switch n.Type {
	case idv.Resident18, idv.HKMOResidence, idv.TWResidence, idv.Resident15, idv.ForeignPR18, idv.ForeignPR15:
		return n.Valid || n.Reason == identity.ReasonCheckDigit
	case idv.HKID, idv.TaiwanID, idv.TaiwanARC:
		return n.Valid
	case idv.HKMOPermit:
		_, err := time.Parse("20060102", word[1:]) // a package of a day may be called M20261130
		return n.Valid && err != nil
	}
	return false
}

func isMobile(word string) bool {
	digits := strings.TrimPrefix(strings.TrimPrefix(word, "00"), "86")
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3' && strings.Trim(digits, "0123456789") == ""
}

// isCard reports whether a word is the number of a bank card: those of UnionPay begin with 62,
// others with 3 to 6. The microseconds of a cursor begin with 1.
func isCard(word string) bool {
	if len(word) < 13 || len(word) > 19 || word[0] < '3' || word[0] > '6' || strings.Trim(word, "0123456789") != "" {
		return false
	}
	if strings.HasPrefix(word, "62") && len(word) >= 16 {
		return true // also a mistyped one
	}
	sum := 0
	for i := range len(word) {
		d := int(word[len(word)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// hasName reports whether a word of a text has the form of a Chinese name: a common surname
// and one or two more characters, or a point between the parts of a name. Where no Chinese
// word is expected, each counts.
func hasName(text string, free bool) bool {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.Is(unicode.Han, r) && !strings.ContainsRune("·•・", r) }) {
		runes := []rune(word)
		n := len(runes)
		switch {
		case n < 2:
		case !free, strings.ContainsAny(word, "·•・") && n > 2,
			n <= 3 && strings.ContainsRune(surnames, runes[0]),
			n <= 4 && slices.Contains(strings.Fields(longSurnames), string(runes[:2])):
			return true
		}
	}
	return false
}

// surnames are the most common ones, of about nine in ten people.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董袁潘蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常張劉陳楊黃趙吳孫馬羅鄭謝許鄧韓馮蕭葉蘇呂盧鍾陸範賈鄒龍賀顧龔萬錢嚴"

const longSurnames = "欧阳 上官 皇甫 司徒 司马 诸葛 东方 夏侯 令狐 慕容 尉迟 长孙 宇文 公孙 独孤 南宫 歐陽 司馬 諸葛 東方"

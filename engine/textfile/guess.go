package textfile

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// A text is taken to be in the encoding in which it reads best, if it reads well enough in it
// and clearly better than in the others. See score.
const (
	readsWell = 0.45
	margin    = 0.2
)

// sample is how much of a text is scored, in bytes.
const sample = 64 << 10

// guess decodes a text that is not UTF-8 and has no byte order mark.
func guess(data []byte) ([]byte, Encoding, error) {
	var text []byte
	var used Encoding
	best, second := -1.0, -1.0
	for _, e := range []Encoding{GB18030, Big5, UTF16LE, UTF16BE} {
		decoded, ok := decodeAs(data, e)
		if !ok {
			continue
		}
		switch s := score(string(decoded[:min(len(decoded), sample)]), e); {
		case s > best:
			text, used, best, second = decoded, e, s, best
		case s > second:
			second = s
		}
	}
	switch {
	case used == "":
		return nil, "", unclear("is not UTF-8, UTF-16, GB18030 or Big5, or is damaged; save it as UTF-8 in the program that wrote it",
			"文件编码不是 UTF-8、UTF-16、GB18030 或 Big5，或已损坏；请在原程序中另存为 UTF-8")
	case best < readsWell || best-second < margin:
		return nil, "", unclear("is not UTF-8, and it is not clear whether it is GB18030, Big5 or another encoding; save it as UTF-8 in the program that wrote it",
			"文件编码不是 UTF-8，也无法确定是 GB18030、Big5 还是其他编码；请在原程序中另存为 UTF-8")
	}
	return text, used, nil
}

// score says how well a text reads, from -1 to 1: the mean over all characters but those of
// ASCII, which GB18030 and Big5 share. In UTF-16 those count too, since bytes of ASCII in
// another order are no ASCII.
func score(text string, e Encoding) float64 {
	sum, n := 0.0, 0.0
	wide := e == UTF16LE || e == UTF16BE
	for _, r := range text {
		switch {
		case r < ' ' && !strings.ContainsRune("\t\r\n\f", r):
			return -1 // no text
		case r >= 0x80:
			n++
			sum += reads(r, e)
		case wide:
			n++
			sum++
		}
	}
	if n == 0 {
		return -1
	}
	return sum / n
}

// reads says how usual a character is in a text of an encoding.
func reads(r rune, e Encoding) float64 {
	switch {
	case r == '\ufffd': // the sample may end within a character
		return 0
	case frequent()[r]:
		return 1
	case r >= 0x4E00 && r <= 0x9FFF && isUsual(r, e):
		return 0.5
	case r >= 0x4E00 && r <= 0x9FFF:
		return -0.25
	case r >= 0x3000 && r <= 0x3011, r >= 0xFF01 && r <= 0xFF5E, strings.ContainsRune("“”‘’—…·《》「」【】①②③④⑤⑥⑦⑧⑨⑩√×％￥¥", r):
		return 1
	case unicode.Is(unicode.Co, r), r >= 0x2500 && r <= 0x259F, r >= 0x3105 && r <= 0x312F, unicode.Is(unicode.Hangul, r):
		return -1
	}
	return -0.5
}

// isUsual reports whether a character is on the first level of its character set: the 3,755 of
// GB 2312 or the 5,401 of Big5.
func isUsual(r rune, e Encoding) bool {
	set, first, last, trail := simplifiedchinese.GB18030, byte(0xB0), byte(0xD7), byte(0xA1)
	if e == Big5 {
		set, first, last, trail = traditionalchinese.Big5, 0xA4, 0xC6, 0x40
	}
	code, err := set.NewEncoder().Bytes([]byte(string(r)))
	return err == nil && len(code) == 2 && code[0] >= first && code[0] <= last && code[1] >= trail
}

// frequent is the set of characters that most Chinese texts consist of, and those of notices,
// statements and lists of people, in both forms.
var frequent = sync.OnceValue(func() map[rune]bool {
	set := map[rune]bool{}
	for _, r := range frequentText {
		set[r] = true
	}
	return set
})

const frequentText = "" +
	"的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严" +
	"這個們來時為國會對發過動後產種說學經進著電裡現實體機當點從業應開還關樣間與兩長麼質氣變條沒結問無軍題黨總設運農權證區強據處隊給門華領東導壓戰論將組見計別資邊級圖統認轉單風報類離確張馬節話場務車萬達議聲鬥連斷難礦備辦約勞團歷劃選標寫親養專狀廠識適屬圓調滿縣參紅細聽該鐵價嚴" +
	"姓名身份证件号码手机银行卡核验查询同意告知授权书撤回期限保存目的个人敏感信息处理者联系方式地址接收供应商委托监护儿童未满周岁声明承诺协议条款隐私政策流水编备注消耗套餐合计账单日期起止序客户用户性别出生籍贯民族电话邮箱元月次笔您请如需将永久不可" +
	"王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚欧阳测试" +
	"伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英华玉兰红建文志国春梅海燕鹏辉飞波婷宇浩鑫欣怡佳琪雪晨俊峰雨子涵梓轩博宁凯琳颖莉倩冰洁慧嘉思雅诗梦瑶" +
	"張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻鐘譚鄒陸顧龍萬錢湯喬賀賴龔歐陽偉靜麗軍艷傑濤剛蘭紅國鵬輝飛雲測試潔穎" +
	"證號碼銀驗詢權書個敏訊處聯繫絡絡址應監護兒歲聲諾協議條隱編備註單計帳賬戶別電話郵您請們資料實與將讓並僅"

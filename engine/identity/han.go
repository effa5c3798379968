package identity

// isHan reports whether a rune is a Han character that a name may have. The list is our
// own because unicode.Han of this toolchain lacks Extension I, whose 622 characters come
// from the font of the police (GB 18030-2022, Amendment 1).
func isHan(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r > 0x2FFF && isOtherHan(r)
}

func isOtherHan(r rune) bool {
	switch {
	case r == 0x3007, // 〇
		r >= 0x3400 && r <= 0x4DBF,   // Extension A
		r >= 0x20000 && r <= 0x2A6DF, // B
		r >= 0x2A700 && r <= 0x2B739, // C
		r >= 0x2B740 && r <= 0x2B81D, // D
		r >= 0x2B820 && r <= 0x2CEA1, // E
		r >= 0x2CEB0 && r <= 0x2EBE0, // F
		r >= 0x2EBF0 && r <= 0x2EE5D, // I
		r >= 0x30000 && r <= 0x3134A, // G
		r >= 0x31350 && r <= 0x323AF, // H
		r >= 0x323B0 && r <= 0x33479: // J, Unicode 17
		return true
	}
	return isUnifiedCompat(r)
}

// isUnifiedCompat reports whether a rune is one of the 12 unified ideographs in the
// compatibility block, which NFC does not change.
func isUnifiedCompat(r rune) bool {
	switch r {
	case 0xFA0E, 0xFA0F, 0xFA11, 0xFA13, 0xFA14, 0xFA1F, 0xFA21, 0xFA23, 0xFA24, 0xFA27, 0xFA28, 0xFA29:
		return true
	}
	return false
}

// isRare reports whether a Han character is outside U+4E00 to U+9FA5, the only Han range
// of old systems. Vendors that expect GBK cannot represent most of them.
func isRare(r rune) bool { return (r < 0x4E00 || r > 0x9FA5) && r != 0x3007 }

// isPrivate reports whether a rune is a private-use character, whose meaning depends on
// the system that it comes from.
func isPrivate(r rune) bool { return r >= 0xE000 && r <= 0xF8FF || r >= 0xF0000 }

const firstPUA = 0xE815

// officialPUA maps the private-use code points U+E815 to U+E864 to the characters that
// later versions of GB 18030 assign. Old fonts and input methods still produce the
// private code points: U+E863 is the name character 䶮 (U+4DAE).
var officialPUA = [...]rune{
	0x2E81, 0x20087, 0x20089, 0x200CC, 0x2E84, 0x3473, 0x3447, 0x2E88, 0x2E8B, 0x9FB4,
	0x359E, 0x361A, 0x360E, 0x2E8C, 0x2E97, 0x396E, 0x3918, 0x9FB5, 0x39CF, 0x39DF,
	0x3A73, 0x39D0, 0x9FB6, 0x9FB7, 0x3B4E, 0x3C6E, 0x3CE0, 0x2EA7, 0x215D7, 0x9FB8,
	0x2EAA, 0x4056, 0x415F, 0x2EAE, 0x4337, 0x2EB3, 0x2EB6, 0x2EB7, 0x2298F, 0x43B1,
	0x43AC, 0x2EBB, 0x43DD, 0x44D6, 0x4661, 0x464C, 0x9FB9, 0x4723, 0x4729, 0x477C,
	0x478D, 0x2ECA, 0x4947, 0x497A, 0x497D, 0x4982, 0x4983, 0x4985, 0x4986, 0x499F,
	0x499B, 0x49B7, 0x49B6, 0x9FBA, 0x241FE, 0x4CA3, 0x4C9F, 0x4CA0, 0x4CA1, 0x4C77,
	0x4CA2, 0x4D13, 0x4D14, 0x4D15, 0x4D16, 0x4D17, 0x4D18, 0x4D19, 0x4DAE, 0x9FBB,
}

// mapPUA returns the official replacement of a private-use character, or false.
func mapPUA(r rune) (rune, bool) {
	if r < firstPUA || r >= firstPUA+rune(len(officialPUA)) {
		return r, false
	}
	return officialPUA[r-firstPUA], true
}

const firstKangxi, lastKangxi = 0x2F00, 0x2FD5

// kangxi is the characters that the 214 Kangxi radicals look like, in their order, three
// bytes each. Text that was copied from a PDF often has the radicals.
const kangxi = "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗" +
	"斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛" +
	"舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻黃黍" +
	"黑黹黽鼎鼓鼠鼻齊齒龍龜龠"

// foldRadical returns the character that a radical stands for in a name. Of the CJK
// Radicals Supplement it folds only those that look like common surnames.
func foldRadical(r rune) rune {
	if r >= firstKangxi && r <= lastKangxi {
		at := 3 * (r - firstKangxi)
		for _, han := range kangxi[at : at+3] {
			return han
		}
	}
	if r >= 0x2E80 && r <= 0x2EFF {
		for _, row := range supplement {
			if row.radical == r {
				return row.han
			}
		}
	}
	return r
}

var supplement = []struct{ radical, han rune }{
	{0x2EA0, '民'}, {0x2EC5, '见'}, {0x2ECB, '车'}, {0x2ED3, '长'}, {0x2ED8, '青'}, {0x2ED9, '韦'}, {0x2EDB, '风'},
	{0x2EE2, '马'}, {0x2EE5, '鱼'}, {0x2EE8, '麦'}, {0x2EE9, '黄'}, {0x2EEC, '齐'}, {0x2EF0, '龙'},
}

package identity

import "github.com/heyan-id/heyan/engine/idv"

// recognize returns the kind of document whose numbers have the form of the text, or the
// closest one; unknown if no document has numbers of that length.
func recognize(t *numberText) idv.Document {
	switch t.runes {
	case 44:
		return idv.PassportMRZLine2
	case 18:
		return recognize18(t.text)
	case 15:
		if isUpper(t.text[0]) {
			return idv.ForeignPR15
		}
		return idv.Resident15
	case 8, 9, 10, 11:
		return recognizeShort(t)
	}
	return idv.DocumentUnknown
}

func recognize18(text string) idv.Document {
	switch {
	case text[0] == '9':
		return idv.ForeignPR18
	case text[:2] == "81", text[:2] == "82":
		return idv.HKMOResidence
	case text[:2] == "83":
		return idv.TWResidence
	}
	return idv.Resident18
}

// recognizeShort distinguishes the documents of Hong Kong, Macau and Taiwan. Only Hong
// Kong and Macau cards have brackets around the last character.
func recognizeShort(t *numberText) idv.Document {
	switch first := t.text[0]; {
	case isUpper(first):
		return recognizeLetter(t)
	case !isDigit(first), t.runes == 9, t.runes == 11:
		return idv.DocumentUnknown
	case t.runes == 8 && t.bracketed:
		return idv.MacauBIR
	}
	return idv.TaiwanPermit
}

func recognizeLetter(t *numberText) idv.Document {
	second := t.text[1]
	switch t.runes {
	case 8:
		return idv.HKID
	case 9:
		if t.bracketed || isUpper(second) && !isPermitPrefix(t.text[:2]) {
			return idv.HKID
		}
	case 10:
		if second == '1' || second == '2' {
			return idv.TaiwanID
		}
		return idv.TaiwanARC
	}
	return idv.HKMOPermit
}

// ambiguity flags a number that another document could have too. A caller that knows the
// document sets Options.Want.
func ambiguity(t *numberText, recognized idv.Document) Flags {
	eight := recognized == idv.TaiwanPermit && fits(t.text, "00000000")
	switch {
	case eight && (t.text[0] == '1' || t.text[0] == '5' || t.text[0] == '7'): // or a Macau card
		return FlagTypeAmbiguous
	case recognized == idv.HKMOPermit && fits(t.text, "AA0000000"): // or a Hong Kong card
		return FlagTypeAmbiguous
	}
	return 0
}

// fits reports whether a text matches a pattern of the same length: 0 is a digit, A a
// capital letter, X a digit or X, * a digit, a capital letter or <, and every other
// character is itself.
func fits(text, pattern string) bool {
	if len(text) != len(pattern) {
		return false
	}
	for i := range len(text) {
		if !fitsByte(text[i], pattern[i]) {
			return false
		}
	}
	return true
}

func fitsByte(c, pattern byte) bool {
	switch pattern {
	case '0':
		return isDigit(c)
	case 'A':
		return isUpper(c)
	case 'X':
		return isDigit(c) || c == 'X'
	case '*':
		return isDigit(c) || isUpper(c) || c == '<'
	}
	return c == pattern
}

func isDigit(c byte) bool { return c-'0' <= 9 }
func isUpper(c byte) bool { return c-'A' <= 'Z'-'A' }

// number returns the value of a text of digits.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// two returns the value of the two digits at i.
func two(s string, i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }

// value returns the value of a character in the check digits of ICAO 9303 and of the
// Hong Kong identity card: a digit is itself, A to Z are 10 to 35, < is 0.
func value(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case isUpper(c):
		return int(c-'A') + 10
	}
	return 0
}

// icaoCheck returns the check digit of ICAO 9303 part 3: weights 7, 3, 1 in
// turn, modulo 10, over the concatenated texts.
func icaoCheck(texts ...string) byte {
	weights := [3]int{7, 3, 1}
	sum, at := 0, 0
	for _, text := range texts {
		for i := range len(text) {
			sum += weights[at%3] * value(text[i])
			at++
		}
	}
	return byte('0' + sum%10)
}

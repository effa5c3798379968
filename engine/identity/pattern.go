package identity

// fits reports whether a text has the form of a pattern of the same length: 0
// stands for a digit, A for a capital letter, X for a digit or X, * for a digit,
// a capital letter or <, and every other character for itself.
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

// value is the worth of a character in the check digits of ICAO 9303 and of the
// Hong Kong identity card: digits as they are, A to Z as 10 to 35, < as 0.
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
// turn, modulo 10, over the texts as if they were one.
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

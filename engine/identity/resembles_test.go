package identity_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// TestOtherDocumentsAreNamed: what is given as a number and is of a kind that is not
// supported is told what it is, and not to look for the letter O.
func TestOtherDocumentsAreNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, input string
		want        identity.Reason
	}{
		{"passport of China, 2012", "E12345678", identity.ReasonPassport},
		{"passport of China, 2017", "EA1234567", identity.ReasonPassport},
		{"passport of China, before 2012", "G12345678", identity.ReasonPassport},
		{"passport of China, digits", "141234567", identity.ReasonPassport},
		{"diplomatic passport", "DE1234567", identity.ReasonPassport},
		{"service passport", "SE1234567", identity.ReasonPassport},
		{"small letter, spaces", "e1234 5678", identity.ReasonPassport},
		{"full width", "Ｅ１２３４５６７８", identity.ReasonPassport},
		{"passport of Hong Kong", "K12345678", identity.ReasonPassport},
		{"passport of Japan", "TK1234567", identity.ReasonPassport},
		{"passport of Korea", "M123A4567", identity.ReasonPassport},
		{"passport with six digits", "PA123456", identity.ReasonPassport},
		{"upper line of a passport", "P<CHNCESHI<<AN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", identity.ReasonMRZLine1},
		{"permit to Hong Kong", "C12345678", identity.ReasonExitPermit},
		{"permit to Hong Kong, letter", "CA1234567", identity.ReasonExitPermit},
		{"permit to Hong Kong, paper", "W12345678", identity.ReasonExitPermit},
		{"permit to Taiwan", "L12345678", identity.ReasonExitPermit},
		{"officer's card", "军字第1234567号", identity.ReasonMilitaryID},
		{"soldier's card", "士字第20201234567号", identity.ReasonMilitaryID},
		{"company, right check character", "91350100M000100Y43", identity.ReasonCreditCode},
		{"company, wrong check character", "91350100M000100Y44", identity.ReasonCreditCode},
		{"public institution", "12110000MB0000000Q", identity.ReasonCreditCode},
		{"driving licence, file number", "110112345678", identity.ReasonDrivingFile},
		{"mobile number", "13800138000", identity.ReasonIsMobile},
		{"mobile number with country code", "+8613800138000", identity.ReasonIsMobile},
		{"bank card, 19 digits", "6222021234567890128", identity.ReasonIsBankCard},
		{"bank card, 16 digits", "4111111111111111", identity.ReasonIsBankCard},
		{"name", "测试", identity.ReasonIsName},
		{"PAN without its document", "ABCPV1234D", identity.ReasonDocument},
		{"NIN without its document", "11111111111", identity.ReasonDocument},
		{"CPF without its document", "529.982.247-25", identity.ReasonDocument},
		{"DNI without its document", "66666666Q", identity.ReasonDocument},
		{"NIE without its document", "X1234567L", identity.ReasonDocument},
		// Mistyped numbers of supported documents keep their advice.
		{"resident, letter O", "1101O519491231002X", identity.ReasonCharset},
		{"resident, letter B", "11010519491231B02X", identity.ReasonCharset},
		{"resident, digit missing", "1101051949123100X", identity.ReasonLength},
		{"resident, wrong check digit", "110105194912310021", identity.ReasonCheckDigit},
		{"Hong Kong, wrong check digit", "A123456(4)", identity.ReasonCheckDigit},
		{"Hong Kong, two letters", "XA9876543", identity.ReasonCheckDigit},
		{"travel permit, letter O", "H1234567O", identity.ReasonCharset},
		{"lower line of a passport, wrong check digit", "L898902C36UTO7408122F1204159ZE184226B<<<<<11", identity.ReasonCheckDigit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := identity.CheckNumber(idv.NewSensitive(tt.input), identity.Options{Today: today, Lenient: true})
			if n.Valid || n.Reason != tt.want {
				t.Fatalf("got %v, %s, want %s", n.Valid, n.Reason, tt.want)
			}
			help := n.Reason.Help()
			named := strings.HasPrefix(string(tt.want), "unsupported_")
			if named && (n.Type != "" || !strings.Contains(help.Cause.EN, "not supported") && tt.want != identity.ReasonCreditCode) {
				t.Errorf("type %q, %s: does not say that it is not supported", n.Type, help.Cause.EN)
			}
			if strings.Contains(help.Remedy.EN, "letter O") && tt.want != identity.ReasonCharset {
				t.Errorf("%s has the advice for a typing error", tt.want)
			}
		})
	}
	// A caller that says what the document is gets the fault of that document.
	n := identity.CheckNumber(idv.NewSensitive("E12345678"), identity.Options{Today: today, Want: idv.HKMOPermit})
	if n.Reason != identity.ReasonCharset || n.Type != idv.HKMOPermit {
		t.Errorf("as a permit: %s, %s", n.Reason, n.Type)
	}
}

// TestNamesThatAreNot: a wrong name gets advice about names.
func TestNamesThatAreNot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, input string
		want        identity.Reason
	}{
		{"two names, line feed", "张三\n李四", identity.ReasonLineBreak},
		{"two names, carriage return", "张三\r\n李四", identity.ReasonLineBreak},
		{"two names, tab", "张三\t李四", identity.ReasonLineBreak},
		{"two names, form feed", "张三\f李四", identity.ReasonLineBreak},
		{"two names, next line", "张三\u0085李四", identity.ReasonLineBreak},
		{"two names, line separator", "张三\u2028李四", identity.ReasonLineBreak},
		{"two names, paragraph separator", "张三\u2029李四", identity.ReasonLineBreak},
		{"two Latin names", "ZHANG SAN\nLI SI", identity.ReasonLineBreak},
		{"line break at the end", "张三\n", identity.ReasonOKSpaces},
		{"line breaks and spaces round it", "\r\n\u3000张三 \u200b\n", identity.ReasonOKInvisible},
		{"two names, list comma", "张三、李四", identity.ReasonCharset},
		{"letter O", "刘O", identity.ReasonLetterO},
		{"small letter o", "刘o", identity.ReasonLetterO},
		{"full-width O", "刘Ｏ", identity.ReasonLetterO},
		{"digit 0", "刘0", identity.ReasonLetterO},
		{"circle", "刘○", identity.ReasonLetterO},
		{"large circle", "刘◯", identity.ReasonLetterO},
		{"Cyrillic O", "刘О", identity.ReasonLetterO},
		{"the character itself", "刘〇", identity.ReasonOK},
		{"a Latin letter that was registered", "赵C", identity.ReasonOK},
		{"letters with an O", "赵OK", identity.ReasonOK},
		{"a Latin name with an O", "O'NEILL", identity.ReasonOK},
		{"number as the name", "11010519491231002X", identity.ReasonIsNumber},
		{"mobile as the name", "13800138000", identity.ReasonIsNumber},
		{"passport as the name", "E12345678", identity.ReasonIsNumber},
		{"bracket", "张三（小）", identity.ReasonCharset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := identity.CheckName(idv.NewSensitive(tt.input), identity.Options{})
			if f.Reason != tt.want || f.Valid != strings.HasPrefix(string(tt.want), "ok") {
				t.Errorf("got %v, %s, want %s", f.Valid, f.Reason, tt.want)
			}
		})
	}
}

// TestHelpOfAFieldIsAboutTheField: only the advice for numbers speaks of the letters of numbers.
func TestHelpOfAFieldIsAboutTheField(t *testing.T) {
	t.Parallel()
	for _, f := range []idv.Field{idv.FieldName, idv.FieldMobile, idv.FieldBankCard} {
		for _, r := range []identity.Reason{identity.ReasonCharset, identity.ReasonLength} {
			help := r.HelpFor(f)
			if help == r.Help() || strings.Contains(help.Remedy.EN, "letter O") || help.Cause.ZH == "" || help.Remedy.ZH == "" {
				t.Errorf("%s of %s: %+v", r, f, help)
			}
		}
	}
	if identity.ReasonCharset.HelpFor(idv.FieldIDNumber) != identity.ReasonCharset.Help() {
		t.Error("the number lost its own advice")
	}
}

// TestRomanTen: both compatibility forms of X are read as X where verify does; what only
// looks like X is not.
func TestRomanTen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		last   string
		strict identity.Reason
		want   identity.Reason // lenient
	}{
		{"Ⅹ", identity.ReasonCharset, identity.ReasonOKRomanTen},
		{"ⅹ", identity.ReasonCharset, identity.ReasonOKRomanTen},
		{"ｘ", identity.ReasonOKFullwidth, identity.ReasonOKFullwidth},
		{"Х", identity.ReasonCharset, identity.ReasonCharset}, // Cyrillic
		{"Χ", identity.ReasonCharset, identity.ReasonCharset}, // Greek
		{"×", identity.ReasonCharset, identity.ReasonCharset},
		{"✕", identity.ReasonCharset, identity.ReasonCharset},
		{"ⅺ", identity.ReasonCharset, identity.ReasonCharset}, // eleven
		{"𝐗", identity.ReasonCharset, identity.ReasonCharset},
	} {
		t.Run(tt.last, func(t *testing.T) {
			number := idv.NewSensitive("11010519491231002" + tt.last)
			strict := identity.CheckNumber(number, identity.Options{Today: today})
			lenient := identity.CheckNumber(number, identity.Options{Today: today, Lenient: true})
			if strict.Reason != tt.strict || lenient.Reason != tt.want {
				t.Errorf("strict %s, lenient %s, want %s, %s", strict.Reason, lenient.Reason, tt.strict, tt.want)
			}
		})
	}
}

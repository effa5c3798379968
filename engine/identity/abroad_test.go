package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// TestAbroad checks synthetic numbers, made by the published rules, and the numbers of the
// vendors' own samples (ABCPV1234D, 11111111111, 66666666Q).
func TestAbroad(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, number string
		want         idv.Document
		reason       identity.Reason
		flags        string
	}{
		{"CPF", "52998224725", idv.BrazilCPF, "ok", ""},
		{"CPF as printed", "529.982.247-25", idv.BrazilCPF, "ok", ""},
		{"CPF with zeros as check digits", "00000001830", idv.BrazilCPF, "ok", ""},
		{"CPF in full width", "５２９９８２２４７２５", idv.BrazilCPF, "ok_normalized_fullwidth", ""},
		{"CPF, first check digit", "52998224735", idv.BrazilCPF, "check_digit", ""},
		{"CPF, second check digit", "52998224726", idv.BrazilCPF, "check_digit", ""},
		{"CPF of one digit", "111.111.111-11", idv.BrazilCPF, "repeated", ""},
		{"CPF too short", "5299822472", idv.BrazilCPF, "length", ""},
		{"CPF with a letter", "5299822472O", idv.BrazilCPF, "charset", ""},
		{"PAN", "ABCPV1234D", idv.IndiaPAN, "ok", ""},
		{"PAN in small letters", "abcpv1234d", idv.IndiaPAN, "ok_normalized_upper", ""},
		{"PAN of a company", "ABCCV1234D", idv.IndiaPAN, "ok", "holder_not_person"},
		{"PAN of an unknown kind of holder", "ABCXV1234D", idv.IndiaPAN, "charset", ""},
		{"PAN with O for 0", "ABCPVO234D", idv.IndiaPAN, "charset", ""},
		{"PAN too long", "ABCPV12345D", idv.IndiaPAN, "length", ""},
		{"NIN", "11111111111", idv.NigeriaNIN, "ok", ""},
		{"NIN of ten digits", "1234567890", idv.NigeriaNIN, "length", ""},
		{"NIN with a letter", "1234567890A", idv.NigeriaNIN, "charset", ""},
		{"DNI", "66666666Q", idv.SpainDNI, "ok", ""},
		{"DNI, check letter", "66666666R", idv.SpainDNI, "check_digit", ""},
		{"DNI without its letter", "66666666", idv.SpainDNI, "length", ""},
		{"NIE as DNI", "X1234567L", idv.SpainDNI, "charset", ""},
		{"NIE", "X1234567L", idv.SpainNIE, "ok", ""},
		{"NIE with Z", "Z1234567R", idv.SpainNIE, "ok", ""},
		{"NIE with another letter", "A1234567L", idv.SpainNIE, "charset", ""},
		{"eleven digits of no kind", "52998224725", idv.DocumentUnknown, "document_needed", ""},
		{"a word that is no document", "52998224725", "br_rg", "unsupported", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := identity.CheckNumber(idv.NewSensitive(test.number), identity.Options{Today: today, Want: test.want})
			if n.Reason != test.reason || n.Flags.String() != test.flags || n.Valid != strings.HasPrefix(string(test.reason), "ok") {
				t.Errorf("got %s [%s], want %s [%s]", n.Reason, n.Flags, test.reason, test.flags)
			}
			if !n.Birth.IsZero() || n.Sex != "" || n.AddressCode != "" {
				t.Error("the number encodes nothing of the person")
			}
		})
	}
}

// TestCPFCheckDigits computes the check digits in another way: the weighted sum with the
// digit itself is 0 modulo 11, where a digit of ten is written 0.
func TestCPFCheckDigits(t *testing.T) {
	t.Parallel()
	right := func(digits string) bool {
		sum := 0
		for i, c := range digits {
			sum += int(c-'0') * (len(digits) - i)
		}
		last := digits[len(digits)-1]
		return sum%11 == 0 || last == '0' && (sum+10)%11 == 0
	}
	for n := 123456000; n < 123456500; n++ {
		valid := 0
		for check := range 100 {
			number := fmt.Sprintf("%09d%02d", n, check)
			got := identity.CheckNumber(idv.NewSensitive(number), identity.Options{Today: today, Want: idv.BrazilCPF}).Valid
			if want := right(number[:10]) && right(number); got != want {
				t.Fatalf("%s: %v, want %v", number, got, want)
			}
			if got {
				valid++
			}
		}
		if valid != 1 {
			t.Fatalf("%09d has %d pairs of check digits", n, valid)
		}
	}
}

func FuzzAbroad(f *testing.F) {
	for _, seed := range []string{"529.982.247-25", "abcpv1234d", "11111111111", "66666666Q", "X1234567L", "...", "-", "\xff", "５２９．９８２．２４７－２５"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		for _, d := range idv.Documents() {
			for _, lenient := range []bool{false, true} {
				checkNumberInvariants(t, input, identity.Options{Today: today, Want: d, Lenient: lenient})
			}
		}
	})
}

// TestDeclared shows that exactly the documents without a form of their own must be named.
func TestDeclared(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		document idv.Document
		number   string
	}{{idv.BrazilCPF, "52998224725"}, {idv.IndiaPAN, "ABCPV1234D"}, {idv.NigeriaNIN, "11111111111"}, {idv.SpainDNI, "66666666Q"}, {idv.SpainNIE, "X1234567L"}} {
		n := identity.CheckNumber(idv.NewSensitive(test.number), identity.Options{Today: today})
		if n.Valid || !test.document.Declared() {
			t.Errorf("%s is recognized as %s", test.document, n.Type)
		}
	}
}

// TestNamesAbroad shows which names a document of another country may have.
func TestNamesAbroad(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, in, want string
		reason         identity.Reason
	}{
		{"capitals", "TEST PERSON", "TEST PERSON", "ok"},
		{"marks", "João da Conceição", "JOÃO DA CONCEIÇÃO", "ok_normalized_upper"},
		{"marks of their own", "JOA\u0303O", "JOÃO", "ok_normalized"},
		{"an apostrophe", "O’Neil D'Souza", "O'NEIL D'SOUZA", "ok_normalized_upper"},
		{"a hyphen and a stop", "Núñez-Ortega Jr.", "NÚÑEZ-ORTEGA JR.", "ok_normalized_upper"},
		{"a Yoruba name", "Ọláyínká", "ỌLÁYÍNKÁ", "ok_normalized_upper"},
		{"a Han name", "张三", "张三", "ok"},
		{"digits", "TEST 2", "", "charset"},
		{"Cyrillic", "Иван", "", "charset"},
		{"a stop alone", ".", "", "charset"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := identity.CheckName(idv.NewSensitive(test.in), identity.Options{Lenient: true, Latin: true})
			if f.Reason != test.reason || f.Canonical().Reveal() != test.want {
				t.Errorf("got %q, %s; want %q, %s", f.Canonical().Reveal(), f.Reason, test.want, test.reason)
			}
			again := identity.CheckName(f.Canonical(), identity.Options{Latin: true})
			if f.Valid && (!again.Valid || again.Changes != 0) {
				t.Errorf("the one form is not stable: %s, %s", again.Reason, again.Changes)
			}
		})
	}
	if f := identity.CheckName(idv.NewSensitive("JOÃO"), identity.Options{Lenient: true}); f.Valid {
		t.Error("a name on a Chinese document has marks")
	}
}

// TestNormalizeAbroad shows how the document decides about the other claims.
func TestNormalizeAbroad(t *testing.T) {
	t.Parallel()
	dni := func(mobile string) idv.Subject {
		s := subject("Test Person", "66666666q", mobile, "")
		s.Document = idv.SpainDNI
		return s
	}
	for _, test := range []struct {
		name   string
		in     idv.Subject
		mobile string
		code   string
	}{
		{"international", dni("+34 600 000 000"), "+34600000000", ""},
		{"with 00", dni("0034600000000"), "+34600000000", ""},
		{"of China", dni("+86 138-0013-8000"), "+8613800138000", ""},
		{"national", dni("600000000"), "", "mobile_country"},
		{"mainland form", dni("13800138000"), "", "mobile_country"},
		{"too long", dni("+3460000000000000"), "", "length"},
		{"a letter", dni("+3460000000O"), "", "charset"},
		{"no country begins with 0", dni("+034600000000"), "", "charset"},
		{"a Spanish number of a Chinese person", subject("张三", "11010519491231002X", "+34600000000", ""), "", "mobile_country"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := identity.Normalize(test.in, idv.CheckIDNameMobile, now)
			if test.code != "" {
				if e := idv.AsError(err); e.Code != test.code || e.Field != idv.FieldMobile {
					t.Errorf("got %v, want %s in mobile", err, test.code)
				}
				return
			}
			if err != nil || got.Claims.Mobile.Reveal() != test.mobile || got.Document != idv.SpainDNI || got.Claims.Document != idv.SpainDNI ||
				got.Claims.Name.Reveal() != "TEST PERSON" || got.Claims.IDNumber.Reveal() != "66666666Q" {
				t.Errorf("got %q of %s, %v", got.Claims.Mobile.Reveal(), got.Document, err)
			}
		})
	}
}

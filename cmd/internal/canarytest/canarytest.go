// Package canarytest searches output for the claims of synthetic persons in every form in
// which a program might print them. It is for tests.
package canarytest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Person is a synthetic person with valid claims. Name and number occur nowhere else.
type Person struct{ Name, IDNumber string }

// Persons returns two persons, to whose numbers the sandbox gives a match and a mismatch.
func Persons() []Person {
	return []Person{{"赫连铁树", "110105196203041006"}, {"慕容霜降", "110105197505052039"}}
}

// Claims returns the claims of persons.
func Claims(persons ...Person) (list []string) {
	for _, p := range persons {
		list = append(list, p.Name, p.IDNumber)
	}
	return list
}

// Hits returns where data holds one of the claims, as "form of claim".
func Hits(data []byte, claims ...string) (found []string) {
	for _, claim := range claims {
		for form, text := range forms(claim) {
			if bytes.Contains(data, text) {
				found = append(found, form+" of "+claim)
			}
		}
	}
	slices.Sort(found)
	return found
}

// forms returns the forms of a claim by their names. Those that equal the plain text are
// left out, except for the plain text.
func forms(claim string) map[string][]byte {
	plain := []byte(claim)
	all := map[string][]byte{"plain": plain}
	add := func(name string, text []byte) {
		if !bytes.Equal(text, plain) {
			all[name] = text
		}
	}
	add("URL-encoded", []byte(url.QueryEscape(claim)))
	add("URL-encoded in lower case", []byte(strings.ToLower(url.QueryEscape(claim))))
	var lower, upper strings.Builder
	for _, unit := range utf16.Encode([]rune(claim)) {
		fmt.Fprintf(&lower, `\u%04x`, unit)
		fmt.Fprintf(&upper, `\u%04X`, unit)
	}
	add("JSON-escaped", []byte(lower.String()))
	add("JSON-escaped in capitals", []byte(upper.String()))
	add("Go-quoted bytes", []byte(strings.Trim(fmt.Sprintf("%+q", string(plain)), `"`)))
	add("hex", []byte(hex.EncodeToString(plain)))
	add("hex in capitals", []byte(strings.ToUpper(hex.EncodeToString(plain))))
	add("hex with spaces", fmt.Appendf(nil, "% x", plain))
	for _, e := range []struct {
		name     string
		encoding *base64.Encoding
	}{{"base64", base64.RawStdEncoding}, {"base64url", base64.RawURLEncoding}} {
		for offset := range 3 {
			add(fmt.Sprintf("%s at offset %d", e.name, offset), aligned(e.encoding, plain, offset))
		}
	}
	var little, big []byte
	for _, unit := range utf16.Encode([]rune(claim)) {
		little = append(little, byte(unit), byte(unit>>8))
		big = append(big, byte(unit>>8), byte(unit))
	}
	add("UTF-16 LE", little)
	add("UTF-16 BE", big)
	if gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes(plain); err == nil {
		add("GBK", gbk)
		add("GBK, URL-encoded", []byte(url.QueryEscape(string(gbk))))
		add("GBK in hex", []byte(hex.EncodeToString(gbk)))
	}
	return all
}

// aligned returns the characters of a base64 text that stand for text alone, if text begins
// offset bytes after a multiple of three.
func aligned(e *base64.Encoding, text []byte, offset int) []byte {
	coded := e.EncodeToString(append(make([]byte, offset), text...))
	first := (offset*8 + 5) / 6          // the first character without a bit of what stands before
	last := (offset*8 + len(text)*8) / 6 // the first one with a bit of what stands behind
	return []byte(coded)[first:min(last, len(coded))]
}

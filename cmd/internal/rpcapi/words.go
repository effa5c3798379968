package rpcapi

import (
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// wordOf returns the word of REST for a value of an enumeration: VERDICT_NO_RECORD is no_record.
// A number without a name is no word, so that REST refuses it.
func wordOf(e protoreflect.EnumDescriptor, n protoreflect.EnumNumber) string {
	v := e.Values().ByNumber(n)
	if v == nil {
		return strconv.Itoa(int(n))
	}
	return strings.ToLower(strings.TrimPrefix(string(v.Name()), prefixOf(e)))
}

// numberOf returns the value of an enumeration for a word of REST. What it does not know is
// the zero value, which is the safe one: unknown, undetermined or unspecified.
func numberOf(e protoreflect.EnumDescriptor, word string) protoreflect.EnumNumber {
	v := e.Values().ByName(protoreflect.Name(prefixOf(e) + strings.ToUpper(word)))
	if v == nil {
		return 0
	}
	return v.Number()
}

// prefixOf returns what the names of the values begin with: CONSENT_STATE_ of ConsentState.
func prefixOf(e protoreflect.EnumDescriptor) string {
	var b strings.Builder
	for i, r := range string(e.Name()) {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String() + "_"
}

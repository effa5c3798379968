package notice

import (
	"crypto/rand"
	"strings"
)

// serialBlank is the name that the serial has among the values. No template may have
// a blank of this name.
const serialBlank = "serial"

// WithSerial adds a serial to the values: 130 random bits that stand in the last line
// of the text. The text's hash goes into receipts, lists and backups; without them
// whoever has it could try names and numbers until the hash fits, as there are few
// numbers to a birth date and place. The serial is kept nowhere but in the sealed
// values, so that after an erasure the hash fits nothing any more.
func (v Values) WithSerial() { v[serialBlank] = Text(rand.Text()) }

// serialLine returns the last line of a text, "" if the values have no serial: a text
// that is only tried out has none.
func (t *Template) serialLine(values Values) string {
	v, ok := values[serialBlank]
	if !ok {
		return ""
	}
	label := "Number of this text: "
	if strings.HasPrefix(t.head.Language, "zh") {
		label = "文本编号："
	}
	return "\n" + label + v.clear() + "\n"
}

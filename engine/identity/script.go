package identity

import (
	"unicode"

	"github.com/heyan-id/heyan/engine/idv"
)

// scriptOf returns the script of a name. Spaces and punctuation do not count.
func scriptOf(name string) idv.Script {
	script := idv.ScriptUnknown
	for _, r := range name {
		if isHan(r) || unicode.IsLetter(r) {
			script = joined(script, scriptOfRune(r))
		}
	}
	return script
}

func scriptOfRune(r rune) idv.Script {
	switch {
	case isHan(r) && r > 0xFFFF:
		return idv.ScriptHanExtended
	case isHan(r):
		return idv.ScriptHan
	case unicode.Is(unicode.Latin, r):
		return idv.ScriptLatin
	}
	return idv.ScriptOther
}

// joined returns the script of a text in a with a letter of b.
func joined(a, b idv.Script) idv.Script {
	han := func(s idv.Script) bool { return s == idv.ScriptHan || s == idv.ScriptHanExtended }
	switch {
	case a == idv.ScriptUnknown || a == b:
		return b
	case han(a) && han(b):
		return idv.ScriptHanExtended
	}
	return idv.ScriptOther
}

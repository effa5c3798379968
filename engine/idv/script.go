package idv

// Script says in which characters a name is written.
type Script string

// The scripts of names.
const (
	ScriptUnknown     Script = ""             // there is no name
	ScriptHan         Script = "han"          // Han characters of the Basic Multilingual Plane
	ScriptHanExtended Script = "han_extended" // with characters beyond it, such as those of CJK Extension B
	ScriptLatin       Script = "latin"
	ScriptOther       Script = "other"
)

// Scripts returns all but ScriptUnknown.
func Scripts() []Script { return []Script{ScriptHan, ScriptHanExtended, ScriptLatin, ScriptOther} }

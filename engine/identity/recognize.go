package identity

import "github.com/heyan-id/heyan/engine/idv"

// recognize returns the kind of document whose number has the form of the text,
// or that the text was most likely meant for; unknown if no document has numbers
// of that length.
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

// recognizeShort tells the documents of Hong Kong, Macau and Taiwan apart.
// Brackets round the last character are the mark of a Hong Kong or Macau card.
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

// ambiguity flags a recognised number whose form fits another document as well.
// A caller who knows the document says so in Options.Want.
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

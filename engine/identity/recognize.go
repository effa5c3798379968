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
	first, second := t.text[0], t.text[1]
	switch {
	case !isUpper(first) && !isDigit(first):
		return idv.DocumentUnknown
	case isDigit(first) && t.runes == 8 && t.bracketed:
		return idv.MacauBIR
	case isDigit(first) && (t.runes == 8 || t.runes == 10):
		return idv.TaiwanPermit
	case isDigit(first):
		return idv.DocumentUnknown
	case t.runes == 8, t.runes == 9 && t.bracketed:
		return idv.HKID
	case t.runes == 10 && (second == '1' || second == '2'):
		return idv.TaiwanID
	case t.runes == 10:
		return idv.TaiwanARC
	case t.runes == 9 && isUpper(second) && !isPermitPrefix(t.text[:2]):
		return idv.HKID
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

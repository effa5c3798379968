package idv

// Document is a type of identity document, named after its number. The words are those
// of `heyan check --json`.
type Document string

// The documents whose numbers package identity checks.
const (
	DocumentUnknown  Document = ""
	Resident18       Document = "resident18"     // GB 11643-1999
	Resident15       Document = "resident15"     // the 15-digit number before it
	HKMOResidence    Document = "hkmo_residence" // residence permit, 810000 and 820000
	TWResidence      Document = "tw_residence"   // residence permit, 830000
	ForeignPR18      Document = "fpr18"          // foreigner's permanent residence card of 2023
	ForeignPR15      Document = "fpr15"          // the card of 2017
	HKID             Document = "hkid"           // Hong Kong identity card
	MacauBIR         Document = "macau_bir"      // Macau resident identity card
	TaiwanID         Document = "tw_id"          // Taiwan identity card
	TaiwanARC        Document = "tw_arc"         // Taiwan resident certificate
	HKMOPermit       Document = "hkmo_permit"    // 回乡证
	TaiwanPermit     Document = "tw_permit"      // 台胞证
	PassportMRZLine2 Document = "mrz_td3_line2"  // ICAO 9303, TD3, line 2

	// Documents of other countries, see [Document.Declared].
	BrazilCPF  Document = "br_cpf" // taxpayer register
	IndiaPAN   Document = "in_pan" // permanent account number
	NigeriaNIN Document = "ng_nin" // national identification number
	SpainDNI   Document = "es_dni" // national identity document
	SpainNIE   Document = "es_nie" // foreigner's identity number
)

// Documents lists every document, those that are recognized by their numbers first.
func Documents() []Document {
	return append([]Document{
		Resident18, Resident15, HKMOResidence, TWResidence, ForeignPR18, ForeignPR15, HKID, MacauBIR,
		TaiwanID, TaiwanARC, HKMOPermit, TaiwanPermit, PassportMRZLine2,
	}, declared...)
}

var declared = []Document{BrazilCPF, IndiaPAN, NigeriaNIN, SpainDNI, SpainNIE}

// Declared reports whether a request must name the document ([Subject.Document]), because
// its numbers look like those of other documents: eleven digits are a CPF, a NIN or a
// mobile number.
func (d Document) Declared() bool {
	for _, one := range declared {
		if d == one {
			return true
		}
	}
	return false
}

package words

import "github.com/heyan-id/heyan/engine/idv"

// Documents lists the kinds of document that `heyan check --type` takes, in the
// order in which help shows them.
func Documents() []idv.Document {
	return []idv.Document{
		idv.Resident18, idv.Resident15, idv.HKMOResidence, idv.TWResidence, idv.ForeignPR18, idv.ForeignPR15, idv.HKID,
		idv.MacauBIR, idv.TaiwanID, idv.TaiwanARC, idv.HKMOPermit, idv.TaiwanPermit, idv.PassportMRZLine2,
	}
}

// Document names a kind of document.
func Document(d idv.Document) Text {
	switch d {
	case idv.Resident18:
		return Text{"resident identity card", "居民身份证"}
	case idv.Resident15:
		return Text{"resident number of 15 digits", "15 位旧身份证号码"}
	case idv.HKMOResidence:
		return Text{"residence permit, Hong Kong or Macau", "港澳居民居住证"}
	case idv.TWResidence:
		return Text{"residence permit, Taiwan", "台湾居民居住证"}
	case idv.ForeignPR18:
		return Text{"foreigner's permanent residence card (2023)", "外国人永久居留身份证（2023 版）"}
	case idv.ForeignPR15:
		return Text{"foreigner's permanent residence card (2017)", "外国人永久居留身份证（2017 版）"}
	case idv.HKID:
		return Text{"Hong Kong identity card", "香港身份证"}
	case idv.MacauBIR:
		return Text{"Macau resident identity card", "澳门居民身份证"}
	case idv.TaiwanID:
		return Text{"Taiwan identity card", "台湾身份证"}
	case idv.TaiwanARC:
		return Text{"Taiwan resident certificate", "台湾居留证"}
	case idv.HKMOPermit:
		return Text{"mainland travel permit, Hong Kong or Macau", "港澳居民来往内地通行证（回乡证）"}
	case idv.TaiwanPermit:
		return Text{"mainland travel permit, Taiwan", "台湾居民来往大陆通行证（台胞证）"}
	case idv.PassportMRZLine2:
		return Text{"passport, second line of the machine-readable zone", "护照机读码第二行"}
	default:
		return Text{"not known", "未知"}
	}
}

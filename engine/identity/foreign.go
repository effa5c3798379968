package identity

import "strings"

// foreign18 tests a foreigner's permanent residence card of 2023: 9, province of
// the first application, nationality in ISO 3166-1 digits, then as a resident
// number. Source: the immigration administration's 《新版外国人永久居留身份证
// 适配性改造要点》, table 1.
func (n *Number) foreign18(t *numberText, opts *Options) Reason {
	if t.runes != 18 {
		return ReasonLength
	}
	d, ok := parse18(t.text)
	if !ok || t.text[0] != '9' {
		return ReasonCharset
	}
	if !isProvince(two(t.text, 1)) {
		return ReasonProvince
	}
	n.AddressCode = t.text[1:3]
	failure := birthFailure(d.birth, opts.Today)
	if d.right && failure != ReasonBirthDate {
		n.Birth, n.Sex = d.birth, sexOf(d.sequence)
	}
	switch {
	case failure != "":
		return failure
	case !d.right:
		return ReasonCheckDigit
	case !knownNumeric(t.text[3:6]):
		n.Flags |= FlagNationalityUnlisted
	}
	if d.sequence == 0 {
		n.Flags |= FlagSequenceZero
	}
	return ""
}

// foreign15 tests the card of 2017: three letters of the country at first issue, four
// digits of the area, birth with two digits of the year, serial digit, check digit by
// ICAO 9303. It does not read the serial digit as the sex, because no source says so.
func (n *Number) foreign15(t *numberText, opts *Options) Reason {
	switch {
	case t.runes != 15:
		return ReasonLength
	case !fits(t.text, "AAA000000000000"):
		return ReasonCharset
	case !isProvince(two(t.text, 3)):
		return ReasonProvince
	}
	n.AddressCode = t.text[3:7]
	birth := inferCentury(t.text[7:13], opts.Today)
	failure := birthFailure(birth, opts.Today)
	right := icaoCheck(t.text[:14]) == t.text[14]
	if right && failure == "" {
		n.Birth = birth
	}
	switch {
	case failure != "":
		return failure
	case !right:
		return ReasonCheckDigit
	case !knownAlpha3(t.text[:3]):
		n.Flags |= FlagNationalityUnlisted
	}
	n.Flags |= FlagCenturyInferred
	return ""
}

// inferCentury reads YYMMDD as the latest day that is not in the future. If that century
// has no such day (29 February), it takes the century before.
func inferCentury(yymmdd string, today Date) Date {
	birth := Date{today.Year/100*100 + two(yymmdd, 0), two(yymmdd, 2), two(yymmdd, 4)}
	if birth.Compare(today) > 0 || !birth.Valid() {
		birth.Year -= 100
	}
	return birth
}

// The countries of ISO 3166-1 as of 2024, each as three letters and three digits. A
// country that is not listed is flagged and not rejected, because the list changes.
const countries = "ABW533AFG004AGO024AIA660ALA248ALB008AND020ARE784ARG032ARM051ASM016ATA010ATF260ATG028AUS036AUT040AZE031" +
	"BDI108BEL056BEN204BES535BFA854BGD050BGR100BHR048BHS044BIH070BLM652BLR112BLZ084BMU060BOL068BRA076BRB052BRN096BTN064" +
	"BVT074BWA072CAF140CAN124CCK166CHE756CHL152CHN156CIV384CMR120COD180COG178COK184COL170COM174CPV132CRI188CUB192CUW531" +
	"CXR162CYM136CYP196CZE203DEU276DJI262DMA212DNK208DOM214DZA012ECU218EGY818ERI232ESH732ESP724EST233ETH231FIN246FJI242" +
	"FLK238FRA250FRO234FSM583GAB266GBR826GEO268GGY831GHA288GIB292GIN324GLP312GMB270GNB624GNQ226GRC300GRD308GRL304GTM320" +
	"GUF254GUM316GUY328HKG344HMD334HND340HRV191HTI332HUN348IDN360IMN833IND356IOT086IRL372IRN364IRQ368ISL352ISR376ITA380" +
	"JAM388JEY832JOR400JPN392KAZ398KEN404KGZ417KHM116KIR296KNA659KOR410KWT414LAO418LBN422LBR430LBY434LCA662LIE438LKA144" +
	"LSO426LTU440LUX442LVA428MAC446MAF663MAR504MCO492MDA498MDG450MDV462MEX484MHL584MKD807MLI466MLT470MMR104MNE499MNG496" +
	"MNP580MOZ508MRT478MSR500MTQ474MUS480MWI454MYS458MYT175NAM516NCL540NER562NFK574NGA566NIC558NIU570NLD528NOR578NPL524" +
	"NRU520NZL554OMN512PAK586PAN591PCN612PER604PHL608PLW585PNG598POL616PRI630PRK408PRT620PRY600PSE275PYF258QAT634REU638" +
	"ROU642RUS643RWA646SAU682SDN729SEN686SGP702SGS239SHN654SJM744SLB090SLE694SLV222SMR674SOM706SPM666SRB688SSD728STP678" +
	"SUR740SVK703SVN705SWE752SWZ748SXM534SYC690SYR760TCA796TCD148TGO768THA764TJK762TKL772TKM795TLS626TON776TTO780TUN788" +
	"TUR792TUV798TWN158TZA834UGA800UKR804UMI581URY858USA840UZB860VAT336VCT670VEN862VGB092VIR850VNM704VUT548WLF876WSM882" +
	"YEM887ZAF710ZMB894ZWE716"

// travelCodes are the further codes of ICAO 9303 part 3, section 5: stateless persons,
// refugees, parts of the United Kingdom, the United Nations.
const travelCodes = "D<<GBDGBNGBOGBPGBSUNOUNAXXAXXBXXCXXX"

func knownAlpha3(code string) bool {
	return inColumn(countries, code, 6, 0) || inColumn(travelCodes, code, 3, 0)
}

func knownNumeric(code string) bool { return inColumn(countries, code, 6, 3) }

// inColumn reports whether one of the records has a code at the offset.
func inColumn(records, code string, size, offset int) bool {
	for at := offset; at < len(records); at += size {
		if strings.HasPrefix(records[at:], code) {
			return true
		}
	}
	return false
}

// tdLine2 is the form of line 2 by ICAO 9303: a 0 is a check digit.
const tdLine2 = "*********0*********0*******0***************0"

// passport tests line 2 of a passport's machine-readable zone (ICAO 9303 part 4,
// TD3): number 1-9 and check digit, nationality 11-13, birth 14-19 and check
// digit, sex 21, expiry 22-27 and check digit, optional data 29-42 and check
// digit, and 44 over all of them. A birth with < in it is unknown in part and is
// not tested.
func (n *Number) passport(t *numberText, opts *Options) Reason {
	switch {
	case t.runes != 44:
		return ReasonLength
	case !fits(t.text, tdLine2), strings.IndexByte("MF<", t.text[20]) < 0:
		return ReasonCharset
	}
	failure, birth := Reason(""), Date{}
	if !strings.Contains(t.text[13:19], "<") {
		if !allDigits(t.text[13:19]) {
			return ReasonCharset
		}
		birth = inferCentury(t.text[13:19], opts.Today)
		failure = birthFailure(birth, opts.Today)
	}
	if failure != "" {
		return failure
	}
	if !passportChecks(t.text) {
		return ReasonCheckDigit
	}
	n.Birth = birth
	if !birth.IsZero() {
		n.Flags |= FlagCenturyInferred
	}
	if t.text[20] != '<' {
		n.Sex = Sex(t.text[20:21])
	}
	if !knownAlpha3(t.text[10:13]) {
		n.Flags |= FlagNationalityUnlisted
	}
	return ""
}

// passportChecks reports whether all five check digits are right. That of the
// optional data may be < if there are none.
func passportChecks(s string) bool {
	optional := s[42] == icaoCheck(s[28:42]) || s[42] == '<' && strings.Trim(s[28:42], "<") == ""
	return optional &&
		s[9] == icaoCheck(s[:9]) &&
		s[19] == icaoCheck(s[13:19]) &&
		s[27] == icaoCheck(s[21:27]) &&
		s[43] == icaoCheck(s[:10], s[13:20], s[21:43])
}

package declared

// Reply says where a reply holds what.
type Reply struct {
	// Gateway is aliyun behind the API gateway of the Aliyun market, whose error headers
	// are then read first. Other gateways have their codes in the code table.
	Gateway string `json:"gateway,omitzero"`

	// Statuses are the HTTP statuses that carry the vendor's body; 200 if left out.
	Statuses []int `json:"statuses,omitzero"`

	// Body is the form of the body: json, which is the default, xml, form or text.
	Body string `json:"body,omitzero"`

	// Encoding is utf-8, which is the default, gbk or gb18030.
	Encoding string `json:"encoding,omitzero"`

	// Separator is between the parts of a text body; the parts are /0, /1 and so on.
	Separator string `json:"separator,omitzero"`

	// Texts are places whose value is a string that holds JSON; pointers go on into it.
	Texts []string `json:"texts,omitzero"`

	// TextsEncoding is base64 if the texts are encoded so.
	TextsEncoding string `json:"texts_encoding,omitzero"`

	// Codes are the layers of the code, from the outermost to the innermost. The code table
	// has the parts joined by "/".
	Codes []Code `json:"codes"`

	// Error is the place of the code in replies that have an error in the place of a
	// result. If it is there, it is the code.
	Error *Place `json:"error,omitzero"`

	// Ref are places of the vendor's reference of the call; the first one that has a value
	// counts.
	Ref []Place `json:"ref,omitzero"`

	// Require are conditions of a verdict beside its code. A verdict that breaks one is
	// garbled.
	Require []Condition `json:"require,omitzero"`

	// Echo are claims that the reply repeats, in clear or masked. They must fit the
	// question.
	Echo []Echo `json:"echo,omitzero"`

	// Compare are the claims of which the reply says whether they agree.
	Compare []Compare `json:"compare,omitzero"`

	// ChargeFlag is the place that says whether the call was charged. It counts for rows
	// with charge: flag.
	ChargeFlag *ChargeFlag `json:"charge_flag,omitzero"`
}

// Place is where a reply holds a value: exactly one of at, header and status.
type Place struct {
	// At is a JSON pointer such as /data/result; /a/b/@c is an attribute in XML, /0 a part
	// of a text, "" the whole body.
	At *string `json:"at,omitzero"`

	// Or are other pointers for the same value. If two of them are there, they must agree.
	Or []string `json:"or,omitzero"`

	// Header is the name of a header.
	Header string `json:"header,omitzero"`

	// Status takes the HTTP status.
	Status bool `json:"status,omitzero"`

	// Types are the JSON types that the value may have: string, integer (a whole number),
	// number (as it is written, so that 1 and 1.0 are two codes) or boolean. A second type
	// is accepted only if it is listed.
	Types []string `json:"types,omitzero"`
}

// Code is one layer of a code.
type Code struct {
	Place

	// Also are other places of the same part, which is then all values joined by commas, as
	// in "Y,Y,N". Either all of them are there or none.
	Also []string `json:"also,omitzero"`

	// After are the outer codes after which the layer is read; after all if left out.
	After []string `json:"after,omitzero"`
}

// Condition is a condition of a verdict.
type Condition struct {
	Place

	// Is are the values that the place must have one of.
	Is []string `json:"is,omitzero"`

	// Absent says that the place must have no value.
	Absent bool `json:"absent,omitzero"`

	// For are the codes for which the condition holds; those of all verdicts if left out.
	For []string `json:"for,omitzero"`
}

// Echo is a claim that a reply repeats.
type Echo struct {
	Place

	// Claim is the claim: name, id_number, mobile or bank_card.
	Claim string `json:"claim"`

	// Mask is the character that hides others, "*" if left out. An echo in clear has none.
	Mask string `json:"mask,omitzero"`

	// Shown says that the vendor shows so little of a number that another person's would
	// often fit, and how many characters it shows. Left out, the echo must show the last
	// four characters or all but four.
	Shown int `json:"shown,omitzero"`

	// Verdicts are the verdicts whose reply must have the echo: all if left out, [] for
	// none. Elsewhere it must fit if it is there.
	Verdicts []string `json:"verdicts,omitzero"`
}

// Compare says whether one claim agrees with the register.
type Compare struct {
	Place

	// Claim is the claim: name, id_number, mobile or bank_card.
	Claim string `json:"claim"`

	// Matched are the values that say that it agrees.
	Matched []string `json:"matched,omitzero"`

	// Mismatched are the values that say that it differs.
	Mismatched []string `json:"mismatched,omitzero"`
}

// ChargeFlag says whether the call was charged.
type ChargeFlag struct {
	Place

	// Charged are the values that say so.
	Charged []string `json:"charged,omitzero"`

	// NotCharged are the values that say that it was not.
	NotCharged []string `json:"not_charged,omitzero"`
}

// Row is a row of the code table.
type Row struct {
	// Code is the code exactly as written, its parts joined by "/". Put it in quotes.
	Code string `json:"code"`

	// Verdict is match, mismatch, no_record or mismatch_or_no_record.
	Verdict string `json:"verdict,omitzero"`

	// Failure is why there is no verdict, such as invalid_input or maintenance.
	Failure string `json:"failure,omitzero"`

	// Field is the claim that is wrong, for invalid_input.
	Field string `json:"field,omitzero"`

	// Charge is charged, not_charged, unknown or flag. What the vendor does not print is
	// unknown.
	Charge string `json:"charge"`

	// Account says that the code concerns the account, so that all products of it stop.
	Account bool `json:"account,omitzero"`

	// RenewsToken says that the access token is no longer valid.
	RenewsToken bool `json:"renews_token,omitzero"`

	// Text is the vendor's sentence.
	Text string `json:"text"`

	// Source is where the vendor states it.
	Source string `json:"source"`
}

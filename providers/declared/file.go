package declared

import "time"

// The comment of each field is also its description in the JSON schema: this file is
// embedded and read by [Schema]. The json tag is the key in the file; a key without
// omitzero is one that has to be there.

// File is one product of a vendor.
type File struct {
	// Name is vendor/product in small letters, digits and hyphens, such as kz/idcard.
	Name string `json:"name"`

	// Version is the version of this file; raise it with each change of meaning.
	Version string `json:"version"`

	// Title is the product's name for people, as the vendor prints it.
	Title string `json:"title"`

	// Check is the question that the product answers.
	Check string `json:"check"`

	// Documents are the kinds of identity documents whose numbers the product takes, such
	// as resident18. A kind is a word of small letters, digits and underscores.
	Documents []string `json:"documents,omitzero"`

	// BasicNames says that the product cannot read characters beyond the Basic Multilingual
	// Plane, such as those of CJK Extension B. It is not called for names that have one.
	BasicNames bool `json:"basic_names,omitzero"`

	// Fidelity says which answers the vendor distinguishes. Left out, it follows from the
	// code table: three_way with a row for no_record, else two_way.
	Fidelity string `json:"fidelity,omitzero"`

	// Source is the register that is asked, as the vendor names it.
	Source string `json:"source"`

	// Recipient is the legal name of the organization that receives the personal data. Left
	// out, the configuration must name it.
	Recipient string `json:"recipient,omitzero"`

	// Confidence says how the code table became known: official for the vendor's documents,
	// several_clients for programs that call the product, one_client for a single one.
	Confidence string `json:"confidence,omitzero"`

	// Notes are quirks and limits that an operator has to know, each a sentence.
	Notes []string `json:"notes,omitzero"`

	// NoStore says that the vendor promises fresh data, so that no answer is reused.
	NoStore bool `json:"no_store,omitzero"`

	// Settings are the settings of the product beside base_url and those of the schemes in
	// auth.
	Settings []Setting `json:"settings,omitzero"`

	// Prices are the vendor's packages. The first one gives the price per call until a
	// package is booked.
	Prices []Price `json:"prices,omitzero"`

	// Auth lists built-in authentication schemes, preferred first: the first one whose
	// settings are configured is used. Keys and signatures of the vendor's own are values
	// of request and sign. An API without any key has auth: [none].
	Auth []string `json:"auth,omitzero"`

	// Request says how the question is sent.
	Request Request `json:"request"`

	// Sign is the signature over the request.
	Sign *Sign `json:"sign,omitzero"`

	// Token is an access token that is fetched first and kept until it expires.
	Token *Token `json:"token,omitzero"`

	// Reply says where a reply holds what.
	Reply Reply `json:"reply"`

	// Codes is the code table: what each code means and whether the call is charged.
	Codes []Row `json:"codes"`
}

// Setting is a setting of a provider that uses the file.
type Setting struct {
	// Name is the setting's name in the configuration.
	Name string `json:"name"`

	// Help says what it is and where the vendor shows it.
	Help string `json:"help"`

	// Secret settings are references (env: or file:) in the configuration.
	Secret bool `json:"secret,omitzero"`

	// Product says that the setting is of this product alone. The others belong to the
	// account, which the vendor's products share.
	Product bool `json:"product,omitzero"`

	// Default is the value if none is configured. A secret has none.
	Default string `json:"default,omitzero"`
}

// Price is a package on the vendor's price list.
type Price struct {
	// Units is the number of calls.
	Units int `json:"units"`

	// Total is the price of the package as a decimal number in quotes, such as "69".
	Total string `json:"total"`

	// Currency is the currency by ISO 4217, CNY if left out.
	Currency string `json:"currency,omitzero"`
}

// Request says how the question is sent.
type Request struct {
	// BaseURL is the vendor's address without the path, https://host. Left out, the
	// setting base_url is required.
	BaseURL string `json:"base_url,omitzero"`

	// Method is GET or POST.
	Method string `json:"method"`

	// Path is the path of the URL. It is the same in each call. A setting that is no secret
	// can stand in it: /v1/{appid}/check.
	Path string `json:"path"`

	// Query are the parameters of the query string.
	Query []Param `json:"query,omitzero"`

	// Form are the parameters of a form (application/x-www-form-urlencoded).
	Form []Param `json:"form,omitzero"`

	// JSON are the members of a JSON object. A name that begins with / is a JSON pointer,
	// such as /data/0/name.
	JSON []Param `json:"json,omitzero"`

	// Multipart are the parts of a multipart/form-data body.
	Multipart []Param `json:"multipart,omitzero"`

	// Header are headers beside those that the host sets.
	Header []Param `json:"header,omitzero"`

	// Body is a body of another form, such as XML that join and then put together.
	Body *Value `json:"body,omitzero"`

	// ContentType replaces the content type that follows from the body's form.
	ContentType string `json:"content_type,omitzero"`

	// Accept replaces the header Accept, application/json.
	Accept string `json:"accept,omitzero"`
}

// Param is a named value.
type Param struct {
	// Name is the name as the vendor writes it.
	Name string `json:"name"`

	Value

	// Type is the JSON type of a member: string (as is if left out), number or boolean.
	Type string `json:"type,omitzero"`
}

// Value says where a value comes from: exactly one of claim, setting, const, generate,
// join, json, param and aspect.
type Value struct {
	// Claim is a claim of the person: name, id_number, mobile or bank_card.
	Claim string `json:"claim,omitzero"`

	// Setting is the value of a setting.
	Setting string `json:"setting,omitzero"`

	// Const is the same text in each call.
	Const *string `json:"const,omitzero"`

	// Generate makes a new value for each call: timestamp (seconds), timestamp_ms,
	// http_date (GMT), time (in the form of pattern), uuid, nonce (32 hexadecimal digits)
	// or digits (ten random digits).
	Generate string `json:"generate,omitzero"`

	// Pattern is the form of generate: time, such as yyyyMMddHHmmss, in China's time zone.
	Pattern string `json:"pattern,omitzero"`

	// UTC writes generate: time in UTC.
	UTC bool `json:"utc,omitzero"`

	// Param is the value of a parameter of the request, as it is sent; a JSON pointer names
	// a value of the body.
	Param string `json:"param,omitzero"`

	// Aspect is a part of the request, as it is sent: method, path, query or body. In
	// sign.write it can be the signature.
	Aspect string `json:"aspect,omitzero"`

	// Join are values that are written one after the other.
	Join []Value `json:"join,omitzero"`

	// Separator stands between the values of join.
	Separator string `json:"separator,omitzero"`

	// JSON is a JSON object as a text, with these members.
	JSON []Param `json:"json,omitzero"`

	// Then changes the value, step by step: a name such as md5, or a name with arguments
	// such as slice: ["6", "14"].
	Then []any `json:"then,omitzero"`
}

// Target is where a signature or a token stands in the request.
type Target struct {
	// In is header, query, form or json.
	In string `json:"in"`

	// Name is the name of the header, parameter or member.
	Name string `json:"name"`

	// Prefix is written before the value, such as "Bearer ".
	Prefix string `json:"prefix,omitzero"`
}

// Sign is a signature: the hash of a text made of prefix, parts and suffix. Without parts,
// the text has every parameter of the request, sorted by name: query, form, the members
// of the JSON body, and the headers whose values are settings or generated. Another header
// is signed if include names it.
type Sign struct {
	// To is where the signature stands.
	To Target `json:"to"`

	// Hash is md5, sha1, sha256 or sha512, or one of them after hmac-.
	Hash string `json:"hash"`

	// Key is the setting with the key of an HMAC.
	Key string `json:"key,omitzero"`

	// Encoding is hex, which is the default, or base64.
	Encoding string `json:"encoding,omitzero"`

	// Upper writes hexadecimal digits in capitals.
	Upper bool `json:"upper,omitzero"`

	// Prefix are values before the parts.
	Prefix []Value `json:"prefix,omitzero"`

	// Parts are the values that are signed, in this order. Left out, the parameters are
	// sorted.
	Parts []Value `json:"parts,omitzero"`

	// Suffix are values after the parts, such as the secret.
	Suffix []Value `json:"suffix,omitzero"`

	// Then changes the text before it is hashed, step by step.
	Then []any `json:"then,omitzero"`

	// Write are the values that are written for the signature, one after the other; one of
	// them is aspect: signature. Left out, it is the signature alone.
	Write []Value `json:"write,omitzero"`

	// Include are the names that are sorted; all if left out.
	Include []string `json:"include,omitzero"`

	// Exclude are the names that are not sorted.
	Exclude []string `json:"exclude,omitzero"`

	// Names writes a parameter as its name, key_value and its value; else the value alone.
	Names bool `json:"names,omitzero"`

	// KeyValue stands between a name and its value, such as "=".
	KeyValue string `json:"key_value,omitzero"`

	// Pair stands between two parts, such as "&".
	Pair string `json:"pair,omitzero"`

	// OmitEmpty leaves out parameters without a value.
	OmitEmpty bool `json:"omit_empty,omitzero"`

	// Escape percent-encodes values in the signed text only.
	Escape bool `json:"escape,omitzero"`
}

// Token is an access token of the vendor's own. OAuth 2.0 client credentials are the
// scheme oauth2 of auth.
type Token struct {
	// Request is the call that fetches the token. Its path is at the product's base_url,
	// unless base_url is given here.
	Request Request `json:"request"`

	// Sign is the signature over the call that fetches the token.
	Sign *Sign `json:"sign,omitzero"`

	// At is the JSON pointer of the token in the reply.
	At string `json:"at"`

	// Expires is the JSON pointer of the token's life in seconds.
	Expires string `json:"expires,omitzero"`

	// Life is how long a token lives whose reply does not say, such as 2h; 5m if left out.
	Life time.Duration `json:"life,omitzero"`

	// Require are conditions of a reply with a token.
	Require []Condition `json:"require,omitzero"`

	// To is where the token stands in each request.
	To Target `json:"to"`
}

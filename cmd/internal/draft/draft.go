// Package draft proposes the file of a declared product, and a recorded reply, from one
// exchange with a vendor: a curl command with its reply, or a HAR file of a browser. Its
// author completes the code table.
//
// What looks like a person's data becomes the fictitious person of the contract, what
// looks like a key becomes a setting, and no other text of the reply is kept.
package draft

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Exchange is a request and its reply.
type Exchange struct {
	Method, URL string
	Header      []Field
	Body        string
	Status      int    // 200 if 0
	Reply       string // the reply's body
}

// Made is a recorded reply that no vendor has sent, with the name of its file.
type Made struct {
	Name string
	Text []byte
}

// Field is a header or a parameter.
type Field struct{ Name, Value string }

// Draft is what is proposed.
type Draft struct {
	File      []byte   // the YAML file
	Recording []byte   // the recorded reply
	Made      []Made   // replies that are made from it, one for each other code that the author confirms
	Open      []string // what the author has to look at
}

// From proposes a file for a product of a name, vendor/product. The error is for people.
func From(name string, e Exchange, o Options) (Draft, error) {
	if err := o.check(); err != nil {
		return Draft{}, err
	}
	u, err := url.Parse(e.URL)
	if err != nil || u.Host == "" {
		return Draft{}, errors.New("the request has no URL with a host")
	}
	d := drafter{
		name: name, host: "https://" + u.Host, path: cmp.Or(u.EscapedPath(), "/"), method: cmp.Or(e.Method, "GET"),
		secret: map[string]bool{}, claims: map[string]string{}, options: o,
	}
	if err := d.inPath(); err != nil {
		return Draft{}, err
	}
	if err := d.request(u, e); err != nil {
		return Draft{}, err
	}
	body, err := d.reply(e)
	if err != nil {
		return Draft{}, err
	}
	file := d.file()
	return Draft{File: file, Recording: d.recording(e, body, d.reads.code, recordedSource), Made: d.made(e), Open: d.open}, nil
}

// pathKey is a part of a path that looks like a key or an id of the account.
var pathKey = regexp.MustCompile(`^[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*$`)

// inPath replaces what looks like a key in the path by a setting.
func (d *drafter) inPath() error {
	parts := strings.Split(d.path, "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		switch {
		case err != nil || claim("", plain) != "":
			return errors.New("the path of the URL holds a claim, which needs a plugin")
		case len(part) >= minPathKey && pathKey.MatchString(part):
			d.secret["path_key"] = false
			parts[i] = "{path_key}"
			d.note("request.path: a part of it looks like a key and is the setting path_key; write it into the file if it is constant")
		}
	}
	d.path = strings.Join(parts, "/")
	return nil
}

// minPathKey is the length from which a part of a path with a digit is taken for a key.
const minPathKey = 12

// drafter collects the draft.
type drafter struct {
	name, host, path, method string
	options                  Options
	instead                  []string // the code that a reply is made for, in place of the sample's

	auth   []string
	secret map[string]bool     // of each setting, whether it is secret
	params map[string][]string // YAML of the parameters by place
	order  []string            // of the places
	claims map[string]string   // claim → the value in the exchange
	sign   *signature
	reads  reads
	open   []string
}

// signature is where a signature stands, and the hash that fits its length.
type signature struct{ place, name, hash string }

// The forms of what is recognized.
var (
	idNumber  = regexp.MustCompile(`^\d{17}[\dXx]$`)
	mobile    = regexp.MustCompile(`^(\+86)?1[3-9]\d{9}$`)
	bankCard  = regexp.MustCompile(`^\d{15,19}$`)
	hanName   = regexp.MustCompile(`^\p{Han}[\p{Han}·]{1,24}$`)
	seconds   = regexp.MustCompile(`^1\d{9}$`)
	millis    = regexp.MustCompile(`^1\d{12}$`)
	digest    = regexp.MustCompile(`^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})$`)
	signName  = regexp.MustCompile(`(?i)^(x-)?.*sign(ature)?$`)
	keyName   = regexp.MustCompile(`(?i)(key|secret|token|appcode|password|passwd|authorization)`)
	publicKey = regexp.MustCompile(`(?i)^(app_?id|secret_?id|access_?key_?id|business_?id|client_?id|openid|user_?name|account)$`)
	nonceName = regexp.MustCompile(`(?i)(nonce|uuid|request_?id|trace_?id|rand)`)
	timeName  = regexp.MustCompile(`(?i)(time|date|ts$|stamp)`)
	nameName  = regexp.MustCompile(`(?i)(name|xm)$`)
	harmless  = regexp.MustCompile(`^[A-Za-z0-9._/-]{0,16}$`)
	numberKey = regexp.MustCompile(`(?i)(idcard|id_?no|id_?num|cert|identify|card_?no|cardno|id_?number)`)
)

// persona are the values of the fictitious person of the contract.
func persona() map[string]string {
	return map[string]string{"name": "测试", "id_number": "11010120990101005X", "mobile": "19900000000", "bank_card": "6228480000000000000"}
}

// claim returns the claim that a parameter holds, "" if it holds none.
func claim(name, value string) string {
	switch {
	case idNumber.MatchString(value):
		return "id_number"
	case mobile.MatchString(value):
		return "mobile"
	case bankCard.MatchString(value) && !timeName.MatchString(name) && !nonceName.MatchString(name):
		return "bank_card"
	case hanName.MatchString(value), nameName.MatchString(name) && value != "" && !keyName.MatchString(name) && !publicKey.MatchString(name):
		return "name"
	case numberKey.MatchString(name) && value != "":
		return "id_number"
	}
	return ""
}

// claim returns the claim that a parameter holds: by the author's word, else by its form.
func (d *drafter) claim(name, value string) string {
	if c := d.options.claimOf(name); c != "" {
		return c
	}
	if c := claim(name, value); d.options.Claims[c] == "" {
		return c
	}
	return "" // another parameter holds it
}

// add adds a parameter of a place.
func (d *drafter) add(place, name, value string) {
	if signName.MatchString(name) && digest.MatchString(value) {
		d.sign = &signature{place, name, map[int]string{32: "md5", 40: "sha1", 64: "sha256"}[len(value)]}
		d.note("sign: the hash fits the length; what it covers is a guess, so compare with the vendor's page")
		return
	}
	if d.params[place] == nil {
		d.order = append(d.order, place)
	}
	if d.params == nil {
		d.params = map[string][]string{}
	}
	d.params[place] = append(d.params[place], fmt.Sprintf("    - {name: %s, %s}", quoted(name), d.value(place, name, value)))
}

// value returns the YAML of a parameter's value.
func (d *drafter) value(place, name, value string) string {
	if c := d.claim(name, value); c != "" && d.claims[c] == "" {
		d.claims[c] = value
		return "claim: " + c
	}
	if generated := d.moment(place, name, value); generated != "" {
		return generated
	}
	setting := settingOf(name)
	switch {
	case nonceName.MatchString(name):
		return "generate: nonce"
	case publicKey.MatchString(name), keyName.MatchString(name):
		d.secret[setting] = !publicKey.MatchString(name)
		return "setting: " + setting
	case !harmless.MatchString(value):
		d.note("%s %s: its value was not taken over, since it may be personal or secret", place, name)
		return `const: "?"`
	}
	d.note("%s %s: is a constant here; make it a claim or a setting if it is one", place, name)
	return "const: " + quoted(value)
}

func (d *drafter) note(format string, args ...any) {
	d.open = append(d.open, fmt.Sprintf(format, args...))
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// settingOf returns the name of a setting for a parameter.
func settingOf(name string) string {
	word := strings.Trim(notWord.ReplaceAllString(strings.ToLower(name), "_"), "_")
	if word == "" || word[0] < 'a' {
		word = "key_" + word
	}
	return strings.TrimSuffix(word, "_")
}

func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// check returns the check that compares the claims of the request.
func (d *drafter) check() string {
	have := slices.Sorted(maps.Keys(d.claims))
	known := map[string]string{
		"id_number,name": "id_name", "id_number,mobile,name": "id_name_mobile", "bank_card,id_number,name": "id_name_bankcard",
		"bank_card,id_number,mobile,name": "id_name_mobile_bankcard", "bank_card,name": "name_bankcard",
	}
	if check := known[strings.Join(have, ",")]; check != "" {
		return check
	}
	d.note("check: the request does not show which claims it has; mark them with claim")
	return "id_name"
}

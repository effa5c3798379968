package declared

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
)

// The forms of names.
var (
	productForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}/[a-z0-9][a-z0-9-]{0,39}$`)
	settingForm  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	documentForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
)

// baseURL is the setting by which all adapters name the vendor's address.
const baseURL = "base_url"

// declare notes the settings of the file.
func (c *compiler) declare() {
	c.settings = map[string]Setting{}
	for i, s := range c.file.Settings {
		path := strictyaml.At("settings", i)
		_, twice := c.settings[s.Name]
		switch {
		case !settingForm.MatchString(s.Name):
			c.note(path+".name", "must be a word of small letters, digits and underscores, at most 40")
		case s.Name == baseURL:
			c.note(path+".name", "is the address, which every product has; give its default as request.base_url")
		case twice:
			c.note(path+".name", "is the name of another setting too; keep one")
		case s.Help == "":
			c.note(path+".help", "is missing; say what the setting is and where the vendor shows it")
		case s.Secret && s.Default != "":
			c.note(path+".default", "a secret has no default; leave it out, and replace a secret that stood here at the vendor")
		}
		c.settings[s.Name] = s
	}
}

// setting notes the use of a setting.
func (c *compiler) setting(path, name string) (Setting, bool) {
	s, ok := c.settings[name]
	if !ok {
		c.note(path, "is no setting of this file; declare it in settings")
	}
	c.used[name] = true
	return s, ok
}

// leftover notes settings without a use.
func (c *compiler) leftover() {
	for i, s := range c.file.Settings {
		if !c.used[s.Name] {
			c.note(strictyaml.At("settings", i)+".name", "is not used in request, sign or token; remove it")
		}
	}
}

// descriptor returns the descriptor without codes and schemes.
func (c *compiler) descriptor() idv.Descriptor {
	f := c.file
	d := idv.Descriptor{
		Name: f.Name, Version: f.Version, Title: f.Title, Source: f.Source, Recipient: f.Recipient, NoStore: f.NoStore, BasicNames: f.BasicNames,
		Prices: c.prices(), Confidence: idv.Confidence(f.Confidence), Notes: f.Notes,
	}
	c.remarks()
	if !productForm.MatchString(f.Name) {
		c.note("name", "must be vendor/product in small letters, digits and hyphens, such as kz/idcard")
	}
	for path, text := range map[string]string{"version": f.Version, "title": f.Title, "source": f.Source} {
		if strings.TrimSpace(text) == "" {
			c.note(path, "is missing")
		}
	}
	if d.Check.UnmarshalText([]byte(f.Check)) != nil || d.Check == idv.CheckNone {
		c.note("check", "%s", strictyaml.Unknown("check", f.Check, checkWords()))
	}
	d.Documents = c.documents(d.Check)
	d.Fidelity = c.fidelity()
	d.Settings = append(d.Settings, idv.Setting{Name: baseURL, Default: f.Request.BaseURL, Required: f.Request.BaseURL == "", Help: "base URL of the vendor"})
	for _, s := range f.Settings {
		d.Settings = append(d.Settings, idv.Setting{
			Name: s.Name, Help: s.Help, Default: s.Default, Required: s.Default == "", Secret: s.Secret, Account: !s.Product,
		})
	}
	return d
}

// remarks checks what is stated for people only.
func (c *compiler) remarks() {
	if c.file.Confidence != "" {
		c.one("confidence", c.file.Confidence, confidenceWords()...)
	}
	for i, note := range c.file.Notes {
		if strings.TrimSpace(note) == "" {
			c.note(strictyaml.At("notes", i), "is empty; write a sentence, or remove it")
		}
	}
}

func confidenceWords() []string {
	var words []string
	for _, word := range idv.Confidences() {
		words = append(words, string(word))
	}
	return words
}

func checkWords() []string {
	words := []string{idv.CheckNameBankCard.String()}
	for _, check := range idv.Checks() {
		words = append(words, check.String())
	}
	return words
}

func (c *compiler) documents(check idv.Check) []idv.Document {
	var list []idv.Document
	for i, word := range c.file.Documents {
		if !documentForm.MatchString(word) {
			c.note(strictyaml.At("documents", i), "must be a kind of document such as resident18: small letters, digits and underscores")
		}
		list = append(list, idv.Document(word))
	}
	if needs := check.Claims().Has(idv.ClaimIDNumber); needs && len(list) == 0 {
		c.note("documents", "is missing; list the kinds of documents whose numbers the vendor takes, such as [resident18]")
	}
	return list
}

func (c *compiler) fidelity() idv.Fidelity {
	var f idv.Fidelity
	if c.file.Fidelity != "" {
		if f.UnmarshalText([]byte(c.file.Fidelity)) != nil || f == idv.FidelityUnknown {
			c.note("fidelity", "must be two_way, three_way or with_reason")
		}
		return f
	}
	for _, row := range c.file.Codes {
		if row.Verdict == idv.NoRecord.String() {
			return idv.ThreeWay
		}
	}
	return idv.TwoWay
}

func (c *compiler) prices() []idv.Price {
	var list []idv.Price
	for i, p := range c.file.Prices {
		path := strictyaml.At("prices", i)
		currency := p.Currency
		if currency == "" {
			currency = idv.CNY
		}
		micros, err := idv.ParseAmount(p.Total)
		c.check(path+".total", err)
		if p.Units <= 0 {
			c.note(path+".units", "must be the number of calls, at least 1")
		}
		if !currencyForm.MatchString(currency) {
			c.note(path+".currency", "must be three capitals such as CNY")
		}
		list = append(list, idv.Price{Units: int64(p.Units), Total: idv.Money{Micros: micros, Currency: currency}})
	}
	return list
}

// address checks a base URL.
func (c *compiler) address(path, text string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil || u.Fragment != "" {
		c.note(path, "must be https://host without a path; the path is request.path")
	}
}

// coverage notes claims of the check that the request does not send.
func (c *compiler) coverage(check idv.Check) {
	sent := map[string]bool{}
	r := c.file.Request
	for _, list := range [][]Param{r.Query, r.Form, r.JSON, r.Multipart, r.Header} {
		for _, p := range list {
			claimsOf(p.Value, sent)
		}
	}
	if r.Body != nil {
		claimsOf(*r.Body, sent)
	}
	for _, claim := range check.Claims().List() {
		if !sent[claim.String()] {
			c.note("request", "does not send %s, which the check %s compares; add a parameter with claim: %s", claim, check, claim)
		}
		delete(sent, claim.String())
	}
	for _, claim := range allClaims() {
		if sent[claim.String()] && check != idv.CheckNone {
			c.note("request", "sends %s, which the check %s does not have; remove it, or choose the check that has it", claim, check)
		}
	}
}

// allClaims returns every claim.
func allClaims() []idv.Claim { return idv.ClaimSet(0xff).List() }

// claimsOf adds the claims of a value.
func claimsOf(v Value, into map[string]bool) {
	if v.Claim != "" {
		into[v.Claim] = true
	}
	for _, part := range v.Join {
		claimsOf(part, into)
	}
	for _, member := range v.JSON {
		claimsOf(member.Value, into)
	}
}

// numberForm is a JSON number.
var numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

func isNumber(text string) bool { return numberForm.MatchString(text) }

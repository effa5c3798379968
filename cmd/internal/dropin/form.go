package dropin

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

// form is the interface of one vendor.
type form struct {
	name         string // of the product, as heyan provider list prints it
	method, path string
	number, of   string // the parameters of the number and of the name
	write        func(to io.Writer, row *Row, echo claims, ref string)
	code         func(*Row) string // of an answer that is not the gateway's
}

// forms returns the interfaces that there are.
func forms() []*form {
	return []*form{
		{name: "idcert", method: http.MethodGet, path: "/idcard", number: "idCard", of: "name", write: writeIdcert, code: func(r *Row) string { return r.Idcert }},
		{name: "kz/idcard", method: http.MethodPost, path: "/api-mall/api/id_card/check", number: "idcard", of: "name", write: writeKz, code: func(r *Row) string { return r.Kz }},
	}
}

// Forms returns the names of the interfaces, with the method and path of each, for the
// documentation.
func Forms() (list [][2]string) {
	for _, f := range forms() {
		list = append(list, [2]string{f.name, f.method + " " + f.path})
	}
	return list
}

// formOf returns the form that a request is for, nil if there is none.
func formOf(r *http.Request) *form {
	for _, f := range forms() {
		if r.URL.Path == f.path {
			return f
		}
	}
	return nil
}

// unmatched is what stands for a form if a request is for none.
const unmatched = "unmatched"

// nameOf returns the name of a form.
func nameOf(f *form) string {
	if f == nil {
		return unmatched
	}
	return f.name
}

// pathOf returns the path of a form.
func pathOf(f *form) string {
	if f == nil {
		return unmatched
	}
	return f.path
}

// maxForm is the largest body of a form in bytes. Two claims need a hundred.
const maxForm = 64 << 10

// claims are the two of a request, and how the vendor's answer shows them.
type claims struct {
	name, number             idv.Sensitive
	maskedName, maskedNumber string
}

// read reads the claims of a request. The outcome is "" if both are there.
func (f *form) read(r *http.Request) (claims, Outcome) {
	values, outcome := f.values(r)
	if outcome != "" {
		return claims{}, outcome
	}
	name, nameFits := one(values[f.of])
	number, numberFits := one(values[f.number])
	read := claims{idv.NewSensitive(name), idv.NewSensitive(number), maskName(name), maskNumber(number)}
	switch {
	case !nameFits:
		return read, InvalidName
	case !numberFits:
		return read, InvalidNumber
	}
	return read, ""
}

// values returns the parameters of a request, those of a form and those of the query together.
func (f *form) values(r *http.Request) (url.Values, Outcome) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, BadQuery // the error repeats the query
	}
	if f.method == http.MethodGet {
		return values, ""
	}
	if !isForm(r.Header["Content-Type"]) {
		return nil, WrongMediaType
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
	switch {
	case err != nil:
		return nil, BadBody
	case len(body) > maxForm:
		return nil, TooLarge
	}
	sent, err := url.ParseQuery(strings.TrimSpace(string(body)))
	if err != nil {
		return nil, BadBody
	}
	for key, list := range sent {
		values[key] = append(values[key], list...)
	}
	return values, ""
}

// isForm reports whether a body is a form in UTF-8.
func isForm(types []string) bool {
	if len(types) != 1 {
		return false
	}
	kind, parameters, err := mime.ParseMediaType(types[0])
	charset, given := parameters["charset"]
	return err == nil && kind == "application/x-www-form-urlencoded" && (!given || strings.EqualFold(charset, "utf-8"))
}

// one returns the value of a parameter, and whether it can be a claim. Of two values a proxy or
// a log could take the other one. Bytes that are not UTF-8 may be GBK, in which some names are
// also UTF-8 of another meaning, so they are not guessed at: a wrong guess is a paid mismatch.
func one(values []string) (string, bool) {
	if len(values) != 1 || !utf8.ValidString(values[0]) {
		return "", false
	}
	return values[0], strings.TrimSpace(values[0]) != ""
}

// leastShown is the least length of a number of which characters are shown: those of the resident
// identity card have 15 or 18, and of a shorter one six characters would be most.
const leastShown = 15

// maskNumber returns a number as the vendor's guide shows one: its first two and last four
// characters, with five stars between them whatever its length is.
func maskNumber(number string) string {
	chars := []rune(number)
	switch {
	case len(chars) == 0:
		return ""
	case len(chars) < leastShown:
		return "*****"
	}
	return string(chars[:2]) + "*****" + string(chars[len(chars)-4:])
}

// maskName returns a name as the guide shows one: its first character and a star.
func maskName(name string) string {
	switch chars := []rune(name); len(chars) {
	case 0:
		return ""
	case 1:
		return "*"
	default:
		return string(chars[0]) + "*"
	}
}

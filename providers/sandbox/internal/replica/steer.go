package replica

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The names that select an answer. Scripts use them.
const (
	nameNoRecord    = "无记录"
	nameAbnormal    = "异常"
	nameBadName     = "坏姓名"
	nameBadNumber   = "坏号码"
	nameMaintenance = "维护"

	codePrefix = "码" // of a name that selects a row of the code table
)

func steeringNames() []string {
	return []string{nameNoRecord, nameAbnormal, nameBadName, nameBadNumber, nameMaintenance}
}

// latinNames are the same names for products that take Latin letters only, or given and
// family name apart. Each has two words.
func latinNames() []string {
	return []string{"NO RECORD", "NOT AVAILABLE", "BAD NAME", "BAD NUMBER", "UNDER MAINTENANCE"}
}

// latinCode is the first word of a Latin name that selects a row; letters follow.
const latinCode = "Code"

// Row is a row of the code table as the sandbox plays it.
type Row struct {
	Name     string      `json:"name"`  // selects the row
	Latin    string      `json:"latin"` // does so too, in two words of Latin letters
	Layer    string      `json:"layer"`
	Code     string      `json:"code"`
	Verdict  idv.Verdict `json:"verdict"`
	Failure  idv.Failure `json:"failure"`
	Charge   idv.Charge  `json:"charge"`
	Playable bool        `json:"playable"`
}

// Rows lists the code table.
func (r *Replica) Rows() []Row {
	var list []Row
	for i, row := range r.card.Codes {
		p, ok := r.plays[Code{row.Layer, row.Code}]
		charge := row.Charge
		if ok {
			charge = p.charge
		}
		list = append(list, Row{codePrefix + hanNumber(i+1), latinCode + " " + letterNumber(i+1), row.Layer, row.Code, row.Verdict, row.Failure, charge, ok})
	}
	return list
}

// hanNumber returns a number in Chinese digits, so that it can stand in a name.
func hanNumber(n int) string {
	var b strings.Builder
	for _, d := range fmt.Sprint(n) {
		b.WriteRune([]rune(hanDigits)[d-'0'])
	}
	return b.String()
}

// letterNumber returns a number as the columns of a table are named: A, B, …, Z, AA.
func letterNumber(n int) string {
	var text string
	for ; n > 0; n = (n - 1) / 26 {
		text = string(rune('A'+(n-1)%26)) + text
	}
	return text
}

// fromLatin returns the Chinese name that a Latin one stands for, "" for another name.
func (r *Replica) fromLatin(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	for i, latin := range latinNames() {
		if strings.EqualFold(name, latin) {
			return steeringNames()[i]
		}
	}
	for _, row := range r.Rows() {
		if strings.EqualFold(name, row.Latin) {
			return row.Name
		}
	}
	return ""
}

// Steer returns the row that a person selects. Spaces of the name do not count, since some
// products accept no name of one word.
func (r *Replica) Steer(a Asked) (Code, error) {
	name := cmp.Or(r.fromLatin(a.claim(idv.ClaimName)), strings.ReplaceAll(a.claim(idv.ClaimName), " ", ""))
	if rest, ok := strings.CutPrefix(name, codePrefix); ok && selects(rest) {
		c, ok := r.named(name, strings.TrimLeft(rest, ":："))
		if !ok {
			return Code{}, errors.New("the code table has no such code, or none that can be played; GET /_sandbox/codes lists them")
		}
		return c, nil
	}
	if code, ok := r.byName(name); ok {
		return code, nil
	}
	if slices.Contains(steeringNames(), name) { // a match in its place would mislead
		return Code{}, fmt.Errorf("the code table has no row that can be played for the name %s", name)
	}
	if code, ok := r.verdictFor(a); ok {
		return code, nil
	}
	return Code{}, errors.New("the code table has no row that can be played for the name of a match")
}

// selects reports whether the rest of a name selects a code: :0/2 or 一二.
func selects(rest string) bool {
	return strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "：") || rest != "" && strings.Trim(rest, hanDigits) == ""
}

const hanDigits = "零一二三四五六七八九"

// named returns the row of a name such as 码一二 or 码:0/2.
func (r *Replica) named(name, code string) (Code, bool) {
	for _, layer := range []string{providers.LayerVendor, providers.LayerGateway} {
		if _, ok := r.plays[Code{layer, code}]; ok {
			return Code{layer, code}, true
		}
	}
	for _, row := range r.Rows() {
		if row.Name == name && row.Playable {
			return Code{row.Layer, row.Code}, true
		}
	}
	return Code{}, false
}

// Maintenance returns the row of a vendor in maintenance, or the closest one.
func (r *Replica) Maintenance() (Code, bool) { return r.byName(nameMaintenance) }

// NoRecord returns the row of a person without a record.
func (r *Replica) NoRecord() (Code, error) {
	c, ok := r.byName(nameNoRecord)
	if !ok {
		return c, errNoRecord
	}
	return c, nil
}

func (r *Replica) byName(name string) (Code, bool) {
	switch name {
	case nameNoRecord:
		return r.firstOf(verdictIs(idv.NoRecord), verdictIs(idv.MismatchOrNoRecord))
	case nameAbnormal:
		return r.firstOf(failureIs(idv.Unavailable), failureIs(idv.Maintenance), failureIs(idv.FailureUnknown))
	case nameBadName:
		return r.firstOf(fieldIs(idv.FieldName), fieldIs(idv.NoField), failureIs(idv.InvalidInput), failureIs(idv.Unavailable))
	case nameBadNumber:
		field := idv.FieldIDNumber
		if !r.card.Check.Claims().Has(idv.ClaimIDNumber) {
			field = idv.FieldBankCard
		}
		return r.firstOf(fieldIs(field), fieldIs(idv.NoField), failureIs(idv.InvalidInput), failureIs(idv.Unavailable))
	case nameMaintenance:
		return r.firstOf(failureIs(idv.Maintenance), failureIs(idv.Unavailable))
	}
	return Code{}, false
}

// verdictFor returns match if the number ends in an even digit or X, or cannot be read, else
// mismatch.
func (r *Replica) verdictFor(a Asked) (Code, bool) {
	number := a.claim(idv.ClaimIDNumber)
	if !r.card.Check.Claims().Has(idv.ClaimIDNumber) {
		number = a.claim(idv.ClaimBankCard)
	}
	if number == "" || strings.ContainsAny(number[len(number)-1:], "02468Xx") || number[len(number)-1] >= 'A' {
		return r.firstOf(verdictIs(idv.Match))
	}
	return r.firstOf(verdictIs(idv.Mismatch), verdictIs(idv.MismatchOrNoRecord))
}

// firstOf returns the first row of the vendor that can be played and fits, by the first
// condition that any row fits, and then the first one of the gateway.
func (r *Replica) firstOf(conditions ...func(idv.CodeRow) bool) (Code, bool) {
	for _, layer := range []string{providers.LayerVendor, providers.LayerGateway} {
		for _, fits := range conditions {
			for _, row := range r.card.Codes {
				code := Code{row.Layer, row.Code}
				if _, ok := r.plays[code]; ok && row.Layer == layer && fits(row) {
					return code, true
				}
			}
		}
	}
	return Code{}, false
}

func verdictIs(v idv.Verdict) func(idv.CodeRow) bool {
	return func(row idv.CodeRow) bool { return row.Verdict == v }
}

func failureIs(f idv.Failure) func(idv.CodeRow) bool {
	return func(row idv.CodeRow) bool { return row.Verdict == idv.Undetermined && row.Failure == f }
}

func fieldIs(field idv.Field) func(idv.CodeRow) bool {
	return func(row idv.CodeRow) bool {
		return row.Verdict == idv.Undetermined && row.Failure == idv.InvalidInput && row.Field == field
	}
}

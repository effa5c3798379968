package providertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func memberRules() []Rule {
	return []Rule{
		{"duplicates", "A reply with a duplicate member yields no verdict.", eachJudged(duplicates)},
		{"letter-case", "Member names are case-sensitive: a name in another case is ignored.", eachJudged(letterCase)},
		{"types", "A code of another type than in the fixtures yields no verdict; another type of another member changes no verdict.", eachReply(types)},
		{"missing", "A reply without its code yields no verdict; a reply without another member yields no other verdict.", eachReply(missing)},
		{"unlisted-code", "A code that the table does not list exactly yields no verdict, and its charge is unknown.", eachJudged(unlistedCode)},
		{"unknown-members", "Unknown members are ignored and not passed on.", unknownMembers},
	}
}

// eachJudged returns a rule's test that runs test on every fixture with a verdict.
func eachJudged(test func(judge, sample) error) func(context.Context, Harness) error {
	return func(ctx context.Context, h Harness) error {
		j, err := h.judge()
		if err != nil {
			return err
		}
		list, err := h.verdicts()
		if err != nil {
			return err
		}
		return each(ctx, list, func(s sample) error { return test(j, s) })
	}
}

// eachReply returns a rule's test that runs test on every fixture of the vendor.
func eachReply(test func(judge, sample) error) func(context.Context, Harness) error {
	return func(ctx context.Context, h Harness) error {
		j, err := h.judge()
		if err != nil {
			return err
		}
		list, err := h.samples(providers.LayerVendor)
		if err != nil {
			return err
		}
		return each(ctx, list, func(s sample) error { return test(j, s) })
	}
}

// duplicates repeats each member with its own value and with others, before and after,
// since some readers use the first value and others the last.
func duplicates(j judge, s sample) error {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return err
	}
	others, err := j.verdicts()
	if err != nil {
		return err
	}
	body := s.reply.Body
	for _, n := range list {
		try := j.fails
		if !j.Format.IsJSON() || strings.Contains(n.path, "#") {
			try = j.check // lists are such members; only those with the code decide
		}
		name := string(body[n.Start:n.Value])
		values := []string{string(body[n.Value:n.End]), `"0"`, "null", "{}"}
		for _, o := range others {
			values = append(values, o.valueAt(n.path))
		}
		for _, value := range values {
			for _, b := range beside(body, n, name+value) {
				if err := try(s, s.with(b), "with "+n.path+" duplicated"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// beside returns the body with a member after and before another.
func beside(body []byte, n node, member string) [][]byte {
	return [][]byte{splice(body, n.End, n.End, ","+member), splice(body, n.Start, n.Start, member+",")}
}

// valueAt returns the value of a member as written, null if there is none.
func (s sample) valueAt(path string) string {
	list, err := nodes(s.reply.Body)
	if n, ok := at(list, path); err == nil && ok {
		return string(s.reply.Body[n.Value:n.End])
	}
	return "null"
}

// letterCase changes the case of each member that holds a code, or an object around one,
// and inserts those of the other verdicts in another case.
func letterCase(j judge, s sample) error {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return err
	}
	others, err := j.verdicts()
	if err != nil {
		return err
	}
	body := s.reply.Body
	for _, n := range list {
		if !j.leadsToCode(s, n) {
			continue
		}
		name := swapCase(body[n.Start:n.Value])
		if err := j.check(s, s.with(splice(body, n.Start, n.Value, name)), "with "+n.path+" in another case"); err != nil {
			return err
		}
		for _, o := range others {
			for _, b := range beside(body, n, name+o.valueAt(n.path)) {
				if err := j.sameOrFails(s, s.with(b), "with a second "+n.path+" in another case"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// leadsToCode reports whether a member holds a part of the sample's code, or an object
// around one.
func (j judge) leadsToCode(s sample, n node) bool {
	for _, path := range j.placeOf(s).paths {
		if within(path, n.path) {
			return true
		}
	}
	return false
}

func swapCase(name []byte) string {
	swapped := bytes.ToUpper(name)
	if bytes.Equal(swapped, name) {
		swapped = bytes.ToLower(name)
	}
	return string(swapped)
}

func types(j judge, s sample) error {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return err
	}
	for _, n := range list {
		if n.isContainer() {
			continue // empty-results changes them
		}
		for _, value := range retyped(n, string(s.reply.Body[n.Value:n.End])) {
			if err := j.check(s, s.with(n.replace(s.reply.Body, value)), "with another type of "+n.path); err != nil {
				return err
			}
		}
	}
	return nil
}

// retyped returns values of other types, and other forms of a number, that a lenient
// reader takes for the value.
func retyped(n node, value string) []string {
	list := []string{"null", `""`, "{}", "[]", "[" + value + "]", `{"value":` + value + `}`}
	switch n.kind {
	case kindString:
		number := strings.TrimLeft(n.text, "0")
		if number == "" || strings.Trim(number, "0123456789") != "" {
			number = "1"
		}
		if strings.Trim(n.text, "0123456789") == "" {
			list = append(list, numberForms(number)...)
		}
		return append(list, number, "0", "true", "false")
	case kindNumber:
		return append(list, append(numberForms(value), quote(value), quote(value+".0"), "true", "false")...)
	case kindBool:
		return append(list, quote(value), `"1"`, `"0"`, "1", "0")
	}
	return append(list, "0", "false")
}

func numberForms(n string) []string {
	return []string{n + ".0", n + ".5", n + "e0", n + "E+0", n + "0e-1", "0" + n, "+" + n, "-" + n}
}

// missing removes each member by renaming it.
func missing(j judge, s sample) error {
	list, err := nodes(s.reply.Body)
	if err != nil {
		return err
	}
	for _, n := range list {
		if err := j.check(s, s.with(n.rename(s.reply.Body)), "without "+n.path); err != nil {
			return err
		}
	}
	return nil
}

// unlistedCode changes each part of the code, and leaves the others as they are.
func unlistedCode(j judge, s sample) error {
	codes, err := j.codesOf(s)
	if err != nil {
		return err
	}
	for i, n := range codes {
		for _, code := range j.lookalikes(n.text) {
			value := quote(code)
			if n.kind != kindString {
				value = strings.TrimSpace(code)
			}
			parts, shape := s.split()
			parts[i] = code
			if value == "" || j.lists(parts, shape) {
				continue
			}
			if err := j.unlisted(s, n.replace(s.reply.Body, value)); err != nil {
				return err
			}
		}
	}
	return nil
}

// lookalikes returns codes that a lenient reader takes for the code, all that occur in the
// table in any place, and unrelated ones.
func (j judge) lookalikes(code string) []string {
	list := []string{
		"", " " + code, code + " ", code + "\n", "0" + code, "00" + code, strings.TrimLeft(code, "0"), "+" + code, "-" + code,
		code + ".0", code + "e0", code + "\x00", code + code, "０" + code, code + "/", code + "x", "no-such", "7777", "0", "1", "-1", "true", "ok",
	}
	for _, row := range j.table {
		if row.Layer == providers.LayerVendor {
			list = append(list, row.Code)
			list = append(list, strings.FieldsFunc(row.Code, func(r rune) bool { return strings.ContainsRune(separator+separatorAlso, r) })...)
		}
	}
	return list
}

// lists reports whether the table has a row for the parts, or for the outer ones alone. A
// part with a separator is not a code.
func (j judge) lists(parts []string, shape string) bool {
	for n := range parts {
		if strings.Contains(parts[n], separator) {
			return false
		}
		if n < len(shape) && shape[n:n+1] == separatorAlso {
			continue // half of a part
		}
		if _, ok := j.table.Row(providers.LayerVendor, joined(parts[:n+1], shape)); ok {
			return true
		}
	}
	return false
}

func (j judge) unlisted(s sample, body []byte) error {
	if err := j.check(s, s.with(body), "with an unlisted code"); err != nil {
		return err
	}
	_, err := j.Codec.Decode(j.Query, s.with(body))
	if err == nil {
		return nil // a verdict of another place
	}
	e := idv.AsError(err)
	if e.Charge == idv.Charged && j.hasFlag() {
		return nil
	}
	if e.Charge != idv.ChargeUnknown || !e.Delivery.MayHaveExecuted() {
		return errors.New("an unlisted code has a known charge, or a delivery that rules out a charge")
	}
	return nil
}

// hasFlag reports whether the replies have a charge flag, which is believed of unlisted
// codes too if it says "charged".
func (j judge) hasFlag() bool {
	for _, row := range j.table {
		if row.ByFlag {
			return true
		}
	}
	return false
}

func unknownMembers(_ context.Context, h Harness) error {
	const marker = "providertest-unknown"
	list, err := h.samples(providers.LayerVendor)
	if err != nil {
		return err
	}
	for _, s := range list {
		body := h.withUnknown(s.reply.Body, marker)
		if err := h.decodes(s.row, s.with(body), " with an unknown member"); err != nil {
			return err
		}
		if got := h.result(s.with(body)); strings.Contains(printed(got.answer)+printed(got.err), marker) {
			return fmt.Errorf("the fixture %s: an unknown member is passed on", s.row.Code)
		}
	}
	return nil
}

// withUnknown returns the document with an unknown member: an object if the form has such
// members, else a text, at the outermost level that may have another member.
func (h Harness) withUnknown(document []byte, marker string) []byte {
	var last []byte
	for depth := 1; depth <= 2; depth++ {
		for _, value := range []string{`{"list":[{"` + marker + `":null},1.5e300,true,"` + marker + `"]}`, `{"` + marker + `":"` + marker + `"}`, quote(marker)} {
			last = withMember(document, depth, `"providertest":`+value)
			if last != nil && h.printable(last) {
				return last
			}
		}
	}
	return withMember(document, 1, `"providertest":null`)
}

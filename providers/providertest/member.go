package providertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/strictjson"
)

func memberRules() []Rule {
	return []Rule{
		{"duplicates", "A reply with a duplicate member yields no verdict.", eachVerdict(duplicates)},
		{"letter-case", "Member names are case-sensitive: a name in another case is ignored.", letterCase},
		{"types", "A code of another type yields no verdict; another type of another member changes no verdict.", eachVerdict(types)},
		{"missing", "A reply without its code yields no verdict; a reply without another member yields no other verdict.", eachVerdict(missing)},
		{"unlisted-code", "A code that the table does not list exactly yields no verdict, and its charge is unknown.", eachVerdict(unlistedCode)},
		{"unknown-members", "Unknown members are ignored and not passed on.", unknownMembers},
	}
}

// parts returns the members of a sample, and those that hold its code.
func (s sample) parts() (members, codes []strictjson.Member, err error) {
	members, err = membersOf(s.reply.Body)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range members {
		if s.holdsCode(m) {
			codes = append(codes, m)
		}
	}
	if len(codes) == 0 {
		return nil, nil, fmt.Errorf("no member of the fixture %s holds its code", s.row.Code)
	}
	return members, codes, nil
}

func (s sample) holdsCode(m strictjson.Member) bool {
	value := string(s.reply.Body[m.Value:m.End])
	return value == s.row.Code || value == quote(s.row.Code)
}

// duplicates repeats each member with its own value and with another, before and
// after, since some readers use the first value and others the last.
func duplicates(h Harness, s sample) error {
	members, _, err := s.parts()
	if err != nil {
		return err
	}
	body := s.reply.Body
	for _, m := range members {
		name := string(body[m.Start:m.Value])
		for _, value := range []string{string(body[m.Value:m.End]), `"0"`, "null"} {
			doubled := [][]byte{
				splice(body, m.End, m.End, ","+name+value),
				splice(body, m.Start, m.Start, name+value+","),
			}
			for _, b := range doubled {
				if err := h.fails(s, s.with(b), "with "+m.Name+" duplicated"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func letterCase(_ context.Context, h Harness) error {
	list, err := h.verdicts()
	if err != nil {
		return err
	}
	for _, s := range list {
		_, codes, err := s.parts()
		if err != nil {
			return err
		}
		for _, m := range codes {
			if err := h.fails(s, s.with(renamed(s.reply.Body, m)), "with "+m.Name+" in another case"); err != nil {
				return err
			}
			if err := h.otherCase(s, m, list); err != nil {
				return err
			}
		}
	}
	return nil
}

// otherCase inserts the code of each other verdict beside the real one, under its
// name in another case.
func (h Harness) otherCase(s sample, m strictjson.Member, others []sample) error {
	body := s.reply.Body
	for _, o := range others {
		value := strings.Replace(string(body[m.Value:m.End]), s.row.Code, o.row.Code, 1)
		member := swapCase(body[m.Start:m.Value]) + value
		for _, b := range [][]byte{
			splice(body, m.End, m.End, ","+member), splice(body, m.Start, m.Start, member+","),
		} {
			if err := h.sameOrFails(s, s.with(b), "with a second "+m.Name+" in another case"); err != nil {
				return err
			}
		}
	}
	return nil
}

func renamed(body []byte, m strictjson.Member) []byte {
	return splice(body, m.Start, m.Value, swapCase(body[m.Start:m.Value]))
}

func swapCase(name []byte) string {
	swapped := bytes.ToUpper(name)
	if bytes.Equal(swapped, name) {
		swapped = bytes.ToLower(name)
	}
	return string(swapped)
}

func types(h Harness, s sample) error {
	members, _, err := s.parts()
	if err != nil {
		return err
	}
	for _, m := range members {
		check := h.sameOrFails
		if s.holdsCode(m) {
			check = h.fails
		}
		for _, value := range retyped(string(s.reply.Body[m.Value:m.End])) {
			body := splice(s.reply.Body, m.Value, m.End, value)
			if err := check(s, s.with(body), "with another type of "+m.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// retyped returns values of other types that a lenient reader takes for the value.
func retyped(value string) []string {
	list := []string{"null", "true", "[" + value + "]", `{"value":` + value + `}`}
	text, isString := strings.CutPrefix(value, `"`)
	text = strings.TrimSuffix(text, `"`)
	if !isString {
		return append(list, quote(value))
	}
	number := strings.TrimLeft(text, "0")
	if number == "" || strings.Trim(number, "0123456789") != "" {
		number = "1"
	}
	return append(list, number)
}

// missing renames each member to an unknown name.
func missing(h Harness, s sample) error {
	members, _, err := s.parts()
	if err != nil {
		return err
	}
	for _, m := range members {
		check := h.sameOrFails
		if s.holdsCode(m) {
			check = h.fails
		}
		body := splice(s.reply.Body, m.Start, m.Value, `"providertest":`)
		if err := check(s, s.with(body), "without "+m.Name); err != nil {
			return err
		}
	}
	return nil
}

func unlistedCode(h Harness, s sample) error {
	_, codes, err := s.parts()
	if err != nil {
		return err
	}
	table := providers.Table(h.Codec.Describe().Codes)
	for _, m := range codes {
		for _, code := range lookalikes(s.row.Code) {
			if _, listed := table.Row(providers.LayerVendor, code); listed {
				continue
			}
			value := quote(code)
			if s.reply.Body[m.Value] != '"' {
				value = strings.TrimSpace(code)
			}
			if value == s.row.Code {
				continue
			}
			if err := h.unlisted(s, splice(s.reply.Body, m.Value, m.End, value)); err != nil {
				return err
			}
		}
	}
	return nil
}

// lookalikes returns codes that a lenient reader takes for the code, and unrelated
// ones.
func lookalikes(code string) []string {
	return []string{
		"", " " + code, code + " ", code + "\n", "0" + code, "00" + code, strings.TrimLeft(code, "0"), "+" + code,
		code + ".0", code + "\x00", code + code, "０" + code, "no-such", "7777",
	}
}

func (h Harness) unlisted(s sample, body []byte) error {
	if err := h.fails(s, s.with(body), "with an unlisted code"); err != nil {
		return err
	}
	_, err := h.Codec.Decode(h.Query, s.with(body))
	if e := idv.AsError(err); e.Charge != idv.ChargeUnknown || !e.Delivery.MayHaveExecuted() {
		return errors.New("an unlisted code has a known charge, or a delivery that rules out a charge")
	}
	return nil
}

func unknownMembers(_ context.Context, h Harness) error {
	const marker = "providertest-unknown"
	list, err := h.samples(providers.LayerVendor)
	if err != nil {
		return err
	}
	for _, s := range list {
		body := withMember(s.reply.Body, `"providertest":{"list":[{"`+marker+`":null},1.5e300,true,"`+marker+`"]}`)
		if err := h.decodes(s.row, s.with(body), " with an unknown member"); err != nil {
			return err
		}
		if got := h.result(s.with(body)); strings.Contains(printed(got.answer)+printed(got.err), marker) {
			return fmt.Errorf("the fixture %s: an unknown member is passed on", s.row.Code)
		}
	}
	return nil
}

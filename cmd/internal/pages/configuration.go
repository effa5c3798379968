package pages

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/heyan-id/heyan/config"
)

// schema is the part of the configuration's JSON Schema that the page shows.
type schema struct {
	Description string          `json:"description"`
	Type        any             `json:"type"` // a type, or a list of types
	Pattern     string          `json:"pattern"`
	Enum        []string        `json:"enum"`
	Default     json.RawMessage `json:"default"`
	Minimum     *float64        `json:"minimum"`
	Maximum     *float64        `json:"maximum"`
	Required    []string        `json:"required"`
	Properties  properties      `json:"properties"`
	Items       *schema         `json:"items"`
}

// properties are the keys of an object in the order of the schema, which a map would lose.
type properties []property

type property struct {
	key    string
	schema schema
}

// UnmarshalJSON reads an object in the order of its members.
func (p *properties) UnmarshalJSON(text []byte) error {
	d := jsontext.NewDecoder(strings.NewReader(string(text)))
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		one := property{key: name.String()}
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		if err := json.Unmarshal(value, &one.schema); err != nil {
			return err
		}
		*p = append(*p, one)
	}
	return nil
}

// configuration prints docs/config.md.
func configuration() ([]byte, error) {
	text, err := config.Schema()
	if err != nil {
		return nil, err
	}
	var whole schema
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, fmt.Errorf("pages: read the configuration's JSON Schema: %w", err)
	}
	p := newPage("Configuration")
	p.line("The configuration is one YAML file. An unknown key is an error, and `heyan config check` reports all errors at once. " +
		"Environment variables override the file: `HEYAN_` and the path in capitals with `__` between its parts, such as " +
		"`HEYAN_PROVIDERS__0__LIMITS__TIMEOUT=2s`. A secret is a reference, `env:NAME`, `file:PATH` or `exec:NAME`, never a value; see [network.md](network.md#secrets). " +
		"`heyan config show` prints the effective values and their origin. `heyan config schema` prints the JSON Schema for editors. " +
		"The daemon takes changes while it runs, see [reload.md](reload.md); where a change takes a restart, the meaning says so.")
	var rows [][]string
	keys(whole, "", &rows)
	p.table([]string{"key", "type", "default", "meaning"}, rows)
	p.line("## Example")
	p.line("```yaml\n%s```", config.Example)
	return p.done(), nil
}

// keys adds a row for every key below an object.
func keys(object schema, path string, rows *[][]string) {
	for _, one := range object.Properties {
		key, s := path+one.key, one.schema
		for inner := &s; inner != nil; inner = inner.Items {
			if inner.Items == nil && len(inner.Properties) > 0 {
				*rows = append(*rows, []string{code(key), "", "", s.Description})
				suffix := "."
				if s.Items != nil {
					suffix = "[]."
				}
				keys(*inner, key+suffix, rows)
			}
		}
		if len(s.Properties) > 0 || s.Items != nil && len(s.Items.Properties) > 0 {
			continue
		}
		meaning := s.Description
		for _, required := range object.Required {
			if required == one.key {
				meaning += " Required."
			}
		}
		*rows = append(*rows, []string{code(key), kind(s), code(strings.Trim(string(s.Default), `"`)), meaning})
	}
}

// kind describes the values that a key takes.
func kind(s schema) string {
	if len(s.Enum) > 0 {
		words := make([]string, len(s.Enum))
		for i, w := range s.Enum {
			words[i] = code(w)
		}
		return strings.Join(words, ", ")
	}
	word := typeWord(s)
	if s.Minimum != nil && s.Maximum != nil {
		return fmt.Sprintf("%s from %v to %.f", word, *s.Minimum, *s.Maximum)
	}
	return word
}

func typeWord(s schema) string {
	word := fmt.Sprint(s.Type)
	if list, ok := s.Type.([]any); ok {
		word = fmt.Sprint(list[len(list)-1]) // ["null", "array"]
	}
	switch {
	case word == "string" && strings.Contains(s.Pattern, "(ns|us"):
		return "duration, such as `3s`"
	case word == "array":
		return "list of strings"
	case word == "object":
		return "map of strings"
	case word == "string":
		return "string"
	case word == "boolean":
		return "`true` or `false`"
	}
	return word
}

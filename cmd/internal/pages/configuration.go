package pages

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/heyan-id/heyan/config"
)

// schema is the part of the configuration's JSON schema that the page shows.
type schema struct {
	Description string          `json:"description"`
	Type        any             `json:"type"` // a word, or a list of words
	Pattern     string          `json:"pattern"`
	Enum        []string        `json:"enum"`
	Default     json.RawMessage `json:"default"`
	Minimum     *float64        `json:"minimum"`
	Maximum     *float64        `json:"maximum"`
	Required    []string        `json:"required"`
	Properties  properties      `json:"properties"`
	Items       *schema         `json:"items"`
}

// properties are the keys of an object in the order of the schema, which is that
// of the file; a map would lose it.
type properties []property

type property struct {
	key    string
	schema schema
}

// UnmarshalJSON reads an object and keeps the order of its members.
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
		return nil, fmt.Errorf("pages: the schema of the configuration: %w", err)
	}
	p := newPage("Configuration")
	p.line("One YAML file. A key that is not known is an error, and `heyan config check` tells all faults at once. " +
		"`HEYAN_` variables override the file, with the path in capitals and `__` between its parts: " +
		"`HEYAN_PROVIDERS__0__LIMITS__TIMEOUT=2s`. Secrets are references, `env:NAME` or `file:PATH`, never values. " +
		"`heyan config show` prints the effective values with their origin, `heyan config schema` the JSON schema for editors.")
	var rows [][]string
	keys(whole, "", &rows)
	p.table([]string{"key", "type", "default", "meaning"}, rows)
	p.line("## Example")
	p.line("```yaml\n%s```", config.Example)
	return p.done(), nil
}

// keys collects a row for every key below an object.
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

// kind says in words what a value may be.
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
		return "time, as `3s`"
	case word == "array":
		return "list of texts"
	case word == "object":
		return "texts by name"
	case word == "string":
		return "text"
	case word == "boolean":
		return "`true` or `false`"
	}
	return word
}

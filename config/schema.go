package config

import (
	"embed"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// structs are the sources of the structs: their comments are the descriptions.
//
//go:embed access.go account.go config.go dropin.go network.go policy.go tenant.go webhook.go
var structs embed.FS

// durationForm is what time.ParseDuration takes, without a sign.
const durationForm = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`

// Schema returns the JSON schema of the file (draft 2020-12), for editors. It
// states the keys, types, words, bounds, defaults and descriptions; rules between
// two values are for [Validate] alone.
func Schema() ([]byte, error) {
	duration := &jsonschema.Schema{Type: "string", Pattern: durationForm}
	s, err := jsonschema.For[Config](&jsonschema.ForOptions{
		TypeSchemas: map[reflect.Type]*jsonschema.Schema{reflect.TypeFor[time.Duration](): duration},
	})
	if err != nil {
		return nil, fmt.Errorf("schema of the configuration: %w", err)
	}
	comments, err := strictyaml.Comments(structs)
	if err != nil {
		return nil, err
	}
	s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", "heyan configuration"
	a := annotator{comments, choices(), ranges(), patterns()}
	if err := a.object(s, "", reflect.ValueOf(Defaults())); err != nil {
		return nil, err
	}
	return json.MarshalIndent(s, "", "  ")
}

// annotator adds to an inferred schema what Go's types do not say.
type annotator struct {
	comments map[string]string
	words    map[string]choice
	numbers  map[string]bounds
	forms    map[string]pattern
}

func (a annotator) object(s *jsonschema.Schema, path string, defaults reflect.Value) error {
	t := defaults.Type()
	for i := range t.NumField() {
		key := keyOf(t.Field(i))
		property := s.Properties[key]
		property.Description = a.comments[t.Name()+"."+t.Field(i).Name]
		if t.Field(i).Tag.Get("reload") == "restart" {
			property.Description += " A change takes a restart."
		}
		if err := a.value(property, strictyaml.Join(path, key), defaults.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func (a annotator) value(s *jsonschema.Schema, path string, value reflect.Value) error {
	switch value.Kind() {
	case reflect.Struct:
		return a.object(s, path, value)
	case reflect.Slice:
		return a.value(s.Items, path+"[]", blank(value.Type().Elem()))
	case reflect.Map:
		return nil
	default:
		return a.scalar(s, path, value)
	}
}

func (a annotator) scalar(s *jsonschema.Schema, path string, value reflect.Value) error {
	path = kindOf(path)
	if rule, ok := a.words[path]; ok {
		for _, word := range rule.words {
			s.Enum = append(s.Enum, word)
		}
	}
	if rule, ok := a.numbers[path]; ok && s.Type != "string" {
		s.Minimum, s.Maximum = &rule.least, &rule.most
	}
	if rule, ok := a.forms[path]; ok {
		s.Pattern = rule.form.String()
	}
	if value.IsZero() {
		return nil
	}
	def, err := json.Marshal(value.Interface())
	if value.Type() == reflect.TypeFor[time.Duration]() {
		def, err = json.Marshal(fmt.Sprint(value.Interface()))
	}
	s.Default = def
	return err
}

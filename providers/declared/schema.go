package declared

import (
	"embed"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/body"
)

// structs are the sources of the structs: their comments are the descriptions.
//
//go:embed file.go file_reply.go
var structs embed.FS

// Schema returns the JSON schema of a file (draft 2020-12), for editors. It states the
// keys, types, words and descriptions; what depends on two values is for [Parse] alone.
func Schema() ([]byte, error) {
	comments, err := strictyaml.Comments(structs)
	if err != nil {
		return nil, err
	}
	s := schema{comments: comments, words: schemaWords(), types: map[string]any{}}
	root := s.object(reflect.TypeFor[File]())
	root["$schema"], root["title"], root["$defs"] = "https://json-schema.org/draft/2020-12/schema", "heyan: a vendor's product", s.types
	return json.MarshalIndent(root, "", "  ")
}

// schemaWords are the words that a key takes, by type and field.
func schemaWords() map[string][]string {
	places := []string{"header", "query", "form", "json"}
	return map[string][]string{
		"File.Check": checkWords(), "File.Fidelity": {"two_way", "three_way", "with_reason"}, "File.Auth": schemeNames(auth.Schemes()),
		"File.Confidence": confidenceWords(),
		"Request.Method":  {"GET", "POST"}, "Param.Type": {"string", "number", "boolean"},
		"Value.Claim": claimWords(), "Value.Generate": generators(), "Value.Aspect": aspects(),
		"Target.In": places, "Sign.Encoding": {"hex", "base64"},
		"Sign.Hash":     {"md5", "sha1", "sha256", "sha512", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512"},
		"Reply.Gateway": {gatewayAliyun}, "Reply.Body": {body.JSON, body.XML, body.Form, body.Text}, "Reply.TextsEncoding": {"base64"}, "Reply.Encoding": {body.UTF8, body.GBK, body.GB18030},
		"Place.Types": {"string", "integer", "number", "boolean"}, "Echo.Claim": claimWords(), "Echo.Verdicts": verdictWords(), "Compare.Claim": claimWords(),
		"Row.Verdict": verdictWords(), "Row.Failure": failureWords(), "Row.Field": claimWords(),
		"Row.Charge": {"charged", "not_charged", "unknown", chargeFlag},
	}
}

// schema makes the schemas of types.
type schema struct {
	comments map[string]string
	words    map[string][]string
	types    map[string]any // of structs, by name
}

func (s schema) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key == "" {
			continue // an embedded struct, whose fields follow
		}
		owner := t
		if len(f.Index) > 1 {
			owner = t.FieldByIndex(f.Index[:len(f.Index)-1]).Type
		}
		name := owner.Name() + "." + f.Name
		property := s.value(f.Type, s.words[name])
		property["description"] = s.comments[name]
		properties[key] = property
		if options == "" {
			required = append(required, key)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func (s schema) value(t reflect.Type, words []string) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return s.value(t.Elem(), words)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": s.value(t.Elem(), words)}
	case reflect.Struct:
		if _, known := s.types[t.Name()]; !known {
			s.types[t.Name()] = nil // ends the recursion
			s.types[t.Name()] = s.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	case reflect.Interface: // a transformation
		return map[string]any{"type": []string{"string", "object"}}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	}
	out := map[string]any{"type": "string"}
	if t == reflect.TypeFor[time.Duration]() {
		out["pattern"] = `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`
	}
	if words != nil {
		out["enum"] = words
	}
	return out
}

package config

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// prefix begins the variables that override the file.
const prefix = "HEYAN_"

// kubernetes matches the variables, as NAME=value, that Kubernetes puts into every
// container for a service named heyan or heyan-something. They are no settings.
// HEYAN_PORT=8080 is a mistake, so the value counts too.
var kubernetes = regexp.MustCompile(
	`^HEYAN_([A-Z0-9]+_)*(SERVICE_HOST=|SERVICE_PORT(_[A-Z0-9_]+)?=|PORT(_\d+_(TCP|UDP|SCTP))?=(tcp|udp|sctp)://` +
		`|PORT_\d+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR)=)`)

// variables lays the environment over a configuration, as the environment's layer of
// koanf.
type variables struct {
	names      map[string]string // path → the variable that sets it
	unknownEnv map[string]string // variable that fits no setting → what is wrong with it
}

func (v *variables) reject(name, text string) {
	if v.unknownEnv == nil {
		v.unknownEnv = map[string]string{}
	}
	v.unknownEnv[name] = text
}

// transform returns the key of a variable, its words separated by __ and list indexes
// in brackets, and its value as YAML would read it for the type that is wanted; "" for a
// variable that sets nothing.
func (v *variables) transform(name, text string) (key string, value any) {
	if kubernetes.MatchString(name + "=" + text) {
		return "", nil
	}
	if name != strings.ToUpper(name) {
		v.reject(name, "write the name in capitals")
		return "", nil
	}
	if isQuoted(text) {
		v.reject(name, "its value stands in quotes, which an env file keeps; remove them")
		return "", nil
	}
	words := strings.Split(strings.ToLower(strings.TrimPrefix(name, prefix)), "__")
	path, leaf, wrong := settingOf(words)
	if wrong != "" {
		v.reject(name, wrong)
		return "", nil
	}
	v.names[path] = name
	return strings.Join(words, "__"), typed(text, leaf)
}

// settingOf follows words down to the setting that they name, or says what is wrong
// with them. It puts the indexes of lists among them in brackets.
func settingOf(words []string) (path string, t reflect.Type, wrong string) {
	t = reflect.TypeFor[Config]()
	for n, word := range words {
		switch t.Kind() {
		case reflect.Struct:
			keys := keysOf(t)
			i := slices.Index(keys, word)
			path = strictyaml.Join(path, word)
			if i < 0 && renamed()[strictyaml.Kind(path)] != "" {
				return "", nil, "renamed to " + variable(words)
			} else if text := moved(strictyaml.Kind(path)); i < 0 && text != "" {
				return "", nil, text
			} else if i < 0 {
				return "", nil, strictyaml.Unknown("setting, and no env: reference names this variable", word, keys)
			}
			t = t.Field(i).Type
		case reflect.Slice:
			i, _ := strconv.Atoi(word) // IsIndex knows whether it is one
			if !strictyaml.IsIndex(word) {
				return "", nil, wantIndex
			}
			path, words[n], t = strictyaml.At(path, i), strictyaml.At("", i), t.Elem()
		case reflect.Map:
			path, t = strictyaml.Join(path, word), t.Elem()
		default:
			return "", nil, "goes on after a setting that has no parts"
		}
	}
	switch t.Kind() {
	case reflect.Slice:
		if name := variable(words); t.Elem().Kind() != reflect.Struct {
			return "", nil, "is a list; set its items one by one, as " + name + "__0, then " + name + "__1"
		}
		fallthrough
	case reflect.Struct, reflect.Map:
		return "", nil, "is a group of settings; name one of them after __"
	}
	return path, t, ""
}

// variable returns the variable of words that settingOf has read, under the new names of
// what was renamed.
func variable(words []string) string {
	name, kind := strings.TrimSuffix(prefix, "_"), ""
	for _, word := range words {
		word = strings.Trim(word, "[]")
		if strictyaml.IsIndex(word) {
			kind += "[]"
		} else {
			kind = strictyaml.Join(kind, word)
		}
		if now := renamed()[kind]; now != "" {
			kind, word = strings.TrimSuffix(kind, word)+now, now
		}
		name += "__" + strings.ToUpper(word)
	}
	return strings.Replace(name, "__", "_", 1)
}

// isQuoted reports whether a text begins and ends with the same quote.
func isQuoted(text string) bool {
	return len(text) >= 2 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0]
}

const wantIndex = "must have the number of an item, from 0 and without a gap, after the list's name"

// typed reads a variable's text as YAML would read it for the wanted type. What does
// not fit stays a string, which the decoder refuses.
func typed(text string, want reflect.Type) any {
	var value any
	err := strconv.ErrSyntax
	switch want.Kind() {
	case reflect.Bool:
		if text == "true" || text == "false" {
			return text == "true"
		}
	case reflect.Int:
		if strictyaml.IsNumber(text) {
			value, err = strconv.Atoi(text)
		}
	case reflect.Float64:
		if strictyaml.IsNumber(text) {
			value, err = strconv.ParseFloat(text, 64)
		}
	}
	if err != nil {
		return text
	}
	return value
}

// overlay merges the environment over the rest: items of lists by number, in their
// order, so that HEYAN_ROUTES__0__… and then __1__… can build a list.
func (v *variables) overlay(src, dst map[string]any) error {
	for key, value := range src {
		dst[key] = v.over(value, dst[key], strictyaml.Join("", key))
	}
	return nil
}

// over returns a value of the environment laid over the one under it. Where the file
// has another shape than the setting, that stays for the decoder to report.
func (v *variables) over(value, under any, path string) any {
	parts, ok := value.(map[string]any)
	if !ok {
		return value
	}
	if slices.ContainsFunc(slices.Collect(maps.Keys(parts)), isItem) {
		if list, ok := under.([]any); ok || under == nil {
			return v.items(parts, list, path)
		}
		return under
	}
	values, ok := under.(map[string]any)
	if under == nil {
		values, ok = map[string]any{}, true
	}
	if !ok {
		return under
	}
	for key, part := range parts {
		values[key] = v.over(part, values[key], strictyaml.Join(path, key))
	}
	return values
}

func isItem(key string) bool { return strings.HasPrefix(key, "[") }

func (v *variables) items(parts map[string]any, list []any, path string) []any {
	for _, key := range slices.SortedFunc(maps.Keys(parts), strictyaml.ComparePaths) {
		i, _ := strconv.Atoi(strings.Trim(key, "[]")) // transform wrote the number
		if i > len(list) {
			v.rejectBelow(strictyaml.At(path, i))
			continue
		}
		if i == len(list) {
			list = append(list, nil)
		}
		list[i] = v.over(parts[key], list[i], strictyaml.At(path, i))
	}
	return list
}

// rejectBelow rejects the variables that set something at a path or below it.
func (v *variables) rejectBelow(path string) {
	for at, name := range v.names {
		if at == path || strings.HasPrefix(at, path+".") {
			v.reject(name, wantIndex)
		}
	}
}

// unknown returns the variables that fit no setting as faults, except those that hold
// the secret of an env: reference.
func (v *variables) unknown(c Config) strictyaml.Faults {
	secrets := map[string]bool{}
	leaves(c, func(path string, leaf reflect.Value) {
		if strictyaml.Kind(path) == "secret_helpers[].env[]" {
			secrets[leaf.String()] = true
		}
		if name, ok := strings.CutPrefix(leaf.String(), envScheme); ok { // of what is no string, String says so
			secrets[name] = true
		}
	})
	var faults strictyaml.Faults
	for name, text := range v.unknownEnv {
		if !secrets[name] {
			faults = append(faults, strictyaml.Fault{Path: name, Text: text})
		}
	}
	return faults.Sorted()
}

package config

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/koanf/providers/env/v2"
)

// prefix begins the variables that override the file.
const prefix = "HEYAN_"

// kubernetes matches the variables, as NAME=value, that Kubernetes puts into every
// container for a service named heyan or heyan-something. They are no settings
// and nobody's mistake. HEYAN_PORT=8080 is somebody's, so the value counts too.
var kubernetes = regexp.MustCompile(
	`^HEYAN_([A-Z0-9]+_)*(SERVICE_HOST=|SERVICE_PORT(_[A-Z0-9_]+)?=|PORT(_\d+_(TCP|UDP|SCTP))?=(tcp|udp|sctp)://` +
		`|PORT_\d+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR)=)`)

// variables returns the overrides of an environment by name.
func variables(environ []string) map[string]string {
	provider := env.Provider("", env.Opt{Prefix: prefix, EnvironFunc: func() []string { return environ }})
	raw, err := provider.Read()
	if err != nil {
		return nil // the provider reads memory and has no way to fail
	}
	out := map[string]string{}
	for name, value := range raw {
		if text, ok := value.(string); ok && !kubernetes.MatchString(name+"="+text) {
			out[name] = text
		}
	}
	return out
}

// override writes every variable over the structs, lists in the order of their
// indexes, so that HEYAN_ROUTES__0__… and then __1__… can build a list.
func (d *decoder) override(c *Config, environ []string) {
	vars := variables(environ)
	names := slices.SortedFunc(maps.Keys(vars), func(a, b string) int {
		return slices.CompareFunc(strings.Split(a, "__"), strings.Split(b, "__"), compareNumbers)
	})
	for _, name := range names {
		words := strings.Split(strings.ToLower(strings.TrimPrefix(name, prefix)), "__")
		if name != strings.ToUpper(name) {
			d.stranger(name, "write the name in capitals")
			continue
		}
		d.set(name, words, vars[name], reflect.ValueOf(c).Elem(), "")
	}
	d.keepStrangers(*c)
}

// set follows the words of a variable's name down to the value that it sets.
func (d *decoder) set(name string, words []string, text string, v reflect.Value, path string) {
	if len(words) == 0 {
		d.leaf(name, text, v, path)
		return
	}
	word, rest := words[0], words[1:]
	switch v.Kind() {
	case reflect.Struct:
		field, ok := fieldFor(v, word)
		if !ok {
			d.stranger(name, unknown("setting, and no env: reference names this variable", word, keysOf(v.Type())))
			return
		}
		d.set(name, rest, text, field, join(path, word))
	case reflect.Slice:
		i, err := strconv.Atoi(word)
		if err != nil || !isIndex(word) || i > v.Len() {
			d.stranger(name, "want the number of an item, from 0 and without a gap, after the list's name")
			return
		}
		if i == v.Len() {
			v.Set(reflect.Append(v, blank(v.Type().Elem())))
		}
		d.set(name, rest, text, v.Index(i), at(path, i))
	case reflect.Map:
		d.entry(name, words, text, v, path)
	default:
		d.stranger(name, "goes on after a setting that has no parts")
	}
}

func (d *decoder) leaf(name, text string, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map:
		d.stranger(name, "is a group of settings; name one of them after __")
	default:
		d.origins[path], d.names[path] = OriginEnv, name
		d.scalar(path, typed(text, v.Type()), v)
	}
}

func (d *decoder) entry(name string, words []string, text string, v reflect.Value, path string) {
	if len(words) > 1 {
		d.stranger(name, "goes on after a setting that has no parts")
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	path = join(path, safeKey(words[0]))
	d.origins[path], d.names[path] = OriginEnv, name
	v.SetMapIndex(reflect.ValueOf(words[0]), reflect.ValueOf(text))
}

func (d *decoder) stranger(name, message string) {
	d.strange = append(d.strange, stranger{name, message})
}

// keepStrangers turns the variables that fit no setting into faults, except
// those that hold the secret of an env: reference.
func (d *decoder) keepStrangers(c Config) {
	secrets := map[string]bool{}
	leaves(c, func(_ string, leaf reflect.Value) {
		if name, ok := strings.CutPrefix(leaf.String(), envScheme); ok { // of what is no text, String says so
			secrets[name] = true
		}
	})
	for _, s := range d.strange {
		if !secrets[s.name] {
			d.faults.add(s.name, s.message)
		}
	}
}

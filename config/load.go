package config

import (
	"cmp"
	"errors"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// Loaded is a configuration with the origin of its values. It is not written to after
// it was returned, and may be shared between goroutines.
type Loaded struct {
	Config Config
	File   string // the path it was read from, "" if there was none

	document *strictyaml.Document // of the file
	names    map[string]string    // path of a value → the variable that set it
}

// Load merges the defaults, a file and the HEYAN_ variables of environ, which has the
// form of os.Environ. An empty path means that there is no file.
//
// HEYAN_ROUTES__0__MAX_ATTEMPTS=3 sets routes[0].max_attempts: the path in capitals,
// with __ between its parts and list items by number; the number after the last item
// appends one. Variables that fit no setting are faults, except those which an env:
// reference names and those that Kubernetes sets for a service.
//
// The error is a [strictyaml.Faults] with everything that cannot be read. What can be
// read but breaks a rule is reported by [Validate]; [Check] does both.
func Load(path string, environ []string) (*Loaded, error) {
	l, faults := read(path, environ)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return l, nil
}

// Check loads and validates, and returns the faults of both at once.
func Check(path string, environ []string, known Known) (*Loaded, error) {
	l, faults := read(path, environ)
	if l != nil {
		faults = append(faults, l.Validate(known)...)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return l, nil
}

// Validate is [Validate], with file and line in each fault, or the variable's name if
// the environment set the value.
func (l *Loaded) Validate(known Known) strictyaml.Faults {
	return l.place(Validate(l.Config, known))
}

// read returns nil and the faults if there is nothing to go on with, else what could
// be read with the faults of the rest.
func read(path string, environ []string) (*Loaded, strictyaml.Faults) {
	if path == "" {
		return merged(&strictyaml.Parser{}, nil, environ)
	}
	if err := strictyaml.Readable(path, strictyaml.MaxSize); err != nil {
		return nil, strictyaml.Faults{{File: path, Text: err.Error()}}
	}
	return merged(&strictyaml.Parser{File: path}, file.Provider(path), environ)
}

// merged lets koanf merge the layers, and decodes what comes of them.
func merged(parser *strictyaml.Parser, source koanf.Provider, environ []string) (*Loaded, strictyaml.Faults) {
	k := koanf.New(".")
	l := &Loaded{Config: Defaults(), File: parser.File, document: &strictyaml.Document{File: parser.File}, names: map[string]string{}}
	_ = k.Load(confmap.Provider(defaultsTree(), ""), nil) // memory cannot fail
	if source != nil {
		var faults strictyaml.Faults
		switch err := k.Load(source, parser, koanf.WithMergeFunc(overlay)); {
		case errors.As(err, &faults):
			return nil, faults
		case err != nil:
			return nil, strictyaml.Faults{{File: parser.File, Text: strictyaml.Cause(err).Error()}}
		}
		l.document = parser.Document
	}
	vars := variables{names: l.names}
	_ = k.Load(env.Provider("__", env.Opt{Prefix: prefix, EnvironFunc: func() []string { return environ }, TransformFunc: vars.transform}),
		nil, koanf.WithMergeFunc(vars.overlay))
	whole := strictyaml.Document{File: l.File, Value: k.Raw(), Lines: l.document.Lines}
	faults := append(whole.Decode(&l.Config, strictyaml.Options{New: blank, Unknown: moved}), l.empty()...)
	l.resolve()
	l.Config.canonical()
	return l, append(append(parser.Faults, l.place(faults)...), vars.unknown(l.Config)...)
}

// empty returns the settings that stand in the file without a value. They would have
// their default without being told.
func (l *Loaded) empty() (faults strictyaml.Faults) {
	leaves(l.Config, func(path string, _ reflect.Value) {
		if l.document.IsEmpty(path) && l.names[path] == "" {
			faults = append(faults, strictyaml.Fault{Path: path, Text: "has no value; write one, or remove the line to have the default"})
		}
	})
	return faults
}

// Overrides returns the names of the variables that set a value, sorted.
func (l *Loaded) Overrides() []string { return slices.Sorted(maps.Values(l.names)) }

// Locate adds to the faults in an error where the values come from, as [Loaded.Validate]
// does: for steps that know the configuration and not its file. Faults of other files stay.
func (l *Loaded) Locate(err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var list []error
		for _, one := range many.Unwrap() {
			list = append(list, l.Locate(one))
		}
		return errors.Join(list...)
	}
	var faults strictyaml.Faults
	if !errors.As(err, &faults) {
		return err
	}
	faults = slices.Clone(faults)
	for i, f := range faults {
		if f.File == "" && f.Path != "" {
			faults[i] = l.place(strictyaml.Faults{f})[0]
		}
	}
	return faults.Err()
}

// resolve makes the paths of declared products relative to the configuration file.
func (l *Loaded) resolve() {
	for i := range l.Config.Providers {
		if p := &l.Config.Providers[i].Declared; *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(l.File), *p)
		}
	}
}

// place adds to faults where the value comes from: the variable that set it, or the
// line of the file.
func (l *Loaded) place(faults strictyaml.Faults) strictyaml.Faults {
	if l.document == nil {
		return faults // a program made it
	}
	for i, f := range faults {
		if f.File != "" && f.File != l.File {
			continue // of another file, such as a declared product's
		}
		if name := l.setBy(f.Path); name != "" {
			faults[i] = strictyaml.Fault{Path: f.Path, Text: f.Text + " (set by " + name + ")"}
			continue
		}
		faults[i].File, faults[i].Line = l.File, cmp.Or(f.Line, l.document.Line(f.Path))
	}
	return faults
}

// setBy returns the variable that sets the value at a path. An item that only variables
// set is in no file, so they are named for what the item lacks, too.
func (l *Loaded) setBy(path string) string {
	if name := l.names[path]; name != "" {
		return name
	}
	item := path[:strings.LastIndexByte(path, ']')+1]
	if item == "" || l.document.Lines[item] > 0 {
		return ""
	}
	var names []string
	for at, name := range l.names {
		if at == item || strings.HasPrefix(at, item+".") || strings.HasPrefix(at, item+"[") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// overlay merges the file over the defaults: maps key by key, everything else as a
// whole. A key without a value leaves the default.
func overlay(src, dst map[string]any) error {
	for key, value := range src {
		over, ok := value.(map[string]any)
		under, both := dst[key].(map[string]any)
		switch {
		case ok && both:
			_ = overlay(over, under) // which never fails
		case value != nil || dst[key] == nil:
			dst[key] = value
		}
	}
	return nil
}

// defaultsTree returns [Defaults] as koanf takes values.
func defaultsTree() map[string]any {
	tree, _ := treeOf(reflect.ValueOf(Defaults())).(map[string]any)
	return tree
}

// renamed maps the keys of earlier versions, without list indexes, to their new names.
// No reader accepts the old ones.
func renamed() map[string]string {
	return map[string]string{
		"max_possible":            "max_billable_calls",
		"providers[].reuse":       "cache_ttl",
		"policy.purposes[].reuse": "cache_ttl",
		"policy.guard":            "abuse",
		"policy.abuse.canaries":   "honeytokens",
	}
}

// moved returns what to do about a key that was renamed.
func moved(kind string) string {
	if name := renamed()[kind]; name != "" {
		text := "renamed to " + name + "; rename the key"
		for old, inside := range renamed() { // what the renamed group holds, under its new name
			parent, member := old[:max(strings.LastIndexByte(old, '.'), 0)], old[strings.LastIndexByte(old, '.')+1:]
			if parent != "" && parent == kind[:max(strings.LastIndexByte(kind, '.')+1, 0)]+name {
				text += ", and its member " + member + " to " + inside
			}
		}
		return text
	}
	return ""
}

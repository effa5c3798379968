package config

import (
	"reflect"
)

// Loaded is a configuration with where its values come from. It is not written
// to after it was returned, and may be shared between goroutines.
type Loaded struct {
	Config Config
	File   string // the path it was read from, "" if there was none

	origins map[string]string
	names   map[string]string
}

// Load reads a file and lays the HEYAN_ variables of environ (as os.Environ
// gives them) over it. An empty path means that there is no file.
//
// HEYAN_ROUTES__0__MAX_ATTEMPTS=3 sets routes[0].max_attempts: the path in
// capitals, with __ between its parts and list items by number; the number after
// the last item appends one. Variables that fit nothing are faults, except those
// which an env: reference names and those that Kubernetes sets for a service.
//
// The error is a [Faults] with all that cannot be read. What can be read but is
// not right is found by [Validate]; [Check] does both.
func Load(path string, environ []string) (*Loaded, error) {
	l, faults := read(path, environ)
	if len(faults) > 0 {
		return nil, faults.sorted()
	}
	return l, nil
}

// Check loads and validates, and tells the faults of both at once.
func Check(path string, environ []string, known Known) (*Loaded, error) {
	l, faults := read(path, environ)
	if l != nil {
		faults = append(faults, l.Validate(known)...)
	}
	if len(faults) > 0 {
		return nil, faults.sorted()
	}
	return l, nil
}

// Validate is [Validate], with the variable's name in the faults of what the
// environment set, so that nobody searches for it in the file.
func (l *Loaded) Validate(known Known) Faults {
	return attribute(Validate(l.Config, known), l.names)
}

// read returns nil and the faults if there is no tree to go on with, else what
// could be read with the faults of the rest.
func read(path string, environ []string) (*Loaded, Faults) {
	var tree map[string]any
	var faults Faults
	if path != "" {
		text, err := readCapped(path, maxFile)
		if err != nil {
			return nil, Faults{{path, err.Error()}}
		}
		if tree, faults = parseFile(path, text); tree == nil {
			return nil, faults
		}
	}
	l, more := decode(path, tree, environ)
	return l, append(faults, more...)
}

func decode(path string, tree map[string]any, environ []string) (*Loaded, Faults) {
	d := newDecoder()
	l := &Loaded{Config: Defaults(), File: path, origins: d.origins, names: d.names}
	d.value("", tree, reflect.ValueOf(&l.Config).Elem())
	d.override(&l.Config, environ)
	return l, attribute(d.faults, d.names)
}

func attribute(faults Faults, names map[string]string) Faults {
	for i, f := range faults {
		if name := names[f.Path]; name != "" {
			faults[i].Message += " (set by " + name + ")"
		}
	}
	return faults
}

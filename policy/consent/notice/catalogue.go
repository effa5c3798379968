package notice

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed templates/*.md
var shipped embed.FS

// ErrNotFound says that the catalogue has no template of that name, version and
// language.
var ErrNotFound = errors.New("there is no such notice")

// Catalogue is a set of templates. It is immutable and safe for concurrent use.
type Catalogue struct{ list []*Template }

// Builtin returns the templates that heyan ships.
func Builtin() (*Catalogue, error) { return load(shipped, "templates") }

// Load returns the templates of a folder: its files that end in .md. The error is [Faults]
// with all faults of all files.
func Load(dir string) (*Catalogue, error) { return load(os.DirFS(dir), ".") }

func load(files fs.FS, dir string) (*Catalogue, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, Faults{{Message: "the folder of notices cannot be read; check that it exists and is readable"}}
	}
	c, faults := &Catalogue{}, Faults{}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".md" {
			continue
		}
		t, err := read(files, dir, e.Name())
		if err == nil {
			err = c.add(e.Name(), t)
		}
		var more Faults
		if errors.As(err, &more) {
			faults = append(faults, more...)
		}
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	return c, nil
}

func read(files fs.FS, dir, name string) (*Template, error) {
	text, err := fs.ReadFile(files, path.Join(dir, name))
	if err != nil {
		return nil, Faults{{File: name, Message: "cannot be read"}}
	}
	return Parse(name, text)
}

// add adds a template. Two texts with the same name, version and language are a fault,
// because a record would not say which one the person saw.
func (c *Catalogue) add(file string, t *Template) error {
	h := t.head
	old, err := c.Find(h.Name, h.Version, h.Language)
	switch {
	case err != nil:
		c.list = append(c.list, t)
	case old.hash != t.hash:
		return Faults{{File: file, Message: fmt.Sprintf("another text is already %s version %s in %s; give this one a new version", h.Name, h.Version, h.Language)}}
	}
	return nil
}

// With returns a catalogue with the templates of both. The same text in both is kept once;
// two texts with the same name, version and language are an error.
func (c *Catalogue) With(other *Catalogue) (*Catalogue, error) {
	both := &Catalogue{slices.Clone(c.list)}
	for _, t := range other.list {
		if err := both.add("", t); err != nil {
			return nil, err
		}
	}
	return both, nil
}

// Find returns one template, or [ErrNotFound].
func (c *Catalogue) Find(name, version, language string) (*Template, error) {
	for _, t := range c.list {
		if t.head.Name == name && t.head.Version == version && t.head.Language == language {
			return t, nil
		}
	}
	return nil, ErrNotFound
}

// Latest returns the template of the highest version, or [ErrNotFound]. To render a stored
// notice again use [Catalogue.Find] with its version.
func (c *Catalogue) Latest(name, language string) (*Template, error) {
	var latest *Template
	for _, t := range c.list {
		if t.head.Name == name && t.head.Language == language && (latest == nil || compareVersions(t.head.Version, latest.head.Version) > 0) {
			latest = t
		}
	}
	if latest == nil {
		return nil, ErrNotFound
	}
	return latest, nil
}

// All returns the templates by name, language and version.
func (c *Catalogue) All() []*Template {
	list := slices.Clone(c.list)
	slices.SortFunc(list, func(a, b *Template) int {
		if order := strings.Compare(a.head.Name+" "+a.head.Language, b.head.Name+" "+b.head.Language); order != 0 {
			return order
		}
		return compareVersions(a.head.Version, b.head.Version)
	})
	return list
}

// compareVersions orders 2 before 10, and 1 before 1.1.
func compareVersions(a, b string) int {
	number := func(a, b string) int {
		x, _ := strconv.Atoi(a) // of at most eight digits
		y, _ := strconv.Atoi(b)
		return x - y
	}
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), number)
}

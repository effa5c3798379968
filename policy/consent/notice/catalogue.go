package notice

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
)

//go:embed templates/*.md
var shipped embed.FS

// ErrNotFound says that the catalogue has no template of that name, version and
// language.
var ErrNotFound = errors.New("there is no such notice")

// Catalogue is a set of templates. It is immutable and safe for concurrent use.
type Catalogue struct{ list []*Template }

// Builtin returns the templates that heyan ships.
func Builtin() (*Catalogue, error) {
	files, err := fs.Sub(shipped, "templates")
	if err != nil {
		return nil, err
	}
	return load(files, "")
}

// Load returns the templates of a folder: its files that end in .md. The error is
// [strictyaml.Faults] with all faults of all files.
func Load(dir string) (*Catalogue, error) { return load(os.DirFS(dir), dir) }

// load reads the templates of a folder, whose name is used for faults.
func load(files fs.FS, dir string) (*Catalogue, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, strictyaml.Faults{{Text: "the folder of notices cannot be read; check that it exists and is readable"}}
	}
	c, faults := &Catalogue{}, strictyaml.Faults{}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".md" {
			continue
		}
		t, err := read(files, dir, e.Name())
		if err == nil {
			err = c.add(t)
		}
		var more strictyaml.Faults
		if errors.As(err, &more) {
			faults = append(faults, more...)
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

func read(files fs.FS, dir, name string) (*Template, error) {
	file := filepath.Join(dir, name)
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, strictyaml.Faults{{File: file, Text: "cannot be read; check its permissions"}}
	}
	return Parse(file, text)
}

// add adds a template. Two texts with the same name, version and language are a fault,
// because a record would not say which one the person saw.
func (c *Catalogue) add(t *Template) error {
	h := t.head
	old, err := c.Find(h.Name, h.Version, h.Language)
	switch {
	case err != nil:
		c.list = append(c.list, t)
	case old.hash != t.hash:
		f := t.place
		f.Text = fmt.Sprintf("another text is already %s version %s in %s; give this one a new version", h.Name, h.Version, h.Language)
		return strictyaml.Faults{f}
	}
	return nil
}

// With returns a catalogue with the templates of both. The same text in both is kept once;
// two texts with the same name, version and language are an error of type
// [strictyaml.Faults].
func (c *Catalogue) With(other *Catalogue) (*Catalogue, error) {
	both := &Catalogue{slices.Clone(c.list)}
	for _, t := range other.list {
		if err := both.add(t); err != nil {
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

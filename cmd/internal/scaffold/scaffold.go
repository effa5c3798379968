// Package scaffold generates a new plugin: a Go module of its own for a fictitious vendor,
// which builds, passes the contract and can be configured. Its author changes it step by
// step into the adapter of a real vendor, and runs the generated tests after each step.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// Plan describes the module to generate.
type Plan struct {
	Name    string // of the vendor; see [CheckName]
	Module  string // module path
	Version string // version of heyan, as "0.1.0"
	Heyan   string // absolute path of a checkout of heyan; "" for the published module

	// Envelope says that the vendor's answer has two codes, one inside the other, as
	// {"code":0,"result":{"status":1}}. Otherwise it has one.
	Envelope bool
}

//go:embed templates
var templates embed.FS

// Template names differ from file names where Go or git would interpret the file.
const (
	suffix     = ".tmpl"
	gitignore  = "gitignore"
	heyansPath = "github.com/heyan-id/heyan"
)

// CheckName reports whether a name is valid for a vendor. It becomes a file, a
// directory, a setting and a label.
func CheckName(name string) bool {
	return regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`).MatchString(name)
}

// CheckModule reports whether a text is a valid module path, as far as the generated
// files depend on it.
func CheckModule(module string) bool {
	return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~/-]{0,199}$`).MatchString(module) && path.Clean(module) == module
}

// ErrNoCheckout means that a directory is not a checkout of heyan.
var ErrNoCheckout = errors.New("not a checkout of heyan: no go.mod of module " + heyansPath)

// Files returns the generated files by their path below the plugin's directory.
func Files(p Plan) (map[string][]byte, error) {
	data := struct {
		Plan
		Replace  string // the directory, quoted for go.mod
		Indirect []string
	}{Plan: p, Replace: quoteForGoMod(p.Heyan)}
	files := map[string][]byte{}
	if p.Heyan != "" {
		sums, needs, err := checkout(p.Heyan)
		if err != nil {
			return nil, err
		}
		files["go.sum"], data.Indirect = sums, needs
	}
	err := fs.WalkDir(templates, "templates", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := templates.ReadFile(name)
		if err != nil {
			return err
		}
		to, ok := p.target(strings.TrimPrefix(name, "templates/"))
		if !ok {
			return nil
		}
		if bare, ok := strings.CutSuffix(to, suffix); ok {
			to = bare
			text, err = render(name, text, data)
		}
		if to == gitignore {
			to = "." + to
		}
		files[to] = text
		return err
	})
	return files, err
}

// target returns the path of the file that a template makes, and whether the plan has
// it. The folders flat and envelope hold the replies of the two kinds of answers.
func (p Plan) target(name string) (to string, ok bool) {
	kind, reply, found := strings.Cut(name, "/")
	if !found || kind != "flat" && kind != "envelope" {
		return name, true
	}
	return "testdata/" + reply, p.Envelope == (kind == "envelope")
}

func render(name string, text []byte, data any) ([]byte, error) {
	t, err := template.New(name).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, data)
	return out.Bytes(), err
}

// checkout reads what a module that replaces heyan by a directory needs to build
// without a network: the sums, and the required modules with their versions, which Go
// expects in every go.mod.
func checkout(dir string) (sums []byte, needs []string, err error) {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !strings.HasPrefix(string(mod), "module "+heyansPath+"\n") {
		return nil, nil, ErrNoCheckout
	}
	for _, found := range regexp.MustCompile(`(?m)^(?:require )?\t?([^\s()]+ v[^\s]+)`).FindAllSubmatch(mod, -1) {
		needs = append(needs, string(found[1]))
	}
	sums, err = os.ReadFile(filepath.Join(dir, "go.sum"))
	return sums, needs, err
}

// quoteForGoMod quotes a path for go.mod, where a space separates words.
func quoteForGoMod(path string) string {
	if strings.ContainsAny(path, " \t()[]{},\"'`") || strings.Contains(path, "//") {
		return strconv.Quote(path)
	}
	return path
}

// ErrExists means that a file already exists. Nothing was written.
var ErrExists = errors.New("already exists; nothing was written")

// Write writes the files into a directory, which it creates if necessary, and returns
// their names in order. It never overwrites: if a file exists, the error wraps
// [ErrExists] and nothing is written.
func Write(dir string, p Plan) ([]string, error) {
	files, err := Files(p)
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range files {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", name, ErrExists)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := write(filepath.Join(dir, filepath.FromSlash(name)), files[name]); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// write creates a file, unless it was created meanwhile.
func write(to string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

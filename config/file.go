package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"

	koanfyaml "github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/v2"
	"go.yaml.in/yaml/v3"
)

// maxFile is the largest file that is read, in bytes. A configuration is a few
// thousand; more is the wrong file.
const maxFile = 1 << 20

// readCapped reads a regular file of at most limit bytes. Its errors name the
// cause and not the file, which the caller names.
func readCapped(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cause(err)
	}
	// Opening a named pipe would wait for a writer for ever.
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, cause(err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("is larger than %d bytes", limit)
	}
	return text, nil
}

// cause returns the reason within an error of package os, without the path.
func cause(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return fmt.Errorf("cannot be read: %w", e.Err)
	}
	return errors.New("cannot be read")
}

// parseFile reads YAML into the raw tree. A text that is empty or holds comments
// only gives an empty tree.
func parseFile(name string, text []byte) (map[string]any, Faults) {
	faults := checkYAML(name, text)
	if len(faults) > 0 {
		return nil, faults
	}
	k := koanf.New(".")
	if err := k.Load(source(text), koanfyaml.Parser()); err != nil {
		return nil, Faults{{name, yamlMessage(err)}}
	}
	return k.Raw(), nil
}

// source is text in memory, for koanf.
type source []byte

// ReadBytes returns the text.
func (s source) ReadBytes() ([]byte, error) { return s, nil }

// Read is not needed: the text has a parser.
func (s source) Read() (map[string]any, error) { return nil, errors.ErrUnsupported }

// checkYAML finds what the parser would pass over in silence or tell with a value
// in its words: a second document, a key given twice, a file that is no map.
func checkYAML(name string, text []byte) Faults {
	var faults Faults
	var document, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return Faults{{name, yamlMessage(err)}}
	}
	if !errors.Is(decoder.Decode(&second), io.EOF) {
		faults.add(name, "holds more than one YAML document; only the first would count, so join them")
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode && root.Tag != "!!null" {
		faults.add(name, "must be a YAML map of keys to values, as the example that `heyan config schema` names")
		return faults
	}
	duplicates(root, "", maxDepth, &faults)
	return faults
}

// maxDepth is how deep a file may be nested; the deepest key of ours is at 5.
const maxDepth = 20

// duplicates finds keys that stand twice in one map: which of them counts depends
// on the reader. depth is how many levels may still follow.
func duplicates(n *yaml.Node, path string, depth int, faults *Faults) {
	if depth == 0 {
		faults.add(path, "is nested deeper than any key of ours; look for wrong indentation")
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		lines := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			where := join(path, safeKey(key.Value))
			if first, twice := lines[key.Value]; twice {
				faults.add(where, fmt.Sprintf("given twice, in lines %d and %d; keep one", first, key.Line))
			}
			lines[key.Value] = key.Line
			duplicates(n.Content[i+1], where, depth-1, faults)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			duplicates(item, at(path, i), depth-1, faults)
		}
	}
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// yamlMessage says where YAML cannot be read. The parser's own words can quote
// the file (an unknown anchor is one that a secret beginning with * makes), so
// only the line number is taken from them.
func yamlMessage(err error) string {
	where := ""
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			where = fmt.Sprintf(" in or near line %d", n)
		}
	}
	return "is not valid YAML" + where + "; look for tabs, a missing colon or quote, or wrong indentation"
}

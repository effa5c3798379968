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

// parseFile reads YAML into the raw tree, which is nil if there is none to go on
// with. A text that is empty or holds comments only gives an empty tree.
func parseFile(name string, text []byte) (map[string]any, Faults) {
	text, faults := checkYAML(name, text)
	if text == nil {
		return nil, faults
	}
	k := koanf.New(".")
	if err := k.Load(source(text), koanfyaml.Parser()); err != nil {
		faults.add(name, yamlMessage(err))
		return nil, faults
	}
	return k.Raw(), faults
}

// source is text in memory, for koanf.
type source []byte

// ReadBytes returns the text.
func (s source) ReadBytes() ([]byte, error) { return s, nil }

// Read is not needed: the text has a parser.
func (s source) Read() (map[string]any, error) { return nil, errors.ErrUnsupported }

// checkYAML finds what the parser would pass over in silence or tell with a value
// in its words: a second document, a key given twice, a file that is no map. It
// returns the text that can be parsed in spite of that, or nil.
func checkYAML(name string, text []byte) ([]byte, Faults) {
	var faults Faults
	var document, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return []byte{}, nil
	case err != nil:
		return nil, Faults{{name, yamlMessage(err)}}
	}
	if !errors.Is(decoder.Decode(&second), io.EOF) {
		faults.add(name, "holds more than one YAML document; only the first would count, so join them")
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode && root.Tag != "!!null" {
		faults.add(name, "must be a YAML map of keys to values, as `listen: 127.0.0.1:8080`")
		return nil, faults
	}
	before := len(faults)
	if !dropDuplicates(root, "", maxDepth, &faults) {
		return nil, faults
	}
	if len(faults) > before {
		// A copy without the second ones, so that all other faults are told too.
		var err error
		if text, err = yaml.Marshal(&document); err != nil {
			return nil, faults
		}
	}
	return text, faults
}

// maxDepth is how deep a file may be nested; the deepest key of ours is at 5.
const maxDepth = 20

// dropDuplicates removes and tells keys that stand in one map for the second time:
// which of them counts depends on the reader. depth is how many levels may still
// follow; it reports whether they were enough.
func dropDuplicates(n *yaml.Node, path string, depth int, faults *Faults) bool {
	if depth == 0 {
		faults.add(path, "is nested deeper than any key of ours; look for wrong indentation")
		return false
	}
	ok := true
	switch n.Kind {
	case yaml.MappingNode:
		lines := map[string]int{}
		kept := n.Content[:0:0]
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			where := join(path, safeKey(key.Value))
			if first, twice := lines[key.Value]; twice {
				faults.add(where, fmt.Sprintf("given twice, in lines %d and %d; keep one", first, key.Line))
				continue
			}
			lines[key.Value] = key.Line
			kept = append(kept, key, value)
			ok = dropDuplicates(value, where, depth-1, faults) && ok
		}
		n.Content = kept
	case yaml.SequenceNode:
		for i, item := range n.Content {
			ok = dropDuplicates(item, at(path, i), depth-1, faults) && ok
		}
	default: // a text has no keys, and an alias is looked at where its anchor stands
	}
	return ok
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

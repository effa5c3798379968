package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/textfile"
)

// The schemes of references.
const (
	envScheme  = "env:"
	fileScheme = "file:"
)

// maxSecret is the largest secret file that is read, in bytes.
const maxSecret = 64 << 10

// reference matches a reference. Variables are in capitals, so that a key which
// is pasted after env: by mistake is mostly not taken for a name and printed.
var reference = regexp.MustCompile(`^(env:[A-Z_][A-Z0-9_]{0,127}|file:[^\x00-\x1f\x7f]+)$`)

// IsReference reports whether a text has the form of a reference: env:NAME with
// the name in capitals, or file:PATH. Whether there is anything behind it is
// seen by [Resolve].
func IsReference(text string) bool { return reference.MatchString(text) }

// Reference is a reference and where it stands.
type Reference struct{ Path, Value string }

// References lists the references of a configuration, in the order of the file. The DSN of
// a SQLite file is none, though it begins alike.
func References(c Config) (list []Reference) {
	leaves(c, func(path string, v reflect.Value) {
		if v.Kind() == reflect.String && IsReference(v.String()) && (path != "store.dsn" || c.Store.Driver == "postgres") {
			list = append(list, Reference{path, v.String()})
		}
	})
	return list
}

// Resolve fetches the secret that a reference stands for. lookupEnv is
// os.LookupEnv outside of tests. A relative path is relative to the working
// directory. One newline at the end of a file and a
// byte order mark are dropped, since editors add them.
//
// A file must not be readable by others than its owner: mode 0600 or 0400; if
// root owns it, the group may read it too, as in the mounts of an orchestrator.
// The errors name the reference, never the secret.
func Resolve(ref string, lookupEnv func(string) (string, bool)) (idv.Sensitive, error) {
	if !IsReference(ref) {
		return idv.Sensitive{}, errReference
	}
	if name, ok := strings.CutPrefix(ref, envScheme); ok {
		value, set := lookupEnv(name)
		if !set || value == "" {
			return idv.Sensitive{}, fmt.Errorf("%s: the variable is not set or empty; set it for the process", ref)
		}
		if isQuoted(value) {
			return idv.Sensitive{}, fmt.Errorf("%s: the variable's value stands in quotes, which an env file keeps; remove them", ref)
		}
		return idv.NewSensitive(value), nil
	}
	secret, err := readSecret(strings.TrimPrefix(ref, fileScheme))
	if err != nil {
		return idv.Sensitive{}, fmt.Errorf("%s: %w", ref, err)
	}
	return secret, nil
}

func readSecret(path string) (idv.Sensitive, error) {
	info, err := os.Stat(path)
	if err != nil {
		return idv.Sensitive{}, strictyaml.Cause(err)
	}
	if !private(info) {
		return idv.Sensitive{}, errOpenSecret
	}
	text, err := strictyaml.ReadFile(path, maxSecret)
	if err != nil {
		return idv.Sensitive{}, err
	}
	if text, err = withoutMark(text); err != nil {
		return idv.Sensitive{}, err
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if len(text) == 0 {
		return idv.Sensitive{}, errEmptySecret
	}
	return idv.NewSensitive(string(text)), nil
}

// withoutMark decodes a file that begins with a byte order mark, which editors and shells on
// Windows write. Of other bytes nothing is changed, since a secret need not be text.
func withoutMark(text []byte) ([]byte, error) {
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(text, []byte(mark)) {
			text, _, err := textfile.Decode(text)
			return text, err
		}
	}
	return text, nil
}

var (
	errReference   = errors.New("must be a reference, env:NAME with the name in capitals or file:PATH; what is there is not shown")
	errOpenSecret  = errors.New("others than the owner can read or write it; run chmod 600 on it")
	errEmptySecret = errors.New("the file is empty")
)

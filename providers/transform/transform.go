// Package transform changes single values as vendors require: hashes, encodings, parts of
// a text, forms of a date. A [Step] is data, so that a file can hold a list of them. All
// steps are pure functions without settings or secrets.
package transform

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Step is one change of a value: a name of [Names] and its arguments.
type Step struct {
	Name string
	Args []string
}

// ErrValue is the error of a value that a step cannot change, such as a name of one word
// that is to be split. It holds no part of the value.
var ErrValue = errors.New("the value has not the form that the transformation needs")

// step is how a step is checked and applied.
type step struct {
	args  int // how many arguments it takes
	check func(args []string) error
	apply func(text string, args []string) (string, error)
}

// steps returns all steps by name. MD5 and SHA-1 are broken as hashes; they are here
// because vendors require them.
func steps() map[string]step {
	plain := func(f func(string) string) step {
		return step{apply: func(text string, _ []string) (string, error) { return f(text), nil }}
	}
	return map[string]step{
		"md5":    plain(func(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }),
		"sha1":   plain(func(s string) string { sum := sha1.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }),
		"sha256": plain(func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }),
		"sha512": plain(func(s string) string { sum := sha512.Sum512([]byte(s)); return hex.EncodeToString(sum[:]) }),
		"unhex": {apply: func(s string, _ []string) (string, error) {
			raw, err := hex.DecodeString(s)
			if err != nil {
				return "", ErrValue
			}
			return string(raw), nil
		}},
		"hex":       plain(func(s string) string { return hex.EncodeToString([]byte(s)) }),
		"base64":    plain(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		"base64url": plain(func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }),
		"upper":     plain(strings.ToUpper),
		"lower":     plain(strings.ToLower),
		"trim":      plain(strings.TrimSpace),
		"escape":    plain(providers.Escape),
		"xml":       plain(xmlEscaper.Replace),
		"gbk":       {apply: func(s string, _ []string) (string, error) { return valid(simplifiedchinese.GBK.NewEncoder().String(s)) }},
		"gb18030": {apply: func(s string, _ []string) (string, error) {
			return valid(simplifiedchinese.GB18030.NewEncoder().String(s))
		}},
		"given_name": {apply: func(s string, _ []string) (string, error) {
			given, _, err := names(s)
			return given, err
		}},
		"family_name": {apply: func(s string, _ []string) (string, error) {
			_, family, err := names(s)
			return family, err
		}},
		"slice":   {args: 2, check: checkSlice, apply: slice},
		"replace": {args: 2, check: checkReplace, apply: func(s string, args []string) (string, error) { return strings.ReplaceAll(s, args[0], args[1]), nil }},
		"date":    {args: 2, check: checkDate, apply: date},
	}
}

// all is [steps], built once; nothing writes to it.
var all = steps()

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// Names returns the names of the steps, sorted.
func Names() []string { return slices.Sorted(maps.Keys(all)) }

// Check returns what is wrong with a step, or nil.
func (s Step) Check() error {
	known, ok := all[s.Name]
	switch {
	case !ok:
		return errors.New("unknown transformation; the known ones are " + strings.Join(Names(), ", "))
	case len(s.Args) != known.args && known.args == 0:
		return errors.New(s.Name + " takes no arguments; write its name alone")
	case len(s.Args) != known.args:
		return errors.New(s.Name + " takes a list of " + strconv.Itoa(known.args) + " texts")
	case known.check != nil:
		return known.check(s.Args)
	}
	return nil
}

// Apply returns text after all steps, in their order. The steps must have passed
// [Step.Check]. The only error is [ErrValue].
func Apply(text string, list []Step) (string, error) {
	var err error
	for _, s := range list {
		if text, err = all[s.Name].apply(text, s.Args); err != nil {
			return "", ErrValue
		}
	}
	return text, nil
}

// Sensitive is [Apply] for personal data.
func Sensitive(value idv.Sensitive, list []Step) (idv.Sensitive, error) {
	if len(list) == 0 {
		return value, nil
	}
	text, err := Apply(value.Reveal(), list)
	return idv.NewSensitive(text), err
}

func valid(s string, err error) (string, error) { return s, err }

// names splits a name written in the western order at its last space.
func names(s string) (given, family string, err error) {
	s = strings.TrimSpace(s)
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return "", "", ErrValue
	}
	return strings.TrimSpace(s[:i]), s[i+1:], nil
}

func bounds(args []string) (from, to int, err error) {
	from, err = strconv.Atoi(args[0])
	if err != nil {
		return 0, 0, err
	}
	to = -1
	if args[1] != "" {
		to, err = strconv.Atoi(args[1])
		if to < from {
			err = ErrValue
		}
	}
	return from, to, err
}

func checkSlice(args []string) error {
	if from, _, err := bounds(args); err != nil || from < 0 {
		return errors.New(`slice takes the first character, from "0", and the one after the last, "" for the end: ["6", "14"]`)
	}
	return nil
}

// slice returns the characters from one position up to another. A shorter value is an error.
func slice(s string, args []string) (string, error) {
	from, to, err := bounds(args)
	if err != nil {
		return "", err
	}
	runes := []rune(s)
	if to < 0 {
		to = len(runes)
	}
	if from > to || to > len(runes) || !utf8.ValidString(s) {
		return "", ErrValue
	}
	return string(runes[from:to]), nil
}

func checkReplace(args []string) error {
	if args[0] == "" {
		return errors.New(`replace takes the text to replace, which is not empty, and its replacement: ["·", "*"]`)
	}
	return nil
}

func checkDate(args []string) error {
	for _, pattern := range args {
		if _, err := Layout(pattern); err != nil {
			return err
		}
	}
	return nil
}

// date writes a date in another form.
func date(s string, args []string) (string, error) {
	from, err := Layout(args[0])
	if err != nil {
		return "", err
	}
	to, err := Layout(args[1])
	if err != nil {
		return "", err
	}
	t, err := time.Parse(from, s)
	if err != nil {
		return "", ErrValue
	}
	return t.Format(to), nil
}

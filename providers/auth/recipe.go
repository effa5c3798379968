package auth

import (
	"context"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
	"github.com/heyan-id/heyan/providers/transform"
)

// Recipe describes the scheme of a small vendor as data: the parameters that it adds to
// each call, and the signature over them. Without a signature it is a plain key. A file
// can hold a recipe, since it holds the names of settings and no secrets.
//
// Check it before use; [Recipe.Scheme] makes it selectable.
type Recipe struct {
	Fields []Field   // added in this order, those with Param or Aspect last, before the call is signed
	Sign   Signature // the zero value signs nothing
}

// Signature describes a signed text, how it is hashed, and where the result goes.
//
// The text is Prefix, the parts, and Suffix, without separators around the parts. The
// parts are Parts in their order, or, without Parts, every parameter of the call sorted
// by the bytes of its name: query, form, the members of a JSON body, and the headers that
// the recipe adds. A header of the codec is among them if Include names it.
type Signature struct {
	Prefix, Suffix []Source
	Parts          []Source
	Include        []string // the names that are sorted; all if empty
	Exclude        []string // the names that are not

	Names     bool   // writes a parameter as name, KeyValue, value; else the value alone
	KeyValue  string // between name and value, such as "="
	Pair      string // between two parts, such as "&"
	OmitEmpty bool   // leaves out parameters that are empty or, in Parts, absent
	Escape    bool   // percent-encodes values in the signed text; they are sent as ever

	Then []transform.Step // changes the text before it is hashed

	Hash     Hash
	Key      string   // the setting that holds the key of an HMAC
	Encoding Encoding // Hex if empty
	Upper    bool     // hexadecimal digits in capitals
	To       Target

	// Write are the values that are written at To one after the other, one of them with
	// AspectSignature; the signature alone if empty.
	Write []Source
}

// Settings returns the names of the settings that the recipe needs, in the order of their
// first use.
func (r Recipe) Settings() []string {
	var names []string
	for _, s := range append(r.sources(), Source{Setting: r.Sign.Key}) {
		if s.Setting != "" && !slices.Contains(names, s.Setting) {
			names = append(names, s.Setting)
		}
	}
	return names
}

// sources returns where all values come from, joined ones too.
func (r Recipe) sources() []Source {
	var all []Source
	for _, f := range r.Fields {
		all = append(all, f.From)
	}
	return flat(slices.Concat(all, r.Sign.Prefix, r.Sign.Parts, r.Sign.Suffix, r.Sign.Write))
}

// random reports whether a value depends on the nonce of the call.
func (r Recipe) random() bool {
	return slices.ContainsFunc(r.sources(), func(s Source) bool { return s.Generate == UUID || s.Generate == Nonce || s.Generate == Digits })
}

// refers reports whether a value depends on the rest of the call.
func (from Source) refers() bool {
	return from.Param != "" || from.Aspect != "" || slices.ContainsFunc(from.Join, Source.refers)
}

func flat(list []Source) []Source {
	var all []Source
	for _, s := range list {
		all = append(append(all, s), flat(s.Join)...)
	}
	return all
}

// Scheme returns the recipe as a scheme of a name.
func (r Recipe) Scheme(name string) Scheme {
	needs := r.Settings()
	return Scheme{Name: name, Needs: needs, New: func(e Env) (Authenticator, error) {
		settings := map[string]idv.Sensitive{}
		for _, s := range needs {
			settings[s] = e.Value(s)
		}
		return r.with(name, settings), nil
	}}
}

// with returns the recipe with the values of its settings.
func (r Recipe) with(name string, settings map[string]idv.Sensitive) recipe {
	return recipe{r, name, r.Settings(), r.random(), settings}
}

// recipe is a Recipe with the values of its settings.
type recipe struct {
	Recipe
	name     string
	needs    []string // the names of the settings
	random   bool     // the nonce is used
	settings map[string]idv.Sensitive
}

// Name returns the name that the recipe was given.
func (r recipe) Name() string { return r.name }

// Authenticate adds the fields and the signature.
func (r recipe) Authenticate(_ context.Context, c providers.Call, s providers.Stamp) (providers.Call, error) {
	err := r.check(s.Nonce)
	if err != nil {
		return providers.Call{}, err
	}
	headers := len(c.Header)
	for _, refers := range []bool{false, true} {
		for _, f := range r.Fields {
			if f.From.refers() != refers {
				continue
			}
			var known []param
			if refers {
				known = params(c, c.Header[headers:])
			}
			value, err := r.value(f.From, c, known, s)
			if err != nil {
				return providers.Call{}, err
			}
			if c, err = f.To.put(c, value); err != nil {
				return providers.Call{}, err
			}
		}
	}
	if r.Sign.Hash == "" {
		return c, nil
	}
	text, err := r.text(c, c.Header[headers:], s)
	if err != nil {
		return providers.Call{}, err
	}
	signature := r.Sign.digest(text, r.settings[r.Sign.Key])
	if signature, err = r.written(signature, c, c.Header[headers:], s); err != nil {
		return providers.Call{}, err
	}
	return r.Sign.To.put(c, signature)
}

// written returns what is written for a signature.
func (r recipe) written(signature string, c providers.Call, headers []providers.Param, s providers.Stamp) (string, error) {
	if len(r.Sign.Write) == 0 {
		return signature, nil
	}
	var b strings.Builder
	for _, from := range r.Sign.Write {
		write := func() (string, error) { return r.value(from, c, params(c, headers), s) }
		if from.Aspect == AspectSignature {
			write = func() (string, error) { return changed(signature, from.Then) }
		}
		text, err := write()
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (r recipe) check(nonce string) error {
	for _, name := range r.needs {
		if err := secret.Check(name, r.settings[name]); err != nil {
			return err
		}
	}
	if r.random {
		return secret.Check("nonce", idv.NewSensitive(nonce))
	}
	return nil
}

// plain returns the value of a source that does not depend on the call.
func (r recipe) plain(from Source, s providers.Stamp) string {
	switch {
	case from.Setting != "":
		return r.settings[from.Setting].Reveal()
	case from.Generate == Time:
		return from.moment(s.At)
	case from.Generate != "":
		return generate(from.Generate, s)
	}
	return from.Const
}

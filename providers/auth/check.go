package auth

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/heyan-id/heyan/providers/strictjson"
	"github.com/heyan-id/heyan/providers/transform"
)

// Check returns every fault of the recipe, each with the path of the field and the
// remedy, or nil. A recipe with a fault must not be used.
func (r Recipe) Check() error {
	var f faults
	if len(r.Fields) == 0 && r.Sign.Hash == "" {
		f.note("fields", "missing; list the parameters that the vendor requires, or describe the signature in sign")
	}
	for i, field := range r.Fields {
		path := fmt.Sprintf("fields[%d]", i)
		f.target(path+".to", field.To)
		f.source(path+".from", field.From)
		if slices.ContainsFunc(flat([]Source{field.From}), isSignature) {
			f.note(path+".from.aspect", "the signature can be used in sign.write only")
		}
		if slices.ContainsFunc(flat([]Source{field.From}), func(s Source) bool { return strings.Contains(s.Const+s.Separator, "\n") }) {
			f.note(path+".from", "a line break belongs in a signature; remove it")
		}
	}
	if !reflect.ValueOf(r.Sign).IsZero() {
		f.signature(r.Sign)
	}
	return errors.Join(f...)
}

type faults []error

func (f *faults) note(path, text string) { *f = append(*f, fmt.Errorf("%s: %s", path, text)) }

func (f *faults) signature(s Signature) {
	f.hash(s)
	f.target("sign.to", s.To)
	if len(s.Parts) > 0 && len(s.Include)+len(s.Exclude) > 0 {
		f.note("sign.parts", "stands beside include or exclude, which choose among sorted parameters; give one of the two")
	}
	f.steps("sign", s.Then)
	for _, list := range []struct {
		name    string
		sources []Source
	}{{"prefix", s.Prefix}, {"parts", s.Parts}, {"suffix", s.Suffix}, {"write", s.Write}} {
		for i, source := range list.sources {
			path := fmt.Sprintf("sign.%s[%d]", list.name, i)
			f.source(path, source)
			if list.name != "write" && slices.ContainsFunc(flat([]Source{source}), isSignature) {
				f.note(path+".aspect", "the signature cannot be a part of itself; use it in write")
			}
		}
	}
	if len(s.Write) > 0 && !slices.ContainsFunc(s.Write, isSignature) {
		f.note("sign.write", "lacks the signature; add aspect: signature")
	}
}

func isSignature(s Source) bool { return s.Aspect == AspectSignature }

func (f *faults) hash(s Signature) {
	switch newHash, keyed := s.Hash.function(); {
	case newHash == nil:
		f.note("sign.hash", "must be md5, sha1, sha256 or sha512, or one of them after hmac-")
	case keyed && s.Key == "":
		f.note("sign.key", "missing; name the setting that holds the key of the HMAC")
	case !keyed && s.Key != "":
		f.note("sign.key", "has no effect on a hash without a key; write hmac- before the hash, or name the setting in prefix or suffix")
	}
	switch {
	case !slices.Contains([]Encoding{"", Hex, Base64}, s.Encoding):
		f.note("sign.encoding", "must be hex or base64")
	case s.Upper && s.Encoding == Base64:
		f.note("sign.upper", "has no effect on base64; leave it out")
	}
	if s.KeyValue != "" && !s.Names {
		f.note("sign.key_value", "has no effect without names; set names, or leave it out")
	}
}

func (f *faults) target(path string, t Target) {
	switch {
	case !slices.Contains([]Place{InHeader, InQuery, InForm, InJSON}, t.In):
		f.note(path+".in", "must be header, query, form or json")
	case t.Name == "":
		f.note(path+".name", "missing")
	case t.In == InHeader && (!httpguts.ValidHeaderFieldName(t.Name) || transport(t.Name)):
		f.note(path+".name", "must be the name of a header that the transport does not set")
	case t.In == InJSON && strings.HasPrefix(t.Name, "/") && badPointer(t.Name):
		f.note(path+".name", strictjson.ErrPointer.Error())
	case t.Number && t.In != InJSON:
		f.note(path+".number", "has an effect in JSON only; leave it out")
	case t.In == InHeader && !visible(t.Prefix):
		f.note(path+".prefix", "must be printable ASCII in a header")
	}
}

func badPointer(name string) bool {
	_, err := strictjson.Segments(name)
	return err != nil
}

// transport reports whether a header frames the request and so is never a scheme's.
func transport(name string) bool {
	return slices.ContainsFunc([]string{
		"Host", "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding",
		"Connection", "Upgrade", "Te", "Trailer", "Expect", "User-Agent",
	}, func(reserved string) bool { return strings.EqualFold(reserved, name) })
}

func (f *faults) source(path string, s Source) {
	set := 0
	for _, is := range []bool{s.Setting != "", s.Const != "", s.Generate != "", s.Param != "", s.Aspect != "", len(s.Join) > 0} {
		if is {
			set++
		}
	}
	switch {
	case set != 1:
		f.note(path, "must have exactly one of setting, const, generate, param, aspect and join")
	case s.Generate != "" && !slices.Contains([]Generator{Timestamp, TimestampMS, HTTPDate, Time, UUID, Nonce, Digits}, s.Generate):
		f.note(path+".generate", "must be timestamp, timestamp_ms, http_date, time, uuid, nonce or digits")
	case s.Aspect != "" && !slices.Contains([]Aspect{AspectMethod, AspectPath, AspectQuery, AspectBody, AspectSignature}, s.Aspect):
		f.note(path+".aspect", "must be method, path, query or body, or signature in write")
	case !visible(strings.ReplaceAll(s.Const+s.Separator, "\n", "")):
		f.note(path+".const", "must be printable ASCII")
	}
	f.form(path, s)
	for i, one := range s.Join {
		f.source(fmt.Sprintf("%s.join[%d]", path, i), one)
	}
}

// form checks what belongs to a source beside where it comes from.
func (f *faults) form(path string, s Source) {
	if _, err := transform.Layout(s.Pattern); s.Generate == Time && err != nil {
		f.note(path+".pattern", err.Error())
	}
	if s.Generate != Time && (s.Pattern != "" || s.UTC) {
		f.note(path+".pattern", "has an effect on time only; leave it out")
	}
	if s.Separator != "" && len(s.Join) == 0 {
		f.note(path+".separator", "has an effect on join only; leave it out")
	}
	f.steps(path, s.Then)
}

func (f *faults) steps(path string, list []transform.Step) {
	for i, step := range list {
		if err := step.Check(); err != nil {
			f.note(fmt.Sprintf("%s.then[%d]", path, i), err.Error())
		}
	}
}

// visible reports whether a text is printable ASCII, so that it can stand anywhere.
func visible(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' })
}

package declared_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/body"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/providertest"
)

// toys returns the products of testdata, which have replies of every form.
func toys(t testing.TB) map[string]declared.Product {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	list := map[string]declared.Product{}
	for _, file := range files {
		p, err := declared.Read(file, "")
		if err != nil {
			t.Fatal(err)
		}
		list[strings.TrimSuffix(filepath.Base(file), ".yaml")] = p
	}
	return list
}

// The contract holds for a reply of every form.
func TestContractOfEveryForm(t *testing.T) {
	t.Parallel()
	for name, p := range toys(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			providertest.RunFactory(t, p.Factory, providertest.Settings(p.Factory.Descriptor))
		})
	}
}

// careless is a codec that changes bodies before a strict one reads them.
type careless struct {
	providers.Codec
	format body.Format
	change func([]byte) []byte
}

func (c careless) Format() body.Format { return c.format }

func (c careless) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	r.Body = c.change(bytes.Clone(r.Body))
	return c.Codec.Decode(q, r)
}

// The contract tells careless readers of XML, forms and texts from strict ones.
func TestContractCatchesCarelessReaders(t *testing.T) {
	t.Parallel()
	second := func(pattern string) func([]byte) []byte {
		p := regexp.MustCompile(pattern)
		return func(b []byte) []byte {
			if all := p.FindAllIndex(b, -1); len(all) > 1 {
				b = slices.Delete(b, all[1][0], all[1][1])
			}
			return b
		}
	}
	replace := func(old, by string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(by)) }
	}
	for _, tt := range []struct {
		rule, toy string
		change    func([]byte) []byte
	}{
		{"duplicates", "xml-gbk", second(`<result [^>]*>[^<]*</result>`)},
		{"duplicates", "form", second(`&?code=[^&]*`)},
		{"duplicates", "form-gbk", second(`&?%BD%E1%B9%FB=[^&]*`)},
		{"duplicates", "json-texts", second(`\\"result\\":[^,}]*,`)},
		{"letter-case", "xml-gbk", replace("CODE=", "code=")},
		{"letter-case", "form", replace("CODE=", "code=")},
		{"missing", "xml-gbk", replace(`<result channel=`, `<result code="0" channel=`)},
		{"missing", "form", replace("providertest=", "code=0&providertest=")},
		{"missing", "text", func(b []byte) []byte {
			if bytes.HasPrefix(b, []byte("|")) {
				return append([]byte("0"), b...)
			}
			return b
		}},
		{"unlisted-code", "text", replace("7777", "0")},
		{"unlisted-code", "xml-gbk", replace(`"7777"`, `"0"`)},
		{"utf8", "xml-gbk", replace("\xff", "")},
		{"utf8", "json-gbk", replace("\xff", "")},
		{"utf8", "xml", replace("\xb2\xe2\xca\xd4", "")},
		{"trailing", "xml", func(b []byte) []byte {
			if i := bytes.Index(b, []byte("</r:Response>")); i > 0 {
				return b[:i+len("</r:Response>")]
			}
			return b
		}},
		{"truncated", "xml", func(b []byte) []byte {
			return append(bytes.TrimSuffix(b, []byte("</r:Response>")), "</r:Response>"...)
		}},
		{"unlisted-code", "also", replace(`"7777"`, `"Y"`)},
		{"types", "json-texts", replace(`\"result\":\"0\"`, `\"result\":0`)},
	} {
		t.Run(tt.rule+"/"+tt.toy, func(t *testing.T) {
			t.Parallel()
			p := toys(t)[tt.toy]
			list, err := providertest.RecordingsOf(p.Factory)
			if err != nil {
				t.Fatal(err)
			}
			c := codec(t, p.Factory)
			h, err := providertest.NewHarness(careless{c, c.(body.Formatted).Format(), tt.change}, list, p.Factory.NotEchoed)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(providertest.Rules(), func(r providertest.Rule) bool { return r.Name == tt.rule })
			if err := providertest.Rules()[i].Test(t.Context(), h); err == nil || errors.Is(err, providertest.ErrSkipped) {
				t.Errorf("the rule found nothing: %v", err)
			}
		})
	}
}

// parsers read bodies for the oracle, with other packages than the codec does.
func parsers() map[string]func([]byte) (any, error) {
	gbk := func(then func([]byte) (any, error)) func([]byte) (any, error) {
		return func(raw []byte) (any, error) {
			text, err := simplifiedchinese.GBK.NewDecoder().Bytes(raw)
			if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
				return nil, errOracle
			}
			return then(text)
		}
	}
	return map[string]func([]byte) (any, error){"xml-gbk": gbk(strictXML), "json-gbk": gbk(strict), "form": strictForm, "text": strictText}
}

func strictText(raw []byte) (any, error) {
	if !utf8.Valid(raw) {
		return nil, errOracle
	}
	out := map[string]any{}
	for i, part := range strings.Split(strings.TrimRight(string(raw), "\r\n"), "|") {
		out[strconv.Itoa(i)] = part
	}
	return out, nil
}

func strictForm(raw []byte) (any, error) {
	text := strings.TrimRight(string(raw), "\r\n")
	values, err := url.ParseQuery(text)
	if err != nil || !utf8.Valid(raw) || strings.Count(text, "&") != strings.Count(text, "=")-1 && strings.Contains(text, "&&") {
		return nil, errOracle
	}
	out, seen := map[string]any{}, map[string]bool{}
	for name, list := range values {
		if len(list) != 1 || seen[strings.ToLower(name)] {
			return nil, errOracle
		}
		seen[strings.ToLower(name)], out[name] = true, list[0]
	}
	return out, nil
}

// strictXML returns a document as maps. What is there twice, in whatever case, is a list,
// which is no value.
func strictXML(raw []byte) (any, error) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	root := map[string]any{}
	stack := []map[string]any{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if len(root) != 1 {
				return nil, errOracle
			}
			return root, nil
		}
		if err != nil {
			return nil, errOracle
		}
		switch t := token.(type) {
		case xml.StartElement:
			element := map[string]any{}
			for _, a := range t.Attr {
				put(element, "@"+a.Name.Local, a.Value)
			}
			if len(stack) == 1 && len(root) > 0 {
				return nil, errOracle
			}
			put(stack[len(stack)-1], t.Name.Local, element)
			stack = append(stack, element)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) == 1 && len(bytes.TrimSpace(t)) > 0 {
				return nil, errOracle
			}
		case xml.Directive:
			return nil, errOracle
		}
	}
}

func put(in map[string]any, name string, value any) {
	for other := range in {
		if strings.EqualFold(other, name) {
			in[other], value = []any{}, []any{}
		}
	}
	in[name] = value
}

// No hostile reply of another form than JSON becomes a false verdict, and none makes the codec
// panic. The replies are made from the toys' fixtures as documents, printed in their form, and
// then changed as bytes.
func TestHostileRepliesOfEveryForm(t *testing.T) {
	t.Parallel()
	each := hostiles()/len(declared.Shipped()) + 1
	for name, p := range toys(t) {
		parse, ok := parsers()[name]
		if !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, list := codec(t, p.Factory), recordings(t, p.Factory)
			o := newOracle(t, "../testdata/"+name)
			o.parse = parse
			f := c.(body.Formatted).Format()
			g := &grammar{rand: rand.New(rand.NewPCG(7, uint64(len(name)))), values: []string{"0", "1", "2", "900", "x"}}
			documents := make([]providertest.Recording, len(list))
			for i, r := range list {
				document, err := f.Document(bytes.TrimSpace(r.Reply.Body))
				if err != nil {
					t.Fatal(err)
				}
				documents[i] = r
				documents[i].Reply.Body = document
				g.learn(document)
			}
			q := question(t, p.Factory.Descriptor)
			verdicts, printed := 0, 0
			for range each {
				r := g.reply(documents[g.rand.IntN(len(documents))])
				raw, err := f.Print(r.Body)
				if err != nil {
					raw = r.Body
				} else {
					printed++
				}
				if g.rand.IntN(4) == 0 {
					raw = g.bytes(raw)
				}
				verdicts += judge(t, c, o, q, providers.Reply{Status: http.StatusOK, Header: http.Header{}, Body: raw})
			}
			if verdicts == 0 || printed == 0 {
				t.Errorf("%d verdicts, %d bodies printed; the grammar destroys too much", verdicts, printed)
			}
			t.Logf("%d replies, %d printed, %d verdicts", each, printed, verdicts)
		})
	}
}

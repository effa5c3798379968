package declared_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

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

// reader says by one expression on the text of a body which code it holds, and shares no code
// with the codec: a reply with two places for the code has none.
type reader struct {
	gbk          bool
	all, codes   string // what may hold the code, in any letter case, and the code itself
	echo, prefix string
	escaped      bool
}

func readers() map[string]reader {
	return map[string]reader{
		"xml-gbk":  {gbk: true, all: `(?i)<result[\s/>]`, codes: `<result\s[^>]*?\bcode="([^"]*)"`, echo: `number="([^"]*)"`},
		"form":     {all: `(?i)(?:^|&)code=`, codes: `(?:^|&)code=([^&]*)`, echo: `(?:^|&)id=([^&]*)`},
		"text":     {all: `(?s)^`, codes: `^([^|]*)`},
		"json-gbk": {gbk: true, all: `(?i)"code"`, codes: `"code"\s*:\s*([0-9]+)\s*[,}]`, echo: `"id"\s*:\s*"([^"]*)"`},
	}
}

// verdict returns the verdict that a body may have, "" if it may have none.
func (r reader) verdict(d idv.Descriptor, raw []byte) string {
	text := string(raw)
	if r.gbk {
		decoded, err := simplifiedchinese.GBK.NewDecoder().String(text)
		if err != nil || strings.ContainsRune(decoded, '\ufffd') {
			return ""
		}
		text = decoded
	}
	found := regexp.MustCompile(r.codes).FindAllStringSubmatch(text, -1)
	if len(found) != 1 || len(regexp.MustCompile(r.all).FindAllString(text, -1)) != 1 {
		return ""
	}
	row, _ := providers.Table(d.Codes).Row(providers.LayerVendor, strings.TrimRight(found[0][1], "\r\n"))
	if row.Verdict == idv.Undetermined {
		return ""
	}
	if r.echo != "" {
		echo := regexp.MustCompile(r.echo).FindStringSubmatch(text)
		if echo == nil || !strings.HasSuffix(strings.ToUpper(echo[1]), "5X") && !strings.Contains(echo[1], "%") {
			return ""
		}
	}
	return row.Verdict.String()
}

// No hostile reply of another form than JSON becomes a false verdict, and none makes the codec
// panic. The replies are made from the toys' fixtures as documents, printed in their form, and
// then changed as bytes.
func TestHostileRepliesOfEveryForm(t *testing.T) {
	t.Parallel()
	each := hostiles()/len(declared.Shipped()) + 1
	for name, p := range toys(t) {
		o, ok := readers()[name]
		if !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, list := codec(t, p.Factory), recordings(t, p.Factory)
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
				answer, err := c.Decode(q, providers.Reply{Status: http.StatusOK, Header: http.Header{}, Body: raw})
				if err != nil {
					continue
				}
				verdicts++
				if want := o.verdict(p.Factory.Descriptor, raw); answer.Verdict.String() != want {
					t.Errorf("a false verdict: %v (%s), want %q, of\n%q", answer.Verdict, answer.VendorCode, want, raw)
				}
			}
			if verdicts == 0 || printed == 0 {
				t.Errorf("%d verdicts, %d bodies printed; the grammar destroys too much", verdicts, printed)
			}
			t.Logf("%d replies, %d printed, %d verdicts", each, printed, verdicts)
		})
	}
}

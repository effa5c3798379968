package providertest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/heyan-id/heyan/providers/body"
)

// page is what a captive portal or a broken proxy returns.
const page = "<!DOCTYPE html><html><head><title>200 OK</title></head><body>status: 01</body></html>"

func bodyRules() []Rule {
	return []Rule{
		{"no-document", "A reply that is empty, an HTML page or a list of replies yields no verdict.", eachBody(noDocument)},
		{"truncated", "A truncated reply yields no verdict.", eachBody(truncated)},
		{"byte-order-mark", "A reply that begins with a byte order mark yields no verdict.", eachBody(byteOrderMark)},
		{"utf8", "A reply with bytes that are not of its encoding, UTF-8 if the product states none, yields no verdict.", eachBody(otherBytes)},
		{"trailing", "A reply with data after its document yields no verdict, even if it is a second answer.", eachBody(trailing)},
	}
}

// arrived tests bodies as they arrive.
type arrived struct {
	Harness
	judge judge // of their documents
}

// eachBody returns a rule's test that runs test on every fixture with a verdict.
func eachBody(test func(arrived, sample) error) func(context.Context, Harness) error {
	return func(ctx context.Context, h Harness) error {
		list, err := h.verdicts()
		if err != nil {
			return err
		}
		b := arrived{Harness: h}
		if !h.whole() {
			d, _, err := h.documents()
			if err != nil {
				return err
			}
			if b.judge, err = d.judge(); err != nil {
				return err
			}
		}
		return each(ctx, list, func(s sample) error { return test(b, s) })
	}
}

// whole reports whether a body shows its end. That of a form or a text does not: one that is
// cut off can be another complete one.
func (h Harness) whole() bool { return h.Format.Form != body.Form && h.Format.Form != body.Text }

// refuses decodes a body that must not become a verdict or, if bodies do not show their end,
// no other than that of the code which it holds whole.
func (b arrived) refuses(s sample, raw []byte, what string) error {
	if b.whole() {
		return b.fails(s, s.with(raw), what)
	}
	document, err := b.Format.Document(raw)
	if err != nil {
		return b.fails(s, s.with(raw), what)
	}
	return b.judge.check(s, s.with(document), what)
}

// each runs test on samples whose body has no space around it.
func each(ctx context.Context, list []sample, test func(sample) error) error {
	for _, s := range list {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.reply.Body = bytes.TrimSpace(s.reply.Body)
		if err := test(s); err != nil {
			return err
		}
	}
	return nil
}

func noDocument(b arrived, s sample) error {
	own := string(s.reply.Body)
	for _, raw := range []string{
		"", " ", "\r\n", "null", "[]", "{}", `""`, "0", page, "[" + own + "]", "[" + own + "," + own + "]", strconv.Quote(own),
	} {
		if err := b.refuses(s, []byte(raw), fmt.Sprintf("with the body %.9q", raw)); err != nil {
			return err
		}
	}
	return nil
}

func truncated(b arrived, s sample) error {
	for n := range s.reply.Body {
		if err := b.refuses(s, s.reply.Body[:n], fmt.Sprintf("truncated after %d bytes", n)); err != nil {
			return err
		}
	}
	return nil
}

func byteOrderMark(b arrived, s sample) error {
	return b.refuses(s, slices.Concat([]byte("\xef\xbb\xbf"), s.reply.Body), "with a byte order mark")
}

// otherBytes inserts bytes of another encoding as an unknown member and into every string:
// 测试 in GBK, or bytes that are no GBK.
func otherBytes(b arrived, s sample) error {
	other := "\xb2\xe2\xca\xd4"
	if b.Format.Encoding == body.GBK || b.Format.Encoding == body.GB18030 {
		other = "\xff\xff"
	}
	document, err := b.Format.Document(s.reply.Body)
	if err != nil {
		return err
	}
	list, err := nodes(document)
	if err != nil {
		return err
	}
	const marker = "providertest-bytes"
	derived := map[string][]byte{"a member": b.withUnknown(document, marker)}
	for _, m := range list {
		if m.kind == kindString {
			derived[m.path] = m.replace(document, quote(m.text+marker))
		}
	}
	for path, document := range derived {
		raw, err := b.Format.Print(document)
		if err != nil || !bytes.Contains(raw, []byte(marker)) {
			continue // the form has no such body, or shows the text in another form
		}
		raw = bytes.ReplaceAll(raw, []byte(marker), []byte(other))
		if err := b.fails(s, s.with(raw), "with bytes of another encoding in "+path); err != nil {
			return err
		}
	}
	return nil
}

func trailing(b arrived, s sample) error {
	for _, tail := range []string{"x", "\x00", "{}", "}", ",", "\n" + string(s.reply.Body), page} {
		if err := b.refuses(s, slices.Concat(s.reply.Body, []byte(tail)), fmt.Sprintf("followed by %.5q", tail)); err != nil {
			return err
		}
	}
	return nil
}

// withMember returns a document with a member inserted before the others of its first object
// in some depth, nil if there is none.
func withMember(document []byte, depth int, member string) []byte {
	open := -1
	for range depth {
		next := bytes.IndexByte(document[open+1:], '{')
		if next < 0 {
			return nil
		}
		open += 1 + next
	}
	if rest := bytes.TrimLeft(document[open+1:], " \t\r\n"); len(rest) > 0 && rest[0] != '}' {
		member += ","
	}
	return splice(document, open+1, open+1, member)
}

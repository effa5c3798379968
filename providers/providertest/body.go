package providertest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// page is what a captive portal or a broken proxy returns.
const page = "<!DOCTYPE html><html><head><title>200 OK</title></head><body>status: 01</body></html>"

func bodyRules() []Rule {
	return []Rule{
		{"no-document", "A reply that is empty, an HTML page or a list of replies yields no verdict.", eachVerdict(noDocument)},
		{"truncated", "A truncated reply yields no verdict.", eachVerdict(truncated)},
		{"byte-order-mark", "A reply that begins with a byte order mark yields no verdict.", eachVerdict(byteOrderMark)},
		{"utf8", "A reply that is not UTF-8, for example GBK, yields no verdict.", eachVerdict(notUTF8)},
		{"trailing", "A reply with data after its document yields no verdict, even if it is a second answer.", eachVerdict(trailing)},
	}
}

// eachVerdict returns a rule's test that runs test on every fixture with a verdict.
func eachVerdict(test func(Harness, sample) error) func(context.Context, Harness) error {
	return func(ctx context.Context, h Harness) error {
		list, err := h.verdicts()
		if err != nil {
			return err
		}
		return each(ctx, list, func(s sample) error { return test(h, s) })
	}
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

func noDocument(h Harness, s sample) error {
	own := string(s.reply.Body)
	for _, body := range []string{
		"", " ", "\r\n", "null", "[]", "{}", `""`, "0", page, "[" + own + "]", "[" + own + "," + own + "]", quote(own),
	} {
		if err := h.fails(s, s.with([]byte(body)), fmt.Sprintf("with the body %.9q", body)); err != nil {
			return err
		}
	}
	return nil
}

func truncated(h Harness, s sample) error {
	for n := range s.reply.Body {
		if err := h.fails(s, s.with(s.reply.Body[:n]), fmt.Sprintf("truncated after %d bytes", n)); err != nil {
			return err
		}
	}
	return nil
}

func byteOrderMark(h Harness, s sample) error {
	return h.fails(s, s.with(slices.Concat([]byte("\xef\xbb\xbf"), s.reply.Body)), "with a byte order mark")
}

// notUTF8 inserts the GBK bytes of 测试 as an unknown member and into every string.
func notUTF8(h Harness, s sample) error {
	const gbk = "\xb2\xe2\xca\xd4"
	body := s.reply.Body
	if err := h.fails(s, s.with(withMember(body, `"providertest":"`+gbk+`"`)), "with a GBK member"); err != nil {
		return err
	}
	members, err := nodes(body)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.kind != kindString {
			continue
		}
		if err := h.fails(s, s.with(splice(body, m.End-1, m.End-1, gbk)), "with GBK bytes in "+m.Name); err != nil {
			return err
		}
	}
	return nil
}

func trailing(h Harness, s sample) error {
	for _, tail := range []string{"x", "\x00", "{}", "}", ",", "\n" + string(s.reply.Body), page} {
		if err := h.fails(s, s.with(slices.Concat(s.reply.Body, []byte(tail))), fmt.Sprintf("followed by %.5q", tail)); err != nil {
			return err
		}
	}
	return nil
}

// withMember returns an object with a member inserted before the others.
func withMember(body []byte, member string) []byte {
	open := bytes.IndexByte(body, '{')
	return splice(body, open+1, open+1, member+",")
}

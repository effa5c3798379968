package providertest

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
)

// page is what a captive portal or a broken proxy answers.
const page = "<!DOCTYPE html><html><head><title>200 OK</title></head><body>status: 01</body></html>"

func bodyRules() []Rule {
	return []Rule{
		{"no-document", "An empty reply or a page is no verdict.", eachVerdict(noDocument)},
		{"truncated", "A reply that is cut anywhere is no verdict.", eachVerdict(truncated)},
		{"byte-order-mark", "A reply that begins with a byte order mark is no verdict.", eachVerdict(byteOrderMark)},
		{"utf8", "A reply with bytes that are not UTF-8, as in GBK, is no verdict.", eachVerdict(notUTF8)},
		{"trailing", "A reply with anything behind its document is no verdict.", eachVerdict(trailing)},
		{"other-person", "An answer whose echo is another person's is no verdict.", otherPerson},
	}
}

// eachVerdict makes a test for all fixtures out of one for a single fixture that
// stands for a verdict.
func eachVerdict(test func(Harness, sample) error) func(context.Context, Harness) error {
	return func(ctx context.Context, h Harness) error {
		list, err := h.verdicts()
		if err != nil {
			return err
		}
		for _, s := range list {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			s.reply.Body = bytes.TrimSpace(s.reply.Body)
			if err := test(h, s); err != nil {
				return err
			}
		}
		return nil
	}
}

func noDocument(h Harness, s sample) error {
	for _, body := range []string{"", " ", "\r\n", "null", "[]", "{}", `""`, "0", page} {
		if err := h.refuses(s, s.with([]byte(body)), fmt.Sprintf("with the body %.9q", body)); err != nil {
			return err
		}
	}
	return nil
}

func truncated(h Harness, s sample) error {
	for n := range s.reply.Body {
		if err := h.refuses(s, s.with(s.reply.Body[:n]), fmt.Sprintf("cut after %d bytes", n)); err != nil {
			return err
		}
	}
	return nil
}

func byteOrderMark(h Harness, s sample) error {
	return h.refuses(s, s.with(slices.Concat([]byte("\xef\xbb\xbf"), s.reply.Body)), "with a byte order mark")
}

// notUTF8 puts the GBK bytes of 测试 into a member that nobody reads, and into
// every string that is there.
func notUTF8(h Harness, s sample) error {
	const gbk = "\xb2\xe2\xca\xd4"
	body := s.reply.Body
	if err := h.refuses(s, s.with(beside(body, `"providertest":"`+gbk+`"`)), "with a GBK member"); err != nil {
		return err
	}
	members, err := membersOf(body)
	if err != nil {
		return err
	}
	for _, m := range members {
		if body[m.Value] != '"' {
			continue
		}
		if err := h.refuses(s, s.with(splice(body, m.End-1, m.End-1, gbk)), "with GBK bytes in "+m.Name); err != nil {
			return err
		}
	}
	return nil
}

func trailing(h Harness, s sample) error {
	for _, tail := range []string{"x", "\x00", "{}", "}", ",", "\n" + string(s.reply.Body), page} {
		if err := h.refuses(s, s.with(slices.Concat(s.reply.Body, []byte(tail))), fmt.Sprintf("with %.5q behind it", tail)); err != nil {
			return err
		}
	}
	return nil
}

func otherPerson(_ context.Context, h Harness) error {
	list, err := h.verdicts()
	if err != nil {
		return err
	}
	for _, claim := range (h.Query.Check.Claims() &^ h.NotEchoed).List() {
		swapped := h
		swapped.Query.Subject = stranger(h.Query.Subject, idv.Claims(claim))
		for _, s := range list {
			if err := swapped.refuses(s, s.reply, "asked for another "+claim.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// beside returns an object with a member put in front of the others.
func beside(body []byte, member string) []byte {
	open := bytes.IndexByte(body, '{')
	return splice(body, open+1, open+1, member+",")
}

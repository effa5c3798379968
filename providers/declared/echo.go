package declared

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// echo is a claim that a reply repeats.
type echo struct {
	place
	claim idv.Claim
	mask  string
	shown int           // so few characters are enough; 0 for what tells two people apart
	need  []idv.Verdict // the verdicts that must have it
}

// echoes compiles the echoes.
func (c *compiler) echoes(out *reply, b *places) {
	for i, e := range c.file.Reply.Echo {
		where := strictyaml.At("reply.echo", i)
		claim, ok := claimOf(e.Claim)
		if !ok {
			c.note(where+".claim", "%s", strictyaml.Unknown("claim", e.Claim, claimWords()))
		}
		if e.At == nil {
			c.note(where+".at", "is missing; an echo stands in the body")
			continue
		}
		one := echo{place: c.place(where, e.Place, b, "string"), claim: claim, mask: e.Mask, shown: e.Shown, need: c.verdicts(where, e)}
		if one.mask == "" {
			one.mask = "*"
		}
		if utf8.RuneCountInString(one.mask) != 1 {
			c.note(where+".mask", "must be one character")
		}
		if one.shown < 0 {
			c.note(where+".shown", "must be a number of characters, at least 1")
		}
		out.echo = append(out.echo, one)
	}
}

func (c *compiler) verdicts(path string, e Echo) []idv.Verdict {
	list := e.Verdicts
	if list == nil {
		for _, v := range []idv.Verdict{idv.Match, idv.Mismatch, idv.NoRecord, idv.MismatchOrNoRecord} {
			list = append(list, v.String())
		}
	}
	var out []idv.Verdict
	for i, word := range list {
		v, err := verdictOf(word)
		if err != nil {
			c.note(strictyaml.At(path+".verdicts", i), "%s", strictyaml.Unknown("verdict", word, verdictWords()))
		}
		out = append(out, v)
	}
	return out
}

// isAbout reports whether every echo fits the subject.
func (r *reply) isAbout(s idv.Subject, c content, v idv.Verdict) bool {
	for _, e := range r.echo {
		text, is := e.read(c)
		switch {
		case is == wrong, is == missing && slices.Contains(e.need, v):
			return false
		case is == present && !e.fits(s.Claim(e.claim), text):
			return false
		}
	}
	return true
}

// fits reports whether an echo shows enough of a claim and agrees with it.
func (e echo) fits(claim idv.Sensitive, text string) bool {
	if e.mask != "*" {
		if strings.Contains(text, "*") {
			return false
		}
		text = strings.ReplaceAll(text, e.mask, "*")
	}
	switch {
	case e.claim == idv.ClaimName:
		return providers.NameEchoed(claim, text)
	case e.shown > 0:
		return claim.FitsMask(text) && shown(text) >= e.shown
	}
	return providers.NumberEchoed(claim, text)
}

// shown counts the characters before the first star and after the last.
func shown(text string) int {
	first, last := strings.IndexByte(text, '*'), strings.LastIndexByte(text, '*')
	if first < 0 {
		return utf8.RuneCountInString(text)
	}
	return utf8.RuneCountInString(text[:first] + text[last+1:])
}

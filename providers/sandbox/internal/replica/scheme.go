package replica

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// scheme is an authentication scheme as requests show it.
type scheme struct {
	Scheme
	auth  Authenticator
	marks []mark
	token *tokenCall // how a token is asked for; nil without tokens
	grant grantForm  // how it is granted
}

// mark is a value that the scheme adds to a call.
type mark struct {
	place
	kind  markKind
	stamp stampForm // of a time and a nonce
	text  string    // of a key: the same in each call
	carry locator   // of a token
}

type markKind int

const (
	markSigned markKind = iota // varies with the call
	markKey
	markTime
	markNonce
	markToken
)

// learnScheme learns a scheme. Of a scheme that fetches a token, it tries the known forms of a
// token endpoint's reply.
func (r *Replica) learnScheme(s Scheme) (*scheme, error) {
	var fault error
	for _, form := range grantForms() {
		g := &grants{form: form, token: "sandbox" + hex.EncodeToString(random(12))}
		learned, err := r.learnMarks(s, g)
		if err == nil || g.call == nil {
			return learned, err
		}
		fault = err
	}
	return nil, fault
}

// open returns the authenticator of a scheme, whose token endpoint is g.
func (r *Replica) open(s Scheme, g *grants) (Authenticator, error) {
	return s.New(func(name string) idv.Sensitive { return r.settings[name] }, g.connect)
}

// learnMarks authenticates fictitious calls that differ in one respect, and compares them.
func (r *Replica) learnMarks(s Scheme, learner *grants) (*scheme, error) {
	out := &scheme{Scheme: s}
	auth, err := r.open(s, learner)
	if err != nil {
		return nil, err
	}
	out.auth = auth
	call, err := r.codec.Encode(r.form.query)
	if err != nil {
		return nil, errors.New("the codec refuses the fictitious person")
	}
	at := time.Unix(1_700_000_000, 123_000_000)
	stamps := []providers.Stamp{
		{Host: "sandbox.invalid", At: at, Nonce: "5ca1ab1e-0000-4000-8000-00000000c0de"},
		{Host: "sandbox.invalid", At: at.Add(100_001 * time.Second), Nonce: "5ca1ab1e-0000-4000-8000-00000000c0de"},
		{Host: "sandbox.invalid", At: at, Nonce: "deadbeef-1111-4111-8111-1111111111ff"},
	}
	stamps = append(stamps, stamps[0])
	calls := []providers.Call{call, call, call, r.otherCall(call)}
	var signed []map[place]string
	for i, stamp := range stamps {
		c, err := auth.Authenticate(context.Background(), calls[i], stamp)
		if err != nil {
			return nil, errors.New("it does not authenticate the product's call: " + idv.AsError(err).Detail)
		}
		added, err := additions(calls[i], c)
		if err != nil {
			return nil, err
		}
		signed = append(signed, added)
	}
	for p := range signed[0] {
		out.marks = append(out.marks, markOf(p, signed, stamps, learner.token))
	}
	slices.SortFunc(out.marks, func(a, b mark) int { return strings.Compare(a.in+a.name, b.in+b.name) })
	out.token, out.grant = learner.call, learner.form
	return out, nil
}

// otherCall returns the call for another person.
func (r *Replica) otherCall(call providers.Call) providers.Call {
	q := r.form.query
	q.Subject = r.otherPerson(q.Subject)
	if other, err := r.codec.Encode(q); err == nil {
		return other
	}
	return call
}

// additions returns what a scheme added to a call.
func additions(before, after providers.Call) (map[place]string, error) {
	old, err := ofCall(before)
	if err != nil {
		return nil, err
	}
	now, err := ofCall(after)
	if err != nil {
		return nil, err
	}
	if len(changed(old, now)) > 0 || after.Method != before.Method || after.Path != before.Path {
		return nil, errors.New("it changes the call, such as by encryption, so no request can be compared")
	}
	added := map[place]string{}
	for _, v := range now.values {
		if _, n := old.at(v.place); n == 0 {
			added[v.place] = v.text
		}
	}
	for _, h := range after.Header {
		if before.HeaderValue(h.Name).IsZero() {
			added[place{inHeader, http.CanonicalHeaderKey(h.Name)}] = plain(h.Value)
		}
	}
	return added, nil
}

func markOf(p place, signed []map[place]string, stamps []providers.Stamp, token string) mark {
	first := signed[0][p]
	m := mark{place: p}
	if prefix, suffix, ok := encodings()[0].around(first, token); ok {
		m.kind, m.carry = markToken, locator{p, prefix, suffix, encodings()[0]}
		return m
	}
	varies := slices.ContainsFunc(signed, func(added map[place]string) bool { return added[p] != first })
	if !varies {
		m.kind, m.text = markKey, first
		return m
	}
	for _, f := range stampForms() {
		if f.format(stamps[0]) == first && f.format(stamps[1]) == signed[1][p] && f.format(stamps[2]) == signed[2][p] {
			m.kind, m.stamp = f.kind, f
			return m
		}
	}
	return m
}

// credentials returns the values of the settings that the schemes need: given, the default,
// or a new one in the form of a console.
func credentials(card idv.Descriptor, schemes []Scheme, given map[string]idv.Sensitive) map[string]idv.Sensitive {
	out := map[string]idv.Sensitive{}
	for name, v := range given {
		out[name] = v
	}
	for _, s := range schemes {
		for _, name := range s.Needs {
			i := slices.IndexFunc(card.Settings, func(s idv.Setting) bool { return s.Name == name })
			switch {
			case !out[name].IsZero():
			case i >= 0 && card.Settings[i].Default != "":
				out[name] = idv.NewSensitive(card.Settings[i].Default)
			case i >= 0 && card.Settings[i].Secret:
				out[name] = idv.NewSensitive(hex.EncodeToString(random(16)))
			default:
				out[name] = idv.NewSensitive(NewValue(name))
			}
		}
	}
	return out
}

// NewValue returns a value for a plain setting: an address of the token endpoint, or a
// number as keys have it.
func NewValue(setting string) string {
	if strings.HasSuffix(setting, "_url") {
		return "http://127.0.0.1" + TokenPath
	}
	b := random(3)
	return fmt.Sprintf("2%08d", int(b[0])<<16|int(b[1])<<8|int(b[2]))
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// find returns the scheme whose marks a request has.
func (r *Replica) find(m message, header http.Header) (*scheme, *Fault) {
	var best *scheme
	for _, s := range r.schemes {
		if s.present(m, header) && (best == nil || len(s.marks) > len(best.marks)) {
			best = s
		}
	}
	if best == nil {
		return nil, &Fault{Kind: FaultAnonymous, Detail: "no scheme's credentials: " + strings.Join(r.card.Schemes, ", ")}
	}
	return best, nil
}

// present reports whether a request has all marks of the scheme, and for a key with a word
// before it, such as APPCODE, that word.
func (s *scheme) present(m message, header http.Header) bool {
	for _, k := range s.marks {
		text, n := k.read(m, header)
		if n == 0 {
			return false
		}
		word, _, spaced := strings.Cut(k.text, " ")
		if k.kind == markKey && spaced && !strings.HasPrefix(text, word+" ") {
			return false
		}
	}
	return true
}

// read returns the value at a mark, and how many there are.
func (k mark) read(m message, header http.Header) (string, int) {
	if k.in == inHeader {
		list := header[k.name]
		if len(list) == 0 {
			return "", 0
		}
		return list[0], len(list)
	}
	v, n := m.at(k.place)
	return v.text, n
}

func (s *scheme) places() []place {
	var list []place
	for _, k := range s.marks {
		if k.in != inHeader {
			list = append(list, k.place)
		}
	}
	return list
}

// verify authenticates the call that arrived in the same way and compares the marks.
func (r *Replica) verify(s *scheme, req Request, m message, now time.Time) *Fault {
	stamp := providers.Stamp{Host: req.Host, At: now, Nonce: "-"}
	var nonce string
	auth := s.auth
	for _, k := range s.marks {
		text, n := k.read(m, req.Header)
		if n > 1 {
			return &Fault{Kind: FaultSignature, Detail: "duplicate " + k.in + " value " + k.name}
		}
		switch k.kind {
		case markKey:
			if !equal(text, k.text) {
				return &Fault{Kind: FaultKey, Detail: "an unknown " + k.name}
			}
		case markTime:
			at, ok := k.stamp.parse(text)
			if !ok || now.Sub(at).Abs() > skew(s.Name) {
				return &Fault{Kind: FaultTime, Detail: k.name + " is not a time within the allowed window"}
			}
			stamp.At = at
		case markNonce:
			nonce, stamp.Nonce = text, text
		case markToken:
			token, fault := r.tokens.check(k.carry, text, now)
			if fault != nil {
				return fault
			}
			// A signature can cover the token, so the scheme is given that of the request.
			var err error
			if auth, err = r.open(s.Scheme, &grants{form: s.grant, token: token}); err != nil {
				return &Fault{Kind: FaultToken, Detail: "the access token cannot be verified"}
			}
		}
	}
	if fault := r.verifySignature(s, auth, req, m, stamp); fault != nil {
		return fault
	}
	if nonce != "" && !r.nonces.Use(nonce, now) {
		return &Fault{Kind: FaultNonce, Detail: "the nonce was used before"}
	}
	return nil
}

func (r *Replica) verifySignature(s *scheme, auth Authenticator, req Request, m message, stamp providers.Stamp) *Fault {
	signed, err := auth.Authenticate(context.Background(), req.call(s, r.form.headers), stamp)
	if err != nil {
		return &Fault{Kind: FaultSignature, Detail: "the request cannot be signed"}
	}
	want, err := ofCall(signed)
	if err != nil {
		return &Fault{Kind: FaultSignature, Detail: "the request cannot be signed"}
	}
	header := http.Header{}
	for _, h := range signed.Header {
		header.Set(h.Name, plain(h.Value))
	}
	for _, k := range s.marks {
		got, _ := k.read(m, req.Header)
		if expected, n := k.read(want, header); n != 1 || !equal(got, expected) {
			return &Fault{Kind: FaultSignature, Detail: "a wrong " + k.name}
		}
	}
	return nil
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// skew is how far the time of a request may be from now.
func skew(scheme string) time.Duration {
	if scheme == "tc3" {
		return 5 * time.Minute
	}
	return NonceWindow
}

package replica

import (
	"net/http"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Request is a request as it arrived.
type Request struct {
	Method, Path, RawQuery, Host string
	Header                       http.Header
	Body                         []byte
}

// Receive authenticates a request and reads whom it asks for.
func (r *Replica) Receive(req Request, now time.Time) (Asked, *Fault) {
	want, err := encode(r.codec, r.form.query)
	if err != nil {
		return Asked{}, &Fault{Kind: FaultMalformed, Detail: "the product's adapter is away"}
	}
	switch {
	case req.Path != want.path:
		return Asked{}, &Fault{Kind: FaultPath, Detail: "the path is not " + want.path}
	case req.Method != want.method:
		return Asked{}, &Fault{Kind: FaultMethod, Detail: "the method is not " + want.method}
	}
	m, err := req.message()
	if err != nil {
		return Asked{}, &Fault{Kind: FaultMalformed, Detail: "the query string or the body cannot be parsed"}
	}
	s, fault := r.find(m, req.Header)
	if fault == nil {
		fault = r.verify(s, req, m, now)
	}
	if fault == nil {
		fault = r.headers(req.Header)
	}
	if fault != nil {
		return Asked{}, fault
	}
	if m.mediaType != want.mediaType {
		return Asked{}, &Fault{Kind: FaultForm, Detail: "the content type is not " + want.mediaType}
	}
	return r.person(m.without(s.places()))
}

// headers checks the constant headers that the codec sets. Those with a claim would vary;
// no codec has one.
func (r *Replica) headers(header http.Header) *Fault {
	call, err := r.codec.Encode(r.form.query)
	if err != nil {
		return nil
	}
	for _, p := range call.Header {
		switch list := header.Values(p.Name); {
		case len(list) == 0:
			return &Fault{Kind: FaultMissing, Detail: "no header " + p.Name}
		case len(list) > 1 || list[0] != plain(p.Value):
			return &Fault{Kind: FaultForm, Detail: "another header " + p.Name}
		}
	}
	return nil
}

func (q Request) message() (message, error) {
	types := q.Header.Values("Content-Type")
	if len(types) > 1 {
		return message{}, errMalformed
	}
	return parse(q.Method, q.Path, q.RawQuery, q.Header.Get("Content-Type"), q.Body)
}

// call returns the request as the codec's call, before the scheme added its marks. Its
// parameters keep their order and its body its bytes, since a signature covers them.
func (q Request) call(s *scheme, headers []string) providers.Call {
	c := providers.Call{Method: q.Method, Path: q.Path, ContentType: q.Header.Get("Content-Type"), Accept: q.Header.Get("Accept")}
	for _, name := range headers {
		c.Header = append(c.Header, providers.Param{Name: name, Value: idv.NewSensitive(q.Header.Get(name))})
	}
	m, _ := q.message() // Receive has read it
	marks := s.places()
	form := false
	for _, v := range m.values {
		form = form || v.in == inForm
		if slices.Contains(marks, v.place) {
			continue
		}
		p := providers.Param{Name: v.name, Value: idv.NewSensitive(v.text)}
		switch v.in {
		case inQuery:
			c.Query = append(c.Query, p)
		case inForm:
			c.Form = append(c.Form, p)
		}
	}
	if !form {
		c.Body = idv.NewSensitive(string(cutMembers(q.Body, marks)))
	}
	return c
}

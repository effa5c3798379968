package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/sandbox/internal/replica"
)

// Product is what heyan knows of a product. All of it comes from the caller, so that the
// package knows no vendor.
type Product struct {
	Factory    providers.Factory
	Schemes    auth.Table         // the built-in ones, see [auth.Schemes], and those of the product
	Recordings []Recording        // its replies, with a match at least; names that begin with drift or trap come last
	Settings   providers.Settings // of the codec, without base_url
}

// Recording is a recorded reply about a person, to the attempt with an ID.
type Recording struct {
	Name    string
	ID      string
	Subject idv.Subject
	Reply   providers.Reply
}

// outcomes returns the outcomes that can be billed.
func (p Product) outcomes() map[string]bool {
	known := map[string]bool{outcomeFollowed: true}
	for _, row := range p.Factory.Descriptor.Codes {
		known[row.Code] = true
	}
	for _, m := range Modes() {
		known[string(m)] = true
	}
	return known
}

// product is the backend of a product.
type product struct {
	replica *replica.Replica
	swap    *swap
	path    string
	modes   map[Mode]behavior
	faults  map[Mode]error
}

func newProduct(cfg VendorConfig) (*product, error) {
	r, err := cfg.Product.replica(cfg)
	if err != nil {
		return nil, err
	}
	p := &product{replica: r, swap: new(swap), path: r.Path(), modes: map[Mode]behavior{}, faults: map[Mode]error{}}
	for _, m := range append(Modes(), modeFollowed) {
		p.modes[m], p.faults[m] = p.learn(m)
	}
	return p, p.faults[ModeNormal]
}

// replica learns the product. The codec gets the plain settings, the schemes get all.
func (p Product) replica(cfg VendorConfig) (*replica.Replica, error) {
	given := maps.Clone(cfg.Settings)
	if given == nil {
		given = map[string]idv.Sensitive{}
	}
	plain := providers.Settings{}
	for _, s := range p.Factory.Descriptor.Settings {
		if s.Secret || s.Name == settingBaseURL {
			continue
		}
		text := cmp.Or(inClear(given[s.Name]), p.Settings[s.Name], s.Default)
		if text == "" && s.Required {
			text = replica.NewValue(s.Name)
		}
		if text != "" {
			plain[s.Name], given[s.Name] = text, idv.NewSensitive(text)
		}
	}
	codec, err := p.Factory.New(plain)
	if err != nil {
		return nil, err
	}
	list, err := p.schemes()
	if err != nil {
		return nil, err
	}
	return replica.New(replica.Product{Codec: codec, Schemes: list, Samples: p.samples(), Settings: given, TokenLife: cfg.TokenLife, NotEchoed: p.Factory.NotEchoed})
}

// settingBaseURL is the setting with the vendor's address, which the sandbox assigns.
const settingBaseURL = "base_url"

// schemes returns the schemes of the descriptor.
func (p Product) schemes() ([]replica.Scheme, error) {
	table := p.Schemes
	if table == nil {
		table = auth.Schemes()
	}
	var list []replica.Scheme
	for _, name := range p.Factory.Descriptor.Schemes {
		s, ok := table.Find(name)
		if !ok {
			return nil, fmt.Errorf("unknown authentication scheme %q", name)
		}
		list = append(list, replica.Scheme{Name: name, Needs: s.Needs, New: func(value func(string) idv.Sensitive, connect replica.Connect) (replica.Authenticator, error) {
			return s.New(auth.Env{Value: value, Connect: func(baseURL string, a auth.Authenticator) (providers.Transport, error) {
				return connect(baseURL, a)
			}})
		}})
	}
	return list, nil
}

func (p Product) samples() []replica.Sample {
	list := make([]replica.Sample, 0, len(p.Recordings))
	for _, r := range p.Recordings {
		list = append(list, replica.Sample(r))
	}
	last := func(s replica.Sample) int {
		if strings.HasPrefix(s.Name, "drift") || strings.HasPrefix(s.Name, "trap") {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b replica.Sample) int { return last(a) - last(b) })
	return list
}

var (
	errNoToken = errors.New("the product is called without access tokens")
	errNoRow   = errors.New("the code table has no row for it that can be played")
)

// movedSuffix is appended to the path of a product by a redirect.
const movedSuffix = "/moved"

func (p *product) moved() string { return p.path + movedSuffix }

func (p *product) receive(w http.ResponseWriter, r *http.Request) (*call, *reply) {
	body, within := drain(r)
	req := replica.Request{
		Method: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery, Host: r.Host, Header: r.Header, Body: body,
	}
	if !within {
		return nil, p.refuse(&replica.Fault{Kind: replica.FaultSize, Detail: "the body is too large"})
	}
	now := time.Now()
	if granted, ok, is := p.replica.Token(req, now); is {
		return nil, &reply{code: outcomeToken, refused: !ok, status: granted.Status, header: granted.Header, body: granted.Body}
	}
	moved := req.Path == p.moved()
	req.Path = strings.TrimSuffix(req.Path, movedSuffix)
	asked, fault := p.replica.Receive(req, now)
	if fault != nil && !moved {
		return nil, p.refuse(fault)
	}
	return &call{w: w, r: r, swap: p.swap, subject: subjectOf(asked), asked: asked}, nil
}

// headerFault is a header of the sandbox with the reason of a refusal, for whoever writes a
// client. It holds no value of the request.
const headerFault = "X-Heyan-Sandbox"

func (p *product) refuse(f *replica.Fault) *reply {
	out := replied(p.replica.Refuse(f))
	out.header.Set(headerFault, f.Detail)
	return &out
}

// subjectOf returns the person for the meter. A check without an ID number has the bank card
// in its place.
func subjectOf(a replica.Asked) person {
	s := a.Query.Subject
	if s.IDNumber.IsZero() {
		return person{s.BankCard, s.Name}
	}
	return person{s.IDNumber, s.Name}
}

// replied returns the reply of an answer.
func replied(a replica.Answer) reply {
	h := a.Reply.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	for _, name := range []string{"Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection", "Date"} {
		h.Del(name)
	}
	return reply{
		code: a.Code, billed: a.Charge != idv.NotCharged, refused: a.Refused,
		status: a.Reply.Status, header: h, body: a.Reply.Body,
	}
}

func (p *product) behavior(m Mode) (behavior, error) { return p.modes[m], p.faults[m] }

func (p *product) describe(v *Vendor) {
	v.Product, v.Settings = p.replica.Descriptor().Name, p.replica.Credentials()
	v.AppCode, v.AppSecret = v.Settings["appcode"], v.Settings["app_secret"]
	v.AppKey = inClear(v.Settings["app_key"])
	if _, ok := v.Settings["token_url"]; ok && v.URL != "" {
		v.Settings["token_url"] = idv.NewSensitive(v.URL + replica.TokenPath)
	}
}

// costs returns no outcome: what a product bills is in its replies.
func (*product) costs() map[string]bool { return map[string]bool{} }

func (p *product) codes() any { return p.replica.Rows() }

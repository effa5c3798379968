// Package replica plays a product of a vendor: it reads requests and composes replies. It is
// made from what heyan knows of the product: the descriptor, the codec, the
// authentication schemes and recorded replies.
//
// The codec and the schemes say what a request looks like: a replica encodes fictitious
// persons and learns where each claim, key, time and nonce stands. A request is valid if
// encoding and authenticating the person that it asks for gives the same request. A reply
// is a recorded one with another person and another reference; a code without a recording
// takes one of another code. The codec must read each composed reply as the row of the
// code table that it plays, or [New] reports the row as not playable.
//
// So a replica cannot show a fault that codec and recordings share. The sandbox of idcert
// is written by hand for that.
package replica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/body"
)

// Product is what a replica is made from.
type Product struct {
	Codec   providers.Codec
	Schemes []Scheme // those of the descriptor, preferred first
	Samples []Sample // recorded replies, in their order of preference

	// Settings are values of the product's settings. New generates missing ones.
	Settings  map[string]idv.Sensitive
	TokenLife time.Duration
	NotEchoed idv.ClaimSet // see providers.Factory
}

// Sample is a recorded reply about a person, to the attempt with an ID.
type Sample struct {
	Name    string
	ID      string
	Subject idv.Subject
	Reply   providers.Reply
}

// Authenticator is auth.Authenticator.
type Authenticator interface {
	Authenticate(ctx context.Context, c providers.Call, s providers.Stamp) (providers.Call, error)
}

// Connect returns a transport to a token endpoint.
type Connect func(baseURL string, a Authenticator) (providers.Transport, error)

// Scheme is an authentication scheme; see auth.Scheme.
type Scheme struct {
	Name  string
	Needs []string
	New   func(value func(string) idv.Sensitive, connect Connect) (Authenticator, error)
}

// Replica plays one product. It is safe for concurrent use.
type Replica struct {
	codec    providers.Codec
	format   body.Format // of the replies
	card     idv.Descriptor
	settings map[string]idv.Sensitive
	form     form
	schemes  []*scheme
	tokens   *tokens
	echoed   idv.ClaimSet
	nonces   Nonces
	plays    plays
}

// New learns a product. It returns an error if the product cannot be played at all, such as
// for a request that no claim can be found in.
func New(p Product) (*Replica, error) {
	r := &Replica{codec: p.Codec, card: p.Codec.Describe(), tokens: newTokens(p.TokenLife)}
	r.echoed = r.card.Check.Claims()&^p.NotEchoed | echoOfID
	r.settings = credentials(r.card, p.Schemes, p.Settings)
	if len(p.Samples) == 0 {
		return nil, errors.New("there is no recorded reply")
	}
	r.format = formatOf(p)
	var err error
	if r.form, err = learnForm(p.Codec, p.Samples[0].Subject); err != nil {
		return nil, err
	}
	for _, s := range p.Schemes {
		learned, err := r.learnScheme(s)
		if err != nil {
			return nil, fmt.Errorf("authentication scheme %s: %w", s.Name, err)
		}
		r.schemes = append(r.schemes, learned)
	}
	if r.plays, err = r.collect(p.Samples); err != nil {
		return nil, err
	}
	return r, nil
}

// formatOf returns the format that the codec states, else that of the recorded replies.
func formatOf(p Product) body.Format {
	if f, ok := p.Codec.(body.Formatted); ok {
		return f.Format()
	}
	var bodies [][]byte
	for _, s := range p.Samples {
		bodies = append(bodies, s.Reply.Body)
	}
	return body.Sniff(bodies...)
}

// Descriptor returns the product's descriptor.
func (r *Replica) Descriptor() idv.Descriptor { return r.card }

// Credentials returns the settings that the product requires and those that the
// authentication schemes need. Each call returns a new map.
func (r *Replica) Credentials() map[string]idv.Sensitive {
	out := map[string]idv.Sensitive{}
	for _, s := range r.card.Settings {
		if v, ok := r.settings[s.Name]; ok && s.Required {
			out[s.Name] = v
		}
	}
	for _, s := range r.schemes {
		for _, name := range s.Needs {
			out[name] = r.settings[name]
		}
	}
	return out
}

// Path returns the path of the product.
func (r *Replica) Path() string { return r.form.path }

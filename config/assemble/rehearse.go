package assemble

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// Rehearsal is what a provider would send for a query, with all headers. Nothing was sent for
// it. The calls hold claims and secrets; what is the same in all three depends on neither.
type Rehearsal struct {
	Descriptor   idv.Descriptor
	BaseURL      string
	Real         providers.Call
	OtherPerson  providers.Call // the call about another person; zero if the adapter does not encode it
	OtherSecrets providers.Call // the call with other secrets; zero if the scheme does not take them
	Tokens       []string       // method and address of the calls that fetch the access token, without their parameters
	Unsigned     bool           // the made-up token does not have the vendor's form, so Real lacks what authenticates it
}

// Rehearse encodes and signs the call of a configured provider and sends nothing. It opens no
// store. A plugin is started for it and ended, and secrets are read. queries returns the query
// and one about another person. An access token is made up.
func Rehearse(ctx context.Context, o Options, i int, queries func(idv.Descriptor) (query, other idv.Query, err error)) (Rehearsal, error) {
	r := rehearsal{}
	p := o.Config.Providers[i]
	if p.Plugin.Path != "" {
		plugin, err := plugins.Open(ctx, spec(p, slog.New(slog.DiscardHandler)))
		if err != nil {
			return r.Rehearsal, err
		}
		defer func() { _ = plugin.Close(context.WithoutCancel(ctx)) }() // no call is in it
		if r.plugged, err = plugin.Product(p.Use); err != nil {
			return r.Rehearsal, err
		}
		r.Descriptor = r.plugged.Descriptor()
	} else {
		var err error
		if r.Descriptor, err = Known(p); err != nil {
			return r.Rehearsal, err
		}
	}
	if r.Descriptor.CustomTransport {
		return r.Rehearsal, errors.New("the provider has its own transport, so heyan does not see its requests")
	}
	query, other, err := queries(r.Descriptor)
	if err != nil {
		return r.Rehearsal, err
	}
	if r.line, err = newLine(&o.Config, i, r.Descriptor, NewSecrets(o.Config, o.LookupEnv)); err == nil {
		err = r.line.read(ctx)
	}
	if err != nil {
		return r.Rehearsal, err
	}
	return r.Rehearsal, r.run(ctx, query, other)
}

type rehearsal struct {
	Rehearsal

	plugged plugins.Product
	line    *line
	stamp   providers.Stamp
}

// run makes the three calls.
func (r *rehearsal) run(ctx context.Context, query, other idv.Query) error {
	codec, err := r.codec(ctx)
	if err != nil {
		return err
	}
	r.BaseURL = r.line.plain["base_url"]
	call, err := codec.Encode(query)
	if err != nil {
		return err
	}
	r.Real, err = r.prepare(ctx, call, r.line.secrets)
	tokens := r.Tokens
	if err != nil && len(tokens) > 0 {
		r.Unsigned = true
		r.Real, err = r.send(ctx, call, auth.None())
	}
	if err != nil {
		return err
	}
	// The other two serve to tell what may be shown: without one, its differences are unknown.
	if another, err := codec.Encode(other); err == nil {
		r.OtherPerson, _ = r.prepare(ctx, another, r.line.secrets)
	}
	r.OtherSecrets, _ = r.prepare(ctx, call, placeholders(r.line.secrets))
	r.Tokens = tokens
	return nil
}

func (r *rehearsal) codec(ctx context.Context) (providers.Codec, error) {
	builtin, err := builtIn(r.line.provider, r.line.provider.Plugin.Path != "")
	if err != nil {
		return nil, err
	}
	r.line.schemes = builtin.Schemes
	if r.line.provider.Plugin.Path != "" {
		return r.plugged.Codec(ctx, r.line.plain)
	}
	return builtin.Factory.New(r.line.plain)
}

// placeholders returns other secrets of the same lengths.
func placeholders(secrets map[string]idv.Sensitive) map[string]idv.Sensitive {
	other := map[string]idv.Sensitive{}
	for name, secret := range secrets {
		text := strings.Repeat("0", len(secret.Reveal()))
		if text == secret.Reveal() {
			text = strings.Repeat("1", len(text))
		}
		other[name] = idv.NewSensitive(text)
	}
	return other
}

// prepare signs a call. All calls of a rehearsal have one time and one random number.
func (r *rehearsal) prepare(ctx context.Context, call providers.Call, secrets map[string]idv.Sensitive) (providers.Call, error) {
	authenticator, err := r.line.authenticator(secrets, func(base string, token auth.Authenticator) (providers.Transport, error) {
		return tokenStandIn{r, base, token}, nil
	})
	if err != nil {
		return providers.Call{}, err
	}
	if r.Unsigned {
		authenticator = auth.None()
	}
	return r.send(ctx, call, authenticator)
}

// send does all that is done for a call but sending it.
func (r *rehearsal) send(ctx context.Context, call providers.Call, authenticator auth.Authenticator) (providers.Call, error) {
	client, err := r.line.dial(r.BaseURL, authenticator)
	if err != nil {
		return providers.Call{}, err
	}
	defer client.Close() // it has not dialed
	if r.stamp == (providers.Stamp{}) {
		r.stamp = client.Stamp()
	}
	return client.Prepare(ctx, call, r.stamp)
}

// tokenStandIn stands in for a token endpoint: it notes the call that would fetch a token.
type tokenStandIn struct {
	rehearsal *rehearsal
	base      string
	token     auth.Authenticator
}

// madeUpToken is a reply with a token in the form of OAuth 2.0.
const madeUpToken = `{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600}`

// Do sends nothing.
func (t tokenStandIn) Do(_ context.Context, call providers.Call) (providers.Reply, error) {
	t.rehearsal.Tokens = append(t.rehearsal.Tokens, call.Method+" "+strings.TrimSuffix(t.base, "/")+call.Path)
	return providers.Reply{Status: http.StatusOK, Body: []byte(madeUpToken)}, nil
}

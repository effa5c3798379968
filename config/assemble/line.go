package assemble

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
)

// line is the way from one provider to its vendor: its keys, network and connections. It
// follows the references and files that they come from.
type line struct {
	provider   config.Provider
	descriptor idv.Descriptor
	file       [sha256.Size]byte  // of the declared product
	process    *plugins.Plugin    // nil if the provider has no plugin
	given      config.Settings    // with those of the account
	plain      providers.Settings // of given, what is no secret
	schemes    auth.Table         // of the product, beside the built-in ones
	network    config.Network
	path       string // of the network
	references *Secrets

	part    *part
	adapter idv.Provider
	secrets map[string]idv.Sensitive                 // as they are in use; set by use
	known   atomic.Pointer[map[string]idv.Sensitive] // the same, for readers beside a renewal
	content contents                                 // of the network in use
	way     exchange.Network
	tokens  map[string]*exchange.Exchange // to token endpoints, by base URL
	client  *exchange.Exchange            // nil if the plugin makes its own calls
	custom  *swappable                    // else nil
	remake  func(context.Context, map[string]idv.Sensitive) (idv.Provider, error)

	failing atomic.Bool // something cannot be renewed
	told    string      // the faults that were logged last
}

// newLine returns the line of a provider, which is not connected.
func newLine(conf *config.Config, i int, d idv.Descriptor, references *Secrets) (*line, error) {
	p := conf.Providers[i]
	given := conf.SettingsOf(p)
	l := &line{
		provider: p, descriptor: d, given: given, plain: plain(given, d), references: references, tokens: map[string]*exchange.Exchange{},
	}
	l.network, l.path = conf.NetworkOf(i)
	if p.Declared != "" {
		text, err := strictyaml.ReadFile(p.Declared, strictyaml.MaxSize)
		if err != nil {
			return nil, err
		}
		l.file = sha256.Sum256(text)
	}
	return l, nil
}

// read resolves the provider's secrets and network.
func (l *line) read(ctx context.Context) error {
	secrets, err := l.resolve(ctx)
	l.use(secrets)
	var networkErr error
	if l.content, networkErr = readNetwork(ctx, l.network, l.path, l.references); networkErr == nil {
		l.way, networkErr = l.content.network(l.network, l.path)
	}
	return errors.Join(err, networkErr)
}

// same reports whether the calls of two lines go the same way. What a guard or the engine
// does with them may differ.
func (l *line) same(o *line) bool {
	return l.provider.Name == o.provider.Name && l.provider.Use == o.provider.Use && l.provider.Declared == o.provider.Declared &&
		l.file == o.file && l.process == o.process && transportLimits(l) == transportLimits(o) && maps.Equal(l.given, o.given) &&
		reflect.DeepEqual(l.network, o.network) && reflect.DeepEqual(l.descriptor, o.descriptor)
}

// transportLimits are the limits that the HTTP client keeps.
func transportLimits(l *line) config.Limits {
	limits := l.provider.Limits
	return config.Limits{Concurrency: limits.Concurrency, Timeout: limits.Timeout, Connect: limits.Connect, FirstByte: limits.FirstByte}
}

// close closes the connections that no call uses, and lets calls in flight complete.
func (l *line) close() {
	for _, client := range l.clients() {
		client.Close()
	}
}

// resolve returns the secrets among the settings, by name.
func (l *line) resolve(ctx context.Context) (map[string]idv.Sensitive, error) {
	secrets := map[string]idv.Sensitive{}
	var faults []error
	for _, s := range l.descriptor.Settings {
		if !s.Secret || l.given[s.Name] == "" {
			continue
		}
		secret, err := l.references.Resolve(ctx, l.given[s.Name])
		if err != nil {
			faults = append(faults, fmt.Errorf("settings.%s: %w", s.Name, err))
		}
		secrets[s.Name] = secret
	}
	return secrets, errors.Join(faults...)
}

// use keeps the secrets that are in use from now on.
func (l *line) use(secrets map[string]idv.Sensitive) {
	l.secrets = secrets
	l.known.Store(&secrets)
}

// connect makes the HTTP client that calls the vendor for a codec. The codec gets none of
// the secrets.
func (l *line) connect() error {
	authenticator, err := l.authenticator(l.secrets, l.endpoint)
	if err == nil {
		l.client, err = l.dial(l.plain["base_url"], authenticator)
	}
	return err
}

// authenticator returns the scheme with the given secrets. A token endpoint keeps its
// client, which authenticates by the new ones then.
func (l *line) authenticator(secrets map[string]idv.Sensitive, connect connecting) (auth.Authenticator, error) {
	return append(auth.Schemes(), l.schemes...).Select(l.descriptor.Schemes, auth.Env{
		Value:   func(name string) idv.Sensitive { return l.value(secrets, name) },
		Connect: connect,
	})
}

// value returns a setting, which may be one of the secrets.
func (l *line) value(secrets map[string]idv.Sensitive, name string) idv.Sensitive {
	if secret, ok := secrets[name]; ok {
		return secret
	}
	return idv.NewSensitive(l.plain[name]) // the name of a key is no secret
}

// connecting makes the client of a token endpoint.
type connecting = func(baseURL string, token auth.Authenticator) (providers.Transport, error)

func (l *line) endpoint(baseURL string, token auth.Authenticator) (providers.Transport, error) {
	if client, ok := l.tokens[baseURL]; ok {
		client.SetAuth(token)
		return client, nil
	}
	client, err := l.dial(baseURL, token)
	if err == nil {
		l.tokens[baseURL] = client
	}
	return client, err
}

func (l *line) dial(baseURL string, authenticator auth.Authenticator) (*exchange.Exchange, error) {
	limits := l.provider.Limits
	return exchange.New(exchange.Config{
		BaseURL: baseURL, Auth: authenticator, Network: l.way,
		Connect: limits.Connect, FirstByte: cmp.Or(limits.FirstByte, limits.Timeout), Total: limits.Timeout,
		MaxConns: limits.Concurrency,
	})
}

// clients returns the HTTP clients.
func (l *line) clients() []*exchange.Exchange {
	list := slices.Collect(maps.Values(l.tokens))
	if l.client != nil {
		list = append(list, l.client)
	}
	return list
}

// renewSecrets uses the secrets for new calls if they changed, and reports whether they did.
// After an error the old ones stay in use.
func (l *line) renewSecrets(ctx context.Context) (changed bool, err error) {
	secrets, err := l.resolve(ctx)
	if err != nil || maps.EqualFunc(secrets, l.secrets, idv.Sensitive.Equal) {
		return false, err
	}
	if l.custom != nil {
		provider, err := l.remake(ctx, secrets)
		if err != nil {
			return false, err
		}
		l.custom.current.Store(&provider)
	} else {
		authenticator, err := l.authenticator(secrets, l.endpoint)
		if err != nil {
			return false, err
		}
		l.client.SetAuth(authenticator)
	}
	l.use(secrets)
	return true, nil
}

// renewNetwork uses the network for new connections if a file or secret of it changed, and
// reports whether one did. After an error the old one stays in use.
func (l *line) renewNetwork(ctx context.Context) (changed bool, err error) {
	read, err := readNetwork(ctx, l.network, l.path, l.references)
	if err != nil || read.equal(l.content) {
		return false, err
	}
	way, err := read.network(l.network, l.path)
	if err != nil {
		return false, err
	}
	for _, client := range l.clients() {
		if err := client.SetNetwork(way); err != nil {
			return false, pathFault(l.path, err)
		}
	}
	l.content, l.way = read, way
	return true, nil
}

// renew renews both, and logs what was replaced. A fault is logged when it begins and when
// it ends.
func (l *line) renew(ctx context.Context, log *slog.Logger) (replaced bool) {
	replaced, err := l.renewSecrets(ctx)
	rerouted, networkErr := l.renewNetwork(ctx)
	if ctx.Err() != nil {
		return replaced
	}
	by := slog.String("provider", l.provider.Name)
	if replaced {
		log.Info("provider credentials replaced", by)
	}
	if rerouted {
		log.Info("provider network replaced", by)
	}
	told := ""
	if err := errors.Join(err, networkErr); err != nil {
		told = err.Error()
	}
	switch told {
	case l.told:
	case "":
		log.Info("provider credentials and network read again", by)
	default:
		log.Warn("provider credentials or network not read; the last ones stay in use", by, slog.String("errors", told))
	}
	l.told = told
	l.failing.Store(told != "")
	return replaced
}

// swappable is a provider that is replaced when its secrets change. Calls in flight complete
// on the old one.
type swappable struct{ current atomic.Pointer[idv.Provider] }

// Describe returns the current provider's descriptor.
func (s *swappable) Describe() idv.Descriptor { return (*s.current.Load()).Describe() }

// Availability returns the current provider's.
func (s *swappable) Availability() idv.Availability { return idv.AvailabilityOf(*s.current.Load()) }

// Ask passes a call on.
func (s *swappable) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	return (*s.current.Load()).Ask(ctx, q)
}

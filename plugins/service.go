package plugins

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// service implements the protocol for one or several products.
type service struct {
	pb.UnimplementedProviderServer
	products []product
}

// product is a product on the plugin's side. One of codecs and providers is set.
type product struct {
	descriptor idv.Descriptor
	codecs     *adapterCache[providers.Codec]
	providers  *adapterCache[idv.Provider]
}

// Adapter is what a plugin can serve: a codec, or a provider with a custom transport.
type Adapter interface {
	providers.Factory | CustomTransport
}

func newService[A Adapter](list ...A) *service {
	s := &service{}
	for _, a := range list {
		switch a := any(a).(type) {
		case providers.Factory:
			s.products = append(s.products, codecProduct(a))
		case CustomTransport:
			s.products = append(s.products, customProduct(a))
		}
	}
	return s
}

func codecProduct(f providers.Factory) product {
	return product{descriptor: f.Descriptor, codecs: newAdapterCache(func(s providers.Settings, _ map[string]idv.Sensitive) (providers.Codec, error) {
		return f.New(s)
	})}
}

func customProduct(c CustomTransport) product {
	c.Descriptor.CustomTransport = true
	return product{descriptor: c.Descriptor, providers: newAdapterCache(c.New)}
}

// product returns the product that a request names. The error is for a host that does
// not keep to the descriptors.
func (s *service) product(name string) (product, error) {
	for _, p := range s.products {
		if p.descriptor.Name == name {
			return p, nil
		}
	}
	return product{}, status.Error(codes.NotFound, "the plugin does not serve this product")
}

// codec returns the product that a request names, which must be a codec.
func (s *service) codec(name string) (product, error) {
	p, err := s.product(name)
	if err == nil && p.codecs == nil {
		err = status.Error(codes.Unimplemented, "the product has a custom transport")
	}
	return p, err
}

// Describe returns the descriptors.
func (s *service) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	var list []idv.Descriptor
	for _, p := range s.products {
		list = append(list, p.descriptor)
	}
	return wire.Described(list...), nil
}

// ValidateSettings builds the adapter and returns its error.
func (s *service) ValidateSettings(_ context.Context, r *pb.ValidateSettingsRequest) (*pb.ValidateSettingsResponse, error) {
	p, err := s.product(r.GetProduct())
	if err != nil {
		return nil, err
	}
	if p.codecs != nil {
		_, err = p.codecs.get(r.GetSettings(), nil)
	} else {
		_, err = p.providers.get(r.GetSettings(), r.GetSecrets())
	}
	return wire.Fault(err, wire.SecretsFrom(r.GetSecrets())), nil
}

// Encode runs the codec on a query.
func (s *service) Encode(_ context.Context, r *pb.EncodeRequest) (*pb.EncodeResponse, error) {
	p, err := s.codec(r.GetProduct())
	if err != nil {
		return nil, err
	}
	q := wire.QueryFrom(r.GetQuery())
	codec, err := p.codecs.get(r.GetSettings(), nil)
	if err != nil {
		return wire.Encoded(q, providers.Call{}, refused()), nil
	}
	call, err := codec.Encode(q)
	return wire.Encoded(q, call, err), nil
}

// Decode runs the codec on a reply.
func (s *service) Decode(_ context.Context, r *pb.DecodeRequest) (*pb.DecodeResponse, error) {
	p, err := s.codec(r.GetProduct())
	if err != nil {
		return nil, err
	}
	q := wire.QueryFrom(r.GetQuery())
	codec, err := p.codecs.get(r.GetSettings(), nil)
	if err != nil {
		return wire.Decoded(q, idv.Answer{}, refused()), nil
	}
	answer, err := codec.Decode(q, wire.ReplyFrom(r.GetReply()))
	return wire.Decoded(q, answer, err), nil
}

// Ask calls the provider within the host's deadline.
func (s *service) Ask(ctx context.Context, r *pb.AskRequest) (*pb.AskResponse, error) {
	p, err := s.product(r.GetProduct())
	if err != nil {
		return nil, err
	}
	if p.providers == nil {
		return nil, status.Error(codes.Unimplemented, "a codec has no transport")
	}
	q := wire.QueryFrom(r.GetQuery())
	provider, err := p.providers.get(r.GetSettings(), r.GetSecrets())
	if err != nil {
		e := refused()
		e.Delivery, e.Charge = idv.NotSent, idv.NotCharged
		return wire.Asked(q, idv.Answer{}, e), nil
	}
	answer, err := provider.Ask(ctx, q)
	return wire.Asked(q, answer, err), nil
}

// refused is the failure of a call whose settings ValidateSettings rejects.
func refused() *idv.Error {
	return &idv.Error{Failure: idv.Internal, Origin: idv.OriginEngine, Detail: "the adapter rejects its settings"}
}

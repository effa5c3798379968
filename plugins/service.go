package plugins

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v1"
	"github.com/heyan-id/heyan/providers"
)

// service implements the protocol. One of codecs and providers is set.
type service struct {
	pb.UnimplementedProviderServer
	descriptor idv.Descriptor
	codecs     *adapterCache[providers.Codec]
	providers  *adapterCache[idv.Provider]
}

func newCodecService(b providers.Factory) *service {
	return &service{descriptor: b.Descriptor, codecs: newAdapterCache(func(s providers.Settings, _ map[string]idv.Sensitive) (providers.Codec, error) {
		return b.New(s)
	})}
}

func newProviderService(o CustomTransport) *service {
	o.Descriptor.CustomTransport = true
	return &service{descriptor: o.Descriptor, providers: newAdapterCache(o.New)}
}

// Describe returns the descriptor.
func (s *service) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return wire.Described(s.descriptor), nil
}

// ValidateSettings builds the adapter and returns its error.
func (s *service) ValidateSettings(_ context.Context, r *pb.ValidateSettingsRequest) (*pb.ValidateSettingsResponse, error) {
	var err error
	if s.codecs != nil {
		_, err = s.codecs.get(r.GetSettings(), nil)
	} else {
		_, err = s.providers.get(r.GetSettings(), r.GetSecrets())
	}
	return wire.Fault(err, wire.SecretsFrom(r.GetSecrets())), nil
}

// Encode runs the codec on a query.
func (s *service) Encode(_ context.Context, r *pb.EncodeRequest) (*pb.EncodeResponse, error) {
	if s.codecs == nil {
		return nil, errCustomTransport()
	}
	q := wire.QueryFrom(r.GetQuery())
	codec, err := s.codecs.get(r.GetSettings(), nil)
	if err != nil {
		return wire.Encoded(q, providers.Call{}, refused()), nil
	}
	call, err := codec.Encode(q)
	return wire.Encoded(q, call, err), nil
}

// Decode runs the codec on a reply.
func (s *service) Decode(_ context.Context, r *pb.DecodeRequest) (*pb.DecodeResponse, error) {
	if s.codecs == nil {
		return nil, errCustomTransport()
	}
	q := wire.QueryFrom(r.GetQuery())
	codec, err := s.codecs.get(r.GetSettings(), nil)
	if err != nil {
		return wire.Decoded(q, idv.Answer{}, refused()), nil
	}
	answer, err := codec.Decode(q, wire.ReplyFrom(r.GetReply()))
	return wire.Decoded(q, answer, err), nil
}

// Ask calls the provider within the host's deadline.
func (s *service) Ask(ctx context.Context, r *pb.AskRequest) (*pb.AskResponse, error) {
	if s.providers == nil {
		return nil, status.Error(codes.Unimplemented, "a codec has no transport")
	}
	q := wire.QueryFrom(r.GetQuery())
	provider, err := s.providers.get(r.GetSettings(), r.GetSecrets())
	if err != nil {
		e := refused()
		e.Delivery, e.Charge = idv.NotSent, idv.NotCharged
		return wire.Asked(q, idv.Answer{}, e), nil
	}
	answer, err := provider.Ask(ctx, q)
	return wire.Asked(q, answer, err), nil
}

func errCustomTransport() error {
	return status.Error(codes.Unimplemented, "the plugin has a custom transport")
}

// refused is the failure of a call whose settings ValidateSettings rejects.
func refused() *idv.Error {
	return &idv.Error{Failure: idv.Internal, Origin: idv.OriginEngine, Detail: "the adapter rejects its settings"}
}

package providers

import (
	"context"

	"github.com/heyan-id/heyan/engine/idv"
)

// ContextCodec is a codec in another process, whose calls can hang or fail. They end
// with ctx, so that the caller's deadline is kept. [NewProvider] prefers these
// methods to those of [Codec].
type ContextCodec interface {
	Codec
	EncodeContext(ctx context.Context, q idv.Query) (Call, error)
	DecodeContext(ctx context.Context, q idv.Query, r Reply) (idv.Answer, error)
}

func encode(ctx context.Context, c Codec, q idv.Query) (Call, error) {
	if cc, ok := c.(ContextCodec); ok {
		return cc.EncodeContext(ctx, q)
	}
	return c.Encode(q)
}

func decode(ctx context.Context, c Codec, q idv.Query, r Reply) (idv.Answer, error) {
	if cc, ok := c.(ContextCodec); ok {
		return cc.DecodeContext(ctx, q, r)
	}
	return c.Decode(q, r)
}

// NewProvider returns a provider whose Ask encodes with c, calls t once, and decodes
// with c. Whatever the codec returns, it removes claims from references, codes and
// errors, and c's code table has the last word (see [Table.ValidateAnswer]). Its errors are *idv.Error. It is safe for concurrent use if c and t are.
func NewProvider(c Codec, t Transport) idv.Provider { return provider{c, t} }

type provider struct {
	codec     Codec
	transport Transport
}

// Describe returns the codec's descriptor.
func (p provider) Describe() idv.Descriptor { return p.codec.Describe() }

// Availability returns the codec's, which may be in a process that is restarting.
func (p provider) Availability() idv.Availability { return idv.AvailabilityOf(p.codec) }

// Ask encodes, calls and decodes, each once.
func (p provider) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	call, err := encode(ctx, p.codec, q)
	if err != nil {
		e := p.scrubbed(err, q.Subject)
		// Nothing was sent, whatever the codec says.
		e.Phase, e.Delivery, e.Charge = "encode", idv.NotSent, idv.NotCharged
		return idv.Answer{}, &e
	}
	call.Replies = p.codec.Describe().Replies
	reply, err := p.transport.Do(ctx, call)
	if err != nil {
		e := p.scrubbed(err, q.Subject) // the transport can be the caller's own
		return idv.Answer{}, &e
	}
	answer, err := decode(ctx, p.codec, q, reply)
	if err != nil {
		e := p.scrubbed(err, q.Subject)
		failure := p.table().ValidateFailure(e)
		p.renew(failure, reply.Credential)
		return idv.Answer{}, failure
	}
	answer.VendorRef = SafeRef(answer.VendorRef, q.Subject)
	if q.Subject.ContainedIn(answer.VendorCode) {
		answer.VendorCode = unlisted
	}
	return p.table().ValidateAnswer(answer)
}

func (p provider) table() Table { return p.codec.Describe().Codes }

// renew has the transport replace an access token that the vendor no longer accepts. If
// that helps, the failure is no fault of the credentials, and the gate stays open for the
// next call. The refused call is not repeated, since the vendor may have charged it.
//
// Nor is it one if the secrets were replaced while the call was made.
func (p provider) renew(e *idv.Error, refused Credential) {
	if r, ok := p.transport.(Rotating); ok && e.Failure == idv.BadCredentials && r.Replaced(refused) {
		e.Failure, e.Account, e.Detail = idv.Unavailable, false, ReplacedDetail
		return
	}
	r, ok := p.transport.(Renewer)
	if !ok || refused.Serial == 0 {
		return
	}
	row, _ := p.table().Row(layerOf(e.Origin), e.Code)
	if row.RenewsToken && r.Renew(refused) {
		e.Failure, e.Account, e.Detail = idv.Unavailable, false, "the access token was no longer valid; the next call fetches a new one"
	}
}

// scrubbed returns a copy of a codec's error without the fields that hold a claim.
// The error is logged and stored, and the codec can come from elsewhere.
func (p provider) scrubbed(err error, s idv.Subject) idv.Error {
	e := *idv.AsError(err)
	e.Ref = SafeRef(e.Ref, s)
	if _, listed := p.table().Row(layerOf(e.Origin), e.Code); s.ContainedIn(e.Code) || !listed && s.PartIn(e.Code) {
		e.Code = unlisted
	}
	for _, text := range []*string{&e.Provider, &e.Phase, &e.Detail} {
		if s.ContainedIn(*text) {
			*text = ""
		}
	}
	return e
}

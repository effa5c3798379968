package providers

import (
	"context"

	"github.com/heyan-id/heyan/engine/idv"
)

// ContextCodec is a codec in another process, whose calls can hang or be lost.
// They end when ctx does, so that the caller's deadline holds. [Bind] uses them
// where they are there.
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

// NewProvider joins a codec with the host's hands into a provider that asks once.
func NewProvider(c Codec, x Transport) idv.Provider { return bound{c, x} }

type bound struct {
	codec Codec
	hands Transport
}

// Describe returns the codec's descriptor.
func (b bound) Describe() idv.Descriptor { return b.codec.Describe() }

// Ask encodes, exchanges and decodes, each once.
func (b bound) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	call, err := encode(ctx, b.codec, q)
	if err != nil {
		e := scrubbed(err, q.Subject)
		// Nothing has left yet, whatever the codec says.
		e.Phase, e.Delivery, e.Charge = "encode", idv.NotSent, idv.NotCharged
		return idv.Answer{}, &e
	}
	reply, err := b.hands.Do(ctx, call)
	if err != nil {
		e := scrubbed(err, q.Subject) // the hands may be somebody else's
		return idv.Answer{}, &e
	}
	answer, err := decode(ctx, b.codec, q, reply)
	if err != nil {
		e := scrubbed(err, q.Subject)
		// A reply is here, so bytes did leave: a codec cannot make that undone, and
		// what it says about the charge is worth no more.
		if e.Delivery == idv.NotSent {
			e.Delivery, e.Charge = idv.DeliveryUnknown, idv.ChargeUnknown
		}
		return idv.Answer{}, &e
	}
	answer.VendorRef = SafeRef(answer.VendorRef, q.Subject)
	if q.Subject.ContainedIn(answer.VendorCode) {
		answer.VendorCode = unlisted
	}
	return ValidateAnswer(answer)
}

// scrubbed copies a codec's error and takes out whatever holds a claim: a codec
// may be somebody else's, and its error is logged and stored.
func scrubbed(err error, s idv.Subject) idv.Error {
	e := *idv.AsError(err)
	e.Ref = SafeRef(e.Ref, s)
	if s.ContainedIn(e.Code) {
		e.Code = unlisted
	}
	for _, text := range []*string{&e.Provider, &e.Phase, &e.Detail} {
		if s.ContainedIn(*text) {
			*text = ""
		}
	}
	return e
}

// ValidateAnswer checks an answer from foreign code. A nil error with no verdict in it,
// or a number that is no verdict, is garbled.
func ValidateAnswer(a idv.Answer) (idv.Answer, error) {
	if a.Verdict == idv.Undetermined || !a.Verdict.Valid() || !a.Charge.Valid() {
		return idv.Answer{}, Garbled("an answer without a known verdict or charge")
	}
	return a, nil
}

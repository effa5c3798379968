package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"

	"github.com/heyan-id/heyan/engine/idv"
)

// progress is how far one call has got.
type progress struct {
	caller, own context.Context //nolint:containedctx // both live as long as the one call
	phase       string          // dial, tls, write, first_byte, body
	sent        bool            // a byte of the request left: from here on the vendor may bill
	heard       bool            // a byte of a reply came
	flooded     bool            // the reply's header was longer than the limit
}

// fail turns an error of the network into one of ours. That error is looked at for
// its type and then dropped: its text can hold addresses and what the vendor sent.
func (p *progress) fail(err error) *idv.Error {
	class, detail := p.class(err)
	return p.failure(class, detail)
}

// failure returns a fresh error of the class at the phase reached.
func (p *progress) failure(class idv.Failure, detail string) *idv.Error {
	e := refuse(class, detail)
	e.Phase = p.phase
	if p.sent {
		e.Delivery, e.Charge = idv.DeliveryUnknown, idv.ChargeUnknown
	}
	return e
}

// refuse returns the failure of a call of which nothing was sent.
func refuse(class idv.Failure, detail string) *idv.Error {
	return &idv.Error{
		Failure: class, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Phase: "encode", Detail: detail,
	}
}

func (p *progress) class(err error) (idv.Failure, string) {
	var slow net.Error
	switch {
	case errors.Is(p.caller.Err(), context.Canceled):
		return idv.Canceled, "the caller gave up"
	case p.own.Err() != nil, errors.As(err, &slow) && slow.Timeout():
		return idv.Timeout, "no whole answer within the time allowed"
	case p.flooded:
		return idv.Garbled, "the answer's header is longer than the limit"
	case p.heard && !broke(err):
		return idv.Garbled, "not an HTTP answer that can be relied on"
	}
	return idv.Unavailable, p.unavailable(err)
}

// broke reports whether the connection ended, as against an answer that came and
// could not be read.
func broke(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &op)
}

func (p *progress) unavailable(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errClosed):
		return "the provider was closed, perhaps by a change of configuration"
	case errors.As(err, &name):
		return "the host's name cannot be resolved"
	case errors.As(err, &certificate):
		return "the server's certificate is not trusted"
	}
	switch p.phase {
	case "dial":
		return "no connection could be made"
	case "tls":
		return "no secure connection could be made"
	case "body":
		return "the connection broke within the answer"
	}
	return "the connection broke before an answer"
}

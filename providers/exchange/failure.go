package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"reflect"

	"github.com/heyan-id/heyan/engine/idv"
)

// phaseConnect is the phase until a connection is there: the wait for a free one, TCP and
// the proxy.
const phaseConnect = "connect"

// phaseTLS is the phase of the handshake with the vendor.
const phaseTLS = "tls"

// errExpired is the failure of a call that would present a certificate outside of its time.
var errExpired = errors.New("the client certificate is expired or not yet valid")

// progress records how far one call has got.
type progress struct {
	caller, limited context.Context //nolint:containedctx // both live as long as the one call
	phase           string          // dns, connect, tls, write, first_byte, body
	sent            bool            // a byte of the request was sent: the vendor may bill from here on
	received        bool            // a byte of a reply was received
	headTooLong     bool            // the head of the reply exceeds the limit
	uncertified     bool            // the vendor refused our certificate, and with it the connection
}

// classify turns a network error into an *idv.Error by its type. It drops the text,
// which can hold addresses and what the vendor sent.
func (p *progress) classify(err error) *idv.Error {
	class, detail := p.class(err)
	return p.failure(class, detail)
}

// failure returns a new error of the class in the current phase.
func (p *progress) failure(class idv.Failure, detail string) *idv.Error {
	e := notSent(class, detail)
	e.Phase = p.phase
	if p.sent {
		e.Delivery, e.Charge = idv.DeliveryUnknown, idv.ChargeUnknown
	}
	return e
}

// notSent returns the failure of a call before its first byte was sent.
func notSent(class idv.Failure, detail string) *idv.Error {
	return &idv.Error{
		Failure: class, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Phase: "encode", Detail: detail,
	}
}

func (p *progress) class(err error) (idv.Failure, string) {
	var slow net.Error
	switch {
	case errors.Is(p.caller.Err(), context.Canceled):
		return idv.Canceled, "the caller canceled the call"
	case p.limited.Err() != nil, errors.As(err, &slow) && slow.Timeout():
		return idv.Timeout, "no complete reply within the time limit"
	case p.headTooLong:
		return idv.Garbled, "the reply's head is longer than the limit"
	case p.received && !broken(err):
		return idv.Garbled, "the reply is not valid HTTP"
	}
	return idv.Unavailable, p.unavailable(err)
}

// broken reports whether the connection ended, as opposed to a reply that is not
// valid HTTP.
func broken(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &op)
}

func (p *progress) unavailable(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var refusal proxyError
	switch {
	case errors.As(err, &refusal):
		return refusal.Error()
	case errors.Is(err, errExpired):
		return "our client certificate is expired or not yet valid; replace network.cert_file"
	case p.uncertified:
		return "the vendor refused our client certificate; check network.cert_file"
	case errors.Is(err, errClosed):
		return "the provider is closed, for example by a configuration reload"
	case errors.As(err, &name):
		return "the host's name cannot be resolved"
	case errors.As(err, &certificate):
		return "the server's certificate is not trusted"
	}
	switch p.phase {
	case phaseConnect:
		return "the connection could not be established"
	case phaseTLS:
		return "the TLS handshake failed"
	case "body":
		return "the connection broke while the reply was read"
	}
	return "the connection broke before a reply"
}

// refusesCertificate reports whether an error is a TLS alert about our certificate (RFC
// 8446, section 6.2). With TLS 1.3 it comes after our side of the handshake and so after
// the request, which a server does not read before it has verified the certificate.
func refusesCertificate(err error) bool {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return false
	}
	// The type of an alert is private to crypto/tls.
	alert := reflect.ValueOf(op.Err)
	if alert.Kind() != reflect.Uint8 {
		return false
	}
	const first, last, required = 42, 49, 116 // bad_certificate to access_denied, certificate_required
	return alert.Uint() >= first && alert.Uint() <= last || alert.Uint() == required
}

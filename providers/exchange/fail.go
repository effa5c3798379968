package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"

	"github.com/heyan-id/heyan/engine/idv"
)

// fail turns an error of net/http into one of ours. What that error says is looked
// at for its type only and then dropped: its text, and often that of the errors
// inside it, holds the URL.
func (w *watch) fail(err error) *idv.Error {
	failure, detail := w.class(err)
	return w.failure(failure, detail)
}

// failure returns a fresh error of the class at the phase reached.
func (w *watch) failure(class idv.Failure, detail string) *idv.Error {
	e := refuse(class, detail)
	e.Phase = w.at()
	if w.wrote.Load() {
		e.Sent, e.Charge = idv.SentUnknown, idv.ChargeUnknown
	}
	return e
}

// refuse returns the failure of a call of which nothing was sent.
func refuse(class idv.Failure, detail string) *idv.Error {
	return &idv.Error{
		Failure: class, Origin: idv.OriginEngine, Sent: idv.NotSent, Charge: idv.NotCharged,
		Phase: "encode", Detail: detail,
	}
}

func (w *watch) class(err error) (idv.Failure, string) {
	var slow net.Error
	switch {
	case errors.Is(w.caller.Err(), context.Canceled):
		return idv.Canceled, "the caller gave up"
	case w.own.Err() != nil, errors.As(err, &slow) && slow.Timeout():
		return idv.Timeout, "no whole answer within the time allowed"
	case w.heard.Load() && !broke(err):
		return idv.Garbled, "not an HTTP answer that can be relied on"
	}
	return idv.Unavailable, w.unavailable(err)
}

// broke reports whether the connection ended, as against an answer that came and
// could not be read.
func broke(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &op)
}

func (w *watch) unavailable(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name):
		return "the host's name cannot be resolved"
	case errors.As(err, &certificate):
		return "the server's certificate is not trusted"
	}
	switch w.phase.Load() {
	case dial:
		return "no connection could be made"
	case handshake:
		return "no secure connection could be made"
	case body:
		return "the connection broke within the answer"
	}
	return "the connection broke before an answer"
}

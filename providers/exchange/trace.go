package exchange

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// watch follows one call. Its hooks run on the transport's goroutines, some of
// them after RoundTrip has returned, so all it keeps is atomic.
type watch struct {
	caller, own context.Context //nolint:containedctx // both live as long as the one call
	phase       atomic.Int32
	wrote       atomic.Bool // a header was written: from here on the vendor may bill
	heard       atomic.Bool // a byte of a reply came
}

// The phases, in the order in which a call goes through them.
const (
	dial int32 = iota
	handshake
	write
	firstByte
	body
)

// trace returns the context under which the transport reports to w.
//
// WroteHeaders fires when the head stands in the transport's write buffer and
// before the buffer goes to the connection, and the head always fits (maxHead).
// So as long as it has not fired, nothing left; and RoundTrip returns an error
// only when the connection is closed, so nothing leaves after that either.
func (w *watch) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { w.reach(handshake) },
		GotConn:           func(httptrace.GotConnInfo) { w.reach(write) },
		WroteHeaders:      func() { w.wrote.Store(true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				w.reach(firstByte)
			}
		},
		GotFirstResponseByte: func() { w.heard.Store(true) },
	})
}

// reach moves the phase forward, never back: a dial that the call no longer needs
// goes on in the background and still reports.
func (w *watch) reach(phase int32) {
	for {
		at := w.phase.Load()
		if at >= phase || w.phase.CompareAndSwap(at, phase) {
			return
		}
	}
}

// at returns the phase's name, as [idv.Error] lists them.
func (w *watch) at() string {
	switch w.phase.Load() {
	case dial:
		return "dial"
	case handshake:
		return "tls"
	case write:
		return "write"
	case firstByte:
		return "first_byte"
	}
	return "body"
}

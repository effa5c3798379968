// Package exchange is the host's hands: it makes one HTTP call of a codec, once,
// and says how far the call got.
//
// The package exists because net/http, used plainly, costs money and leaks:
//
//   - http.Transport sends a body-less GET again, in silence, when a kept-alive
//     connection dies under it. The vendor bills both; the caller sees one answer.
//     Here a call without a body has an opaque empty one, which the transport
//     cannot wind back, so the failure surfaces (wire.go).
//   - Almost every error of net/http prints the URL, and with it the name and the
//     number of a person. Here each error is made fresh from the class, the phase
//     and the gateway's request id, and wraps nothing (fail.go).
//   - A followed redirect forwards the key and a Referer with the number in it.
//     Here none is followed: a 3xx is a reply like any other.
//   - HTTP/2's debug switch logs paths and keys, and the environment can name a
//     proxy. Here there is neither HTTP/2 nor a proxy that was not configured.
//
// Whether a call was sent is seen with net/http/httptrace (trace.go): as long as
// no header was written, nothing can have been billed; from then on only a whole
// reply says more.
package exchange

// Package exchange is the host's hands: it makes one HTTP call of a codec, once,
// and says how far the call got.
//
// Requests are written and replies are read by net/http ([http.Request.Write],
// [http.ReadResponse]), connections are made by net and crypto/tls. What is not
// used is http.Transport, for four reasons that were each seen:
//
//   - It sends a body-less GET again, in silence, when a kept-alive connection dies
//     under it. The vendor bills both; the caller sees one answer.
//   - It prints to the standard logger, up to 4 KiB of them, the bytes that a
//     vendor sends after its reply. They can hold a name and a number.
//   - Its errors print the URL, and with it the person. Redirects, HTTP/2's debug
//     switch and the environment's proxy leak more.
//   - Whether a byte of the request left can only be guessed from hooks. Here the
//     bytes are counted as they are written.
//
// So a call runs in the goroutine of its caller, on one connection (link.go), which
// is made (dial.go) or taken from those at rest (pool.go). It is written once and
// there is no code that could write it again. Errors are made fresh from class,
// phase and the gateway's request id (fail.go).
package exchange

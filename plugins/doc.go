// Package plugins runs vendor adapters in processes of their own. It implements both
// ends of the protocol: a plugin's main calls [Serve] or [ServeProvider], and the host
// calls [Open], which starts the program and returns it as a codec or provider.
//
// The protocol is plugins/proto over hashicorp/go-plugin: gRPC on a unix socket in a
// directory that only this user can enter, with certificates made for each start. The
// plugin gets none of the host's environment beyond a short list. A codec gets no
// credentials, since the host signs and sends. Package plugins/internal/wire checks
// every field of a response.
//
// Open supervises the process. When it exits, stops answering or closes its connection,
// it is restarted: at once, then with growing pauses. Calls that arrive meanwhile wait
// briefly; a call that was lost reports how far it got. Plugins keep no state, so
// nothing else is lost.
//
// The configuration pins the program by its sha256. On Linux the program is copied into
// sealed memory, hashed there and executed from there, so it cannot change between
// check and start. Other systems execute a copy in the private directory, which a
// process of the same user could still modify. Scripts ("#!") always run from such a
// copy; the sum covers neither their interpreter nor what they import.
package plugins

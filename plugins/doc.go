// Package plugins runs vendors in processes of their own. It is both ends of the
// wire: [Serve] and [ServeProvider] are all that a plugin's main calls, [Open]
// starts such a program and gives what a built-in vendor gives.
//
// A plugin speaks the protocol in plugins/proto through hashicorp/go-plugin: gRPC
// over a unix socket in a folder that only this user can enter, with certificates
// that are made for each start. It gets no environment, no input and, as long as
// it is a codec, no keys: the host signs and sends. Whatever it answers is checked
// by plugins/internal/wire before it is believed.
//
// A [Plugin] is watched. When its process dies, hangs or closes its connection, it
// is started again: at once, then with growing pauses. Calls that come meanwhile
// wait for a moment; calls that were lost say how far they got. A plugin keeps no
// state, so nothing else is lost with it.
//
// Which program runs is fixed by its sha256. On Linux the bytes are copied into
// sealed memory, hashed there and executed from there, so no one can change them in
// between. Other systems execute a copy in the private folder, which a process of
// the same user could still change. A script ("#!") is executed from such a copy
// everywhere, and its interpreter and what it imports are not covered by its sum.
package plugins

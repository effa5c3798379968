// Package rpcapi serves heyan's operations over gRPC, gRPC-Web and Connect.
//
// Each procedure of the protocol heyan.v1 is an operation of the REST API: [Handler] translates
// the message into the request of that operation, has the handler of REST serve it in this
// process, and translates the response. So authentication, scopes, limits, rules, audit and
// metrics are the same for both, and none of them is in this package.
package rpcapi

import (
	"context"
	"net/http"
	"path"
	"strings"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"
)

// maxMessage is the largest message of a request in bytes, as the body of REST.
const maxMessage = 64 << 10

// Options are what the procedures use.
type Options struct {
	REST   http.Handler // serves the operations, and every path that is no procedure
	Health *Health      // the state of the process; nil if it always serves
}

// Handler returns the handler of the public address. It serves procedures over HTTP/1.1, which
// gRPC does not use, and HTTP/2. It is safe for concurrent use.
func Handler(o Options) http.Handler {
	server := connect.NewServer(guarded)
	for _, op := range operations() {
		server.Register(op.method(o.REST))
	}
	server.SetUnknownHandler(unknown)
	if o.Health == nil {
		o.Health = new(Health)
	}
	o.Health.register(server)
	registerReflection(server)
	mux := http.NewServeMux()
	connecthttp.Mount(mux, server, connecthttp.WithReadMaxBytes(maxMessage), connecthttp.WithCodecs(connectproto.NewBinaryCodec(), jsonCodec()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isProcedure(r.URL.Path) {
			o.REST.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store") // responses contain personal data
		w.Header().Set("X-Content-Type-Options", "nosniff")
		ctx := context.WithValue(context.WithValue(r.Context(), callKey{}, r), writerKey{}, w)
		mux.ServeHTTP(w, r.WithContext(ctx))
	})
}

// isProcedure reports whether a path is one of a service, known or not. ServeMux would redirect
// an unclean path.
func isProcedure(p string) bool {
	return (strings.HasPrefix(p, "/heyan.v1.") || strings.HasPrefix(p, "/grpc.")) && p == path.Clean(p)
}

// jsonCodec names members as REST does, has those with a zero value too, and refuses unknown
// ones: a misspelt member would be ignored silently.
func jsonCodec() connect.Codec {
	c := connectproto.NewJSONCodec()
	c.MarshalOptions.UseProtoNames, c.MarshalOptions.EmitDefaultValues = true, true
	c.UnmarshalOptions.DiscardUnknown = false
	return c
}

// unknown answers for procedures that no service has. It does not repeat their names, as which a
// caller may send anything.
func unknown(context.Context, connect.Spec, connect.ServerStream) error {
	return connect.NewError(connect.CodeUnimplemented, "no service has this procedure; reflection and docs/proto list them")
}

// callKey and writerKey are the keys of the HTTP request of a call, and of its response, in its
// context.
type (
	callKey   struct{}
	writerKey struct{}
)

// guarded turns a panic into an error, since its value may contain a claim, and the errors of
// reading a message, whose texts repeat parts of it.
func guarded(next connect.ServerFunc) connect.ServerFunc {
	return func(ctx context.Context, spec connect.Spec, stream connect.ServerStream) (err error) {
		defer func() {
			if recover() != nil {
				err = internal()
			}
		}()
		return next(ctx, spec, checkedStream{stream})
	}
}

// checkedStream is a stream whose errors of reading do not repeat what was read.
type checkedStream struct{ connect.ServerStream }

// Receive reads the next message.
func (s checkedStream) Receive(msg any) error {
	err := s.ServerStream.Receive(msg)
	switch {
	case err == nil:
		return nil
	case connect.CodeOf(err) == connect.CodeInvalidArgument:
		return malformed()
	case connect.CodeOf(err) == connect.CodeResourceExhausted:
		return tooLarge()
	}
	return err
}

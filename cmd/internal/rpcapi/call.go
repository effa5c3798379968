package rpcapi

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/heyan-id/heyan/cmd/internal/api"
)

// The share of the time of a caller's deadline, and its bound, that is kept for the response:
// otherwise the caller would be gone when the result of a vendor that timed out is known.
const (
	replyShare = 20
	replyTime  = 100 * time.Millisecond
)

// call has REST serve a message, and fills the response.
func (o operation) call(ctx context.Context, rest http.Handler, in, out protoreflect.Message) error {
	if end, ok := ctx.Deadline(); ok {
		left := time.Until(end)
		if left <= 0 {
			return connect.NewError(connect.CodeDeadlineExceeded, "the deadline was over when the request arrived; nothing was done")
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-min(left/replyShare, replyTime)))
		defer cancel()
	}
	request, err := o.request(api.WithoutURL(ctx), in)
	if err != nil {
		return err
	}
	response := reply{header: http.Header{}, status: http.StatusOK}
	rest.ServeHTTP(&response, request)
	if info, ok := connect.CallInfoForServerContext(ctx); ok {
		response.passHeaders(info.ResponseHeader())
	}
	switch {
	case response.status < http.StatusMultipleChoices:
		return response.read(out)
	case response.status >= http.StatusInternalServerError && ctx.Err() != nil:
		return connect.NewError(connect.CodeDeadlineExceeded,
			"the deadline was over, or the call was canceled, before the operation ended; it may have had an effect, so read the resource before a repetition")
	}
	return response.problem()
}

// reply is a response of REST.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers.
func (r *reply) Header() http.Header { return r.header }

// Write keeps a part of the body.
func (r *reply) Write(p []byte) (int, error) { return r.body.Write(p) }

// WriteHeader keeps the status.
func (r *reply) WriteHeader(status int) { r.status = status }

// passHeaders passes on the headers that say when to call again.
func (r *reply) passHeaders(to *connect.Header) {
	for _, name := range []string{"Retry-After", "RateLimit-Policy", "RateLimit", "WWW-Authenticate"} {
		if v := r.header.Get(name); v != "" {
			to.Set(name, v)
		}
	}
}

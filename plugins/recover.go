package plugins

import (
	"context"
	"fmt"
	"log/slog"
	"path"
	"runtime"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// recoverPanics turns a panic into one failed call. The log holds the stack and the
// value's type; the value itself may hold a claim.
func recoverPanics(log *slog.Logger) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
		defer func() {
			if v := recover(); v != nil {
				log.Error("adapter panicked", "method", path.Base(info.FullMethod), "kind", crashKind(runtimeText(v)),
					"type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
				resp, err = nil, status.Error(codes.Internal, "the adapter panicked")
			}
		}()
		return next(ctx, req)
	}
}

// runtimeText returns the message of a runtime error, "" for any other value.
func runtimeText(v any) string {
	if e, ok := v.(runtime.Error); ok {
		return e.Error()
	}
	return ""
}

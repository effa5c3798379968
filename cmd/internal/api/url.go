package api

import "context"

type withoutURLKey struct{}

// WithoutURL returns the context of a request that no caller has sent as a URL: a front has
// made it of a message, so no proxy has logged what its path and query hold.
func WithoutURL(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutURLKey{}, true)
}

// HasURL reports whether a caller has sent the request of a context as a URL.
func HasURL(ctx context.Context) bool { return ctx.Value(withoutURLKey{}) == nil }

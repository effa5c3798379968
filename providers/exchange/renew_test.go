package exchange

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// ticket is a scheme with tokens. Its token repeats what the vendor's reference is.
type ticket struct {
	auth.Authenticator
	seen    providers.Credential
	refused providers.Credential
}

func (k *ticket) Authenticate(_ context.Context, c providers.Call, _ providers.Stamp) (providers.Call, error) {
	k.seen = c.Credential
	c = c.WithHeader(providers.Param{Name: "X-Token", Value: idv.NewSensitive("token-of-the-call")})
	c.Credential = providers.Credential{Serial: 3, Fresh: true}
	return c, nil
}

func (k *ticket) Renew(refused providers.Credential) bool {
	k.refused = refused
	return true
}

func TestCredentialOfTheReply(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	scheme := &ticket{Authenticator: auth.None()}
	x := open(t, Config{BaseURL: v.url, Auth: scheme})
	call := get()
	call.Credential = providers.Credential{Serial: 99}
	reply, err := x.Do(t.Context(), call)
	want := providers.Credential{Serial: 3, Fresh: true}
	if err != nil || reply.Credential != want {
		t.Fatalf("got %+v, %v; want the scheme's credential %+v", reply.Credential, err, want)
	}
	if scheme.seen.Serial != 0 {
		t.Error("the codec's credential reached the scheme")
	}
	if !x.Renew(reply.Credential) || scheme.refused != want {
		t.Errorf("the scheme was told of %+v, want %+v", scheme.refused, want)
	}
	if open(t, Config{BaseURL: v.url}).Renew(want) {
		t.Error("a scheme without tokens renews one")
	}
}

// A reference that repeats a key of the call is not shown.
func TestReferenceWithAKey(t *testing.T) {
	t.Parallel()
	v := serve(t, func(c net.Conn, _ int32) bool {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Ca-Request-Id: token-of-the-call\r\nContent-Length: 9\r\n\r\n{")
		return false
	})
	_, err := open(t, Config{BaseURL: v.url, Auth: &ticket{Authenticator: auth.None()}}).Do(t.Context(), get())
	if e := idv.AsError(err); err == nil || e.Failure != idv.Unavailable || e.Ref != "" {
		t.Errorf("got %+v, want unavailable without a reference", e)
	}
}

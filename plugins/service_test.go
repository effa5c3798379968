package plugins

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

func TestRecoverPanics(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	guard := recoverPanics(slog.New(slog.NewTextHandler(&log, nil)))
	_, err := guard(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/Decode"}, func(context.Context, any) (any, error) {
		panic("11010120990101005X")
	})
	if status.Code(err) != codes.Internal || strings.Contains(err.Error(), "110101") {
		t.Errorf("got %v, want internal without the value", err)
	}
	if got := log.String(); !strings.Contains(got, "method=Decode") || !strings.Contains(got, "service_test.go") || strings.Contains(got, "110101") {
		t.Errorf("the log should tell where and not what:\n%s", got)
	}
}

func TestHclog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := hclogTo(slog.New(slog.NewTextHandler(&log, nil))).Named("x").With("a", 1)
	h.Debug("quiet")
	h.Info("quiet")
	h.Log(hclog.Trace, "quiet")
	h.Warn("loud-1")
	h.Error("loud-2")
	h.Log(hclog.Warn, "loud-3")
	h.Log(hclog.Error, "loud-4")
	if got := log.String(); strings.Contains(got, "quiet") || strings.Count(got, "loud") != 4 || strings.Count(got, "a=1") != 4 {
		t.Errorf("the log is\n%s", got)
	}
}

// The service asks the adapter for whatever kind it is, and for no other.
func TestServiceKnowsItsKind(t *testing.T) {
	t.Parallel()
	codecs := newService(toy("1.0.0"))
	if _, err := codecs.Ask(t.Context(), &pb.AskRequest{Product: "toy"}); status.Code(err) != codes.Unimplemented {
		t.Errorf("Ask of a codec: %v", err)
	}
	own := newService(CustomTransport{Descriptor: toyCard("1.0.0"), New: func(providers.Settings, map[string]idv.Sensitive) (idv.Provider, error) {
		return nil, errors.New("never")
	}})
	if _, err := own.Encode(t.Context(), &pb.EncodeRequest{Product: "toy"}); status.Code(err) != codes.Unimplemented {
		t.Errorf("Encode of a provider: %v", err)
	}
	if _, err := own.Decode(t.Context(), &pb.DecodeRequest{Product: "toy"}); status.Code(err) != codes.Unimplemented {
		t.Errorf("Decode of a provider: %v", err)
	}
	r, err := own.Ask(t.Context(), &pb.AskRequest{Product: "toy"})
	if err != nil || r.GetFailure().GetFailure() != pb.FailureClass_FAILURE_CLASS_INTERNAL || r.GetFailure().GetDelivery() != pb.Delivery_DELIVERY_NOT_SENT {
		t.Errorf("Ask with bad settings: %v, %v", r, err)
	}
	if d, err := own.Describe(t.Context(), nil); err != nil || !d.GetProducts()[0].GetCustomTransport() {
		t.Errorf("Describe: %v, %v", d, err)
	}
	bad := map[string]string{"mood": "bad"}
	e, err := codecs.Encode(t.Context(), &pb.EncodeRequest{Product: "toy", Settings: bad})
	if err != nil || e.GetFailure().GetDetail() != refused().Detail {
		t.Errorf("Encode with bad settings: %v, %v", e, err)
	}
	d, err := codecs.Decode(t.Context(), &pb.DecodeRequest{Product: "toy", Settings: bad})
	if err != nil || d.GetFailure().GetDetail() != refused().Detail {
		t.Errorf("Decode with bad settings: %v, %v", d, err)
	}
}

func TestAdapterCache(t *testing.T) {
	t.Parallel()
	made := 0
	w := newAdapterCache(func(s providers.Settings, secrets map[string]idv.Sensitive) (int, error) {
		if s["a"] == "bad" {
			return 0, errors.New("bad")
		}
		made++
		return made, nil
	})
	get := func(settings, secrets map[string]string) int {
		n, err := w.get(settings, secrets)
		if err != nil {
			return -1
		}
		return n
	}
	m := func(pairs ...string) map[string]string {
		out := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = pairs[i+1]
		}
		return out
	}
	tests := []struct {
		name              string
		settings, secrets map[string]string
		want              int
	}{
		{"the first", m("a", "1", "b", "2"), nil, 1},
		{"again", m("b", "2", "a", "1"), nil, 1},
		{"another value", m("a", "1", "b", "3"), nil, 2},
		{"as a secret", m("a", "1"), m("b", "2"), 3},
		{"a value like a line", m("a", "1\"\n\"b\"=\"2"), nil, 4},
		{"bad", m("a", "bad"), nil, -1},
		{"none", nil, nil, 5},
	}
	for _, tt := range tests {
		if got := get(tt.settings, tt.secrets); got != tt.want {
			t.Errorf("%s: adapter %d, want %d", tt.name, got, tt.want)
		}
	}
	for n := range 10 * maxAdapters {
		get(m("a", strings.Repeat("x", n)), nil)
	}
	if len(w.adapters) > maxAdapters {
		t.Errorf("%d adapters are kept", len(w.adapters))
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range []Reason{
		ReasonSpec, ReasonName, ReasonMissing, ReasonNotAFile, ReasonUnsafeFile, ReasonNotExecutable, ReasonUnpinned, ReasonChecksum,
		ReasonFolder, ReasonStartExit, ReasonStartTimeout, ReasonHandshake, ReasonProtocol, ReasonConnection, ReasonDescriptor, ReasonProduct, ReasonVersion,
		ReasonChanged, ReasonSettings, ReasonCrashed, ReasonHung, ReasonConnectionLost, ReasonStopped,
	} {
		if r.What() == "" || r.Remedy() == "" || seen[r.What()] {
			t.Errorf("%s has no words of its own", r)
		}
		seen[r.What()] = true
	}
	if ReasonNone.What() != "" || Reason("other").Remedy() != "" {
		t.Error("there are words for no reason")
	}
}

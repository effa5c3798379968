package daemon_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1"
	"github.com/heyan-id/heyan/config"
)

const verifyProcedure = "/heyan.v1.VerificationService/Verify"

// zhang returns the request of the usual person.
func zhang(key string) *heyanv1.VerifyRequest {
	return &heyanv1.VerifyRequest{Check: heyanv1.Check_CHECK_ID_NAME, Subject: &heyanv1.Subject{Name: "张三", IdNumber: number}, IdempotencyKey: key}
}

// dial connects with grpc-go.
func (h *fixture) dial(c credentials.TransportCredentials) *grpc.ClientConn {
	h.t.Helper()
	conn, err := grpc.NewClient(h.at.Listen, grpc.WithTransportCredentials(c))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestGRPCOverTLS: over HTTP/2 with TLS, a client certificate authenticates a call; health needs none.
func TestGRPCOverTLS(t *testing.T) {
	t.Parallel()
	files, pool := t.TempDir(), x509.NewCertPool()
	certified(t, files, 1, pool)
	at := func(name string) string { return filepath.Join(files, name) }
	shop := clientCertificate(t, at("clients.pem"), "shop")
	h, _, _ := guarded(t, func(c *config.Config) {
		c.TLS = config.TLS{Mode: "files", Cert: at("tls.crt"), Key: at("tls.key"), ClientCA: at("clients.pem")}
		c.Auth.MTLS = []config.MTLS{{Name: "shop", Subject: "CN=shop", Tenant: "mall", Scopes: []string{"verify"}}}
	})
	with := func(certs ...tls.Certificate) *grpc.ClientConn {
		return h.dial(credentials.NewTLS(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, Certificates: certs}))
	}
	known, unknown := with(shop), with()
	var v heyanv1.Verification
	if err := known.Invoke(t.Context(), verifyProcedure, zhang(""), &v); err != nil || v.GetVerdict() != heyanv1.Verdict_VERDICT_MATCH {
		t.Errorf("with a certificate: %v, %v", &v, err)
	}
	if err := known.Invoke(t.Context(), "/heyan.v1.KeyService/ListKeys", &heyanv1.ListKeysRequest{}, &heyanv1.ListKeysResponse{}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("without the scope: %v", err)
	}
	if err := unknown.Invoke(t.Context(), verifyProcedure, zhang(""), &v); status.Code(err) != codes.Unauthenticated {
		t.Errorf("without a certificate: %v", err)
	}
	health, err := grpc_health_v1.NewHealthClient(unknown).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil || health.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", health, err)
	}
	h.silent(h.logged())
}

// TestDeadlineOverGRPC: the deadline of a call ends that of a vendor which does not answer, and
// what is known of it is kept for a repetition.
func TestDeadlineOverGRPC(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	h.set("idcert-a", "stall")
	conn := h.dial(insecure.NewCredentials())
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	var v heyanv1.Verification
	err := conn.Invoke(ctx, verifyProcedure, zhang("k"), &v)
	if err != nil && status.Code(err) != codes.DeadlineExceeded { // a busy machine may answer too late
		t.Fatal(err)
	}
	h.wait(func() bool {
		err = conn.Invoke(t.Context(), verifyProcedure, zhang("k"), &v)
		return status.Code(err) != codes.Aborted
	})
	if err != nil || v.GetReason() != "timeout" || len(v.GetAttempts()) != 1 || h.sandbox.Stats()["idcert-a"].Requests != 1 {
		t.Errorf("%v, %v after %d calls", err, &v, h.sandbox.Stats()["idcert-a"].Requests)
	}
}

// TestStopEndsIdleHTTP2: an idle connection of a client of gRPC does not delay the stop.
func TestStopEndsIdleHTTP2(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	if err := h.dial(insecure.NewCredentials()).Invoke(t.Context(), verifyProcedure, zhang(""), new(heyanv1.Verification)); err != nil {
		t.Fatal(err)
	}
	h.end()
	if !strings.Contains(h.logged(), `"msg":"stopped","orderly":true`) {
		t.Errorf("got %s", h.logged())
	}
}

// TestWatchOfHealth: a stream of health goes on over a reload. The stop is its last message, and
// it does not delay the stop.
func TestWatchOfHealth(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	stream, err := grpc_health_v1.NewHealthClient(h.dial(insecure.NewCredentials())).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	next := func(want grpc_health_v1.HealthCheckResponse_ServingStatus) {
		t.Helper()
		if got, err := stream.Recv(); err != nil || got.GetStatus() != want {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
	}
	next(grpc_health_v1.HealthCheckResponse_SERVING)
	h.reloadWith("configuration reloaded", func(c *config.Config) { c.Timeout -= time.Second })
	go h.end()
	next(grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	if got, err := stream.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("at the end: %v, %v", got, err)
	}
	h.waitForLog(`"msg":"stopped","orderly":true`)
}

package rpcapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/grpcreflect/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1"
)

// served starts a server of both versions of HTTP, and returns its address.
func served(t *testing.T, o Options) string {
	t.Helper()
	s := httptest.NewUnstartedServer(Handler(o))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// dial connects as grpc-go does.
func dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// answers is a handler of REST that answers always the same.
func answers(code int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// post sends a message as curl does.
func post(h http.Handler, procedure, contentType, body string) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest(http.MethodPost, "/heyan.v1."+url.PathEscape(procedure), strings.NewReader(body)), httptest.NewRecorder()
	r.URL.Path, r.URL.RawPath = "/heyan.v1."+procedure, ""
	r.Header.Set("Content-Type", contentType)
	h.ServeHTTP(w, r)
	return w
}

const claim = "司徒金丝雀"

// TestFaultsOfMessages: what cannot be read, or goes wrong, is an error that repeats nothing.
func TestFaultsOfMessages(t *testing.T) {
	t.Parallel()
	panics := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(claim) })
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(bytes.Repeat([]byte(" "), 1<<20))
	_ = z.Close()
	tests := []struct {
		name, procedure, kind, body, want string
		rest                              http.Handler
	}{
		{"no JSON", "VerificationService/Verify", "application/json", claim, "invalid_argument", nil},
		{"unknown member", "VerificationService/Verify", "application/json", `{"` + claim + `":1}`, "invalid_argument", nil},
		{"misspelt member", "VerificationService/Verify", "application/json", `{"consentid":"x"}`, "invalid_argument", nil},
		{"another type", "VerificationService/Verify", "application/json", `{"subject":"` + claim + `"}`, "invalid_argument", nil},
		{"unknown word", "VerificationService/Verify", "application/json", `{"check":"` + claim + `"}`, "invalid_argument", nil},
		{"duplicate member", "VerificationService/Verify", "application/json", `{"purpose":"a","purpose":"` + claim + `"}`, "invalid_argument", nil},
		{"cut off", "VerificationService/Verify", "application/json", `{"subject":{"name":"` + claim, "invalid_argument", nil},
		{"no message", "VerificationService/Verify", "application/proto", claim, "invalid_argument", nil},
		{"too large", "VerificationService/Verify", "application/json", `{"purpose":"` + strings.Repeat(claim, 6000) + `"}`, "resource_exhausted", nil},
		{"no id", "VerificationService/GetVerification", "application/json", `{}`, "invalid_argument", nil},
		{"unknown procedure", "VerificationService/" + claim, "application/json", `{}`, "unimplemented", nil},
		{"a panic", "VerificationService/Verify", "application/json", `{}`, "internal", panics},
		{"no problem", "VerificationService/Verify", "application/json", `{}`, "internal", answers(500, claim)},
		{"no verification", "VerificationService/Verify", "application/json", `{}`, "internal", answers(200, `{"verdict":["`+claim+`"]}`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rest := tt.rest
			if rest == nil {
				rest = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("REST was asked") })
			}
			w := post(Handler(Options{REST: rest}), tt.procedure, tt.kind, tt.body)
			if text := w.Body.String(); !strings.Contains(text, `"code":"`+tt.want+`"`) || strings.Contains(text, claim) || strings.Contains(text, "司徒") {
				t.Errorf("status %d: %s", w.Code, text)
			}
			if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("got the headers %v", w.Header())
			}
		})
	}
	r, w := httptest.NewRequest(http.MethodPost, "/heyan.v1.VerificationService/Verify", &zipped), httptest.NewRecorder()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", "gzip")
	if Handler(Options{REST: panics}).ServeHTTP(w, r); !strings.Contains(w.Body.String(), "resource_exhausted") {
		t.Errorf("a message that grows: %s", w.Body)
	}
}

// TestProblems shows the code and the detail of the problems of REST.
func TestProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		want   codes.Code
	}{
		{"invalid_input", 422, codes.InvalidArgument}, {"bad_request", 400, codes.InvalidArgument}, {"idempotency_key_reused", 422, codes.InvalidArgument},
		{"unsupported", 422, codes.InvalidArgument}, {"unknown_host", 421, codes.InvalidArgument},
		{"unauthenticated", 401, codes.Unauthenticated}, {"forbidden", 403, codes.PermissionDenied}, {"denied", 403, codes.PermissionDenied},
		{"cross_origin", 403, codes.PermissionDenied}, {"not_found", 404, codes.NotFound}, {"exists", 409, codes.AlreadyExists},
		{"lot_state", 409, codes.FailedPrecondition}, {"consent_state", 409, codes.FailedPrecondition}, {"erased", 410, codes.FailedPrecondition},
		{"idempotency_in_progress", 409, codes.Aborted}, {"throttled", 429, codes.ResourceExhausted}, {"rate_limited", 429, codes.ResourceExhausted},
		{"too_large", 413, codes.ResourceExhausted}, {"overloaded", 503, codes.Unavailable}, {"store_unwritable", 503, codes.Unavailable},
		{"shutting_down", 503, codes.Unavailable}, {"result_unconfirmed", 503, codes.Unknown}, {"internal", 500, codes.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body := `{"type":"urn:heyan:problem:` + tt.name + `","title":"T","status":` + strconv.Itoa(tt.status) + `,"detail":"what to do",` +
				`"errors":[{"location":"body.subject.id_number","rule":"check_digit","message":"m"},{"location":"header.Idempotency-Key","message":"m"},{"location":"body","message":"m"}],` +
				`"rules":[{"rule":"r","zh":"中","en":"e"}],"verification":"ver_1"}`
			conn := dial(t, served(t, Options{REST: answers(tt.status, body, "Retry-After", "7")}))
			err := conn.Invoke(t.Context(), "/heyan.v1.VerificationService/Verify", &heyanv1.VerifyRequest{}, &heyanv1.Verification{})
			got := status.Convert(err)
			if got.Code() != tt.want || got.Message() != "what to do" || len(got.Details()) != 1 {
				t.Fatalf("got %v with %v, want %v", err, got.Details(), tt.want)
			}
			p, _ := got.Details()[0].(*heyanv1.Problem)
			var fields []string
			for _, f := range p.GetErrors() {
				fields = append(fields, f.GetLocation())
			}
			if !slices.Equal(fields, []string{"subject.id_number", "idempotency_key", ""}) || p.GetRules()[0].GetZh() != "中" || p.GetVerification() != "ver_1" ||
				p.GetRetryAfter().AsDuration() != 7*time.Second || p.GetErrors()[0].GetRule() != "check_digit" {
				t.Errorf("got %v", p)
			}
		})
	}
}

// TestSignedDocuments: the bytes of a signed document are not read.
func TestSignedDocuments(t *testing.T) {
	t.Parallel()
	const document = `{ "b":1,"a":[ 1.0 ] }`
	conn := dial(t, served(t, Options{REST: answers(200, document)}))
	var out heyanv1.SignedDocument
	if err := conn.Invoke(t.Context(), "/heyan.v1.ConsentService/GetReceipt", &heyanv1.GetReceiptRequest{Id: "con_1"}, &out); err != nil || string(out.GetDocument()) != document {
		t.Errorf("got %s, %v", out.GetDocument(), err)
	}
}

// TestIdempotencyKeyIsOne: the key is a field or metadata, and not two different ones.
func TestIdempotencyKeyIsOne(t *testing.T) {
	t.Parallel()
	o := operationOf(t, "Verify")
	for _, tt := range []struct {
		field  string
		header []string
		want   string
		fails  bool
	}{
		{"a", nil, "a", false}, {"", []string{"a"}, "a", false}, {"a", []string{"a"}, "a", false}, {"a", []string{"b"}, "", true}, {"a", []string{"a", "b"}, "", true},
	} {
		r, err := o.request(asked(http.Header{keyHeader: tt.header}), (&heyanv1.VerifyRequest{IdempotencyKey: tt.field}).ProtoReflect())
		if (err != nil) != tt.fails || err == nil && r.Header.Get(keyHeader) != tt.want {
			t.Errorf("%q beside %q: %v", tt.field, tt.header, err)
		}
	}
}

// TestDeadlines: the deadline of a call is that of the request, less the time for the response.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ timeout, want time.Duration }{{time.Second, 950 * time.Millisecond}, {time.Minute, time.Minute - 100*time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			o, begun := operationOf(t, "Verify"), time.Now()
			ctx, cancel := context.WithTimeout(asked(http.Header{}), tt.timeout)
			defer cancel()
			rest := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				answers(503, `{"type":"urn:heyan:problem:store_unwritable","status":503}`)(w, r)
			})
			err := o.call(ctx, rest, new(heyanv1.VerifyRequest).ProtoReflect(), new(heyanv1.Verification).ProtoReflect())
			if connect.CodeOf(err) != connect.CodeDeadlineExceeded || time.Since(begun) != tt.want {
				t.Errorf("got %v after %v, want the end after %v", err, time.Since(begun), tt.want)
			}
			time.Sleep(time.Hour)
			never := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("REST was asked after the deadline") })
			if err := o.call(ctx, never, new(heyanv1.VerifyRequest).ProtoReflect(), new(heyanv1.Verification).ProtoReflect()); connect.CodeOf(err) != connect.CodeDeadlineExceeded {
				t.Errorf("after the deadline: %v", err)
			}
		})
	}
}

// TestReflection: tools find the services and their messages, and no other part of the program.
func TestReflection(t *testing.T) {
	t.Parallel()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	client := grpcreflect.NewClient(connect.NewClient(connecthttp.NewTransport(&http.Client{Transport: transport}, "http://"+served(t, Options{}), connecthttp.WithGRPC())))
	stream := client.NewStream(t.Context())
	defer func() { _ = stream.Close() }()
	services, err := stream.ListServices()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []protoreflect.FullName{"heyan.v1.VerificationService", "heyan.v1.KeyService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"} {
		if !slices.Contains(services, want) {
			t.Errorf("%s is not among %v", want, services)
		}
	}
	for symbol, known := range map[protoreflect.FullName]bool{
		"heyan.v1.Verification": true, "heyan.v1.Problem": true, "google.protobuf.Timestamp": true, "grpc.health.v1.HealthCheckRequest": true,
		"heyan.provider.v2.Provider": false, "heyan.provider.v2.DescribeRequest": false,
	} {
		if _, err := stream.FileContainingSymbol(symbol); (err == nil) != known {
			t.Errorf("%s: %v", symbol, err)
		}
	}
}

// TestOtherPathsAreREST: what is no procedure is left to REST as it is.
func TestOtherPathsAreREST(t *testing.T) {
	t.Parallel()
	h := Handler(Options{REST: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "REST "+r.URL.Path) })})
	for path, rest := range map[string]bool{
		"/v1/verifications": true, "/": true, "//heyan.v1.VerificationService/Verify": true, "/heyan.v1.VerificationService/../x": true, "/heyan.v2.X/Y": true,
		"/heyan.v1.VerificationService/Verify": false, "/grpc.health.v1.Health/Check": false,
	} {
		r, w := httptest.NewRequest(http.MethodGet, "http://localhost/", nil), httptest.NewRecorder()
		r.URL.Path = path
		h.ServeHTTP(w, r)
		if got := strings.HasPrefix(w.Body.String(), "REST "+path); got != rest || w.Code == http.StatusMovedPermanently {
			t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
		}
	}
}

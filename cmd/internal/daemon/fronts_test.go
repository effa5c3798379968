package daemon_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1"
)

// rpc is a call of an operation by its id in the OpenAPI document.
type rpc struct {
	operation, key, idempotencyKey string
	request                        map[string]any // the members, in the words of REST
}

// reply is what a front answers: a body, or a problem.
type reply struct {
	body    map[string]any // with the words of REST or the names of the protocol
	problem *heyanv1.Problem
}

// front calls a daemon over one protocol, or with a client.
type front func(ctx context.Context, t *testing.T, address string, c rpc) reply

func fronts(t *testing.T) map[string]front {
	t.Helper()
	return map[string]front{"REST": overREST, "gRPC": overGRPC, "Connect": overConnect, "Go client": withGoClient(t)}
}

// overREST makes the request that the OpenAPI document describes.
func overREST(ctx context.Context, t *testing.T, address string, c rpc) reply {
	t.Helper()
	verb, path := routeOf(t, address, c.operation)
	rest, query := map[string]any{}, url.Values{}
	for name, v := range c.request {
		switch {
		case strings.Contains(path, "{"+name+"}"):
			path = strings.ReplaceAll(path, "{"+name+"}", strings.ReplaceAll(url.PathEscape(fmt.Sprint(v)), ":", "%3A"))
		case verb == http.MethodGet:
			query.Set(name, fmt.Sprint(v))
		default:
			rest[name] = v
		}
	}
	header := http.Header{}
	if c.idempotencyKey != "" {
		header.Set("Idempotency-Key", c.idempotencyKey)
	}
	text := "{}"
	if verb == http.MethodPost {
		b, err := json.Marshal(rest)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	code, header, answer := send(ctx, t, verb, "http://"+address+path+"?"+query.Encode(), c.key, text, header)
	if code < http.StatusBadRequest {
		return reply{body: answer}
	}
	seconds, _ := strconv.ParseInt(header.Get("Retry-After"), 10, 64)
	return reply{problem: problemOf(t, answer, seconds)}
}

// problemOf reads a problem of REST, and writes its fields as the protocol does.
func problemOf(t *testing.T, members map[string]any, retrySeconds int64) *heyanv1.Problem {
	t.Helper()
	var p heyanv1.Problem
	b, err := json.Marshal(members)
	if err == nil {
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(b, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	if retrySeconds > 0 {
		p.RetryAfter = &durationpb.Duration{Seconds: retrySeconds}
	}
	for _, f := range p.GetErrors() {
		_, f.Location, _ = strings.Cut(strings.ReplaceAll(f.GetLocation(), "Idempotency-Key", "idempotency_key"), ".")
	}
	return &p
}

// routeOf returns method and path of an operation.
func routeOf(t *testing.T, address, operation string) (verb, path string) {
	t.Helper()
	resp, err := http.Get("http://" + address + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var doc struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	for path, operations := range doc.Paths {
		for verb, o := range operations {
			if o.OperationID == operation {
				return strings.ToUpper(verb), path
			}
		}
	}
	t.Fatalf("no operation %s", operation)
	return "", ""
}

// send sends JSON and returns status, headers and JSON.
func send(ctx context.Context, t *testing.T, verb, url, key, body string, header http.Header) (int, http.Header, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, verb, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	if r.Header.Set("Content-Type", "application/json"); key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&answer); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return resp.StatusCode, resp.Header, answer
}

// procedureOf returns the procedure of an operation.
func procedureOf(t *testing.T, operation string) protoreflect.MethodDescriptor {
	t.Helper()
	var found protoreflect.MethodDescriptor
	name := protoreflect.Name(strings.ToUpper(operation[:1]) + operation[1:])
	protoregistry.GlobalFiles.RangeFilesByPackage("heyan.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			if m := file.Services().Get(i).Methods().ByName(name); m != nil {
				found = m
			}
		}
		return true
	})
	if found == nil {
		t.Fatalf("no procedure %s", name)
	}
	return found
}

// message returns the message of a call, whose enumerations have the names of the protocol.
func message(t *testing.T, c rpc) (m proto.Message, made func() proto.Message, procedure string) {
	t.Helper()
	p := procedureOf(t, c.operation)
	fields := map[string]any{}
	for name, v := range c.request {
		if f := p.Input().Fields().ByName(protoreflect.Name(name)); f != nil && f.Enum() != nil {
			v = strings.ToUpper(string(f.Enum().Name()) + "_" + fmt.Sprint(v))
		}
		fields[name] = v
	}
	if c.idempotencyKey != "" {
		fields["idempotency_key"] = c.idempotencyKey
	}
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	input, err := protoregistry.GlobalTypes.FindMessageByName(p.Input().FullName())
	if err != nil {
		t.Fatal(err)
	}
	output, err := protoregistry.GlobalTypes.FindMessageByName(p.Output().FullName())
	if err != nil {
		t.Fatal(err)
	}
	m = input.New().Interface()
	if err := protojson.Unmarshal(text, m); err != nil {
		t.Fatal(err)
	}
	return m, func() proto.Message { return output.New().Interface() }, "/" + string(p.Parent().FullName()) + "/" + string(p.Name())
}

// overGRPC calls as grpc-go does, over HTTP/2 without TLS.
func overGRPC(ctx context.Context, t *testing.T, address string, c rpc) reply {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if c.key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.key)
	}
	in, made, procedure := message(t, c)
	out := made()
	if err := conn.Invoke(ctx, procedure, in, out); err != nil {
		for _, detail := range status.Convert(err).Details() {
			if p, ok := detail.(*heyanv1.Problem); ok {
				return reply{problem: p}
			}
		}
		t.Fatalf("%s: an error without a problem: %v", procedure, err)
	}
	return reply{body: fieldsOf(t, out)}
}

func fieldsOf(t *testing.T, m proto.Message) (fields map[string]any) {
	t.Helper()
	text, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// overConnect posts JSON, as curl does.
func overConnect(ctx context.Context, t *testing.T, address string, c rpc) reply {
	t.Helper()
	in, _, procedure := message(t, c)
	text, err := protojson.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	code, _, answer := send(ctx, t, http.MethodPost, "http://"+address+procedure, c.key, string(text), http.Header{})
	if code == http.StatusOK {
		return reply{body: answer}
	}
	details, _ := answer["details"].([]any)
	for _, d := range details {
		detail, _ := d.(map[string]any)
		value, err := base64.RawStdEncoding.DecodeString(fmt.Sprint(detail["value"]))
		var p heyanv1.Problem
		if err == nil && detail["type"] == "heyan.v1.Problem" && proto.Unmarshal(value, &p) == nil {
			return reply{problem: &p}
		}
	}
	t.Fatalf("status %d without a problem: %v", code, answer)
	return reply{}
}

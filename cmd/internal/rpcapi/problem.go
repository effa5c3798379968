package rpcapi

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1"
)

// problemPrefix begins the types of problems.
const problemPrefix = "urn:heyan:problem:"

// problem returns the error of a response that is a problem.
func (r *reply) problem() error {
	p := new(heyanv1.Problem)
	if fillJSON(p.ProtoReflect(), r.body.Bytes()) != nil || p.GetType() == "" {
		return internal()
	}
	for _, f := range p.GetErrors() {
		f.Location = fieldOf(f.GetLocation())
	}
	if seconds, err := strconv.Atoi(r.header.Get("Retry-After")); err == nil {
		p.RetryAfter = durationpb.New(time.Duration(seconds) * time.Second)
	}
	return errorOf(p)
}

// fieldOf returns the field of a message that REST has at a location.
func fieldOf(location string) string {
	part, field, _ := strings.Cut(location, ".")
	if part == "header" {
		field = strings.ToLower(strings.ReplaceAll(field, "-", "_"))
	}
	return field
}

// codesByName returns the codes of the problems whose status does not say enough.
func codesByName() map[string]connect.Code {
	return map[string]connect.Code{
		"exists":                  connect.CodeAlreadyExists,
		"idempotency_in_progress": connect.CodeAborted, // repeat it a little later
		"result_unconfirmed":      connect.CodeUnknown, // of what is unavailable, clients repeat calls by themselves
		"cross_origin":            connect.CodePermissionDenied,
	}
}

// codeOf returns the code of a problem.
func codeOf(p *heyanv1.Problem) connect.Code {
	if c, ok := codesByName()[strings.TrimPrefix(p.GetType(), problemPrefix)]; ok {
		return c
	}
	switch p.GetStatus() {
	case http.StatusUnauthorized:
		return connect.CodeUnauthenticated
	case http.StatusForbidden:
		return connect.CodePermissionDenied
	case http.StatusNotFound:
		return connect.CodeNotFound
	case http.StatusConflict, http.StatusGone:
		return connect.CodeFailedPrecondition
	case http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
		return connect.CodeResourceExhausted
	case http.StatusServiceUnavailable:
		return connect.CodeUnavailable
	case http.StatusInternalServerError:
		return connect.CodeInternal
	}
	return connect.CodeInvalidArgument
}

// errorOf returns the error of a problem, with the problem as its detail.
func errorOf(p *heyanv1.Problem) error {
	value, err := proto.Marshal(p)
	if err != nil {
		return connect.NewError(connect.CodeInternal, "internal error")
	}
	debug, _ := protojson.MarshalOptions{UseProtoNames: true}.Marshal(p) // for people only
	return connect.NewError(codeOf(p), cmp.Or(p.GetDetail(), p.GetTitle())).
		WithDetail(&connect.ErrorDetail{Type: string(p.ProtoReflect().Descriptor().FullName()), Value: value, Debug: debug})
}

func newProblem(status int32, name, detail string, faults ...*heyanv1.Fault) error {
	return errorOf(&heyanv1.Problem{Type: problemPrefix + name, Title: http.StatusText(int(status)), Status: status, Detail: detail, Errors: faults})
}

func invalid(field, message string) error {
	return newProblem(http.StatusUnprocessableEntity, "bad_request", "the request does not follow the protocol heyan.v1; correct what errors lists",
		&heyanv1.Fault{Location: field, Message: message})
}

func malformed() error {
	return newProblem(http.StatusBadRequest, "bad_request", "the message cannot be read as one of the protocol heyan.v1; correct what errors lists",
		&heyanv1.Fault{Message: "is not complete, or has an unknown or duplicate member or a value of another type"})
}

func tooLarge() error {
	return newProblem(http.StatusRequestEntityTooLarge, "too_large", "the message must not exceed 64 KiB")
}

func internal() error {
	return newProblem(http.StatusInternalServerError, "internal",
		"internal error; the request may have had an effect, so repeat it with the same idempotency key or read the resource first")
}

package rpcapi

import (
	"context"
	"net/http"

	"connectrpc.com/connect/v2"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1"
)

// operation is a procedure and the operation of REST that serves it.
type operation struct {
	procedure protoreflect.MethodDescriptor
	verb      string // of HTTP
	path      string // with the names of fields in braces
}

// files are those of the protocol that have services.
func files() []protoreflect.FileDescriptor {
	return []protoreflect.FileDescriptor{
		heyanv1.File_heyan_v1_verification_proto, heyanv1.File_heyan_v1_consent_proto, heyanv1.File_heyan_v1_subject_proto,
		heyanv1.File_heyan_v1_ledger_proto, heyanv1.File_heyan_v1_provider_proto, heyanv1.File_heyan_v1_key_proto,
	}
}

// routes returns method and path of each operation. The name of a procedure is the id of the
// operation in the OpenAPI document, with a capital first letter.
func routes() map[protoreflect.Name][2]string {
	const get, post = http.MethodGet, http.MethodPost
	return map[protoreflect.Name][2]string{
		"Verify":            {post, "/v1/verifications"},
		"Explain":           {post, "/v1/verifications:explain"},
		"GetVerification":   {get, "/v1/verifications/{id}"},
		"ListVerifications": {get, "/v1/verifications"},
		"GetEvidence":       {get, "/v1/verifications/{id}/evidence"},
		"DraftConsent":      {post, "/v1/consents"},
		"ListConsents":      {get, "/v1/consents"},
		"GetConsent":        {get, "/v1/consents/{id}"},
		"GetConsentText":    {get, "/v1/consents/{id}/text"},
		"PresentConsent":    {post, "/v1/consents/{id}:present"},
		"GiveConsent":       {post, "/v1/consents/{id}:give"},
		"RefuseConsent":     {post, "/v1/consents/{id}:refuse"},
		"WithdrawConsent":   {post, "/v1/consents/{id}:withdraw"},
		"GetReceipt":        {get, "/v1/consents/{id}/receipt"},
		"ListReceiptKeys":   {get, "/v1/receipt-keys"},
		"FindSubject":       {post, "/v1/subjects:find"},
		"ExportSubject":     {post, "/v1/subjects:export"},
		"EraseSubject":      {post, "/v1/subjects:erase"},
		"ListLots":          {get, "/v1/ledger/lots"},
		"AddLot":            {post, "/v1/ledger/lots"},
		"CancelLot":         {post, "/v1/ledger/lots/{id}:cancel"},
		"Balance":           {get, "/v1/ledger/balance"},
		"ListEntries":       {get, "/v1/ledger/entries"},
		"ListProviders":     {get, "/v1/providers"},
		"DrainProvider":     {post, "/v1/providers/{name}:drain"},
		"ResumeProvider":    {post, "/v1/providers/{name}:resume"},
		"CloseProvider":     {post, "/v1/providers/{name}:close"},
		"ScoreProvider":     {get, "/v1/providers/{name}/score"},
		"ListFindings":      {get, "/v1/providers/{name}/findings"},
		"ListKeys":          {get, "/v1/keys"},
		"CreateKey":         {post, "/v1/keys"},
		"RevokeKey":         {post, "/v1/keys/{id}:revoke"},
	}
}

// operations lists the procedures that have a route, in the order of the protocol.
func operations() (list []operation) {
	for _, file := range files() {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for n := range methods.Len() {
				if r, ok := routes()[methods.Get(n).Name()]; ok {
					list = append(list, operation{methods.Get(n), r[0], r[1]})
				}
			}
		}
	}
	return list
}

// specOf returns the spec of a procedure with one request and one response. None is marked as
// free of side effects, which would allow requests that hold claims in their URL.
func specOf(m protoreflect.MethodDescriptor) connect.Spec {
	return connect.Spec{StreamType: connect.StreamTypeUnary, Schema: m, Procedure: "/" + string(m.Parent().FullName()) + "/" + string(m.Name())}
}

// method returns the procedure, which the handler of REST serves.
func (o operation) method(rest http.Handler) connect.Method {
	input, output := messageType(o.procedure.Input()), messageType(o.procedure.Output())
	return connect.Method{Spec: specOf(o.procedure), Handler: func(ctx context.Context, _ connect.Spec, stream connect.ServerStream) error {
		in, out := input.New(), output.New()
		if err := stream.Receive(in.Interface()); err != nil {
			return err
		}
		if err := o.call(ctx, rest, in, out); err != nil {
			return err
		}
		return stream.Send(out.Interface())
	}}
}

// messageType returns the Go type of a message of the protocol.
func messageType(d protoreflect.MessageDescriptor) protoreflect.MessageType {
	t, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(err) // the generated code registers all of its messages
	}
	return t
}

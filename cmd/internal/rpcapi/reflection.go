package rpcapi

import (
	"connectrpc.com/connect/v2"
	"connectrpc.com/grpcreflect/v2"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1"
)

// registerReflection describes the services to tools such as grpcurl. As the OpenAPI document
// it needs no key. It knows the protocol and what that imports, and nothing else of the program.
func registerReflection(server *connect.Server) {
	known := new(protoregistry.Files)
	for _, file := range append(files(), heyanv1.File_heyan_v1_problem_proto, grpc_health_v1.File_grpc_health_v1_health_proto) {
		describe(known, file)
	}
	for _, service := range []protoreflect.FullName{grpcreflect.ReflectV1ServiceName, grpcreflect.ReflectV1AlphaServiceName} {
		if d, err := protoregistry.GlobalFiles.FindDescriptorByName(service); err == nil {
			describe(known, d.ParentFile())
		}
	}
	grpcreflect.Register(server, grpcreflect.WithDescriptorResolver(known), grpcreflect.WithExtensionResolver(new(protoregistry.Types)))
}

// describe adds a file and its imports.
func describe(known *protoregistry.Files, file protoreflect.FileDescriptor) {
	if _, err := known.FindFileByPath(file.Path()); err == nil {
		return
	}
	_ = known.RegisterFile(file) // fails for a file that is there already
	for i := range file.Imports().Len() {
		describe(known, file.Imports().Get(i).FileDescriptor)
	}
}

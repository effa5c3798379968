package compat

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/heyan-id/heyan/cmd/internal/rpcapi/heyanv1"
	provider "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
)

// protocols returns a file of each package that others build on. What registers one registers
// them all.
func protocols() []protoreflect.FileDescriptor {
	return []protoreflect.FileDescriptor{heyanv1.File_heyan_v1_key_proto, provider.File_heyan_provider_v2_provider_proto}
}

// TestProtocolsAreCompatible compares both protocols with the last release.
func TestProtocolsAreCompatible(t *testing.T) {
	t.Parallel()
	for _, one := range protocols() {
		f, name := newFacts(), one.Package()
		protoregistry.GlobalFiles.RangeFilesByPackage(name, func(file protoreflect.FileDescriptor) bool {
			f.addFile(file)
			return true
		})
		compare(t, string(name), f)
	}
}

func (f facts) addFile(file protoreflect.FileDescriptor) {
	for i := range file.Services().Len() {
		methods := file.Services().Get(i).Methods()
		for n := range methods.Len() {
			m := methods.Get(n)
			f.offer("rpc %s takes %s returns %s, streams %t %t", m.FullName(), m.Input().FullName(), m.Output().FullName(), m.IsStreamingClient(), m.IsStreamingServer())
		}
	}
	f.addEnums(file.Enums())
	f.addMessages(file.Messages())
}

func (f facts) addEnums(list protoreflect.EnumDescriptors) {
	for i := range list.Len() {
		for n := range list.Get(i).Values().Len() {
			v := list.Get(i).Values().Get(n)
			f.offer("enum %s %s = %d", list.Get(i).FullName(), v.Name(), v.Number())
		}
	}
}

func (f facts) addMessages(list protoreflect.MessageDescriptors) {
	for i := range list.Len() {
		m := list.Get(i)
		f.offer("message %s", m.FullName())
		for n := range m.Fields().Len() {
			f.addField(m.Fields().Get(n))
		}
		for n := range m.ReservedRanges().Len() {
			f.offer("reserved %s %v", m.FullName(), m.ReservedRanges().Get(n))
		}
		f.addEnums(m.Enums())
		f.addMessages(m.Messages())
	}
}

func (f facts) addField(d protoreflect.FieldDescriptor) {
	kind := d.Kind().String()
	switch {
	case d.Message() != nil:
		kind = string(d.Message().FullName())
	case d.Enum() != nil:
		kind = string(d.Enum().FullName())
	}
	oneof := ""
	if d.ContainingOneof() != nil {
		oneof = " in " + string(d.ContainingOneof().Name())
	}
	f.offer("field %s = %d %s %s%s", d.FullName(), d.Number(), d.Cardinality(), kind, oneof)
}

// TestBreaksOfProtocolsAreFound changes a protocol in each way that breaks clients, and in those
// that do not.
func TestBreaksOfProtocolsAreFound(t *testing.T) {
	t.Parallel()
	file, err := protoregistry.GlobalFiles.FindFileByPath("heyan/v1/key.proto")
	if err != nil {
		t.Fatal(err)
	}
	before := newFacts()
	before.addFile(file)
	type parts struct {
		*descriptorpb.FileDescriptorProto

		field *descriptorpb.FieldDescriptorProto // the first of the first message with fields
	}
	tests := []struct {
		name   string
		change func(p parts)
		breaks bool
	}{
		{"none", func(parts) {}, false},
		{"field removed", func(p parts) { p.MessageType[0].Field = p.MessageType[0].Field[1:] }, true},
		{"field renamed", func(p parts) { p.field.Name, p.field.JsonName = proto.String("other"), nil }, true},
		{"field renumbered", func(p parts) { p.field.Number = proto.Int32(77) }, true},
		{"type changed", func(p parts) { p.field.Type = descriptorpb.FieldDescriptorProto_TYPE_BYTES.Enum() }, true},
		{"made a list", func(p parts) { p.field.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum() }, true},
		{"procedure removed", func(p parts) { p.Service[0].Method = p.Service[0].Method[1:] }, true},
		{"procedure streams", func(p parts) { p.Service[0].Method[0].ServerStreaming = proto.Bool(true) }, true},
		{"response changed", func(p parts) { p.Service[0].Method[0].OutputType = proto.String(".heyan.v1.Key") }, true},
		{"field added", func(p parts) {
			p.MessageType[0].Field = append(p.MessageType[0].Field, &descriptorpb.FieldDescriptorProto{
				Name: proto.String("new"), Number: proto.Int32(78), Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			})
		}, false},
		{"procedure added", func(p parts) {
			more := proto.CloneOf(p.Service[0].Method[0])
			more.Name = proto.String("New")
			p.Service[0].Method = append(p.Service[0].Method, more)
		}, false},
		{"message added", func(p parts) {
			p.MessageType = append(p.MessageType, &descriptorpb.DescriptorProto{Name: proto.String("New")})
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := protodesc.ToFileDescriptorProto(file)
			tt.change(parts{d, d.GetMessageType()[0].GetField()[0]})
			changed, err := protodesc.NewFile(d, protoregistry.GlobalFiles)
			if err != nil {
				t.Fatal(err)
			}
			now := newFacts()
			now.addFile(changed)
			if list := now.breaks(before); (len(list) > 0) != tt.breaks {
				t.Errorf("got %q", list)
			}
		})
	}
	enum := newFacts()
	enum.addEnums(enumsOf(t, "heyan/v1/verification.proto"))
	if fewer := newFacts(); len(fewer.breaks(enum)) != len(enum.offers) || !slices.Contains(fewer.breaks(enum), "gone: enum heyan.v1.Verdict VERDICT_MATCH = 1") {
		t.Error("values of enumerations are not compared")
	}
}

func enumsOf(t *testing.T, path string) protoreflect.EnumDescriptors {
	t.Helper()
	file, err := protoregistry.GlobalFiles.FindFileByPath(path)
	if err != nil {
		t.Fatal(err)
	}
	return file.Enums()
}

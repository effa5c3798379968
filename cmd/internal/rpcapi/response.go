package rpcapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// documentField is the field of a response that holds the body of REST unchanged.
const documentField = "document"

// errForm means that a response of REST does not have the form of its message.
var errForm = errors.New("the response does not have the form of its message")

// read fills a message with the body.
func (r *reply) read(out protoreflect.Message) error {
	if f := out.Descriptor().Fields().ByName(documentField); f != nil && f.Kind() == protoreflect.BytesKind {
		out.Set(f, protoreflect.ValueOfBytes(slices.Clone(r.body.Bytes())))
		return nil
	}
	if fillJSON(out, r.body.Bytes()) != nil {
		return internal()
	}
	return nil
}

// fillJSON sets the fields of a message to the members of an object. It leaves out members that
// the message does not have, and null.
func fillJSON(m protoreflect.Message, text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var members map[string]any
	if err := d.Decode(&members); err != nil {
		return errForm
	}
	return fill(m, members)
}

func fill(m protoreflect.Message, members map[string]any) error {
	for name, v := range members {
		f := m.Descriptor().Fields().ByName(protoreflect.Name(name))
		if f == nil || v == nil {
			continue
		}
		if err := set(m, f, v); err != nil {
			return err
		}
	}
	return nil
}

func set(m protoreflect.Message, f protoreflect.FieldDescriptor, v any) error {
	switch {
	case f.IsMap():
		entries, ok := v.(map[string]any)
		if !ok {
			return errForm
		}
		for key, entry := range entries {
			value, err := valueOf(f.MapValue(), entry, nil)
			if err != nil {
				return err
			}
			m.Mutable(f).Map().Set(protoreflect.ValueOfString(key).MapKey(), value)
		}
		return nil
	case f.IsList():
		entries, ok := v.([]any)
		if !ok {
			return errForm
		}
		list := m.Mutable(f).List()
		for _, entry := range entries {
			value, err := valueOf(f, entry, list.NewElement)
			if err != nil {
				return err
			}
			list.Append(value)
		}
		return nil
	}
	value, err := valueOf(f, v, func() protoreflect.Value { return m.NewField(f) })
	if err == nil {
		m.Set(f, value)
	}
	return err
}

// valueOf returns a value of JSON as one of a field; made makes an empty message.
func valueOf(f protoreflect.FieldDescriptor, v any, made func() protoreflect.Value) (protoreflect.Value, error) {
	switch v := v.(type) {
	case bool:
		if f.Kind() == protoreflect.BoolKind {
			return protoreflect.ValueOfBool(v), nil
		}
	case json.Number:
		return numberValue(f, v)
	case string:
		return textValue(f, v)
	case map[string]any:
		if f.Kind() == protoreflect.MessageKind && made != nil {
			value := made()
			return value, fill(value.Message(), v)
		}
	}
	return protoreflect.Value{}, errForm
}

func numberValue(f protoreflect.FieldDescriptor, v json.Number) (protoreflect.Value, error) {
	switch f.Kind() {
	case protoreflect.DoubleKind:
		n, err := v.Float64()
		return protoreflect.ValueOfFloat64(n), err
	case protoreflect.Int64Kind:
		n, err := v.Int64()
		return protoreflect.ValueOfInt64(n), err
	case protoreflect.Int32Kind:
		n, err := v.Int64()
		if err == nil && int64(int32(n)) == n {
			return protoreflect.ValueOfInt32(int32(n)), nil
		}
	}
	return protoreflect.Value{}, errForm
}

func textValue(f protoreflect.FieldDescriptor, v string) (protoreflect.Value, error) {
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(v), nil
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(numberOf(f.Enum(), v)), nil
	case protoreflect.MessageKind:
		if f.Message().FullName() == "google.protobuf.Timestamp" {
			t, err := time.Parse(time.RFC3339Nano, v)
			return protoreflect.ValueOfMessage(timestamppb.New(t).ProtoReflect()), err
		}
	}
	return protoreflect.Value{}, errForm
}

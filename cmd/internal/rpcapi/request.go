package rpcapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// keyField is the field of a message that REST has as a header.
const keyField, keyHeader = "idempotency_key", "Idempotency-Key"

// passed lists the headers of a call that REST reads, beside the key.
func passed() []string {
	return []string{"Authorization", "Origin", "Sec-Fetch-Site", "X-Forwarded-For"}
}

// request returns the request of REST for a message. The error is one for the caller.
func (o operation) request(ctx context.Context, in protoreflect.Message) (*http.Request, error) {
	fields := object(in)
	key, _ := fields[keyField].(string)
	delete(fields, keyField)
	target, err := o.target(fields)
	if err != nil {
		return nil, err
	}
	var body []byte
	switch {
	case o.verb == http.MethodGet:
		target += query(fields)
	case o.hasBody():
		if body, err = json.Marshal(fields); err != nil {
			return nil, internal()
		}
	}
	r, err := http.NewRequestWithContext(ctx, o.verb, target, bytes.NewReader(body))
	if err != nil {
		return nil, internal()
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, adopt(r, key)
}

// adopt gives a request the caller of the call, and its idempotency key.
func adopt(r *http.Request, key string) error {
	call, ok := r.Context().Value(callKey{}).(*http.Request)
	if !ok {
		return internal()
	}
	r.Host, r.RemoteAddr, r.TLS = call.Host, call.RemoteAddr, call.TLS
	for _, name := range append(passed(), keyHeader) {
		if values := call.Header[name]; values != nil {
			r.Header[name] = values
		}
	}
	if key == "" {
		return nil
	}
	if sent := r.Header[keyHeader]; len(sent) > 1 || len(sent) == 1 && sent[0] != key {
		return invalid(keyField, "differs from the metadata Idempotency-Key; send one of them")
	}
	r.Header[keyHeader] = []string{key}
	return nil
}

// target returns the path of the operation, and removes its parts from the fields.
func (o operation) target(fields map[string]any) (string, error) {
	before, rest, found := strings.Cut(o.path, "{")
	if !found {
		return o.path, nil
	}
	name, after, _ := strings.Cut(rest, "}")
	value, _ := fields[name].(string)
	if delete(fields, name); value == "" {
		return "", invalid(name, "is required")
	}
	return before + strings.ReplaceAll(url.PathEscape(value), ":", "%3A") + after, nil
}

// hasBody reports whether the operation has fields beside that of its path.
func (o operation) hasBody() bool {
	fields := o.procedure.Input().Fields().Len()
	if strings.Contains(o.path, "{") {
		fields--
	}
	return fields > 0
}

// query returns fields as the query of a URL.
func query(fields map[string]any) string {
	values := url.Values{}
	for name, v := range fields {
		values.Set(name, fmt.Sprint(v))
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// object returns the fields of a message that are set, in the form of REST.
func object(m protoreflect.Message) map[string]any {
	fields := map[string]any{}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		fields[string(f.Name())] = member(f, v)
		return true
	})
	return fields
}

func member(f protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch {
	case f.IsMap():
		entries := map[string]any{}
		v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
			entries[k.String()] = single(f.MapValue(), v)
			return true
		})
		return entries
	case f.IsList():
		list := make([]any, v.List().Len())
		for i := range list {
			list[i] = single(f, v.List().Get(i))
		}
		return list
	}
	return single(f, v)
}

func single(f protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch f.Kind() {
	case protoreflect.EnumKind:
		return wordOf(f.Enum(), v.Enum())
	case protoreflect.MessageKind:
		if t, ok := v.Message().Interface().(*timestamppb.Timestamp); ok {
			return t.AsTime().Format(time.RFC3339Nano)
		}
		return object(v.Message())
	}
	return v.Interface()
}

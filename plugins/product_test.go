//go:build unix

package plugins

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
)

// One process serves all products of a plugin, and each call reaches its own.
func TestProducts(t *testing.T) {
	t.Parallel()
	p := opened(t, spec(t, "several"))
	for _, name := range []string{"toy/idcard", "toy/other"} {
		product, err := p.Product(name)
		if err != nil {
			t.Fatal(err)
		}
		codec, err := product.Codec(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		call, err := codec.Encode(person(1))
		if err != nil || call.Path != "/"+name || codec.Describe().Name != name {
			t.Errorf("%s: got the call %q of %q, %v", name, call.Path, codec.Describe().Name, err)
		}
	}
	for _, name := range []string{"", "toy", "toy/third", "other/idcard"} {
		_, err := p.Product(name)
		if !errors.Is(err, &Error{Reason: ReasonProduct, Plugin: "toy"}) || !strings.Contains(err.Error(), "toy/idcard, toy/other") {
			t.Errorf("%q: got %v, want an error that lists the products", name, err)
		}
	}
}

// A plugin with one product needs no name, and takes no other.
func TestOnlyProduct(t *testing.T) {
	t.Parallel()
	p := opened(t, spec(t, "good"))
	for name, want := range map[string]bool{"": true, "toy": true, "toy/idcard": false} {
		if _, err := p.Product(name); (err == nil) != want {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

// A product that the plugin does not serve is a fault of the host, never another product.
func TestServiceRefusesOtherProducts(t *testing.T) {
	t.Parallel()
	s := newService(toyProduct("toy/idcard"), toyProduct("toy/other"))
	for _, name := range []string{"", "toy", "toy/third"} {
		_, encode := s.Encode(t.Context(), &pb.EncodeRequest{Product: name})
		_, decode := s.Decode(t.Context(), &pb.DecodeRequest{Product: name})
		_, ask := s.Ask(t.Context(), &pb.AskRequest{Product: name})
		_, validate := s.ValidateSettings(t.Context(), &pb.ValidateSettingsRequest{Product: name})
		for method, err := range map[string]error{"Encode": encode, "Decode": decode, "Ask": ask, "ValidateSettings": validate} {
			if status.Code(err) != codes.NotFound {
				t.Errorf("%s of %q: got %v, want not found", method, name, err)
			}
		}
	}
}

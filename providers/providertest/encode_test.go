package providertest

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The forms of calls that vendors have. The cloud vendors' APIs take all parameters of a
// POST in the query, or a form whose media type, without a charset, is signed.
func TestEncodeForm(t *testing.T) {
	t.Parallel()
	claims := []providers.Param{{Name: "id", Value: idv.NewSensitive("11010120990101005X")}}
	text := idv.NewSensitive("{}")
	tests := []struct {
		name string
		call providers.Call
		ok   bool
	}{
		{"GET", providers.Call{Method: "GET", Query: claims}, true},
		{"GET with a form", providers.Call{Method: "GET", Form: claims}, false},
		{"GET with a body", providers.Call{Method: "GET", Body: text, ContentType: "application/json"}, false},
		{"GET with a media type", providers.Call{Method: "GET", ContentType: "application/json"}, false},
		{"POST with a form", providers.Call{Method: "POST", Form: claims}, true},
		{"POST with a form and its media type", providers.Call{Method: "POST", Form: claims, ContentType: "application/x-www-form-urlencoded"}, true},
		{"POST with a body", providers.Call{Method: "POST", Body: text, ContentType: "application/json"}, true},
		{"POST with a body without its media type", providers.Call{Method: "POST", Body: text}, false},
		{"POST with both", providers.Call{Method: "POST", Form: claims, Body: text, ContentType: "application/json"}, false},
		{"POST with a query", providers.Call{Method: "POST", Query: claims}, true},
		{"POST with a media type of no body", providers.Call{Method: "POST", Query: claims, ContentType: "application/json"}, false},
		{"another method", providers.Call{Method: "PUT", Form: claims}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := toyHarness(t, onCall(func(_ idv.Query, c *providers.Call) { *c = tt.call }))
			if err := encodeForm(t.Context(), h); (err == nil) != tt.ok {
				t.Errorf("got %v, want accepted %v", err, tt.ok)
			}
		})
	}
}

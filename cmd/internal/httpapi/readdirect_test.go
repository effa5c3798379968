package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// TestReadDirect: plain requests are served directly, and the others reach huma with their body.
// FuzzDirect compares what both answer.
func TestReadDirect(t *testing.T) {
	t.Parallel()
	const plain = `{"check":"id_name","app":"web","purpose":"test","subject":{"name":"张三","id_number":"11010519491231002X"}}`
	for _, test := range []struct {
		name, path, accept, body string
		want                     bool
	}{
		{"plain", "/", "", plain, true},
		{"that accepts anything", "/", "*/*", plain, true},
		{"that accepts JSON", "/", "application/json", plain, true},
		{"that accepts more", "/", "application/json, text/plain", plain, false},
		{"with a query", "/?a=b", "", plain, false},
		{"with an unknown member", "/", "", strings.Replace(plain, "app", "App", 1), false},
		{"with a doubled member", "/", "", strings.Replace(plain, `"purpose"`, `"app"`, 1), false},
		{"with null", "/", "", strings.Replace(plain, `"web"`, "null", 1), false},
		{"without a subject", "/", "", `{"check":"id_name"}`, false},
		{"without a check", "/", "", strings.Replace(plain, `"check":"id_name",`, "", 1), false},
		{"with more behind it", "/", "", plain + "{}", false},
		{"that is cut off", "/", "", plain[:50], false},
		{"that is long", "/", "", plain + strings.Repeat(" ", maxDirectBody), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, test.path, strings.NewReader(test.body))
			if test.accept != "" {
				r.Header.Set("Accept", test.accept)
			}
			ctx := humago.NewContext(&huma.Operation{BodyReadTimeout: time.Second}, r, httptest.NewRecorder())
			if _, got := readDirect(ctx, r); got != test.want {
				t.Fatalf("direct: %v, want %v", got, test.want)
			}
			if left, err := io.ReadAll(r.Body); !test.want && (err != nil || string(left) != test.body) {
				t.Errorf("huma gets %q, %v; want %q", left, err, test.body)
			}
		})
	}
}

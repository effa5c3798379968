package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/heyan-id/heyan/cmd/internal/admission"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
)

// unsent is a body that does not arrive until it may end.
type unsent struct{ began, end chan struct{} }

func (u unsent) Read([]byte) (int, error) {
	close(u.began)
	<-u.end
	return 0, io.EOF
}

// overloaded asks while another request has the only place.
func (o *operation) overloaded(c *counter) *httptest.ResponseRecorder {
	d := c.deps
	d.Shares = admission.New(1)
	h := httpapi.API(d)
	body, ended := unsent{make(chan struct{}), make(chan struct{})}, make(chan struct{})
	go func() {
		defer close(ended)
		r := httptest.NewRequest(http.MethodPost, "/v1/verifications", body)
		r.Host = "127.0.0.1"
		r.Header.Set("Content-Type", "application/json")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}()
	<-body.began
	defer func() { <-ended }()
	defer close(body.end)
	return o.ask(h, "x", "", o.body())
}

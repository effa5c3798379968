package webhook

import (
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

func TestNew(t *testing.T) {
	short := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23))
	tests := map[string]struct {
		format      Format
		url, secret string
		want        error
	}{
		"https":                  {Generic, "https://hooks.example/x", "", nil},
		"without a path":         {Generic, "https://hooks.example", "", nil},
		"a path with a slash":    {Generic, "https://hooks.example/x/", "", nil},
		"a query":                {WeCom, "https://hooks.example/send?key=" + token, "", nil},
		"signed":                 {Generic, "https://hooks.example/x", whSecret, nil},
		"loopback":               {Generic, "http://127.0.0.1:9/x", "", nil},
		"no format":              {"", "https://hooks.example/x", "", errFormat},
		"another format":         {"slack", "https://hooks.example/x", "", errFormat},
		"no url":                 {Generic, "", "", errURL},
		"http":                   {Generic, "http://hooks.example/x", "", errURL},
		"another scheme":         {Generic, "ftp://hooks.example/x", "", errURL},
		"a name only":            {Generic, token, "", errURL},
		"a user":                 {Generic, "https://u:" + token + "@hooks.example/x", "", errURL},
		"a fragment":             {Generic, "https://hooks.example/x#" + token, "", errURL},
		"a path that is encoded": {Generic, "https://hooks.example/a%2Fb", "", errURL},
		"a path with a space":    {Generic, "https://hooks.example/a b", "", errURL},
		"a broken query":         {WeCom, "https://hooks.example/x?key=%zz", "", errURL},
		"a broken url":           {Generic, "https://hooks.example:" + token, "", errURL},
		"a secret for wecom":     {WeCom, "https://hooks.example/x", token, errNoSecret},
		"no prefix":              {Generic, "https://hooks.example/x", strings.TrimPrefix(whSecret, "whsec_"), errSecret},
		"no base64":              {Generic, "https://hooks.example/x", "whsec_" + token + "!", errSecret},
		"a short key":            {Generic, "https://hooks.example/x", short, errSecret},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h, err := New(Config{Name: "ops", Format: test.format, URL: idv.NewSensitive(test.url), Secret: idv.NewSensitive(test.secret)})
			if test.want == nil {
				if err != nil {
					t.Fatalf("%v, want a hook", err)
				}
				h.Close()
				return
			}
			if err == nil || err.Error() != "webhook ops: "+test.want.Error() {
				t.Errorf("got %v, want webhook ops: %v", err, test.want)
			}
		})
	}
}

// Over TLS, with a certificate that a private authority made.
func TestTLS(t *testing.T) {
	hits := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer s.Close()
	c := places()[0].at(s.URL)
	c.Network.RootCAs = x509.NewCertPool()
	c.Network.RootCAs.AddCert(s.Certificate())
	if err := open(t, c).Send(t.Context(), low()); err != nil || hits != 1 {
		t.Errorf("%v after %d requests, want nil after one", err, hits)
	}
}

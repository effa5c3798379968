package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/aliyun"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// signed returns the header lines of a signed question, as the host makes them.
func signed(t *testing.T, v sandbox.Vendor, number, name, nonce string, at time.Time) []string {
	t.Helper()
	call := providers.Call{Method: "GET", Path: "/idcard", Query: []providers.Param{
		{Name: "idCard", Value: secret(number)}, {Name: "name", Value: secret(name)},
	}}
	call, err := aliyun.XCa(v.AppKey, v.AppSecret).Authenticate(t.Context(), call, providers.Stamp{At: at, Nonce: nonce})
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{"Accept: " + call.AcceptHeader()}
	for _, h := range call.Header {
		lines = append(lines, h.Name+": "+h.Value.Reveal())
	}
	return lines
}

func TestSignedQuestion(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	v := s.Vendors()[0]
	now := time.Now()
	lines := signed(t, v, evenNumber, anyName, "n1", now)
	steps := []struct {
		title, target string
		header        []string
		status        int
		code          string
	}{
		{"right", target(evenNumber, anyName), lines, 200, ""},
		{"replayed", target(evenNumber, anyName), lines, 400, "I400HD"},
		{"for another person", target(oddNumber, anyName), signed(t, v, evenNumber, anyName, "n2", now), 403, "A403IS"},
		{"stale", target(evenNumber, anyName), signed(t, v, evenNumber, anyName, "n3", now.Add(-16*time.Minute)), 400, "I400HD"},
		{"with the other vendor's key", target(evenNumber, anyName), signed(t, s.Vendors()[1], evenNumber, anyName, "n4", now), 400, "A400IK"},
		{"nonce of one vendor is free at the other", target(evenNumber, anyName), signed(t, v, evenNumber, anyName, "n4", now), 200, ""},
	}
	for _, step := range steps {
		t.Run(step.title, func(t *testing.T) {
			got := raw(t, v, "GET", step.target, step.header...)
			if got.status != step.status || got.code() != step.code {
				t.Errorf("status %d, code %q; want %d, %q", got.status, got.code(), step.status, step.code)
			}
		})
	}
	if st := s.Stats()["idcert-a"]; st.Billed != 2 || len(st.Seen) != 2 {
		t.Errorf("billed %d, seen %d; want 2 of each", st.Billed, len(st.Seen))
	}
}

// TestRefusedSignatureLeaksInTheHeader is what clients are tested against.
func TestRefusedSignatureLeaksInTheHeader(t *testing.T) {
	t.Parallel()
	v := sandboxtest.Start(t, sandbox.Config{}).Vendors()[0]
	got := raw(t, v, "GET", target(evenNumber, anyName), "X-Ca-Key: "+v.AppKey, "X-Ca-Signature: AAAA")
	message := got.header.Get("X-Ca-Error-Message")
	if got.code() != "A403IS" || !strings.HasSuffix(message, "#/idcard?idCard="+evenNumber+"&name="+anyName+"`") {
		t.Errorf("code %q; want A403IS with the claims in its message", got.code())
	}
	checkRefusal(t, got, message)
}

//go:build unix

package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/canarytest"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// TestDumpsHoldNoClaims ends a daemon by the signals that make Go print all goroutines, and
// searches the log and the dump. Calls are in flight, so their claims are on the stacks; Go
// prints the words of arguments, which are addresses, and not what they point to.
func TestDumpsHoldNoClaims(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			out, in, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			fake := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "a"}}})
			cmd, at := serveBefore(t, fake, in)
			_ = in.Close()
			printed := make(chan []byte)
			go func() {
				text, _ := io.ReadAll(out)
				printed <- text
			}()
			persons := canarytest.Persons()
			body := func(p canarytest.Person) string {
				return `{"check":"id_name","subject":{"name":"` + p.Name + `","id_number":"` + p.IDNumber + `"}}`
			}
			for _, p := range persons {
				request(t, http.MethodPost, "http://"+at.Listen+"/v1/verifications", body(p))
			}
			if err := fake.SetScenario(sandbox.Scenario{Vendor: "a", Mode: sandbox.ModeStall}); err != nil {
				t.Fatal(err)
			}
			for _, p := range persons {
				go post(at.Listen, body(p))
			}
			for fake.Stats()["a"].Requests < 4 {
				time.Sleep(time.Millisecond)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // the dump is its error
			text := <-printed
			if !bytes.Contains(text, []byte("goroutine 1 ")) || !bytes.Contains(text, []byte("exchange.")) {
				t.Errorf("no dump with a call in flight: %.2000s", text)
			}
			if hits := canarytest.Hits(text, canarytest.Claims(persons...)...); len(hits) > 0 {
				t.Errorf("the dump holds %v", hits)
			}
		})
	}
}

// post sends a request whose response may never come.
func post(listen, body string) {
	if r, err := http.Post("http://"+listen+"/v1/verifications", "application/json", strings.NewReader(body)); err == nil {
		_ = r.Body.Close()
	}
}

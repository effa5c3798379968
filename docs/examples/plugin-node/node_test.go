// Package node tests the example of a plugin in Node.js, which is in this directory: heyan
// starts it, runs the whole contract over the wire, kills it and waits for its restart. The
// tests are skipped if node or the npm packages of the example are not installed.
package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

const launcher = "./mirrorcert"

// TestContract runs the sentences that every codec keeps, over the wire.
func TestContract(t *testing.T) {
	p := open(t)
	list, err := providertest.Recordings(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	providertest.RunRecordings(t, codecOf(t, p, nil), list, 0)
}

// TestSettings: the plugin's own setting reaches the call, and a bad one is refused
// without its value.
func TestSettings(t *testing.T) {
	p := open(t)
	call, err := codecOf(t, p, providers.Settings{"channel": "counter7"}).Encode(query())
	if err != nil {
		t.Fatal(err)
	}
	if got := call.Query[2]; got.Name != "channel" || got.Value.Reveal() != "counter7" {
		t.Errorf("the third parameter is %s, want the configured channel", got.Name)
	}
	_, err = productOf(t, p).Codec(t.Context(), providers.Settings{"channel": "Not This"})
	if err == nil || !strings.Contains(err.Error(), "channel") || strings.Contains(err.Error(), "Not This") {
		t.Errorf("a bad channel: %v, want an error that names the setting and not its value", err)
	}
}

// TestStatus: what the vendor's server says beside an answer is classed.
func TestStatus(t *testing.T) {
	codec := codecOf(t, open(t), nil)
	tests := []struct {
		status int
		retry  string
		want   idv.Failure
		after  time.Duration
	}{
		{401, "", idv.BadCredentials, 0},
		{403, "", idv.BadCredentials, 0},
		{429, "7", idv.Throttled, 7 * time.Second},
		{429, "tomorrow", idv.Throttled, 0},
		{500, "", idv.Unavailable, 0},
		{503, "", idv.Unavailable, 0},
		{302, "", idv.Garbled, 0},
	}
	for _, tt := range tests {
		reply := providers.Reply{Status: tt.status, Header: map[string][]string{"Retry-After": {tt.retry}}}
		_, err := codec.Decode(query(), reply)
		if e := idv.AsError(err); err == nil || e.Failure != tt.want || e.Retry != tt.after || e.Charge != idv.ChargeUnknown {
			t.Errorf("status %d: %v, %v, want %v, %v and an unknown charge", tt.status, e.Failure, e.Retry, tt.want, tt.after)
		}
	}
}

// TestManyAtOnce: calls that go on side by side are not mixed up.
func TestManyAtOnce(t *testing.T) {
	codec := codecOf(t, open(t), nil)
	var group sync.WaitGroup
	for n := range 64 {
		group.Go(func() {
			q := query()
			q.Subject.Name = idv.NewSensitive(strings.Repeat("测", n%8+2))
			call, err := codec.Encode(q)
			if err != nil || call.Query[1].Value.Reveal() != q.Subject.Name.Reveal() {
				t.Errorf("call %d: %v, or the name of another one", n, err)
			}
		})
	}
	group.Wait()
}

// TestComesBack: the plugin is killed, and answers again.
func TestComesBack(t *testing.T) {
	p := open(t)
	codec := codecOf(t, p, nil)
	if !p.Kill() {
		t.Fatal("there was no process to kill")
	}
	// Each call waits a moment for the plugin. The limit of go test ends a wait in vain.
	for {
		_, err := codec.Encode(query())
		if err == nil && p.State().Restarts > 0 {
			return
		}
		if e := idv.AsError(err); err != nil && (e.Failure != idv.Unavailable || e.Delivery != idv.NotSent) {
			t.Fatalf("a call meanwhile: %v, %v, want unavailable and not sent", e.Failure, e.Delivery)
		}
	}
}

// query is about a made-up person, born in 2099.
func query() idv.Query {
	return idv.Query{
		ID: "q1", Check: idv.CheckIDName, Document: idv.Resident18,
		Subject: idv.Subject{Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010120990101005X")},
	}
}

// open starts the plugin as the daemon does.
func open(t *testing.T) *plugins.Plugin {
	t.Helper()
	needNode(t)
	program, err := os.ReadFile(launcher)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(program)
	p, err := plugins.Open(t.Context(), plugins.Spec{
		Name: "mirrorcert", Path: launcher, SHA256: hex.EncodeToString(sum[:]), Version: "1.0.0",
		StartTimeout: unhurried, CallTimeout: unhurried, PingEvery: unhurried,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return p
}

// productOf is the plugin's only product.
func productOf(t *testing.T, p *plugins.Plugin) plugins.Product {
	t.Helper()
	product, err := p.Product("mirrorcert/compare")
	if err != nil {
		t.Fatal(err)
	}
	return product
}

func codecOf(t *testing.T, p *plugins.Plugin, s providers.Settings) providers.Codec {
	t.Helper()
	codec, err := productOf(t, p).Codec(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

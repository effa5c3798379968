package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/plugins/plugintest"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/idcert"
	"github.com/heyan-id/heyan/providers/providertest"
)

func harness(t *testing.T, codec providers.Codec) providertest.Harness {
	t.Helper()
	list, err := providertest.RecordingsOf(idcert.Factory())
	if err != nil {
		t.Fatal(err)
	}
	h, err := providertest.NewHarness(codec, list, 0)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestContractInProcess(t *testing.T) {
	t.Parallel()
	codec, err := idcert.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	providertest.Run(t, harness(t, codec))
}

func TestContractOverTheWire(t *testing.T) {
	t.Parallel()
	providertest.Run(t, harness(t, plugintest.Codec(t, idcert.Factory(), nil)))
}

// TestContractOfTheBinary builds the program that is shipped and runs the contract
// against its process.
func TestContractOfTheBinary(t *testing.T) {
	t.Parallel()
	p := open(t, build(t))
	want := idcert.Factory().Descriptor
	want.Confidence, want.Notes = idv.ConfidenceUnknown, nil // are for people and not sent
	if diff := cmp.Diff([]idv.Descriptor{want}, p.Products()); diff != "" {
		t.Errorf("the descriptor changed in transit (-built in +plugin):\n%s", diff)
	}
	product, err := p.Product("")
	if err != nil {
		t.Fatal(err)
	}
	codec, err := product.Codec(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	providertest.Run(t, harness(t, codec))
}

func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "heyan-provider-idcert")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// unhurried is a limit that no test is meant to reach, however busy the machine is.
const unhurried = 10 * time.Minute

func open(t *testing.T, path string) *plugins.Plugin {
	t.Helper()
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(program)
	p, err := plugins.Open(t.Context(), plugins.Spec{
		Name: "idcert", Path: path, SHA256: hex.EncodeToString(sum[:]), Version: "1.0.0",
		StartTimeout: unhurried, CallTimeout: unhurried, PingEvery: unhurried,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
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

// Started by hand, the program prints a hint and fails.
func TestByHand(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(build(t)).CombinedOutput()
	if err == nil || len(out) == 0 {
		t.Errorf("got %v and %d bytes, want an exit code and a sentence", err, len(out))
	}
}

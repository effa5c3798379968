package fakevendor

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/providertest"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// TestMain lets the test binary serve as a plugin.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "plugin" {
		f, _ := assemble.Catalogue().Find(os.Args[2])
		plugins.Serve(f)
		return
	}
	os.Exit(m.Run())
}

// self returns the test binary as a plugin that serves a product.
func self(t *testing.T, product string) Plugin {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return Plugin{Path: path, SHA256: hex.EncodeToString(sum[:]), Args: []string{"plugin", product}}
}

// folderOf writes the recordings of a product to a folder.
func folderOf(t *testing.T, product string) string {
	t.Helper()
	folder := t.TempDir()
	f, _ := assemble.Catalogue().Find(product)
	folders, err := f.Fixtures()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(folder, folders[0]); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestSources plays one product from each source and asks it for a match.
func TestSources(t *testing.T) {
	t.Parallel()
	yaml, err := filepath.Abs("../../../providers/declared/vendors/kz-idcard.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		title, product string
		source         source
	}{
		{"written in Go", "tencent/idcard", source{use: "tencent/idcard"}},
		{"declared and shipped", "kz/idcard", source{use: "kz/idcard"}},
		{"declared in a file", "kz/idcard", source{declared: yaml}},
		{"a plugin with the fixtures that come with heyan", "tencent/idcard", source{plugin: self(t, "tencent/idcard")}},
		{"a plugin with a folder of fixtures", "jisu/idcard", source{plugin: self(t, "jisu/idcard"), fixtures: folderOf(t, "jisu/idcard")}},
	} {
		t.Run(tt.title, func(t *testing.T) {
			t.Parallel()
			o := &opener{log: slog.New(slog.DiscardHandler)}
			t.Cleanup(func() { o.close(t.Context()) })
			p, err := o.open(t.Context(), tt.source)
			if err != nil {
				t.Fatal(err)
			}
			if p.Factory.Descriptor.Name != tt.product {
				t.Fatalf("got %s", p.Factory.Descriptor.Name)
			}
			s := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "v", Product: p}}})
			f, _ := assemble.Catalogue().Find(tt.product)
			r := &rig{factory: f, sandbox: s, vendor: s.Vendors()[0]}
			q, err := providertest.Query(f.Descriptor)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.ask(t.Context(), r.connect(t, nil, r.vendor.Settings, timeout), q); got.verdict != idv.Match || got.billed != 1 {
				t.Errorf("got %+v, want a match that is billed", got)
			}
		})
	}
}

// The plugin of idcert has the vendor that is written by hand.
func TestPluginOfIdcert(t *testing.T) {
	t.Parallel()
	c := config.Config{Providers: []config.Provider{{Name: "a", Use: "idcert"}, {Name: "b"}, {Name: "c", Use: "kz/idcard"}}}
	own := self(t, ByHand)
	c.Providers[1].Plugin.Path, c.Providers[1].Plugin.SHA256, c.Providers[1].Plugin.Args = own.Path, own.SHA256, own.Args
	set, err := OfConfig(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close(t.Context())
	for i, want := range []string{"a", "b", "c"} {
		if v := set.Vendors[i]; v.Name != want || (v.Product == nil) != (i < 2) {
			t.Errorf("vendor %d: %s, product %v", i, v.Name, v.Product != nil)
		}
	}
}

func TestParseFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"vendors:\n- {use: idcert}":                            "vendors[0].name: is missing",
		"vendors:\n- {name: a}":                                "vendors[0].use: must stand alone",
		"vendors:\n- {name: a, use: idcert, count: -1}":        "vendors[0].count: must be 1 or more",
		"vendors:\n- {name: a, use: idcert, count: 201}":       "vendors: are more than 200",
		"vendors: []\n":                                        "vendors: is empty",
		"vendors: 3\n":                                         "vendors: must be a list",
		"vendors:\n- {name: a, use: idcert, settings: {a: 1}}": "vendors[0].settings.a: must be a string",
		"providers: []\n":                                      "providers: unknown key",
	} {
		if _, err := Parse("f.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if IsFile([]byte("providers: []")) || IsFile([]byte("[")) || !IsFile([]byte("vendors: []")) {
		t.Error("a file is known by its vendors")
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	f, err := Parse("f.yaml", []byte("vendors:\n- {name: a, use: kz/idcard, count: 2, mode: stall, latency: 3s, token_life: 1m, billed: {200/2: true}}\n- {name: b, use: idcert, settings: {appcode: x}}"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := f.Open(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil || len(set.Vendors) != 3 {
		t.Fatalf("%d vendors, %v", len(set.Vendors), err)
	}
	a, b := set.Vendors[1], set.Vendors[2]
	if a.Name != "a-2" || a.Mode != sandbox.ModeStall || a.Latency.Seconds() != 3 || a.TokenLife.Minutes() != 1 || !a.Billed["200/2"] || a.Product == nil {
		t.Errorf("a: %+v", a)
	}
	if b.Name != "b" || b.AppCode.Reveal() != "x" || b.Product != nil {
		t.Errorf("b: %+v", b)
	}
}

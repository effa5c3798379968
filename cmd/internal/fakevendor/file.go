package fakevendor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// File is a file of fake vendors.
type File struct {
	// Listen is the loopback address of the first vendor.
	Listen  string  `json:"listen"`
	Vendors []Entry `json:"vendors"`

	document *strictyaml.Document
}

// Entry is one vendor of a file, or several of the same kind.
type Entry struct {
	Name string `json:"name"`

	// Use is a product that comes with heyan, Declared a YAML file, Plugin a program. One of
	// them is given. Fixtures is a folder with recorded replies in place of those that come
	// with the product.
	Use      string `json:"use"`
	Declared string `json:"declared"`
	Plugin   Plugin `json:"plugin"`
	Fixtures string `json:"fixtures"`

	// Count is the number of vendors, which are then called NAME-1, NAME-2 and so on.
	Count int `json:"count"`

	// Mode and Latency are those of the start.
	Mode    string        `json:"mode"`
	Latency time.Duration `json:"latency"`

	// Rate is how many calls a second the vendor accepts, Quota how many calls its package has.
	Rate  float64 `json:"rate"`
	Quota int64   `json:"quota"`

	// Settings are credentials and other settings by their names; missing ones are generated.
	// They are valid for the sandbox alone, so they may stand here.
	Settings map[string]string `json:"settings"`

	// Billed says whether an outcome is billed, by its code or the name of its mode.
	Billed    map[string]bool `json:"billed"`
	TokenLife time.Duration   `json:"token_life"`
}

const (
	maxSize    = 1 << 20
	maxVendors = 200
)

// IsFile reports whether a YAML text is a file of fake vendors and no configuration of heyan.
func IsFile(text []byte) bool {
	document, _ := strictyaml.Parse("", text)
	if document == nil {
		return false
	}
	top, _ := document.Value.(map[string]any)
	_, is := top["vendors"]
	return is
}

// Parse reads a file. The error lists every fault with its line, path and remedy.
func Parse(name string, text []byte) (*File, error) {
	document, faults := strictyaml.Parse(name, text)
	if document == nil {
		return nil, faults.Err()
	}
	f := &File{document: document}
	faults = append(faults, document.Decode(f, strictyaml.Options{})...)
	for i, e := range f.Vendors {
		path := strictyaml.At("vendors", i)
		for key, text := range e.faults() {
			faults = append(faults, document.Fault(strictyaml.Join(path, key), "%s", text))
		}
	}
	if f.count() > maxVendors {
		faults = append(faults, document.Fault("vendors", "are more than %d; use fewer, or start a second sandbox", maxVendors))
	}
	if len(f.Vendors) == 0 && len(faults) == 0 {
		faults = append(faults, document.Fault("vendors", "is empty; name at least one vendor"))
	}
	return f, faults.Err()
}

// Read reads the file at a path.
func Read(path string) ([]byte, error) { return strictyaml.ReadFile(path, maxSize) }

// faults returns what is wrong with an entry, by key.
func (e Entry) faults() map[string]string {
	faults := map[string]string{}
	given := 0
	for _, text := range []string{e.Use, e.Declared, e.Plugin.Path} {
		if text != "" {
			given++
		}
	}
	if given != 1 {
		faults["use"] = "must stand alone: give exactly one of use, declared and plugin"
	}
	if e.Name == "" {
		faults["name"] = "is missing; name the vendor, such as kz-a"
	}
	if e.Count < 0 {
		faults["count"] = "must be 1 or more"
	}
	return faults
}

func (f *File) count() int {
	n := 0
	for _, e := range f.Vendors {
		n += max(1, e.Count)
	}
	return n
}

// Set is a list of fake vendors, and the plugins that run for them.
type Set struct {
	Listen  string
	Vendors []sandbox.VendorConfig

	opener opener
}

// Close stops the plugins.
func (s *Set) Close(ctx context.Context) { s.opener.close(ctx) }

// Open opens the products of the file. The caller closes the set, also after an error.
func (f *File) Open(ctx context.Context, log *slog.Logger) (*Set, error) {
	set := &Set{Listen: f.Listen, opener: opener{log: log}}
	var faults strictyaml.Faults
	for i, e := range f.Vendors {
		product, err := set.opener.open(ctx, source{e.Use, e.Declared, e.Plugin, e.Fixtures})
		if err != nil {
			faults = append(faults, f.fault(strictyaml.At("vendors", i), err)...)
			continue
		}
		for n := range max(1, e.Count) {
			v := e.vendor(product)
			if e.Count > 1 {
				v.Name = fmt.Sprintf("%s-%d", e.Name, n+1)
			}
			set.Vendors = append(set.Vendors, v)
		}
	}
	return set, faults.Err()
}

// fault places an error in the file. The faults of a declared product are those of its file.
func (f *File) fault(path string, err error) strictyaml.Faults {
	var own strictyaml.Faults
	if errors.As(err, &own) {
		return own
	}
	return strictyaml.Faults{f.document.Fault(path, "%v", err)}
}

func (e Entry) vendor(product *sandbox.Product) sandbox.VendorConfig {
	v := sandbox.VendorConfig{
		Name: e.Name, Product: product, Mode: sandbox.Mode(e.Mode), Latency: e.Latency, Billed: e.Billed, TokenLife: e.TokenLife,
		Rate: e.Rate, Quota: e.Quota,
		Settings: map[string]idv.Sensitive{},
	}
	for name, text := range e.Settings {
		v.Settings[name] = idv.NewSensitive(text)
	}
	if product == nil {
		v.AppCode, v.AppKey, v.AppSecret = v.Settings["appcode"], e.Settings["app_key"], v.Settings["app_secret"]
	}
	return v
}

// OfConfig returns a vendor for each provider of a configuration, under its name and with
// generated secrets. Settings that are no secrets, which change a request, are the
// provider's. The caller closes the set, also after an error.
func OfConfig(ctx context.Context, c config.Config, log *slog.Logger) (*Set, error) {
	set := &Set{opener: opener{log: log}}
	var faults []error
	for _, p := range c.Providers {
		s := source{use: p.Use, declared: p.Declared}
		if p.Plugin.Path != "" {
			s = source{plugin: Plugin{p.Plugin.Path, p.Plugin.SHA256, p.Plugin.Args, p.Use}}
		}
		product, err := set.opener.open(ctx, s)
		if err != nil {
			faults = append(faults, fmt.Errorf("providers (%s): %w", p.Name, err))
			continue
		}
		if product != nil {
			product.Settings = plain(c.SettingsOf(p), product.Factory.Descriptor)
		}
		set.Vendors = append(set.Vendors, sandbox.VendorConfig{Name: p.Name, Product: product})
	}
	return set, errors.Join(faults...)
}

// plain returns the settings that are no secrets and no address.
func plain(given config.Settings, d idv.Descriptor) providers.Settings {
	out := providers.Settings{}
	for _, s := range d.Settings {
		text := cmp.Or(given[s.Name], s.Default)
		if !s.Secret && text != "" && s.Name != "base_url" && !strings.HasSuffix(s.Name, "_url") {
			out[s.Name] = text
		}
	}
	return out
}

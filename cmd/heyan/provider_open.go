package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/declared"
)

// protocol is the protocol of plugins; plugins.Open rejects any other.
const protocol = "heyan.provider.v2"

// vendor is what the command line names: built-in products, or a started plugin.
type vendor struct {
	products []product       // at least one
	plugin   *plugins.Plugin // nil for a built-in vendor
	path     string          // of the program or the YAML file
	file     bool            // it is a YAML file, which reads its fixtures itself
	ready    time.Duration   // from the start of the program to its descriptors
	log      *pluginLog      // what the plugin logged
}

// product is one product of a vendor.
type product struct {
	descriptor idv.Descriptor
	builtin    providers.Factory
	plugged    plugins.Product // if the vendor has a plugin
}

// startOptions are the options for the start of a plugin.
type startOptions struct {
	sum       string
	args      []string
	plaintext bool
	timeout   time.Duration
	fixtures  string // folder of the fixtures of a YAML file; "" for the one beside it
}

// startTimeout is longer than the daemon's, since the program may be read from a slow disk for
// the first time.
const startTimeout = 10 * time.Second

// openVendor opens the vendor or the product that word names. The caller closes it. Errors
// never quote the argument.
func openVendor(ctx context.Context, word string, s startOptions) (*vendor, error) {
	word, err := providerName(word)
	if err != nil {
		return nil, err
	}
	if list := builtins(word); len(list) > 0 {
		if s.sum != "" || len(s.args) > 0 || s.plaintext {
			return nil, usageError("this vendor is built in; --sha256, --plaintext and arguments apply only to a plugin program")
		}
		v := &vendor{}
		for _, b := range list {
			v.products = append(v.products, product{descriptor: b.Descriptor, builtin: b})
		}
		return v, nil
	}
	if ext := strings.ToLower(filepath.Ext(word)); ext == ".yaml" || ext == ".yml" {
		return openDeclared(word, s)
	}
	if _, err := os.Lstat(word); err != nil {
		return nil, usageError("neither a built-in vendor nor a file; heyan provider list lists the built-in ones")
	}
	return startPlugin(ctx, word, s)
}

// providerName brings the name of a provider or product, which people paste, into canonical
// form. The path of a file stays as it is.
func providerName(word string) (string, error) {
	if _, err := os.Lstat(word); err == nil {
		return word, nil
	}
	form, fault := identity.Identifier(word)
	if fault != idv.TextFits {
		return "", usageError("NAME: %s", fault.Help())
	}
	return form, nil
}

// openDeclared opens the product that a YAML file describes.
func openDeclared(path string, s startOptions) (*vendor, error) {
	if s.sum != "" || len(s.args) > 0 || s.plaintext {
		return nil, usageError("this vendor is a YAML file; --sha256, --plaintext and arguments apply only to a plugin program")
	}
	p, err := declared.Read(path, s.fixtures)
	if err != nil {
		return nil, &exitError{code: exitFound, err: errors.New(faultLines(err))}
	}
	return &vendor{products: []product{{descriptor: p.Factory.Descriptor, builtin: p.Factory}}, path: path, file: true}, nil
}

func startPlugin(ctx context.Context, path string, s startOptions) (*vendor, error) {
	v := &vendor{path: path, log: new(pluginLog)}
	begun := time.Now()
	var err error
	v.plugin, err = plugins.Open(ctx, plugins.Spec{
		Name: pluginName(path), Path: path, SHA256: s.sum, Args: s.args, Plaintext: s.plaintext,
		AllowUnpinned: s.sum == "", StartTimeout: s.timeout, LogRaw: true, Logger: slog.New(slog.NewTextHandler(v.log, nil)),
	})
	v.ready = time.Since(begun)
	if err != nil {
		return v, err
	}
	for _, d := range v.plugin.Products() {
		one, err := v.plugin.Product(d.Name)
		if err != nil {
			return v, err
		}
		v.products = append(v.products, product{descriptor: d, plugged: one})
	}
	return v, nil
}

// builtins returns the built-in product with a name, or all products of a vendor.
func builtins(name string) (list []providers.Factory) {
	for _, b := range assemble.Catalogue().Factories() {
		if b.Descriptor.Name == name || b.Descriptor.Vendor() == name {
			list = append(list, b)
		}
	}
	return list
}

// only reduces the vendor to one product, unless name is empty.
func (v *vendor) only(name string) error {
	if name == "" {
		return nil
	}
	i := slices.IndexFunc(v.products, func(p product) bool { return p.descriptor.Name == name })
	if i < 0 {
		return usageError("--product: there is no such product; heyan provider show lists them")
	}
	v.products = v.products[i : i+1]
	return nil
}

// pluginName derives a plugin name from the name of the program file.
func pluginName(path string) string {
	plain := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(filepath.Base(path)), "-")
	if plain = strings.Trim(plain, "-"); plain == "" {
		return "plugin"
	}
	return plain[:min(len(plain), 40)]
}

// close stops the plugin, if there is one.
func (v *vendor) close(ctx context.Context) {
	if v != nil && v.plugin != nil {
		_ = v.plugin.Close(ctx) // no call is in flight
	}
}

// pluginError turns the error of a plugin into an exit code: a wrong file or setting is a usage
// error, a program that is not a valid plugin is a finding.
func (c *cli) pluginError(v *vendor, err error) error {
	var e *plugins.Error
	if !errors.As(err, &e) {
		return err
	}
	if v != nil && v.log != nil {
		c.printLog(v.log)
	}
	switch e.Reason {
	case plugins.ReasonSpec, plugins.ReasonName, plugins.ReasonMissing, plugins.ReasonNotAFile, plugins.ReasonUnsafeFile,
		plugins.ReasonNotExecutable, plugins.ReasonUnpinned, plugins.ReasonChecksum, plugins.ReasonFolder, plugins.ReasonSettings:
		return &exitError{code: exitUsage, err: err}
	}
	return &exitError{code: exitFound, err: err}
}

// printLog prints the log of a plugin, as far as the host passed it on.
func (c *cli) printLog(j *pluginLog) {
	if text := j.text(); text != "" {
		c.notef("the plugin's log:\n%s", text)
	}
}

// pluginLog keeps the beginning of a log. It is safe for concurrent use.
type pluginLog struct {
	mu  sync.Mutex
	log bytes.Buffer
}

const maxPluginLog = 64 << 10

// Write keeps a line unless the log is full.
func (j *pluginLog) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.log.Len()+len(line) <= maxPluginLog {
		j.log.Write(line)
	}
	return len(line), nil
}

func (j *pluginLog) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.TrimSpace(j.log.String())
}

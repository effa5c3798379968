package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/catalogue"
)

// protocol is what plugins speak; plugins.Open refuses everything else.
const protocol = "heyan.provider.v1"

// vendor is what was named on the command line: a built-in vendor, or the program of
// a plugin, which was started.
type vendor struct {
	card    idv.Descriptor
	builtin providers.Factory
	plugin  *plugins.Plugin // nil if it is built in
	path    string          // of the program
	ready   time.Duration   // from its file to its descriptor
	log     *journal        // what the plugin logged
}

// How a plugin is started.
type starting struct {
	sum       string
	args      []string
	plaintext bool
	timeout   time.Duration
}

// startTimeout is longer than the daemon's: a check may be the first time that the
// program is read from a slow disk.
const startTimeout = 10 * time.Second

// vendorOf finds what a word stands for. Whoever gets a plugin closes it. The words of
// an error never repeat the argument.
func vendorOf(ctx context.Context, word string, s starting) (*vendor, error) {
	if b, ok := catalogue.New().Find(word); ok {
		if s.sum != "" || len(s.args) > 0 || s.plaintext {
			return nil, usage("this vendor is built in; --sha256, --plaintext and arguments are for the program of a plugin")
		}
		return &vendor{card: b.Descriptor, builtin: b}, nil
	}
	if ext := strings.ToLower(filepath.Ext(word)); ext == ".yaml" || ext == ".yml" {
		return nil, setUp("a vendor that is described in a YAML file is not in this version; give a built-in vendor or the program of a plugin")
	}
	if _, err := os.Lstat(word); err != nil {
		return nil, usage("there is no built-in vendor of this name, and no file; heyan provider list prints the built-in ones")
	}
	return startPlugin(ctx, word, s)
}

func startPlugin(ctx context.Context, path string, s starting) (*vendor, error) {
	v := &vendor{path: path, log: new(journal)}
	begun := time.Now()
	var err error
	v.plugin, err = plugins.Open(ctx, plugins.Spec{
		Name: pluginName(path), Path: path, SHA256: s.sum, Args: s.args, Plaintext: s.plaintext,
		AllowUnpinned: s.sum == "", StartTimeout: s.timeout, Logger: slog.New(slog.NewTextHandler(v.log, nil)),
	})
	v.ready = time.Since(begun)
	if err != nil {
		return v, err
	}
	v.card = v.plugin.Descriptor()
	return v, nil
}

// pluginName makes a name for a program that is not configured, out of its file's.
func pluginName(path string) string {
	plain := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(filepath.Base(path)), "-")
	if plain = strings.Trim(plain, "-"); plain == "" {
		return "plugin"
	}
	return plain[:min(len(plain), 40)]
}

// close ends the plugin, if there is one.
func (v *vendor) close(ctx context.Context) {
	if v != nil && v.plugin != nil {
		_ = v.plugin.Close(ctx) // no call is in it
	}
}

// notOpened turns why a plugin could not be started into an ending. What is wrong with
// the file, or with how it was named, is wrong usage; what is wrong with the program
// was found by looking at it.
func (t *tool) notOpened(v *vendor, err error) error {
	var e *plugins.Error
	if !errors.As(err, &e) {
		return err
	}
	if v != nil && v.log != nil {
		t.tellLog(v.log)
	}
	switch e.Reason {
	case plugins.ReasonSpec, plugins.ReasonName, plugins.ReasonMissing, plugins.ReasonNotAFile, plugins.ReasonUnsafeFile,
		plugins.ReasonNotExecutable, plugins.ReasonUnpinned, plugins.ReasonChecksum, plugins.ReasonFolder, plugins.ReasonSettings:
		return &ending{code: exitUsage, err: err}
	}
	return &ending{code: exitFound, err: err}
}

// tellLog shows what a plugin logged, as far as the host let it through.
func (t *tool) tellLog(j *journal) {
	if text := j.text(); text != "" {
		t.hint("the plugin's log:\n%s", text)
	}
}

// journal keeps the beginning of a log.
type journal struct {
	mu  sync.Mutex
	log bytes.Buffer
}

const longestJournal = 64 << 10

// Write takes a line, as long as there is room.
func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.log.Len()+len(line) <= longestJournal {
		j.log.Write(line)
	}
	return len(line), nil
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.TrimSpace(j.log.String())
}

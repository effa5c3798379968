package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func put(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }

// over replaces a file by renaming another one over it, as editors do.
func over(path, text string) error {
	return errors.Join(put(path+".new", text), os.Rename(path+".new", path))
}

const first, second, third = "listen: 127.0.0.1:1\n", "listen: 127.0.0.1:2\n", "listen: 127.0.0.1:3\n"

// watching is a watch that runs, with what it reported.
type watching struct {
	t        *testing.T
	contents chan string // what the file held when its change was reported
	stop     func()
}

// watch loads a file and watches it until the test ends.
func watch(t *testing.T, path string) *watching {
	t.Helper()
	l, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	w := &watching{t: t, contents: make(chan string, 10)}
	go func() {
		defer close(ended)
		l.Watch(ctx, func() {
			text, _ := os.ReadFile(path)
			w.contents <- string(text)
		})
	}()
	w.stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(w.stop)
	return w
}

// reports waits for the next change and compares what the file held then.
func (w *watching) reports(want string) {
	w.t.Helper()
	if diff := cmp.Diff(want, <-w.contents); diff != "" {
		w.t.Errorf("the change is reported with another content:\n%s", diff)
	}
}

// reportsNoMore ends the watch.
func (w *watching) reportsNoMore() {
	w.t.Helper()
	w.stop()
	if len(w.contents) > 0 {
		w.t.Errorf("reported once more, with %q", <-w.contents)
	}
}

// Each way to change the file is reported, and so is the change after it: the watch
// goes on whatever happened to the file that it was set on.
func TestWatchReportsEachChange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(path string) error
	}{
		{"written in place, same size", func(path string) error { return put(path, second) }},
		{"written in two parts", func(path string) error {
			f, err := os.Create(path)
			if err != nil {
				return err
			}
			_, one := f.WriteString(second[:5])
			_, two := f.WriteString(second[5:])
			return errors.Join(one, two, f.Close())
		}},
		{"renamed over", func(path string) error { return over(path, second) }},
		{"renamed over twice", func(path string) error { return errors.Join(over(path, third), over(path, second)) }},
		{"deleted and made again", func(path string) error { return errors.Join(os.Remove(path), put(path, second)) }},
		{"moved away and made again", func(path string) error { return errors.Join(os.Rename(path, path+".old"), put(path, second)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, first)
			w := watch(t, path)
			if err := test.make(path); err != nil {
				t.Fatal(err)
			}
			w.reports(second)
			if err := put(path, third); err != nil {
				t.Fatal(err)
			}
			w.reports(third)
			w.reportsNoMore()
		})
	}
}

// What leaves the content as it was loaded is no change; the one after it is reported.
func TestWatchPassesOverTheSameContent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(path string) error
	}{
		{"touched", func(path string) error { return put(path, first) }},
		{"renamed over", func(path string) error { return over(path, first) }},
		{"deleted and made again", func(path string) error { return errors.Join(os.Remove(path), put(path, first)) }},
		{"replaced by a folder and made again", func(path string) error {
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o700), os.Remove(path), put(path, first))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, first)
			w := watch(t, path)
			if err := errors.Join(test.make(path), put(path, second)); err != nil {
				t.Fatal(err)
			}
			w.reports(second)
			w.reportsNoMore()
		})
	}
}

// Kubernetes mounts a file as a link through ..data, and points that link to a new
// folder.
func TestWatchFollowsLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "heyan.yaml")
	version := func(name, text string) error {
		folder := filepath.Join(dir, name)
		return errors.Join(os.Mkdir(folder, 0o700), put(filepath.Join(folder, "heyan.yaml"), text),
			os.Symlink(name, filepath.Join(dir, "..next")), os.Rename(filepath.Join(dir, "..next"), filepath.Join(dir, "..data")))
	}
	if err := errors.Join(version("..1", first), os.Symlink("..data/heyan.yaml", path)); err != nil {
		t.Fatal(err)
	}
	w := watch(t, path)
	if err := errors.Join(version("..2", second), os.RemoveAll(filepath.Join(dir, "..1"))); err != nil {
		t.Fatal(err)
	}
	w.reports(second)
	if err := version("..3", third); err != nil {
		t.Fatal(err)
	}
	w.reports(third)
	if err := put(filepath.Join(dir, "..3", "heyan.yaml"), first); err != nil { // behind the link
		t.Fatal(err)
	}
	w.reports(first)
	w.reportsNoMore()
}

// A change between loading and watching is reported too.
func TestWatchBeginsAtWhatWasLoaded(t *testing.T) {
	t.Parallel()
	path := write(t, first)
	l, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(path, second); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	l.Watch(ctx, cancel)
}

// Without a file Watch waits for the end.
func TestWatchWithoutFile(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	mustLoad(t, "").Watch(ctx, func() { t.Error("a change is reported") })
	l, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	l.Watch(ctx, func() { t.Error("a change is reported") })
}

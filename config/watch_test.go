package config

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// change is a way in which a file gets another content.
type change struct {
	name string
	make func(dir, path string) error
	want int // how often it must be told
}

func put(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }

func changes() []change {
	return []change{
		{"nothing", func(_, _ string) error { return nil }, 0},
		{"touched only", func(_, path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1, 0)) }, 0},
		{"written in place, same size", func(_, path string) error { return put(path, "b") }, 1},
		{"written in place, same size and time", func(_, path string) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			_ = put(path, "b")
			return os.Chtimes(path, time.Time{}, info.ModTime())
		}, 1},
		{"renamed over", func(dir, path string) error {
			_ = put(dir+"/new", "b")
			return os.Rename(dir+"/new", path)
		}, 1},
		{"deleted", func(_, path string) error { return os.Remove(path) }, 0},
		{"deleted and made again with another content", func(_, path string) error {
			_ = os.Remove(path)
			time.Sleep(5 * watchEvery)
			return put(path, "b")
		}, 1},
		{"deleted and made again with the same content", func(_, path string) error {
			_ = os.Remove(path)
			time.Sleep(5 * watchEvery)
			return put(path, "a")
		}, 0},
		{"changed twice between two looks", func(_, path string) error {
			_ = put(path, "b")
			return put(path, "c")
		}, 1},
		{"written slowly", func(_, path string) error {
			for _, text := range []string{"b", "bb", "bbb", "bbbb"} {
				_ = put(path, text)
				time.Sleep(watchEvery)
			}
			return nil
		}, 1},
		{"changed and back before it was told", func(_, path string) error {
			_ = put(path, "b")
			time.Sleep(watchEvery)
			return put(path, "a")
		}, 0},
		{"changed twice, far apart", func(_, path string) error {
			_ = put(path, "b")
			time.Sleep(5 * watchEvery)
			return put(path, "c")
		}, 2},
		{"too large", func(_, path string) error { return put(path, string(make([]byte, maxFile+1))) }, 0},
	}
}

func TestWatchTellsEachChange(t *testing.T) {
	for _, test := range changes() {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "heyan.yaml")
			watch(t, path, func() error { return put(path, "a") }, func() error { return test.make(dir, path) }, test.want)
		})
	}
}

// Kubernetes mounts a file as a link through ..data and turns that link to a new
// folder.
func TestWatchFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "heyan.yaml")
	before := func() error {
		for _, v := range []string{"1", "2"} {
			if err := os.Mkdir(dir+"/"+v, 0o700); err != nil {
				return err
			}
			if err := put(dir+"/"+v+"/heyan.yaml", v); err != nil {
				return err
			}
		}
		if err := os.Symlink("1", dir+"/..data"); err != nil {
			return err
		}
		return os.Symlink("..data/heyan.yaml", path)
	}
	turn := func() error {
		if err := os.Symlink("2", dir+"/..next"); err != nil {
			return err
		}
		return os.Rename(dir+"/..next", dir+"/..data")
	}
	watch(t, path, before, turn, 1)
}

// watch counts how often a change is told.
func watch(t *testing.T, path string, before, change func() error, want int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if err := before(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		told, stopped := 0, make(chan struct{})
		go func() {
			defer close(stopped)
			Watch(ctx, path, func() { told++ })
		}()
		time.Sleep(watchEvery + time.Second)
		if err := change(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * watchEvery)
		cancel()
		<-stopped
		if told != want {
			t.Errorf("told %d times, want %d", told, want)
		}
	})
}

func TestWatchIsPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := write(t, "a")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		told := make(chan time.Time, 1)
		go Watch(ctx, path, func() { told <- time.Now() })
		time.Sleep(time.Second)
		changed := time.Now()
		if err := put(path, "b"); err != nil {
			t.Fatal(err)
		}
		if took := (<-told).Sub(changed); took > 2*watchEvery {
			t.Errorf("told after %s, want at most %s", took, 2*watchEvery)
		}
	})
}

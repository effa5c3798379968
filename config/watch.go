package config

import (
	"context"
	"crypto/sha256"
	"path/filepath"
	"time"

	"github.com/knadh/koanf/providers/file"

	"github.com/heyan-id/heyan/config/strictyaml"
)

const (
	// settle is how long no further event may come before a change is read, so that a
	// half-written file is not loaded. koanf drops events that follow within 5 ms.
	settle = 100 * time.Millisecond

	// A watch that ended, or cannot begin because the file is not there, is set anew after
	// retryFirst, and then after twice as long each time.
	retryFirst = 50 * time.Millisecond
	retryMost  = 2 * time.Second
)

// source is koanf's provider of the file, which notes what it read.
type source struct {
	*file.File
	sum [sha256.Size]byte
}

// ReadBytes reads the file.
func (s *source) ReadBytes() ([]byte, error) {
	text, err := s.File.ReadBytes()
	s.sum = sha256.Sum256(text)
	return text, err
}

// Watch calls onChange when the content of the file differs from the one that was
// loaded, and then for each further change, until ctx is done; it returns only then. It
// does not matter how the file changes: written in place, renamed over, deleted and made
// again, or behind a symbolic link that is pointed to another file. A file that is
// missing or cannot be read is no change.
//
// onChange runs on Watch's goroutine, about 0.1 s after the last write; it loads the
// file anew and keeps the old configuration if that has faults. Files behind file:
// references are not watched. Without a file there is nothing to watch.
func (l *Loaded) Watch(ctx context.Context, onChange func()) {
	path, err := filepath.Abs(l.File)
	if l.File == "" || err != nil {
		<-ctx.Done()
		return
	}
	w := watcher{path: path, sum: l.sum, onChange: onChange}
	for wait := retryFirst; ctx.Err() == nil; {
		if w.round(ctx) {
			wait = retryFirst
			continue
		}
		pause(ctx, wait)
		wait = min(2*wait, retryMost)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

type watcher struct {
	path     string
	sum      [sha256.Size]byte // of the content that was reported last
	onChange func()
}

// round watches until a change was reported or the watch ends by itself, as it does
// when the file is deleted. It reports whether the next round may begin at once.
func (w *watcher) round(ctx context.Context) bool {
	changed, ended := make(chan struct{}, 1), make(chan struct{}, 1)
	stop, err := watchAll(w.path, func(_ any, err error) {
		c := changed
		if err != nil {
			c = ended
		}
		select {
		case c <- struct{}{}:
		default: // one is enough
		}
	})
	defer stop()
	if err != nil {
		return false
	}
	quiet := time.NewTimer(settle) // runs from the start, since the file may have changed before the watch began
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return true
		case <-ended:
			return false
		case <-changed:
			quiet.Reset(settle)
		case <-quiet.C:
			if w.report() {
				return true // the path may lead to another file now
			}
		}
	}
}

// report calls onChange if the content is another one than the last time.
func (w *watcher) report() bool {
	text, err := strictyaml.ReadFile(w.path, strictyaml.MaxSize)
	sum := sha256.Sum256(text)
	if err != nil || sum == w.sum {
		return false
	}
	w.sum = sum
	w.onChange()
	return true
}

// watchAll lets koanf watch the path and, where that is a symbolic link, the file that
// it leads to, whose writes the link's folder does not show.
func watchAll(path string, notify func(any, error)) (stop func(), err error) {
	var files []*file.File
	stop = func() {
		for _, f := range files {
			_ = f.Unwatch() // which fails only for a watch that has ended
		}
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil { // koanf's Watch would keep its lock
		return stop, err
	}
	paths := []string{path}
	if target != path {
		paths = append(paths, target)
	}
	for _, p := range paths {
		f := file.Provider(p)
		if err := f.Watch(notify); err != nil {
			return stop, err
		}
		files = append(files, f)
	}
	return stop, nil
}

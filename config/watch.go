package config

import (
	"context"
	"crypto/sha256"
	"time"
)

// watchEvery is how often a watched file is looked at. A configuration file is a
// few kilobytes, so reading it costs nothing.
const watchEvery = 2 * time.Second

// Watch calls onChange after the content of the file has changed, until ctx is
// done; it returns only then. It does not matter how the file changed: written in
// place, renamed over, deleted and made again, or a symbolic link turned to
// another file. File events would miss some of these (a watch dies with the file
// that it was set on), so the content is read and compared.
//
// A change is told once it has been the same for two looks, 2 to 4 seconds after
// it was made, so that a half-written file is not loaded. A file that is missing
// or cannot be read is no change: the old configuration holds until there is a
// new one. onChange runs on Watch's goroutine, so looking waits for it. Files
// behind file: references are not watched.
func Watch(ctx context.Context, path string, onChange func()) {
	told, _ := look(path)
	last := told
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, ok := look(path)
		if ok && now == last && now != told && ctx.Err() == nil {
			told = now
			onChange()
		}
		last = now
	}
}

// look returns a fingerprint of the content, and whether there is any.
func look(path string) (fingerprint [sha256.Size]byte, ok bool) {
	text, err := readCapped(path, maxFile)
	if err != nil {
		return fingerprint, false
	}
	return sha256.Sum256(text), true
}

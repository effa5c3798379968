package sqlstore

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// dirt is what an erasure or a deletion may have left in the files.
type dirt struct {
	turn chan struct{} // held by the one that cleans

	mu      sync.Mutex
	unclean bool     // deleted bytes may still be in the files
	remains [][]byte // of these, the bytes that must be removed
}

// add records that deleted bytes may still be in the files.
func (d *dirt) add(remains ...[]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unclean, d.remains = true, append(d.remains, remains...)
}

// take returns what is to be cleaned, and whether there is anything.
func (d *dirt) take() (remains [][]byte, unclean bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	remains, unclean = d.remains, d.unclean
	d.remains, d.unclean = nil, false
	return slices.Clone(remains), unclean
}

// cleanTime is the timeout of cleaning.
const cleanTime = time.Minute

// clean removes erased bytes from the files. A concurrent call waits, within ctx, and then
// usually finds nothing to do.
func (s *Store) clean(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, cleanTime)
	defer cancel()
	select {
	case s.dirt.turn <- struct{}{}:
		defer func() { <-s.dirt.turn }()
	case <-ctx.Done():
		return // Recover cleans again
	}
	remains, unclean := s.dirt.take()
	if !unclean {
		return
	}
	if err := s.backend.clean(ctx, remains); err != nil {
		s.dirt.add(remains...)
		if errors.Is(ctx.Err(), context.Canceled) {
			return // the process stops; the next start cleans
		}
		s.log.Warn("removing erased bytes from the database files failed; it will be repeated", "error", err)
	}
}

// halfOf returns a context that ends after half of the time that ctx has left.
func halfOf(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(end)/2)
}

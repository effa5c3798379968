package sqlstore

import (
	"context"
	"errors"
	"os"
	"time"
)

// longestWAL is the size of the WAL in bytes, 1 GiB, from which a growing WAL ends the reads
// that have lasted a while. SQLite cannot begin the WAL anew while a read uses its old pages,
// and a full disk would stop all calls.
const longestWAL = 1 << 30

// walInterval is how often the size of the WAL is looked at during a read. Most reads are over
// before the first time.
const walInterval = 250 * time.Millisecond

// ErrLongRead means that a read was ended because the WAL had grown too long meanwhile.
var ErrLongRead = errors.New("the read was ended: the file -wal of the database had grown to its limit meanwhile; repeat it when there are fewer calls, or with the daemon stopped")

// boundWAL returns a context for a read of the file. It ends with the cause ErrLongRead once the
// WAL is longer than most and has grown during the read. end must be called after the read.
func boundWAL(ctx context.Context, path string, most int64) (bounded context.Context, end func()) {
	bounded, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(walInterval, func() {
		ticks := time.NewTicker(walInterval)
		defer ticks.Stop()
		for first := walSize(path); ; {
			select {
			case <-bounded.Done():
				return
			case <-ticks.C:
			}
			if walSize(path) > max(first, most) {
				cancel(ErrLongRead)
			}
		}
	})
	return bounded, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}

// walSize returns the size of the WAL of a database, or 0 if it has none.
func walSize(path string) int64 {
	info, err := os.Stat(path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

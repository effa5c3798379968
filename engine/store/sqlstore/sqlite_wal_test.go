package sqlstore

import (
	"context"
	"errors"
	"testing"

	"github.com/heyan-id/heyan/engine/store"
)

// TestLongReadEndsWhenTheWALGrows: a read that never ends would let the WAL fill the disk, and
// with it stop all calls. After its end the disk gets the space back.
func TestLongReadEndsWhenTheWALGrows(t *testing.T) {
	t.Parallel()
	const most, cut = 18 << 20, 16 << 20
	path := newPath(t)
	s := openFile(t, path)
	defer closeStore(t, s)
	file := s.backend.(*lite)
	file.longestWAL = most
	if err := s.AddLot(t.Context(), lotOf("l1", 1_000_000)); err != nil {
		t.Fatal(err)
	}
	ended := readForever(t.Context(), file)
	var next int64
	write := func() {
		if next++; next > 100_000 {
			t.Fatal("the read goes on, or the WAL was not cut")
		}
		if err := verifyOnce(t.Context(), s, next); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	for open := true; open; {
		select {
		case err = <-ended:
			open = false
		default:
			write()
		}
	}
	if !errors.Is(err, ErrLongRead) || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the read ended with %v, want ErrLongRead and store.ErrUnavailable", err)
	}
	for walSize(path) > cut {
		write()
	}
}

// readForever begins a read of the ledger that does not end, and returns where its error comes.
func readForever(ctx context.Context, l *lite) <-chan error {
	begun, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		const sql = "WITH RECURSIVE n(i) AS (SELECT max(at) FROM entries UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
		ended <- l.read(ctx, statement{sql, nil, func(row) error {
			select {
			case begun <- struct{}{}:
			default:
			}
			return nil
		}})
	}()
	<-begun
	return ended
}

package sqlstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

// files is what a disk holds of a database. SQLite makes the -shm file anew.
type files struct{ db, wal []byte } // wal is nil if there is none

func readFiles(t testing.TB, path string) files {
	t.Helper()
	var f files
	var err error
	if f.db, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	if f.wal, err = os.ReadFile(path + "-wal"); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return f
}

func (f files) write(path string) error {
	if err := os.WriteFile(path, f.db, 0o600); err != nil || f.wal == nil {
		return err
	}
	return os.WriteFile(path+"-wal", f.wal, 0o600)
}

// The shape of a WAL, sqlite.org/fileformat2.html section 4.
const (
	walHeader   = 32
	frameHeader = 24
	sector      = 512 // what a disk writes as one
)

// walEnd returns where the last commit in a WAL ends. What follows are frames of
// before the WAL was begun anew, which have other salts.
func walEnd(wal []byte) int {
	if len(wal) < walHeader {
		return 0
	}
	frame := frameHeader + int(binary.BigEndian.Uint32(wal[8:]))
	end := walHeader
	for at := walHeader; at+frame <= len(wal) && bytes.Equal(wal[at+8:at+16], wal[16:24]); at += frame {
		if binary.BigEndian.Uint32(wal[at+4:]) != 0 {
			end = at + frame
		}
	}
	return end
}

// begunAnew reports whether a commit put its frames at the begin of the WAL.
func begunAnew(before, after files) bool {
	return len(before.wal) < walHeader || !bytes.Equal(before.wal[:walHeader], after.wal[:walHeader])
}

// crash returns what a power cut between two commits may leave, which kind that is
// and how it was made.
// SQLite writes in this order, and syncs after each step: the WAL's header, if the
// WAL is begun anew, which it is only when the database has everything; the frames
// of the commit; the pages of the database, if it moves them there.
func crash(r *rand.Rand, before, after files) (left files, kind, how string) {
	moved := !bytes.Equal(before.db, after.db)
	wal := after.wal
	if wal == nil { // closed: there is no commit, and the WAL is deleted at the end
		wal = before.wal
	}
	head := before.wal
	anew := begunAnew(before, files{wal: wal})
	if anew {
		head = append(bytes.Clone(wal[:walHeader]), before.wal[min(walHeader, len(before.wal)):]...)
	}
	switch {
	case moved && r.IntN(2) == 0:
		db, how := damage(r, before.db, after.db, 0, len(after.db))
		return files{db, wal}, "database", how
	case after.wal == nil:
		return files{after.db, wal}, "closed", "the WAL is still there"
	case anew && r.IntN(4) == 0:
		wal, how := damage(r, before.wal, head, 0, walHeader)
		return files{before.db, wal}, "WAL header", how
	case anew:
		wal, how := damage(r, head, wal, walHeader, walEnd(wal))
		return files{before.db, wal}, "WAL begun anew", how
	}
	wal, how = damage(r, before.wal, wal, walEnd(before.wal), walEnd(wal))
	return files{before.db, wal}, "WAL", how
}

// damage writes the bytes from one place to another as a disk may that loses its
// power: up to some byte; or each sector or not; or with sectors that hold zeros,
// noise, or each other's content. The file may be as short as it was.
func damage(r *rand.Rand, before, after []byte, from, to int) ([]byte, string) {
	torn := bytes.Clone(before)
	if len(after) > len(torn) {
		torn = append(torn, make([]byte, len(after)-len(torn))...)
	}
	how := [...]string{"cut", "sectors", "sectors and noise"}[r.IntN(3)]
	if how == "cut" {
		end := from + r.IntN(to-from+1)
		copy(torn[from:end], after[from:end])
		return torn[:max(end, len(before))], fmt.Sprintf("%s at byte %d of %d to %d", how, end, from, to)
	}
	lost := r.IntN(101) // percent
	for at := from; at < to; {
		end := min(at-at%sector+sector, to)
		switch {
		case bytes.Equal(torn[at:end], after[at:end]): // nothing was written there
		case r.IntN(100) >= lost:
			copy(torn[at:end], after[at:end])
		case how == "sectors": // keeps its old content
		default:
			noise(r, torn[at:end], after[from:to])
		}
		at = end
	}
	if r.IntN(3) == 0 {
		torn = torn[:max(len(before), from+r.IntN(to-from+1))]
	}
	return torn, fmt.Sprintf("%s, %d %% of %d to %d", how, lost, from, to)
}

// noise fills a sector with zeros, with anything, or with what belongs elsewhere.
func noise(r *rand.Rand, sector, all []byte) {
	switch r.IntN(3) {
	case 0:
		clear(sector)
	case 1:
		for i := range sector {
			sector[i] = byte(r.Uint32())
		}
	default:
		copy(sector, all[r.IntN(len(all)):])
	}
}

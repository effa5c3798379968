package terminal

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal returns a terminal with the given number of columns.
func openTerminal(t *testing.T, columns uint16) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := unix.IoctlSetWinsize(int(f.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFits: a table fits if its last column ends before the terminal does; a Chinese character
// has two columns.
func TestFits(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"a", "b"}, {"ok", "核验核验"}} // 2, a gap of 2, and 8
	for columns, want := range map[uint16]bool{11: false, 12: true, 0: true} {
		if got := NewPrinter(openTerminal(t, columns)).Fits(rows); got != want {
			t.Errorf("%d columns: %v, want %v", columns, got, want)
		}
	}
	if !NewPrinter(&strings.Builder{}).Fits(rows) {
		t.Error("a pipe takes every table")
	}
}

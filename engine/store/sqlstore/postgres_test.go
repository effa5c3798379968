package sqlstore

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/storetest"
)

// server is a PostgreSQL server of its own, for the tests of this package.
type server struct {
	bin, dir string
	port     int
	schemas  atomic.Int64
}

// binaries finds the folder of initdb and pg_ctl, "" if there is none.
func binaries() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(target)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

// command runs a program of the server as the user postgres if the test runs as
// root, whom the server refuses.
func (s *server) command(name string, args ...string) *exec.Cmd {
	path := filepath.Join(s.bin, name)
	cmd := exec.Command(path, args...)
	if os.Getuid() == 0 {
		cmd = exec.Command("runuser", append([]string{"-u", "postgres", "--", path}, args...)...)
	}
	cmd.Dir = s.dir
	return cmd
}

// startServer starts a server that ends with the test, or skips it.
func startServer(t testing.TB) *server {
	t.Helper()
	s := &server{bin: binaries()}
	if s.bin == "" {
		t.Skip("there is no PostgreSQL server on this machine (initdb was not found)")
	}
	dir, err := os.MkdirTemp("", "heyan-pg") //nolint:usetesting // the folder above t.TempDir is closed to the user postgres
	if err != nil {
		t.Fatal(err)
	}
	s.dir = dir
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if os.Getuid() == 0 {
		if out, err := exec.Command("chown", "postgres", dir).CombinedOutput(); err != nil {
			t.Skipf("there is no user postgres to run the server as: %s", out)
		}
	}
	data := filepath.Join(dir, "data")
	if out, err := s.command("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "-D", data).CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.port = freePort(t)
	options := fmt.Sprintf("-k %s -p %d -c listen_addresses=''", dir, s.port)
	// The log goes to a file: the server would keep a pipe open and CombinedOutput waiting.
	if out, err := s.command("pg_ctl", "-w", "-D", data, "-l", filepath.Join(dir, "log"), "-o", options, "start").CombinedOutput(); err != nil {
		t.Fatalf("pg_ctl start: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := s.command("pg_ctl", "-m", "immediate", "-D", data, "stop").CombinedOutput(); err != nil {
			t.Errorf("pg_ctl stop: %v\n%s", err, out)
		}
	})
	return s
}

// freePort names the server's socket; nobody else on this machine has it now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// dsn makes a schema and returns the source of a store in it.
func (s *server) dsn(t testing.TB) string {
	t.Helper()
	name := "s" + strconv.FormatInt(s.schemas.Add(1), 10)
	source := fmt.Sprintf("host=%s port=%d user=postgres dbname=postgres", s.dir, s.port)
	conn, err := pgx.Connect(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	return source + " pool_max_conns=8 search_path=" + name
}

func openFleet(ctx context.Context, dsn string) (*Store, error) {
	return OpenPostgres(ctx, dsn, Options{})
}

func openNode(t testing.TB, dsn string) *Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s, err := OpenPostgres(ctx, dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fleet is several nodes of one database that take turns at calls.
type fleet []*Store

// turn chooses a node by an attempt, so that often another one settles than held.
func (f fleet) turn(attempt string, more int) *Store {
	return f[(len(attempt)+int(attempt[len(attempt)-1])+more)%len(f)]
}

func (f fleet) Hold(ctx context.Context, i idv.Intent) (idv.Held, error) {
	return f.turn(i.Attempt, 0).Hold(ctx, i)
}

func (f fleet) Settle(ctx context.Context, a idv.Attempt) error {
	return f.turn(a.ID, 1).Settle(ctx, a)
}

func (f fleet) AddLot(ctx context.Context, l ledger.Lot) error { return f[0].AddLot(ctx, l) }

func (f fleet) Lots(ctx context.Context, p string) ([]ledger.Balance, error) {
	return f[1].Lots(ctx, p)
}

// TestPostgres holds the fleet's store to everything at one server, whose start
// takes longest.
func TestPostgres(t *testing.T) {
	s := startServer(t)
	t.Run("contract", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store { return openNode(t, s.dsn(t)) })
	})
	t.Run("nodes that start at once migrate once", func(t *testing.T) {
		dsn, opened := s.dsn(t), make(chan *Store, 4)
		for range cap(opened) {
			go func() {
				n, err := OpenPostgres(context.Background(), dsn, Options{})
				if err != nil {
					t.Error(err)
				}
				opened <- n
			}()
		}
		for range cap(opened) {
			if n := <-opened; n != nil {
				closeStore(t, n)
			}
		}
	})
	t.Run("three nodes race for the last units", func(t *testing.T) {
		dsn := s.dsn(t)
		nodes := fleet{openNode(t, dsn), openNode(t, dsn), openNode(t, dsn)}
		raceForLastUnits(t, nodes)
		audit(t, nodes[0])
		for _, n := range nodes {
			closeStore(t, n)
		}
	})
	t.Run("killed again and again", func(t *testing.T) { killAgainAndAgain(t, s.dsn(t)) })
	t.Run("the source is not repeated in an error", func(t *testing.T) {
		_, err := OpenPostgres(t.Context(), "postgres://u:secret@host:x/db", Options{})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	})
}

// Package sqlstoretest starts a PostgreSQL server for tests.
package sqlstoretest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL server of one test, on a unix socket.
type Server struct {
	bin, dir string
	schemas  atomic.Int64
}

// port names the socket in the server's own folder; no server listens on TCP.
const port = 5432

// binaries returns the folder of initdb and pg_ctl, "" if there is none.
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

// command returns a command of the server. As root it runs as the user postgres, since the
// server refuses to run as root.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	path := filepath.Join(s.bin, name)
	cmd := exec.Command(path, args...)
	if os.Getuid() == 0 {
		cmd = exec.Command("runuser", append([]string{"-u", "postgres", "--", path}, args...)...)
	}
	cmd.Dir = s.dir
	return cmd
}

// StartPostgres starts a server that stops at the end of the test. Without a PostgreSQL
// installation it skips the test.
func StartPostgres(t testing.TB) *Server {
	t.Helper()
	s := &Server{bin: binaries()}
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
	// Tests kill clients, never the machine, so the server need not wait for the disk.
	options := fmt.Sprintf("-k %s -p %d -c listen_addresses='' -c fsync=off", dir, port)
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

// Clock returns the DSN of a new schema whose clock the returned function sets: by how much
// the server is ahead there. PostgreSQL looks in pg_catalog after the schema, so a function
// of the schema replaces that of the server.
func (s *Server) Clock(t testing.TB) (dsn string, set func(ahead time.Duration) error) {
	t.Helper()
	dsn = s.DSN(t)
	conn, err := pgx.Connect(t.Context(), strings.Replace(dsn, " pool_max_conns=8", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), `CREATE TABLE ahead (by INTERVAL NOT NULL); INSERT INTO ahead VALUES ('0');
		CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
		AS 'SELECT pg_catalog.clock_timestamp() + by FROM ahead'`); err != nil {
		t.Fatal(err)
	}
	return dsn + ",pg_catalog", func(ahead time.Duration) error {
		_, err := conn.Exec(context.Background(), "UPDATE ahead SET by = $1", ahead)
		return err
	}
}

// DSN creates a schema and returns the DSN of a store in it.
func (s *Server) DSN(t testing.TB) string {
	t.Helper()
	name := "s" + strconv.FormatInt(s.schemas.Add(1), 10)
	source := fmt.Sprintf("host=%s port=%d user=postgres dbname=postgres", s.dir, port)
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

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// postgres is a PostgreSQL server with its defaults, so that every commit is on the disk before
// it is answered.
type postgres struct {
	bin, dir string
	pid      int
}

// startPostgres starts a server in a folder of its own that listens on a socket there.
func startPostgres(ctx context.Context, dir string) (*postgres, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("PostgreSQL: %w", errAbsent)
	}
	p := &postgres{bin: filepath.Dir(found[len(found)-1]), dir: dir}
	if os.Getuid() == 0 {
		if out, err := exec.CommandContext(ctx, "chown", "postgres", dir).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("PostgreSQL cannot run as root, and there is no user postgres: %s", out)
		}
	}
	if err := p.run(ctx, "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "-D", p.data()); err != nil {
		return nil, err
	}
	options := fmt.Sprintf("-k %s -c listen_addresses=''", dir)
	if err := p.run(ctx, "pg_ctl", "-w", "-D", p.data(), "-l", filepath.Join(dir, "log"), "-o", options, "start"); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(p.data(), "postmaster.pid"))
	if err == nil {
		first, _, _ := strings.Cut(string(text), "\n")
		p.pid, err = strconv.Atoi(first)
	}
	return p, err
}

func (p *postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *postgres) dsn() string {
	return fmt.Sprintf("host=%s user=postgres dbname=postgres", p.dir)
}

func (p *postgres) stop() error {
	return p.run(context.Background(), "pg_ctl", "-m", "fast", "-D", p.data(), "stop")
}

// run runs a program of PostgreSQL, as its own user if this is root.
func (p *postgres) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, name), args...)
	if os.Getuid() == 0 {
		cmd = exec.CommandContext(ctx, "runuser", append([]string{"-u", "postgres", "--", cmd.Path}, args...)...)
	}
	cmd.Dir = p.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

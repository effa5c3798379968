package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// daemon is a heyan daemon with its SQLite store, in a process of its own.
type daemon struct {
	client  *http.Client
	base    string
	process *exec.Cmd
	log     bytes.Buffer
}

// credential is the variable of the vendors' credential.
const credential = "HEYAN_SCOREBOARD_APPCODE"

func startHeyan(ctx context.Context, o options, s story, v *vendors, dir string) (system, error) {
	conf, err := daemonConfig(o, s, v, dir)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "heyan.yaml")
	if err := os.WriteFile(file, conf, 0o600); err != nil {
		return nil, err
	}
	d := &daemon{client: newClient()}
	d.process = exec.Command(o.heyan, "serve", "--config", file) //nolint:noctx // close ends it in its own way
	d.process.Env, d.process.Stderr = append(os.Environ(), credential+"="+appCode), &d.log
	out, err := d.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := d.process.Start(); err != nil {
		return nil, fmt.Errorf("%w; build the binary with make build", err)
	}
	var at struct{ Listen string }
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&at); err != nil {
		return nil, fmt.Errorf("the daemon did not start: %w: %s", d.close(), d.log.String())
	}
	d.base = "http://" + at.Listen
	for _, name := range vendorNames() {
		if _, err := d.post(ctx, "/v1/ledger/lots", map[string]any{"id": name, "provider": name, "units": 10_000_000, "amount": "500000"}); err != nil {
			return nil, errors.Join(err, d.close())
		}
	}
	return d, nil
}

// daemonConfig returns a configuration with the defaults, beside what a run on fictitious
// persons and loopback addresses needs.
func daemonConfig(o options, s story, v *vendors, dir string) ([]byte, error) {
	var providers []map[string]any
	for _, vendor := range v.Vendors() {
		p := map[string]any{
			"name": vendor.Name, "settings": map[string]string{"base_url": vendor.URL, "appcode": "env:" + credential},
			"limits": map[string]any{"gate_first": o.pause.String(), "breaker_open": o.pause.String(), "timeout": o.timeout.String()},
		}
		if vendor.Name != first || s.kills == 0 {
			p["use"] = "idcert"
		} else {
			sum, err := checksum(o.heyan)
			if err != nil {
				return nil, err
			}
			p["plugin"] = map[string]any{"path": o.heyan, "sha256": sum, "args": []string{"provider", "serve", "idcert"}, "start_timeout": "30s"}
		}
		providers = append(providers, p)
	}
	return yaml.Marshal(map[string]any{
		"listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "log": map[string]string{"level": "warn", "format": "text"},
		"store": map[string]string{"driver": "sqlite", "dsn": "file:" + filepath.Join(dir, "heyan.db")},
		"auth":  map[string]string{"mode": "none"}, "policy": map[string]any{"consent": map[string]string{"mode": "off"}},
		"providers": providers,
		"routes":    []map[string]any{{"check": "id_name", "providers": vendorNames(), "max_attempts": 3}},
	})
}

func checksum(path string) (string, error) {
	text, err := os.ReadFile(path)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

func (d *daemon) verify(ctx context.Context, p person) (string, error) {
	text, err := d.post(ctx, "/v1/verifications", map[string]any{"check": "id_name", "subject": map[string]string{"name": p.name, "id_number": p.number}})
	var v struct{ Verdict, Reason string }
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err == nil && (v.Verdict == "" || v.Verdict == "undetermined") {
		err = failure(v.Reason)
	}
	return v.Verdict, err
}

// books waits until no call is in flight.
func (d *daemon) books(ctx context.Context) (map[string]book, error) {
	var balance struct {
		Providers []struct {
			Provider              string
			Held, Posted, Unknown int64
		}
	}
	all := map[string]book{}
	for {
		text, err := d.send(ctx, http.MethodGet, "/v1/ledger/balance", nil)
		if err == nil {
			err = json.Unmarshal(text, &balance)
		}
		if err != nil {
			return nil, err
		}
		held := int64(0)
		for _, p := range balance.Providers {
			held += p.Held
			all[p.Provider] = book{charged: p.Posted, possible: p.Unknown}
		}
		if held == 0 || !sleep(ctx, 100*time.Millisecond) {
			return all, ctx.Err()
		}
	}
}

func (d *daemon) resume(ctx context.Context, vendor string) error {
	_, err := d.post(ctx, "/v1/providers/"+vendor+":resume", map[string]any{})
	return err
}

// killAdapter kills the child of the daemon, which is the plugin.
func (d *daemon) killAdapter() error {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", d.process.Process.Pid))
	if err != nil {
		return err
	}
	if len(lists) == 0 {
		return errors.New("the plugin is found by /proc, which this system does not have; leave out plugin_death by -stories")
	}
	for _, file := range lists {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		for child := range strings.FieldsSeq(string(text)) {
			pid, err := strconv.Atoi(child)
			if err != nil {
				return err
			}
			plugin, err := os.FindProcess(pid)
			if err == nil {
				err = plugin.Kill()
			}
			if err != nil && !errors.Is(err, os.ErrProcessDone) {
				return err
			}
		}
	}
	return nil
}

func (d *daemon) close() error {
	d.client.CloseIdleConnections()
	_ = d.process.Process.Signal(os.Interrupt)
	return d.process.Wait()
}

func (d *daemon) post(ctx context.Context, path string, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return d.send(ctx, http.MethodPost, path, text)
}

func (d *daemon) send(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, d.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusMultipleChoices {
		var problem struct{ Type string }
		_ = json.Unmarshal(text, &problem) // the status says enough
		err = failure(fmt.Sprint(resp.StatusCode, " ", strings.TrimPrefix(problem.Type, "urn:heyan:problem:")))
	}
	return text, err
}

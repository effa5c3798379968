package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// startRole starts this program in another role.
func startRole(role string, env ...string) (*process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	return launch(true, append(env, roleVariable+"="+role), self)
}

func startProxy(_ context.Context, e environment) (*system, error) {
	p, address, err := startRole("proxy", vendorVariable+"=http://"+e.vendor)
	if err != nil {
		return nil, err
	}
	return forward(e, address, p), nil
}

// startGateway starts a program with a configuration file that write makes for an address.
func startGateway(ctx context.Context, e environment, program string, write func(address string) ([]byte, error), args ...string) (*system, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	conf, err := write(address)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(e.dir, "conf.json")
	if err := os.WriteFile(file, conf, 0o600); err != nil {
		return nil, err
	}
	p, _, err := launch(false, []string{"HOME=" + e.dir, "GIN_MODE=release"}, program, append(args, file)...)
	if err != nil {
		return nil, err
	}
	return forward(e, address, p), p.accepts(ctx, address)
}

func startNginx(ctx context.Context, e environment) (*system, error) {
	program, err := exec.LookPath("nginx")
	if err != nil {
		return nil, errAbsent
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;"
	}
	write := func(address string) ([]byte, error) {
		return fmt.Appendf(nil, `daemon off; %s
worker_processes auto;
pid %[2]s/pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
	access_log off;
	keepalive_requests 100000000;
	client_body_temp_path %[2]s/body;
	proxy_temp_path %[2]s/proxy;
	fastcgi_temp_path %[2]s/fastcgi;
	uwsgi_temp_path %[2]s/uwsgi;
	scgi_temp_path %[2]s/scgi;
	upstream vendor { server %[3]s; keepalive %[4]d; keepalive_requests 100000000; }
	server {
		listen %[5]s;
		location / {
			proxy_pass http://vendor;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
		}
	}
}
`, user, e.dir, e.vendor, idleConnections, address), nil
	}
	return startGateway(ctx, e, program, write, "-p", e.dir, "-e", "stderr", "-c")
}

func startCaddy(ctx context.Context, e environment) (*system, error) {
	program, err := build(ctx, "caddy")
	if err != nil {
		return nil, err
	}
	write := func(address string) ([]byte, error) {
		return json.Marshal(map[string]any{
			"admin":   map[string]any{"disabled": true, "config": map[string]any{"persist": false}},
			"logging": map[string]any{"logs": map[string]any{"default": map[string]any{"level": "ERROR"}}},
			"apps": map[string]any{"http": map[string]any{"servers": map[string]any{"vendor": map[string]any{
				"listen": []string{address}, "automatic_https": map[string]any{"disable": true},
				"routes": []any{map[string]any{"handle": []any{map[string]any{
					"handler": "reverse_proxy", "upstreams": []any{map[string]string{"dial": e.vendor}},
					"transport": map[string]any{"protocol": "http", "keep_alive": map[string]any{"max_idle_conns_per_host": idleConnections}},
				}}}},
			}}}},
		})
	}
	return startGateway(ctx, e, program, write, "run", "--config")
}

// startLura starts Lura with the body passed on as it is, which is its fastest way.
func startLura(ctx context.Context, e environment) (*system, error) {
	program, err := build(ctx, "lura")
	if err != nil {
		return nil, err
	}
	write := func(address string) ([]byte, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		number, err := strconv.Atoi(port)
		if err != nil {
			return nil, err
		}
		return json.Marshal(map[string]any{
			"version": 3, "address": host, "port": number, "timeout": "10s", "max_idle_connections_per_host": idleConnections,
			"endpoints": []any{map[string]any{
				"endpoint": "/idcard", "method": "GET", "output_encoding": "no-op",
				"input_query_strings": []string{"idCard", "name"}, "input_headers": []string{"Authorization"},
				"backend": []any{map[string]any{"host": []string{"http://" + e.vendor}, "url_pattern": "/idcard", "encoding": "no-op"}},
			}},
		})
	}
	return startGateway(ctx, e, program, write, "-config")
}

// build builds the program of a folder here, unless the user's cache has it from the same
// files. It takes minutes.
func build(ctx context.Context, folder string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, file := range []string{"go.mod", "go.sum", "main.go"} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			return "", err
		}
		_, _ = sum.Write(text)
	}
	target := filepath.Join(cache, "heyan-benchmarks", fmt.Sprintf("%s-%.6x", folder, sum.Sum(nil)))
	if _, err := os.Stat(target); err == nil {
		return target, nil
	}
	cmd := exec.CommandContext(ctx, "nice", "go", "build", "-o", target, ".")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: it cannot be built: %w: %s", errAbsent, err, out)
	}
	return target, nil
}

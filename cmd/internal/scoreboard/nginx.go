package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"text/template"
	"time"
)

// nginx is a client behind nginx with the first vendor as the server and the others as backups.
type nginx struct {
	client  *http.Client
	process *exec.Cmd
	log     bytes.Buffer
	charged atomic.Int64
}

// nginxConf has the errors at which a team would have another vendor called. A request is a GET,
// so nginx takes it for safe to repeat.
var nginxConf = template.Must(template.New("").Parse(`daemon off;
{{if .Root}}user root;{{end}}
worker_processes 1;
pid {{.Dir}}/pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
	access_log off;
	client_body_temp_path {{.Dir}}/body;
	proxy_temp_path {{.Dir}}/proxy;
	fastcgi_temp_path {{.Dir}}/fastcgi;
	uwsgi_temp_path {{.Dir}}/uwsgi;
	scgi_temp_path {{.Dir}}/scgi;
	upstream vendors {
		server {{.First}} max_fails=5 fail_timeout={{.Pause}}s;
{{range .Others}}		server {{.}} max_fails=5 fail_timeout={{$.Pause}}s backup;
{{end}}		keepalive 256;
	}
	server {
		listen unix:{{.Dir}}/socket;
		location / {
			proxy_pass http://vendors;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_connect_timeout 2s;
			proxy_read_timeout {{.Timeout}}ms;
			proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504 http_403 http_429;
			proxy_next_upstream_tries 3;
		}
	}
}
`))

func startNginx(ctx context.Context, o options, _ story, v *vendors, dir string) (system, error) {
	var hosts []string
	for _, vendor := range v.Vendors() {
		hosts = append(hosts, strings.TrimPrefix(vendor.URL, "http://"))
	}
	var conf bytes.Buffer
	if err := nginxConf.Execute(&conf, map[string]any{
		"Root": os.Getuid() == 0, "Dir": dir, "First": hosts[0], "Others": hosts[1:], "Pause": max(1, int(o.pause.Seconds())), "Timeout": o.timeout.Milliseconds(),
	}); err != nil {
		return nil, err
	}
	file, socket := filepath.Join(dir, "nginx.conf"), filepath.Join(dir, "socket")
	if err := os.WriteFile(file, conf.Bytes(), 0o600); err != nil {
		return nil, err
	}
	n := &nginx{client: &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 1000,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}}
	n.process = exec.Command("nginx", "-p", dir, "-c", file, "-e", "stderr") //nolint:noctx // close ends it in its own way
	n.process.Stderr = &n.log
	if err := n.process.Start(); err != nil {
		return nil, err
	}
	for range 100 {
		if _, err := os.Stat(socket); err == nil {
			return n, nil
		}
		if !sleep(ctx, 50*time.Millisecond) {
			break
		}
	}
	return nil, fmt.Errorf("nginx did not start: %w: %s", n.close(), n.log.String())
}

func (n *nginx) verify(ctx context.Context, p person) (string, error) {
	verdict, err := get(ctx, n.client, "http://vendors", p)
	if err == nil && verdict != "no_record" {
		n.charged.Add(1)
	}
	return verdict, err
}

// books is the number of answers: the client does not know which vendor gave them.
func (n *nginx) books(context.Context) (map[string]book, error) {
	return map[string]book{"": {charged: n.charged.Load()}}, nil
}
func (n *nginx) resume(context.Context, string) error { return nil }
func (n *nginx) killAdapter() error                   { return nil }

func (n *nginx) close() error {
	n.client.CloseIdleConnections()
	_ = n.process.Process.Signal(os.Interrupt)
	return n.process.Wait()
}

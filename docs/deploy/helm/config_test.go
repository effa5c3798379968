package helm

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// TestConfiguration: heyan accepts the configuration of every mode, with the folders of the
// pod, and refuses one with a wrong key.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "heyan")
	build := exec.Command("go", "build", "-o", program, "./cmd/heyan")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	certificate(t, dir)
	check := func(t *testing.T, m *manifest) (string, error) {
		text := strings.NewReplacer("/run/secrets/heyan-tls/", dir+"/", "/var/lib/heyan/", dir+"/").Replace(m.config.Data["heyan.yaml"])
		path := filepath.Join(t.TempDir(), "heyan.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(program, "config", "check", "--config", path).CombinedOutput()
		return string(out), err
	}
	for _, tt := range modes() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := mustRender(t, tt.values)
			if out, err := check(t, m); err != nil {
				t.Errorf("%v: %s\n%s", err, out, m.config.Data["heyan.yaml"])
			}
			named(t, m)
		})
	}
	t.Run("wrong", func(t *testing.T) {
		t.Parallel()
		m := mustRender(t, strings.Replace(single, "config:", "config:\n  grce: 10s", 1)+tls)
		if out, err := check(t, m); err == nil || !strings.Contains(out, "grce") {
			t.Errorf("%v: %s", err, out)
		}
	})
}

// named looks at what the configuration names: callers reach the pod by the names of its
// Service, and each variable and file of the chart's own is in the container.
func named(t *testing.T, m *manifest) {
	t.Helper()
	var c struct {
		Hosts []string `json:"hosts"`
	}
	text := m.config.Data["heyan.yaml"]
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	want := m.service.Name + " " + m.service.Name + ".identity " + m.service.Name + ".identity.svc " + m.service.Name + ".identity.svc.cluster.local"
	if got := strings.Join(c.Hosts, " "); got != want {
		t.Errorf("hosts %s, want %s", got, want)
	}
	container := m.pod().Spec.Containers[0]
	known := map[string]bool{}
	for _, e := range container.Env {
		known[e.Name] = true
	}
	for _, after := range strings.Split(text, "env:")[1:] {
		name := after[:strings.IndexFunc(after, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') })]
		if !known[name] {
			t.Errorf("the configuration names the variable %s, which the container does not have", name)
		}
	}
	for path, mount := range map[string]string{"/run/secrets/heyan-tls/": "/run/secrets/heyan-tls", "/var/lib/heyan/": "/var/lib/heyan"} {
		mounted := false
		for _, v := range container.VolumeMounts {
			mounted = mounted || v.MountPath == mount
		}
		if strings.Contains(text, path) != mounted {
			t.Errorf("%s is mounted: %v, named: %v", mount, mounted, !mounted)
		}
	}
}

// certificate writes tls.crt, tls.key and ca.crt.
func certificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"heyan"}, NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"tls.crt": {Type: "CERTIFICATE", Bytes: cert}, "ca.crt": {Type: "CERTIFICATE", Bytes: cert}, "tls.key": {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

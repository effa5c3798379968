package setup

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
)

// planOf returns a plan for one product, with an answer for each setting.
func planOf(t *testing.T, dir string, products ...string) Plan {
	t.Helper()
	p := Plan{Dir: dir, Purpose: "account_opening", Title: `开立 "账户" # 实名`, Controller: config.Party{Name: "某某: 有限公司", Contact: "'400'"}, Port: 8080, SandboxPort: 9100}
	for _, name := range products {
		f, ok := assemble.Catalogue().Find(name)
		if !ok {
			t.Fatalf("no product %s", name)
		}
		v := Vendor{Factory: f, Recipient: "示例数据有限公司", Contact: "400-000-0000", Settings: map[string]string{}}
		for _, s := range v.Needed() {
			switch {
			case s.Secret:
				v.Settings[s.Name] = "env:" + v.Variable(s.Name)
			case strings.HasSuffix(s.Name, "_url"):
				v.Settings[s.Name] = "https://vendor.example/x"
			default:
				v.Settings[s.Name] = "example"
			}
		}
		p.Vendors = append(p.Vendors, v)
	}
	return p
}

// TestEveryProduct: what is written for any product passes the check of the configuration.
func TestEveryProduct(t *testing.T) {
	t.Parallel()
	for _, f := range assemble.Catalogue().Factories() {
		t.Run(f.Descriptor.Name, func(t *testing.T) {
			t.Parallel()
			p := planOf(t, filepath.Join(t.TempDir(), "new"), f.Descriptor.Name)
			p.Postgres, p.TLS = len(f.Descriptor.Name)%2 == 0, true
			files, err := p.Files()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Write(files, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := assemble.Check(filepath.Join(p.Dir, Config), nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSandboxOfEachKind: the variables lead a valid configuration to vendors of this machine,
// with every secret that it needs.
func TestSandboxOfEachKind(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"idcert", "tencent/idcard", "huawei/idcard", "camara/kyc-match", "kz/idcard"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := planOf(t, filepath.Join(t.TempDir(), "new"), name)
			p.Sandbox = true
			files, err := p.Files()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Write(files, nil); err != nil {
				t.Fatal(err)
			}
			var environ []string
			for line := range strings.Lines(string(files[0].Text)) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					environ = append(environ, line)
				}
			}
			loaded, err := assemble.Check(filepath.Join(p.Dir, Config), environ)
			if err != nil {
				t.Fatal(err)
			}
			lookup := func(name string) (string, bool) {
				for _, entry := range environ {
					if value, ok := strings.CutPrefix(entry, name+"="); ok {
						return value, true
					}
				}
				return "", false
			}
			if err := assemble.CheckSecrets(assemble.Options{Config: loaded.Config, LookupEnv: lookup}); err != nil {
				t.Error(err)
			}
			if got := loaded.Config.Providers[0].Settings["base_url"]; got != "http://127.0.0.1:9100" {
				t.Errorf("base_url %q, want that of the sandbox", got)
			}
		})
	}
}

// TestWriteLeavesNothing: after a fault, what was there is as before.
func TestWriteLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, p *Plan)
		want  error
	}{
		{"an invalid configuration", func(_ *testing.T, p *Plan) { p.Vendors[0].Settings["appcode"] = "the code itself" }, nil},
		{"a file that is there", func(t *testing.T, p *Plan) {
			if err := os.MkdirAll(p.path("notices"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(p.path(Notice), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, ErrExists},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "a", "b")
			p := planOf(t, dir, "idcert")
			files, err := p.Files()
			if err != nil {
				t.Fatal(err)
			}
			test.spoil(t, &p)
			before := tree(t, dir)
			if _, err := p.Write(files, nil); err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if after := tree(t, dir); after != before {
				t.Errorf("left %q, want %q", after, before)
			}
		})
	}
}

// tree lists the files below the parent of a folder.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(filepath.Dir(filepath.Dir(dir)), func(path string, _ os.DirEntry, err error) error {
		list = append(list, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}

// TestNeededPrefersSecrets: of several schemes, the one that asks for nothing but references.
func TestNeededPrefersSecrets(t *testing.T) {
	t.Parallel()
	names := func(v Vendor) (list []string) {
		for _, s := range v.Needed() {
			list = append(list, s.Name)
		}
		return list
	}
	f, _ := assemble.Catalogue().Find("idcert")
	if got := names(Vendor{Factory: f}); len(got) != 1 || got[0] != "appcode" {
		t.Errorf("%v, want the AppCode", got)
	}
	if got := names(Vendor{Factory: f, Settings: map[string]string{"app_key": "1"}}); len(got) != 2 {
		t.Errorf("%v, want the pair of keys", got)
	}
	if got := names(Vendor{}); len(got) != 0 {
		t.Errorf("%v of no product, want none", got)
	}
}

package doctor

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
)

// fewFiles is the limit of open files below which connections of callers are few.
const fewFiles = 1024

// machine looks at what the process gets from the system.
func (x *examination) machine() {
	now := time.Now()
	name, offset := now.Zone()
	text := fmt.Sprintf("%s (UTC%+03d:%02d)", name, offset/3600, abs(offset)%3600/60)
	if tz := x.variable("TZ"); tz != "" {
		if _, err := time.LoadLocation(strings.TrimPrefix(tz, ":")); err != nil && !filepath.IsAbs(strings.TrimPrefix(tz, ":")) {
			x.add("time_zone", "TZ", Warn, idv.Text{EN: "TZ names an unknown zone, so times are printed in UTC", ZH: "TZ 所指的时区不存在，时间按 UTC 显示"},
				idv.Text{EN: "install tzdata, or set TZ=Asia/Shanghai", ZH: "安装 tzdata，或设置 TZ=Asia/Shanghai"})
		}
	}
	x.ok("time_zone", "", same(text))
	if now.Year() < 2026 {
		x.add("clock", "machine", Fail, idv.Text{EN: "the clock shows " + now.Format(time.DateOnly), ZH: "本机时钟为 " + now.Format(time.DateOnly)},
			idv.Text{EN: "synchronize it (chrony, systemd-timesyncd)", ZH: "请启用时间同步（chrony、systemd-timesyncd）"})
	}
	if limit, known := openFilesLimit(); known {
		text := idv.Text{EN: fmt.Sprintf("%d open files", limit), ZH: fmt.Sprintf("可打开 %d 个文件", limit)}
		if limit < fewFiles {
			x.add("open_files", "", Warn, text, idv.Text{EN: "raise it to 1024 or more, with ulimit -n or LimitNOFILE", ZH: "用 ulimit -n 或 LimitNOFILE 调至 1024 以上"})
		} else {
			x.ok("open_files", "", text)
		}
	}
	if os.Geteuid() == 0 {
		x.add("user", "root", Warn, idv.Text{EN: "root can read every secret, and files made by it are not those of the daemon's user", ZH: "root 可读取一切密钥，且其创建的文件不属于服务用户"},
			idv.Text{EN: "run heyan as a user of its own", ZH: "以专用的普通用户运行 heyan"})
	} else if uid := os.Geteuid(); uid > 0 {
		x.ok("user", fmt.Sprintf("uid %d", uid), idv.Text{EN: "not root", ZH: "不是 root"})
	}
}

func (x *examination) variable(name string) (value string) {
	for _, entry := range x.Environ {
		if rest, ok := strings.CutPrefix(entry, name+"="); ok {
			value = rest
		}
	}
	return value
}

func abs(n int) int { return max(n, -n) }

// files looks at who may change what the configuration names. Files with secrets, keys and the
// database that others can read are faults of the configuration, or of a secret, already.
func (x *examination) files() {
	type file struct{ path, what string }
	list := []file{{x.Path, "configuration"}}
	if c := x.config.Store; c.Driver == "sqlite" {
		list = append(list, file{filepath.Dir(strings.TrimPrefix(c.DSN, "file:")), "store"})
	}
	for i, p := range x.config.Providers {
		path := strictyaml.At("providers", i)
		list = append(list, file{p.Declared, path + ".declared"}, file{p.Plugin.Path, path + ".plugin.path"})
	}
	for _, r := range x.config.Policy.Rules {
		if !strings.HasPrefix(r, "pack:") {
			list = append(list, file{r, "policy.rules"})
		}
	}
	list = append(list, file{x.config.Policy.Consent.Notices, "policy.consent.notices"})
	sound := 0
	for _, f := range list {
		if f.path == "" {
			continue
		}
		if info, err := os.Stat(f.path); err == nil && changeable(info) {
			x.add("permissions", f.path, Warn, idv.Text{EN: "every user of the machine can change it (" + f.what + ")", ZH: "本机任何用户都可修改（" + f.what + "）"}, same("chmod o-w "+f.path))
			continue
		}
		sound++
	}
	x.ok("permissions", "", idv.Text{EN: idv.Count(sound, "path") + " that no other user can change", ZH: fmt.Sprintf("%d 个路径，其他用户不可修改", sound)})
}

// certificates looks at the ends of our own certificates. Those that do not fit their keys are
// faults already.
func (x *examination) certificates() {
	seen := map[string]bool{}
	if cert := x.config.TLS.Cert; cert != "" {
		x.certificate("tls.cert", cert, x.config.Hosts)
	}
	for i := range x.config.Providers {
		n, path := x.config.NetworkOf(i)
		if n.CertFile != "" && !seen[path] {
			seen[path] = true
			x.certificate(path+".cert_file", n.CertFile, nil)
		}
	}
}

// maxCertificate is the largest file of a certificate that is read, in bytes.
const maxCertificate = 1 << 20

func (x *examination) certificate(path, file string, hosts []string) {
	text, err := strictyaml.ReadFile(file, maxCertificate)
	if err != nil {
		return // a fault already
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return
	}
	day := leaf.NotAfter.UTC().Format(time.DateOnly)
	remedy := idv.Text{EN: "renew it; heyan reads the files again within seconds", ZH: "请更新；heyan 会在数秒内重新读取"}
	strange := slices.DeleteFunc(slices.Clone(hosts), func(host string) bool { return leaf.VerifyHostname(host) == nil })
	switch left := time.Until(leaf.NotAfter); {
	case left < 0:
		x.add("certificate", path, Fail, idv.Text{EN: "expired on " + day, ZH: "已于 " + day + " 过期"}, remedy)
	case time.Now().Before(leaf.NotBefore):
		x.add("certificate", path, Fail, idv.Text{EN: "not valid before " + leaf.NotBefore.UTC().Format(time.DateOnly), ZH: "于 " + leaf.NotBefore.UTC().Format(time.DateOnly) + " 起才有效"},
			idv.Text{EN: "check the clock of this machine", ZH: "请检查本机时钟"})
	case left < soonInvalid:
		x.add("certificate", path, Warn, idv.Text{EN: "expires on " + day, ZH: "将于 " + day + " 过期"}, remedy)
	default:
		x.ok("certificate", path, idv.Text{EN: "valid until " + day, ZH: "有效至 " + day})
	}
	if len(strange) > 0 {
		x.add("certificate", path, Warn, idv.Text{EN: "is not for " + strings.Join(strange, ", "), ZH: "不适用于 " + strings.Join(strange, "、")},
			idv.Text{EN: "get one with these names, or correct hosts", ZH: "请换用含这些名称的证书，或更正 hosts"})
	}
}

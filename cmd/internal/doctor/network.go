package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/exchange"
)

// plugins starts each plugin program for a moment, beside the one of a running daemon, and
// collects the descriptors of all products.
func (x *examination) plugins(ctx context.Context) {
	x.products = map[string]idv.Descriptor{}
	var running sync.WaitGroup
	results := make([]func(), len(x.config.Providers))
	for i, p := range x.config.Providers {
		running.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, p.Plugin.StartTimeout+x.Timeout)
			defer cancel()
			d, state, err := assemble.Describe(ctx, p)
			results[i] = func() { x.plugin(p, d, state.Version, err) }
		})
	}
	running.Wait()
	for _, note := range results {
		note()
	}
}

func (x *examination) plugin(p config.Provider, d idv.Descriptor, version string, err error) {
	switch {
	case err != nil:
		x.add("plugin", p.Name, Fail, same(err.Error()), idv.Text{EN: "heyan provider check --help shows how to test a plugin alone", ZH: "可用 heyan provider check 单独测试插件"})
		return
	case p.Plugin.Path != "":
		x.ok("plugin", p.Name, idv.Text{EN: strings.TrimSpace("starts, its checksum matches, and it serves " + d.Name + " " + version), ZH: strings.TrimSpace("可启动，校验和一致，提供 " + d.Name + " " + version)})
	}
	x.products[p.Name] = d
}

// vendors connects to each vendor up to the TLS handshake, all at once. Providers that share
// an address and a network are one vendor here.
func (x *examination) vendors(ctx context.Context) {
	type way struct{ network, address string }
	seen := map[way]*[]string{}
	var running sync.WaitGroup
	var notes []func()
	for i, p := range x.config.Providers {
		d, known := x.products[p.Name]
		if !known {
			continue
		}
		paths, err := assemble.Paths(ctx, x.assembly, i, d)
		if err != nil {
			x.network(p.Name, err)
			continue
		}
		if len(paths) == 0 {
			x.add("vendor", p.Name, Warn, idv.Text{EN: "its plugin makes its own calls, which cannot be examined", ZH: "其插件自行发起调用，无法检查"}, idv.Text{EN: "check the plugin's own network", ZH: "请检查插件自身的网络"})
		}
		n, network := x.config.NetworkOf(i)
		if n.IsZero() {
			network = "" // the same for all
		}
		for _, path := range paths {
			w := way{network, path.BaseURL}
			if names, again := seen[w]; again {
				*names = append(*names, p.Name)
				continue
			}
			names := &[]string{p.Name}
			seen[w] = names
			note := new(func())
			notes = append(notes, func() { (*note)() })
			running.Go(func() {
				ctx, cancel := context.WithTimeout(ctx, x.Timeout)
				defer cancel()
				begun := time.Now()
				reached, err := path.Probe(ctx)
				took := time.Since(begun)
				*note = func() { x.vendor(strings.Join(*names, ", "), path.Network.ProxyURL != "", reached, took, err) }
			})
		}
	}
	running.Wait()
	for _, note := range notes {
		note()
	}
}

// network reports a provider whose network cannot be built.
func (x *examination) network(provider string, err error) {
	for _, one := range each(err) {
		x.add("vendor", provider, Fail, same(one.Error()), idv.Text{EN: "correct it; docs/network.md describes the keys", ZH: "请更正；各配置项见 docs/network.md"})
	}
}

// soonInvalid is the time before the end of a certificate in which it is a finding.
const soonInvalid = 21 * 24 * time.Hour

func (x *examination) vendor(names string, proxied bool, r exchange.Reached, took time.Duration, err error) {
	subject := names
	if r.Host != "" {
		subject = fmt.Sprintf("%s (%s)", r.Host, names)
	}
	if err != nil {
		e := idv.AsError(err)
		if e.Phase == "" {
			x.add("vendor", subject, Fail, same(err.Error()), idv.Text{EN: "correct settings.base_url or the network", ZH: "请更正 settings.base_url 或 network"})
			return
		}
		x.add("vendor", subject, Fail, idv.Text{EN: e.Phase + ": " + e.Detail, ZH: e.Phase + "：" + cmp.Or(chinese()[e.Detail], e.Detail)}, remedyOf(e, proxied))
		return
	}
	text := idv.Text{EN: fmt.Sprintf("reached in %s", took.Round(time.Millisecond)), ZH: fmt.Sprintf("%s 内连通", took.Round(time.Millisecond))}
	if proxied {
		text = idv.Text{EN: text.EN + " through the proxy", ZH: "经代理，" + text.ZH}
	}
	if r.Certificate.IsZero() {
		x.ok("vendor", subject, idv.Text{EN: text.EN + ", without TLS on a loopback address", ZH: text.ZH + "，回环地址，无 TLS"})
		return
	}
	day := r.Certificate.UTC().Format(time.DateOnly)
	text = idv.Text{EN: text.EN + "; the certificate is trusted until " + day, ZH: text.ZH + "；证书有效至 " + day}
	if time.Until(r.Certificate) < soonInvalid {
		x.add("vendor", subject, Warn, text, idv.Text{EN: "the vendor has to renew it; ask if it stays so", ZH: "须由供应商更新证书，若迟迟未更新请询问"})
		return
	}
	x.ok("vendor", subject, text)
}

// chinese translates the constant sentences of [exchange.Probe].
func chinese() map[string]string {
	return map[string]string{
		"no complete reply within the time limit":                                                              "超时，未能连通",
		"the host's name cannot be resolved":                                                                   "无法解析主机名",
		"the connection could not be established":                                                              "无法建立连接",
		"the TLS handshake failed":                                                                             "TLS 握手失败",
		"the server's certificate is not trusted":                                                              "服务器证书不受信任",
		"the vendor's certificate is for another name":                                                         "供应商证书的名称不符",
		"the vendor's certificate is signed by an unknown authority":                                           "供应商证书由未知机构签发",
		"the vendor's certificate has expired or is not valid yet, by the clock of this machine":               "按本机时钟，供应商证书已过期或尚未生效",
		"the proxy's certificate is for another name":                                                          "代理证书的名称不符",
		"the proxy's certificate is signed by an unknown authority":                                            "代理证书由未知机构签发",
		"the proxy's certificate has expired or is not valid yet, by the clock of this machine":                "按本机时钟，代理证书已过期或尚未生效",
		"the proxy does not allow connections to the vendor":                                                   "代理不允许连接该供应商",
		"the proxy could not reach the vendor":                                                                 "代理无法连通供应商",
		"the proxy did not open the tunnel":                                                                    "代理未建立隧道",
		"the vendor refused our client certificate; check network.cert_file":                                   "供应商拒绝了我方的客户端证书",
		"our client certificate is expired or not yet valid; replace network.cert_file":                        "我方的客户端证书已过期或尚未生效",
		"the proxy refused our credentials or wants some; check network.proxy_user and network.proxy_password": "代理拒绝了我方的账号，或要求提供账号",
	}
}

// remedyOf says what to do about a vendor that is not reached.
func remedyOf(e *idv.Error, proxied bool) idv.Text {
	switch {
	case strings.Contains(e.Detail, "certificate") && strings.Contains(e.Detail, "not valid yet"):
		return idv.Text{EN: "compare the clock of this machine; if it is right, the vendor has to renew the certificate", ZH: "核对本机时钟；时钟无误则须由供应商更新证书"}
	case strings.Contains(e.Detail, "our client certificate"):
		return idv.Text{EN: "check network.cert_file and key_file", ZH: "检查 network.cert_file 与 key_file"}
	case strings.Contains(e.Detail, "certificate"):
		return idv.Text{EN: "check base_url and network.ca_file; a proxy that opens TLS needs its authority in ca_file", ZH: "检查 base_url 与 network.ca_file；会解开 TLS 的代理须在 ca_file 中列出其根证书"}
	case strings.Contains(e.Detail, "credentials"):
		return idv.Text{EN: "check network.proxy_user and network.proxy_password", ZH: "检查 network.proxy_user 与 network.proxy_password"}
	case e.Phase == "dns":
		return idv.Text{EN: "check the host in base_url or network.proxy and the resolver, or pin the addresses in network.pins", ZH: "检查 base_url 或 network.proxy 的主机名与 DNS，或在 network.pins 固定地址"}
	case proxied:
		return idv.Text{EN: "check network.proxy, and that it allows a CONNECT to this host", ZH: "检查 network.proxy，并确认其允许对该主机 CONNECT"}
	}
	return idv.Text{EN: "check the firewall of this machine, or set network.proxy if the machine needs one", ZH: "检查本机防火墙；若须经代理，请设置 network.proxy"}
}

// listeners looks whether the daemon could listen, for the moment that it takes to try.
func (x *examination) listeners(ctx context.Context) {
	for _, one := range x.config.Listeners() {
		subject := one.Path + " = " + one.Address
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", one.Address)
		switch {
		case err == nil:
			_ = l.Close()
			x.ok("listen", subject, idv.Text{EN: "free", ZH: "空闲"})
		case x.serving(ctx):
			x.ok("listen", subject, idv.Text{EN: "used by a running daemon of heyan", ZH: "由运行中的 heyan 服务使用"})
		default:
			text := err.Error()
			var op *net.OpError
			if errors.As(err, &op) {
				text = op.Err.Error()
			}
			x.add("listen", subject, Fail, same(text), idv.Text{EN: "stop the process that uses it, or choose another address", ZH: "停止占用它的进程，或改用其他地址"})
		}
	}
}

// serving reports whether a daemon answers at the admin address. Its certificate is not
// verified: the question holds nothing, and the answer decides nothing but a word.
func (x *examination) serving(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, x.Timeout)
	defer cancel()
	_, port, _ := net.SplitHostPort(x.config.AdminListen)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}} //nolint:gosec // see above
	for _, scheme := range []string{"http", "https"} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort("127.0.0.1", port)+"/healthz", nil)
		if err != nil {
			return false
		}
		reply, err := client.Do(r)
		if err != nil {
			continue
		}
		body, _ := io.ReadAll(io.LimitReader(reply.Body, 64))
		_ = reply.Body.Close()
		if reply.StatusCode == http.StatusOK && slices.Contains([]string{`{"status":"ok"}`}, strings.TrimSpace(string(body))) {
			return true
		}
	}
	return false
}

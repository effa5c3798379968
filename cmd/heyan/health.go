package main

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/strictjson"
)

func newHealth(c *cli) *cobra.Command {
	var path string
	var live, asJSON bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "health --config FILE",
		Short: "Ask the daemon on this machine whether it is ready, for the health check of a container",
		Long: "Asks /readyz at admin_listen of the configuration and prints the status. It opens no database and calls no vendor. In an\n" +
			"image without a shell it is the health check; Kubernetes asks /healthz and /readyz itself.\n\n" +
			"Exit codes: 0 ready; 1 not ready, or no daemon answers.",
		Args: noArgs("use --config"),
	}
	configFlag(cmd, &path)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().BoolVar(&live, "live", false, "ask /healthz instead: whether the daemon answers at all")
	cmd.Flags().DurationVar(&timeout, "timeout", 3*time.Second, "how long to wait for the daemon")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if timeout <= 0 {
			return usageError("--timeout: must be positive, such as 5s")
		}
		loaded, err := c.loadBy(path, config.Load)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
		defer cancel()
		page := "/readyz"
		if live {
			page = "/healthz"
		}
		return c.printHealth(askHealth(ctx, &loaded.Config, page), asJSON)
	}
	return cmd
}

// unreachable is the status when no daemon answers.
const unreachable = "unreachable"

func isHealthy(status string) bool { return status == "ready" || status == "ok" }

func (c *cli) printHealth(status string, asJSON bool) error {
	switch {
	case asJSON:
		c.out.JSON(httpapi.Health{Status: status})
	case status == unreachable:
		c.out.Linef("%s", idv.Text{EN: "no daemon answers at admin_listen; start heyan serve with the same configuration", ZH: "admin_listen 上没有服务应答；请以同一配置启动 heyan serve"}.In(c.lang))
	default:
		c.out.Linef("%s", status)
	}
	if !isHealthy(status) {
		return exitCode(exitFound)
	}
	return nil
}

// askHealth returns the status that a page of the admin address reports. The certificate is
// not verified: the question holds nothing, the connection does not leave this machine unless
// admin_listen is an address of its own, and the certificate is for the name that callers use.
func askHealth(ctx context.Context, conf *config.Config, page string) string {
	host, port, _ := net.SplitHostPort(conf.AdminListen) // validated
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if conf.TLS.Cert != "" && !config.Loopback(conf.AdminListen) {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+page, http.NoBody)
	if err != nil {
		return unreachable
	}
	client := http.Client{Transport: &http.Transport{ // without a proxy of the environment
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, //nolint:gosec // see above
	}}
	response, err := client.Do(request)
	if err != nil {
		return unreachable
	}
	defer func() { _ = response.Body.Close() }()
	var health struct {
		Status string `json:"status"`
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxRunning))
	if err != nil || strictjson.Decode(text, &health) != nil || isHealthy(health.Status) != (response.StatusCode == http.StatusOK) {
		return unreachable
	}
	return health.Status
}

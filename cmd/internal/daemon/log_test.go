package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
)

// lines returns the log lines with a message.
func (h *fixture) lines(message string) (found []string) {
	for _, line := range strings.Split(h.logged(), "\n") {
		if strings.Contains(line, `"msg":"`+message+`"`) {
			found = append(found, line)
		}
	}
	return found
}

// expect checks that the log has one line with a message, a level and parts.
func (h *fixture) expect(message, level string, parts ...string) {
	h.t.Helper()
	found := h.lines(message)
	if len(found) != 1 {
		h.t.Errorf("%d lines %q in\n%s", len(found), message, h.logged())
		return
	}
	for _, part := range append(parts, `"level":"`+level+`"`) {
		if !strings.Contains(found[0], part) {
			h.t.Errorf("no %s in %s", part, found[0])
		}
	}
}

// TestStartAndStopAreLogged: the version, what is not protected, and what the environment
// sets; the end as well.
func TestStartAndStopAreLogged(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	h.post(422, "/v1/verifications", `{"check":"id_name","app":"web","subject":{"name":"张三","id_number":"110105194912310021"}}`)
	h.end()
	h.expect("ready", "INFO", `"version":"test"`, `"listen":"127.0.0.1:`)
	h.expect("callers are not authenticated; every user of this machine can make paid calls over the loopback address", "WARN", `"setting":"auth.mode"`)
	h.expect("calls are made without the consent of the person; use this for tests with fictitious persons only", "WARN", `"setting":"policy.consent.mode"`)
	h.expect("environment variables override the configuration file", "INFO", `"variables":["HEYAN_LISTEN"]`)
	h.expect("request refused before any call", "INFO", `"app":"web"`, `"tenant":"default"`, `"check":"id_name"`, `"rule":"check_digit"`)
	h.expect("stopped", "INFO", `"orderly":true`)
	if log := strings.TrimSpace(h.logged()); !strings.Contains(log[strings.LastIndex(log, "\n")+1:], `"msg":"stopped"`) {
		t.Errorf("the last line is another one: %s", log)
	}
}

// The daemon follows the file of a secret, on SIGHUP at once, and shows that it cannot.
func TestSecretFileIsFollowed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "appcode")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("wrong-canary")
	h := start(t, func(c *config.Config) { c.Providers[0].Settings["appcode"] = "file:" + path }, "idcert-a")
	stale := func(value string) func() bool {
		return func() bool {
			_, text := h.call("GET", "http://"+h.at.AdminListen+"/metrics", "")
			return strings.Contains(text, `heyan_provider_stale{provider="idcert-a"} `+value)
		}
	}
	h.wait(stale("0"))
	if r, _ := h.verify("张三", number); r.Verdict != "undetermined" {
		t.Errorf("a wrong key gave %+v", r)
	}
	write("")
	h.reload <- os.Interrupt
	h.waitForLog(`"msg":"provider credentials or network not read; the last ones stay in use"`)
	h.wait(stale("1"))
	write(h.sandbox.Vendors()[0].AppCode.Reveal())
	h.reload <- os.Interrupt
	h.waitForLog(`"msg":"provider credentials replaced"`)
	h.wait(func() bool { r, _ := h.verify("张三", number); return r.Verdict == "match" }) // the gate opens next
	h.wait(stale("0"))
	if strings.Contains(h.logged(), "wrong-canary") {
		t.Error("the log shows a secret")
	}
	h.silent(h.logged())
}

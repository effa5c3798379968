package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"testing"
)

// withGoClient calls with the Go client. Its module is not required by heyan's, so the calls are
// made by its driver, a program that docs/clients/driver.md describes.
func withGoClient(t *testing.T) front {
	t.Helper()
	program := filepath.Join(t.TempDir(), "driver")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./internal/driver")
	build.Dir = "../../../docs/clients/go/heyan"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return func(ctx context.Context, t *testing.T, address string, c rpc) reply {
		t.Helper()
		cmd := exec.CommandContext(ctx, program)
		cmd.Stdin = bytes.NewReader(taskOf(t, address, c))
		out, err := cmd.Output()
		var result struct {
			Error           string
			Printed         string
			RetryAfterMS    int64 `json:"retry_after_ms"`
			Answer, Refusal map[string]any
		}
		if err == nil {
			err = json.Unmarshal(out, &result)
		}
		switch {
		case err != nil:
			t.Fatalf("%v: %s", err, out)
		case result.Error == "problem":
			result.Refusal["type"] = "urn:heyan:problem:" + result.Refusal["type"].(string)
			return reply{problem: problemOf(t, result.Refusal, result.RetryAfterMS/1000)}
		case result.Error != "":
			t.Fatalf("%s: %s", result.Error, result.Printed)
		}
		return reply{body: result.Answer}
	}
}

// taskOf returns the driver's line for a call. The driver has the claims beside the other
// members.
func taskOf(t *testing.T, address string, c rpc) []byte {
	t.Helper()
	op := map[string]string{
		"verify": "verify", "explain": "explain", "getVerification": "get", "withdrawConsent": "withdraw", "listProviders": "providers",
	}[c.operation]
	if op == "" {
		t.Fatalf("the driver has no %s; skip the case in conformance.json", c.operation)
	}
	task := maps.Clone(c.request)
	if claims, ok := task["subject"].(map[string]any); ok {
		maps.Copy(task, claims)
	}
	task["op"], task["base_url"], task["key"], task["idempotency_key"] = op, "http://"+address, c.key, c.idempotencyKey
	line, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

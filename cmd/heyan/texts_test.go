package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestFlagTexts: a flag whose text no store keeps is refused by its name, in every command,
// before the configuration is read.
func TestFlagTexts(t *testing.T) {
	t.Parallel()
	const config = "missing.yaml"
	for _, args := range [][]string{
		{"ledger", "lots", "add", "--config", config, "--id", "$"},
		{"ledger", "lots", "add", "--config", config, "--note", "$"},
		{"ledger", "lots", "add", "--config", config, "--currency", "$"},
		{"ledger", "lots", "write-off", "--config", config, "--lot", "$"},
		{"ledger", "lots", "write-off", "--config", config, "--reason", "$"},
		{"ledger", "resolve", "--config", config, "--attempt", "$"},
		{"ledger", "entries", "--config", config, "--app", "$"},
		{"ledger", "entries", "--config", config, "--tenant", "$"},
		{"consent", "record", "--config", config, "--presenter", "$"},
		{"consent", "record", "--config", config, "--recipient", "a", "--recipient", "$"},
	} {
		flag := args[len(args)-2]
		for _, text := range []string{"a\x00", "a\xff", "a\x1b[2J", "a\r\nb", "a\u202eb", " "} {
			spoilt := append([]string{}, args...)
			spoilt[len(args)-1] = strings.ReplaceAll(args[len(args)-1], "$", text)
			var out, errs bytes.Buffer
			code := run(t.Context(), spoilt, strings.NewReader(""), &out, &errs, nil)
			if code != exitUsage || !strings.Contains(errs.String(), flag+": ") || strings.Contains(errs.String(), "missing.yaml") || strings.Contains(errs.String(), "\x1b") {
				t.Errorf("%q: exit code %d, %s", spoilt, code, errs.String())
			}
		}
	}
}

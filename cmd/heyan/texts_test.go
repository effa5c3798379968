package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestProviderNames: the name of a provider that was pasted with invisible characters or in
// full width is the same name, and one that may be taken for another is refused.
func TestProviderNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"provider", "show", " id\u200bcert\u00a0"}, 0, "idcert"},
		{[]string{"provider", "show", "ｋｚ/idcard"}, 0, "kz/idcard"},
		{[]string{"provider", "show", "id\ncert"}, exitUsage, "NAME: has a control"},
		{[]string{"provider", "trial", "a\u202eb", "--config", "missing.yaml"}, exitUsage, "NAME: has a control"},
		{[]string{"provider", "check", "a  b"}, exitUsage, "NAME: has two spaces"},
		{[]string{"provider", "list", "--vendor", "ｋｚ "}, 0, "kz/idcard"},
		{[]string{"provider", "list", "--running", "a\nb", "--config", "missing.yaml"}, exitUsage, "missing"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), test.args, strings.NewReader(""), &out, &errs, nil)
		if code != test.code || !strings.Contains(out.String()+errs.String(), test.want) {
			t.Errorf("%q: exit code %d, want %d with %q\n%s", test.args, code, test.code, test.want, errs.String())
		}
	}
}

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

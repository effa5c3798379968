package config

import (
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// File is a file or folder whose content belongs to the configuration.
type File struct {
	Path string // of the setting that names it
	Name string
}

// Files returns the files whose content takes effect with a reload: descriptions of products,
// rules, notices, the honeytokens and the secrets of webhooks. Those of the providers' and
// accounts' secrets and networks, and of the daemon's certificate, are followed one by one.
func Files(c Config) (list []File) {
	add := func(path, name string) {
		if name != "" {
			list = append(list, File{path, name})
		}
	}
	for i, p := range c.Providers {
		add(strictyaml.At("providers", i)+".declared", p.Declared)
	}
	for i, name := range c.Policy.Rules {
		if !strings.HasPrefix(name, "pack:") {
			add(strictyaml.At("policy.rules", i), name)
		}
	}
	add("policy.consent.notices", c.Policy.Consent.Notices)
	for _, r := range References(c) {
		name, isFile := strings.CutPrefix(r.Value, fileScheme)
		if isFile && !strings.HasPrefix(r.Path, "providers") && !strings.HasPrefix(r.Path, "accounts") && !NeedsRestart(r.Path) {
			add(r.Path, name)
		}
	}
	return list
}

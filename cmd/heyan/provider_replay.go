package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/draft"
	"github.com/heyan-id/heyan/cmd/internal/trial"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// maxReplay is the maximum size of a saved reply: a body and the escapes of its file.
const maxReplay = 1 << 20

// replayTrial decodes a saved reply.
func (c *cli) replayTrial(ctx context.Context, name string, f trialFlags) error {
	if f.consent != "" || f.purpose != "" || f.yes {
		return usageError("--replay: makes no call; omit --consent, --purpose and --yes")
	}
	saved, err := readReply(f.replay)
	if err != nil {
		return err
	}
	v, given, err := c.replayVendor(ctx, name, f)
	defer v.close(context.WithoutCancel(ctx))
	if err != nil {
		return c.pluginError(v, err)
	}
	p := v.products[0]
	if len(v.products) > 1 {
		return usageError("the vendor has several products; name one as vendor/product, or of a plugin with --product")
	}
	if p.descriptor.CustomTransport {
		return usageError("the provider has its own transport, so heyan does not see and cannot decode its replies")
	}
	settings, _, err := checkFlags{settings: given}.values(p.descriptor)
	if err != nil {
		return err
	}
	r := trial.Reply{Reply: saved.Reply}
	if v.plugin != nil {
		r.Codec, err = p.plugged.Codec(ctx, settings)
	} else {
		r.Codec, err = p.builtin.New(settings)
	}
	if err != nil {
		return c.pluginError(v, err)
	}
	if r.Recorded, err = recordedBy(p); f.fixtures != "" {
		r.Recorded, err = checkFlags{fixtures: f.fixtures}.load(&vendor{}, p, false)
	}
	if err != nil {
		return err
	}
	if r.Query, err = c.replayQuery(p.descriptor, saved, f.input); err != nil {
		return err
	}
	report := trial.Examine(ctx, r)
	return c.endTrial(trialView{Provider: name, Product: p.descriptor.Name, Reply: &report}, f, verdictCode(report.Outcome.Verdict))
}

// replayQuery returns the query about --input, the person of the saved reply, or the
// fictitious one.
func (c *cli) replayQuery(d idv.Descriptor, saved providertest.Recording, input string) (idv.Query, error) {
	q, err := providertest.Query(d)
	if err != nil {
		return q, configError("%v", err)
	}
	subject := saved.Subject
	if input != "" {
		if subject, err = c.readSubject(input); err != nil {
			return q, err
		}
	}
	if subject != (idv.Subject{}) {
		q.Subject = subject.Only(d.Check.Claims())
	}
	return q, nil
}

// replayVendor opens the vendor of a configured provider, or without --config the one that
// NAME names, and returns the settings that are no secrets.
func (c *cli) replayVendor(ctx context.Context, name string, f trialFlags) (*vendor, map[string]string, error) {
	if f.config == "" {
		v, err := openVendor(ctx, name, startOptions{timeout: startTimeout})
		if err == nil {
			err = v.only(f.product)
		}
		return v, nil, err
	}
	loaded, err := c.load(f.config)
	if err != nil {
		return nil, nil, err
	}
	conf, p, err := only(loaded.Config, name)
	if err != nil {
		return nil, nil, err
	}
	how := startOptions{timeout: startTimeout}
	if p.Plugin.Path != "" {
		how.sum, how.args, how.plaintext = p.Plugin.SHA256, p.Plugin.Args, p.Plugin.Plaintext
	}
	v, err := openVendor(ctx, wordOf(p), how)
	if err == nil && p.Declared == "" {
		err = v.only(p.Use)
	}
	if err != nil {
		return v, nil, err
	}
	given, all := map[string]string{}, conf.SettingsOf(p)
	for _, s := range v.products[0].descriptor.Settings {
		if value, ok := all[s.Name]; ok && !s.Secret {
			given[s.Name] = value
		}
	}
	return v, given, nil
}

// readReply reads a recorded reply, or status, headers and body as curl -i prints them.
func readReply(path string) (providertest.Recording, error) {
	text, err := strictyaml.ReadFile(path, maxReplay)
	if err != nil {
		return providertest.Recording{}, configFault("--replay", err)
	}
	if strings.HasPrefix(string(text), "HTTP/") {
		status, header, body, err := draft.ParseReply(string(text))
		return providertest.Recording{Reply: providers.Reply{Status: status, Header: header, Body: []byte(body)}}, configFault("--replay", err)
	}
	list, err := providertest.Recordings(oneFile{os.DirFS(filepath.Dir(path)), filepath.Base(path)})
	if err != nil {
		return providertest.Recording{}, configError("--replay: must be a recorded reply, or the output of curl -i: %v", err)
	}
	return list[0], nil
}

// oneFile is a file system of which only one file is listed.
type oneFile struct {
	fs.FS
	name string
}

// Glob returns the file, whatever the pattern.
func (f oneFile) Glob(string) ([]string, error) { //nolint:unparam // fs.GlobFS
	return []string{f.name}, nil
}

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/draft"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
)

// sample are the files of a sample exchange.
type sample struct{ curl, reply, har string }

func (s sample) given() bool { return s != sample{} }

// maxSample is the maximum size of a file of a sample exchange.
const maxSample = 16 << 20

// exchange reads the files.
func (s sample) exchange() (draft.Exchange, error) {
	switch {
	case s.har != "" && s.curl+s.reply != "", s.har == "" && s.curl == "":
		return draft.Exchange{}, usageError("give --from-curl, perhaps with --reply, or --from-har")
	case s.har != "":
		text, err := readSample("--from-har", s.har)
		if err != nil {
			return draft.Exchange{}, err
		}
		e, err := draft.HAR([]byte(text))
		return e, configFault("--from-har", err)
	}
	text, err := readSample("--from-curl", s.curl)
	if err != nil {
		return draft.Exchange{}, err
	}
	e, err := draft.Curl(text)
	if err != nil || s.reply == "" {
		return e, configFault("--from-curl", err)
	}
	if text, err = readSample("--reply", s.reply); err != nil {
		return e, err
	}
	e, err = e.WithReply(text)
	return e, configFault("--reply", err)
}

func readSample(flag, path string) (string, error) {
	text, err := strictyaml.ReadFile(path, maxSample)
	return string(text), configFault(flag, err)
}

// configFault returns an error of a flag's file, nil if there is none.
func configFault(flag string, err error) error {
	if err == nil {
		return nil
	}
	return configError("%s: %v", flag, err)
}

// draft writes the draft of a declared product and says what is left to do.
func (c *cli) draft(name, dir string, from sample) error {
	if vendor, product, ok := strings.Cut(name, "/"); !ok || vendor == "" || product == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-/") != "" || strings.Count(name, "/") > 1 {
		return usageError("the name of a declared product is vendor/product in small letters, digits and hyphens")
	}
	e, err := from.exchange()
	if err != nil {
		return err
	}
	d, err := draft.From(name, e)
	if err != nil {
		return configError("the sample: %v", err)
	}
	base := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
	if err := os.MkdirAll(base, 0o750); err != nil {
		return configError("cannot write the files: %v", strictyaml.Cause(err))
	}
	for path, text := range map[string][]byte{base + ".yaml": d.File, filepath.Join(base, "sample.json"): d.Recording} {
		if err := writeNew(path, text); err != nil {
			return err
		}
	}
	c.out.Linef("%s\n%s", base+".yaml", filepath.Join(base, "sample.json"))
	c.out.Linef("%s", idv.Text{EN: "\nPlease check:", ZH: "\n请核对："}.In(c.lang))
	for _, open := range d.Open {
		c.out.Linef("  %s", open)
	}
	c.out.Linef("%s\n  heyan provider check %s", idv.Text{EN: "\nNext step:", ZH: "\n后续步骤："}.In(c.lang), base+".yaml")
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return configError("%s exists; name another folder with --dir", filepath.Base(path))
	case err != nil:
		return configError("cannot write the files: %v", strictyaml.Cause(err))
	}
	_, err = f.Write(text)
	return internalError(errors.Join(err, f.Close()))
}

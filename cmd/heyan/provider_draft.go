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
	"github.com/heyan-id/heyan/providers/declared"
)

// sample are the files of a sample exchange, and what the author knows of it.
type sample struct {
	curl, reply, har          string
	claims                    map[string]string
	match, mismatch, noRecord []string
}

func (s sample) given() bool { return s.curl+s.reply+s.har != "" }

// options returns what the author knows.
func (s sample) options() (draft.Options, error) {
	o := draft.Options{Claims: s.claims, Verdicts: map[string]idv.Verdict{}}
	for verdict, codes := range map[idv.Verdict][]string{idv.Match: s.match, idv.Mismatch: s.mismatch, idv.NoRecord: s.noRecord} {
		for _, code := range codes {
			if _, twice := o.Verdicts[code]; twice {
				return o, usageError("a code has two verdicts in --match, --mismatch and --no-record")
			}
			o.Verdicts[code] = verdict
		}
	}
	return o, nil
}

// maxSample is the maximum size of a file of a sample exchange.
const maxSample = 16 << 20

// exchange reads the files.
func (s sample) exchange(c *cli) (draft.Exchange, error) {
	switch {
	case s.har != "" && s.curl+s.reply != "", s.har == "" && s.curl == "":
		return draft.Exchange{}, usageError("give --from-curl, perhaps with --reply, or --from-har")
	case s.har != "":
		text, err := c.readSample("--from-har", s.har)
		if err != nil {
			return draft.Exchange{}, err
		}
		e, err := draft.HAR([]byte(text))
		return e, configFault("--from-har", err)
	}
	text, err := c.readSample("--from-curl", s.curl)
	if err != nil {
		return draft.Exchange{}, err
	}
	e, err := draft.Curl(text)
	if err != nil || s.reply == "" {
		return e, configFault("--from-curl", err)
	}
	if text, err = c.readSample("--reply", s.reply); err != nil {
		return e, err
	}
	e, err = e.WithReply(text)
	return e, configFault("--reply", err)
}

func (c *cli) readSample(flag, path string) (string, error) {
	if path == "-" {
		text, err := c.read(path, maxSample)
		if err != nil || len(text) > maxSample {
			return "", inputError(err, "%s: stdin cannot be read, or has more than %d bytes", flag, maxSample)
		}
		return string(text), nil
	}
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
	o, err := from.options()
	if err != nil {
		return err
	}
	e, err := from.exchange(c)
	if err != nil {
		return err
	}
	d, err := draft.From(name, e, o)
	if err != nil {
		return configError("the sample: %v", err)
	}
	base := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
	if err := os.MkdirAll(base, 0o750); err != nil {
		return configError("cannot write the files: %v", strictyaml.Cause(err))
	}
	files := []draft.Made{{Name: base + ".yaml", Text: d.File}, {Name: filepath.Join(base, "sample.json"), Text: d.Recording}}
	for _, made := range d.Made {
		files = append(files, draft.Made{Name: filepath.Join(base, made.Name+".json"), Text: made.Text})
	}
	for _, f := range files {
		if err := writeNew(f.Name, f.Text); err != nil {
			return err
		}
		c.out.Linef("%s", f.Name)
	}
	c.out.Linef("%s", idv.Text{EN: "\nPlease check:", ZH: "\n请核对："}.In(c.lang))
	for _, open := range d.Open {
		c.out.Linef("  %s", open)
	}
	c.out.Linef("%s\n  heyan provider check %s", idv.Text{EN: "\nNext step:", ZH: "\n后续步骤："}.In(c.lang), base+".yaml")
	if _, err := declared.Read(base+".yaml", ""); err != nil {
		kept := idv.Text{EN: "the file is kept and has faults; complete it before the next step: ", ZH: "文件已保留，但有错误；请先补全再进行下一步："}
		return &exitError{code: exitFound, err: errors.New(kept.In(c.lang) + faultLines(err))}
	}
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

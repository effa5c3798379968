package assemble

import (
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// noticeCatalogue returns the built-in notices and those of the folder. A fault without a
// file concerns the setting.
func noticeCatalogue(c config.Consent) (*notice.Catalogue, error) {
	builtin, err := notice.Builtin()
	if err != nil || c.Notices == "" {
		return builtin, err
	}
	own, err := notice.Load(c.Notices)
	if err == nil {
		own, err = builtin.With(own)
	}
	var faults strictyaml.Faults
	if errors.As(err, &faults) {
		for i, f := range faults {
			if f.File == "" {
				faults[i].Path = "policy.consent.notices"
			}
		}
	}
	return own, err
}

// checkNotices reports notices that cannot be read, and configured ones that must not be
// shown to people. Otherwise the first draft of a consent would fail instead of the start.
func checkNotices(c config.Consent) error {
	all, err := noticeCatalogue(c)
	if err != nil || c.Mode != consent.Required.String() {
		return err
	}
	var faults strictyaml.Faults
	for _, one := range []struct {
		field, name string
		variant     notice.Variant
	}{
		{"notice", c.Notice, notice.Adult}, {"guardian_notice", c.GuardianNotice, notice.Guardian},
	} {
		if why := unfit(all, one.name, c.Language, one.variant); why != "" {
			faults = append(faults, strictyaml.Fault{
				Path: "policy.consent." + one.field,
				Text: why + "; `heyan consent notice list` prints what there is, and with --notices also your own",
			})
		}
	}
	return faults.Err()
}

// unfit returns why a notice must not be shown to people, or "". config.Validate reports a
// missing name or language.
func unfit(all *notice.Catalogue, name, language string, variant notice.Variant) string {
	if name == "" || language == "" {
		return ""
	}
	t, err := all.Latest(name, language)
	switch {
	case err != nil:
		return "there is no notice of this name in the language " + language
	case t.Head().Status != notice.Ready:
		return "is an example and must not be shown to people; name a notice with status: ready"
	case t.Head().Variant != variant:
		return fmt.Sprintf("is a notice of variant %s; name one of variant %s", t.Head().Variant, variant)
	}
	return ""
}

package assemble

import (
	"fmt"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// noticeCatalogue returns the notices: those that heyan brings, and those of the folder.
func noticeCatalogue(c config.Consent) (*notice.Catalogue, error) {
	builtin, err := notice.Builtin()
	if err != nil || c.Notices == "" {
		return builtin, err
	}
	own, err := notice.Load(c.Notices)
	if err == nil {
		own, err = builtin.With(own)
	}
	if err != nil {
		return nil, fmt.Errorf("policy.consent.notices: %w", err)
	}
	return own, nil
}

// checkNotices finds out whether the notices can be read, and whether those that the
// configuration names can be shown to people. Else the first person who is to be asked
// would be the one to find out.
func checkNotices(c config.Consent) error {
	all, err := noticeCatalogue(c)
	if err != nil || c.Mode != consent.Required.String() {
		return err
	}
	var faults strictyaml.Faults
	for _, one := range []struct {
		field, name string
		want        notice.Variant
	}{
		{"notice", c.Notice, notice.Adult}, {"guardian_notice", c.GuardianNotice, notice.Guardian},
	} {
		if why := unfit(all, one.name, c.Language, one.want); why != "" {
			faults = append(faults, strictyaml.Fault{
				Path: "policy.consent." + one.field,
				Text: why + "; `heyan consent notice list` prints what there is, and with --notices also your own",
			})
		}
	}
	return faults.Err()
}

// unfit returns why people cannot be shown a notice, or "". That none is named is for
// config.Validate to say.
func unfit(all *notice.Catalogue, name, language string, want notice.Variant) string {
	if name == "" || language == "" {
		return ""
	}
	t, err := all.Latest(name, language)
	switch {
	case err != nil:
		return "there is no notice of this name in the language " + language
	case t.Head().Status != notice.Ready:
		return "is an example to learn from; name a notice with status: ready"
	case t.Head().Variant != want:
		return fmt.Sprintf("is the text for another variant (%s), want one for %s", t.Head().Variant, want)
	}
	return ""
}

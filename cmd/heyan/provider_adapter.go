package main

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/heyan-id/heyan/cmd/internal/certify"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/catalogue"
	"github.com/heyan-id/heyan/providers/providertest"
)

// adapter makes what is certified, with its settings and fixtures.
func (f checkFlags) adapter(ctx context.Context, v *vendor) (certify.Adapter, error) {
	a := certify.Adapter{Card: v.card}
	var err error
	if a.Fixtures, err = f.load(v); err != nil {
		return a, err
	}
	if err := f.question(&a); err != nil {
		return a, err
	}
	settings, secrets, err := f.values(v.card)
	switch {
	case err != nil:
		return a, err
	case v.plugin == nil:
		a.Codec, err = v.builtin.New(settings)
	case v.card.CustomTransport:
		a.Provider, err = ownTransport(ctx, v, settings, secrets)
	default:
		a.Codec, err = v.plugin.Codec(ctx, settings)
	}
	return a, err
}

// load reads the fixtures.
func (f checkFlags) load(v *vendor) (list []providertest.Fixture, err error) {
	var folder fs.FS
	dir := f.fixtures
	if dir == "" && v.plugin == nil {
		folder, _ = catalogue.New().Fixtures(v.card.Name) // all's test says that there are some
	} else {
		dir = cmp.Or(dir, filepath.Join(filepath.Dir(v.path), "testdata"))
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, usage("--fixtures: there is no such folder; it is testdata beside the program if it is left out")
		}
		folder = os.DirFS(dir)
	}
	list, err = certify.Fixtures(folder)
	switch {
	case err != nil:
		return nil, setUp("--fixtures: %v", err)
	case len(list) == 0:
		return nil, setUp("--fixtures: there is no fixture in the folder; CODE.json holds the body of a reply with that code")
	}
	return list, nil
}

// question reads the flags that say what is asked.
func (f checkFlags) question(a *certify.Adapter) error {
	if f.check != "" && a.Check.UnmarshalText([]byte(f.check)) != nil {
		return usage("--check: no such check; the checks are %s", checkList())
	}
	for _, word := range f.notEchoed {
		claim, ok := claimOf(word)
		if !ok {
			return usage("--not-echoed: no such claim; the claims are name, id_number, mobile, bank_card")
		}
		a.NotEchoed |= idv.Claims(claim)
	}
	return nil
}

func claimOf(word string) (idv.Claim, bool) {
	for c := idv.ClaimName; c <= idv.ClaimBankCard; c++ {
		if c.String() == word {
			return c, true
		}
	}
	return 0, false
}

// values returns the settings that were given, and the defaults of the others. A codec
// gets no secrets here either; who makes its own calls gets a word in their place.
func (f checkFlags) values(d idv.Descriptor) (providers.Settings, map[string]idv.Sensitive, error) {
	settings, secrets := providers.Settings{}, map[string]idv.Sensitive{}
	listed := map[string]bool{}
	for _, s := range d.Settings {
		listed[s.Name] = true
		given, ok := f.settings[s.Name]
		switch {
		case s.Secret && ok:
			return nil, nil, usage("--setting: %s is a secret; no secret is needed here", s.Name)
		case s.Secret:
			secrets[s.Name] = idv.NewSensitive("provider-check")
		default:
			settings[s.Name] = cmp.Or(given, s.Default)
		}
	}
	for name := range f.settings {
		if !listed[name] {
			return nil, nil, usage("--setting: the descriptor lists no such setting; heyan provider show prints them")
		}
	}
	return settings, secrets, nil
}

// baseURL is the setting by which adapters name the vendor's address.
const baseURL = "base_url"

// ownTransport makes providers that call a loopback address. Whether the plugin takes
// its settings is asked once before.
func ownTransport(ctx context.Context, v *vendor, s providers.Settings, secrets map[string]idv.Sensitive) (func(string) (idv.Provider, error), error) {
	if _, ok := s[baseURL]; !ok {
		return nil, setUp("it makes its own calls and has no setting base_url, so it cannot be asked without calling its vendor")
	}
	provider := func(base string) (idv.Provider, error) {
		s[baseURL] = base
		return v.plugin.Provider(ctx, s, secrets)
	}
	_, err := provider("http://127.0.0.1:9")
	return provider, err
}

package setup

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/fakevendor"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// tokenPath is the path of a sandbox vendor's token endpoint.
const tokenPath = "/oauth2/token"

// sandbox returns the file of sandbox vendors with generated credentials, and the variables
// that lead the configuration to them. heyan.yaml itself stays that of the real vendors.
func (p Plan) sandbox() (file []byte, env string, err error) {
	vendors, err := p.played()
	if err != nil {
		return nil, "", err
	}
	t, lines := &text{}, &text{}
	t.add("# Sandbox vendors for heyan sandbox --config FILE. The credentials open nothing but them.")
	t.add("listen: 127.0.0.1:%d", p.SandboxPort)
	t.add("vendors:")
	lines.add("")
	lines.add("# Sandbox vendors in place of the real ones, for fictitious persons. Remove everything below for the real vendors,")
	lines.add("# and give their keys instead. Without the next line, a call needs the consent of the person.")
	lines.add("HEYAN_POLICY__CONSENT__MODE=off")
	for i, v := range p.Vendors {
		t.add("  - name: %s", v.Name())
		t.add("    use: %s", v.Factory.Descriptor.Name)
		t.add("    settings:")
		address := fmt.Sprintf("http://127.0.0.1:%d", p.SandboxPort+i)
		prefix := fmt.Sprintf("HEYAN_PROVIDERS__%d__SETTINGS__", i)
		lines.add("%sBASE_URL=%s", prefix, address)
		settings := vendors[i].Settings
		if vendors[i].Product == "" { // idcert, which is written by hand
			settings = map[string]idv.Sensitive{"appcode": vendors[i].AppCode, "app_key": idv.NewSensitive(vendors[i].AppKey), "app_secret": vendors[i].AppSecret}
		}
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			if !strings.HasSuffix(name, "_url") {
				t.add("      %s: %s", name, quoted(settings[name].Reveal()))
			}
		}
		for _, s := range v.Needed() {
			value := settings[s.Name].Reveal()
			switch name, ok := strings.CutPrefix(v.Settings[s.Name], "env:"); {
			case s.Name == "base_url":
			case s.Name == "token_url":
				lines.add("%sTOKEN_URL=%s%s", prefix, address, tokenPath)
			case s.Secret && ok:
				lines.add("%s=%s", name, value)
			case !s.Secret:
				lines.add("%s%s=%s", prefix, strings.ToUpper(s.Name), value)
			}
		}
	}
	return []byte(t.String()), lines.String(), nil
}

// played returns sandbox vendors with generated credentials, which are not started.
func (p Plan) played() ([]sandbox.Vendor, error) {
	var c sandbox.Config
	for _, v := range p.Vendors {
		one := sandbox.VendorConfig{Name: v.Name()}
		if name := v.Factory.Descriptor.Name; name != fakevendor.ByHand {
			product, err := fakevendor.Product(v.Factory, fakevendor.Schemes(name))
			if err != nil {
				return nil, fmt.Errorf("%s has no sandbox vendor: %w", name, err)
			}
			one.Product = product
		}
		c.Vendors = append(c.Vendors, one)
	}
	s, err := sandbox.New(c)
	if err != nil {
		return nil, err
	}
	return s.Vendors(), nil
}

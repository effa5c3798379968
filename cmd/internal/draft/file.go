package draft

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// file returns the YAML file.
func (d *drafter) file() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Drafted from one exchange. Complete it with the vendor's page: docs/declared.md describes the format.")
	line("name: %s\nversion: 1.0.0\ntitle: %s", d.name, quoted(d.name))
	line("check: %s\ndocuments: [resident18]", d.check())
	line("source: not stated by the vendor")
	line("# recipient: the legal name of the company that receives the personal data")
	if len(d.auth) > 0 {
		line("auth: [%s]", strings.Join(d.auth, ", "))
	}
	d.signSetting()
	if len(d.secret) > 0 {
		line("settings:")
		for _, name := range slices.Sorted(maps.Keys(d.secret)) {
			secret := ""
			if d.secret[name] {
				secret = ", secret: true"
			}
			line("  - {name: %s%s, help: %s}", name, secret, quoted(name+" of the account"))
		}
	} else if len(d.auth) == 0 {
		line("auth: [none]")
		d.note("auth: no key was found; an API without one has auth: [none]")
	}
	line("\nrequest:\n  base_url: %s\n  method: %s\n  path: %s", quoted(d.host), d.method, quoted(d.path))
	for _, place := range d.order {
		line("  %s:\n%s", place, strings.Join(d.params[place], "\n"))
	}
	if s := d.sign; s != nil {
		line("sign: # a guess: all parameters sorted, and the secret at the end")
		line("  to: {in: %s, name: %s}\n  hash: %s\n  names: true\n  key_value: \"=\"\n  pair: \"&\"\n  suffix: [{setting: secret}]", s.place, quoted(s.name), s.hash)
	}
	d.replyPart(line)
	return b.Bytes()
}

// signSetting adds the secret of a signature.
func (d *drafter) signSetting() {
	if d.sign != nil {
		d.secret["secret"] = true
	}
}

func (d *drafter) replyPart(line func(string, ...any)) {
	line("\nreply:")
	if slices.Contains(d.auth, "xca") {
		line("  gateway: aliyun")
	}
	if len(d.reads.codes) == 0 {
		d.reads.codes, d.reads.code = []string{`    - {at: "/code", types: [integer, string]}`}, []string{"0"}
	}
	line("  codes:\n%s", strings.Join(d.reads.codes, "\n"))
	if len(d.reads.refs) > 0 {
		line("  ref: [%s]", strings.Join(d.reads.refs, ", "))
	}
	if len(d.reads.echoes) > 0 {
		line("  echo:\n%s", strings.Join(d.reads.echoes, "\n"))
	}
	line("\ncodes:\n%s", strings.Join(d.rows(), "\n"))
	d.note("codes: add a row for each code of the vendor's page, and a recorded reply for each")
}

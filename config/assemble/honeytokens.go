package assemble

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/textfile"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/keyring"
)

// defaultTenant is the one of callers without a key. Without tenants in the configuration the
// honeytokens are of this tenant.
const defaultTenant idv.Tenant = "default"

// honeytokens reads the list of numbers that belong to no person.
func honeytokens(o Options, ring *keyring.Keyring) (none abuse.Honeytokens, err error) {
	ref := o.Config.Policy.Abuse.Honeytokens
	if ref == "" {
		return none, nil
	}
	text, err := o.resolve(ref)
	if err != nil {
		return none, honeytokenFault(err.Error())
	}
	list, err := readHoneytokens(text)
	if err != nil {
		return none, err
	}
	return abuse.NewHoneytokens(ring, map[idv.Tenant][]idv.Sensitive{cmp.Or(o.tenant, defaultTenant): list})
}

// checkHoneytokens reads the list if it is a file that is there: one that is kept like a
// secret need not be where a configuration is checked.
func checkHoneytokens(ref string) error {
	path, isFile := strings.CutPrefix(ref, "file:")
	if !isFile || !config.IsReference(ref) {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	text, err := config.Resolve(ref, os.LookupEnv)
	if err != nil {
		return honeytokenFault(err.Error())
	}
	_, err = readHoneytokens(text)
	return err
}

// readHoneytokens reads the numbers of a list, one a line. A line without a number would
// never match, so it is a fault rather than a watch that does nothing. Faults name the
// number of the line and never quote it, since it may hold a real person's number.
func readHoneytokens(text idv.Sensitive) (list []idv.Sensitive, err error) {
	var bad []string
	at := 0
	lines, _, err := textfile.Decode([]byte(text.Reveal()))
	if err != nil {
		return nil, honeytokenFault("the file " + err.Error())
	}
	for line := range strings.Lines(string(lines)) {
		at++
		number := strings.TrimSpace(line)
		switch {
		case number == "" || strings.HasPrefix(number, "#"):
		case !isNumber(idv.NewSensitive(number)):
			bad = append(bad, fmt.Sprint(at))
		default:
			list = append(list, idv.NewSensitive(number))
		}
	}
	switch {
	case len(bad) > maxShown:
		return nil, honeytokenFault(fmt.Sprintf("there is no ID, mobile or card number in %s, of which the first are %s; write one number a line and nothing beside it",
			idv.Count(len(bad), "line"), strings.Join(bad[:maxShown], ", ")))
	case len(bad) > 0:
		return nil, honeytokenFault("there is no ID, mobile or card number in line " + strings.Join(bad, ", ") + "; write one number a line and nothing beside it")
	case len(list) == 0:
		return nil, honeytokenFault("the list is empty; write one number a line")
	}
	return list, nil
}

// maxShown is how many lines a fault names of a list that is wrong throughout.
const maxShown = 5

// isNumber reports whether a text has the form of a document's number, a mobile number or a
// bank card. Honeytokens are numbers that no person can have, so birth, province, segment and
// check digit may be impossible.
func isNumber(text idv.Sensitive) bool {
	for _, d := range append(idv.Documents(), idv.DocumentUnknown) {
		if d != idv.DocumentUnknown && !d.Declared() {
			continue // recognized by its form
		}
		if n := identity.CheckNumber(text, identity.Options{Lenient: true, Want: d}); n.Type != idv.DocumentUnknown && formed(n.Finding) {
			return true
		}
	}
	card := identity.CheckBankCard(text)
	return formed(identity.CheckMobile(text)) || formed(card) && !card.Flags.Has(identity.FlagLuhnFailed)
}

// formed reports whether a number has the form of its kind, whether or not it can exist.
func formed(f identity.Finding) bool {
	return f.Valid || slices.Contains([]identity.Reason{
		identity.ReasonProvince, identity.ReasonBirthDate, identity.ReasonFuture, identity.ReasonTooOld, identity.ReasonCheckDigit,
		identity.ReasonMobileRange, identity.ReasonRepeated,
	}, f.Reason)
}

func honeytokenFault(message string) error {
	return strictyaml.Faults{{Path: "policy.abuse.honeytokens", Text: message}}
}

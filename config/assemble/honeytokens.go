package assemble

import (
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
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/keyring"
)

// tenant is the one that this version serves. Its data have the configured canaries.
const tenant idv.Tenant = "default"

// canaries reads the list of numbers that nobody has.
func canaries(o Options, ring *keyring.Keyring) (none abuse.Honeytokens, err error) {
	ref := o.Config.Policy.Abuse.Honeytokens
	if ref == "" {
		return none, nil
	}
	text, err := config.Resolve(ref, o.lookup())
	if err != nil {
		return none, canaryFault(err.Error())
	}
	list, err := readCanaries(text)
	if err != nil {
		return none, err
	}
	return abuse.NewHoneytokens(ring, map[idv.Tenant][]idv.Sensitive{tenant: list})
}

// checkCanaries reads the list if it is a file that is there: one that is kept like a
// secret need not be where a configuration is checked.
func checkCanaries(ref string) error {
	path, isFile := strings.CutPrefix(ref, "file:")
	if !isFile || !config.IsReference(ref) {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	text, err := config.Resolve(ref, os.LookupEnv)
	if err != nil {
		return canaryFault(err.Error())
	}
	_, err = readCanaries(text)
	return err
}

// readCanaries takes the numbers of a list, one a line. A line that is none would
// match no question ever, and nobody would know that the list does not watch. The lines
// themselves are never told: somebody may have put real people among them.
func readCanaries(text idv.Sensitive) (list []idv.Sensitive, err error) {
	var bad []string
	at := 0
	for line := range strings.Lines(text.Reveal()) {
		at++
		number := strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")) // some editors begin every file with this mark
		switch {
		case number == "" || strings.HasPrefix(number, "#"):
		case !isNumber(idv.NewSensitive(number)):
			bad = append(bad, fmt.Sprint(at))
		default:
			list = append(list, idv.NewSensitive(number))
		}
	}
	switch {
	case len(bad) > maxTold:
		return nil, canaryFault(fmt.Sprintf("there is no ID number in %d lines, of which the first are %s; write one number a line and nothing beside it",
			len(bad), strings.Join(bad[:maxTold], ", ")))
	case len(bad) > 0:
		return nil, canaryFault("there is no ID number in line " + strings.Join(bad, ", ") + "; write one number a line and nothing beside it")
	case len(list) == 0:
		return nil, canaryFault("the list is empty; write one number a line")
	}
	return list, nil
}

// maxTold is how many lines are told of a list that is wrong throughout.
const maxTold = 5

// isNumber reports whether a text has the form of a document's number. Canaries are
// numbers that nobody can have, so birth, province and check digit may be impossible.
func isNumber(text idv.Sensitive) bool {
	n := identity.CheckNumber(text, identity.Options{Lenient: true})
	return n.Valid || n.Type != idv.DocumentUnknown && slices.Contains([]identity.Reason{
		identity.ReasonProvince, identity.ReasonBirthDate, identity.ReasonFuture, identity.ReasonTooOld, identity.ReasonCheckDigit,
	}, n.Reason)
}

func canaryFault(message string) error {
	return strictyaml.Faults{{Path: "policy.abuse.honeytokens", Text: message}}
}

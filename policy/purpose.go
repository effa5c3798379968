package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Basis is the legal ground that a question rests on (PIPL art. 13; there is no
// "legitimate interest" in it). The zero value asks for the person's consent.
type Basis = idv.Basis

// The bases.
const (
	ByConsent        Basis = "consent"         // art. 13 (1)
	ByContract       Basis = "contract"        // (2): necessary for a contract with the person, or for managing staff by law
	ByStatutoryDuty  Basis = "statutory_duty"  // (3): a law obliges the asker
	ByEmergency      Basis = "emergency"       // (4): public health, or life and property in an emergency
	ByPublicInterest Basis = "public_interest" // (5): reporting in the public interest, within reason
	ByDisclosure     Basis = "disclosed"       // (6): the person, or another lawfully, made it public
	ByOtherLaw       Basis = "other_law"       // (7): another law or regulation says so
)

// Bases lists the bases.
func Bases() []Basis {
	return []Basis{ByConsent, ByContract, ByStatutoryDuty, ByEmergency, ByPublicInterest, ByDisclosure, ByOtherLaw}
}

// Minors says what becomes of a request about a child under 14, or about a person
// whose number tells no age. The zero value asks for a guardian.
type Minors string

// The ways.
const (
	MinorsGuardian Minors = "guardian" // with a consent that a guardian gave (PIPL art. 31)
	MinorsDeny     Minors = "deny"     // never
	MinorsAllow    Minors = "allow"    // as anybody else; for a basis that is not consent
)

// Purpose is one thing that may be asked for, and on what ground.
type Purpose struct {
	Name      string
	Basis     Basis
	Reference string   // the law's article or the contract's clause; needed unless the basis is consent
	Apps      []string // the apps that may use it; all if empty
	Minors    Minors
	CacheTTL  time.Duration // how long an earlier answer may be returned again; 0: never

	// SecondOpinions is for how many verifications of a tenant in a day of China time another
	// recipient may be asked too, after one that has no record of the person; 0 for none.
	SecondOpinions int
}

// MaxCacheTTL is the longest time that an answer may be returned again.
const MaxCacheTTL = 24 * time.Hour

// Validate returns what is wrong with the purpose, nil if nothing is.
func (p *Purpose) Validate() error {
	switch {
	case absent(p.Name):
		return errors.New("a purpose needs a name")
	case p.Basis != "" && !slices.Contains(Bases(), p.Basis):
		return fmt.Errorf("purpose %s: the basis must be one of %v", p.Name, Bases())
	case p.Needed() != "" && absent(p.Reference):
		return fmt.Errorf("purpose %s: %s", p.Name, p.Needed())
	case p.Minors == MinorsAllow && p.NeedsConsent():
		return fmt.Errorf("purpose %s: children may only be asked about as anybody else on a basis that is not consent", p.Name)
	case p.Minors != "" && p.Minors != MinorsGuardian && p.Minors != MinorsDeny && p.Minors != MinorsAllow:
		return fmt.Errorf("purpose %s: minors must be guardian, deny or allow", p.Name)
	case p.CacheTTL < 0 || p.CacheTTL > MaxCacheTTL:
		return fmt.Errorf("purpose %s: cache_ttl must be from 0 to %v", p.Name, MaxCacheTTL)
	case p.SecondOpinions < 0:
		return fmt.Errorf("purpose %s: second_opinions must not be negative", p.Name)
	}
	return nil
}

// absent reports whether a text says nothing: it is empty, or blank.
func absent(text string) bool { return text == "" || idv.IsBlank(text) }

// NeedsConsent reports whether the purpose rests on the person's consent.
func (p *Purpose) NeedsConsent() bool { return p.Basis == "" || p.Basis == ByConsent }

// Needed says why a reference is needed, "" if none is.
func (p *Purpose) Needed() string {
	if p.NeedsConsent() {
		return ""
	}
	return "a basis other than consent needs a reference: the article or the clause that it stands on"
}

// The ids of the rules that are built in.
const (
	RulePurpose      = "purpose.unknown"
	RulePurposeOfApp = "purpose.app"
	RuleMinor        = "minor"
)

// Purposes are those that may be asked for. The zero value allows any, on the person's
// consent. It is safe for concurrent use.
type Purposes struct {
	named map[string]*Purpose
	other Purpose // stands for all where none is named
}

// NewPurposes makes the set; none for any purpose that people agree to. The error joins
// the faults of all.
func NewPurposes(list []Purpose) (*Purposes, error) {
	p := &Purposes{named: make(map[string]*Purpose, len(list))}
	var faults []error
	for _, one := range list {
		faults = append(faults, one.Validate())
		if p.named[one.Name] != nil {
			faults = append(faults, fmt.Errorf("two purposes are named %q", one.Name))
		}
		p.named[one.Name] = &one
	}
	return p, errors.Join(faults...)
}

// Find returns the purpose of this name for an app, or a *Denial.
func (p *Purposes) Find(name, app string) (*Purpose, error) {
	one := p.named[name]
	switch {
	case one == nil && len(p.named) == 0:
		return &p.other, nil
	case one == nil:
		known := strings.Join(slices.Sorted(maps.Keys(p.named)), ", ")
		return nil, deniedField(idv.FieldPurpose, Reason{
			RulePurpose, "该核验目的未在配置中列出；已列出：" + known + "。", "This purpose is not one of those that the configuration lists: " + known + ".",
		})
	case len(one.Apps) > 0 && !slices.Contains(one.Apps, app):
		return nil, deniedField(idv.FieldApp, Reason{RulePurposeOfApp, "该应用不得以此目的发起核验。", "This app may not ask for this purpose; the configuration lists who may."})
	}
	return one, nil
}

// DenyMinor is the denial of a person who is, or may be, a child.
func DenyMinor() error {
	return deniedField(idv.FieldIDNumber, Reason{
		RuleMinor, "未满十四周岁或年龄不明者，不得以此目的核验。", "This purpose does not cover a person under 14, or one whose number tells no age.",
	})
}

func deniedField(field idv.Field, r Reason) error {
	return &Denial{Decision: Deny(r), Failure: idv.Denied, Field: field}
}

// IsCode reports whether the name of a purpose is a word of programs, such as
// "account_opening". A notice must not show it to people (PIPL art. 17): the purpose needs a
// title.
func IsCode(purpose string) bool {
	return purpose != "" && !strings.ContainsFunc(purpose, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("_.-", r)
	})
}

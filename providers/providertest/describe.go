package providertest

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func describeRules() []Rule {
	return []Rule{
		{"descriptor-complete", "A descriptor names the product, its version, its source, its check and documents.", descriptorComplete},
		{"descriptor-constant", "Describe always returns the same descriptor.", descriptorConstant},
		{"codes-sound", "Each row of the code table is unique, is consistent, and names its source.", codesSound},
	}
}

func descriptorComplete(_ context.Context, h Harness) error {
	d := h.Codec.Describe()
	for _, f := range []struct{ name, value string }{
		{"name", d.Name}, {"version", d.Version}, {"title", d.Title}, {"source", d.Source},
	} {
		if f.value == "" {
			return fmt.Errorf("the %s is empty", f.name)
		}
	}
	switch {
	case d.Check == idv.CheckNone:
		return errors.New("it names no check")
	case len(d.Documents) == 0 && d.Check.Claims().Has(idv.ClaimIDNumber):
		return errors.New("it lists no document, although the check has an ID number")
	case d.Fidelity == idv.FidelityUnknown || !d.Fidelity.Valid():
		return errors.New("the fidelity is not stated")
	case len(d.Schemes) == 0:
		return errors.New("it lists no authentication scheme, not even none")
	case d.CustomTransport:
		return errors.New("a codec must not set custom_transport")
	}
	return settingsSound(d.Settings)
}

func settingsSound(settings []idv.Setting) error {
	seen := map[string]bool{}
	for _, s := range settings {
		if s.Name == "" || s.Help == "" || seen[s.Name] {
			return fmt.Errorf("the setting %q has no name or help, or is a duplicate", s.Name)
		}
		if s.Secret && s.Default != "" {
			return fmt.Errorf("the secret setting %q has a default", s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}

func descriptorConstant(_ context.Context, h Harness) error {
	if !reflect.DeepEqual(h.Codec.Describe(), h.Codec.Describe()) {
		return errors.New("two calls return different descriptors")
	}
	return nil
}

func codesSound(_ context.Context, h Harness) error {
	type key struct{ layer, code string }
	seen := map[key]bool{}
	matches := 0
	for _, row := range h.Codec.Describe().Codes {
		if err := rowSound(row); err != nil {
			return fmt.Errorf("the row %s %q: %w", row.Layer, row.Code, err)
		}
		k := key{row.Layer, row.Code}
		if seen[k] {
			return fmt.Errorf("the row %s %q is a duplicate", row.Layer, row.Code)
		}
		seen[k] = true
		if row.Verdict == idv.Match {
			matches++
		}
	}
	if matches == 0 {
		return errors.New("no code means match")
	}
	return nil
}

func rowSound(row idv.CodeRow) error {
	switch {
	case row.Layer != providers.LayerVendor && row.Layer != providers.LayerGateway:
		return errors.New("the layer is neither vendor nor gateway")
	case row.Code == "" || row.Text == "" || row.Source == "":
		return errors.New("the code, its text or its source is empty")
	case !row.Verdict.Valid() || !row.Failure.Valid() || !row.Delivery.Valid() || !row.Charge.Valid() || !row.Field.Valid():
		return errors.New("a value is not one of its type")
	case row.Failure != idv.InvalidInput && row.Field != idv.NoField:
		return errors.New("a field is set although the failure is not invalid_input")
	case row.Failure == idv.PartialMatch && (row.Layer != providers.LayerVendor || row.Delivery != idv.Answered):
		return errors.New("a partial match needs the vendor layer and delivery answered")
	case row.RenewsToken && row.Failure != idv.BadCredentials:
		return errors.New("it renews the access token although the failure is not credentials")
	}
	return outcomeSound(row)
}

// outcomeSound checks that verdict, failure, delivery and charge fit together.
func outcomeSound(row idv.CodeRow) error {
	vendor := row.Layer == providers.LayerVendor
	if row.Verdict != idv.Undetermined && (row.Failure != idv.FailureUnknown || !vendor || row.Delivery != idv.Answered) {
		return errors.New("a verdict needs the vendor layer, delivery answered and no failure")
	}
	if !row.Delivery.MayHaveExecuted() && (vendor || row.Charge == idv.Charged) {
		return errors.New("only a gateway refuses calls, and a refused call is not charged")
	}
	return nil
}

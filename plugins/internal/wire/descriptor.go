package wire

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v1"
	"github.com/heyan-id/heyan/providers"
)

// Described makes the response to Describe.
func Described(d idv.Descriptor) *pb.DescribeResponse {
	out := &pb.Descriptor{
		Name: d.Name, Version: d.Version, Title: d.Title, Fidelity: pb.Fidelity(d.Fidelity), Source: d.Source,
		Recipient: d.Recipient, ZeroCache: d.NoStore, OwnTransport: d.CustomTransport, Schemes: d.Schemes,
	}
	for _, c := range d.Checks {
		out.Checks = append(out.Checks, pb.Check(c))
	}
	for _, doc := range d.Documents {
		out.Documents = append(out.Documents, string(doc))
	}
	for _, s := range d.Settings {
		out.Settings = append(out.Settings, &pb.Setting{
			Name: s.Name, Help: s.Help, Default: s.Default, Required: s.Required, Secret: s.Secret,
		})
	}
	for _, p := range d.Prices {
		out.Prices = append(out.Prices, &pb.Price{
			Units: p.Units, Total: &pb.Money{Micros: p.Total.Micros, Currency: p.Total.Currency},
		})
	}
	for _, r := range d.Codes {
		out.Codes = append(out.Codes, &pb.CodeRow{
			Layer: r.Layer, Code: r.Code, Verdict: pb.Verdict(r.Verdict), Failure: pb.FailureClass(r.Failure),
			Field: pb.Field(r.Field), Sent: pb.Sent(r.Delivery), Charge: pb.Charge(r.Charge), Text: r.Text, Source: r.Source,
		})
	}
	return &pb.DescribeResponse{Descriptor_: out}
}

// DescriptorFrom reads a descriptor. The error says what is wrong with it, for its
// author: a descriptor is about a vendor and holds nothing personal. No text of the
// plugin stands in it but a short quoted name.
func DescriptorFrom(r *pb.DescribeResponse) (idv.Descriptor, error) {
	d := r.GetDescriptor_()
	for _, check := range []func(*pb.Descriptor) error{checkNames, checkLists, checkSettings, checkPrices, checkCodes} {
		if err := check(d); err != nil {
			return idv.Descriptor{}, err
		}
	}
	out := idv.Descriptor{
		Name: d.GetName(), Version: d.GetVersion(), Title: d.GetTitle(), Fidelity: idv.Fidelity(d.GetFidelity()), Source: d.GetSource(),
		Recipient: d.GetRecipient(), NoStore: d.GetZeroCache(), CustomTransport: d.GetOwnTransport(), Schemes: d.GetSchemes(),
	}
	for _, c := range d.GetChecks() {
		out.Checks = append(out.Checks, idv.Check(c))
	}
	for _, doc := range d.GetDocuments() {
		out.Documents = append(out.Documents, idv.Document(doc))
	}
	for _, s := range d.GetSettings() {
		out.Settings = append(out.Settings, idv.Setting{
			Name: s.GetName(), Help: s.GetHelp(), Default: s.GetDefault(), Required: s.GetRequired(), Secret: s.GetSecret(),
		})
	}
	for _, p := range d.GetPrices() {
		out.Prices = append(out.Prices, idv.Price{
			Units: p.GetUnits(), Total: idv.Money{Micros: p.GetTotal().GetMicros(), Currency: p.GetTotal().GetCurrency()},
		})
	}
	for _, c := range d.GetCodes() {
		out.Codes = append(out.Codes, rowFrom(c))
	}
	return out, nil
}

func rowFrom(c *pb.CodeRow) idv.CodeRow {
	return idv.CodeRow{
		Layer: c.GetLayer(), Code: c.GetCode(), Verdict: idv.Verdict(c.GetVerdict()), Failure: idv.Failure(c.GetFailure()),
		Field: idv.Field(c.GetField()), Delivery: idv.Delivery(c.GetSent()), Charge: idv.Charge(c.GetCharge()), Text: c.GetText(), Source: c.GetSource(),
	}
}

// ServiceName reports whether a name can be a service's: it becomes a folder, a
// flag and a label.
func ServiceName(name string) bool {
	return regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`).MatchString(name)
}

func checkNames(d *pb.Descriptor) error {
	switch {
	case d == nil:
		return errors.New("the descriptor is empty")
	case !ServiceName(d.GetName()):
		return errors.New("its name is empty or not made of a-z, 0-9, - and _")
	case !isWord(d.GetVersion()):
		return errors.New("its version is empty or no short plain text")
	case d.GetRecipient() == "" || !isSentence(d.GetRecipient()):
		return errors.New("it does not name the recipient of the personal data")
	case !isSentence(d.GetTitle()) || !isSentence(d.GetSource()):
		return errors.New("its title or source is no plain text, or too long")
	case d.GetFidelity() == pb.Fidelity_FIDELITY_UNSPECIFIED || !listed(pb.Fidelity_name, d.GetFidelity()):
		return errors.New("its fidelity is none that is known")
	}
	return nil
}

func checkLists(d *pb.Descriptor) error {
	for _, c := range d.GetChecks() {
		if c == pb.Check_CHECK_UNSPECIFIED || !listed(pb.Check_name, c) {
			return errors.New("it lists a check that is not known")
		}
	}
	for _, text := range slices.Concat(d.GetDocuments(), d.GetSchemes()) {
		if !isWord(text) {
			return errors.New("it lists a document or a scheme that is no short plain text")
		}
	}
	if n := len(d.GetChecks()); n == 0 || n > maxList {
		return errors.New("it lists no check, or too many")
	}
	if n := len(d.GetDocuments()); n == 0 || n > maxList || len(d.GetSchemes()) > maxList {
		return errors.New("it lists no document, or too many, or too many schemes")
	}
	return nil
}

func checkSettings(d *pb.Descriptor) error {
	if len(d.GetSettings()) > maxList {
		return errors.New("it lists too many settings")
	}
	seen := map[string]bool{}
	for _, s := range d.GetSettings() {
		switch {
		case !isWord(s.GetName()) || seen[s.GetName()]:
			return errors.New("a setting has no short plain name, or is there twice")
		case !isSentence(s.GetHelp()) || !isSentence(s.GetDefault()):
			return fmt.Errorf("the setting %q has a help or a default that is no plain text, or too long", s.GetName())
		case s.GetSecret() && s.GetDefault() != "":
			return fmt.Errorf("the secret setting %q has a default", s.GetName())
		}
		seen[s.GetName()] = true
	}
	return nil
}

// maxPrice keeps amounts and their sums far from the end of an int64.
const maxPrice = 1_000_000_000_000_000

func checkPrices(d *pb.Descriptor) error {
	if len(d.GetPrices()) > maxList {
		return errors.New("it lists too many prices")
	}
	for _, p := range d.GetPrices() {
		if p.GetUnits() <= 0 || p.GetTotal().GetMicros() < 0 || p.GetUnits() > maxPrice || p.GetTotal().GetMicros() > maxPrice || !isWord(p.GetTotal().GetCurrency()) {
			return errors.New("a price has no units, no sound amount or no currency")
		}
	}
	return nil
}

func checkCodes(d *pb.Descriptor) error {
	type key struct{ layer, code string }
	if len(d.GetCodes()) > maxCodes || len(d.GetCodes()) == 0 && !d.GetOwnTransport() {
		return errors.New("its code table is empty or too long")
	}
	seen := map[key]bool{}
	for _, c := range d.GetCodes() {
		k := key{c.GetLayer(), c.GetCode()}
		if !isWord(c.GetCode()) || k.layer != providers.LayerVendor && k.layer != providers.LayerGateway {
			return errors.New("a row of its code table has no plain code, or a layer that is neither vendor nor gateway")
		}
		if why := rowFault(c); why != "" || seen[k] {
			return fmt.Errorf("the row %s %q of its code table is there twice, or %s", k.layer, k.code, why)
		}
		seen[k] = true
	}
	return nil
}

// rowFault says what is wrong with a row, "" if nothing.
func rowFault(c *pb.CodeRow) string {
	switch {
	case !listed(pb.Verdict_name, c.GetVerdict()) || !listed(pb.FailureClass_name, c.GetFailure()) || !listed(pb.Field_name, c.GetField()) ||
		!listed(pb.Sent_name, c.GetSent()) || !listed(pb.Charge_name, c.GetCharge()):
		return "has a number that is not known"
	case c.GetVerdict() != pb.Verdict_VERDICT_UNSPECIFIED && (c.GetFailure() != 0 || c.GetLayer() != providers.LayerVendor):
		return "says both a verdict and a failure, or a verdict of the gateway"
	case !isSentence(c.GetText()) || !isSentence(c.GetSource()):
		return "has a text that is not plain or too long"
	}
	return ""
}

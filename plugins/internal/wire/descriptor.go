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
	out.Checks = []pb.Check{pb.Check(d.Check)}
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
			RenewsToken: r.RenewsToken,
		})
	}
	return &pb.DescribeResponse{Descriptor_: out}
}

// DescriptorFrom reads and validates a descriptor. The error is for the author of the
// plugin; it quotes no text of the plugin but short names.
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
	out.Check = idv.Check(d.GetChecks()[0])
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
		RenewsToken: c.GetRenewsToken(),
	}
}

// ServiceName reports whether a name is valid for a service, which becomes a directory,
// a flag and a label.
func ServiceName(name string) bool {
	return regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`).MatchString(name)
}

func checkNames(d *pb.Descriptor) error {
	switch {
	case d == nil:
		return errors.New("descriptor: missing")
	case !ServiceName(d.GetName()):
		return errors.New("name: must consist of a-z, 0-9, - and _, up to 64 characters")
	case !isWord(d.GetVersion()):
		return errors.New("version: must be a short printable text")
	case d.GetRecipient() == "" || !isSentence(d.GetRecipient()):
		return errors.New("recipient: must name the recipient of the personal data")
	case !isSentence(d.GetTitle()) || !isSentence(d.GetSource()):
		return errors.New("title, source: must be printable and at most 1024 bytes")
	case d.GetFidelity() == pb.Fidelity_FIDELITY_UNSPECIFIED || !listed(pb.Fidelity_name, d.GetFidelity()):
		return errors.New("fidelity: unknown value")
	}
	return nil
}

func checkLists(d *pb.Descriptor) error {
	for _, c := range d.GetChecks() {
		if c == pb.Check_CHECK_UNSPECIFIED || !listed(pb.Check_name, c) {
			return errors.New("checks: unknown value")
		}
	}
	for _, text := range slices.Concat(d.GetDocuments(), d.GetSchemes()) {
		if !isWord(text) {
			return errors.New("documents, schemes: must be short printable texts")
		}
	}
	if n := len(d.GetChecks()); n != 1 {
		return errors.New("checks: must have one entry")
	}
	if n := len(d.GetDocuments()); n == 0 || n > maxList || len(d.GetSchemes()) > maxList {
		return errors.New("documents: must have 1 to 64 entries, and schemes at most 64")
	}
	return nil
}

func checkSettings(d *pb.Descriptor) error {
	if len(d.GetSettings()) > maxList {
		return errors.New("settings: must have at most 64 entries")
	}
	seen := map[string]bool{}
	for _, s := range d.GetSettings() {
		switch {
		case !isWord(s.GetName()) || seen[s.GetName()]:
			return errors.New("settings: each must have a unique short printable name")
		case !isSentence(s.GetHelp()) || !isSentence(s.GetDefault()):
			return fmt.Errorf("settings: the help and default of %q must be printable and at most 1024 bytes", s.GetName())
		case s.GetSecret() && s.GetDefault() != "":
			return fmt.Errorf("the secret setting %q has a default", s.GetName())
		}
		seen[s.GetName()] = true
	}
	return nil
}

// maxPrice keeps amounts and their sums far below the limit of int64.
const maxPrice = 1_000_000_000_000_000

func checkPrices(d *pb.Descriptor) error {
	if len(d.GetPrices()) > maxList {
		return errors.New("prices: must have at most 64 entries")
	}
	for _, p := range d.GetPrices() {
		if p.GetUnits() <= 0 || p.GetTotal().GetMicros() < 0 || p.GetUnits() > maxPrice || p.GetTotal().GetMicros() > maxPrice || !isWord(p.GetTotal().GetCurrency()) {
			return errors.New("prices: each must have units, a valid amount and a currency")
		}
	}
	return nil
}

func checkCodes(d *pb.Descriptor) error {
	type key struct{ layer, code string }
	if len(d.GetCodes()) > maxCodes || len(d.GetCodes()) == 0 && !d.GetOwnTransport() {
		return errors.New("codes: must have 1 to 1024 rows")
	}
	seen := map[key]bool{}
	for _, c := range d.GetCodes() {
		k := key{c.GetLayer(), c.GetCode()}
		if !isWord(c.GetCode()) || k.layer != providers.LayerVendor && k.layer != providers.LayerGateway {
			return errors.New("codes: each row must have a short printable code and the layer vendor or gateway")
		}
		fault := rowFault(c)
		if seen[k] {
			fault = "is a duplicate"
		}
		if fault != "" {
			return fmt.Errorf("codes: row %s %q %s", k.layer, k.code, fault)
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
		return "has an unknown number"
	case c.GetVerdict() != pb.Verdict_VERDICT_UNSPECIFIED && (c.GetFailure() != 0 || c.GetLayer() != providers.LayerVendor):
		return "has both a verdict and a failure, or a verdict of the gateway"
	case c.GetRenewsToken() && idv.Failure(c.GetFailure()) != idv.BadCredentials:
		return "renews the token although the failure is not credentials"
	case !isSentence(c.GetText()) || !isSentence(c.GetSource()):
		return "has a text that is not printable or longer than 1024 bytes"
	}
	return ""
}

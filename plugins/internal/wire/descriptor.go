package wire

import (
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
)

// Described makes the response to Describe.
func Described(products ...idv.Descriptor) *pb.DescribeResponse {
	out := &pb.DescribeResponse{}
	for _, d := range products {
		out.Products = append(out.Products, descriptor(d))
	}
	return out
}

func descriptor(d idv.Descriptor) *pb.Descriptor {
	out := &pb.Descriptor{
		Name: d.Name, Version: d.Version, Title: d.Title, Check: pb.Check(d.Check), Fidelity: pb.Fidelity(d.Fidelity), Source: d.Source,
		Recipient: d.Recipient, NoStore: d.NoStore, CustomTransport: d.CustomTransport, Schemes: d.Schemes, Replies: replies(d.Replies),
	}
	for _, doc := range d.Documents {
		out.Documents = append(out.Documents, string(doc))
	}
	for _, s := range d.Settings {
		out.Settings = append(out.Settings, &pb.Setting{
			Name: s.Name, Help: s.Help, Default: s.Default, Required: s.Required, Secret: s.Secret, Account: s.Account,
		})
	}
	for _, p := range d.Prices {
		out.Prices = append(out.Prices, &pb.Price{
			Units: p.Units, Total: &pb.Money{Micros: p.Total.Micros, Currency: p.Total.Currency},
		})
	}
	for _, r := range d.Codes {
		out.Codes = append(out.Codes, row(r))
	}
	return out
}

func replies(r idv.Replies) *pb.Replies {
	out := &pb.Replies{Headers: r.Headers, RefHeader: r.RefHeader}
	for _, status := range r.Statuses {
		out.Statuses = append(out.Statuses, int32(status))
	}
	return out
}

func row(r idv.CodeRow) *pb.CodeRow {
	return &pb.CodeRow{
		Layer: r.Layer, Code: r.Code, Verdict: pb.Verdict(r.Verdict), Failure: pb.FailureClass(r.Failure),
		Field: pb.Field(r.Field), Delivery: pb.Delivery(r.Delivery), Charge: pb.Charge(r.Charge), Text: r.Text, Source: r.Source,
		ByFlag: r.ByFlag, Account: r.Account, RenewsToken: r.RenewsToken,
	}
}

// DescriptorsFrom reads and validates the descriptors of a plugin's products. The error
// is for the author of the plugin; it quotes no text of the plugin but short names.
func DescriptorsFrom(r *pb.DescribeResponse) ([]idv.Descriptor, error) {
	if n := len(r.GetProducts()); n == 0 || n > maxList {
		return nil, errors.New("products: must have 1 to 64 entries")
	}
	var out []idv.Descriptor
	seen := map[string]bool{}
	for i, d := range r.GetProducts() {
		if err := checkDescriptor(d); err != nil {
			return nil, fmt.Errorf("products[%d]: %w", i, err)
		}
		if seen[d.GetName()] {
			return nil, fmt.Errorf("products[%d]: name: %q is the name of another product; give each its own", i, d.GetName())
		}
		seen[d.GetName()] = true
		out = append(out, descriptorFrom(d))
	}
	return out, nil
}

func descriptorFrom(d *pb.Descriptor) idv.Descriptor {
	out := idv.Descriptor{
		Name: d.GetName(), Version: d.GetVersion(), Title: d.GetTitle(), Check: idv.Check(d.GetCheck()), Fidelity: idv.Fidelity(d.GetFidelity()),
		Source: d.GetSource(), Recipient: d.GetRecipient(), NoStore: d.GetNoStore(), CustomTransport: d.GetCustomTransport(),
		Schemes: d.GetSchemes(), Replies: repliesFrom(d.GetReplies()),
	}
	for _, doc := range d.GetDocuments() {
		out.Documents = append(out.Documents, idv.Document(doc))
	}
	for _, s := range d.GetSettings() {
		out.Settings = append(out.Settings, idv.Setting{
			Name: s.GetName(), Help: s.GetHelp(), Default: s.GetDefault(), Required: s.GetRequired(), Secret: s.GetSecret(), Account: s.GetAccount(),
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
	return out
}

func repliesFrom(r *pb.Replies) idv.Replies {
	out := idv.Replies{Headers: r.GetHeaders(), RefHeader: r.GetRefHeader()}
	for _, status := range r.GetStatuses() {
		out.Statuses = append(out.Statuses, int(status))
	}
	return out
}

func rowFrom(c *pb.CodeRow) idv.CodeRow {
	return idv.CodeRow{
		Layer: c.GetLayer(), Code: c.GetCode(), Verdict: idv.Verdict(c.GetVerdict()), Failure: idv.Failure(c.GetFailure()),
		Field: idv.Field(c.GetField()), Delivery: idv.Delivery(c.GetDelivery()), Charge: idv.Charge(c.GetCharge()), Text: c.GetText(), Source: c.GetSource(),
		ByFlag: c.GetByFlag(), Account: c.GetAccount(), RenewsToken: c.GetRenewsToken(),
	}
}

package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

func card() idv.Descriptor {
	return idv.Descriptor{
		Name: "toy/idcard", Version: "1.0.0", Title: "玩具", Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18},
		Fidelity: idv.ThreeWay, Source: "s", Recipient: "r", NoStore: true, Schemes: []string{"none"},
		Replies:  idv.Replies{Statuses: []int{200, 400}, Headers: []string{"X-Code"}, RefHeader: "X-Request-Id"},
		Settings: []idv.Setting{{Name: "a", Help: "h", Default: "d", Required: true}, {Name: "k", Help: "h", Secret: true, Account: true}},
		Prices:   []idv.Price{{Units: 1000, Total: idv.Money{Micros: 69_000_000, Currency: idv.CNY}}},
		Codes: []idv.CodeRow{
			{Layer: providers.LayerVendor, Code: "01", Verdict: idv.Match, Delivery: idv.Answered, Charge: idv.Charged, Text: "t", Source: "s"},
			{Layer: providers.LayerVendor, Code: "0/2", Verdict: idv.Mismatch, Delivery: idv.Answered, ByFlag: true, Text: "t", Source: "s"},
			{Layer: providers.LayerVendor, Code: "7", Failure: idv.BadCredentials, Account: true, RenewsToken: true},
			{Layer: providers.LayerGateway, Code: "01", Failure: idv.InvalidInput, Field: idv.FieldName, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged},
		},
	}
}

func TestDescriptor(t *testing.T) {
	t.Parallel()
	want := []idv.Descriptor{card(), card(), {
		Name: "toy/card", Version: "1.0.0", Check: idv.CheckNameBankCard, Fidelity: idv.TwoWay, Recipient: "r", Codes: card().Codes,
	}}
	want[1].Name, want[1].CustomTransport = "toy", true
	got, err := DescriptorsFrom(Described(want...))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, on its way (-want +got):\n%s", err, diff)
	}
}

func TestDescriptorRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2000)
	tests := []struct {
		name   string
		change func(*pb.Descriptor)
	}{
		{"no name", func(d *pb.Descriptor) { d.Name = "" }},
		{"a name that is a path", func(d *pb.Descriptor) { d.Name = "../x" }},
		{"no version", func(d *pb.Descriptor) { d.Version = "" }},
		{"a version with a control", func(d *pb.Descriptor) { d.Version = "1\x1b[2J" }},
		{"no recipient", func(d *pb.Descriptor) { d.Recipient = "" }},
		{"a long title", func(d *pb.Descriptor) { d.Title = long }},
		{"no fidelity", func(d *pb.Descriptor) { d.Fidelity = 0 }},
		{"an unknown fidelity", func(d *pb.Descriptor) { d.Fidelity = 258 }},
		{"a product that is a path", func(d *pb.Descriptor) { d.Name = "toy/../x" }},
		{"a name of three parts", func(d *pb.Descriptor) { d.Name = "toy/a/b" }},
		{"an empty product", func(d *pb.Descriptor) { d.Name = "toy/" }},
		{"a long name", func(d *pb.Descriptor) { d.Name = "toy/" + strings.Repeat("a", 61) }},
		{"no check", func(d *pb.Descriptor) { d.Check = 0 }},
		{"an unknown check", func(d *pb.Descriptor) { d.Check = 9 }},
		{"a check that is one in eight bits", func(d *pb.Descriptor) { d.Check = 257 }},
		{"a redirect as a status", func(d *pb.Descriptor) { d.Replies.Statuses = []int32{302} }},
		{"a status out of range", func(d *pb.Descriptor) { d.Replies.Statuses = []int32{1 << 20} }},
		{"many statuses", func(d *pb.Descriptor) { d.Replies.Statuses = make([]int32, 100) }},
		{"a header with a space", func(d *pb.Descriptor) { d.Replies.Headers = []string{"X Y"} }},
		{"a cookie", func(d *pb.Descriptor) { d.Replies.Headers = []string{"set-cookie"} }},
		{"a challenge as reference", func(d *pb.Descriptor) { d.Replies.RefHeader = "www-authenticate" }},
		{"no document", func(d *pb.Descriptor) { d.Documents = nil }},
		{"an empty document", func(d *pb.Descriptor) { d.Documents = []string{""} }},
		{"an empty scheme", func(d *pb.Descriptor) { d.Schemes = []string{""} }},
		{"a setting twice", func(d *pb.Descriptor) { d.Settings = append(d.Settings, d.Settings[0]) }},
		{"a setting without a name", func(d *pb.Descriptor) { d.Settings = []*pb.Setting{{}} }},
		{"a long help", func(d *pb.Descriptor) { d.Settings[0].Help = long }},
		{"a secret with a default", func(d *pb.Descriptor) { d.Settings[1].Default = "x" }},
		{"many settings", func(d *pb.Descriptor) { d.Settings = make([]*pb.Setting, 100) }},
		{"a negative price", func(d *pb.Descriptor) { d.Prices[0].Total.Micros = -1 }},
		{"a price for nothing", func(d *pb.Descriptor) { d.Prices[0].Units = 0 }},
		{"a price too large", func(d *pb.Descriptor) { d.Prices[0].Total.Micros = 1 << 62 }},
		{"a price without an amount", func(d *pb.Descriptor) { d.Prices[0].Total = nil }},
		{"no codes", func(d *pb.Descriptor) { d.Codes = nil }},
		{"a row twice", func(d *pb.Descriptor) { d.Codes = append(d.Codes, d.Codes[0]) }},
		{"a row without a code", func(d *pb.Descriptor) { d.Codes[0].Code = "" }},
		{"a row of no layer", func(d *pb.Descriptor) { d.Codes[0].Layer = "x" }},
		{"a verdict of the gateway", func(d *pb.Descriptor) { d.Codes[3].Verdict = 1 }},
		{"a verdict that was not answered", func(d *pb.Descriptor) { d.Codes[0].Delivery = 0 }},
		{"a verdict that was refused", func(d *pb.Descriptor) { d.Codes[0].Delivery = pb.Delivery_DELIVERY_REFUSED_BY_GATEWAY }},
		{"a failure that was refused by the vendor", func(d *pb.Descriptor) { d.Codes[2].Delivery = pb.Delivery_DELIVERY_REFUSED_BY_GATEWAY }},
		{"a row that was not sent", func(d *pb.Descriptor) { d.Codes[3].Delivery = pb.Delivery_DELIVERY_NOT_SENT }},
		{"a refused call that was charged", func(d *pb.Descriptor) { d.Codes[3].Charge = pb.Charge_CHARGE_CHARGED }},
		{"a verdict that stops the account", func(d *pb.Descriptor) { d.Codes[0].Account = true }},
		{"a verdict that renews the token", func(d *pb.Descriptor) { d.Codes[0].RenewsToken = true }},
		{"a token renewed for another failure", func(d *pb.Descriptor) { d.Codes[3].RenewsToken = true }},
		{"a composite code with an empty part", func(d *pb.Descriptor) { d.Codes[1].Code = "0/" }},
		{"a composite code of four parts", func(d *pb.Descriptor) { d.Codes[1].Code = "0/1/2/3" }},
		{"a verdict and a failure", func(d *pb.Descriptor) { d.Codes[0].Failure = 1 }},
		{"an unknown verdict in a row", func(d *pb.Descriptor) { d.Codes[0].Verdict = 257 }},
		{"an unknown failure in a row", func(d *pb.Descriptor) { d.Codes[2].Failure = 14 }},
		{"an unknown charge in a row", func(d *pb.Descriptor) { d.Codes[0].Charge = 3 }},
		{"a long text in a row", func(d *pb.Descriptor) { d.Codes[0].Text = long }},
		{"many rows", func(d *pb.Descriptor) { d.Codes = make([]*pb.CodeRow, 5000) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Described(card())
			tt.change(r.GetProducts()[0])
			if d, err := DescriptorsFrom(r); err == nil || d != nil || len(err.Error()) > 300 {
				t.Errorf("got %+v, %v, want a short refusal", d, err)
			}
		})
	}
	for name, r := range map[string]*pb.DescribeResponse{
		"nothing": nil, "no product": {}, "an empty product": {Products: []*pb.Descriptor{{}}}, "no descriptor": {Products: []*pb.Descriptor{nil}},
		"a name twice": Described(card(), card()), "many products": {Products: make([]*pb.Descriptor, 65)},
	} {
		if _, err := DescriptorsFrom(r); err == nil {
			t.Errorf("%s is taken for descriptors", name)
		}
	}
}

package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v1"
	"github.com/heyan-id/heyan/providers"
)

func card() idv.Descriptor {
	return idv.Descriptor{
		Name: "toy", Version: "1.0.0", Title: "玩具", Check: idv.CheckIDName, Documents: []idv.Document{idv.Resident18},
		Fidelity: idv.ThreeWay, Source: "s", Recipient: "r", NoStore: true, Schemes: []string{"none"},
		Settings: []idv.Setting{{Name: "a", Help: "h", Default: "d", Required: true}, {Name: "k", Help: "h", Secret: true}},
		Prices:   []idv.Price{{Units: 1000, Total: idv.Money{Micros: 69_000_000, Currency: idv.CNY}}},
		Codes: []idv.CodeRow{
			{Layer: providers.LayerVendor, Code: "01", Verdict: idv.Match, Delivery: idv.Answered, Charge: idv.Charged, Text: "t", Source: "s"},
			{Layer: providers.LayerGateway, Code: "01", Failure: idv.InvalidInput, Field: idv.FieldName, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged},
			{Layer: providers.LayerVendor, Code: "110", Failure: idv.BadCredentials, Delivery: idv.Answered, RenewsToken: true, Text: "t", Source: "s"},
		},
	}
}

func TestDescriptor(t *testing.T) {
	t.Parallel()
	for _, own := range []bool{false, true} {
		want := card()
		want.CustomTransport = own
		got, err := DescriptorFrom(Described(want))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v, on its way (-want +got):\n%s", err, diff)
		}
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
		{"no check", func(d *pb.Descriptor) { d.Checks = nil }},
		{"an unknown check", func(d *pb.Descriptor) { d.Checks = append(d.Checks, 9) }},
		{"many checks", func(d *pb.Descriptor) { d.Checks = make([]pb.Check, 1000) }},
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
		{"a verdict of the gateway", func(d *pb.Descriptor) { d.Codes[1].Verdict = 1 }},
		{"a token renewed for another failure", func(d *pb.Descriptor) { d.Codes[1].RenewsToken = true }},
		{"a verdict and a failure", func(d *pb.Descriptor) { d.Codes[0].Failure = 1 }},
		{"an unknown verdict in a row", func(d *pb.Descriptor) { d.Codes[0].Verdict = 257 }},
		{"an unknown failure in a row", func(d *pb.Descriptor) { d.Codes[1].Failure = 14 }},
		{"an unknown charge in a row", func(d *pb.Descriptor) { d.Codes[0].Charge = 3 }},
		{"a long text in a row", func(d *pb.Descriptor) { d.Codes[0].Text = long }},
		{"many rows", func(d *pb.Descriptor) { d.Codes = make([]*pb.CodeRow, 5000) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Described(card())
			tt.change(r.GetDescriptor_())
			if d, err := DescriptorFrom(r); err == nil || d.Name != "" || len(err.Error()) > 300 {
				t.Errorf("got %+v, %v, want a short refusal", d, err)
			}
		})
	}
	for _, r := range []*pb.DescribeResponse{nil, {}, {Descriptor_: &pb.Descriptor{}}} {
		if _, err := DescriptorFrom(r); err == nil {
			t.Errorf("%v is taken for a descriptor", r)
		}
	}
}

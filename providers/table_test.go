package providers_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func table() providers.Table {
	return providers.Table{
		{Layer: providers.LayerVendor, Code: "1", Verdict: idv.Match, Delivery: idv.Answered, Charge: idv.Charged},
		{Layer: providers.LayerVendor, Code: "5", Failure: idv.InvalidInput, Field: idv.FieldName, Delivery: idv.Answered, Charge: idv.NotCharged},
		{Layer: providers.LayerGateway, Code: "1", Failure: idv.Throttled, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged},
	}
}

func TestTableDecode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, layer, code string
		want              idv.Answer
		failure           *idv.Error
	}{
		{"verdict", providers.LayerVendor, "1", idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "1", VendorRef: "r"}, nil},
		{"failure", providers.LayerVendor, "5", idv.Answer{}, &idv.Error{
			Failure: idv.InvalidInput, Origin: idv.OriginVendor, Delivery: idv.Answered, Charge: idv.NotCharged, Code: "5", Field: idv.FieldName, Ref: "r",
		}},
		{"the same code of the gateway", providers.LayerGateway, "1", idv.Answer{}, &idv.Error{
			Failure: idv.Throttled, Origin: idv.OriginGateway, Delivery: idv.RefusedByGateway, Charge: idv.NotCharged, Code: "1", Ref: "r",
		}},
		{"unlisted", providers.LayerVendor, "01", idv.Answer{}, &idv.Error{
			Failure: idv.FailureUnknown, Origin: idv.OriginVendor, Code: "01", Ref: "r", Detail: "a code that the table does not list",
		}},
		{"unlisted and too long", providers.LayerGateway, "110101209", idv.Answer{}, &idv.Error{
			Failure: idv.FailureUnknown, Origin: idv.OriginGateway, Code: "unlisted", Ref: "r", Detail: "a code that the table does not list",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := table().Decode(tt.layer, tt.code, "r")
			if got != tt.want {
				t.Errorf("answer %+v, want %+v", got, tt.want)
			}
			if (err == nil) != (tt.failure == nil) {
				t.Fatalf("error %v, want %v", err, tt.failure)
			}
			if diff := cmp.Diff(tt.failure, asError(err)); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
		})
	}
}

func asError(err error) *idv.Error {
	if err == nil {
		return nil
	}
	return idv.AsError(err)
}

func TestSafeCode(t *testing.T) {
	t.Parallel()
	tests := []struct{ code, want string }{
		{"01", "01"}, {"B403MQ", "B403MQ"}, {"a-b_c.d", "a-b_c.d"}, {"12345678", "12345678"},
		{"", "unlisted"}, {"123456789", "unlisted"}, {"测试", "unlisted"}, {"a b", "unlisted"}, {"a\n", "unlisted"}, {"\xff", "unlisted"},
	}
	for _, tt := range tests {
		if got := providers.SafeCode(tt.code); got != tt.want {
			t.Errorf("SafeCode(%q) = %q, want %q", tt.code, got, tt.want)
		}
	}
}

func TestSafeRef(t *testing.T) {
	t.Parallel()
	subject := idv.Subject{Name: idv.NewSensitive("Bob"), IDNumber: idv.NewSensitive("11010120990101005X")}
	tests := []struct{ name, ref, want string }{
		{"the guide's", "20211208013_9aph_5e91", "20211208013_9aph_5e91"},
		{"as long as allowed", strings.Repeat("a", 64), strings.Repeat("a", 64)},
		{"too long", strings.Repeat("a", 65), ""},
		{"the number", "t-11010120990101005X", ""},
		{"the name", "Bob-17", ""},
		{"another script", "测试", ""},
		{"a line break", "a\nb", ""},
		{"none", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := providers.SafeRef(tt.ref, subject); got != tt.want {
				t.Errorf("SafeRef = %q, want %q", got, tt.want)
			}
		})
	}
}

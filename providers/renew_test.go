package providers_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// tokened is a vendor that refuses the token of every call.
type tokened struct {
	parts
	row      idv.CodeRow
	fails    error
	used     providers.Credential // by the call
	helps    bool
	renewals []providers.Credential
}

func (v *tokened) Describe() idv.Descriptor {
	return idv.Descriptor{Name: "tokened", Codes: []idv.CodeRow{
		{Layer: providers.LayerVendor, Code: "6", Failure: idv.BadCredentials, Delivery: idv.Answered, Charge: idv.NotCharged},
		v.row,
	}}
}

func (v *tokened) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	r, err := v.parts.Do(ctx, c)
	r.Credential = v.used
	return r, err
}

func (v *tokened) Renew(refused providers.Credential) bool {
	v.renewals = append(v.renewals, refused)
	return v.helps
}

func (v *tokened) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	if _, err := v.parts.Decode(q, r); err != nil {
		return idv.Answer{}, err
	}
	return idv.Answer{}, v.fails
}

func row(layer, code string) idv.CodeRow {
	return idv.CodeRow{
		Layer: layer, Code: code, Failure: idv.BadCredentials, Delivery: idv.Answered, Charge: idv.ChargeUnknown, RenewsToken: true,
	}
}

func TestRefusedToken(t *testing.T) {
	t.Parallel()
	vendor, gateway := row(providers.LayerVendor, "110"), row(providers.LayerGateway, "110")
	token := providers.Credential{Serial: 7}
	refused := func(origin idv.Origin, code string) *idv.Error {
		return &idv.Error{
			Failure: idv.BadCredentials, Origin: origin, Code: code, Ref: "ref-1", Delivery: idv.Answered, Charge: idv.Charged,
		}
	}
	renewed := func(origin idv.Origin) *idv.Error {
		e := refused(origin, "110")
		e.Failure, e.Detail = idv.Unavailable, "the access token was no longer valid; the next call fetches a new one"
		return e
	}
	unlisted := func(code string) *idv.Error { // without a row the failure is not believed
		e := refused(idv.OriginVendor, code)
		e.Failure = idv.FailureUnknown
		return e
	}
	tests := []struct {
		name     string
		row      idv.CodeRow
		fails    *idv.Error
		used     providers.Credential
		helps    bool
		want     *idv.Error
		renewals int
	}{
		{"renewal helps", vendor, refused(idv.OriginVendor, "110"), token, true, renewed(idv.OriginVendor), 1},
		{"renewal does not help", vendor, refused(idv.OriginVendor, "110"), token, false, refused(idv.OriginVendor, "110"), 1},
		{"the gateway refuses", gateway, refused(idv.OriginGateway, "110"), token, true, renewed(idv.OriginGateway), 1},
		{"the code of another layer", gateway, refused(idv.OriginVendor, "110"), token, true, unlisted("110"), 0},
		{"a row that does not renew", vendor, refused(idv.OriginVendor, "6"), token, true, refused(idv.OriginVendor, "6"), 0},
		{"a code without a row", vendor, refused(idv.OriginVendor, "9"), token, true, unlisted("9"), 0},
		{"a call without a token", vendor, refused(idv.OriginVendor, "110"), providers.Credential{}, true, refused(idv.OriginVendor, "110"), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := &tokened{row: tt.row, fails: tt.fails, used: tt.used, helps: tt.helps}
			_, err := providers.NewProvider(v, v).Ask(t.Context(), query())
			if diff := cmp.Diff(tt.want, asError(err)); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if len(v.renewals) != tt.renewals || tt.renewals > 0 && v.renewals[0] != tt.used {
				t.Errorf("renewals %v, want %d of %v", v.renewals, tt.renewals, tt.used)
			}
			if diff := cmp.Diff([]string{"encode", "do /parts", "decode body"}, v.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// A transport without tokens leaves the failure as it is.
func TestRefusedTokenWithoutRenewer(t *testing.T) {
	t.Parallel()
	v := &tokened{row: row(providers.LayerVendor, "110"), helps: true, used: providers.Credential{Serial: 1}}
	v.fails = &idv.Error{Failure: idv.BadCredentials, Origin: idv.OriginVendor, Code: "110", Delivery: idv.Answered}
	_, err := providers.NewProvider(v, &v.parts).Ask(t.Context(), query())
	if asError(err).Failure != idv.BadCredentials || len(v.renewals) > 0 {
		t.Errorf("got %v and renewals %v, want credentials and none", err, v.renewals)
	}
}

// rotated is a vendor whose credentials were replaced while the call was made.
type rotated struct {
	*tokened
	replaced bool
}

func (v rotated) Replaced(used providers.Credential) bool { return v.replaced && used == v.used }

// A refusal of credentials that are replaced meanwhile says nothing about the new ones, also
// where no token is involved. The call is charged as before.
func TestRefusedCredentialsThatWereReplaced(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		code     string
		replaced bool
		want     idv.Failure
	}{
		{"still in use", "6", false, idv.BadCredentials},
		{"replaced", "6", true, idv.Unavailable},
		{"another failure", "7", true, idv.Maintenance},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := &tokened{row: idv.CodeRow{Layer: providers.LayerVendor, Code: "7", Failure: idv.Maintenance, Delivery: idv.Answered, Charge: idv.ChargeUnknown}}
			v.fails = &idv.Error{Failure: idv.BadCredentials, Origin: idv.OriginVendor, Code: tt.code, Delivery: idv.Answered}
			_, err := providers.NewProvider(rotated{v, tt.replaced}, rotated{v, tt.replaced}).Ask(t.Context(), query())
			e := asError(err)
			if e.Failure != tt.want || e.Account || e.Delivery != idv.Answered || len(v.renewals) > 0 {
				t.Errorf("got %+v and renewals %v, want %v", e, v.renewals, tt.want)
			}
		})
	}
}

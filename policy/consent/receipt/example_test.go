package receipt_test

import (
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

func ExampleVerify() {
	start := time.Date(2026, 11, 2, 9, 0, 0, 0, idv.China())
	record := consent.Record{
		ID: "cns_1", Tenant: "bank", App: "loans", Subject: "k1:token", Purpose: "account opening",
		Notice:     consent.Notice{Name: "identity-check", Version: "1", Language: "en", Template: "sha256:aa", Text: "sha256:bb"},
		Items:      []idv.Claim{idv.ClaimName, idv.ClaimIDNumber},
		Recipients: []consent.Party{{Name: "Example Data Ltd", Contact: "400-000-0000"}},
		Controller: consent.Party{Name: "Example Bank Ltd", Contact: "95000"},
		MaxUses:    1, Valid: 24 * time.Hour, State: consent.Drafted, DraftedAt: start,
	}
	for i, e := range []consent.Event{
		{Kind: consent.Present}, {Kind: consent.Give, Text: record.Notice.Text, Proof: consent.Proof{Action: consent.Checkbox}},
	} {
		if err := record.Apply(e, start.Add(time.Duration(i+1)*time.Minute)); err != nil {
			fmt.Println(err)
			return
		}
	}
	body, err := receipt.New(receipt.Input{
		ID: "rcp_1", At: start.Add(time.Hour), Record: record, Withdrawal: "call 95000", Retention: "three years", Storage: []string{"China"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	signer, err := receipt.NewSigner(idv.NewSensitive("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
	if err != nil {
		fmt.Println(err)
		return
	}
	document, err := signer.Sign(body)
	if err != nil {
		fmt.Println(err)
		return
	}
	read, err := receipt.Verify(document, signer.Keys()...)
	fmt.Println(read.Checked, read.Body.State(), err)
	document[len(document)/2]++
	_, err = receipt.Verify(document, signer.Keys()...)
	fmt.Println(err)
	// Output:
	// true given <nil>
	// the signature does not fit the content
}

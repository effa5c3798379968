package consents_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/consent/receipt"
	"github.com/heyan-id/heyan/policy/keyring"
)

// open returns a service over a memory store. In production the secrets come from a secret
// store, and the recipients from the routes of the engine.
func open() (*consents.Service, error) {
	keys, err := keyring.New(keyring.Key{ID: "k1", Secret: idv.NewSensitive("an example secret of at least 32 bytes")})
	if err != nil {
		return nil, err
	}
	notices, err := notice.Builtin()
	if err != nil {
		return nil, err
	}
	signer, err := receipt.NewSigner(idv.NewSensitive(strings.Repeat("07", 32)))
	if err != nil {
		return nil, err
	}
	return consents.New(consents.Options{
		Store: memory.New(0), Keyring: keys, Notices: notices, Signer: signer,
		Defaults: consents.NoticeDefaults{
			Controller: consent.Party{Name: "Example Bank", Contact: "400-000-0001"},
			Notice:     "identity-check", GuardianNotice: "identity-check-guardian", Language: "en",
			Titles: map[string]string{"account-opening": "opening an account"},
			Uses:   1, Valid: 24 * time.Hour, Pause: 48 * time.Hour,
			Verifications: 180 * 24 * time.Hour, Consents: 3 * 365 * 24 * time.Hour,
		},
		Recipients: func(context.Context, idv.Check, idv.Document) ([]consent.Party, error) {
			return []consent.Party{{Name: "Vendor Ltd", Contact: "400-000-0002"}}, nil
		},
	})
}

func exampleDraft() consents.Draft {
	return consents.Draft{
		Tenant: "bank", App: "app", Purpose: "account-opening", Check: idv.CheckIDName, Channel: "web", Presenter: "sign-up page",
		Subject: idv.Subject{Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("11010519491231002X")},
	}
}

func ExampleService_Draft() {
	service, err := open()
	if err != nil {
		fmt.Println(err)
		return
	}
	drafted, err := service.Draft(context.Background(), exampleDraft())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(drafted.Record.State, drafted.Record.Notice.Name, drafted.Record.Recipients[0].Name)
	fmt.Println(strings.Contains(drafted.Text.Reveal(), "Example Bank"))
	// Output:
	// drafted identity-check Vendor Ltd
	// true
}

func ExampleService_Change() {
	service, err := open()
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	drafted, err := service.Draft(ctx, exampleDraft())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, kind := range []consent.Kind{consent.Present, consent.Refuse} {
		record, err := service.Change(ctx, "bank", drafted.Record.ID, consent.Event{Kind: kind})
		fmt.Println(record.State, err)
	}
	// The person refused and must not be asked again before the pause ends.
	_, err = service.Draft(ctx, exampleDraft())
	fmt.Println(errors.Is(err, consent.AskedTooSoon))
	// Output:
	// presented <nil>
	// refused <nil>
	// true
}

func ExampleService_Erase() {
	service, err := open()
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, person := context.Background(), idv.Subject{IDNumber: idv.NewSensitive("11010519491231002X")}
	if _, err := service.Draft(ctx, exampleDraft()); err != nil {
		fmt.Println(err)
		return
	}
	signed, err := service.Erase(ctx, "bank", person)
	if err != nil {
		fmt.Println(err)
		return
	}
	proof, err := receipt.VerifyErasure(signed, service.Signer.Keys()...)
	fmt.Println(proof.Body.Consents, proof.Body.KeysDestroyed, err)
	found, err := service.Find(ctx, "bank", person)
	fmt.Println(len(found.Consents), len(found.Erasures), err)
	// Output:
	// 1 1 <nil>
	// 0 1 <nil>
}

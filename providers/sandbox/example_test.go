package sandbox_test

import (
	"context"
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/idcert"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// A provider calls a fake vendor: once as usual, once in maintenance.
func ExampleSandbox() {
	ctx := context.Background()
	s, err := sandbox.New(sandbox.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close(ctx) }()
	vendor := s.Vendors()[0]
	codec, err := idcert.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	transport, err := exchange.New(exchange.Config{BaseURL: vendor.URL, Auth: auth.AppCode(vendor.AppCode)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer transport.Close()
	provider := providers.NewProvider(codec, transport)
	query := idv.Query{Check: idv.CheckIDName, Document: idv.Resident18, Subject: idv.Subject{
		Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("110101209901010084"), // an even number matches
	}}
	answer, err := provider.Ask(ctx, query)
	fmt.Println(answer.Verdict, err)

	if err := s.SetScenario(sandbox.Scenario{Vendor: vendor.Name, Mode: sandbox.ModeMaintenance, Count: 1}); err != nil {
		fmt.Println(err)
		return
	}
	_, err = provider.Ask(ctx, query)
	fmt.Println(idv.FailureOf(err))
	stats := s.Stats()[vendor.Name]
	fmt.Println(stats.Requests, "requests,", stats.Billed, "billed")
	// Output:
	// match <nil>
	// maintenance
	// 2 requests, 1 billed
}

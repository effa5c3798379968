package exchange_test

import (
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/idcert"
)

// ExampleOpen opens a provider for an engine, which closes it. BaseURL is left out, so the
// address is the default of the codec.
func ExampleOpen() {
	codec, _ := idcert.New(nil) // never fails
	vendor, err := exchange.Open(codec, exchange.Config{Auth: auth.AppCode(idv.NewSensitive("0123456789abcdef"))})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = vendor.Close() }() // only without an engine
	fmt.Println(vendor.Describe().Name)
	// Output: idcert
}

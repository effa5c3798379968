package auth_test

import (
	"context"
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// A descriptor lists its schemes in order of preference. Select uses the first whose
// settings are configured. The headers print masked.
func ExampleSelect() {
	settings := map[string]idv.Sensitive{"appcode": idv.NewSensitive("0123456789abcdef")}
	env := auth.Env{Value: func(name string) idv.Sensitive { return settings[name] }}
	authenticator, err := auth.Select([]string{"xca", "appcode"}, env)
	if err != nil {
		fmt.Println(err)
		return
	}
	call, err := authenticator.Authenticate(context.Background(), providers.Call{Method: "GET", Path: "/idcard"}, providers.Stamp{Nonce: "nonce-1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(authenticator.Name(), call.Header)

	_, err = auth.Select([]string{"xca"}, env)
	fmt.Println(err)
	// Output:
	// appcode [{Authorization ***}]
	// no authentication scheme is configured: xca needs app_key and app_secret
}

package policy_test

import (
	"fmt"

	"github.com/heyan-id/heyan/policy"
)

// A purpose may be limited to the apps that need it.
func ExamplePurposes_Find() {
	purposes, err := policy.NewPurposes([]policy.Purpose{
		{Name: "open_account", Basis: policy.ByConsent, Apps: []string{"shop"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	purpose, err := purposes.Find("open_account", "shop")
	fmt.Println(purpose.NeedsConsent(), err)
	_, err = purposes.Find("open_account", "forum")
	fmt.Println(err)
	// Output:
	// true <nil>
	// denied (purpose.app) in app: This app may not ask for this purpose; the configuration lists who may.
}

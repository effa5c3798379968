package identity_test

import (
	"fmt"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func ExampleCheckNumber() {
	n := identity.CheckNumber(idv.NewSensitive("１１０１０５１９４９１２３１００２x"), identity.Options{Today: today})
	fmt.Println(n.Valid, n.Reason, n.Masked(), n.Birth, n.Changes)
	n = identity.CheckNumber(idv.NewSensitive("110105194912310021"), identity.Options{Today: today})
	fmt.Println(n.Valid, n.Reason, n.Reason.Help().Cause.EN)
	// Output:
	// true ok_normalized_fullwidth 1****************X 1949-12-31 normalized_fullwidth,normalized_lower_x
	// false check_digit The check digit does not fit, most likely because a digit is wrong or two are swapped.
}

package identity_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func ExampleCheckNumber() {
	today := identity.Date{Year: 2026, Month: 11, Day: 24}
	n := identity.CheckNumber(idv.NewSensitive("１１０１０５１９４９１２３１００２x"), identity.Options{Today: today})
	fmt.Println(n.Valid, n.Reason, n.Masked(), n.Birth, n.Changes)
	n = identity.CheckNumber(idv.NewSensitive("110105194912310021"), identity.Options{Today: today})
	fmt.Println(n.Valid, n.Reason, n.Reason.Help().Cause.EN)
	// Output:
	// true ok_normalized_fullwidth 1***************** 1949-12-31 normalized_fullwidth,normalized_lower_x
	// false check_digit The check digit does not fit, most likely because a digit is wrong or two are swapped.
}

func ExampleCheckName() {
	f := identity.CheckName(idv.NewSensitive("阿卜杜拉•买买提"), identity.Options{})
	fmt.Println(f.Valid, f.Canonical().Reveal(), f.Changes)
	// Output: true 阿卜杜拉·买买提 normalized_dots
}

func ExampleNormalize() {
	claims := idv.Subject{Name: idv.NewSensitive("张 三"), IDNumber: idv.NewSensitive("110105194912310021")}
	_, err := identity.Normalize(claims, idv.CheckIDName, time.Now())
	var e *idv.Error
	if errors.As(err, &e) {
		fmt.Println(e.Failure, e.Field, e.Code)
	}
	// Output: invalid_input id_number check_digit
}

func ExampleUnder() {
	birth := identity.Date{Year: 2012, Month: 11, Day: 24}
	on := identity.Date{Year: 2026, Month: 11, Day: 24}
	fmt.Println(identity.Under(birth, on, identity.AgeOwnConsent, identity.Statutory))
	fmt.Println(identity.Under(birth, on, identity.AgeOwnConsent, identity.Everyday))
	// Output:
	// true
	// false
}

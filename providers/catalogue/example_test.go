package catalogue_test

import (
	"fmt"

	"github.com/heyan-id/heyan/providers/catalogue"
)

func ExampleCatalogue_Find() {
	vendors := catalogue.New()
	factory, ok := vendors.Find("idcert")
	fmt.Println(ok, factory.Descriptor.Checks, factory.Descriptor.Schemes)
	_, ok = vendors.Find("acme")
	fmt.Println(ok)
	// Output:
	// true [id_name] [xca appcode]
	// false
}

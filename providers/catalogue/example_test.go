package catalogue_test

import (
	"fmt"

	"github.com/heyan-id/heyan/providers/catalogue"
)

func ExampleCatalogue_Find() {
	vendors := catalogue.New()
	factory, ok := vendors.Find("idcert")
	fmt.Println(ok, factory.Descriptor.Title, factory.Descriptor.Schemes)
	_, ok = vendors.Find("acme")
	fmt.Println(ok)
	// Output:
	// true 身份证实名认证 (idcert, Aliyun market cmapi022049) [xca appcode]
	// false
}

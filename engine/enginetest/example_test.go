package enginetest_test

import (
	"context"
	"fmt"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
)

// ExampleNew scripts a provider that is throttled once and then answers.
func ExampleNew() {
	p := enginetest.New("vendor",
		enginetest.Fail(idv.Throttled, idv.RefusedByGateway),
		enginetest.Answer(idv.Mismatch))
	for range 2 {
		a, err := p.Ask(context.Background(), idv.Query{})
		fmt.Println(a.Verdict, idv.FailureOf(err), err != nil)
	}
	// Output:
	// undetermined throttled true
	// mismatch unknown false
}

// ExampleOptions tests a caller of the engine without a vendor. In a test, Engine makes
// the engine and closes it.
func ExampleOptions() {
	vendor := enginetest.New("vendor", enginetest.Answer(idv.NoRecord))
	e, err := engine.New(enginetest.Options(vendor))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = e.Close(context.Background()) }()
	v, err := e.Verify(context.Background(), enginetest.Request())
	fmt.Println(v.Verdict, err, "calls:", vendor.Calls())
	// Output: no_record <nil> calls: 1
}

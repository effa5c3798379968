package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/idcert"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// Example embeds an engine with one vendor. The vendor here is a sandbox; the address of
// the real one is the default of BaseURL, and its AppCode comes from wherever the program
// keeps its secrets.
func Example() {
	ctx := context.Background()
	vendor, stop := fakeVendor(ctx)
	defer stop()
	v, err := embed(ctx, vendor.URL, vendor.AppCode)
	if err != nil {
		fmt.Println(engine.ProblemOf(err).Detail)
		return
	}
	known, possible := v.Cost()
	fmt.Printf("%v %s %s by %s, cost %v, at most %v\n",
		v.Verdict, v.Subject.Name, v.Subject.IDNumber, v.Evidence[0].Organization, known, possible)
	// Output:
	// match 张* 1***************** by 四川涪擎大数据技术有限公司, cost 0.069 CNY, at most 0.069 CNY
}

func embed(ctx context.Context, address string, appCode idv.Sensitive) (idv.Verification, error) {
	codec, _ := idcert.New(nil) // never fails
	vendor, err := exchange.Open(codec, exchange.Config{BaseURL: address, Auth: auth.AppCode(appCode)})
	if err != nil {
		return idv.Verification{}, err
	}
	e, err := engine.New(engine.Options{
		Providers: []engine.ProviderConfig{{Name: "idcert-main", Provider: vendor}},
		Policy:    engine.Policy{Consent: consent.External}, // your own records hold the consents; docs/consent.md
	})
	if err != nil {
		return idv.Verification{}, err
	}
	defer func() { _ = e.Close(ctx) }() // ends calls in flight, then the connections
	return e.Verify(ctx, idv.Request{
		Check: idv.CheckIDName, Purpose: "opening an account", ConsentID: "c-17",
		Subject: idv.Subject{Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("11010519491231002x")},
	})
}

// fakeVendor starts a vendor of the sandbox.
func fakeVendor(ctx context.Context) (sandbox.Vendor, func()) {
	s, err := sandbox.New(sandbox.Config{})
	if err == nil {
		err = s.Start(ctx)
	}
	if err != nil {
		panic(err)
	}
	return s.Vendors()[0], func() { _ = s.Close(ctx) }
}

// ExampleEngine_Verify fails over: the first vendor is in maintenance, so the second one
// is called. The providers are scripted, as in tests of a program that embeds the engine.
func ExampleEngine_Verify() {
	main := enginetest.New("main", enginetest.Fail(idv.Maintenance, idv.Answered))
	spare := enginetest.New("spare", enginetest.Answer(idv.NoRecord))
	e, err := engine.New(enginetest.Options(main, spare))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = e.Close(context.Background()) }()

	for range 2 {
		v, err := e.Verify(context.Background(), enginetest.Request())
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, s := range v.Skipped {
			fmt.Println("skipped:", s.Provider, s.Reason)
		}
		for _, a := range v.Attempts {
			fmt.Println("called:", a.Provider)
		}
		fmt.Println(v.Verdict, v.NextSteps[0].Code)
	}
	fmt.Println("calls of the vendor in maintenance:", main.Calls())
	// Output:
	// called: main
	// called: spare
	// no_record no_record_is_neutral
	// skipped: main maintenance
	// called: spare
	// no_record no_record_is_neutral
	// calls of the vendor in maintenance: 1
}

// ExampleEngine_Explain shows the plan of a request without a call.
func ExampleEngine_Explain() {
	e, err := engine.New(enginetest.Options(enginetest.New("main"), enginetest.New("spare")))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = e.Close(context.Background()) }()
	_ = e.Drain("main", time.Time{}) // until Resume
	plan, err := e.Explain(context.Background(), enginetest.Request())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("would call:", plan.Steps[0].Provider)
	fmt.Println("would skip:", plan.Skipped[0].Provider, plan.Skipped[0].Reason)
	// Output:
	// would call: spare
	// would skip: main drained
}

// ExampleProblemOf reads the error of a request with a mistyped number, for which no
// provider is called.
func ExampleProblemOf() {
	e, err := engine.New(enginetest.Options(enginetest.New("main")))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = e.Close(context.Background()) }()
	r := enginetest.Request()
	r.Subject.IDNumber = idv.NewSensitive("110105194912310021")
	_, err = e.Verify(context.Background(), r)
	p := engine.ProblemOf(err)
	fmt.Println(p.Class, p.Field, p.Rules)
	// Output: invalid_input id_number [check_digit]
}

// TestReadmeShowsTheExample compares the code of the READMEs with this file, which is
// compiled.
func TestReadmeShowsTheExample(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"../README.md", "../docs/README.zh.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := bytes.Cut(text, []byte("```go\n"))
		shown, _, ok := bytes.Cut(after, []byte("```"))
		if !ok || len(shown) < 200 || !bytes.Contains(source, shown) {
			t.Errorf("the Go code of %s is not in example_test.go", page)
		}
	}
}

package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/idcert"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// The real wiring of one vendor: its codec, the hands that sign and call, an engine.
// Here the vendor is a fake one. The real one is at
// https://idcert.market.alicloudapi.com, and its AppCode comes from wherever your
// program keeps its secrets.
func Example() {
	ctx := context.Background()
	vendor, stop := fakeVendor(ctx)
	defer stop()
	if err := ask(ctx, vendor.URL, vendor.AppCode); err != nil {
		fmt.Println(err)
	}
	// Output:
	// match 张* 1****************X by 四川涪擎大数据技术有限公司, cost 0.069 CNY, at most 0.069 CNY
}

func ask(ctx context.Context, address string, appCode idv.Sensitive) error {
	codec, err := idcert.New(nil)
	if err != nil {
		return err
	}
	hands, err := exchange.New(exchange.Config{BaseURL: address, Auth: auth.AppCode(appCode)})
	if err != nil {
		return err
	}
	defer hands.Close()
	e, err := engine.New(engine.Options{
		Policy:    engine.Policy{Consent: consent.External}, // your own records hold it; docs/consent.md
		Providers: []engine.ProviderConfig{{Name: "idcert-main", Provider: providers.NewProvider(codec, hands)}},
		Routes:    []route.Rule{{Check: idv.CheckIDName, Providers: []string{"idcert-main"}}},
	})
	if err != nil {
		return err
	}
	defer func() { _ = e.Close(ctx) }() // lets calls in flight end
	v, err := e.Verify(ctx, idv.Request{
		Check:     idv.CheckIDName,
		Purpose:   "opening an account",
		ConsentID: "c-17", // what the person agreed to
		Subject:   idv.Subject{Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("11010519491231002x")},
	})
	if err != nil {
		return err // nobody was asked: idv.FailureOf(err) says why
	}
	if v.Verdict == idv.Undetermined {
		fmt.Println("no verdict:", v.Reason)
		return nil
	}
	known, possible := v.Cost()
	fmt.Printf("%v %s %s by %s, cost %v, at most %v\n",
		v.Verdict, v.Subject.Name, v.Subject.IDNumber, v.Evidence[0].Organization, known, possible)
	return nil
}

// fakeVendor starts a vendor of the sandbox, which answers as the real one does.
func fakeVendor(ctx context.Context) (sandbox.Vendor, func()) {
	s, err := sandbox.New(sandbox.Config{})
	if err == nil {
		err = s.Start(ctx)
	}
	if err != nil {
		panic(err) // an example has nobody to tell
	}
	return s.Vendors()[0], func() { _ = s.Close(ctx) }
}

// A test of your own program needs no vendor: enginetest answers from a script.
// Here the first vendor is in maintenance, so the second one is asked.
func ExampleEngine_Verify() {
	sick := enginetest.New("main", enginetest.Fail(idv.Maintenance, idv.Answered))
	spare := enginetest.New("spare", enginetest.Answer(idv.NoRecord))
	e, err := engine.New(enginetest.Options(sick, spare))
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
		for _, l := range v.Skipped {
			fmt.Println("left out:", l.Provider, l.Reason)
		}
		for _, a := range v.Attempts {
			fmt.Println("asked:", a.Provider)
		}
		fmt.Println(v.Verdict, v.NextSteps[0].Code)
	}
	fmt.Println("calls of the vendor in maintenance:", sick.Calls())
	// Output:
	// asked: main
	// asked: spare
	// no_record no_record_is_neutral
	// left out: main maintenance
	// asked: spare
	// no_record no_record_is_neutral
	// calls of the vendor in maintenance: 1
}

// TestReadmeShowsTheExample holds the code of the READMEs against this file, which
// the compiler reads.
func TestReadmeShowsTheExample(t *testing.T) {
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

package heyan_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/heyan-id/heyan/docs/clients/go/heyan"
)

// fakeHeyan answers every request alike. For tests against the real heyan use "heyan demo --serve".
func fakeHeyan(status int, body string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
}

func Example() {
	server := fakeHeyan(http.StatusOK, `{"id":"ver_06H2","verdict":"match","cost":{"amount":"0.069","currency":"CNY","maximum":"0.069"}}`)
	defer server.Close()

	client, err := heyan.New(heyan.Options{BaseURL: server.URL, Key: heyan.NewSensitive("hk_example")})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := client.Verify(context.Background(), heyan.VerifyRequest{
		Check: heyan.IDName, Purpose: "account_opening", ConsentID: "con_t6ki66lt2iv234abzztflt7ooc", App: "shop",
		Subject:        heyan.Subject{Name: heyan.NewSensitive("张三"), IDNumber: heyan.NewSensitive("11010519491231002X")},
		IdempotencyKey: "order-4711", // a repeated call returns the same result and is not charged again
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	switch result.Verdict {
	case heyan.Match:
		fmt.Println("the claims agree with the register;", result.Cost.Amount, result.Cost.Currency)
	case heyan.Mismatch:
		fmt.Println("ask the person to compare the input with the document")
	case heyan.NoRecord, heyan.MismatchOrNoRecord:
		fmt.Println("there is nothing to compare with; use another proof")
	default:
		fmt.Println("no verdict:", result.Reason)
	}
	// Output: the claims agree with the register; 0.069 CNY
}

func ExampleProblem() {
	server := fakeHeyan(http.StatusForbidden, `{"type":"urn:heyan:problem:denied","title":"Forbidden","status":403,"detail":"policy denies the request",
		"rules":[{"rule":"consent.missing","zh":"请先取得本人同意","en":"Let the person agree first."}]}`)
	defer server.Close()
	client, err := heyan.New(heyan.Options{BaseURL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Verify(context.Background(), heyan.VerifyRequest{Check: heyan.IDName})

	var problem *heyan.Problem
	switch {
	case errors.Is(err, heyan.ProblemDenied) && errors.As(err, &problem):
		fmt.Println("denied by", problem.Rules[0].Rule)
	case errors.As(err, &problem):
		fmt.Println("refused:", problem.Type, problem.Detail)
	case err != nil:
		var failed *heyan.Error
		if errors.As(err, &failed) {
			fmt.Println("repeat it later with the key", failed.IdempotencyKey)
		}
	}
	// Output: denied by consent.missing
}

func ExampleSensitive() {
	subject := heyan.Subject{Name: heyan.NewSensitive("张三"), IDNumber: heyan.NewSensitive("11010519491231002X")}
	fmt.Printf("%+v\n", subject)
	// Output: {Name:*** IDNumber:*** Document: Mobile: BankCard:}
}

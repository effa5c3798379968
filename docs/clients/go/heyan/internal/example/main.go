// Command example verifies a name and a number with the Go client. docs/clients.md shows
// its lines.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/heyan-id/heyan/docs/clients/go/heyan"
)

func main() {
	ctx := context.Background()
	name, number, consent := heyan.NewSensitive(os.Args[1]), heyan.NewSensitive(os.Args[2]), os.Args[3]
	// page: begin
	client, err := heyan.New(heyan.Options{BaseURL: os.Getenv("HEYAN_URL"), Key: heyan.NewSensitive(os.Getenv("HEYAN_KEY"))})
	if err != nil {
		log.Fatal(err)
	}
	result, err := client.Verify(ctx, heyan.VerifyRequest{
		Check: heyan.IDName, Purpose: "account_opening", ConsentID: consent, App: "shop",
		Subject: heyan.Subject{Name: name, IDNumber: number},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Verdict, result.Reason)
	// page: end
}

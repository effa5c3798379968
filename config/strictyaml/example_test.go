package strictyaml_test

import (
	"fmt"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// Every fault of a file is reported, with its line, its path and the remedy.
func ExampleDocument_Decode() {
	const text = `
providers:
  - limits: {rate: "50"}
    nam: idcert
`
	var into struct {
		Providers []struct {
			Name   string `json:"name"`
			Limits struct {
				Rate float64 `json:"rate"`
			} `json:"limits"`
		} `json:"providers"`
	}
	document, faults := strictyaml.Parse("heyan.yaml", []byte(text))
	if document != nil {
		faults = append(faults, document.Decode(&into, strictyaml.Options{})...)
	}
	fmt.Println(faults.Err())
	// Output:
	// heyan.yaml:3: providers[0].limits.rate: must be a number, got a string; remove the quotes
	// heyan.yaml:4: providers[0].nam: unknown key; did you mean name?
}

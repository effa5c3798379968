package notice_test

import (
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

func ExampleTemplate_Render() {
	template, err := notice.Parse("hello.md", []byte(`---
name: hello
version: 1
language: en
title: Identity check
variant: adult
status: example
material: {changed: first version, ask_again: true}
blanks:
  person: {kind: name, label: the person}
  purpose: {kind: text, label: why the data is needed}
---

## [purpose] Purpose
{{person}}, we need your data for {{purpose}}.
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = template.RenderExample(notice.Values{"purpose": notice.Text("opening an account")})
	fmt.Println(err)
	rendered, err := template.RenderExample(notice.Values{
		"person": notice.Name(idv.NewSensitive("Zhang San")), "purpose": notice.Text("opening an account"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(rendered.Body.Reveal())
	// Output:
	// person: is missing; it must be a person's name in one line of at most 100 characters
	// Identity check
	//
	// Purpose
	// Zhang San, we need your data for opening an account.
}

func ExampleBuiltin() {
	catalogue, err := notice.Builtin()
	if err != nil {
		fmt.Println(err)
		return
	}
	template, err := catalogue.Latest("identity-check", "en")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range template.Blanks()[:2] {
		fmt.Println(b.Name, b.Kind)
	}
	// Output:
	// controller party
	// person_name name
}

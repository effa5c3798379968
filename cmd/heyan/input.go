package main

import (
	"bytes"
	"context"
	"io"
	"os"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
)

// maxSubject is the largest subject that is read, in bytes. A usual one has a few hundred.
const maxSubject = 64 << 10

// inputFlag adds --input. There is no flag for the values: other users of the machine can
// read a command line, and it stays in the shell's history.
func inputFlag(cmd *cobra.Command, into *string) {
	cmd.Flags().StringVar(into, "input", "", "read the subject as JSON from a file, or from stdin with -")
}

// readInput reads the text of --input: from a file, or from stdin for "-".
func (c *cli) readInput(path string) ([]byte, error) {
	source := c.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, usageError("--input: cannot read the file; give the path of a readable file, or - for stdin")
		}
		defer func() { _ = f.Close() }()
		source = f
	}
	text, err := io.ReadAll(io.LimitReader(source, maxSubject+1))
	if err != nil {
		return nil, usageError("--input: reading failed before the end of the input")
	}
	return text, nil
}

// readSubject reads the subject of --input.
func (c *cli) readSubject(path string) (idv.Subject, error) {
	text, err := c.readInput(path)
	if err != nil {
		return idv.Subject{}, err
	}
	return decodeSubject(text)
}

// decodeSubject reads {"name","id_number","mobile","bank_card"} and nothing else.
func decodeSubject(text []byte) (idv.Subject, error) {
	var s api.Subject
	if !decodeObject(text, &s) {
		return idv.Subject{}, usageError(`--input: must be one JSON object such as {"name":"…","id_number":"…"}, optionally with "mobile" and "bank_card"; ` +
			`each value is a string, each key appears once`)
	}
	return idv.Subject(s), nil
}

// decodeObject reads one JSON object and reports whether it is valid. Duplicate keys,
// unknown keys and keys in another letter case are rejected, since they would make a claim
// ambiguous. It returns no error, since an error could quote personal data.
func decodeObject(text []byte, into any) bool {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors write a byte order mark
	if len(text) > maxSubject || len(bytes.TrimSpace(text)) == 0 || bytes.TrimSpace(text)[0] != '{' {
		return false
	}
	return json.Unmarshal(text, into, json.RejectUnknownMembers(true)) == nil
}

// person is the data subject of a consent.
type person struct {
	Name     idv.Sensitive     `json:"name,omitzero"`
	IDNumber idv.Sensitive     `json:"id_number"`
	Guardian *guardian         `json:"guardian,omitzero"`
	Values   map[string]string `json:"values,omitzero"` // for the blanks of custom notices
}

// guardian is the person who consents for a child.
type guardian struct {
	Name     idv.Sensitive `json:"name"`
	IDNumber idv.Sensitive `json:"id_number"`
	Relation string        `json:"relation"`
}

// decodePerson reads a person with an optional guardian.
func decodePerson(text []byte) (person, error) {
	var p person
	if !decodeObject(text, &p) {
		return person{}, usageError(`--input: must be one JSON object such as {"name":"…","id_number":"…"}, optionally with "guardian" (name, id_number, ` +
			`relation) and "values" (strings); each key appears once`)
	}
	return p, nil
}

// readPerson reads the person of --input into a draft.
func (c *cli) readPerson(path string, d *consents.Draft) error {
	if err := required("--input", path, "name a JSON file with the subject, or - for stdin"); err != nil {
		return err
	}
	text, err := c.readInput(path)
	if err != nil {
		return err
	}
	p, err := decodePerson(text)
	if err != nil {
		return err
	}
	d.Subject, d.Values = idv.Subject{Name: p.Name, IDNumber: p.IDNumber}, p.Values
	if g := p.Guardian; g != nil {
		d.Guardian = &consents.Guardian{Subject: idv.Subject{Name: g.Name, IDNumber: g.IDNumber}, Relation: g.Relation}
	}
	return nil
}

// withPerson opens the consent service for the records of one person.
func (c *cli) withPerson(cmd *cobra.Command, config, input string, do func(context.Context, *consents.Service, idv.Sensitive) error) error {
	if err := required("--input", input, "name a JSON file with the subject, or - for stdin"); err != nil {
		return err
	}
	s, err := c.readSubject(input)
	if err != nil {
		return err
	}
	return c.withConsents(cmd, config, mustExist, func(ctx context.Context, svc *consents.Service) error { return do(ctx, svc, s.IDNumber) })
}

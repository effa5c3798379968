package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/textfile"
)

// errInterrupted is the error of reading when the command is to end.
var errInterrupted = errors.New("interrupted before the end of the input; nothing was changed")

// open opens a file, or stdin for "-". A named pipe, a terminal or a device can delay opening
// and reading without a limit, so both return errInterrupted at the first signal.
func (c *cli) open(path string) (io.ReadCloser, error) {
	if path == "-" {
		return &input{ReadCloser: io.NopCloser(c.stdin), stopped: c.stopped}, nil
	}
	f, err := await(c.stopped, func() (*os.File, error) { return os.Open(path) })
	if err != nil {
		return nil, err
	}
	return &input{ReadCloser: f, stopped: c.stopped}, nil
}

// read reads a file, or stdin for "-", up to limit bytes and one more, by which the caller
// recognizes a larger one.
func (c *cli) read(path string, limit int64) ([]byte, error) {
	f, err := c.open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// readText reads text that people hand in, converted to UTF-8. The error says what the file is
// if that is no text; flag names where the file was given.
func (c *cli) readText(flag, path string, limit int64) ([]byte, error) {
	data, err := c.read(path, limit)
	switch {
	case err != nil && flag == "":
		return nil, inputError(err, "cannot read the file; give the path of a readable file, or - for stdin")
	case err != nil:
		return nil, inputError(err, "%s: cannot read the file; give the path of a readable file, or - for stdin", flag)
	case int64(len(data)) > limit:
		return data, nil // the caller refuses it
	}
	return c.decodeText(flag, data)
}

// decodeText converts text to UTF-8.
func (c *cli) decodeText(flag string, data []byte) ([]byte, error) {
	text, used, err := textfile.Decode(data)
	if err != nil {
		return nil, c.notText(flag, err)
	}
	if used != textfile.UTF8 {
		c.notef(idv.Text{EN: "read as %s", ZH: "按 %s 编码读取"}.In(c.lang), used)
	}
	return text, nil
}

// notText reports a file that is no text. flag names where it was given.
func (c *cli) notText(flag string, err error) error {
	message := err.Error()
	var e *textfile.Error
	if errors.As(err, &e) {
		message = idv.Text{EN: "the file " + e.Help().EN, ZH: e.Help().ZH}.In(c.lang)
	}
	if flag == "" {
		return configError("%s", message)
	}
	return configError("%s: %s", flag, message)
}

// inputError explains why reading failed: by an interruption, or else as the text says.
func inputError(err error, format string, args ...any) error {
	if errors.Is(err, errInterrupted) {
		return &exitError{code: exitRefused, err: err}
	}
	return usageError(format, args...)
}

// input is a file or stdin that can be interrupted.
type input struct {
	io.ReadCloser
	stopped <-chan struct{}
	buffer  []byte
}

// Read reads into a buffer of its own, since an interrupted read may still complete later.
func (in *input) Read(p []byte) (int, error) {
	if len(in.buffer) < len(p) {
		in.buffer = make([]byte, len(p))
	}
	buffer := in.buffer[:len(p)]
	n, err := await(in.stopped, func() (int, error) { return in.ReadCloser.Read(buffer) })
	return copy(p, buffer[:n]), err
}

// await returns what f returns, or errInterrupted once stopped is closed. f then goes on
// until the process ends. A panic of f is a panic of await, as run expects it.
func await[T any](stopped <-chan struct{}, f func() (T, error)) (T, error) {
	var value T
	select {
	case <-stopped: // also if f would always be ready
		return value, errInterrupted
	default:
	}
	var err error
	var panicked any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		value, err = f()
	}()
	select {
	case <-done:
		if panicked != nil {
			panic(panicked)
		}
		return value, err
	case <-stopped:
		var none T
		return none, errInterrupted
	}
}

// maxSubject is the largest subject that is read, in bytes. A usual one has a few hundred.
const maxSubject = 64 << 10

// inputFlag adds --input. There is no flag for the values: other users of the machine can
// read a command line, and it stays in the shell's history.
func inputFlag(cmd *cobra.Command, into *string) {
	cmd.Flags().StringVar(into, "input", "", "read the subject as JSON from a file, or from stdin with -")
}

// readInput reads the text of --input: from a file, or from stdin for "-".
func (c *cli) readInput(path string) ([]byte, error) {
	return c.readText("--input", path, maxSubject)
}

// readSubject reads the subject of --input.
func (c *cli) readSubject(path string) (idv.Subject, error) {
	text, err := c.readInput(path)
	if err != nil {
		return idv.Subject{}, err
	}
	return decodeSubject(text)
}

// decodeSubject reads {"name","id_number","document","mobile","bank_card"} and nothing else.
func decodeSubject(text []byte) (idv.Subject, error) {
	var s api.Subject
	if !decodeObject(text, &s) {
		return idv.Subject{}, usageError(`--input: must be one JSON object such as {"name":"…","id_number":"…"}, optionally with "document", "mobile" and "bank_card"; ` +
			`each value is a string, each key appears once`)
	}
	return idv.Subject(s), nil
}

// decodeObject reads one JSON object and reports whether it is valid. Duplicate keys,
// unknown keys and keys in another letter case are rejected, since they would make a claim
// ambiguous. It returns no error, since an error could quote personal data.
func decodeObject(text []byte, into any) bool {
	if len(text) > maxSubject || len(bytes.TrimSpace(text)) == 0 || bytes.TrimSpace(text)[0] != '{' {
		return false
	}
	return json.Unmarshal(text, into, json.RejectUnknownMembers(true)) == nil
}

// person is the data subject of a consent.
type person struct {
	api.Person
	Guardian *guardian         `json:"guardian,omitzero"`
	Values   map[string]string `json:"values,omitzero"` // for the blanks of custom notices
}

// guardian is the person who consents for a child.
type guardian struct {
	api.Person
	Relation string `json:"relation"`
}

// decodePerson reads a person with an optional guardian.
func decodePerson(text []byte) (person, error) {
	var p person
	if !decodeObject(text, &p) {
		return person{}, usageError(`--input: must be one JSON object such as {"name":"…","id_number":"…"}, optionally with "document", "bank_card", "guardian" ` +
			`(name, id_number, relation) and "values" (strings); each key appears once`)
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
	d.Subject, d.Values = p.Subject(), p.Values
	if g := p.Guardian; g != nil {
		d.Guardian = &consents.Guardian{Subject: g.Subject(), Relation: g.Relation}
	}
	return nil
}

// withPerson opens the consent service for the records of one person.
func (c *cli) withPerson(cmd *cobra.Command, config, input string, do func(context.Context, *consents.Service, idv.Subject) error) error {
	if err := required("--input", input, "name a JSON file with the subject, or - for stdin"); err != nil {
		return err
	}
	s, err := c.readSubject(input)
	if err != nil {
		return err
	}
	return c.withConsents(cmd, config, mustExist, func(ctx context.Context, svc *consents.Service) error { return do(ctx, svc, s) })
}

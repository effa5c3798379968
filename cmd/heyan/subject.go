package main

import (
	"bytes"
	"io"
	"os"

	"github.com/go-json-experiment/json"

	"github.com/heyan-id/heyan/engine/idv"
)

// maxSubject bounds the subject that is read, in bytes. One is a few hundred.
const maxSubject = 64 << 10

// readSubject reads the subject of --input: from a file, or from stdin for "-".
func (t *tool) readSubject(path string) (idv.Subject, error) {
	source := t.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return idv.Subject{}, usage("--input: the file cannot be read; give the path of a readable file, or - for stdin")
		}
		defer func() { _ = f.Close() }()
		source = f
	}
	text, err := io.ReadAll(io.LimitReader(source, maxSubject+1))
	if err != nil {
		return idv.Subject{}, usage("--input: cannot be read to its end")
	}
	return decodeSubject(text)
}

// decodeSubject reads {"name","id_number","mobile","bank_card"} and nothing else:
// in another letter case, twice, or beside a member that is not known, a claim has
// no one meaning. The error repeats nothing of the input.
func decodeSubject(text []byte) (idv.Subject, error) {
	const form = `--input: want one JSON object such as {"name":"…","id_number":"…"}; "mobile" and "bank_card" may stand beside ` +
		`them, each a string and each once`
	var s idv.Subject
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors begin every file with this mark
	if len(text) > maxSubject || len(bytes.TrimSpace(text)) == 0 || bytes.TrimSpace(text)[0] != '{' {
		return idv.Subject{}, usage(form)
	}
	if json.Unmarshal(text, &s, json.RejectUnknownMembers(true)) != nil {
		return idv.Subject{}, usage(form)
	}
	return s, nil
}

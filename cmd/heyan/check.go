package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/heyan-id/heyan/cmd/internal/terminal"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/textfile"
)

func newCheck(c *cli) *cobra.Command {
	var kind string
	var lenient, details, asJSON bool
	cmd := &cobra.Command{
		Use:   "check [FILE | NUMBER]...",
		Short: "Validate ID, mobile and card numbers locally, without any call or cost",
		Long: "Checks length, characters, province, calendar date and check digit. Without --type each is an ID number whose type is\n" +
			"recognized by its form; the numbers of " + declaredList() + " are not.\n\nReads one number per line from stdin or from\n" +
			"files, or takes numbers as arguments: an argument that is the path of a file is read, any other is a number. The\n" +
			"number itself is never printed, nor is a part of it but the first character: --details adds the date of birth, the sex\n" +
			"and the address code, which together leave some 500 numbers. Arguments are visible in the process list; for real\n" +
			"people use a file or stdin.\n\n" +
			"Exit codes: 0 all numbers are valid; 1 at least one is invalid; 4 interrupted; 64 a line is longer than 1 MiB.",
		Args: cobra.ArbitraryArgs,
	}
	cmd.Flags().StringVar(&kind, "type", "", "require one type: "+documentList()+"; or "+strings.Join(claimTypes(), ", "))
	cmd.Flags().BoolVar(&lenient, "lenient", false, "remove hyphens and brackets and read Ⅹ (U+2169) and ⅹ (U+2179) as X, as verify does")
	cmd.Flags().BoolVar(&details, "details", false, "print the date of birth, the sex and the address code that a number encodes")
	jsonFlag(cmd, &asJSON)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		r := &checkRun{cli: c, json: asJSON, details: details, options: identity.Options{Lenient: lenient}}
		if slices.Contains(claimTypes(), kind) {
			r.claim = kind
			return r.run(args)
		}
		var err error
		if r.options.Want, err = parseDocument("--type", kind); err != nil {
			return err
		}
		return r.run(args)
	}
	return cmd
}

// claimTypes lists the types of --type that are no documents.
func claimTypes() []string { return []string{idv.ClaimMobile.String(), idv.ClaimBankCard.String()} }

// declaredList lists the documents that are not recognized by their numbers.
func declaredList() string {
	var list []string
	for _, d := range idv.Documents() {
		if d.Declared() {
			list = append(list, string(d))
		}
	}
	return strings.Join(list, ", ")
}

// parseDocument reads a flag that names a document type. "" means unknown.
func parseDocument(flag, word string) (idv.Document, error) {
	if word == "" {
		return idv.DocumentUnknown, nil
	}
	for _, d := range idv.Documents() {
		if string(d) == word {
			return d, nil
		}
	}
	return idv.DocumentUnknown, usageError("%s: unknown document type; the types are %s", flag, documentList())
}

func documentList() string {
	var list []string
	for _, d := range idv.Documents() {
		list = append(list, string(d))
	}
	return strings.Join(list, ", ")
}

// checkRun is one run of `heyan check`. It keeps one line in memory.
type checkRun struct {
	*cli
	json     bool
	details  bool
	options  identity.Options
	claim    string // one of claimTypes, or "" for ID numbers
	out      *terminal.Printer
	progress *terminal.Progress
	checked  int
	wrong    int
}

func (r *checkRun) run(args []string) error {
	buffer := bufio.NewWriter(r.stdout)
	r.out = terminal.NewPrinter(buffer)
	r.options.Today = identity.DateOf(time.Now())
	// On a terminal the results themselves show the progress.
	r.progress = terminal.NewProgress(r.stderr, terminal.IsTerminal(r.stdout) || terminal.IsTerminal(r.stdin) && len(args) == 0)
	err := r.sources(args, buffer)
	r.progress.Clear()
	if err == nil && !r.json {
		r.summary()
	}
	if flushed := buffer.Flush(); flushed != nil {
		return internalError(flushed)
	}
	if err != nil {
		return err
	}
	if r.wrong > 0 {
		return exitCode(exitFound)
	}
	return internalError(r.out.Err())
}

// sources checks the arguments in order, or stdin if there are none.
func (r *checkRun) sources(args []string, flush *bufio.Writer) error {
	if len(args) == 0 {
		if terminal.IsTerminal(r.stdin) {
			r.notef("%s", idv.Text{EN: "enter one number per line; press Ctrl-D to finish", ZH: "每行一个号码，按 Ctrl-D 结束"}.In(r.lang))
		}
		return r.file("-", "stdin", flush)
	}
	for i, arg := range args {
		if err := r.argument(i, arg, flush); err != nil {
			return err
		}
	}
	return nil
}

func (r *checkRun) argument(i int, arg string, flush *bufio.Writer) error {
	switch {
	case arg == "-":
		return r.file("-", "stdin", flush)
	case isFile(arg):
		return r.file(arg, fmt.Sprintf("argument %d", i+1), flush)
	case strings.ContainsRune(arg, os.PathSeparator):
		return usageError("argument %d: neither a number nor an existing file", i+1)
	}
	r.number(arg)
	return r.out.Err()
}

// number checks one number and prints the result.
func (r *checkRun) number(text string) {
	n := r.check(idv.NewSensitive(text))
	r.checked++
	if !n.Valid {
		r.wrong++
	}
	switch {
	case r.json && r.details:
		r.out.JSON(identity.DetailedNumber{Number: n})
	case r.json:
		r.out.JSON(n)
	default:
		r.row(n)
	}
	r.progress.Showf(idv.Text{EN: "%d checked, %d invalid", ZH: "已检查 %d 个，%d 个无效"}.In(r.lang), r.checked, r.wrong)
}

// check checks one number. The type of a mobile or card number is the name of its claim.
func (r *checkRun) check(text idv.Sensitive) identity.Number {
	switch r.claim {
	case idv.ClaimMobile.String():
		return identity.Number{Finding: identity.CheckMobile(text), Type: idv.Document(r.claim)}
	case idv.ClaimBankCard.String():
		return identity.Number{Finding: identity.CheckBankCard(text), Type: idv.Document(r.claim)}
	}
	return identity.CheckNumber(text, r.options)
}

// row prints one line of the table. The widths are fixed, since rows are printed one by
// one.
func (r *checkRun) row(n identity.Number) {
	mark, help := "✓", n.Reason.Help()
	if !n.Valid {
		mark = "✗"
	}
	text := idv.Text{EN: help.Cause.EN, ZH: help.Cause.ZH}.In(r.lang)
	if !n.Valid {
		text = idv.Text{EN: help.Cause.EN + " " + help.Remedy.EN, ZH: help.Cause.ZH + help.Remedy.ZH}.In(r.lang)
	}
	if len(n.Flags.List()) > 0 {
		text += " [" + n.Flags.String() + "]"
	}
	if r.details {
		text = strings.Join(strings.Fields(n.Birth.String()+" "+string(n.Sex)+" "+n.AddressCode), " ") + "  " + text
	}
	r.out.Linef("%6d  %s  %s  %s  %s  %s", r.checked, mark, terminal.Pad(n.Masked(), 18), terminal.Pad(string(n.Type), 14),
		terminal.Pad(string(n.Reason), 12), text)
}

func (r *checkRun) summary() {
	r.out.Linef(idv.Text{EN: "\n%d checked, %d valid, %d invalid", ZH: "\n共 %d 个，有效 %d 个，无效 %d 个"}.In(r.lang),
		r.checked, r.checked-r.wrong, r.wrong)
}

const (
	// maxLine is how much of a line is checked, in bytes. A number has at most 44 characters, so
	// the rest of a longer line cannot matter.
	maxLine = 4096
	// maxSkipped is the longest line that counts as one invalid number, in bytes. A longer one
	// means that the input is no list of numbers, and may have no end.
	maxSkipped = 1 << 20
)

var errLongLine = errors.New("a line is longer than 1 MiB")

// file checks the numbers of a file, or of stdin for "-".
func (r *checkRun) file(path, what string, flush *bufio.Writer) error {
	f, err := r.open(path)
	if err != nil {
		return inputError(err, "%s: cannot read the file", what)
	}
	defer func() { _ = f.Close() }() // nothing was written
	return r.lines(f, what, flush)
}

// lines checks one number per line. An empty line is an empty number; a newline at the end
// of the input starts no further line. Output is flushed whenever the input buffer is
// empty, so that an interactive user sees the answer to each line.
func (r *checkRun) lines(source io.Reader, what string, flush *bufio.Writer) error {
	in, err := r.decoded(bufio.NewReaderSize(source, 16*maxLine), what)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		line, err := readLine(in)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLongLine):
			return configError("%s: line %d is longer than 1 MiB; expected one number per line", what, n)
		case err != nil:
			return inputError(err, "%s: reading failed before the end of the input", what)
		}
		r.number(line)
		if err := r.out.Err(); err != nil {
			return internalError(err)
		}
		if in.Buffered() == 0 {
			if err := flush.Flush(); err != nil {
				return internalError(err)
			}
		}
	}
}

// decoded returns a reader of the lines in UTF-8, by what the first read gives of them. The
// characters of numbers are ASCII, so only UTF-16 and a byte order mark must be known: a line
// in another encoding is invalid as it is.
func (r *checkRun) decoded(in *bufio.Reader, what string) (*bufio.Reader, error) {
	if _, err := in.Peek(1); err != nil {
		return in, nil // lines reports it
	}
	head, _ := in.Peek(in.Buffered()) // all of it is there
	used, err := textfile.Starts(head)
	var e *textfile.Error
	switch {
	case errors.As(err, &e) && e.Kind != textfile.Unclear:
		return nil, r.notText(what, err)
	case err != nil || used == textfile.UTF8 && !bytes.HasPrefix(head, []byte("\ufeff")):
		return in, nil
	case used != textfile.UTF8:
		r.notef(idv.Text{EN: "%s: read as %s", ZH: "%s：按 %s 编码读取"}.In(r.lang), what, used)
	}
	return bufio.NewReaderSize(used.Decoder().Reader(in), 16*maxLine), nil
}

// readLine returns the next line without its line ending, truncated to about maxLine
// bytes. The error is errLongLine for a line of more than maxSkipped bytes.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	for length := 0; ; {
		part, more, err := in.ReadLine()
		if err != nil {
			return "", err
		}
		if length += len(part); length > maxSkipped {
			return "", errLongLine
		}
		if len(line) < maxLine {
			line = append(line, part...)
		}
		if !more {
			return string(line), nil
		}
	}
}

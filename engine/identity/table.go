package identity

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // for the table of address codes, which is part of the program
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:embed areacodes.txt.gz
var packedTable []byte

// Table lists the address codes of GB/T 2260 with the years in which they were in force.
// It is immutable and safe for concurrent use.
type Table struct {
	date  string
	pages [10000]uint16 // by the first four digits: 1 + the index of the page, 0 for none
	rows  [][100]span   // by the last two digits
}

// span is when a code was in force, in years since 1900. The zero value is a code that
// is not listed.
type span struct{ first, last uint8 }

const (
	spanEpoch = 1900
	spanOpen  = 255 // no last year known
)

// DefaultTable returns the embedded table, which is decompressed on first use. NOTICE
// names its sources.
func DefaultTable() *Table { return embeddedTable() }

var embeddedTable = sync.OnceValue(func() *Table {
	unpacked, err := gzip.NewReader(bytes.NewReader(packedTable))
	if err != nil {
		panic("identity: the embedded table is damaged: " + err.Error()) // a broken build; its test fails first
	}
	table, err := ReadTable(unpacked)
	if err != nil {
		panic("identity: the embedded table is damaged: " + err.Error())
	}
	return table
})

// Date returns the month up to which the table is complete, such as 2024-12. Codes that
// were introduced later are unlisted.
func (t *Table) Date() string { return t.date }

func (s span) listed() bool { return s.last != 0 }

func (t *Table) span(code int) span {
	page := t.pages[code/100]
	if page == 0 {
		return span{}
	}
	return t.rows[page-1][code%100]
}

// plausible reports whether an unlisted code ends as those that the police used for the
// districts, the suburbs or the whole of a city, and its prefecture is known.
func (t *Table) plausible(code int) bool {
	switch code % 100 {
	case 1, 2, 11, 19, 20, 21:
		return t.pages[code/100] != 0
	}
	return false
}

// flags returns the flags of a code for a year of birth.
func (t *Table) flags(code, birthYear int) Flags {
	s := t.span(code)
	switch {
	case s == span{last: spanOpen}:
		return 0
	case !s.listed() && t.plausible(code):
		return FlagAddressUnlisted | FlagAddressPlausible
	case !s.listed():
		return FlagAddressUnlisted
	case s.last != spanOpen && birthYear > spanEpoch+int(s.last):
		return FlagAddressAbolished
	case s.first != 0 && birthYear < spanEpoch+int(s.first):
		return FlagAddressLater
	}
	return 0
}

var errTableHead = errors.New(`the first line must be "table YYYY-MM"`)

// ReadTable reads a table that is newer than the embedded one. The first line is
// "table YYYY-MM", the month up to which it is complete. Each further line has the first
// four digits and then, for each code, the last two digits with the known limits:
// "1101 01 02 10-1986 18+2015 03+1980-2010" says that 110110 was in force until 1986 and
// 110118 from 2015 on. An error names the line.
func ReadTable(r io.Reader) (*Table, error) {
	lines := bufio.NewScanner(r)
	lines.Scan()
	date, ok := strings.CutPrefix(lines.Text(), "table ")
	if !ok || !fits(date, "0000-00") {
		return nil, errTableHead
	}
	t := &Table{date: date}
	for n := 2; lines.Scan(); n++ {
		if err := t.addLine(strings.Fields(lines.Text())); err != nil {
			return nil, fmt.Errorf("table: line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return t, nil
}

func (t *Table) addLine(words []string) error {
	if len(words) == 0 {
		return nil
	}
	if !fits(words[0], "0000") {
		return errors.New("must begin with four digits")
	}
	page := number(words[0])
	if t.pages[page] != 0 {
		return errors.New("the prefecture has two lines; merge them")
	}
	var row [100]span
	for _, word := range words[1:] {
		if len(word) < 2 || !fits(word[:2], "00") {
			return errors.New("a code must be two digits, then +YEAR or -YEAR")
		}
		s, err := readSpan(word[2:])
		if err != nil {
			return err
		}
		row[number(word[:2])] = s
	}
	t.rows = append(t.rows, row)
	t.pages[page] = uint16(len(t.rows)) // at most 10000
	return nil
}

func readSpan(text string) (span, error) {
	first, last, ended := strings.Cut(text, "-")
	s := span{last: spanOpen}
	var err error
	if year, begun := strings.CutPrefix(first, "+"); begun {
		s.first, err = readYear(year)
	} else if first != "" {
		err = errors.New("a year must have + or - before it")
	}
	if ended && err == nil {
		s.last, err = readYear(last)
	}
	return s, err
}

func readYear(text string) (uint8, error) {
	if !fits(text, "0000") || number(text) <= spanEpoch || number(text) >= spanEpoch+spanOpen {
		return 0, errors.New("a year must be from 1901 to 2154")
	}
	return uint8(number(text) - spanEpoch), nil
}

package main

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// longestLine is how much of a line is looked at, in bytes. A number has at most
// 44 characters; of a longer line it is enough to know that it is too long.
const longestLine = 4096

// lines checks a number a line. An empty line is a number that is not there; the
// end of the last line begins no other. Output is written out whenever the input
// pauses, so that whoever types sees the answer to each line.
func (c *checking) lines(source io.Reader, what string, flush *bufio.Writer) error {
	in := bufio.NewReaderSize(source, 16*longestLine)
	for first := true; ; first = false {
		line, err := readLine(in)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return usage("%s cannot be read to its end", what)
		}
		if first {
			line = strings.TrimPrefix(line, "\ufeff") // some programs begin every file with this mark; it is not the number's
		}
		c.number(line)
		if err := c.out.Err(); err != nil {
			return internal(err)
		}
		if in.Buffered() == 0 {
			if err := flush.Flush(); err != nil {
				return internal(err)
			}
		}
	}
}

// readLine returns the next line without its end, cut off after longestLine bytes.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, more, err := in.ReadLine()
		if err != nil {
			return "", err
		}
		if len(line) < longestLine {
			line = append(line, part...)
		}
		if !more {
			return string(line), nil
		}
	}
}

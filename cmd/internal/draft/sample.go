package draft

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Curl returns the request of a curl command, as documents and browsers print it, and the
// reply that is pasted after it, if there is one.
func Curl(text string) (Exchange, error) {
	words, rest, err := shellWords(text)
	if err != nil {
		return Exchange{}, err
	}
	e, err := request(words)
	if rest = strings.TrimSpace(rest); err != nil || rest == "" {
		return e, err
	}
	return e.WithReply(rest)
}

// request returns the request of the words of a curl command.
func request(words []string) (Exchange, error) {
	if len(words) == 0 || words[0] != "curl" {
		return Exchange{}, errors.New("the file does not begin with a curl command")
	}
	c := command{}
	for i := 1; i < len(words); i++ {
		word, value := words[i], ""
		if !strings.HasPrefix(word, "-") || word == "-" {
			c.URL = word
			continue
		}
		if name, v, ok := strings.Cut(word, "="); ok && strings.HasPrefix(word, "--") {
			word, value = name, v
		} else if takesValue(word) && i+1 < len(words) {
			i++
			value = words[i]
		}
		if err := c.option(word, value); err != nil {
			return Exchange{}, err
		}
	}
	if c.get {
		c.URL, c.Body = c.URL+"?"+c.Body, ""
	}
	if c.Method == "" && c.Body != "" {
		c.Method = http.MethodPost
	}
	return c.Exchange, nil
}

// command is a curl command as far as it was read.
type command struct {
	Exchange
	get bool // the data belong to the query string
}

func (c *command) option(word, value string) error {
	switch word {
	case "-X", "--request":
		c.Method = value
	case "-H", "--header":
		name, v, _ := strings.Cut(value, ":")
		c.Header = append(c.Header, Field{strings.TrimSpace(name), strings.TrimSpace(v)})
	case "-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json":
		c.Body = join(c.Body, value)
	case "--data-urlencode":
		name, v, _ := strings.Cut(value, "=")
		c.Body = join(c.Body, name+"="+url.QueryEscape(v))
	case "-G", "--get":
		c.get = true
	case "--url":
		c.URL = value
	case "-F", "--form":
		return errors.New("a multipart form: write the file by hand, with request.multipart")
	}
	return nil
}

func join(body, more string) string {
	if body == "" {
		return more
	}
	return body + "&" + more
}

// takesValue reports whether an option of curl has a value. Of the long ones, those without
// a value that samples use are known.
func takesValue(word string) bool {
	switch word {
	case "--get", "--compressed", "--insecure", "--silent", "--include", "--location", "--verbose", "--globoff", "--fail", "--show-error", "--http1.1", "--http2", "--head":
		return false
	}
	return strings.HasPrefix(word, "--") || slices.Contains([]string{"-X", "-H", "-d", "-u", "-A", "-e", "-b", "-o", "-F", "-T", "-m", "-x"}, word)
}

// shellWords splits a command as a shell does, and returns what follows its last line.
func shellWords(text string) (words []string, rest string, err error) {
	text = strings.NewReplacer("\\\r\n", " ", "\\\n", " ", "^\r\n", " ", "^\n", " ").Replace(strings.TrimSpace(text)) + " "
	var word strings.Builder
	in := false
	for i := 0; i < len(text); i++ {
		if strings.IndexByte(" \t\r\n", text[i]) >= 0 {
			if in {
				words = append(words, word.String())
			}
			word.Reset()
			in = false
			if text[i] == '\n' && len(words) > 0 {
				return words, text[i:], nil
			}
			continue
		}
		in = true
		part, end := shellPart(text, i)
		if end < 0 {
			return nil, "", errors.New("a quote of the command is not closed")
		}
		word.WriteString(part)
		i = end
	}
	return words, "", nil
}

// shellPart returns the part of a word that begins at a position, and where it ends: a
// quoted text, an escaped character, or one character. The end is -1 if a quote is open.
func shellPart(text string, at int) (part string, end int) {
	switch c := text[at]; {
	case c == '\'' || c == '"':
		if end = closing(text, at); end < 0 {
			return "", -1
		}
		return unquote(text[at+1:end], c, at > 0 && text[at-1] == '$'), end
	case c == '$' && text[at+1] == '\'':
		return "", at
	case c == '\\':
		return text[at+1 : at+2], at + 1
	}
	return text[at : at+1], at
}

// closing returns the position of the quote that closes the one at a position, -1 if none.
func closing(text string, open int) int {
	escapes := text[open] == '"' || open > 0 && text[open-1] == '$'
	for i := open + 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] == text[open]:
			return i
		}
	}
	return -1
}

func unquote(text string, quote byte, ansi bool) string {
	switch {
	case ansi:
		return strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\n`, "\n", `\"`, `"`, `\t`, "\t").Replace(text)
	case quote == '"':
		return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\$`, `$`).Replace(text)
	}
	return text
}

// WithReply adds a reply: a body, or status line, headers and body as curl -i prints them.
func (e Exchange) WithReply(text string) (Exchange, error) {
	e.Status, e.Reply = http.StatusOK, text
	if !strings.HasPrefix(text, "HTTP/") {
		return e, nil
	}
	status, _, body, err := ParseReply(text)
	e.Status, e.Reply = status, body
	return e, err
}

var statusLine = regexp.MustCompile(`^HTTP/[0-9.]+ ([1-5][0-9][0-9])( .*)?$`)

// ParseReply reads status line, headers and body as curl -i prints them. Replies before the
// last one, such as "100 Continue" or that of a proxy, are skipped. curl has already
// decoded the body's transfer encoding.
func ParseReply(text string) (status int, header http.Header, body string, err error) {
	none := errors.New("the reply does not begin with a status line and headers as curl -i prints them")
	for {
		source := strings.NewReader(text)
		lines := bufio.NewReader(source)
		r := textproto.NewReader(lines)
		line, err := r.ReadLine()
		m := statusLine.FindStringSubmatch(line)
		if err != nil || m == nil {
			return 0, nil, "", none
		}
		fields, err := r.ReadMIMEHeader()
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, nil, "", none
		}
		text = text[len(text)-source.Len()-lines.Buffered():]
		if strings.HasPrefix(text, "HTTP/") {
			continue
		}
		status, _ = strconv.Atoi(m[1]) // three digits
		return status, http.Header(fields), text, nil
	}
}

// HAR returns the first exchange of a HAR file whose reply is JSON.
func HAR(text []byte) (Exchange, error) {
	var file struct {
		Log struct {
			Entries []struct {
				Request struct {
					Method, URL string
					Headers     []Field
					PostData    struct{ Text string }
				}
				Response struct {
					Status  int
					Content struct{ MimeType, Text, Encoding string }
				}
			}
		}
	}
	if json.Unmarshal(text, &file) != nil {
		return Exchange{}, errors.New("the file is no HAR file")
	}
	for _, entry := range file.Log.Entries {
		reply := entry.Response.Content.Text
		if entry.Response.Content.Encoding == "base64" {
			raw, err := base64.StdEncoding.DecodeString(reply)
			if err != nil {
				continue
			}
			reply = string(raw)
		}
		if !strings.HasPrefix(strings.TrimSpace(reply), "{") {
			continue
		}
		return Exchange{
			Method: entry.Request.Method, URL: entry.Request.URL, Header: entry.Request.Headers, Body: entry.Request.PostData.Text,
			Status: entry.Response.Status, Reply: reply,
		}, nil
	}
	return Exchange{}, errors.New("the file has no exchange with a reply in JSON")
}

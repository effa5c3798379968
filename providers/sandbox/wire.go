package sandbox

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

const (
	dripEvery = 200 * time.Millisecond
	bigBytes  = 10 << 20

	// resetPause gives the client time to read the first half before the reset, since
	// a kernel may drop received data when a reset arrives.
	resetPause = 50 * time.Millisecond
)

// stall never answers. It ends when the client disconnects or the sandbox closes.
func stall(c *call, _ reply) {
	<-c.r.Context().Done()
	resetConn(c.r)
}

// resetBefore resets before the first byte, after the vendor has billed.
func resetBefore(c *call, _ reply) { resetConn(c.r) }

// resetAfter sends the head and half of the body, then resets.
func resetAfter(c *call, out reply) {
	c.begin(out, len(out.body))
	c.push(out.body[:len(out.body)/2])
	wait(c.r.Context(), resetPause)
	resetConn(c.r)
}

// drip sends single bytes, slowly enough to exceed any deadline.
func drip(c *call, out reply) {
	c.begin(out, len(out.body))
	for i := range out.body {
		if !wait(c.r.Context(), dripEvery) {
			resetConn(c.r)
		}
		c.push(out.body[i : i+1])
	}
}

// huge streams a match, well-formed if it is a JSON object, with 10 MiB of padding and no Content-Length.
func huge(c *call, out reply) {
	c.begin(out, -1)
	head, object := bytes.CutSuffix(bytes.TrimSpace(out.body), []byte("}"))
	c.push(head)
	if object {
		c.push([]byte(`,"padding":"`))
	}
	_, _ = io.Copy(c.w, io.LimitReader(repeat('0'), bigBytes))
	if object {
		c.push([]byte(`"}`))
	}
}

// gzipBomb sends 10 MiB of zeros in about 10 KiB, whatever the client accepts.
func gzipBomb(c *call, out reply) {
	out.header.Set("Content-Encoding", "gzip")
	c.begin(out, -1)
	z := gzip.NewWriter(c.w)
	_, _ = io.Copy(z, io.LimitReader(repeat(0), bigBytes))
	_ = z.Close() // the client is expected to disconnect
}

// begin sends the head, without a Content-Length if length is negative.
func (c *call) begin(out reply, length int) {
	maps.Copy(c.w.Header(), out.header)
	if length >= 0 {
		c.w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	c.w.WriteHeader(out.status)
	c.push(nil)
}

// push sends bytes and flushes them.
func (c *call) push(b []byte) {
	_, _ = c.w.Write(b)
	_ = http.NewResponseController(c.w).Flush()
}

// repeat is an endless reader of one byte value.
type repeat byte

// Read fills p.
func (c repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

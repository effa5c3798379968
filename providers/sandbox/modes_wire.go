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

	// resetPause lets the first half of an answer be read before the reset
	// overtakes it; a kernel may drop what it has received when a reset comes.
	resetPause = 50 * time.Millisecond
)

// stall never answers. It ends with the client or with the sandbox.
func stall(v *visit, _ reply) {
	<-v.r.Context().Done()
	hangUp(v.r)
}

// resetBefore resets before the first byte: has the vendor worked, or not?
func resetBefore(v *visit, _ reply) { hangUp(v.r) }

// resetAfter sends the head and half of the promised body, then resets.
func resetAfter(v *visit, out reply) {
	v.begin(out, len(out.body))
	v.push(out.body[:len(out.body)/2])
	wait(v.r.Context(), resetPause)
	hangUp(v.r)
}

// drip sends a byte at a time, slowly enough to outlast any deadline.
func drip(v *visit, out reply) {
	v.begin(out, len(out.body))
	for i := range out.body {
		if !wait(v.r.Context(), dripEvery) {
			hangUp(v.r)
		}
		v.push(out.body[i : i+1])
	}
}

// huge streams a well-formed match with 10 MiB of padding, its length untold.
func huge(v *visit, out reply) {
	v.begin(out, -1)
	v.push(bytes.TrimSuffix(out.body, []byte("}")))
	v.push([]byte(`,"padding":"`))
	_, _ = io.Copy(v.w, io.LimitReader(repeat('0'), bigBytes))
	v.push([]byte(`"}`))
}

// gzipBomb sends 10 MiB of zeros in about 10 KiB, whatever was asked for.
func gzipBomb(v *visit, out reply) {
	out.header.Set("Content-Encoding", "gzip")
	v.begin(out, -1)
	z := gzip.NewWriter(v.w)
	_, _ = io.Copy(z, io.LimitReader(repeat(0), bigBytes))
	_ = z.Close() // a client that has gone away is what this is for
}

// begin sends the head. A length below 0 is not told.
func (v *visit) begin(out reply, length int) {
	maps.Copy(v.w.Header(), out.header)
	if length >= 0 {
		v.w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	v.w.WriteHeader(out.status)
	v.push(nil)
}

// push sends bytes at once instead of when the buffer is full.
func (v *visit) push(b []byte) {
	_, _ = v.w.Write(b)
	_ = http.NewResponseController(v.w).Flush()
}

// repeat is an endless reader of one byte.
type repeat byte

// Read fills p.
func (c repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

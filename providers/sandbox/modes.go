package sandbox

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// behavior implements a mode: it composes a reply, which is counted and then sent.
type behavior struct {
	compose func(*call) reply
	send    func(*call, reply)
}

// refusing is the behavior of a gateway that refuses every request.
func refusing(f *refusal) behavior {
	return behavior{compose: func(*call) reply { return f.reply() }, send: sendAll}
}

// behaviors returns the behavior of each mode of idcert.
func behaviors() map[Mode]behavior {
	return map[Mode]behavior{
		ModeNormal:      {compose: steeredAnswer, send: sendAll},
		ModeMaintenance: {compose: maintenance, send: sendAll},

		ModeQuotaExhausted: refusing(quotaExhausted()),
		ModeQuotaExpired:   refusing(quotaExpired()),
		ModeBadAppCode:     refusing(badAppCode()),
		ModeThrottled429:   refusing(throttled429()),
		ModeThrottled403:   refusing(throttled403()),
		ModeGateway504:     {compose: backendTimeout, send: sendAll},

		ModeEmpty:           {compose: empty, send: sendAll},
		ModeHTML:            {compose: page, send: sendAll},
		ModeTruncated:       {compose: truncated, send: sendAll},
		ModeDuplicateStatus: {compose: duplicateStatus, send: sendAll},
		ModeCaseStatus:      {compose: caseStatus, send: sendAll},
		ModeNumberStatus:    {compose: numberStatus, send: sendAll},
		ModeExtraFields:     {compose: extraFields, send: sendAll},
		ModeGBK:             {compose: gbk, send: sendAll},
		ModeHTTP450:         {compose: noRecord450, send: sendAll},
		ModeHTTP500:         {compose: backendError, send: sendAll},
		ModeRedirect:        {compose: redirect, send: sendAll},

		ModeWrongEcho:   {compose: wrongEcho, send: sendAll},
		ModeSwapAnswers: {compose: swapped, send: sendAll},

		ModeStall:       {compose: unsent(ModeStall), send: stall},
		ModeSlowDrip:    {compose: steeredAnswer, send: drip},
		ModeResetBefore: {compose: unsent(ModeResetBefore), send: resetBefore},
		ModeResetAfter:  {compose: matchAs(ModeResetAfter), send: resetAfter},
		ModeGzipBomb:    {compose: matchAs(ModeGzipBomb), send: gzipBomb},
		ModeHuge:        {compose: matchAs(ModeHuge), send: huge},

		modeFollowed: {compose: followed, send: sendAll},
	}
}

// sendAll sends a reply unchanged.
func sendAll(c *call, out reply) { out.write(c.w) }

// wait sleeps. It reports false if the client disconnects or the sandbox closes first.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// resetConn ends a request by resetting its connection: with a linger time of 0 the
// kernel sends RST instead of FIN. Bytes that were written before are sent.
func resetConn(r *http.Request) {
	if conn, ok := r.Context().Value(connKey{}).(*net.TCPConn); ok {
		_ = conn.SetLinger(0)
	}
	panic(http.ErrAbortHandler) // net/http closes the connection without a reply
}

// swapBound is how long a call waits for another call to swap answers with.
const swapBound = 250 * time.Millisecond

// swapped answers about the person of another call, like a vendor that mixes up its
// connections. Without another call it answers about a fictitious person.
func swapped(c *call) reply {
	met, ok := c.swap.pair(c.r.Context(), c.subject, swapBound)
	other, _ := met.(person)
	if !ok {
		other = otherPerson(c.subject)
	}
	return answer(other, steer(other)).reply()
}

// swap pairs calls. The zero value is ready. It is safe for concurrent use.
type swap struct {
	mu      sync.Mutex
	waiting *waiter
}

// waiter is a call that waits for another.
type waiter struct {
	subject any
	other   chan any // has space for one, so that sending never blocks
}

// pair returns whom the other call asks for, or false if none arrives in time.
func (s *swap) pair(ctx context.Context, subject any, bound time.Duration) (any, bool) {
	s.mu.Lock()
	if first := s.waiting; first != nil {
		s.waiting = nil
		first.other <- subject
		s.mu.Unlock()
		return first.subject, true
	}
	me := &waiter{subject, make(chan any, 1)}
	s.waiting = me
	s.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	select {
	case other := <-me.other:
		return other, true
	case <-ctx.Done():
		return s.leave(me)
	}
}

// leave stops waiting, unless another call has just been paired.
func (s *swap) leave(me *waiter) (any, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == me {
		s.waiting = nil
		return nil, false
	}
	return <-me.other, true
}

package sandbox

import (
	"context"
	"net"
	"net/http"
	"time"
)

// play is how a mode is played. Either the gateway refuses, or the backend
// composes an answer, which is billed and then sent.
type play struct {
	refuse  *refusal
	compose func(*visit) reply
	send    func(*visit, reply)
}

// plays says how each mode is played.
func plays() map[Mode]play {
	return map[Mode]play{
		ModeNormal:      {compose: steered, send: whole},
		ModeMaintenance: {compose: maintenance, send: whole},

		ModeQuotaExhausted: {refuse: quotaExhausted()},
		ModeQuotaExpired:   {refuse: quotaExpired()},
		ModeBadAppCode:     {refuse: badAppCode()},
		ModeThrottled429:   {refuse: throttled429()},
		ModeThrottled403:   {refuse: throttled403()},
		ModeGateway504:     {compose: backendTimeout, send: whole},

		ModeEmpty:           {compose: empty, send: whole},
		ModeHTML:            {compose: page, send: whole},
		ModeTruncated:       {compose: truncated, send: whole},
		ModeDuplicateStatus: {compose: duplicateStatus, send: whole},
		ModeCaseStatus:      {compose: caseStatus, send: whole},
		ModeNumberStatus:    {compose: numberStatus, send: whole},
		ModeExtraFields:     {compose: extraFields, send: whole},
		ModeGBK:             {compose: gbk, send: whole},
		ModeHTTP450:         {compose: noRecord450, send: whole},
		ModeHTTP500:         {compose: backendError, send: whole},
		ModeRedirect:        {compose: redirect, send: whole},

		ModeWrongEcho:   {compose: wrongEcho, send: whole},
		ModeSwapAnswers: {compose: swapped, send: whole},

		ModeStall:       {compose: lost(ModeStall), send: stall},
		ModeSlowDrip:    {compose: steered, send: drip},
		ModeResetBefore: {compose: lost(ModeResetBefore), send: resetBefore},
		ModeResetAfter:  {compose: matchAs(ModeResetAfter), send: resetAfter},
		ModeGzipBomb:    {compose: matchAs(ModeGzipBomb), send: gzipBomb},
		ModeHuge:        {compose: matchAs(ModeHuge), send: huge},
	}
}

// whole sends a reply as it is.
func whole(v *visit, out reply) { out.write(v.w) }

// wait sleeps, and reports false if the client went away or the sandbox is
// closing before the time is over.
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

// hangUp ends a request by resetting its connection: with a linger time of 0 the
// kernel sends RST instead of FIN. What was written before has left already.
func hangUp(r *http.Request) {
	if conn, ok := r.Context().Value(connKey{}).(*net.TCPConn); ok {
		_ = conn.SetLinger(0)
	}
	panic(http.ErrAbortHandler) // net/http's way to close without an answer
}

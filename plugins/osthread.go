package plugins

import "runtime"

// osThread runs functions on one operating system thread that lives until close. Linux
// ties the parent-death signal of a child to the thread that started it, not to the
// process (golang/go#27505): if Go retired that thread, the plugin would be killed.
type osThread struct {
	work  chan func()
	ended chan struct{}
}

func newOSThread() *osThread {
	t := &osThread{make(chan func()), make(chan struct{})}
	go func() {
		defer close(t.ended)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		for f := range t.work {
			f()
		}
	}()
	return t
}

// do runs f on the thread and returns when f has returned.
func (t *osThread) do(f func()) {
	done := make(chan struct{})
	t.work <- func() {
		defer close(done)
		f()
	}
	<-done
}

// close ends the thread. On Linux this also kills processes that it started and that
// are still running.
func (t *osThread) close() {
	close(t.work)
	<-t.ended
}

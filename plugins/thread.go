package plugins

import "runtime"

// thread runs functions on one thread of the system that lives until close. Linux
// ties the death signal of a child to the thread that started it and not to the
// process (golang/go#27505): started on a thread that Go retires, a plugin would be
// killed out of the blue.
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

// do runs f on the thread and returns when it has returned.
func (t *osThread) do(f func()) {
	done := make(chan struct{})
	t.work <- func() {
		defer close(done)
		f()
	}
	<-done
}

// close ends the thread, and on Linux whatever it started and is still there.
func (t *osThread) close() {
	close(t.work)
	<-t.ended
}

package plugins

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"
)

// process is a running plugin process; it implements go-plugin's runner. The host
// starts the process itself because go-plugin would pass on standard input, read lines
// of unbounded length, parse log lines in a way that can panic, and not report the
// exit.
type process struct {
	command exec.Cmd // the template of the command; not started itself
	thread  *osThread
	log     io.WriteCloser // receives standard error
	socket  string         // the directory that must hold the socket

	input, output, stderr *os.File // the host's ends of its standard streams
	handshake             *io.PipeReader
	exited                chan struct{}  // closed when it has been waited for
	streams               sync.WaitGroup // the goroutines that serve the process and its streams

	mu          sync.Mutex
	running     *exec.Cmd // nil before the start
	watcher     *exec.Cmd // ends the process group if the host is killed; nil where there is none
	killed      bool      // kill was called, perhaps before the start
	exitedAlone bool      // it ended before the host killed it
	line        string    // the first line of output
	startErr    error
}

var _ runner.Runner = (*process)(nil)

// maxHandshake is the maximum length of the first line in bytes. A certificate takes
// about 800.
const maxHandshake = 16 << 10

// streamGrace is how long the streams are read after the process ended. A child that
// inherited them may keep them open.
const streamGrace = 100 * time.Millisecond

// Start starts the process and the readers of its streams.
func (p *process) Start(context.Context) (err error) {
	var theirs [3]*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
		if err != nil {
			p.note(func() { p.startErr = err })
			closeAll(p.input, p.output, p.stderr)
			_ = p.log.Close()
		}
	}()
	var errs [3]error
	theirs[0], p.input, errs[0] = os.Pipe()
	p.output, theirs[1], errs[1] = os.Pipe()
	p.stderr, theirs[2], errs[2] = os.Pipe()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	p.command.Stdin, p.command.Stdout, p.command.Stderr = theirs[0], theirs[1], theirs[2]
	p.command.SysProcAttr = attributes()
	cmd, err := p.begin()
	if err != nil {
		return err
	}
	p.watch(cmd.Process.Pid, theirs[0])
	reader, writer := io.Pipe()
	p.handshake = reader
	p.streams.Go(func() { p.readOutput(writer) })
	p.streams.Go(p.readStderr)
	p.streams.Go(func() { p.await(cmd) })
	return nil
}

// begin starts the process on the long-lived thread. A file that was just written may
// still be open in a child that another goroutine is forking; then it tries again until
// the process is to be killed.
func (p *process) begin() (*exec.Cmd, error) {
	for {
		cmd := &exec.Cmd{
			Path: p.command.Path, Args: p.command.Args, Env: p.command.Env, Dir: p.command.Dir,
			Stdin: p.command.Stdin, Stdout: p.command.Stdout, Stderr: p.command.Stderr, SysProcAttr: p.command.SysProcAttr,
		}
		var err error
		p.thread.do(func() { err = cmd.Start() })
		if err == nil {
			p.started(cmd)
			return cmd, nil
		}
		if !errors.Is(err, syscall.ETXTBSY) || p.wasKilledByHost() {
			return nil, err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// started records the running command, and kills it if kill was called before.
func (p *process) started(cmd *exec.Cmd) {
	p.mu.Lock()
	doomed := p.killed
	p.running = cmd
	p.mu.Unlock()
	if doomed {
		p.kill()
	}
}

// watch starts the watcher, which waits for the end of the lifeline. The kernel kills the
// plugin with the host, but not what the plugin has started. The watcher belongs to the
// plugin's process group, so it also ends with it, and the group's number is not given to
// another process before.
func (p *process) watch(group int, lifeline *os.File) {
	w := watcher(group)
	if w == nil {
		return
	}
	w.Stdin = lifeline
	if w.Start() == nil {
		p.note(func() { p.watcher = w })
	}
}

// watched reports whether the process has a watcher.
func (p *process) watched() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.watcher != nil
}

// await waits for the exit of the process and cleans up after it.
func (p *process) await(cmd *exec.Cmd) {
	_ = cmd.Wait()
	killGroup(cmd.Process.Pid) // processes that it started, and the watcher
	if p.watched() {
		_ = p.watcher.Wait()
	}
	// A process that is seen to end late may have ended by itself before it was killed.
	p.note(func() { p.exitedAlone = !p.killed || !wasKilled(cmd.ProcessState) })
	close(p.exited)
	_ = p.input.Close()
	end := time.Now().Add(streamGrace)
	_, _ = p.output.SetReadDeadline(end), p.stderr.SetReadDeadline(end)
}

// readOutput passes on the first line and discards the rest.
func (p *process) readOutput(to *io.PipeWriter) {
	defer func() { _ = p.output.Close() }()
	r := bufio.NewReaderSize(p.output, maxHandshake)
	line, err := r.ReadSlice('\n')
	if err == nil || len(line) > 0 {
		p.note(func() { p.line = string(line) })
		_, _ = to.Write(append(line[:len(line):len(line)], '\n'))
	}
	_ = to.Close()
	_, _ = io.Copy(io.Discard, r)
}

func (p *process) readStderr() {
	_, _ = io.Copy(p.log, p.stderr)
	_ = p.log.Close()
	_ = p.stderr.Close()
}

func (p *process) note(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// firstLine returns the first line of output and the error of the start.
func (p *process) firstLine() (line string, startErr error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.TrimSpace(p.line), p.startErr
}

// gone reports whether the process has ended.
func (p *process) gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// exitState returns how the process ended, and whether it did so before the host killed
// it.
func (p *process) exitState() (state string, byItself bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running.ProcessState.String(), p.exitedAlone
}

// endedAlone reports whether the process ended before the host killed it.
func (p *process) endedAlone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exitedAlone
}

// kill kills the process, also one that is just starting. It does not wait for the
// exit.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	if p.running != nil && !p.gone() {
		killGroup(p.running.Process.Pid)
		_ = p.running.Process.Kill()
	}
}

// wasKilledByHost reports whether kill was called.
func (p *process) wasKilledByHost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

// pid returns the process id, 0 if there is no process.
func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return 0
	}
	return p.running.Process.Pid
}

// Wait waits for the exit of the process.
func (p *process) Wait(context.Context) error {
	<-p.exited
	return nil
}

// Kill kills the process. go-plugin calls it after a failed start; a process that is
// already exiting gets a moment, so that its exit status is seen.
func (p *process) Kill(context.Context) error {
	select {
	case <-p.exited:
	case <-time.After(streamGrace):
	}
	p.kill()
	return nil
}

// Stdout gives go-plugin the first line only.
func (p *process) Stdout() io.ReadCloser { return p.handshake }

// Stderr gives go-plugin nothing: the host reads the log itself.
func (p *process) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name returns the path of the program.
func (p *process) Name() string { return p.command.Path }

// ID returns the process id.
func (p *process) ID() string { return strconv.Itoa(p.pid()) }

// Diagnose returns nothing: a [Reason] says more.
func (p *process) Diagnose(context.Context) string { return "" }

var errForeignAddress = errors.New("an address outside the plugin's own directory")

// PluginToHost accepts only a socket in the directory that the plugin was given.
// Otherwise a plugin could make the host connect to another service.
func (p *process) PluginToHost(network, address string) (string, string, error) {
	if network == "unix" && filepath.Dir(filepath.Clean(address)) == filepath.Clean(p.socket) {
		return network, address, nil
	}
	if network == "tcp" && tcpAllowed && strings.HasPrefix(address, "127.0.0.1:") {
		return network, address, nil
	}
	return "", "", errForeignAddress
}

// HostToPlugin is not used: the host serves nothing.
func (p *process) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}

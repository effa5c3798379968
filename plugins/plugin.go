package plugins

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/heyan-id/heyan/engine/idv"
)

// Plugin is a supervised plugin process. [Plugin.Product] returns one of its products, and
// [Product.Codec] or [Product.Provider] what the engine uses. All methods are safe for
// concurrent use.
type Plugin struct {
	relay    *logRelay
	folder   *dir      // nil if attached
	thread   *osThread // nil if attached
	stop     context.CancelFunc
	swaps    chan *instance
	done     chan struct{}  // closed when supervision has ended
	retiring sync.WaitGroup // instances that finish their calls or are being removed
	swapMu   sync.Mutex     // serializes swaps

	mu       sync.RWMutex
	spec     Spec
	current  *instance        // nil while the plugin is down
	lostAt   time.Time        // when current was last removed
	ready    chan struct{}    // closed while current is set
	products []idv.Descriptor // at least one once it has started
	state    State
	closed   bool
}

// Open starts a plugin, checks it and supervises it until Close. It returns within
// Spec.StartTimeout, plus the time to copy and hash the program. The error is an
// *[Error] that names the plugin and the remedy; after an error nothing keeps running.
func Open(ctx context.Context, s Spec) (*Plugin, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	s = s.withDefaults()
	private, err := newDir(s)
	if err != nil {
		return nil, err
	}
	p := newPlugin(s)
	p.folder, p.thread = private, newOSThread()
	first, err := p.prepare(ctx, s)
	if err != nil {
		p.thread.close()
		p.folder.close()
		return nil, err
	}
	watched, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	p.install(first)
	p.setState(State{Phase: Ready})
	go p.supervise(watched, first)
	return p, nil
}

// Attach uses a server that was started elsewhere, as in a test or under a debugger.
// The plugin is not supervised, and Close only closes the connection.
func Attach(ctx context.Context, name string, conn *grpc.ClientConn) (*Plugin, error) {
	s := Spec{Name: name}.withDefaults()
	i := &instance{spec: s, failed: make(chan struct{})}
	i.attach(conn)
	if err := i.describe(ctx); err != nil {
		return nil, err
	}
	p := newPlugin(s)
	p.stop = func() { i.end() }
	close(p.done)
	p.install(i)
	p.setState(State{Phase: Ready})
	return p, nil
}

func newPlugin(s Spec) *Plugin {
	relay := newLogRelay(s.Logger, s.Name)
	relay.configure(s)
	return &Plugin{
		spec: s, relay: relay, ready: make(chan struct{}),
		swaps: make(chan *instance), done: make(chan struct{}), state: State{Phase: Starting, Since: time.Now()},
	}
}

// prepare loads a specification's program and starts it.
func (p *Plugin) prepare(ctx context.Context, s Spec) (*instance, error) {
	prog, err := load(s, p.folder.path)
	if err != nil {
		return nil, err
	}
	i, err := p.launch(ctx, s, prog)
	if err != nil {
		prog.close()
		return nil, err
	}
	return i, nil
}

// Name returns the configured name.
func (p *Plugin) Name() string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.spec.Name
}

// State returns the plugin's current state.
func (p *Plugin) State() State {
	p.mu.RLock()
	defer p.mu.RUnlock()
	s := p.state
	s.LogWithheld = p.relay.withheld.Load()
	return s
}

// Availability says whether plans should include the plugin. For the first moments of a
// restart they have it last: calls wait for it only if no other provider is left.
func (p *Plugin) Availability() idv.Availability {
	p.mu.RLock()
	defer p.mu.RUnlock()
	switch {
	case p.current != nil:
		return idv.Availability{}
	case !p.closed && time.Since(p.lostAt) < restartWait:
		return idv.Availability{Unresponsive: true}
	}
	return idv.Availability{Reason: idv.SkipPluginNotReady, Until: p.state.RetryAt}
}

// Kill kills the process, as a crash would, and reports whether there was one. Tests
// and demonstrations use it.
func (p *Plugin) Kill() bool {
	p.mu.RLock()
	i := p.current
	p.mu.RUnlock()
	if i == nil || i.process == nil || i.process.gone() {
		return false
	}
	i.process.kill()
	return true
}

// Close stops the plugin for good. New calls fail; calls in flight may finish until ctx
// is done. It returns when no process, file or goroutine is left. The error is that of
// ctx if calls were cut off. Later calls of Close return nil.
func (p *Plugin) Close(ctx context.Context) error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		<-p.done
		return nil
	}
	p.closed = true
	i := p.current
	p.withdraw()
	p.mu.Unlock()
	p.setState(State{Phase: Stopped, Reason: ReasonStopped})

	err := drained(ctx, i)
	p.stop()
	<-p.done
	p.swapMu.Lock() // wait for a swap in progress, which sees p.done and gives up
	defer p.swapMu.Unlock()
	p.retiring.Wait()
	if p.thread != nil {
		p.thread.close()
		p.folder.close()
	}
	return err
}

// drained waits until no call is in flight at the instance.
func drained(ctx context.Context, i *instance) error {
	if i == nil {
		return nil
	}
	empty := make(chan struct{})
	go func() {
		i.calls.Wait()
		close(empty)
	}()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// install makes an instance the current one.
func (p *Plugin) install(i *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	if p.current == nil {
		close(p.ready)
	}
	p.current, p.products, p.spec = i, i.products, i.spec
	p.relay.configure(i.spec)
}

// withdraw removes the current instance. The caller holds p.mu.
func (p *Plugin) withdraw() {
	if p.current != nil {
		p.current, p.ready, p.lostAt = nil, make(chan struct{}), time.Now()
	}
}

// setState records a state, logs it and calls OnState. Stopped is final.
func (p *Plugin) setState(to State) {
	p.mu.Lock()
	if p.state.Phase == Stopped {
		p.mu.Unlock()
		return
	}
	to.Since, to.Restarts, to.Version, to.SHA256 = time.Now(), to.Restarts+p.state.Restarts, p.state.Version, p.state.SHA256
	if len(p.products) > 0 {
		to.Version = p.products[0].Version
	}
	if p.current != nil && p.current.process != nil {
		to.PID, to.SHA256 = p.current.process.pid(), p.current.program.sum
	}
	p.state = to
	tell := p.spec.OnState
	p.mu.Unlock()
	p.log(to)
	tell(to)
}

func (p *Plugin) log(s State) {
	args := []any{"state", string(s.Phase)}
	if s.Reason != ReasonNone {
		name := "reason"
		if s.Ready() {
			name = "last_restart"
		}
		args = append(args, name, string(s.Reason), "cause", s.Text(), "detail", s.Detail, "restarts", s.Restarts)
	}
	if s.Phase == Restarting || s.Phase == Failed {
		p.relay.log.Warn("plugin is not ready", args...)
		return
	}
	p.relay.log.Info("plugin state changed", append(args, "version", s.Version, "pid", s.PID)...)
}

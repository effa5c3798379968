package simulation

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/keyring"
)

// world is one run of a story: nodes with engines over one store, and vendors.
type world struct {
	*story
	*laws
	disk    *disk
	ring    *keyring.Keyring
	vendors []*vendor
	people  []person
	busy    sync.WaitGroup // requests of clients
	helpers sync.WaitGroup // what nodes do beside them
	starts  int            // of nodes

	mu      sync.Mutex
	nodes   []*node
	windows []route.Window // declared
}

// node is one process, from its start to its death. A node that replaces a dead one is
// another value.
type node struct {
	*world
	number    int
	gates     []*reference // what each vendor may be called for, by vendor
	shared    *gateModel   // of the account
	*follower              // nil if gates are not shared

	mu     sync.Mutex
	engine *engine.Engine
	mode   int
	dead   bool
}

// run plays a story and returns what law was broken, nil if none was, and what happened. change,
// if it is not nil, changes the laws.
func run(t *testing.T, s *story, change func(*laws)) (broken *violation, figures figures) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, s)
		defer w.close()
		if change != nil {
			change(w.laws)
		}
		begin := time.Now()
		for i := range s.events {
			e := &s.events[i]
			time.Sleep(time.Until(begin.Add(e.at)))
			if w.broken() != nil {
				break
			}
			w.happen(e)
		}
		w.busy.Wait()
		if w.broken() == nil {
			w.end()
		}
		broken, figures = w.broken(), w.figures()
		figures.simulated = time.Since(begin)
	})
	return broken, figures
}

func newWorld(t *testing.T, s *story) *world {
	w := &world{story: s, ring: enginetest.Keyring(t), laws: newLaws(s)}
	w.disk = newDisk(w)
	for i, set := range s.set.vendors {
		w.vendors = append(w.vendors, &vendor{set: set, index: i})
		if set.packaged {
			w.buy(i, 100<<(s.seed%6), "first")
		}
	}
	w.laws.vendors, w.laws.disk = w.vendors, w.disk
	for i := range s.set.people {
		w.people = append(w.people, newPerson(i))
		if s.set.consent {
			w.give(i, ^uint64(0), 1<<20, true)
		}
	}
	for i := range s.set.nodes {
		w.nodes = append(w.nodes, w.start(i))
	}
	return w
}

// start begins a node with nothing but the store.
func (w *world) start(i int) *node {
	n := &node{world: w, number: i, shared: &gateModel{}, mode: int(w.seed) + i}
	for v := range w.vendors {
		n.gates = append(n.gates, newReference(n, v))
	}
	n.engine = n.build(n.mode, nil)
	if w.set.shared {
		w.mu.Lock()
		w.starts++
		number := w.starts
		w.mu.Unlock()
		n.share(number)
		w.laws.mu.Lock()
		w.followers = append(w.followers, n)
		w.laws.mu.Unlock()
	}
	return n
}

// build returns an engine whose route is in one of the modes. It takes over from another one,
// if that is not nil.
func (n *node) build(mode int, from *engine.Engine) *engine.Engine {
	set := &n.set
	o := engine.Options{
		Store: &access{disk: n.disk, node: n}, Replaces: from, Timeout: set.timeout, MaxBillableCalls: set.maxBillable, IdempotencyTTL: keyLife,
		FingerprintKey: []byte("a fingerprint key for the simulation"),
		Policy:         engine.Policy{Consent: consent.Off, Keyring: n.ring, Purposes: set.purposes()}, Calendar: n.calendar(),
	}
	if set.consent {
		o.Policy.Consent = consent.Required
	}
	detector, err := abuse.New(abuse.Config{Indexer: n.ring, Limits: abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Day, Most: set.limit}}})
	if err != nil {
		panic(err)
	}
	o.Policy.Abuse = detector
	rule := route.Rule{Check: idv.CheckIDName, Mode: modeOf(mode), MaxAttempts: set.attempts, RetryUnknown: set.retry}
	for i, v := range n.vendors {
		c := engine.ProviderConfig{
			Name: vendorName(i), Provider: n.watch(v), Recipient: set.recipient(i), Price: idv.Money{Micros: v.set.price, Currency: idv.CNY}, CacheTTL: v.set.cache,
			Limits: guard.Limits{Timeout: v.set.timeout, Concurrency: v.set.concurrency, Rate: v.set.rate},
		}
		if v.set.account {
			c.Account.Name = "shared"
		}
		o.Providers = append(o.Providers, c)
		rule.Providers = append(rule.Providers, c.Name)
	}
	o.Routes = []route.Rule{rule}
	e, err := engine.New(o)
	if err != nil {
		panic(err)
	}
	return e
}

func (n *node) current() *engine.Engine {
	e, _ := n.running()
	return e
}

// running returns the engine and the number of its mode.
func (n *node) running() (*engine.Engine, int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.engine, n.mode
}

func modeOf(n int) route.Mode { return route.Modes()[n%len(route.Modes())] }

func (n *node) isDead() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dead
}

// replace puts an engine in the place of another one and closes that.
func (n *node) replace(e *engine.Engine, mode int) {
	n.mu.Lock()
	old := n.engine
	n.engine, n.mode = e, mode
	n.mu.Unlock()
	n.busy.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = old.Close(ctx)
	})
}

func (w *world) node(i int) *node {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.nodes[i]
}

func (w *world) eachNode(do func(*node)) {
	for i := range w.set.nodes {
		if n := w.node(i); !n.isDead() {
			do(n)
		}
	}
}

// happen lets an event happen.
func (w *world) happen(e *event) {
	switch e.kind {
	case ask:
		w.busy.Go(func() { w.ask(e) })
	case fault:
		w.vendors[e.vendor].begin(e.mode, e.length)
	case bad:
		w.disk.begin(e.fault, e.length)
	case clock:
		w.disk.jump(e.jump, e.length)
	case death:
		w.die(w.node(e.node), e.length)
	case reload:
		if n := w.node(e.node); !n.isDead() {
			old, mode := n.running()
			n.replace(n.build(mode+1, old), mode+1)
		}
	case withdraw:
		w.withdraw(e.person)
	case consents:
		w.busy.Go(func() { w.give(e.person, e.names, e.uses, false) })
	case resume:
		w.eachNode(func(n *node) {
			n.resumed(e.vendor)
			_ = n.current().Resume(vendorName(e.vendor))
		})
	case drain:
		if n := w.node(e.node); !n.isDead() {
			n.drained(e.vendor)
			_ = n.current().Drain(vendorName(e.vendor), time.Time{})
		}
	case settle:
		w.settle()
	case buy:
		w.buy(e.vendor, e.uses, fmt.Sprint(e.id))
	case declare:
		w.declare(e)
	case retract:
		w.retract(e.vendor)
	case sweep:
		if n := w.node(e.node); !n.isDead() {
			w.recover()
		}
	}
}

// die ends a node at once. Another one takes its place after a pause.
func (w *world) die(n *node, pause time.Duration) {
	n.mu.Lock()
	dead := n.dead
	n.dead = true
	n.mu.Unlock()
	if dead {
		return
	}
	w.died()
	if n.follower != nil {
		n.stop()
	}
	n.replace(n.running()) // what a dead process still does has no effect, see access
	time.AfterFunc(pause, func() {
		fresh := w.start(n.number)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.nodes[n.number] = fresh
	})
}

// request is a client's request on its way, with the random numbers that it draws.
type request struct {
	*rand.Rand
	*event
	world   *world
	begin   time.Time
	writes  int  // of the store so far
	inOrder bool // the route calls vendors in its order
	calls   []*call
	asks    idv.Request
	sent    sent // what the vendor did with the last call
	// disturbed says that the store failed or the client gave up, so that the ledger may be more
	// cautious than what happened.
	disturbed bool
}

type requestKey struct{}

func requestOf(ctx context.Context) *request { return ctx.Value(requestKey{}).(*request) }

func (w *world) ask(e *event) {
	n := w.node(e.node)
	if n.isDead() {
		return
	}
	a := &request{Rand: rand.New(rand.NewPCG(w.seed, uint64(e.id)+1<<32)), event: e, world: w, begin: time.Now()}
	a.asks = w.requestOf(e)
	ctx := context.WithValue(context.Background(), requestKey{}, a)
	if e.length > 0 {
		a.disturbed = true
		var cancel context.CancelFunc
		ctx, cancel = e.giveUp(ctx)
		defer cancel()
	}
	running, mode := n.running()
	a.inOrder = modeOf(mode) == route.Priority
	v, err := running.Verify(ctx, a.asks)
	if !n.isDead() {
		w.answered(n, a, v, err)
	}
	w.over(a)
}

// giveUp ends a request when its client's time is over, or when the client hangs up.
func (e *event) giveUp(ctx context.Context) (context.Context, context.CancelFunc) {
	if e.id%2 == 0 {
		return context.WithTimeout(ctx, e.length)
	}
	ctx, cancel := context.WithCancel(ctx)
	time.AfterFunc(e.length, cancel)
	return ctx, cancel
}

// requestOf returns what an event asks.
func (w *world) requestOf(e *event) idv.Request {
	r := idv.Request{
		Tenant: tenant, App: "app", Check: idv.CheckIDName, Subject: w.people[e.person].subject, Purpose: purposeOf(e.person), ConsentID: w.consentOf(e.person),
	}
	other := (e.person + 1) % len(w.people)
	switch e.twist {
	case otherPurpose:
		r.Purpose = purposeOf(other)
	case otherApp:
		r.App = "other"
	case otherName:
		r.Subject.Name = w.people[other].subject.Name
	case otherConsent:
		r.ConsentID = w.consentOf(other)
	}
	if e.key != 0 {
		r.IdempotencyKey = fmt.Sprint(e.key)
	}
	return r
}

const tenant idv.Tenant = "t1"

// keyLife is how long an idempotency key is kept.
const keyLife = 4 * time.Hour

func (w *world) buy(v, units int, id string) {
	l := ledger.Lot{
		ID: fmt.Sprintf("lot-%s-%s", vendorName(v), id), Provider: vendorName(v), Units: int64(units), Bought: time.Now(),
		Total: idv.Money{Micros: int64(units)*w.set.vendors[v].price + 7, Currency: idv.CNY},
	}
	if err := w.disk.AddLot(context.Background(), l); err != nil {
		panic(err)
	}
	w.bought(l)
}

// recover is what a node does from time to time. A store that has crashed is reached again when it
// has started.
func (w *world) recover() {
	if w.disk.fault() == "crash" {
		return
	}
	if _, err := w.disk.Recover(context.Background()); err != nil {
		w.breach("recovery", "recovery failed: %v", err)
	}
	w.checkLedger()
}

// settle resolves unknown calls with what the vendor billed.
func (w *world) settle() {
	list, _, err := w.disk.Holds(context.Background(), ledger.Filter{}, ledger.Page{Limit: ledger.MaxPage}, ledger.StateUnknown)
	if err != nil {
		panic(err)
	}
	for i := range list {
		charge := idv.NotCharged
		if w.wasBilled(list[i].Intent.Attempt) {
			charge = idv.Charged
		}
		if err := w.disk.Resolve(context.Background(), list[i].Intent.Attempt, charge, "statement"); err != nil && !errors.Is(err, ledger.ErrSettled) {
			panic(err)
		}
		w.checkLedger()
	}
}

// end waits until nothing runs any more and checks what must hold then.
func (w *world) end() {
	time.Sleep(w.length - time.Since(w.begin))
	for range 4 {
		time.Sleep(10 * time.Minute)
		w.recover()
	}
	if w.broken() == nil {
		w.checkEnd()
	}
}

func (w *world) close() {
	w.busy.Wait()
	time.Sleep(time.Hour) // ends what is timed
	w.busy.Wait()
	for i := range w.set.nodes {
		if n := w.node(i); n.follower != nil {
			n.stop()
		}
		_ = w.node(i).current().Close(context.Background())
	}
	w.helpers.Wait()
}

// person is a synthetic person.
type person struct {
	subject idv.Subject
	name    string
	number  string
}

// newPerson returns a synthetic adult, in simulated time, whose number passes the local check.
func newPerson(i int) person {
	surnames, given := []rune("张李王赵陈刘杨黄周吴"), []rune("三四五六七八九十百千")
	head := fmt.Sprintf("110105%04d%02d%02d%03d", 1940+i%40, 1+i%12, 1+i%28, 2+i)
	sum := 0
	for k, c := range head {
		sum += int(c-'0') * []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}[k]
	}
	p := person{name: string([]rune{surnames[i%10], given[i/10]}), number: head + string("10X98765432"[sum%11])}
	p.subject = idv.Subject{Name: idv.NewSensitive(p.name), IDNumber: idv.NewSensitive(p.number)}
	return p
}

// echo is what idcert sends about the person of the request.
func (a *request) echo(status string) string {
	p := a.world.people[a.person]
	if a.twist == otherName {
		p.name = a.world.people[(a.person+1)%len(a.world.people)].name
	}
	return echo(&p, status)
}

// stranger is what idcert sends about another person.
func (a *request) stranger(status string) string {
	return echo(&a.world.people[(a.person+3)%len(a.world.people)], status)
}

func echo(p *person, status string) string {
	return fmt.Sprintf(`{"status":%q,"msg":"","idCard":"%s*****%s","name":"%c*","traceId":"t"}`, status, p.number[:2], p.number[14:], []rune(p.name)[0])
}

// trace sums up what happens, so that two runs can be compared.
type trace struct {
	mu  sync.Mutex
	sum uint64
}

func (s *trace) add(format string, args ...any) {
	h := fnv.New64a()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = fmt.Fprintf(h, "%d "+format, append([]any{s.sum}, args...)...)
	s.sum = h.Sum64()
}

package simulation

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/idcert"
)

// mode is what a vendor does for a while.
type mode string

const (
	sound       mode = "sound"
	maintenance mode = "maintenance"
	stall       mode = "stall"
	slow        mode = "slow"
	noConnect   mode = "no connection"
	reset       mode = "reset"
	garbage     mode = "garbage"
	noQuota     mode = "quota"
	badKey      mode = "credentials"
	throttling  mode = "throttling"
	flapping    mode = "flapping"
	slowStart   mode = "slow start"
	crash       mode = "crash"
	panicking   mode = "panic"
	mixed       mode = "mixed"
)

func modes() []mode {
	return []mode{
		maintenance, maintenance, stall, stall, slow, noConnect, reset, garbage, noQuota, badKey, throttling, flapping, slowStart, crash, panicking, mixed,
	}
}

func (m mode) sentence() string {
	return map[mode]string{
		maintenance: "is in maintenance (9999)", stall: "accepts calls and never answers", slow: "answers very slowly", noConnect: "accepts no connection",
		reset: "drops connections before it answers", garbage: "sends garbage", noQuota: "says that the package is used up", badKey: "refuses the credentials",
		throttling: "throttles calls", flapping: "is in maintenance every other 7 s", slowStart: "starts slowly", crash: "loses its plugin's process",
		panicking: "makes its adapter panic", mixed: "answers about half of its calls",
	}[m]
}

// vendor is a vendor as it is, with its own counter of what it bills. All nodes call it.
type vendor struct {
	set   vendorSetting
	index int

	mu     sync.Mutex
	mode   mode
	since  time.Time
	faults int // the number of the fault that sets mode
	billed int64
}

func (v *vendor) now() (mode, time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.mode == "" {
		return sound, 0
	}
	return v.mode, time.Since(v.since)
}

func (v *vendor) begin(m mode, length time.Duration) {
	v.mu.Lock()
	v.faults++
	n := v.faults
	v.mode, v.since = m, time.Now()
	v.mu.Unlock()
	time.AfterFunc(length, func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.faults == n {
			v.mode = sound
		}
	})
}

func (v *vendor) bill(yes bool) bool {
	if yes {
		v.mu.Lock()
		v.billed++
		v.mu.Unlock()
	}
	return yes
}

// sent is what the vendor did with one call.
type sent struct {
	mode    mode
	exact   bool // a well-formed answer with a code of the table
	verdict idv.Verdict
	billed  bool
	after   time.Duration
	err     *idv.Error
}

// truth is what the register of a vendor says of a person, or of the number with another name.
func (v *vendor) truth(person int, stranger bool) idv.Verdict {
	if stranger {
		return idv.Mismatch
	}
	switch (person*7 + v.index*3) % 10 {
	case 0:
		return idv.NoRecord
	case 1, 2:
		return idv.Mismatch
	}
	return idv.Match
}

// decide returns what the vendor does with a call about a person.
func (v *vendor) decide(a *request) sent {
	r := a.Rand
	m, ago := v.now()
	s := sent{mode: m, after: time.Duration(float64(v.set.latency) * (0.6 + 0.4*r.ExpFloat64()))}
	maybe := r.IntN(2) == 0
	if m == mixed {
		m = []mode{sound, sound, reset, garbage, noConnect}[r.IntN(5)]
	}
	if m == flapping {
		if m = sound; int(ago.Seconds())/7%2 == 0 {
			m = maintenance
		}
	}
	failed := func(f idv.Failure, d idv.Delivery, c idv.Charge) {
		s.err = &idv.Error{Failure: f, Origin: idv.OriginVendor, Delivery: d, Charge: c, Code: string(m)}
	}
	switch s.mode = m; m {
	case maintenance:
		s.after /= 4
		charge := [...]idv.Charge{idv.NotCharged, idv.ChargeUnknown, idv.Charged}[v.set.chargesMaintenance]
		s.billed = v.bill(charge == idv.Charged || charge == idv.ChargeUnknown && maybe)
		failed(idv.Maintenance, idv.Answered, charge)
	case stall:
		s.after, s.billed = time.Hour, v.bill(maybe)
	case noConnect:
		s.after /= 4
		failed(idv.Unavailable, idv.NotSent, idv.NotCharged)
	case reset:
		s.billed = v.bill(maybe)
		failed(idv.Unavailable, idv.DeliveryUnknown, idv.ChargeUnknown)
	case garbage:
		s.billed = v.bill(maybe)
		failed(idv.Garbled, idv.Answered, idv.ChargeUnknown)
	case noQuota:
		failed(idv.QuotaExhausted, idv.RefusedByGateway, idv.NotCharged)
	case badKey:
		failed(idv.BadCredentials, idv.RefusedByGateway, idv.NotCharged)
		s.err.Account = v.set.account
	case throttling:
		failed(idv.Throttled, idv.RefusedByGateway, idv.NotCharged)
		s.err.Retry = time.Duration(r.IntN(5)) * time.Second
	case crash:
		s.billed = v.bill(maybe)
		failed(idv.Unavailable, idv.DeliveryUnknown, idv.ChargeUnknown)
		s.err.HostSide, s.err.Origin = true, idv.OriginEngine
	case panicking:
		s.billed = v.bill(maybe)
	default:
		if m == slow {
			s.after += time.Duration(r.IntN(4000)) * time.Millisecond
		}
		if m == slowStart {
			s.after += max(0, 3*time.Second-ago/10)
		}
		s.exact, s.verdict = true, v.truth(a.person, a.twist == otherName)
		s.billed = v.bill(s.verdict != idv.NoRecord || maybe)
	}
	return s
}

// wait lets the call take its time.
func (s *sent) wait(ctx context.Context) *idv.Error {
	t := time.NewTimer(s.after)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return &idv.Error{Failure: idv.FailureOf(ctx.Err()), Origin: idv.OriginEngine, Delivery: idv.DeliveryUnknown, Phase: "first_byte"}
	}
}

// direct is the vendor behind an adapter that makes its own calls.
type direct struct{ *vendor }

func (d direct) Describe() idv.Descriptor {
	return idv.Descriptor{
		Name: "simulated" + vendorName(d.index), Version: "1", Title: "simulated", Check: idv.CheckIDName, Documents: idv.Documents(), Fidelity: idv.ThreeWay,
		Source: "a register of the simulation", Recipient: "a recipient that the configuration replaces",
		Prices: []idv.Price{{Units: 1, Total: idv.Money{Micros: d.set.price, Currency: idv.CNY}}},
	}
}

// recipient returns who receives the data that a vendor is sent.
func (s *setting) recipient(v int) string { return "recipient " + vendorName(s.vendors[v].seller) }

func vendorOf(provider string) int { return int(provider[0] - 'a') }

// Ask makes one call.
func (d direct) Ask(ctx context.Context, _ idv.Query) (idv.Answer, error) {
	a := requestOf(ctx)
	s := d.decide(a)
	a.sent = s
	if err := s.wait(ctx); err != nil {
		return idv.Answer{}, err
	}
	switch {
	case s.mode == panicking:
		panic("the adapter of a vendor")
	case s.err != nil:
		return idv.Answer{}, s.err
	}
	charge := idv.Charged
	if s.verdict == idv.NoRecord {
		charge = idv.ChargeUnknown
	}
	return idv.Answer{Verdict: s.verdict, Charge: charge, VendorCode: "01", VendorRef: "r"}, nil
}

// wire is the vendor behind the adapter of idcert: what it sends is decoded by the adapter.
type wire struct{ *vendor }

func adapter(v *vendor) idv.Provider {
	codec, err := idcert.Factory().New(nil)
	if err != nil {
		panic(err)
	}
	return providers.NewProvider(codec, wire{v})
}

// Do answers one call of the adapter.
func (w wire) Do(ctx context.Context, _ providers.Call) (providers.Reply, error) {
	a := requestOf(ctx)
	s := w.decide(a)
	a.sent = s
	if err := s.wait(ctx); err != nil {
		return providers.Reply{}, err
	}
	gateway := func(status int, code string) (providers.Reply, error) {
		return providers.Reply{Status: status, Header: http.Header{"X-Ca-Error-Code": {code}, "X-Ca-Request-Id": {"r"}}}, nil
	}
	switch s.mode {
	case panicking:
		panic("the transport of a vendor")
	case noConnect, reset, crash:
		return providers.Reply{}, s.err
	case noQuota:
		return gateway(403, "B403MQ")
	case badKey:
		return gateway(400, "A400AC")
	case throttling:
		return gateway(429, "T429ID")
	case maintenance:
		return body(a.echo("9999"))
	case garbage:
		return body(garbled(a))
	}
	status := map[idv.Verdict]string{idv.Match: "01", idv.Mismatch: "02", idv.NoRecord: "202"}[s.verdict]
	return body(a.echo(status))
}

func body(text string) (providers.Reply, error) {
	return providers.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(text)}, nil
}

// garbled returns a body that must not become a verdict, though a careless reader finds one.
func garbled(a *request) string {
	ok := a.echo("01")
	return []string{
		`{"status":"02",` + ok[1:], `{"STATUS":"01"}`, "<html>01</html>", ok[:len(ok)-3], ok + ok, a.stranger("01"), a.echo("1"), a.echo(" 01"), a.echo("001"), "",
	}[a.IntN(10)]
}

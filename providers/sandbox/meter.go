package sandbox

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// maxSeen limits the fingerprints that a vendor keeps.
const maxSeen = 1000

// Stats are the counters of a vendor.
type Stats struct {
	Requests int64 `json:"requests"` // without those for /_sandbox/
	Billed   int64 `json:"billed"`

	// ByCode counts outcomes: the code of the vendor or the gateway, or the name of
	// the mode if the reply has no complete code.
	ByCode map[string]int64 `json:"by_code"`

	// Seen holds one fingerprint per request that reached the backend: the last
	// 1,000, oldest first. Every run has its own key.
	Seen []string `json:"seen"`
}

// Event is one call that a vendor received.
type Event struct {
	Vendor string
	At     time.Time // when the call was counted, before the latency of its answer
	Person string    // a fingerprint as in Stats.Seen, the same at all vendors of a sandbox; "" if the gateway refused the call
	Code   string    // as in Stats.ByCode
	Billed bool
}

// defaultBilled returns which outcomes are billed by default. Matches and mismatches
// are (the guide's price list), and so are replies that get lost or damaged after it.
// Other codes and replies with another status than 200 are not (sellers' samples).
// Each call returns a new map.
func defaultBilled() map[string]bool {
	billed := map[string]bool{
		codeMatch: true, codeMismatch: true, codeTimeout: true, outcomeFollowed: true,
		codeNoRecord: false, codeAbnormal: false, codeBadName: false, codeBadNumber: false, codeMaintenance: false,
		string(ModeRedirect): false, string(ModeHTTP500): false,
	}
	for _, m := range []Mode{
		ModeStall, ModeResetBefore, ModeResetAfter, ModeEmpty, ModeHTML, ModeTruncated,
		ModeDuplicateStatus, ModeCaseStatus, ModeNumberStatus, ModeGBK, ModeGzipBomb, ModeHuge,
	} {
		billed[string(m)] = true
	}
	return billed
}

// meter counts a vendor's requests and charges. It is safe for concurrent use.
type meter struct {
	key   []byte          // of the fingerprints
	costs map[string]bool // outcome → billed, before what the reply says

	mu    sync.Mutex
	count Stats
}

func newMeter(key []byte, costs map[string]bool) *meter {
	m := &meter{key: key, costs: costs}
	m.clear()
	return m
}

func (m *meter) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count = Stats{ByCode: map[string]int64{}, Seen: []string{}}
}

// countRequest counts a request.
func (m *meter) countRequest() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count.Requests++
}

// countRefusal counts an outcome of the gateway or of a token endpoint.
func (m *meter) countRefusal(outcome string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count.ByCode[outcome]++
}

// charge counts an outcome of the backend and bills it if it is billed. Call it before
// the first byte of the reply, like a vendor's meter. It returns the person's fingerprint and
// whether the call is billed.
func (m *meter) charge(p person, out reply) (hash string, billed bool) {
	hash = p.hash(m.key)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count.ByCode[out.code]++
	billed, known := m.costs[out.code]
	billed = billed || !known && out.billed
	if billed {
		m.count.Billed++
	}
	if len(m.count.Seen) == maxSeen {
		m.count.Seen = slices.Delete(m.count.Seen, 0, 1)
	}
	m.count.Seen = append(m.count.Seen, hash)
	return hash, billed
}

func (m *meter) has(p person) bool {
	hash := p.hash(m.key)
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.count.Seen, hash)
}

// stats returns a copy.
func (m *meter) stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.count
	s.ByCode, s.Seen = maps.Clone(s.ByCode), slices.Clone(s.Seen)
	return s
}

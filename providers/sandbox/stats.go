package sandbox

import (
	"maps"
	"slices"
	"sync"
)

// maxSeen bounds the fingerprints that a vendor keeps.
const maxSeen = 1000

// Stats is what a vendor has counted.
type Stats struct {
	Requests int64 `json:"requests"` // all but those for /_sandbox/
	Billed   int64 `json:"billed"`

	// ByCode counts outcomes: the vendor's or gateway's code, or the mode's name
	// where a scenario left no whole code on the wire.
	ByCode map[string]int64 `json:"by_code"`

	// Seen are fingerprints, one per request that reached the backend, the last
	// 1,000, oldest first. Their key is new with every run.
	Seen []string `json:"seen"`
}

// DefaultBilled says which outcomes cost a unit when the configuration does not.
// Matches and mismatches do (the guide's price list), and so does what a client
// cannot tell from them: answers lost, cut or garbled on their way. Other codes
// do not, nor does what comes with another status than 200 (sellers' samples).
// Each call returns a new map.
func DefaultBilled() map[string]bool {
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

// book is a vendor's meter. Safe for concurrent use.
type book struct {
	key   []byte          // of the fingerprints
	costs map[string]bool // outcome → billed

	mu    sync.Mutex
	count Stats
}

func newBook(key []byte, override map[string]bool) *book {
	b := &book{key: key, costs: DefaultBilled()}
	maps.Copy(b.costs, override)
	b.clear()
	return b
}

func (b *book) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count = Stats{ByCode: map[string]int64{}, Seen: []string{}}
}

// arrive counts a request.
func (b *book) arrive() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count.Requests++
}

// refuse counts an outcome that never reached the backend.
func (b *book) refuse(outcome string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count.ByCode[outcome]++
}

// charge counts an outcome of the backend and bills it if it costs. It is called
// before a byte of the answer is written, as a vendor's meter runs.
func (b *book) charge(p person, outcome string) {
	hash := p.hash(b.key)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count.ByCode[outcome]++
	if b.costs[outcome] {
		b.count.Billed++
	}
	if len(b.count.Seen) == maxSeen {
		b.count.Seen = slices.Delete(b.count.Seen, 0, 1)
	}
	b.count.Seen = append(b.count.Seen, hash)
}

func (b *book) has(p person) bool {
	hash := p.hash(b.key)
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.count.Seen, hash)
}

// stats returns a copy.
func (b *book) stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.count
	s.ByCode, s.Seen = maps.Clone(s.ByCode), slices.Clone(s.Seen)
	return s
}

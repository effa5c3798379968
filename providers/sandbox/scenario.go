package sandbox

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Mode is a fault of a vendor. The values are stable, since scripts use them.
type Mode string

// The modes. Unless the comment says otherwise, the queried person selects the answer
// and its code decides whether it is billed.
const (
	ModeNormal          Mode = "normal"
	ModeMaintenance     Mode = "maintenance"         // 9999 for every query
	ModeStall           Mode = "stall"               // billed, and never answered
	ModeSlowDrip        Mode = "slow_drip"           // a byte every 200 ms
	ModeResetBefore     Mode = "reset_before_answer" // billed, then RST before the first byte
	ModeResetAfter      Mode = "reset_after_answer"  // billed, then RST in the middle of the body
	ModeEmpty           Mode = "empty"               // 200 without a body
	ModeHTML            Mode = "html"                // 200 with a web page
	ModeTruncated       Mode = "truncated"           // half a JSON text in a complete HTTP reply
	ModeDuplicateStatus Mode = "duplicate_status"    // "status" twice, 02 and 01
	ModeCaseStatus      Mode = "case_status"         // "Status" and "STATUS", no "status"
	ModeNumberStatus    Mode = "number_status"       // 1 where "01" belongs
	ModeExtraFields     Mode = "extra_fields"        // the older form with sex, birthday, area
	ModeGBK             Mode = "gbk"                 // GBK bytes declared as UTF-8
	ModeGzipBomb        Mode = "gzip_bomb"           // 10 MiB in some kilobytes, although not accepted
	ModeHuge            Mode = "huge"                // a well-formed match of 10 MiB
	ModeRedirect        Mode = "redirect"            // 302, the claims in the Location
	ModeQuotaExhausted  Mode = "quota_exhausted"     // the gateway's B403MQ
	ModeQuotaExpired    Mode = "quota_expired"       // the gateway's B403ME
	ModeBadAppCode      Mode = "bad_appcode"         // the gateway's A400AC
	ModeThrottled429    Mode = "throttled_429"       // the gateway's T429PA with Retry-After
	ModeThrottled403    Mode = "throttled_403"       // the text of a classic gateway without a code
	ModeHTTP450         Mode = "http_450"            // 202 in a body with status 450
	ModeGateway504      Mode = "gateway_504_billed"  // D504TO after the backend has billed
	ModeWrongEcho       Mode = "wrong_echo"          // 01 with the echo of another person
	ModeSwapAnswers     Mode = "swap_answers"        // two calls get each other's answer
	ModeHTTP500         Mode = "http_500"            // the backend's own 500
	ModeTokenRevoked    Mode = "token_revoked"       // every access token is revoked, for products with tokens
)

// Modes returns every mode in the order of the constants.
func Modes() []Mode {
	return []Mode{
		ModeNormal, ModeMaintenance, ModeStall, ModeSlowDrip, ModeResetBefore, ModeResetAfter, ModeEmpty, ModeHTML,
		ModeTruncated, ModeDuplicateStatus, ModeCaseStatus, ModeNumberStatus, ModeExtraFields, ModeGBK, ModeGzipBomb,
		ModeHuge, ModeRedirect, ModeQuotaExhausted, ModeQuotaExpired, ModeBadAppCode, ModeThrottled429,
		ModeThrottled403, ModeHTTP450, ModeGateway504, ModeWrongEcho, ModeSwapAnswers, ModeHTTP500, ModeTokenRevoked,
	}
}

// modeFollowed is the behavior at the target of a redirect. It cannot be set.
const modeFollowed Mode = "redirect_followed"

// maxMillis limits the times of a scenario to one day.
const maxMillis = 24 * 60 * 60 * 1000

// Scenario is a fault of a vendor and its duration: a time or a number of requests,
// whichever ends first, or until the next scenario or reset if both are 0. It applies
// to requests with valid credentials only.
type Scenario struct {
	Vendor    string `json:"vendor"`
	Mode      Mode   `json:"mode"`
	ForMS     int64  `json:"for_ms"`     // milliseconds, at most a day
	Count     int64  `json:"count"`      // requests
	LatencyMS int64  `json:"latency_ms"` // milliseconds between billing and answer, at most a day
}

// ScenarioError is an invalid scenario. Its JSON is the body of the control API's 400
// reply.
type ScenarioError struct {
	Detail string   `json:"error"`
	Field  string   `json:"field,omitempty"`
	Known  []string `json:"known,omitempty"`
}

// Error returns the detail with the field and the known values.
func (e *ScenarioError) Error() string {
	text := "sandbox: scenario: "
	if e.Field != "" {
		text += e.Field + ": "
	}
	text += e.Detail
	if len(e.Known) > 0 {
		text += fmt.Sprintf("; known values are %v", e.Known)
	}
	return text
}

// check returns a fault of a scenario for these vendors.
func (sc Scenario) check(vendors []string) error {
	if !slices.Contains(vendors, sc.Vendor) {
		return &ScenarioError{Detail: "unknown vendor", Field: "vendor", Known: vendors}
	}
	if !slices.Contains(Modes(), sc.Mode) {
		return &ScenarioError{Detail: "unknown mode", Field: "mode", Known: modeWords()}
	}
	for _, f := range []struct {
		name  string
		value int64
		most  int64
	}{{"for_ms", sc.ForMS, maxMillis}, {"count", sc.Count, 1 << 31}, {"latency_ms", sc.LatencyMS, maxMillis}} {
		if f.value < 0 || f.value > f.most {
			return &ScenarioError{Detail: fmt.Sprintf("must be a number from 0 to %d", f.most), Field: f.name}
		}
	}
	return nil
}

func modeWords() []string {
	var words []string
	for _, m := range Modes() {
		words = append(words, string(m))
	}
	return words
}

// active holds a vendor's scenario. It is safe for concurrent use.
type active struct {
	start Scenario // after a reset

	mu    sync.Mutex
	now   Scenario
	until time.Time // zero if it has no end
	left  int64     // requests left, if now.Count is set
}

func newActive(start Scenario) *active {
	s := &active{start: start}
	s.set(start)
	return s
}

// set replaces the scenario. Its time and count start now.
func (s *active) set(sc Scenario) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.left, s.until = sc, sc.Count, time.Time{}
	if sc.ForMS > 0 {
		s.until = time.Now().Add(time.Duration(sc.ForMS) * time.Millisecond)
	}
}

// next returns the scenario for one request and counts it.
func (s *active) next() Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over() {
		s.now, s.left, s.until = Scenario{Mode: ModeNormal}, 0, time.Time{}
	}
	s.left--
	return s.now
}

func (s *active) over() bool {
	return s.now.Count > 0 && s.left <= 0 || !s.until.IsZero() && !time.Now().Before(s.until)
}

package sandbox

import (
	"fmt"
	"slices"
)

// Mode is a way to misbehave. Its words are fixed: others script against them.
type Mode string

// The modes. Unless a mode says otherwise, the person asked for still steers the
// answer and the call is billed by its code.
const (
	ModeNormal          Mode = "normal"
	ModeMaintenance     Mode = "maintenance"         // 9999 for everybody
	ModeStall           Mode = "stall"               // billed, and never answered
	ModeSlowDrip        Mode = "slow_drip"           // a byte every 200 ms
	ModeResetBefore     Mode = "reset_before_answer" // billed, then RST before the first byte
	ModeResetAfter      Mode = "reset_after_answer"  // billed, then RST in the middle of the body
	ModeEmpty           Mode = "empty"               // 200 without a body
	ModeHTML            Mode = "html"                // 200 with a web page
	ModeTruncated       Mode = "truncated"           // half a JSON text, in a whole HTTP answer
	ModeDuplicateStatus Mode = "duplicate_status"    // "status" twice, 02 and 01
	ModeCaseStatus      Mode = "case_status"         // "Status" and "STATUS", no "status"
	ModeNumberStatus    Mode = "number_status"       // 1 where "01" belongs
	ModeExtraFields     Mode = "extra_fields"        // the older answer with sex, birthday, area
	ModeGBK             Mode = "gbk"                 // GBK bytes that call themselves UTF-8
	ModeGzipBomb        Mode = "gzip_bomb"           // 10 MiB in some kilobytes, unasked
	ModeHuge            Mode = "huge"                // a well-formed match of 10 MiB
	ModeRedirect        Mode = "redirect"            // 302, the claims in the Location
	ModeQuotaExhausted  Mode = "quota_exhausted"     // the gateway's B403MQ
	ModeQuotaExpired    Mode = "quota_expired"       // the gateway's B403ME
	ModeBadAppCode      Mode = "bad_appcode"         // the gateway's A400AC
	ModeThrottled429    Mode = "throttled_429"       // the gateway's T429PA with Retry-After
	ModeThrottled403    Mode = "throttled_403"       // a classic gateway's text without a code
	ModeHTTP450         Mode = "http_450"            // 202 in a body with status 450
	ModeGateway504      Mode = "gateway_504_billed"  // D504TO after the backend has billed
	ModeWrongEcho       Mode = "wrong_echo"          // 01 with another person's echo
	ModeSwapAnswers     Mode = "swap_answers"        // two calls get each other's answer
	ModeHTTP500         Mode = "http_500"            // the backend's own 500
)

// Modes lists every mode, in the order of the constants.
func Modes() []Mode {
	return []Mode{
		ModeNormal, ModeMaintenance, ModeStall, ModeSlowDrip, ModeResetBefore, ModeResetAfter, ModeEmpty, ModeHTML,
		ModeTruncated, ModeDuplicateStatus, ModeCaseStatus, ModeNumberStatus, ModeExtraFields, ModeGBK, ModeGzipBomb,
		ModeHuge, ModeRedirect, ModeQuotaExhausted, ModeQuotaExpired, ModeBadAppCode, ModeThrottled429,
		ModeThrottled403, ModeHTTP450, ModeGateway504, ModeWrongEcho, ModeSwapAnswers, ModeHTTP500,
	}
}

// maxMillis bounds the times of a scenario: one day.
const maxMillis = 24 * 60 * 60 * 1000

// Scenario says how a vendor misbehaves and for how long: until a time has
// passed or a number of requests has come, whichever is first, or until the next
// scenario or reset if both are 0. Only requests with good credentials count and
// are touched.
type Scenario struct {
	Vendor    string `json:"vendor"`
	Mode      Mode   `json:"mode"`
	ForMS     int64  `json:"for_ms"`     // milliseconds, at most a day
	Count     int64  `json:"count"`      // requests
	LatencyMS int64  `json:"latency_ms"` // milliseconds between billing and answer, at most a day
}

// ScenarioError says what is wrong with a scenario. It marshals to the body of
// the 400 that the control address answers with.
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
		text += fmt.Sprintf("; the known ones are %v", e.Known)
	}
	return text
}

// check refuses what a sandbox with these vendors cannot play.
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
			return &ScenarioError{Detail: fmt.Sprintf("want a number from 0 to %d", f.most), Field: f.name}
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

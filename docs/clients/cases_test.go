package clients

import (
	"net/http"
	"slices"
	"strings"
)

func cases() []testCase {
	return slices.Concat(settingsCases(), verdictCases(), retryCases(), responseCases(), resourceCases())
}

// settingsCases send nothing.
func settingsCases() []testCase {
	return []testCase{
		{name: "plain http to another host", task: task{Op: "print", BaseURL: "http://192.0.2.1"}, want: result{Error: "config"}},
		{name: "plain http to a name like a loopback one", task: task{Op: "print", BaseURL: "http://localhost.example.com"}, want: result{Error: "config"}},
		{name: "plain http that is allowed", task: task{Op: "print", BaseURL: "http://192.0.2.1", AllowPlainHTTP: true}},
		{name: "plain http to IPv6 loopback", task: task{Op: "print", BaseURL: "http://[::1]:8080/heyan/"}},
		{name: "https", task: task{Op: "print", BaseURL: "https://heyan.example.com"}},
		{name: "no URL", task: task{Op: "print", BaseURL: "heyan.example.com:8080"}, want: result{Error: "config"}},
		{name: "a URL with a password", task: task{Op: "print", BaseURL: "https://a:b@heyan.example.com"}, want: result{Error: "config"}},
		{name: "a URL with a query", task: task{Op: "print", BaseURL: "https://heyan.example.com?a=b"}, want: result{Error: "config"}},
		{name: "a key with a space", task: task{Op: "print", Key: "a b"}, want: result{Error: "config"}},
		{name: "an id that leads elsewhere", task: task{Op: "get", ID: "../keys"}, want: result{Error: "argument"}},
		{name: "an idempotency key that no header can hold", task: task{Op: "verify", IdempotencyKey: "订单4711"}, want: result{Error: "argument"}},
		{name: "no id", task: task{Op: "get"}, want: result{Error: "argument"}},
		{name: "everything masks itself", task: task{Op: "print"}},
	}
}

// verdictCases are about heyan's answers.
func verdictCases() []testCase {
	matched := []attempt{{Provider: "main", Verdict: "match", Charge: "charged"}}
	return []testCase{
		{name: "consent", task: task{Op: "consent"}, want: result{State: "given"}, saves: "consent", least: 3},
		{name: "explain", task: task{Op: "explain", ConsentID: "$consent"}, want: result{Names: []string{"main", "spare"}}, least: 1},
		{name: "match", task: task{Op: "verify", ConsentID: "$consent", IdempotencyKey: "order 4711"},
			want: result{Verdict: "match", Attempts: matched}, saves: "match", least: 1, billed: 1},
		{name: "get", task: task{Op: "get", ID: "$match"}, want: result{Verdict: "match", Attempts: matched}, sameAs: "match", least: 1},
		{name: "the same key again", task: task{Op: "verify", ConsentID: "$consent", IdempotencyKey: "order 4711"},
			want: result{Verdict: "match"}, sameAs: "match", least: 1},
		{name: "the key of another request", task: task{Op: "verify", IdempotencyKey: "order 4711"},
			want: result{Error: "problem", Problem: "idempotency_key_reused", Status: http.StatusUnprocessableEntity}, least: 1},
		{name: "typing error", task: task{Op: "verify", IDNumber: "110105194912310021", ConsentID: "$consent"},
			want: result{Error: "problem", Problem: "invalid_input", Status: http.StatusUnprocessableEntity, Rule: "check_digit"}, least: 1},
		{name: "consent for a mismatch", task: task{Op: "consent", IDNumber: other}, want: result{State: "given"}, saves: "other", least: 3},
		{name: "mismatch", task: task{Op: "verify", IDNumber: other, ConsentID: "$other"}, want: result{Verdict: "mismatch"}, least: 1, billed: 1},
		{name: "consent for no record", task: task{Op: "consent", Name: noRecord, IDNumber: third}, want: result{State: "given"}, saves: "none", least: 3},
		{name: "no_record", task: task{Op: "verify", Name: noRecord, IDNumber: third, ConsentID: "$none"}, want: result{Verdict: "no_record"}, least: 1},
		{name: "denial", task: task{Op: "verify"},
			want: result{Error: "problem", Problem: "denied", Status: http.StatusForbidden, Rule: "consent.missing"}, least: 1},
		{name: "wrong key", task: task{Op: "verify", Key: "hk_wrong"},
			want: result{Error: "problem", Problem: "unauthenticated", Status: http.StatusUnauthorized}, least: 1},
		{name: "unknown verification", task: task{Op: "get", ID: "ver_0"},
			want: result{Error: "problem", Problem: "not_found", Status: http.StatusNotFound}, least: 1},
	}
}

// retryCases lose responses, and say that heyan is busy.
func retryCases() []testCase {
	verify := task{Op: "verify", ConsentID: "$consent"}
	short, hurried := verify, verify
	short.TryTimeoutMS, hurried.TimeoutMS = 500, 2000
	match := result{Verdict: "match"}
	busy := fault{status: http.StatusServiceUnavailable, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>"}
	return []testCase{
		{name: "the response is lost", faults: []fault{{lose: "drop"}}, task: verify, want: match, least: 2, billed: 1},
		{name: "the response is lost twice", faults: []fault{{lose: "drop"}, {lose: "drop"}}, task: verify, want: match, least: 3, billed: 1},
		{name: "the response does not come", faults: []fault{{lose: "hang"}}, task: short, want: match, least: 2, billed: 1},
		{name: "the response breaks off", faults: []fault{{lose: "cut"}}, task: verify, want: match, least: 2, billed: 1},
		{name: "the first request still runs", faults: []fault{problem(http.StatusConflict, "idempotency_in_progress", "")}, task: verify, want: match, least: 2, billed: 1},
		{name: "too many requests", faults: []fault{problem(http.StatusTooManyRequests, "throttled", "1")}, task: verify, want: match, least: 2, billed: 1},
		{name: "shutting down", faults: []fault{problem(http.StatusServiceUnavailable, "shutting_down", "0")}, task: verify, want: match, least: 2, billed: 1},
		{name: "a proxy is busy", faults: []fault{busy}, task: verify, want: match, least: 2, billed: 1},
		{name: "a wait beyond the deadline", faults: []fault{problem(http.StatusTooManyRequests, "subject_limited", "3600")}, task: verify,
			want: result{Error: "problem", Problem: "subject_limited", Status: http.StatusTooManyRequests, RetryAfterMS: 3_600_000}, least: 1},
		{name: "busy until the deadline", faults: []fault{problem(http.StatusServiceUnavailable, "overloaded", "")}, always: true, task: hurried,
			want: result{Error: "problem", Problem: "overloaded", Status: http.StatusServiceUnavailable}, least: 2},
		{name: "silent until the deadline", faults: []fault{{lose: "hang"}}, always: true, task: hurried, want: result{Error: "timeout"}, least: 1, billed: 1},
		{name: "lost until the deadline", faults: []fault{{lose: "drop"}}, always: true, task: hurried, want: result{Error: "network"}, least: 2, billed: 1},
		{name: "internal error", faults: []fault{problem(http.StatusInternalServerError, "internal", "")}, task: verify,
			want: result{Error: "problem", Problem: "internal", Status: http.StatusInternalServerError}, least: 1},
		{name: "another conflict", faults: []fault{problem(http.StatusConflict, "consent_state", "")}, task: verify,
			want: result{Error: "problem", Problem: "consent_state", Status: http.StatusConflict}, least: 1},
		{name: "a problem of a newer heyan", faults: []fault{problem(http.StatusTeapot, "new_kind", "")}, task: verify,
			want: result{Error: "problem", Problem: "new_kind", Status: http.StatusTeapot}, least: 1},
		{name: "bad gateway", faults: []fault{{status: http.StatusBadGateway, body: "<html>"}}, task: verify,
			want: result{Error: "response", Status: http.StatusBadGateway}, least: 1},
	}
}

// responseCases are responses that no heyan of today sends.
func responseCases() []testCase {
	list := []testCase{
		{name: "an unknown verdict", faults: []fault{answer(`{"id":"v","verdict":"certain_match","attempts":[{"provider":"a","verdict":"certain_match","charge":"charged"}]}`)},
			want: result{Verdict: "undetermined", Reason: "unknown", Attempts: []attempt{{Provider: "a", Verdict: "undetermined", Charge: "charged"}}}},
		{name: "an empty verdict", faults: []fault{answer(`{"id":"v","verdict":"","attempts":[]}`)}, want: result{Verdict: "undetermined", Reason: "unknown"}},
		{name: "a verdict in capitals", faults: []fault{answer(`{"verdict":"MATCH","attempts":[]}`)}, want: result{Verdict: "undetermined", Reason: "unknown"}},
		{name: "an unknown reason", faults: []fault{answer(`{"verdict":"undetermined","reason":"new","attempts":[],"new":{"a":[1]}}`)}, want: result{Verdict: "undetermined", Reason: "new"}},
		{name: "a member in capitals beside it", faults: []fault{answer(`{"verdict":"mismatch","Verdict":"match","attempts":[]}`)}, want: result{Verdict: "mismatch"}},
		{name: "a redirect", faults: []fault{{status: http.StatusTemporaryRedirect, header: http.Header{"Location": {"/elsewhere"}}}}, want: result{Error: "response", Status: http.StatusTemporaryRedirect}},
		{name: "no content", faults: []fault{{status: http.StatusNoContent}}, want: result{Error: "response", Status: http.StatusNoContent}},
		{name: "HTML of a portal", faults: []fault{{status: http.StatusOK, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>match</html>"}},
			want: result{Error: "response", Status: http.StatusOK}},
	}
	for kind, body := range map[string]string{
		"no verdict": `{"id":"v"}`, "null": `{"verdict":null}`, "a number": `{"verdict":1}`, "a list": `[{"verdict":"match"}]`, "a list of verdicts": `{"verdict":["match"]}`,
		"capitals": `{"Verdict":"match"}`, "half": `{"verdict":"match"`, "nothing": ``, "two": `{"verdict":"match"}{}`, "a string": `"match"`, "no value": `{"verdict":"match","a":}`,
		"an unknown word": `{"verdict":"match","a":tru}`, "an open string": `{"verdict":"match`, "a bad escape": `{"verdict":"match","a":"\x"}`, "not UTF-8": "{\"verdict\":\"match\",\"a\":\"\xff",
		"deep": strings.Repeat(`{"a":[`, 100_000), "huge": `{"verdict":"match","a":"` + strings.Repeat("a", 2<<20) + `"}`,
	} {
		list = append(list, testCase{name: "damaged: " + kind, faults: []fault{answer(body)}, want: result{Error: "response", Status: http.StatusOK}})
	}
	for i := range list {
		list[i].task, list[i].least = task{Op: "verify", ConsentID: "$consent"}, 1
	}
	for op, body := range map[string]string{"explain": `{"skipped":[]}`, "consent": `{"state":"drafted"}`, "balances": `{"providers":null}`, "providers": `{}`} {
		list = append(list, testCase{name: op + " without what it must have", faults: []fault{answer(body)}, task: task{Op: op}, want: result{Error: "response", Status: http.StatusOK}, least: 1})
	}
	return list
}

// resourceCases end the consent, and with it the verifications.
func resourceCases() []testCase {
	failover := []attempt{{Provider: "main", Verdict: "undetermined", Failure: "maintenance", Charge: "unknown"}, {Provider: "spare", Verdict: "match", Charge: "charged"}}
	both := []string{"main", "spare"}
	return []testCase{
		{name: "failover", outage: true, task: task{Op: "verify", ConsentID: "$consent"}, want: result{Verdict: "match", Attempts: failover}, least: 1, billed: 1},
		{name: "balances", task: task{Op: "balances"}, want: result{Names: both}, least: 1},
		{name: "providers", faults: []fault{{lose: "drop"}}, task: task{Op: "providers"}, want: result{Names: both}, least: 2},
		{name: "a draft whose response is lost", faults: []fault{{lose: "drop"}}, task: task{Op: "consent"}, want: result{Error: "network"}, least: 1},
		{name: "a draft that was not taken", faults: []fault{problem(http.StatusServiceUnavailable, "overloaded", "")}, task: task{Op: "consent"}, want: result{State: "given"}, least: 4},
		{name: "withdraw", faults: []fault{{lose: "drop"}}, task: task{Op: "withdraw", ID: "$none"}, want: result{State: "withdrawn"}, least: 2},
		{name: "after the withdrawal", task: task{Op: "verify", Name: noRecord, IDNumber: third, ConsentID: "$none"},
			want: result{Error: "problem", Problem: "denied", Status: http.StatusForbidden, Rule: "consent.withdrawn"}, least: 1},
	}
}

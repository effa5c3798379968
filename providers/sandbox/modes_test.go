package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// TestModes sets every mode that answers at once, for a person who selects 02,
// and looks at the bytes, the outcome counted and whether it was billed.
func TestModes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mode    sandbox.Mode
		status  int
		outcome string
		billed  int64
		check   func(t *testing.T, got answered)
	}{
		{sandbox.ModeNormal, 200, "02", 1, has(`{"status":"02",`)},
		{sandbox.ModeMaintenance, 200, "9999", 0, has(`{"status":"9999","msg":"系统维护!","idCard":"11*****0017"`)},
		{sandbox.ModeEmpty, 200, "empty", 1, is("")},
		{sandbox.ModeHTML, 200, "html", 1, has("<!DOCTYPE html>")},
		{sandbox.ModeTruncated, 200, "truncated", 1, isTruncated},
		{sandbox.ModeDuplicateStatus, 200, "duplicate_status", 1, has(`{"status":"02","status":"01","msg"`)},
		{sandbox.ModeCaseStatus, 200, "case_status", 1, has(`{"Status":"01","STATUS":"01","msg"`)},
		{sandbox.ModeNumberStatus, 200, "number_status", 1, has(`{"status":1,"msg"`)},
		{sandbox.ModeExtraFields, 200, "02", 1, hasExtraFields},
		{sandbox.ModeGBK, 200, "gbk", 1, isGBK},
		{sandbox.ModeGzipBomb, 200, "gzip_bomb", 1, isGzipBomb},
		{sandbox.ModeHuge, 200, "huge", 1, isHuge},
		{sandbox.ModeRedirect, 302, "redirect", 0, isRedirect},
		{sandbox.ModeQuotaExhausted, 403, "B403MQ", 0, refuses("B403MQ", "Api Market Subscription quota exhausted")},
		{sandbox.ModeQuotaExpired, 403, "B403ME", 0, refuses("B403ME", "Api Market Subscription expired")},
		{sandbox.ModeBadAppCode, 400, "A400AC", 0, refuses("A400AC", "Invalid AppCode `not exists`")},
		{sandbox.ModeThrottled429, 429, "T429PA", 0, refuses("T429PA", "Throttled by API Flow Control")},
		{sandbox.ModeThrottled403, 403, "throttled_403", 0, refuses("", "Throttled by API Flow Control")},
		{sandbox.ModeGateway504, 504, "D504TO", 1, refuses("D504TO", "Backend service timeout")},
		{sandbox.ModeHTTP450, 450, "202", 0, has(`{"status":"202","msg":"无法认证!","idCard":"11*****0017"`)},
		{sandbox.ModeHTTP500, 500, "http_500", 0, is("Internal Server Error\n")},
		{sandbox.ModeWrongEcho, 200, "01", 1, has(`"idCard":"11*****0076","name":"测*"`)},
	}
	s := sandboxtest.Start(t, sandbox.Config{})
	v := s.Vendors()[0]
	for _, tt := range tests {
		t.Run(string(tt.mode), func(t *testing.T) {
			s.Reset()
			setMode(t, s, tt.mode)
			got := ask(t, v, oddNumber, anyName)
			if got.err != nil || got.status != tt.status {
				t.Errorf("status %d, error %v; want %d", got.status, got.err, tt.status)
			}
			if len(got.raw) > 0 && got.header.Get("X-Ca-Request-Id") == "" {
				t.Error("no X-Ca-Request-Id")
			}
			tt.check(t, got)
			checkStats(t, s, tt.outcome, tt.billed)
		})
	}
}

func checkStats(t *testing.T, s *sandbox.Sandbox, outcome string, billed int64) {
	t.Helper()
	st := s.Stats()["idcert-a"]
	if st.Requests != 1 || st.Billed != billed || len(st.ByCode) != 1 || st.ByCode[outcome] != 1 {
		t.Errorf("requests %d, billed %d, by code %v; want 1, %d, %s", st.Requests, st.Billed, st.ByCode, billed, outcome)
	}
}

func has(part string) func(*testing.T, answered) {
	return func(t *testing.T, got answered) {
		t.Helper()
		if !bytes.Contains(got.body, []byte(part)) {
			t.Errorf("body of %d bytes does not hold %q", len(got.body), part)
		}
	}
}

func is(body string) func(*testing.T, answered) {
	return func(t *testing.T, got answered) {
		t.Helper()
		if string(got.body) != body {
			t.Errorf("body = %q, want %q", got.body, body)
		}
	}
}

func refuses(code, message string) func(*testing.T, answered) {
	return func(t *testing.T, got answered) {
		t.Helper()
		checkRefusal(t, got, message)
		if _, there := got.header["X-Ca-Error-Code"]; got.code() != code || there != (code != "") {
			t.Errorf("X-Ca-Error-Code = %q, want %q", got.code(), code)
		}
		if retry := got.header.Get("Retry-After"); (retry == "1") != (got.status == 429) {
			t.Errorf("Retry-After = %q with status %d", retry, got.status)
		}
	}
}

func isTruncated(t *testing.T, got answered) {
	t.Helper()
	if got.header.Get("Content-Length") != fmt.Sprint(len(got.body)) {
		t.Error("the HTTP length is not that of the cut text")
	}
	if !bytes.HasPrefix(got.body, []byte(`{"status":"01"`)) || bytes.HasSuffix(got.body, []byte("}")) {
		t.Errorf("body = %q, want the first half of a match", got.body)
	}
}

func hasExtraFields(t *testing.T, got answered) {
	t.Helper()
	fields := got.fields(t)
	for name, want := range map[string]string{
		"status": "02", "birthday": "2099-01-01", "addrCode": "110101", "lastCode": "7", "sex": "女",
		"area": "北京市东城区", "province": "北京市", "city": "北京市", "prefecture": "东城区",
	} {
		if fields[name] != want {
			t.Errorf("%s = %q, want %q", name, fields[name], want)
		}
	}
}

func isGBK(t *testing.T, got answered) {
	t.Helper()
	if utf8.Valid(got.body) || got.header.Get("Content-Type") != "application/json;charset=UTF-8" {
		t.Error("want bytes that are not UTF-8 under a header that says so")
	}
	plain, err := simplifiedchinese.GBK.NewDecoder().Bytes(got.body)
	if err != nil || !strings.Contains(string(plain), `"msg":"实名认证不通过!"`) {
		t.Errorf("not the answer in GBK: %v", err)
	}
}

func isGzipBomb(t *testing.T, got answered) {
	t.Helper()
	if got.header.Get("Content-Encoding") != "gzip" || len(got.body) > 64<<10 {
		t.Errorf("encoding %q, %d bytes; want gzip below 64 KiB", got.header.Get("Content-Encoding"), len(got.body))
	}
	z, err := gzip.NewReader(bytes.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); n < 10<<20 || err != nil {
		t.Errorf("unpacks to %d bytes (%v), want 10 MiB", n, err)
	}
}

func isHuge(t *testing.T, got answered) {
	t.Helper()
	if len(got.body) < 10<<20 || got.header.Get("Content-Length") != "" {
		t.Errorf("%d bytes, want 10 MiB streamed", len(got.body))
	}
	if fields := got.fields(t); fields["status"] != "01" {
		t.Errorf("status = %q, want a well-formed match", fields["status"])
	}
}

func isRedirect(t *testing.T, got answered) {
	t.Helper()
	want := strings.Replace(target(oddNumber, anyName), "/idcard", "/idcard/moved", 1)
	if got.header.Get("Location") != want {
		t.Error("Location is not another path with the query repeated")
	}
}

func TestFollowedRedirectIsCounted(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	setMode(t, s, sandbox.ModeRedirect)
	v := s.Vendors()[0]
	got := raw(t, v, "GET", ask(t, v, oddNumber, anyName).header.Get("Location"))
	if got.status != http.StatusOK || got.fields(t)["status"] != "01" {
		t.Errorf("status %d, want a match for a client that follows", got.status)
	}
	if st := s.Stats()["idcert-a"]; st.ByCode["redirect_followed"] != 1 || st.Billed != 1 || len(st.Seen) != 2 {
		t.Errorf("stats = %+v, want the second sending counted and billed", st)
	}
}

func TestWrongEchoIsAlwaysAnother(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	setMode(t, s, sandbox.ModeWrongEcho)
	for _, number := range []string{"110101209901010076", "110101209901010084", "110101209901010092"} {
		for _, name := range []string{"测试", "试样", "样例"} {
			fields := ask(t, s.Vendors()[0], number, name).fields(t)
			if secret(number).FitsMask(fields["idCard"]) || secret(name).FitsMask(fields["name"]) {
				t.Errorf("the echo %s %s fits the one asked for", fields["idCard"], fields["name"])
			}
		}
	}
}

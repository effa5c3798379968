package sandbox_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

func TestSteering(t *testing.T) {
	t.Parallel()
	v := sandboxtest.Start(t, sandbox.Config{}).Vendors()[0]
	tests := []struct{ title, number, name, status, msg, idCard, echo string }{
		{"even digit", evenNumber, anyName, "01", "实名认证通过!", "11*****0084", "张*"},
		{"capital X", xNumber, "测试", "01", "实名认证通过!", "11*****005X", "测*"},
		{"small x", strings.ToLower(xNumber), anyName, "01", "实名认证通过!", "11*****005x", "张*"},
		{"odd digit", oddNumber, anyName, "02", "实名认证不通过!", "11*****0017", "张*"},
		{"long name", evenNumber, "买买提·艾力", "01", "实名认证通过!", "11*****0084", "买*"},
		{"name of one character", evenNumber, "张", "01", "实名认证通过!", "11*****0084", "*"},
		{"no record", evenNumber, "无记录", "202", "无法认证!", "11*****0084", "无*"},
		{"abnormal", evenNumber, "异常", "203", "异常情况!", "11*****0084", "异*"},
		{"bad name", evenNumber, "坏姓名", "204", "姓名格式不正确!", "11*****0084", "坏*"},
		{"bad number", evenNumber, "坏号码", "205", "身份证格式不正确!", "11*****0084", "坏*"},
		{"maintenance", evenNumber, "维护", "9999", "系统维护!", "11*****0084", "维*"},
		{"name is missing", evenNumber, "", "204", "姓名格式不正确!", "11*****0084", ""},
		{"name is not UTF-8", evenNumber, "\xd5\xc5", "204", "姓名格式不正确!", "11*****0084", "\ufffd*"},
		{"number is missing", "", anyName, "205", "身份证格式不正确!", "*****", "张*"},
		{"number is short", "123456", anyName, "01", "实名认证通过!", "*****", "张*"},
	}
	trace := regexp.MustCompile(`^\d{11}_[a-z0-9]{4}_[a-z0-9]{4}$`)
	for _, tt := range tests {
		t.Run(tt.title, func(t *testing.T) {
			got := ask(t, v, tt.number, tt.name)
			if got.err != nil || got.status != http.StatusOK || got.code() != "" {
				t.Fatalf("status %d, code %q, error %v; want 200 of the backend", got.status, got.code(), got.err)
			}
			fields := got.fields(t)
			if !trace.MatchString(fields["traceId"]) {
				t.Errorf("traceId = %q, want the form of the guide", fields["traceId"])
			}
			delete(fields, "traceId")
			want := map[string]string{"status": tt.status, "msg": tt.msg, "idCard": tt.idCard, "name": tt.echo}
			if diff := cmp.Diff(want, fields); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnswerOnTheWire(t *testing.T) {
	t.Parallel()
	v := sandboxtest.Start(t, sandbox.Config{}).Vendors()[0]
	got := ask(t, v, evenNumber, anyName)
	shape := regexp.MustCompile(`^\{"status":"01","msg":"实名认证通过!","idCard":"11\*{5}0084","name":"张\*","traceId":"[^"]+"\}$`)
	if !shape.Match(got.body) {
		t.Errorf("body = %s, want flat JSON in the guide's order", got.body)
	}
	if ct := got.header.Get("Content-Type"); ct != "application/json;charset=UTF-8" {
		t.Errorf("Content-Type = %q", ct)
	}
	first, second := got.header.Get("X-Ca-Request-Id"), ask(t, v, evenNumber, anyName).header.Get("X-Ca-Request-Id")
	if len(first) != 36 || first == second {
		t.Errorf("X-Ca-Request-Id = %q and then %q, want two ids", first, second)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Config{})
	v, other := s.Vendors()[0], s.Vendors()[1]
	good := target(evenNumber, anyName)
	code := v.AppCode.Reveal()
	tests := []struct {
		title, method, target, auth string
		status                      int
		code, message               string
	}{
		{"no credentials", "GET", good, "", 400, "A400MA", "Need authorization"},
		{"another word", "GET", good, "Bearer " + code, 400, "A400MA", "Need authorization"},
		{"small letters", "GET", good, "appcode " + code, 400, "A400MA", "Need authorization"},
		{"two spaces", "GET", good, "APPCODE  " + code, 400, "A400AC", "Invalid AppCode `not exists`"},
		{"wrong code", "GET", good, "APPCODE 0", 400, "A400AC", "Invalid AppCode `not exists`"},
		{"empty code", "GET", good, "APPCODE", 400, "A400MA", "Need authorization"},
		{"other vendor's code", "GET", good, "APPCODE " + other.AppCode.Reveal(), 400, "A400AC", "Invalid AppCode `not exists`"},
		{"other path", "GET", "/idcard2", "APPCODE " + code, 404, "I404NF", "API not found"},
		{"path that a mux would clean", "GET", "//idcard", "APPCODE " + code, 404, "I404NF", "API not found"},
		{"other method", "POST", good, "APPCODE " + code, 405, "I405UM", "Unsupported Method `POST`"},
		{"broken query", "GET", "/idcard?idCard=%zz", "APPCODE " + code, 400, "I400RU", "Invalid Request Uri"},
	}
	for _, tt := range tests {
		t.Run(tt.title, func(t *testing.T) {
			s.Reset()
			got := raw(t, v, tt.method, tt.target, "Content-Length: 0", "Authorization: "+tt.auth)
			if got.status != tt.status || got.code() != tt.code {
				t.Errorf("status %d, code %q; want %d, %q", got.status, got.code(), tt.status, tt.code)
			}
			checkRefusal(t, got, tt.message)
			st := s.Stats()["idcert-a"]
			if st.Requests != 1 || st.Billed != 0 || st.ByCode[tt.code] != 1 || len(st.Seen) != 0 {
				t.Errorf("stats = %+v, want one request, nothing billed and no fingerprint", st)
			}
		})
	}
}

// checkRefusal looks for what every answer of the gateway has.
func checkRefusal(t *testing.T, got answered, message string) {
	t.Helper()
	if got.header.Get("X-Ca-Error-Message") != message {
		t.Errorf("X-Ca-Error-Message is not %q", message)
	}
	if len(got.body) != 0 || got.header.Get("Content-Length") != "0" {
		t.Errorf("a body of %d bytes, want none", len(got.body))
	}
	if ct := got.header.Get("Content-Type"); ct != "application/octet-stream" {
		t.Errorf("Content-Type = %q", ct)
	}
	if got.header.Get("X-Ca-Request-Id") == "" {
		t.Error("no X-Ca-Request-Id")
	}
}

func TestLargeRequestBodyIsRefused(t *testing.T) {
	t.Parallel()
	v := sandboxtest.Start(t, sandbox.Config{}).Vendors()[0]
	body := strings.Repeat("x", 65<<10)
	got := raw(t, v, "GET", target(evenNumber, anyName), appCode(v), "Content-Length: 66560", "", body)
	if got.status != http.StatusRequestEntityTooLarge || got.code() != "I413RL" {
		t.Errorf("status %d, code %q; want 413, I413RL", got.status, got.code())
	}
}

// TestLogHoldsNoPersonalData sets every mode but the endless ones and reads the log.
func TestLogHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := sandboxtest.Start(t, sandbox.Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	v := s.Vendors()[0]
	for _, m := range sandbox.Modes() {
		if m == sandbox.ModeStall || m == sandbox.ModeSlowDrip || m == sandbox.ModeSwapAnswers || m == sandbox.ModeTokenRevoked {
			continue
		}
		setMode(t, s, m)
		ask(t, v, evenNumber, anyName)
	}
	raw(t, v, "GET", target(evenNumber, anyName), "X-Ca-Key: "+v.AppKey, "X-Ca-Signature: wrong")
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "code=A403IS") {
		t.Error("the log does not hold the outcome")
	}
	for _, private := range []string{evenNumber, anyName, url.QueryEscape(anyName), v.AppCode.Reveal(), v.AppSecret.Reveal()} {
		if strings.Contains(log.String(), private) {
			t.Errorf("the log holds a claim or a secret of length %d", len(private))
		}
	}
}

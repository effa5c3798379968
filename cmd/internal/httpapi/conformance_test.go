package httpapi_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/policy/consent"
)

// The canary person of the generated requests, who is fictitious. What may show it is only
// the text for the person itself.
const (
	canaryName   = "司徒金丝雀"
	canaryNumber = "440524188001010014"
	canaryMobile = "13912345678"
	canaryCard   = "6222021234567890128"
)

// encodings returns the forms in which a claim may hide.
func encodings(claim string) []string {
	quoted := strings.Trim(strconv.QuoteToASCII(claim), `"`)
	list := []string{claim, url.QueryEscape(claim), quoted, base64.StdEncoding.EncodeToString([]byte(claim)), hex.EncodeToString([]byte(claim))}
	var wide []byte
	for _, u := range utf16.Encode([]rune(claim)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(claim)
	if err != nil {
		panic(err)
	}
	return append(list, string(wide), gbk, url.QueryEscape(gbk))
}

// canaryIn returns the claim of the canary person that a text holds, in any encoding.
func canaryIn(text string) string {
	for _, claim := range []string{canaryName, canaryNumber, canaryMobile, canaryCard} {
		for _, form := range encodings(claim) {
			if strings.Contains(text, form) {
				return claim + " as " + form
			}
		}
	}
	return ""
}

// generator makes requests from the OpenAPI document.
type generator struct {
	*rand.Rand

	doc    map[string]any
	claims bool // the member is a claim of the person; others are the caller's own words, which come back
}

// canaries returns the claims of the canary person where claims belong.
func (g *generator) canaries() []any {
	if !g.claims {
		return []any{"x"}
	}
	return []any{canaryName, canaryNumber, canaryMobile, canaryCard}
}

// hostileTexts are values that a caller may send anywhere.
func hostileTexts() []any {
	return []any{
		"", " ", "\x00", "\u202e", "=1+1", "' OR 1=1 --", "../../etc/passwd", "%00", "{{7*7}}", "<script>", strings.Repeat("长", 300),
		nil, true, 0.0, -1.0, 1e300, 1.5, []any{}, []any{nil}, map[string]any{}, map[string]any{canaryName: canaryNumber}, "2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z",
	}
}

// pick returns one of some values.
func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

// value makes a value of a schema; one of six parts is at a bound or hostile.
func (g *generator) value(schema any, depth int) any {
	s, _ := schema.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		return g.value(member(g.doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...), depth)
	}
	if g.IntN(6) == 0 || depth > 5 {
		return pick(g, append(hostileTexts(), g.canaries()...)...)
	}
	if words, _ := s["enum"].([]any); words != nil {
		return pick(g, words...)
	}
	kind := s["type"]
	if kinds, ok := kind.([]any); ok {
		kind = kinds[0]
	}
	switch kind {
	case "object":
		object := map[string]any{}
		properties, _ := s["properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if required, _ := s["required"].([]any); slices.Contains(required, any(name)) || g.IntN(2) == 0 {
				before := g.claims
				g.claims = before || slices.Contains([]string{"subject", "guardian", "id_number", "session", "address", "agent"}, name)
				object[name] = g.value(properties[name], depth+1)
				g.claims = before
			}
		}
		return object
	case "array":
		list := []any{}
		for range g.IntN(3) {
			list = append(list, g.value(s["items"], depth+1))
		}
		return list
	case "integer", "number":
		return g.number(s)
	case "boolean":
		return g.IntN(2) == 0
	}
	return g.text(s)
}

func (g *generator) number(s map[string]any) any {
	least, _ := s["minimum"].(float64)
	most, bounded := s["maximum"].(float64)
	if !bounded {
		most = 1 << 40
	}
	return pick(g, least, least-1, most, most+1, float64(int64(least+g.Float64()*min(most-least, 1000))))
}

func (g *generator) text(s map[string]any) any {
	if most, ok := s["maxLength"].(float64); ok && g.IntN(4) == 0 {
		return strings.Repeat("x", int(most)+g.IntN(2))
	}
	if s["format"] == "date-time" {
		return pick(g, "2026-11-01T00:00:00Z", "2026-11-30T23:59:59.999999999+08:00", "9999-12-31T23:59:59Z")
	}
	return pick(g, append(g.canaries(), "web", "a", "test", "L1", "11010519491231002X", "张三", "1.00", "CNY", "checkbox")...)
}

// request makes a request of an operation.
func (g *generator) request(method, path string, o any, ids []string) *http.Request {
	for _, wildcard := range []string{"{id}", "{name}"} {
		path = strings.ReplaceAll(path, wildcard, url.PathEscape(pick(g, ids...)))
	}
	query := url.Values{}
	header := http.Header{}
	parameters, _ := member(o, "parameters").([]any)
	for _, p := range parameters {
		name, where := member(p, "name").(string), member(p, "in")
		if where == "path" || g.IntN(3) > 0 {
			continue
		}
		text := fmt.Sprint(g.value(member(p, "schema"), 0))
		if where == "header" {
			header.Set(name, strings.NewReplacer("\x00", "", "\u202e", "").Replace(text))
			continue
		}
		query.Set(name, text)
	}
	if g.IntN(10) == 0 {
		query.Set(pick(g, "unknown", canaryName, "name"), pick(g, canaryNumber, "1"))
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var sent io.Reader = http.NoBody
	if schema := member(o, "requestBody", "content", "application/json", "schema"); schema != nil {
		body := g.value(schema, 0)
		if g.IntN(4) == 0 {
			body = member(o, "requestBody", "content", "application/json", "example")
		}
		text, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		if g.IntN(12) == 0 {
			text = text[:g.IntN(len(text)+1)]
		}
		sent = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, path, sent)
	r.Host, r.Header = "localhost", header
	if sent != http.NoBody {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// TestConformance sends generated requests to every operation. Each response is one that the
// document describes, none is a failure of heyan, and no claim comes back or is logged.
func TestConformance(t *testing.T) {
	t.Parallel()
	each := 400
	if testing.Short() {
		each = 60
	}
	var log bytes.Buffer
	c := newCounter(t, func(o *engine.Options) { o.Policy.Consent = consent.Off })
	c.deps.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.stored(t, api.DefaultTenant, "web", 5)
	h := httpapi.API(c.deps)
	doc := document(t, c)
	ids := []string{"ver_default_web_0000", "a", "L1", "unknown", canaryName, canaryNumber, "..", ".", "a:b", " ", "\u0000", strings.Repeat("x", 3000), "x/y", "%2e%2e"}
	total, good := 0, map[string]bool{}
	for seed, path := range slices.Sorted(maps.Keys(doc["paths"].(map[string]any))) {
		for method, o := range member(doc, "paths", path).(map[string]any) {
			g := &generator{Rand: rand.New(rand.NewPCG(uint64(seed), 7)), doc: doc} //nolint:gosec // an index, and no secret
			id := member(o, "operationId").(string)
			for range each {
				r := g.request(strings.ToUpper(method), path, o, ids)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				total++
				if fault := conforms(doc, o, w); fault != "" {
					t.Fatalf("%s %s: status %d, %s: %s", r.Method, r.URL, w.Code, fault, w.Body)
				}
				good[id] = good[id] || w.Code < 300
				// The text for the person, which needs to name it.
				own := id == "draftConsent" || id == "getConsentText" || id == "exportSubject"
				if found := canaryIn(w.Body.String()); found != "" && (!own || w.Code >= 300) {
					t.Fatalf("%s shows %s: %s", id, found, w.Body)
				}
			}
			if wanted := method == "get" && !strings.Contains(path, "{") || id == "verify" || id == "explain" || id == "createKey"; wanted && !good[id] {
				t.Errorf("%s: no generated request was accepted", id)
			}
		}
	}
	if found := canaryIn(log.String()); found != "" {
		t.Errorf("logged: %s", found)
	}
	t.Logf("%d requests to %d operations", total, len(good))
}

// conforms returns how a response differs from what the document says of its operation.
func conforms(doc map[string]any, o any, w *httptest.ResponseRecorder) string {
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	var body any
	if strings.HasSuffix(kind, "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			return "the body is no JSON"
		}
	}
	if detail, _ := member(body, "detail").(string); kind == "application/problem+json" && strings.HasPrefix(detail, "no resource has this path") {
		return "" // the id was none, as x/y
	}
	if w.Code >= 500 {
		return "heyan failed"
	}
	content := member(o, "responses", strconv.Itoa(w.Code), "content", kind)
	if content == nil {
		return "the status or its media type " + kind + " is not documented"
	}
	if body == nil {
		return ""
	}
	return validate(doc, member(content, "schema"), body, "body")
}

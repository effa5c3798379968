package canarytest_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/heyan-id/heyan/cmd/internal/canarytest"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// TestHits finds a claim in every form, and finds nothing in a text without it.
func TestHits(t *testing.T) {
	t.Parallel()
	gbk, _ := simplifiedchinese.GBK.NewEncoder().String("赫连铁树")
	little, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String("赫连铁树")
	tests := []struct{ name, text string }{
		{"plain", "name=赫连铁树"},
		{"URL-encoded", "?name=" + url.QueryEscape("赫连铁树")},
		{"JSON-escaped", `{"name":"\u8d6b\u8fde\u94c1\u6811"}`},
		{"quoted", fmt.Sprintf("%+q", "赫连铁树")},
		{"hex", hex.EncodeToString([]byte("x赫连铁树"))},
		{"dump of bytes", fmt.Sprintf("% x", "赫连铁树")},
		{"base64", base64.StdEncoding.EncodeToString([]byte("赫连铁树"))},
		{"base64 at offset 1", base64.StdEncoding.EncodeToString([]byte("x赫连铁树y"))},
		{"base64 at offset 2", base64.URLEncoding.EncodeToString([]byte("xx赫连铁树y"))},
		{"base64 of a JSON text", base64.StdEncoding.EncodeToString([]byte(`{"id_number":"110105196203041006"}`))},
		{"UTF-16", little},
		{"GBK", gbk},
		{"number in UTF-16", "1\x001\x000\x001\x000\x005\x001\x009\x006\x002\x000\x003\x000\x004\x001\x000\x000\x006\x00"},
	}
	claims := canarytest.Claims(canarytest.Persons()[0])
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if len(canarytest.Hits([]byte(tt.text), claims...)) == 0 {
				t.Errorf("not found in %q", tt.text)
			}
		})
	}
	clean, err := json.Marshal(map[string]string{"name": "赫***", "id_number": "1****************6", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"})
	if err != nil {
		t.Fatal(err)
	}
	if found := canarytest.Hits(clean, claims...); len(found) > 0 {
		t.Errorf("found %v in %s", found, clean)
	}
}

// TestPersonsAreValid: claims that the local check refuses would test little.
func TestPersonsAreValid(t *testing.T) {
	t.Parallel()
	for _, p := range canarytest.Persons() {
		s := idv.Subject{Name: idv.NewSensitive(p.Name), IDNumber: idv.NewSensitive(p.IDNumber)}
		if _, err := identity.Normalize(s, idv.CheckIDName, time.Now()); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

package identity_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// TestMasksLeaveManyCandidates counts the valid numbers that have the mask of one: the
// product of what its hidden characters can be. A check character is no choice.
func TestMasksLeaveManyCandidates(t *testing.T) {
	t.Parallel()
	const (
		days  = 365 * 100 // of birth, the last hundred years
		areas = 100       // of the provinces that begin with one digit, fewer than there are
		order = 1000      // sequence numbers
	)
	tests := []struct {
		document idv.Document
		number   string
		hidden   string // what the stars hide, - for a check character
		left     int    // candidates
	}{
		{idv.Resident18, "11010519491231002X", "province, area, date, order -", areas * days * order},
		{idv.Resident15, "130503670401001", "province, area, date, order", areas * days * order},
		{idv.HKMOResidence, "810000199408230021", "region, date, order -", 2 * days * order},
		{idv.TWResidence, "830000199201300022", "date, order -", days * order},
		{idv.HKID, "A1234563", "six digits -", 1_000_000},
		{idv.MacauBIR, "1234567(6)", "six digits -", 1_000_000},
		{idv.TaiwanID, "A123456789", "sex, seven digits -", 2 * 10_000_000},
		{idv.HKMOPermit, "H12345678", "eight digits", 100_000_000},
		{idv.TaiwanPermit, "12345678", "seven digits", 10_000_000},
	}
	for _, tt := range tests {
		t.Run(string(tt.document), func(t *testing.T) {
			n := identity.CheckNumber(idv.NewSensitive(tt.number), identity.Options{Today: today, Want: tt.document})
			first, rest := n.Masked()[:1], n.Masked()[1:]
			if first != tt.number[:1] || rest == "" || strings.Trim(rest, "*") != "" {
				t.Fatalf("the mask %s shows more than the first character", n.Masked())
			}
			if tt.left < 1_000_000 {
				t.Errorf("%s: %d candidates, want a million at least", tt.hidden, tt.left)
			}
			line, err := json.Marshal(n)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{tt.number[1:4], tt.number[len(tt.number)-3:], "birth\":", "sex", "address_code"} {
				if strings.Contains(string(line), part) {
					t.Errorf("the line shows %s: %s", part, line)
				}
			}
		})
	}
}

// TestOtherMasksLeaveManyCandidates counts those of the claims that are no documents.
func TestOtherMasksLeaveManyCandidates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, value, mask string
		left              int
	}{
		{"mobile number: 3 to 9, nine digits", "13800138000", "1**********", 7 * 1_000_000_000},
		{"bank card: fourteen digits and a check digit", "6222021234567895", "6***************", 100_000_000_000_000},
		{"too short for a number", "1234567", "*******", 10_000_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := idv.NewSensitive(tt.value).MaskNumber(); got != tt.mask || tt.left < 1_000_000 {
				t.Errorf("mask %s with %d candidates, want %s with a million at least", got, tt.left, tt.mask)
			}
		})
	}
}

// TestDetailsLeaveFewCandidates counts what the parts of a number leave, together with the
// first and last character: the reason why they are only printed on request, and the last
// one never.
func TestDetailsLeaveFewCandidates(t *testing.T) {
	t.Parallel()
	n := identity.CheckNumber(idv.NewSensitive("11010519491231002X"), identity.Options{Today: today})
	left, last := 0, 0
	for order := range 1000 {
		for _, check := range "0123456789X" {
			number := n.AddressCode + strings.ReplaceAll(n.Birth.String(), "-", "") + fmt.Sprintf("%03d%c", order, check)
			if c := identity.CheckNumber(idv.NewSensitive(number), identity.Options{Today: today}); c.Valid && c.Sex == n.Sex {
				left++
				if check == 'X' {
					last++
				}
			}
		}
	}
	if left != 500 || last != 46 {
		t.Errorf("%d candidates, %d with the last character; want 500 and 46", left, last)
	}
}

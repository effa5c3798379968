package identity_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

func BenchmarkResident18Full(b *testing.B) {
	number, opts := idv.NewSensitive("11010519491231002X"), identity.Options{Today: today}
	b.ReportAllocs()
	for b.Loop() {
		if n := identity.CheckNumber(number, opts); !n.Valid {
			b.Fatal("not valid")
		}
	}
}

func BenchmarkResident18Lower(b *testing.B) {
	number, opts := idv.NewSensitive("11010519491231002x"), identity.Options{Today: today}
	b.ReportAllocs()
	for b.Loop() {
		if n := identity.CheckNumber(number, opts); !n.Valid {
			b.Fatal("not valid")
		}
	}
}

func BenchmarkName(b *testing.B) {
	names := map[string]string{
		"Clean": "张三", "Dotted": "阿卜杜拉·买买提", "Rare": "王𬭎", "Latin": "JOHN SMITH", "Folded": "阿卜杜拉•买买提",
	}
	for kind, name := range names {
		b.Run(kind, func(b *testing.B) {
			raw := idv.NewSensitive(name)
			b.ReportAllocs()
			for b.Loop() {
				if f := identity.CheckName(raw, identity.Options{}); !f.Valid {
					b.Fatal("not valid")
				}
			}
		})
	}
}

func TestCleanChecksDoNotAllocate(t *testing.T) {
	opts := identity.Options{Today: today}
	number, unlisted, name := idv.NewSensitive("11010519491231002X"), idv.NewSensitive("110199198808089917"), idv.NewSensitive("阿卜杜拉·买买提")
	mobile, card := idv.NewSensitive("13800138000"), idv.NewSensitive("6222021234567890128")
	cases := []struct {
		name string
		run  func()
	}{
		{"number", func() { identity.CheckNumber(number, opts) }},
		{"flagged number", func() { identity.CheckNumber(unlisted, opts) }},
		{"name", func() { identity.CheckName(name, opts) }},
		{"mobile", func() { identity.CheckMobile(mobile) }},
		{"bank card", func() { identity.CheckBankCard(card) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := testing.AllocsPerRun(100, c.run); got != 0 {
				t.Errorf("got %v allocations", got)
			}
		})
	}
}

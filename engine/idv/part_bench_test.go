package idv_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// BenchmarkPartIn is the check of a reference of 32 hexadecimal digits, as most vendors have.
func BenchmarkPartIn(b *testing.B) {
	subject := idv.Subject{Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("11010120990101005X")}
	b.ReportAllocs()
	for b.Loop() {
		if subject.PartIn("0b1c2d3e4f5a69788796a5b4c3d2e1f0") {
			b.Fatal("a part of the number in a reference without one")
		}
	}
}

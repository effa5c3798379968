package main

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHostileExport gives the program, as built, exports that are made to use up its memory.
// It has an address space of 2 GiB, most of which a Go program only reserves. Package
// statement measures what reading takes.
func TestHostileExport(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	limit := "ulimit -v 2097152 && "
	if raceDetector { // it reserves terabytes of address space
		limit = ""
	}
	for name, test := range map[string]struct {
		text string
		want string
	}{
		"commas.csv": {strings.Repeat(",", 15<<20), "row 1 is longer than 128 KiB"},
		"quote.csv":  {"流水编号,处理时间,消耗\n1,\"" + strings.Repeat("a\n", 7<<20), "row 2 is longer than 128 KiB; is a quotation mark without its partner?"},
		"large.csv":  {strings.Repeat(",", 60<<20), "larger than 16 MiB"},
		"texts.xlsx": {hostileBook(t, "<si><t>a</t></si>", 1<<20), "more than 500,000 shared texts"},
		"deep.xlsx":  {hostileBook(t, "<a>", 1<<20), "more than 64 XML elements in each other"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "sh", "-c", limit+`exec "$0" "$@"`, self,
				"ledger", "reconcile", "--config", "missing.yaml", "--provider", "main", "--export", path)
			cmd.Env = append(os.Environ(), beHeyan+"=1")
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != exitUsage || !strings.Contains(string(out), "--export: ") || !strings.Contains(string(out), test.want) {
				t.Errorf("exit code %d (%v): %.500s", code, err, out)
			}
		})
	}
}

// hostileBook returns a workbook with the part of shared texts repeated.
func hostileBook(t *testing.T, each string, times int) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"xl/workbook.xml", `<workbook><sheet r:id="r1" xmlns:r="x"/></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="one.xml"/><Relationship Id="r2" Target="texts.xml" Type="/sharedStrings"/></Relationships>`},
		{"xl/one.xml", "<worksheet/>"},
		{"xl/texts.xml", "<sst>" + strings.Repeat(each, times)},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = w.Write([]byte(part[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

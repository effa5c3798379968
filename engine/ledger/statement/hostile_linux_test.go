package statement

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// hostileFile names, in the environment of a child process, the file that it reads.
const hostileFile = "HEYAN_HOSTILE_FILE"

// mostMemory is what reading any file may take in all, in KiB. The race detector takes
// several times as much.
const mostMemory = 256 << 10 * raceFactor

// TestMain runs the child of TestHostileFiles or the tests.
func TestMain(m *testing.M) {
	if path := os.Getenv(hostileFile); path != "" {
		if err := readChild(path); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// readChild reads a file, and prints its peak of memory and the error of reading.
func readChild(path string) error {
	// Without limits the files take up to 5 GiB, which could end other programs.
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 3 << 30, Max: 3 << 30}); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	got, err := Read(context.Background(), f)
	status, _ := os.ReadFile("/proc/self/status")
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	peak, _, _ = strings.Cut(peak, "kB")
	fmt.Printf("\nresult\t%s\t%d\t%v\n", strings.TrimSpace(peak), len(got.Windows), err)
	return nil
}

// write writes a text many times.
func write(w io.Writer, text string, times int) {
	if text == "" {
		return
	}
	n := max(1, 4096/len(text))
	block := strings.Repeat(text, n)
	for ; times >= n; times -= n {
		_, _ = io.WriteString(w, block) // a broken file fails the test by its result
	}
	_, _ = io.WriteString(w, strings.Repeat(text, times))
}

// hostile is a file that wants more memory or time than it is worth.
type hostile struct {
	name  string
	make  func(w io.Writer)
	want  string // in the error; "" if the file is read
	lines int    // windows that are read
}

const (
	sheetOpen  = `<worksheet><sheetData>`
	sheetClose = `</sheetData></worksheet>`
	titleRow   = `<row><c t="inlineStr"><is><t>流水编号</t></is></c><c t="inlineStr"><is><t>处理时间</t></is></c><c t="inlineStr"><is><t>消耗</t></is></c></row>`
	oneWindow  = `<row><c t="inlineStr"><is><t>1</t></is></c><c t="inlineStr"><is><t>2018-03-19 10:50:01 - 2018-03-19 11:00:01</t></is></c><c><v>7</v></c></row>`
)

// book returns a maker of a workbook: what each part writes, beside the parts that every
// workbook has.
func book(parts map[string]func(io.Writer)) func(io.Writer) {
	return func(w io.Writer) {
		z := quick(w)
		all := map[string]func(io.Writer){
			"xl/workbook.xml": text(`<workbook><sheets><sheet name="a" sheetId="1" r:id="r1" xmlns:r="x"/></sheets></workbook>`),
			"xl/_rels/workbook.xml.rels": text(`<Relationships><Relationship Id="r1" Target="worksheets/one.xml" Type="x/worksheet"/>` +
				`<Relationship Id="r2" Target="sharedStrings.xml" Type="x/sharedStrings"/></Relationships>`),
			"xl/sharedStrings.xml":  text(`<sst/>`),
			"xl/worksheets/one.xml": text(sheetOpen + titleRow + oneWindow + sheetClose),
		}
		for name, part := range parts {
			all[name] = part
		}
		for name, part := range all {
			p, err := z.Create(name)
			if err != nil {
				panic(err)
			}
			b := bufio.NewWriter(p)
			part(b)
			_ = b.Flush()
		}
		_ = z.Close()
	}
}

// quick returns a writer of zip files that spends little time on them.
func quick(w io.Writer) *zip.Writer {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	return z
}

func text(s string) func(io.Writer) { return func(w io.Writer) { _, _ = io.WriteString(w, s) } }

// many writes a text, another one many times, and a third one.
func many(before, each string, times int, after string) func(io.Writer) {
	return func(w io.Writer) {
		write(w, before, 1)
		write(w, each, times)
		write(w, after, 1)
	}
}

func sheetOf(part func(io.Writer)) func(io.Writer) {
	return book(map[string]func(io.Writer){"xl/worksheets/one.xml": part})
}

func sharedOf(part func(io.Writer)) func(io.Writer) {
	return book(map[string]func(io.Writer){"xl/sharedStrings.xml": part})
}

// liar writes a workbook whose sheet says that it is small and unpacks to 100 MiB.
func liar(w io.Writer) {
	z := quick(w)
	sum := crc32.NewIEEE()
	var packed strings.Builder
	inner := quick(&packed)
	p, _ := inner.Create("x")
	write(io.MultiWriter(p, sum), " ", 100<<20)
	_ = inner.Close()
	r, err := zip.NewReader(strings.NewReader(packed.String()), int64(packed.Len()))
	if err != nil {
		panic(err)
	}
	raw, err := r.File[0].OpenRaw()
	if err != nil {
		panic(err)
	}
	for name, part := range map[string]string{
		"xl/workbook.xml":            `<workbook><sheet r:id="r1" xmlns:r="x"/></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Target="one.xml"/></Relationships>`,
	} {
		p, _ := z.Create(name)
		_, _ = io.WriteString(p, part)
	}
	p, err = z.CreateRaw(&zip.FileHeader{
		Name: "xl/one.xml", Method: zip.Deflate, CRC32: sum.Sum32(), CompressedSize64: r.File[0].CompressedSize64, UncompressedSize64: 1000,
	})
	if err != nil {
		panic(err)
	}
	_, _ = io.Copy(p, raw)
	_ = z.Close()
}

const csvHead = "流水编号,处理时间,备注,消耗\n"

// rows writes so many good rows with notes of a length.
func rows(n, note int) func(io.Writer) {
	return func(w io.Writer) {
		_, _ = io.WriteString(w, csvHead)
		for i := range n {
			_, _ = fmt.Fprintf(w, "%d,2018-03-19 10:50:01 - 2018-03-19 11:00:01,%s,7\n", i, strings.Repeat("x", note))
		}
	}
}

func hostileFiles() []hostile {
	const million = 1_000_000
	return []hostile{
		{"zip bomb", sheetOf(many("", " ", 100<<20, "")), "unpacks to more than 64 MiB", 0},
		{"zip bomb that lies about its size", liar, "damaged", 0},
		{"many parts", func(w io.Writer) {
			z := quick(w)
			for i := range mostParts + 1 {
				_, _ = z.CreateHeader(&zip.FileHeader{Name: strconv.Itoa(i)})
			}
			_ = z.Close()
		}, "more than 1,000 parts", 0},
		{"shared texts", sharedOf(many("<sst>", "<si><t>a</t></si>", million, "</sst>")), "500,000 shared texts", 0},
		{"empty shared texts", sharedOf(many("<sst>", "<si/>", million, "</sst>")), "500,000 shared texts", 0},
		{"one long shared text", sharedOf(many("<sst><si><t>", "a", 10*million, "</t></si></sst>")), "a cell of more than 128 KiB", 0},
		{"one shared text of many runs", sharedOf(many("<sst><si>", "<r><t>aaaa</t></r>", million, "</si></sst>")), "a cell of more than 128 KiB", 0},
		{"cells in a row", sheetOf(many(sheetOpen+"<row>", "<c><v>1</v></c>", 3*million, "</row>"+sheetClose)), "4,000,000 XML elements", 0},
		{"empty cells in a row", sheetOf(many(sheetOpen+titleRow+"<row>", "<c/>", 5*million, "</row>"+sheetClose)), "4,000,000 XML elements", 0},
		{"wide rows", sheetOf(many(sheetOpen+titleRow, `<row><c r="XFD"><v>1</v></c></row>`, 50_000, sheetClose)), "more than 64 cells", 0},
		{"empty rows", sheetOf(many(sheetOpen+titleRow, `<row/>`, million, sheetClose)), "200,000 rows", 0},
		{"deep nesting", sheetOf(many(sheetOpen, "<a>", million, "")), "more than 64 XML elements in each other", 0},
		{"attributes", sheetOf(many(sheetOpen+"<row", ` a=">"`, 2*million, "/>"+sheetClose)), "an XML tag of more than 64 KiB", 0},
		{"name of a tag", sheetOf(many(sheetOpen+"<", "a", 10*million, "/>"+sheetClose)), "an XML tag of more than 64 KiB", 0},
		{"comment", sheetOf(many(sheetOpen+"<!--", "<a>", 3*million, "-->"+sheetClose)), "an XML tag of more than 64 KiB", 0},
		{"CDATA", sheetOf(many(sheetOpen+"<row><c><v><![CDATA[", "<a>", 3*million, "]]></v></c></row>"+sheetClose)), "an XML tag of more than 64 KiB", 0},
		{"long cell", sheetOf(many(sheetOpen+titleRow+"<row><c><v>", "a<?x?>", million, "</v></c></row>"+sheetClose)), "row 2 has a cell of more than 128 KiB", 0},
		{"entities", sheetOf(text(`<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` + sheetOpen + `<row><c><v>&b;</v></c></row>` + sheetClose)), "damaged", 0},
		{"styles and merged ranges", book(map[string]func(io.Writer){
			"xl/styles.xml": many("<styleSheet><cellXfs>", "<xf/>", 2*million, "</cellXfs></styleSheet>"),
			"xl/worksheets/one.xml": many(sheetOpen+titleRow+oneWindow+"</sheetData><mergeCells>", `<mergeCell ref="A1:XFD9"/>`, 300_000,
				"</mergeCells></worksheet>"),
		}), "", 1},
		{"row of commas", many("", ",", mostBytes-1, ""), "row 1 is longer than 128 KiB", 0},
		{"row of 60 MB", many("", ",", 60*million, ""), "larger than 16 MiB", 0},
		{"rows of commas", many(csvHead, strings.Repeat(",", 100_000)+"x\n", 160, ""), "more than 64 cells", 0},
		{"quotation mark that is never closed", many(csvHead+`1,"`, "a\n", 8*million-100, ""), "row 2 is longer than 128 KiB; is a quotation mark without its partner?", 0},
		{"empty lines", many(csvHead, "\n", mostBytes-100, ""), "", 0},
		{"rows without a cell", many(csvHead, "\"\"\n", 5*million, ""), "200,000 rows", 0},
		{"GB18030", many("\xc1\xf7\n", "\xc1\xf7,", 5*million, ""), "row 2 is longer than 128 KiB", 0},
		{"as many rows as are read", rows(mostRows, 20), "", mostRows},
		{"as many bytes as are read", rows(16_000, 900), "", 16_000},
		{"more rows", rows(mostRows+headerRows+1, 10), "200,000 rows", 0},
	}
}

// TestHostileFiles reads files that are made to use up memory or time, each in a process
// of its own, and expects the limit by name and a peak below 256 MiB.
func TestHostileFiles(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range hostileFiles() {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			w := bufio.NewWriter(f)
			test.make(w)
			if err := errors.Join(w.Flush(), f.Close()); err != nil {
				t.Fatal(err)
			}
			child := exec.CommandContext(t.Context(), self)
			child.Env = append(os.Environ(), hostileFile+"="+path)
			out, err := child.CombinedOutput()
			_, result, found := strings.Cut(string(out), "\nresult\t")
			fields := strings.SplitN(result, "\t", 3)
			if err != nil || !found || len(fields) != 3 {
				t.Fatalf("the process failed: %v, %.2000s", err, out)
			}
			peak, err := strconv.Atoi(fields[0])
			t.Logf("peak %d MiB, %s", peak>>10, strings.SplitN(fields[2], "\n", 2)[0])
			if err != nil || peak > mostMemory {
				t.Errorf("it took %d MiB (%v), want at most %d", peak>>10, err, mostMemory>>10)
			}
			if test.want != "" && !strings.Contains(fields[2], test.want) || test.want == "" && test.lines > 0 && !strings.HasPrefix(fields[2], "<nil>") {
				t.Errorf("error %.300s, want %q", fields[2], test.want)
			}
			if fields[1] != strconv.Itoa(test.lines) {
				t.Errorf("%s windows, want %d", fields[1], test.lines)
			}
		})
	}
}

package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// tableDate is the date of the current list.
const tableDate = "2024-12"

// span is when a code was in force, as far as the lists tell: not before First
// and not after Last, 0 where they do not tell.
type span struct{ First, Last int }

// errata are published facts that the lists do not hold.
var errata = map[string]span{
	"110110": {Last: 1986}, // Yanshan, merged into Fangshan district of Beijing in 1986
	"320212": {},           // Mashan, a district of Wuxi
	"469004": {},           // directly administered by Hainan
	"830000": {},           // residence permits for people from Taiwan, 国办发〔2018〕81号 art. 3
}

// merge makes one table of all lists.
func merge(lists []list) map[string]span {
	dated := slices.DeleteFunc(slices.Clone(lists), func(l list) bool { return !isYear(l.Edition) })
	slices.SortFunc(dated, func(a, b list) int { return strings.Compare(a.Edition, b.Edition) })
	names := namesOf(lists)
	table := map[string]span{}
	for code, given := range names {
		if isCode(code) && !isGroup(code, given) {
			table[code] = spanOf(code, lists, dated)
		}
	}
	maps.Copy(table, errata)
	return table
}

// spanOf bounds the years of a code. A bound is a limit and no date: the code
// ended some time before the first revision that lacks it.
func spanOf(code string, lists, dated []list) span {
	var s span
	kinds := map[string]bool{}
	for _, l := range lists {
		if _, ok := l.Names[code]; ok {
			kinds[l.Edition] = true
		}
	}
	seen := slices.IndexFunc(dated, func(l list) bool { return kinds[l.Edition] })
	newest := dated[len(dated)-1]
	switch {
	case seen > 0:
		s.First = year(dated[seen-1].Edition)
	case seen < 0 && kinds[current]:
		s.First = year(newest.Edition)
	}
	switch {
	case kinds[current] || kinds[newest.Edition] || kinds[mixed]: // in force, or ended at an unknown time after the last revision
	case seen < 0:
		s.Last = year(dated[0].Edition)
	default:
		s.Last = year(dated[lastSeen(dated, kinds)+1].Edition)
	}
	return s
}

func lastSeen(dated []list, kinds map[string]bool) int {
	last := 0
	for i, l := range dated {
		if kinds[l.Edition] {
			last = i
		}
	}
	return last
}

func namesOf(lists []list) map[string][]string {
	names := map[string][]string{}
	for _, l := range lists {
		for code, name := range l.Names {
			names[code] = append(names[code], name)
		}
	}
	return names
}

// isCode leaves out what no resident number begins with: Taiwan, and all of Hong
// Kong, Macau and Taiwan but the three codes of the residence permits.
func isCode(code string) bool {
	if len(code) != 6 {
		return false
	}
	switch code[0] {
	case '7', '8':
		return code == "810000" || code == "820000" || code == "830000"
	}
	return true
}

// isGroup reports whether xxxx01 is the heading "municipal districts" of a city
// and no place. GB/T 2260 has that heading under cities (01-20, 51-70) only; one
// list calls every xxxx01 so, real places included.
func isGroup(code string, names []string) bool {
	city := code[2:4] <= "20" || code[2:4] >= "51" && code[2:4] <= "70"
	if !city || code[4:] != "01" {
		return false
	}
	return !slices.ContainsFunc(names, func(n string) bool { return !strings.HasSuffix(n, "市辖区") })
}

func isYear(edition string) bool { return edition[0] == '1' || edition[0] == '2' }

func year(edition string) int {
	y, _ := strconv.Atoi(edition[:4]) // the editions are file names that readGB2260 chose
	return y
}

// write returns the table in the form that identity.ReadTable reads.
func write(table map[string]span) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "table %s", tableDate)
	prefecture := ""
	for _, code := range slices.Sorted(maps.Keys(table)) {
		if code[:4] != prefecture {
			prefecture = code[:4]
			fmt.Fprintf(&out, "\n%s", prefecture)
		}
		fmt.Fprintf(&out, " %s%s", code[4:], table[code])
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// String returns +first and -last, each where known.
func (s span) String() string {
	text := ""
	if s.First != 0 {
		text += "+" + strconv.Itoa(s.First)
	}
	if s.Last != 0 {
		text += "-" + strconv.Itoa(s.Last)
	}
	return text
}

func notice() []byte {
	var out bytes.Buffer
	out.WriteString(`areacodes.txt.gz holds six-digit codes of administrative divisions of China
(GB/T 2260, published by the government) and limits of the years in which they
were in force. It holds no names and no code of others. It was made by
internal/areacodes from the lists in these npm packages:

`)
	for _, s := range sources {
		fmt.Fprintf(&out, "  %-20s %-7s %-4s %s\n", s.Package, s.Version, s.Licence, s.Holder)
	}
	fmt.Fprintf(&out, "\nThe table is as of %s.\n", tableDate)
	return out.Bytes()
}

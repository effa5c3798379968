package abuse_test

import (
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
)

// attack is a script: what an attacker who knows a part requests to learn the rest.
type attack struct {
	name string
	try  func(i int) idv.Subject // the i-th question
	many int                     // how many there are
	apps bool                    // takes another app for each
}

// victim is whom the scripts are about: the most common name, a large district.
var victim = person{name: "王伟", county: "110105", birth: "19840229", number: complete("11010519840229123")}

// attacks lists the scripts.
func attacks(c *crowd) []attack {
	v := victim
	dates := c.datesOf("110105", "123", v.number[17], "")
	return []attack{
		{name: "sequence in order, region and birth known", try: func(i int) idv.Subject {
			return pair(v.name, complete(fmt.Sprintf("%s%s%03d", v.county, v.birth, 1+i%999)))
		}},
		{name: "the same, another app for each try", apps: true, try: func(i int) idv.Subject {
			return pair("李伟", complete(fmt.Sprintf("%s%s%03d", v.county, v.birth, 1+i%999)))
		}},
		{name: "the same, another spelling for each try", try: func(i int) idv.Subject {
			spellings := []string{"MA LI", "ma li", "Ma-Li", "ＭＡ ＬＩ", "M.A·L I", "MALI"}
			return pair(spellings[i%len(spellings)], complete(fmt.Sprintf("%s%s%03d", v.county, v.birth, 1+i%999)))
		}},
		{name: "sliding birth, region and last four known", try: func(i int) idv.Subject {
			return pair("张伟", complete("110105"+dates[i%len(dates)]+"123"))
		}},
		{name: "name guessing on one number", try: func(i int) idv.Subject {
			return pair(surname(i%400)+given(i/400), complete("44030619850315321"))
		}},
		{name: "regions in order, birth known", try: func(i int) idv.Subject {
			return pair("刘伟", complete(fmt.Sprintf("%s%s%03d", c.counties[i%len(c.counties)], v.birth, 1+i%7)))
		}},
		{name: "day and sequence in turns, region and month known", try: func(i int) idv.Subject {
			return pair("陈伟", complete(fmt.Sprintf("%s198402%02d%03d", v.county, 1+i%29, 1+i)))
		}},
		{name: "region and day in turns, year and last four known", try: func(i int) idv.Subject {
			region := c.counties[i*7%len(c.counties)]
			dates := c.datesOf(region, "123", 'X', "1984")
			return pair("杨伟", complete(region+dates[i*31%len(dates)]+"123"))
		}},
		{name: "check digit series", many: 11, try: func(i int) idv.Subject {
			return pair("赵伟", "11010519840229777"+"0123456789X"[i:i+1])
		}},
		{name: "permit series, first half known", try: func(i int) idv.Subject {
			return pair("黄伟", fmt.Sprintf("H1234%04d", i))
		}},
		{name: "cards of one person", try: func(i int) idv.Subject {
			return with(pair("周伟", complete("11010519840229321")), "", fmt.Sprint(6222000000000000+i))
		}},
		{name: "mobiles of one person", try: func(i int) idv.Subject {
			return with(pair("周伟", complete("11010519840229322")), fmt.Sprint(13800000000+i), "")
		}},
		{name: "people tried against one card", try: func(i int) idv.Subject {
			p := c.person()
			return with(pair(p.name, p.number), "", "6222000000999999")
		}},
		{name: "stolen list, one row of five a canary", try: func(i int) idv.Subject {
			if i%5 == 4 {
				return pair("测试", canaryNumber)
			}
			p := c.person()
			return pair(p.name, p.number)
		}},
		{name: "questions about one person", try: func(int) idv.Subject { return pair("吴伟", complete("11010519840229456")) }},
	}
}

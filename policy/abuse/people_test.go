package abuse_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// person is one made up. No real data went in; numbers are of the right form, and
// who has one by accident is neither known nor printed.
type person struct {
	name   string
	county string
	birth  string // 19840229
	number string
}

// crowd makes people up: names by Zipf's law for family and given names (the most
// common full name has 0.2 % of all, ten times that of the most common one in China),
// counties of the engine's own table with populations that differ as counties do,
// births of 1950 to 2008, small sequence numbers more often than large ones.
type crowd struct {
	*rand.Rand
	counties, births        []string
	people, surnames, given []float64 // cumulative shares
}

func newCrowd(seed uint64) *crowd {
	c := &crowd{Rand: rand.New(rand.NewPCG(seed, 5)), counties: counties()}
	c.people = cumulate(len(c.counties), func(int) float64 { return math.Exp(0.8 * c.NormFloat64()) })
	c.surnames = cumulate(400, zipf(0.8))
	c.given = cumulate(60_000, zipf(0.75))
	for day := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2009; day = day.AddDate(0, 0, 1) {
		c.births = append(c.births, day.Format("20060102"))
	}
	return c
}

// counties lists the codes of counties and districts that are in force.
func counties() (list []string) {
	const gone = identity.FlagAddressUnlisted | identity.FlagAddressAbolished | identity.FlagAddressLater
	for n := 110000; n < 660000; n++ {
		code := fmt.Sprint(n)
		born := identity.CheckNumber(idv.NewSensitive(complete(code+"20080101001")), identity.Options{})
		if n%100 != 0 && born.Flags&gone == 0 && born.Valid {
			list = append(list, code)
		}
	}
	return list
}

func zipf(s float64) func(int) float64 {
	return func(rank int) float64 { return math.Pow(float64(rank+1), -s) }
}

// cumulate returns the cumulative shares of n things of some weights.
func cumulate(n int, weight func(i int) float64) []float64 {
	list := make([]float64, n)
	sum := 0.0
	for i := range list {
		sum += weight(i)
		list[i] = sum
	}
	for i := range list {
		list[i] /= sum
	}
	return list
}

// pick returns one by its share.
func (c *crowd) pick(shares []float64) int { return sort.SearchFloat64s(shares, c.Float64()) }

// commonest are the characters of the most common names, so that attacks meet them.
var commonest = []rune("王李张刘陈杨赵黄周吴")

func surname(rank int) string {
	if rank < len(commonest) {
		return string(commonest[rank])
	}
	return string(rune(0x5000 + rank))
}

// given makes a given name of its rank, one character for every fourth.
func given(rank int) string {
	first := rune(0x4F1F + rank/8%8000) // the first is 伟
	if rank%4 == 0 {
		return string(first)
	}
	return string([]rune{first, rune(0x6000 + rank%8*1000 + rank/64000)})
}

func (c *crowd) person() person {
	return c.born(surname(c.pick(c.surnames)), c.counties[c.pick(c.people)], c.births[c.IntN(len(c.births))])
}

// relative returns one of the same family: a twin now and then, else born on another day.
func (c *crowd) relative(p person) person {
	birth := c.births[c.IntN(len(c.births))]
	if c.IntN(5) == 0 {
		birth = p.birth
	}
	return c.born(string([]rune(p.name)[:1]), p.county, birth)
}

func (c *crowd) born(surname, county, birth string) person {
	sequence := 1 + int(c.ExpFloat64()*150)%999
	return person{
		name: surname + given(c.pick(c.given)), county: county, birth: birth,
		number: complete(fmt.Sprintf("%s%s%03d", county, birth, sequence)),
	}
}

// slip is a kind of typing error.
type slip int

const (
	noSlip slip = iota
	oneDigit
	swapped
	twoDigits
	wrongCharacter
)

// typed returns what a person types: wrong in 3 of 100 cases.
func (c *crowd) typed(p person) (name, number string, kind slip) {
	if c.IntN(100) >= 3 {
		return p.name, p.number, noSlip
	}
	digits := []byte(p.number)
	switch n := c.IntN(100); {
	case n < 45:
		c.slip(digits)
		kind = oneDigit
	case n < 65:
		i := c.IntN(16)
		for digits[i] == digits[i+1] {
			i = (i + 1) % 16
		}
		digits[i], digits[i+1] = digits[i+1], digits[i]
		kind = swapped
	case n < 75:
		c.slip(digits)
		c.slip(digits)
		kind = twoDigits
	default:
		letters := []rune(p.name)
		letters[len(letters)-1] += 1 + rune(c.IntN(40))
		return string(letters), p.number, wrongCharacter
	}
	return p.name, string(digits), kind
}

// slip makes one digit another.
func (c *crowd) slip(digits []byte) {
	i := c.IntN(17)
	digits[i] = '0' + (digits[i]-'0'+byte(1+c.IntN(9)))%10
}

// recent keeps some of the last people, a few of whom come again: no more than three
// times in all, which is less than a limit on a person may be.
type recent struct{ list []comer }

type comer struct {
	person
	visits int
}

// again returns the index of a person who may return, or -1.
func (r *recent) again(c *crowd) int {
	if len(r.list) == 0 {
		return -1
	}
	i := c.IntN(len(r.list))
	if r.list[i].visits >= 3 {
		return -1
	}
	return i
}

func (r *recent) keep(c *crowd, p person) {
	if len(r.list) < 5000 {
		r.list = append(r.list, comer{p, 1})
		return
	}
	r.list[c.IntN(len(r.list))] = comer{p, 1}
}

// next returns the next person: in 8 of 100 cases a returning one, in 6 a relative of one
// before, otherwise a new one.
func (c *crowd) next(r *recent) person {
	n, known := c.IntN(100), r.again(c)
	if n < 8 && known >= 0 {
		r.list[known].visits++
		return r.list[known].person
	}
	p := c.person()
	if n < 14 && known >= 0 {
		p = c.relative(r.list[known].person)
	}
	r.keep(c, p)
	return p
}

// datesOf returns the births, of a year if one is given, for which a number of this
// region and sequence ends in this check digit.
func (c *crowd) datesOf(region, sequence string, check byte, year string) []string {
	return slices.DeleteFunc(slices.Clone(c.births), func(birth string) bool {
		return !strings.HasPrefix(birth, year) || complete(region + birth + sequence)[17] != check
	})
}

package main

import (
	"fmt"
	"strings"
	"time"
)

// person is a synthetic person with the verdict that is true of it: the one that every sandbox
// vendor gives when it is healthy.
type person struct{ number, name, truth string }

// personAt returns a person. Each n below 18 million has one of its own, so that no call can be
// answered from what another one found out.
func personAt(n int) person {
	birth := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n/999)
	number := fmt.Sprintf("110101%s%03d", birth.Format("20060102"), 1+n%999)
	number += checkDigit(number)
	switch {
	case n%20 == 7:
		return person{number, "无记录", "no_record"}
	case strings.ContainsAny(number[17:], "02468X"):
		return person{number, "张三", "match"}
	}
	return person{number, "张三", "mismatch"}
}

// checkDigit returns the last digit of a number by GB 11643.
func checkDigit(digits string) string {
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(digits[i]-'0')
	}
	return string("10X98765432"[sum%11])
}

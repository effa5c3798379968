package main

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// persons is how many people the requests are about, in turn.
const persons = 256

// person is a synthetic person with the verdict that is true of it.
type person struct {
	number, name string
	match        bool
}

// people returns the persons. Their names differ, so that no request looks like guessing.
func people() []person {
	family, first, second := []rune("张王李赵陈杨黄周"), []rune("伟芳敏静强磊洋勇"), []rune("明华国平")
	list := make([]person, persons)
	for n := range list {
		number := fmt.Sprintf("11010119%02d0101%03d", 50+n%40, n+1)
		number += checkDigit(number)
		name := string([]rune{family[n%8], first[n/8%8], second[n/64]})
		list[n] = person{number, name, matches(number)}
	}
	return list
}

// matches is what the mock vendor knows of the person with a number.
func matches(number string) bool { return strings.ContainsAny(number[17:], "02468X") }

// reference is the mock vendor's reference of each answer about a person. An answer about
// another person is found by it. It is of letters, since heyan shows no reference with digits
// that could be a person's.
func reference(number, name string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(number + name))
	text := h.Sum(nil)
	letters := make([]byte, 0, 2*len(text))
	for _, b := range text {
		letters = append(letters, 'a'+b>>4, 'a'+b&15)
	}
	return string(letters)
}

// checkDigit returns the last digit of a number by GB 11643.
func checkDigit(digits string) string {
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(digits[i]-'0')
	}
	return string("10X98765432"[sum%11])
}

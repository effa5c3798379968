//go:build race

package statement

const raceFactor = 4

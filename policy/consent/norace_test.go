//go:build !race

package consent_test

// raceDetector says that the tests run about ten times slower.
const raceDetector = false

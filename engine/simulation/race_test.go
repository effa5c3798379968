//go:build race

package simulation

// raceDetector says that the tests run about ten times slower.
const raceDetector = true

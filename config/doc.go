// Package config is the configuration file as data: its structs, their defaults,
// the strict reading of a YAML file with overrides from the environment, the
// rules a configuration must keep, and what is shown of it.
//
// It puts nothing together and opens nothing but the file itself; that is the
// work of config/assemble. A running program never reads this package on the way
// of a request: it loads once, validates, and on a change loads anew and swaps.
//
// Three promises:
//
//   - All faults are told at once, each with its path and what to do.
//   - What is not understood is an error. A misspelt key that is silently ignored
//     is a limit that does not hold or a vendor that is asked against orders.
//   - Secrets are references (env:NAME, file:PATH). No error, value or difference
//     that this package prints holds the value of a setting, since somebody will
//     one day write a secret where its reference belongs.
//
// Read [Config] first, then [Load] and [Validate].
package config

//go:build unix && !linux

package plugins

import "syscall"

// attributes puts the plugin into a group of its own: a Ctrl-C at the terminal is
// the host's affair. That it ends with the host is left to its lifeline.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

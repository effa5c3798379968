//go:build unix && !linux

package plugins

import "syscall"

// attributes gives the plugin a process group of its own, so that a Ctrl-C at the
// terminal reaches the host only. The lifeline ends the plugin with the host.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

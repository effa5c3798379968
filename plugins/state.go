package plugins

import "time"

// Phase is how a plugin is, in one word. The zero value is no plugin's.
type Phase string

// The phases of a plugin.
const (
	Starting   Phase = "starting"   // for the first time
	Ready      Phase = "ready"      // it answers
	Restarting Phase = "restarting" // its process is gone, the next one is on its way
	Failed     Phase = "failed"     // the last start failed; the next is tried at State.RetryAt
	Stopped    Phase = "stopped"    // for good
)

// State is how a plugin is, since when and why. It holds nothing personal and may
// be shown to anybody who may see the configuration.
type State struct {
	Phase    Phase
	Since    time.Time
	Reason   Reason    // why it is not ready, or why it was last started again
	Detail   string    // what was found, "" if there is no more to say
	RetryAt  time.Time // when the next start is tried; zero if none is due
	Restarts int       // starts after the first, as far as they succeeded
	PID      int       // of its process, 0 if there is none
	Version  string    // of its descriptor
	SHA256   string    // of the program that is executed, in hex
}

// Ready reports whether calls go through.
func (s State) Ready() bool { return s.Phase == Ready }

// Text returns the reason as a constant sentence, "" for none.
func (s State) Text() string { return s.Reason.What() }

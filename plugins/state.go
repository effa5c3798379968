package plugins

import (
	"fmt"
	"time"
)

// Reason is the machine-readable cause of a state, as used in metric labels and
// /readyz.
type Reason string

// The reasons. docs/plugin-states.md lists them with their remedies.
const (
	ReasonNone           Reason = ""
	ReasonSpec           Reason = "spec"            // the specification is invalid
	ReasonName           Reason = "name"            // two plugins have the same name
	ReasonMissing        Reason = "missing"         // the file does not exist
	ReasonNotAFile       Reason = "not_a_file"      // the path is a directory, a link or a device
	ReasonUnsafeFile     Reason = "unsafe_file"     // other users can modify the file
	ReasonNotExecutable  Reason = "not_executable"  // the file is not executable, or not on this machine
	ReasonUnpinned       Reason = "unpinned"        // no sha256 is configured
	ReasonChecksum       Reason = "checksum"        // the sum of the file differs from the configured one
	ReasonFolder         Reason = "folder"          // the private directory cannot be made
	ReasonStartExit      Reason = "start_exit"      // the process ended before it was ready
	ReasonStartTimeout   Reason = "start_timeout"   // the process was not ready in time
	ReasonHandshake      Reason = "handshake"       // the first line of output is not a handshake
	ReasonProtocol       Reason = "protocol"        // the protocol version differs
	ReasonConnection     Reason = "connection"      // the plugin does not answer on its socket
	ReasonDescriptor     Reason = "descriptor"      // the descriptor is invalid
	ReasonProduct        Reason = "product"         // the plugin does not serve the configured product
	ReasonVersion        Reason = "version"         // the plugin has another version than configured
	ReasonChanged        Reason = "changed"         // the new descriptor makes other promises
	ReasonSettings       Reason = "settings"        // the plugin rejects its settings
	ReasonCrashed        Reason = "crashed"         // the process ended
	ReasonHung           Reason = "hung"            // the plugin did not answer and was killed
	ReasonConnectionLost Reason = "connection_lost" // the plugin closed its connection and was killed
	ReasonStopped        Reason = "stopped"         // heyan stopped the plugin
)

// reasonText returns the fault and the remedy of a reason.
func reasonText(r Reason) (what, remedy string) {
	text, ok := map[Reason][2]string{
		ReasonSpec:           {"its configuration is invalid", "correct its entry in the configuration"},
		ReasonName:           {"another plugin has the same name", "give each plugin a unique name"},
		ReasonMissing:        {"the file does not exist", "correct the path or build the plugin"},
		ReasonNotAFile:       {"the path is a directory, a symbolic link or a device", "configure the path of the program itself"},
		ReasonUnsafeFile:     {"the file belongs to another user or is writable by everyone", "make root or the user that runs heyan its owner and run chmod o-w"},
		ReasonNotExecutable:  {"the file cannot be executed on this machine", "run chmod +x and build it for this system and processor"},
		ReasonUnpinned:       {"no sha256 is configured", "add the sha256 of the file to its entry in the configuration"},
		ReasonChecksum:       {"the file does not have the configured sha256", "if the change is intended, configure the new sum; otherwise find out who changed the file"},
		ReasonFolder:         {"the directory for its socket cannot be created", "give heyan a writable directory for temporary files with a short path"},
		ReasonStartExit:      {"the process ended before it was ready", "read its log; a plugin needs neither arguments nor environment variables"},
		ReasonStartTimeout:   {"the process was not ready in time", "let it serve before slow initialization, or raise the start timeout"},
		ReasonHandshake:      {"its first line of output is not the handshake", "print nothing to standard output; write logs to standard error"},
		ReasonProtocol:       {"it uses another version of the plugin protocol", "rebuild it with package plugins of this release of heyan; in another language, regenerate its code from this release's provider.proto"},
		ReasonConnection:     {"it does not answer on its socket", "serve gRPC with the certificates of the handshake"},
		ReasonDescriptor:     {"its descriptor is invalid", "correct the descriptor"},
		ReasonProduct:        {"it does not serve the configured product", "set use to the name of one of its products"},
		ReasonVersion:        {"it has another version than configured", "install the configured version, or configure this one"},
		ReasonChanged:        {"its new descriptor differs in what must not change while heyan runs", "restart heyan to accept the new service, recipient or promises"},
		ReasonSettings:       {"it rejects its settings", "correct the settings"},
		ReasonCrashed:        {"the process ended", "read its log; heyan restarts it"},
		ReasonHung:           {"it stopped answering and was killed", "read its log; heyan restarts it"},
		ReasonConnectionLost: {"it closed its connection and was killed", "read its log; heyan restarts it"},
		ReasonStopped:        {"heyan stopped it", "no action is needed"},
	}[r]
	if !ok {
		return "", ""
	}
	return text[0], text[1]
}

// What returns the reason as a constant sentence, "" for none.
func (r Reason) What() string { what, _ := reasonText(r); return what }

// Remedy returns the remedy as a constant sentence, "" for none.
func (r Reason) Remedy() string { _, remedy := reasonText(r); return remedy }

// Error says why a plugin cannot be used. It holds no personal data. Programs act on
// Reason.
type Error struct {
	Plugin string // the configured name
	Reason Reason
	Detail string // details, such as a sum or a version; may be ""
}

// Error returns "plugin NAME: fault (detail); remedy".
func (e *Error) Error() string {
	what, remedy := reasonText(e.Reason)
	if e.Detail != "" {
		what += " (" + e.Detail + ")"
	}
	return fmt.Sprintf("plugin %s: %s; %s", e.Plugin, what, remedy)
}

// Is reports whether target is an error of the same reason, so that
// errors.Is(err, &plugins.Error{Reason: plugins.ReasonChecksum}) works.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Reason == e.Reason && (other.Plugin == "" || other.Plugin == e.Plugin)
}

// Phase is the phase of a plugin. The zero value is not a phase.
type Phase string

// The phases of a plugin.
const (
	Starting   Phase = "starting"   // the first start is in progress
	Ready      Phase = "ready"      // accepts calls
	Restarting Phase = "restarting" // the process ended; a new one is starting
	Failed     Phase = "failed"     // the last start failed; State.RetryAt is the time of the next
	Stopped    Phase = "stopped"    // closed; final
)

// State is the state of a plugin, its time and its cause. It holds no personal data and
// may be shown to everyone who may see the configuration.
type State struct {
	Phase    Phase
	Since    time.Time
	Reason   Reason    // why the plugin is not ready, or why it was last restarted
	Detail   string    // details, such as a sum or an exit status; may be ""
	RetryAt  time.Time // time of the next start; zero if none is due
	Restarts int       // successful starts after the first
	PID      int       // process id, 0 if there is no process
	Version  string    // of the first product's descriptor
	SHA256   string    // of the executed program, in hex

	LogWithheld int64 // lines and attributes of its log that are not on the allowlist
}

// Ready reports whether the plugin accepts calls.
func (s State) Ready() bool { return s.Phase == Ready }

// Text returns the reason as a constant sentence, "" for none.
func (s State) Text() string { return s.Reason.What() }

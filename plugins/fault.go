package plugins

import "fmt"

// Reason is why a plugin is in the state it is in, as a word for programs: a label
// of a metric, a field of /readyz.
type Reason string

// The reasons. docs/plugins.md lists them with their remedies.
const (
	ReasonNone           Reason = ""
	ReasonSpec           Reason = "spec"            // the specification itself is not sound
	ReasonName           Reason = "name"            // two plugins have one name
	ReasonMissing        Reason = "missing"         // there is no file
	ReasonNotAFile       Reason = "not_a_file"      // it is a folder, a link or a device
	ReasonUnsafeFile     Reason = "unsafe_file"     // others can change it
	ReasonNotExecutable  Reason = "not_executable"  // it may not be executed, or not here
	ReasonUnpinned       Reason = "unpinned"        // no sha256 is configured
	ReasonChecksum       Reason = "checksum"        // it is another file than the configured one
	ReasonFolder         Reason = "folder"          // there is no place for its socket
	ReasonStartExit      Reason = "start_exit"      // it ended before it was ready
	ReasonStartTimeout   Reason = "start_timeout"   // it was not ready in time
	ReasonHandshake      Reason = "handshake"       // what it printed first is no handshake
	ReasonProtocol       Reason = "protocol"        // it speaks another version
	ReasonConnection     Reason = "connection"      // it does not answer on its socket
	ReasonDescriptor     Reason = "descriptor"      // what it says about itself is not sound
	ReasonVersion        Reason = "version"         // it is another version than the configured one
	ReasonChanged        Reason = "changed"         // its successor is another service
	ReasonSettings       Reason = "settings"        // it refuses its settings
	ReasonCrashed        Reason = "crashed"         // its process ended
	ReasonHung           Reason = "hung"            // it did not answer, and was ended
	ReasonConnectionLost Reason = "connection_lost" // it closed its socket, and was ended
	ReasonStopped        Reason = "stopped"         // it was closed by heyan
)

// wording is what is said of a reason: what is wrong, and what to do.
func reasonText(r Reason) (what, remedy string) {
	text, ok := map[Reason][2]string{
		ReasonSpec:           {"it is not specified well", "correct its entry in the configuration"},
		ReasonName:           {"there is another plugin with this name", "give each plugin a name of its own"},
		ReasonMissing:        {"there is no file at its path", "correct the path, or build the plugin"},
		ReasonNotAFile:       {"its path is a folder, a symbolic link or a device", "give the path of the program itself"},
		ReasonUnsafeFile:     {"its file belongs to somebody else, or everybody may change it", "let it belong to root or to the user that runs heyan, and run chmod o-w"},
		ReasonNotExecutable:  {"it cannot be executed on this machine", "run chmod +x, and build it for this system and processor"},
		ReasonUnpinned:       {"no sha256 is configured for it", "add the sha256 of its file to its entry in the configuration"},
		ReasonChecksum:       {"its file is not the one whose sha256 is configured", "if it was changed on purpose, configure the new sum; else find out who changed it"},
		ReasonFolder:         {"there is no place for its socket", "give heyan a folder for temporary files that it can write to, with a short path"},
		ReasonStartExit:      {"it ended before it was ready", "read what it logged; it needs no arguments and no environment of its own"},
		ReasonStartTimeout:   {"it was not ready in time", "let it serve first and do slow things later, or allow it more time"},
		ReasonHandshake:      {"the first line that it printed is not the handshake", "let it print nothing to its standard output before; logs belong on the standard error"},
		ReasonProtocol:       {"it speaks another version of the plugin protocol", "build it against this version of heyan"},
		ReasonConnection:     {"it does not answer on its socket", "let it serve gRPC with the certificates of the handshake"},
		ReasonDescriptor:     {"its descriptor is not sound", "correct what it describes"},
		ReasonVersion:        {"it is another version than the configured one", "install that version, or configure this one"},
		ReasonChanged:        {"its successor is another service", "a swap keeps the service, who receives the data and what is promised; restart heyan to take it all the same"},
		ReasonSettings:       {"it refuses its settings", "correct its settings"},
		ReasonCrashed:        {"its process ended", "read what it logged; it is being started again"},
		ReasonHung:           {"it stopped answering and was ended", "read what it logged; it is being started again"},
		ReasonConnectionLost: {"it closed its connection and was ended", "read what it logged; it is being started again"},
		ReasonStopped:        {"it was closed", "nothing; heyan closed it"},
	}[r]
	if !ok {
		return "", ""
	}
	return text[0], text[1]
}

// What returns the reason as a constant sentence, "" for none.
func (r Reason) What() string { what, _ := reasonText(r); return what }

// Remedy returns what helps, as a constant sentence, "" for none.
func (r Reason) Remedy() string { _, remedy := reasonText(r); return remedy }

// Error is why a plugin cannot be used. It is about programs and files, never about
// a person. Act on Reason.
type Error struct {
	Plugin string // the configured name
	Reason Reason
	Detail string // what was found, as a sum or a version; "" if there is no more to say
}

// Error returns "plugin NAME: what is wrong (detail); what to do".
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

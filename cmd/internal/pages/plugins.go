package pages

import "github.com/heyan-id/heyan/plugins"

// pluginReasons lists the reasons why a plugin is not ready, in the order in which they
// occur: before, during and after its start. A test compares the list with the code.
func pluginReasons() []plugins.Reason {
	return []plugins.Reason{
		plugins.ReasonSpec, plugins.ReasonName, plugins.ReasonMissing, plugins.ReasonNotAFile, plugins.ReasonUnsafeFile,
		plugins.ReasonNotExecutable, plugins.ReasonUnpinned, plugins.ReasonChecksum, plugins.ReasonFolder,
		plugins.ReasonStartExit, plugins.ReasonStartTimeout, plugins.ReasonHandshake, plugins.ReasonProtocol,
		plugins.ReasonConnection, plugins.ReasonDescriptor, plugins.ReasonProduct, plugins.ReasonVersion, plugins.ReasonChanged, plugins.ReasonSettings,
		plugins.ReasonCrashed, plugins.ReasonHung, plugins.ReasonConnectionLost, plugins.ReasonStopped,
	}
}

// pluginPhases lists the phases and their effect on calls and readiness.
func pluginPhases() [][]string {
	phase := func(p plugins.Phase, means, calls, ready string) []string {
		return []string{code(string(p)), means, calls, ready}
	}
	return [][]string{
		phase(plugins.Starting, "the first start is in progress", "are not made yet", "the daemon is still starting"),
		phase(plugins.Ready, "the plugin responds", "are made", "ready"),
		phase(plugins.Restarting, "the process ended and the next one is being started",
			"wait for a moment, then fail as `unavailable` with `not_sent`", "ready: other providers are called"),
		phase(plugins.Failed, "the last start failed; the next attempt is at `retry_at`",
			"fail as `unavailable` with `not_sent`", "503 with `plugin_failed`"),
		phase(plugins.Stopped, "heyan stopped it permanently", "fail as `unavailable` with `not_sent`", "the daemon is stopping"),
	}
}

// pluginStates prints docs/plugin-states.md.
func pluginStates() []byte {
	p := newPage("Plugin states")
	p.line("`/readyz`, `GET /v1/providers`, the metrics, the log and `heyan provider list --config` report the state of a plugin: its " +
		"`phase`, the time of its last change, and the `reason`. Programs act on these words, never on a text. [plugins.md](plugins.md) is the guide.")
	p.line("## Phases")
	p.table([]string{"phase", "meaning", "calls", "`/readyz`"}, pluginPhases())
	p.line("## Reasons")
	p.line("Why a plugin is not usable, or why it was last restarted. The daemon does not start if a configured plugin is not usable. " +
		"After the start, heyan keeps trying to restart a failed plugin.")
	var rows [][]string
	for _, r := range pluginReasons() {
		rows = append(rows, []string{code(string(r)), r.What(), r.Remedy()})
	}
	p.table([]string{"reason", "cause", "remedy"}, rows)
	return p.done()
}

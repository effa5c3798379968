package pages

import "github.com/heyan-id/heyan/plugins"

// pluginReasons lists why a plugin is not ready, in the order of its life: before it
// is started, while it is, and afterwards. The test compares it with the code.
func pluginReasons() []plugins.Reason {
	return []plugins.Reason{
		plugins.ReasonSpec, plugins.ReasonName, plugins.ReasonMissing, plugins.ReasonNotAFile, plugins.ReasonUnsafeFile,
		plugins.ReasonNotExecutable, plugins.ReasonUnpinned, plugins.ReasonChecksum, plugins.ReasonFolder,
		plugins.ReasonStartExit, plugins.ReasonStartTimeout, plugins.ReasonHandshake, plugins.ReasonProtocol,
		plugins.ReasonConnection, plugins.ReasonDescriptor, plugins.ReasonVersion, plugins.ReasonChanged, plugins.ReasonSettings,
		plugins.ReasonCrashed, plugins.ReasonHung, plugins.ReasonConnectionLost, plugins.ReasonStopped,
	}
}

// pluginPhases lists the states with what they mean for calls and for readiness.
func pluginPhases() [][]string {
	phase := func(p plugins.Phase, means, calls, ready string) []string {
		return []string{code(string(p)), means, calls, ready}
	}
	return [][]string{
		phase(plugins.Starting, "it is being started for the first time", "none come yet", "the daemon is not up yet"),
		phase(plugins.Ready, "it answers", "go through", "ready"),
		phase(plugins.Restarting, "its process is gone, the next one is on its way",
			"wait for a moment, then fail as `unavailable` with `not_sent`", "ready: other providers are asked"),
		phase(plugins.Failed, "the last start failed; the next is tried at `retry_at`",
			"fail as `unavailable` with `not_sent`", "503 with `plugin_failed`"),
		phase(plugins.Stopped, "heyan closed it, for good", "fail as `unavailable` with `not_sent`", "the daemon is stopping"),
	}
}

// pluginStates prints docs/plugin-states.md.
func pluginStates() []byte {
	p := newPage("States of a plugin")
	p.line("`/readyz`, `GET /v1/providers`, the metrics, the log and `heyan provider list --config` tell how a plugin is: its `phase`, since " +
		"when, and the `reason`. Programs act on these words, never on a text. [plugins.md](plugins.md) is the guide.")
	p.line("## Phases")
	p.table([]string{"phase", "meaning", "calls", "`/readyz`"}, pluginPhases())
	p.line("## Reasons")
	p.line("Why a plugin cannot be used, or why it was last started again. One that cannot be used when the daemon starts ends the " +
		"daemon: what is configured must be there. Later heyan goes on trying.")
	var rows [][]string
	for _, r := range pluginReasons() {
		rows = append(rows, []string{code(string(r)), r.What(), r.Remedy()})
	}
	p.table([]string{"reason", "what is wrong", "what to do"}, rows)
	return p.done()
}

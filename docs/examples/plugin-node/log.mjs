// Logs to the host: one JSON object per line on standard error. The host adds the
// time and the plugin's name. Never log a claim, a body, or the message of an error,
// which may quote one. Log in English: the host masks all other text.

export function log(level, msg, members = {}) {
  process.stderr.write(`${JSON.stringify({ level, msg, ...members })}\n`);
}

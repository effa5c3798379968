// Logs to the host: one JSON object on a line of the standard error. The host reads
// these three members with an "@" and passes the others on. Never log a claim, a
// body or the message of an error that could quote one.

export function log(level, message, members = {}) {
  const line = { '@level': level, '@message': message, '@timestamp': timestamp(), ...members };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

/** The host wants microseconds, a Date has milliseconds. */
function timestamp() {
  return new Date().toISOString().replace('Z', '000Z');
}

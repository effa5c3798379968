// Serves a provider to the host that started this process. Every heyan plugin needs
// this, whatever its vendor; docs/plugin-protocol.md gives the reasons.

import { chmodSync, rmSync } from 'node:fs';
import { Console } from 'node:console';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { makeCertificate, toPEM } from './cert.mjs';
import { log } from './log.mjs';

const COOKIE = 'heyan.provider.v1'; // the value of HEYAN_PLUGIN, the same for all versions of the protocol
const CORE_VERSION = 1; // of go-plugin's handshake
const PROTOCOL_VERSION = 2; // of heyan/provider/v2
const MAX_MESSAGE = 1 << 20; // bytes
const LAST_CALLS = 200; // milliseconds for the calls in flight at the end; the host waits 300

// Outside of heyan's repository, put a copy of the file beside this one.
const PROTOCOL = '../../../plugins/proto/heyan/provider/v2/provider.proto';

/** Serves the functions, each from a request to its response, until the host is done. */
export async function serve(functions) {
  checkHost();
  protectOutput();
  const protocol = load();
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MAX_MESSAGE,
    'grpc.max_send_message_length': MAX_MESSAGE,
  });
  const socket = place();
  const end = ender(server);
  server.addService(protocol['heyan.provider.v2.Provider'], guarded(functions));
  server.addService(protocol['grpc.health.v1.Health'], guarded({ Check: health }));
  server.addService(protocol['plugin.GRPCController'], guarded({ Shutdown: () => (setImmediate(end), {}) }));
  process.on('SIGTERM', end);
  process.on('SIGINT', () => {}); // a Ctrl-C at the terminal is for the host
  followHost(end);

  const { key, certificate } = makeCertificate();
  await bind(server, socket, key, certificate);
  chmodSync(socket, 0o600);
  writeHandshake(socket, certificate);
}

/**
 * The cookie is not secret: it tells the host from a person at a terminal. The host's
 * versions are not checked: the handshake announces the one version of this plugin.
 */
function checkHost() {
  if (process.env.HEYAN_PLUGIN !== COOKIE) {
    console.error('This program is a heyan plugin. heyan starts it. To check it by hand, run\n\theyan provider check ./mirrorcert');
    process.exit(64);
  }
  if (!process.env.PLUGIN_CLIENT_CERT) fail('PLUGIN_CLIENT_CERT: no certificate; this plugin serves authenticated hosts only');
  if (!process.env.PLUGIN_UNIX_SOCKET_DIR) fail('PLUGIN_UNIX_SOCKET_DIR: no folder for the socket');
}

function fail(why) {
  log('error', why);
  process.exit(1);
}

/** Standard output is reserved for the handshake, and the message of an error may quote a claim. */
function protectOutput() {
  globalThis.console = new Console(process.stderr);
  process.on('uncaughtException', (error) => {
    log('error', 'plugin crashed', { kind: kindOf(error) });
    process.exit(1);
  });
}

function load() {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const files = [PROTOCOL, 'proto/health.proto', 'proto/controller.proto'].map((file) => join(here, file));
  return loadSync(files, { enums: String, longs: Number, defaults: true });
}

/** Wraps handlers so that an error fails one call and reveals no claim. */
function guarded(functions) {
  return Object.fromEntries(Object.entries(functions).map(([name, answer]) => [name, (call, callback) => {
    try {
      callback(null, answer(call.request));
    } catch (error) {
      log('error', 'call failed', { method: name, kind: kindOf(error) });
      callback({ code: grpc.status.INTERNAL, details: 'the adapter failed' });
    }
  }]));
}

function kindOf(error) {
  return error instanceof Error ? error.constructor.name : typeof error;
}

function health({ service }) {
  return { status: service === '' || service === 'plugin' ? 'SERVING' : 'SERVICE_UNKNOWN' };
}

/** Returns the socket's path: directly in the host's folder, which only its user can enter. */
function place() {
  const socket = join(process.env.PLUGIN_UNIX_SOCKET_DIR, `plugin${process.pid}`);
  process.on('exit', () => rmSync(socket, { force: true }));
  return socket;
}

/** Returns a function that ends the process after the calls in flight. */
function ender(server) {
  return () => {
    server.tryShutdown(() => process.exit(0));
    setTimeout(() => process.exit(0), LAST_CALLS);
  };
}

/** Ends with the host, however it ends: standard input closes, or the parent process changes. */
function followHost(end) {
  if (process.env.HEYAN_PLUGIN_LIFELINE === 'stdin') {
    process.stdin.on('end', end).on('error', end).resume();
  }
  const host = process.ppid;
  setInterval(() => process.ppid === host || end(), 500).unref();
}

/** Accepts only the holder of the key of PLUGIN_CLIENT_CERT. */
function bind(server, socket, key, certificate) {
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(toPEM(certificate)) };
  const credentials = grpc.ServerCredentials.createSsl(Buffer.from(process.env.PLUGIN_CLIENT_CERT), [pair], true);
  return new Promise((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, credentials, (error) => (error ? reject(error) : resolve()));
  });
}

/** Writes the handshake: the socket and the certificate in base64 without padding. */
function writeHandshake(socket, certificate) {
  const encoded = certificate.toString('base64').replace(/=+$/, '');
  process.stdout.write(`${[CORE_VERSION, PROTOCOL_VERSION, 'unix', socket, 'grpc', encoded].join('|')}\n`);
}

// Serves a provider to the host that started this process: what every plugin of
// heyan does, whichever vendor it is for. docs/plugin-protocol.md has the whys.

import { chmodSync, rmSync } from 'node:fs';
import { Console } from 'node:console';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { makeCertificate, toPEM } from './cert.mjs';
import { log } from './log.mjs';

const COOKIE = 'heyan.provider.v1'; // the value of HEYAN_PLUGIN
const CORE_VERSION = 1; // of go-plugin's handshake
const PROTOCOL_VERSION = 1; // of heyan/provider/v1
const MAX_MESSAGE = 1 << 20; // bytes
const LAST_CALLS = 200; // milliseconds for the calls in flight at the end; the host waits 300

// Outside of heyan's repository, put a copy of the file beside this one.
const PROTOCOL = '../../../plugins/proto/heyan/provider/v1/provider.proto';

/** Serves the functions, each from a request to its response, until the host is done. */
export async function serve(functions) {
  refuseStrangers();
  keepQuiet();
  const protocol = load();
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MAX_MESSAGE,
    'grpc.max_send_message_length': MAX_MESSAGE,
  });
  const socket = place();
  const end = ender(server);
  server.addService(protocol['heyan.provider.v1.Provider'], guarded(functions));
  server.addService(protocol['grpc.health.v1.Health'], guarded({ Check: health }));
  server.addService(protocol['plugin.GRPCController'], guarded({ Shutdown: () => (setImmediate(end), {}) }));
  process.on('SIGTERM', end);
  process.on('SIGINT', () => {}); // a Ctrl-C at the terminal is the host's affair
  followHost(end);

  const { key, certificate } = makeCertificate();
  await bind(server, socket, key, certificate);
  chmodSync(socket, 0o600);
  shakeHands(socket, certificate);
}

/**
 * The cookie is no secret: it tells the host from a person at a terminal. The versions
 * of the host are not looked at: we speak one, and the handshake tells which.
 */
function refuseStrangers() {
  if (process.env.HEYAN_PLUGIN !== COOKIE) {
    console.error('This is a plugin of heyan. heyan starts it; by hand try\n\theyan provider check ./mirrorcert');
    process.exit(64);
  }
  if (!process.env.PLUGIN_CLIENT_CERT) fail('the host sent no certificate, and this plugin serves nobody unknown');
  if (!process.env.PLUGIN_UNIX_SOCKET_DIR) fail('the host gave no folder for the socket');
}

function fail(why) {
  log('error', why);
  process.exit(1);
}

/** The standard output belongs to the handshake, and the last words of an error may quote a claim. */
function keepQuiet() {
  globalThis.console = new Console(process.stderr);
  process.on('uncaughtException', (error) => {
    log('error', 'the plugin broke down', { kind: kindOf(error) });
    process.exit(1);
  });
}

function load() {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const files = [PROTOCOL, 'proto/health.proto', 'proto/controller.proto'].map((file) => join(here, file));
  return loadSync(files, { enums: String, longs: Number, defaults: true });
}

/** Makes handlers whose errors fail one call and tell nothing of the person. */
function guarded(functions) {
  return Object.fromEntries(Object.entries(functions).map(([name, answer]) => [name, (call, callback) => {
    try {
      callback(null, answer(call.request));
    } catch (error) {
      log('error', 'a call failed', { method: name, kind: kindOf(error) });
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

/** Returns where to listen: directly in the host's folder, which only its user can enter. */
function place() {
  const socket = join(process.env.PLUGIN_UNIX_SOCKET_DIR, `plugin${process.pid}`);
  process.on('exit', () => rmSync(socket, { force: true }));
  return socket;
}

/** Returns what ends the process soon, after the calls in flight. */
function ender(server) {
  return () => {
    server.tryShutdown(() => process.exit(0));
    setTimeout(() => process.exit(0), LAST_CALLS);
  };
}

/** Ends when the host dies, however it dies: its end of our input closes, or we get another parent. */
function followHost(end) {
  if (process.env.HEYAN_PLUGIN_LIFELINE === 'stdin') {
    process.stdin.on('end', end).on('error', end).resume();
  }
  const host = process.ppid;
  setInterval(() => process.ppid === host || end(), 500).unref();
}

/** Only the holder of the key of PLUGIN_CLIENT_CERT gets in. */
function bind(server, socket, key, certificate) {
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(toPEM(certificate)) };
  const credentials = grpc.ServerCredentials.createSsl(Buffer.from(process.env.PLUGIN_CLIENT_CERT), [pair], true);
  return new Promise((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, credentials, (error) => (error ? reject(error) : resolve()));
  });
}

/** Tells the host where we listen and by which certificate it knows us: base64 without padding. */
function shakeHands(socket, certificate) {
  const encoded = certificate.toString('base64').replace(/=+$/, '');
  process.stdout.write(`${[CORE_VERSION, PROTOCOL_VERSION, 'unix', socket, 'grpc', encoded].join('|')}\n`);
}

// The Node.js client of heyan's REST API: one file without dependencies, for Node.js 18 or newer.
//
// A Heyan repeats what may be repeated: a request that found heyan busy, or whose response was lost. Every try of a
// verification has the same idempotency key, so heyan makes at most one verification of them and charges for one.
//
// Each error is a HeyanError: a Problem, by which heyan says why it did not process the request; a ResponseError, for a
// response that the API does not document; a TransportError; or a DeadlineError. A wrong argument is a TypeError.

import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { inspect } from 'node:util';

const maxResponse = 1 << 20; // bytes of a body
const firstPause = 200; // ms between tries without a Retry-After, at most; it doubles with each
const maxPause = 5000;
const problemPrefix = 'urn:heyan:problem:';

/** What a source says about the claims. A verdict that this client does not know becomes undetermined. */
export const Verdict = Object.freeze({
  UNDETERMINED: 'undetermined',
  MATCH: 'match',
  MISMATCH: 'mismatch',
  NO_RECORD: 'no_record',
  MISMATCH_OR_NO_RECORD: 'mismatch_or_no_record',
});

/** An operation failed. Its idempotencyKey is that of a verification, also if the client made it. Unless the error is a
 * Problem, repeat the verification with this key to get its result: another key may pay for a second call. */
export class HeyanError extends Error {
  idempotencyKey = '';
  tries = 0;

  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** heyan's reason for not processing a request (RFC 9457). It holds no personal data. */
export class Problem extends HeyanError {
  constructor(status, body, retryAfter) {
    const type = body.type.slice(problemPrefix.length);
    super(`${type} (status ${status}): ${body.detail ?? ''}`);
    this.type = type;
    this.status = status;
    this.title = body.title ?? '';
    this.detail = body.detail ?? '';
    this.errors = Array.isArray(body.errors) ? body.errors : [];
    this.rules = Array.isArray(body.rules) ? body.rules : [];
    this.verification = body.verification ?? '';
    this.retryAfter = retryAfter; // in seconds
  }
}

/** A response that the API does not document: from a proxy, damaged, without a verdict, or too large. */
export class ResponseError extends HeyanError {
  constructor(status, reason, retryAfter = 0) {
    super(`the response (status ${status}) is not one of heyan: ${reason}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The connection failed. heyan may have processed the request. */
export class TransportError extends HeyanError {}

/** No response arrived in time. heyan may have processed the request. */
export class DeadlineError extends TransportError {}

/** The claims of a person. Give those that the check compares. It prints without them, also as JSON. */
export class Subject {
  #claims;

  constructor({ name, id_number, document, mobile, bank_card }) {
    this.#claims = { name, id_number, document, mobile, bank_card };
  }

  toString() { return 'Subject(***)'; }
  toJSON() { return '***'; }
  [inspect.custom]() { return 'Subject(***)'; }

  /** The claims in clear, to be sent. Never put them into an error, a log or a URL. */
  static reveal(subject) {
    if (!(subject instanceof Subject)) throw new TypeError('subject: must be a Subject');
    return subject.#claims;
  }
}

/** Calls heyan. */
export class Heyan {
  #base;
  #key;
  #fetch;
  #timeoutMs;
  #tryTimeoutMs;

  /** timeoutMs bounds a method with all its tries, tryTimeoutMs one request. allowPlainHttp allows an http URL for a host
   * that is not a loopback address, where a proxy or mesh encrypts. */
  constructor({ baseUrl, key = '', timeoutMs = 30_000, tryTimeoutMs = 15_000, allowPlainHttp = false, fetch = globalThis.fetch }) {
    this.#base = checkUrl(baseUrl, allowPlainHttp);
    if (!/^[!-~]*$/.test(key)) throw new TypeError('key: has a space or a character that is not ASCII; remove it');
    if (!(timeoutMs > 0) || !(tryTimeoutMs > 0)) throw new TypeError('timeoutMs and tryTimeoutMs: must be positive numbers');
    this.#key = key;
    this.#timeoutMs = timeoutMs;
    this.#tryTimeoutMs = tryTimeoutMs;
    this.#fetch = fetch;
  }

  /** Makes a verification. A verdict of undetermined has a reason. Give an idempotency_key of your own, such as an order
   * number, if your program may repeat the request after a restart. */
  async verify({ idempotency_key, ...request }) {
    const key = idempotency_key || randomUUID();
    if (!/^[ -~]{1,255}$/.test(key)) throw new TypeError('idempotency_key: must have 1 to 255 ASCII characters');
    return verificationOf(await this.#call('POST', '/v1/verifications', { body: requestOf(request), key, required: 'verdict' }));
  }

  /** Returns the providers that a verification would call. It calls none and costs nothing. */
  async explain(request) {
    return this.#call('POST', '/v1/verifications:explain', { body: requestOf(request), required: 'steps' });
  }

  /** Returns a stored verification. */
  async verification(id) {
    return verificationOf(await this.#call('GET', `/v1/verifications/${checkId(id)}`, { required: 'verdict' }));
  }

  /** Stores a draft and returns it with the text to show. A draft whose response is lost is not repeated. */
  async draftConsent(draft) {
    return hideText(await this.#call('POST', '/v1/consents', { body: requestOf(draft), required: 'id', repeatable: false }));
  }

  /** Records that the text is shown to the person now. */
  async presentConsent(id) { return this.#change(id, 'present'); }

  /** Records that the person agreed to the text. */
  async giveConsent(id, { text_hash, action }) { return this.#change(id, 'give', { text_hash, action }); }

  /** Records that the person refused. */
  async refuseConsent(id) { return this.#change(id, 'refuse'); }

  /** Records that the person withdrew the consent. No call uses it afterwards. */
  async withdrawConsent(id) { return this.#change(id, 'withdraw'); }

  /** Returns the balance of each provider. The key needs the scope ledger. */
  async balances() { return (await this.#call('GET', '/v1/ledger/balance', { required: 'providers' })).providers; }

  /** Returns the providers in the order of the configuration. The key needs the scope admin. */
  async providers() { return (await this.#call('GET', '/v1/providers', { required: 'providers' })).providers; }

  #change(id, action, body) {
    return this.#call('POST', `/v1/consents/${checkId(id)}:${action}`, { body, required: 'id', repeatable: action === 'withdraw' });
  }

  /** Sends a request until it has an answer. A repeatable request does no harm if it is processed twice. */
  async #call(method, path, { body, key, required, repeatable = true }) {
    const headers = { accept: 'application/json', 'user-agent': 'heyan-node' };
    if (this.#key) headers.authorization = `Bearer ${this.#key}`;
    if (key) headers['idempotency-key'] = key;
    if (body) headers['content-type'] = 'application/json';
    const request = { method, headers, body: body && JSON.stringify(body), redirect: 'manual' };
    const end = performance.now() + this.#timeoutMs;
    for (let tries = 1; ; tries++) {
      try {
        return answerOf(await this.#try(path, request, end), required);
      } catch (e) {
        if (!(e instanceof HeyanError)) throw e;
        Object.assign(e, { idempotencyKey: key ?? '', tries });
        const backOff = Math.random() * Math.min(maxPause, firstPause * 2 ** (tries - 1));
        const pause = Math.max((e.retryAfter ?? 0) * 1000, backOff);
        if (!again(e, repeatable) || pause >= end - performance.now()) throw e;
        await new Promise((done) => setTimeout(done, pause));
      }
    }
  }

  async #try(path, request, end) {
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(Math.min(end - performance.now(), this.#tryTimeoutMs))));
    try {
      const response = await this.#fetch(this.#base + path, { ...request, signal });
      return { status: response.status, retryAfter: retryAfter(response.headers.get('retry-after')), text: await read(response) };
    } catch (e) {
      if (signal.aborted) throw new DeadlineError('no response in time', { cause: e });
      throw new TransportError(`the connection failed: ${e.cause?.code ?? e.name}`, { cause: e });
    }
  }
}

/** Reads at most maxResponse bytes; null if there are more. */
async function read(response) {
  const parts = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > maxResponse) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Returns the answer of a response, or throws what it says. */
function answerOf({ status, retryAfter, text }, required) {
  if (text === null) throw new ResponseError(status, 'it is larger than 1 MiB');
  const body = parse(text);
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (status !== 200 && status !== 201) {
    if (isObject && typeof body.type === 'string' && body.type.startsWith(problemPrefix)) throw new Problem(status, body, retryAfter);
    throw new ResponseError(status, 'it is neither an answer nor a problem; a proxy may have sent it', retryAfter);
  }
  if (!isObject) throw new ResponseError(status, 'it is not a JSON object');
  const value = Object.hasOwn(body, required) ? body[required] : undefined;
  const isList = required === 'steps' || required === 'providers';
  if (isList ? !Array.isArray(value) : typeof value !== 'string') throw new ResponseError(status, `it has no ${required}`);
  return body;
}

function parse(text) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text));
  } catch {
    return undefined;
  }
}

/** Reports whether another try may succeed and does no harm. */
function again(e, repeatable) {
  if (e instanceof Problem) {
    if (e.type === 'idempotency_in_progress' || e.type === 'result_unconfirmed') return repeatable;
    return e.status === 429 || e.status === 503;
  }
  if (e instanceof ResponseError) return repeatable && (e.status === 429 || e.status === 503);
  return repeatable && !/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(e.cause?.cause?.code ?? '');
}

function verificationOf(answer) {
  answer.verdict = known(answer.verdict);
  if (answer.verdict === Verdict.UNDETERMINED) answer.reason ||= 'unknown';
  for (const attempt of Array.isArray(answer.attempts) ? answer.attempts : []) attempt.verdict = known(attempt.verdict);
  return answer;
}

function known(verdict) {
  return Object.values(Verdict).includes(verdict) ? verdict : Verdict.UNDETERMINED;
}

/** Keeps the text, which holds name and number, out of what prints or encodes the consent. */
function hideText(consent) {
  return Object.defineProperty(consent, 'text', { enumerable: false });
}

function requestOf({ subject, ...members }) {
  return { ...members, subject: Subject.reveal(subject) };
}

function checkId(id) {
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(id)) throw new TypeError('id: must have 1 to 200 letters, digits, hyphens or underscores');
  return id;
}

function retryAfter(text) {
  if (/^[0-9]{1,9}$/.test(text ?? '')) return Number(text);
  return Math.max(0, (Date.parse(text) - Date.now()) / 1000) || 0;
}

/** Returns the base URL without a slash at its end. Errors do not repeat it, since it may hold a password. */
function checkUrl(text, allowPlainHttp) {
  const url = tryUrl(text);
  if (!url || !['https:', 'http:'].includes(url.protocol) || !url.hostname) {
    throw new TypeError('baseUrl: must be an https URL with a host, such as https://heyan.example.com:8080');
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError('baseUrl: must have no user, query or fragment; give the key as key');
  }
  if (url.protocol === 'http:' && !allowPlainHttp && !loopback(url.hostname)) {
    throw new TypeError('baseUrl: http would send the key in clear; use https, or allowPlainHttp where a proxy or mesh encrypts');
  }
  return url.href.replace(/\/+$/, '');
}

function tryUrl(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function loopback(host) {
  return host === 'localhost' || host === '[::1]' || isIP(host) === 4 && host.startsWith('127.');
}

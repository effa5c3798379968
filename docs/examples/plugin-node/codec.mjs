// The vendor mirrorcert, which is made up: how it is asked and what it answers.
// Every function here is pure: no clock, no network, no file, no state, no log.
//
// It is asked by GET /v2/compare?number=…&name=…&channel=… and answers
//
//   {"result":"same","serial":"mc-7f3a","person":{"name":"测*","number":"1101**********005X"}}

import { parseStrict } from './json.mjs';

const MANUAL = "the made-up vendor's manual, section 3";

/** What each result means. Only a result that stands here exactly is believed. */
const CODES = [
  verdict('same', 'VERDICT_MATCH', 'CHARGE_CHARGED', 'name and number agree'),
  verdict('different', 'VERDICT_MISMATCH', 'CHARGE_CHARGED', 'name and number do not agree'),
  verdict('absent', 'VERDICT_NO_RECORD', 'CHARGE_NOT_CHARGED', 'the register has no such number'),
  failure('bad_name', 'FAILURE_CLASS_INVALID_INPUT', 'FIELD_NAME', 'the form of the name is wrong'),
  failure('bad_number', 'FAILURE_CLASS_INVALID_INPUT', 'FIELD_ID_NUMBER', 'the form of the number is wrong'),
  failure('closed', 'FAILURE_CLASS_MAINTENANCE', 'FIELD_UNSPECIFIED', 'the vendor is in maintenance'),
];

function verdict(code, verdict, charge, text) {
  return { layer: 'vendor', code, verdict, sent: 'SENT_ANSWERED', charge, text, source: MANUAL };
}

function failure(code, failure, field, text) {
  return {
    layer: 'vendor', code, failure, field, sent: 'SENT_ANSWERED', charge: 'CHARGE_NOT_CHARGED', text, source: MANUAL,
  };
}

const CHANNEL = /^[a-z0-9]{1,16}$/;

const DESCRIPTOR = {
  name: 'mirrorcert',
  version: '1.0.0',
  title: 'mirrorcert, a made-up vendor (an example in Node.js)',
  checks: ['CHECK_ID_NAME'],
  documents: ['resident18', 'hkmo_residence', 'tw_residence'],
  fidelity: 'FIDELITY_THREE_WAY',
  source: 'none: this vendor is an example',
  recipient: 'Mirrorcert Example Ltd.',
  schemes: ['appcode'],
  settings: [
    { name: 'base_url', help: "the vendor's address", default: 'https://mirrorcert.example' },
    { name: 'appcode', help: 'the key; the host keeps it and signs with it', secret: true },
    { name: 'channel', help: 'who asks, as agreed with the vendor: 1 to 16 of a-z and 0-9', default: 'web' },
  ],
  prices: [{ units: 1000, total: { micros: 50_000_000, currency: 'CNY' } }],
  codes: CODES,
};

/** Returns the visiting card. */
export function describe() {
  return DESCRIPTOR;
}

/** Lists what is wrong with the settings. A text never repeats a value. */
export function validateSettings(settings) {
  if (settings.channel === undefined || CHANNEL.test(settings.channel)) return [];
  return [{ setting: 'channel', text: 'must be 1 to 16 characters of a-z and 0-9' }];
}

/** Turns a question into a call, or says why it cannot be asked. */
export function encode(query, settings) {
  const { checks, documents } = DESCRIPTOR;
  if (!checks.includes(query.check) || (query.document !== '' && !documents.includes(query.document))) {
    return refuse('FAILURE_CLASS_UNSUPPORTED');
  }
  const person = query.subject ?? {};
  if (!person.name) return refuse('FAILURE_CLASS_INVALID_INPUT', { code: 'empty', field: 'FIELD_NAME' });
  if (!person.idNumber) return refuse('FAILURE_CLASS_INVALID_INPUT', { code: 'empty', field: 'FIELD_ID_NUMBER' });
  return {
    call: {
      method: 'GET',
      path: '/v2/compare',
      query: [
        { name: 'number', value: person.idNumber },
        { name: 'name', value: person.name },
        { name: 'channel', value: settings.channel ?? 'web' },
      ],
    },
  };
}

/** A failure before anything was sent. */
function refuse(failure, more) {
  return { failure: { failure, origin: 'ORIGIN_ENGINE', sent: 'SENT_NOT_SENT', charge: 'CHARGE_NOT_CHARGED', ...more } };
}

/** Turns a reply into an answer, or says why there is none. */
export function decode(query, reply) {
  if (reply.status !== 200) return byStatus(reply);
  const body = parseStrict(reply.body);
  if (!isObject(body)) return garbled('not one strict JSON object');
  if (typeof body.result !== 'string') return garbled('no result');
  const vendorRef = safeRef(body.serial, query.subject);
  const row = CODES.find(({ code }) => code === body.result);
  if (row === undefined) {
    return unanswered({ code: safeCode(body.result), ref: vendorRef, detail: 'a result that the table does not list' });
  }
  if (row.verdict === undefined) {
    const { failure, field, sent, charge, code } = row;
    return unanswered({ failure, field, sent, charge, code, ref: vendorRef });
  }
  if (!isAbout(query.subject, body.person)) return garbled('the answer does not show that it is about the person asked for');
  return { answer: { verdict: row.verdict, charge: row.charge, vendorCode: row.code, vendorRef } };
}

/** A reply that is not 200 is no answer, whatever stands in its body. */
function byStatus({ status, headers }) {
  if (status === 401 || status === 403) return unanswered({ failure: 'FAILURE_CLASS_CREDENTIALS' });
  if (status === 429) return unanswered({ failure: 'FAILURE_CLASS_THROTTLED', retryMillis: retryAfter(headers) });
  if (status >= 500 && status < 600) return unanswered({ failure: 'FAILURE_CLASS_UNAVAILABLE' });
  return garbled('a status that no answer has');
}

function retryAfter(headers) {
  const value = headers.find(({ name }) => name === 'Retry-After')?.values[0] ?? '';
  return /^\d{1,4}$/.test(value) ? Number(value) * 1000 : 0;
}

/** A failure after a reply came. What is left out of it is the cautious zero. */
function unanswered(failure) {
  return { failure: { origin: 'ORIGIN_VENDOR', ...failure } };
}

function garbled(detail) {
  return { failure: { failure: 'FAILURE_CLASS_GARBLED', origin: 'ORIGIN_ENGINE', phase: 'decode', detail } };
}

/**
 * Reports whether the masked echo is there, fits the person and shows enough of him:
 * else an answer that was swapped with another person's would be believed.
 */
function isAbout(subject, echo) {
  return isObject(echo) && fits(subject.idNumber, echo.number, 6) && fits(subject.name, echo.name, 1);
}

/** Reports whether a value can be behind a mask of its length that shows so many characters. */
function fits(value, mask, shown) {
  if (typeof mask !== 'string') return false;
  const clear = [...value], masked = [...mask];
  const open = masked.filter((c) => c !== '*').length;
  return clear.length === masked.length && open >= shown && masked.every((c, i) => c === '*' || c === clear[i]);
}

/** Returns a code that the table does not list if it cannot be a person's number. */
function safeCode(code) {
  return /^[\w.-]{1,8}$/.test(code) ? code : 'unlisted';
}

/** Returns the vendor's serial if it is short and plain and holds no claim. */
function safeRef(serial, subject) {
  if (typeof serial !== 'string' || !/^[\w.-]{1,64}$/.test(serial)) return '';
  return serial.includes(subject.idNumber) || serial.includes(subject.name) ? '' : serial;
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

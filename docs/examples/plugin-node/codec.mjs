// The codec of the fictitious vendor mirrorcert. Every function is pure: it uses no
// clock, network, file, state or log.
//
// The vendor answers GET /v2/compare?number=…&name=…&channel=… with
//
//   {"result":"same","serial":"mc-7f3a","person":{"name":"测*","number":"1101**********005X"}}

import { parseStrict } from './json.mjs';

const MANUAL = "the fictitious vendor's manual, section 3";

/** The code table. Only an exactly listed result becomes a verdict. */
const CODES = [
  verdict('same', 'VERDICT_MATCH', 'CHARGE_CHARGED', 'name and number agree'),
  verdict('different', 'VERDICT_MISMATCH', 'CHARGE_CHARGED', 'name and number do not agree'),
  verdict('absent', 'VERDICT_NO_RECORD', 'CHARGE_NOT_CHARGED', 'the register has no such number'),
  failure('bad_name', 'FAILURE_CLASS_INVALID_INPUT', 'FIELD_NAME', 'the form of the name is wrong'),
  failure('bad_number', 'FAILURE_CLASS_INVALID_INPUT', 'FIELD_ID_NUMBER', 'the form of the number is wrong'),
  failure('closed', 'FAILURE_CLASS_MAINTENANCE', 'FIELD_UNSPECIFIED', 'the vendor is in maintenance'),
];

function verdict(code, verdict, charge, text) {
  return { layer: 'vendor', code, verdict, delivery: 'DELIVERY_ANSWERED', charge, text, source: MANUAL };
}

function failure(code, failure, field, text) {
  return {
    layer: 'vendor', code, failure, field, delivery: 'DELIVERY_ANSWERED', charge: 'CHARGE_NOT_CHARGED', text, source: MANUAL,
  };
}

const CHANNEL = /^[a-z0-9]{1,16}$/;

const DESCRIPTOR = {
  name: 'mirrorcert/compare',
  version: '1.0.0',
  title: 'mirrorcert, a fictitious vendor (an example in Node.js)',
  check: 'CHECK_ID_NAME',
  documents: ['resident18', 'hkmo_residence', 'tw_residence'],
  fidelity: 'FIDELITY_THREE_WAY',
  source: 'none: this vendor is an example',
  recipient: 'Mirrorcert Example Ltd.',
  schemes: ['appcode'],
  settings: [
    { name: 'base_url', help: "the vendor's address", default: 'https://mirrorcert.example' },
    { name: 'appcode', help: 'the credential; the host keeps it and signs with it', secret: true },
    { name: 'channel', help: 'the channel agreed with the vendor: 1 to 16 of a-z and 0-9', default: 'web' },
  ],
  prices: [{ units: 1000, total: { micros: 50_000_000, currency: 'CNY' } }],
  codes: CODES,
};

/** Returns the descriptors of all products: this plugin has one. */
export function describe() {
  return [DESCRIPTOR];
}

/** Lists the faults of the settings. A text never holds a value. */
export function validateSettings(settings) {
  if (settings.channel === undefined || CHANNEL.test(settings.channel)) return [];
  return [{ setting: 'channel', text: 'must be 1 to 16 characters of a-z and 0-9' }];
}

/** Encodes a query as a call, or returns a failure. */
export function encode(query, settings) {
  const { check, documents } = DESCRIPTOR;
  if (query.check !== check || (query.document !== '' && !documents.includes(query.document))) {
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
  return { failure: { failure, origin: 'ORIGIN_ENGINE', delivery: 'DELIVERY_NOT_SENT', charge: 'CHARGE_NOT_CHARGED', ...more } };
}

/** Decodes a reply into an answer, or returns a failure. */
export function decode(query, reply) {
  if (reply.status !== 200) return byStatus(reply);
  const body = parseStrict(reply.body);
  if (!isObject(body)) return garbled('the body is not one strict JSON object');
  if (typeof body.result !== 'string') return garbled('the body has no result');
  const vendorRef = safeRef(body.serial, query.subject);
  const row = CODES.find(({ code }) => code === body.result);
  if (row === undefined) {
    return unanswered({ code: safeCode(body.result), ref: vendorRef, detail: 'the result is not in the code table' });
  }
  if (row.verdict === undefined) {
    const { failure, field, delivery, charge, code } = row;
    return unanswered({ failure, field, delivery, charge, code, ref: vendorRef });
  }
  if (!isAbout(query.subject, body.person)) return garbled('the echo does not match the query');
  return { answer: { verdict: row.verdict, charge: row.charge, vendorCode: row.code, vendorRef } };
}

/** A reply with a status other than 200 is never an answer. */
function byStatus({ status, headers }) {
  if (status === 401 || status === 403) return unanswered({ failure: 'FAILURE_CLASS_CREDENTIALS' });
  if (status === 429) return unanswered({ failure: 'FAILURE_CLASS_THROTTLED', retryMillis: retryAfter(headers) });
  if (status >= 500 && status < 600) return unanswered({ failure: 'FAILURE_CLASS_UNAVAILABLE' });
  return garbled('unexpected status');
}

function retryAfter(headers) {
  const value = headers.find(({ name }) => name === 'Retry-After')?.values[0] ?? '';
  return /^\d{1,4}$/.test(value) ? Number(value) * 1000 : 0;
}

/** A failure after a reply. Omitted fields keep their cautious zero values. */
function unanswered(failure) {
  return { failure: { origin: 'ORIGIN_VENDOR', ...failure } };
}

function garbled(detail) {
  return { failure: { failure: 'FAILURE_CLASS_GARBLED', origin: 'ORIGIN_ENGINE', phase: 'decode', detail } };
}

/**
 * Reports whether the masked echo is present, fits the person and shows enough characters.
 * Without this check, an answer about another person would be accepted.
 */
function isAbout(subject, echo) {
  return isObject(echo) && fits(subject.idNumber, echo.number, 6) && !echo.number.slice(-4).includes('*') && fits(subject.name, echo.name, 1);
}

/** Reports whether a mask has the length of a value, fits it and shows enough characters. */
function fits(value, mask, shown) {
  if (typeof mask !== 'string') return false;
  const clear = [...value], masked = [...mask];
  const open = masked.filter((c) => c !== '*').length;
  return clear.length === masked.length && open >= shown && masked.every((c, i) => c === '*' || c === clear[i]);
}

/** Returns an unlisted code if it cannot be an ID number. */
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

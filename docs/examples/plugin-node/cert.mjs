// Makes the plugin's certificate. Node can generate keys and sign, but not make
// certificates, and packages that can double the start-up time. A certificate of one
// fixed form is a short list of DER values (RFC 5280 section 4.1), and the host's
// X.509 parser checks it at each start.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const DAY = 24 * 3600 * 1000;
const LIFE = 3650 * DAY; // far longer than any process runs

/** Returns a new key (PEM) and a certificate for "localhost" made with it (DER). */
export function makeCertificate(now = Date.now()) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid('550403'), utf8('localhost')))); // commonName
  const ecdsaWithSHA256 = sequence(oid('2a8648ce3d040302'));
  const toBeSigned = sequence(
    tagged(0, integer(Buffer.of(2))), // version 3
    integer(randomBytes(16)),
    ecdsaWithSHA256,
    name, // the issuer: itself
    sequence(time(now - DAY), time(now + LIFE)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(
      extension('551d11', sequence(der(0x82, Buffer.from('localhost')))), // subjectAltName
      extension('551d25', sequence(oid('2b06010505070301'))), // extKeyUsage: serverAuth
    )),
  );
  const certificate = sequence(toBeSigned, ecdsaWithSHA256, bits(sign('sha256', toBeSigned, privateKey)));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }), certificate };
}

/** Wraps DER in the armour that TLS libraries read. */
export function toPEM(certificate) {
  const lines = certificate.toString('base64').match(/.{1,64}/g).join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** A DER value: its tag, its length, its content. Nothing here is above 64 KiB. */
function der(tag, ...content) {
  const body = Buffer.concat(content);
  const { length } = body;
  let header = [tag, length];
  if (length > 0xff) header = [tag, 0x82, length >> 8, length & 0xff];
  else if (length > 0x7f) header = [tag, 0x81, length];
  return Buffer.concat([Buffer.from(header), body]);
}

const sequence = (...items) => der(0x30, ...items);
const set = (item) => der(0x31, item);
const tagged = (number, item) => der(0xa0 + number, item);
const oid = (hex) => der(0x06, Buffer.from(hex, 'hex'));
const utf8 = (text) => der(0x0c, Buffer.from(text));
const bits = (bytes) => der(0x03, Buffer.of(0), bytes);
const extension = (hex, value) => sequence(oid(hex), der(0x04, value));

/** A positive integer: the first bit is its sign, so the first byte is made small. */
function integer(bytes) {
  const positive = Buffer.from(bytes);
  positive[0] = (positive[0] & 0x7f) | (bytes.length > 1 ? 0x40 : 0);
  return der(0x02, positive);
}

/** A time as YYMMDDHHMMSSZ up to the year 2049, from then on with the whole year. */
function time(millis) {
  const digits = new Date(millis).toISOString().replace(/\D/g, '').slice(0, 14);
  return digits < '2050' ? der(0x17, Buffer.from(`${digits.slice(2)}Z`)) : der(0x18, Buffer.from(`${digits}Z`));
}

// node --test runs this. The contract suite of heyan (node_test.go) tests the codec.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parseStrict } from './json.mjs';

const parse = (text) => parseStrict(Buffer.from(text));

test('takes one document that all readers read alike', () => {
  const documents = [
    '{"result":"same"}', ' {"a":[1,{"a":2}],"b":{"a":"{\\"a\\":1}"}}\n', '["a","a"]', '{"st\\u0061tus":"x"}', '{}', `${'['.repeat(16)}${']'.repeat(16)}`,
  ];
  for (const text of documents) assert.deepEqual(parse(text), JSON.parse(text), text);
});

test('refuses what two readers could read in two ways', () => {
  const documents = {
    'a member twice': '{"a":1,"a":1}',
    'twice by an escape': '{"a":1,"\\u0061":2}',
    'twice, deep inside': '{"x":[{"y":{"a":1,"b":2,"a":3}}]}',
    'twice but for case': '{"result":"different","RESULT":"same"}',
    'twice but for the long s': '{"s":1,"\u017f":2}',
    'twice but for the Kelvin sign': '{"k":1,"\u212a":2}',
    'a byte order mark': '\ufeff{}',
    'something behind it': '{}x',
    'half a surrogate pair': '["\\ud800"]',
    'too deep': `${'['.repeat(17)}${']'.repeat(17)}`,
    'much too deep': '['.repeat(60_000),
    'too many members': `{${Array.from({ length: 257 }, (_, i) => `"m${i}":0`).join()}}`,
    'nothing': '',
    'cut': '{"a":1',
  };
  for (const [name, text] of Object.entries(documents)) assert.equal(parse(text), undefined, name);
});

test('refuses bytes that are not UTF-8', () => {
  assert.equal(parseStrict(Buffer.from([0x22, 0xb2, 0xe2, 0x22])), undefined);
});

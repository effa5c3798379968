// A strict JSON reader for vendor replies. JSON.parse keeps the last of two members
// with one name, so {"result":"different","result":"same"} would be a match. This
// reader refuses documents that two parsers could read differently.

const MAX_DEPTH = 16;
const MAX_MEMBERS = 256; // of one object

const LONE = /\p{Surrogate}/u; // an unpaired surrogate

// JSON tokens except numbers and literals, which are skipped.
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;

/**
 * Returns the value of the one document in the bytes, or undefined if there is none
 * or it is refused: a byte order mark, invalid UTF-8, anything behind the document,
 * too many levels, too many members, or two members of one object whose names are
 * the same but for letter case. The reason is withheld: a SyntaxError of JSON.parse
 * quotes the document, which may hold a name and a number.
 */
export function parseStrict(bytes) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = JSON.parse(text);
    return wellFormed(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Checks a document that JSON.parse accepted. */
function wellFormed(text) {
  const open = []; // for each level its names, or null for an array
  let word; // the last string: a name if a colon follows
  for (const [token] of text.matchAll(TOKEN)) {
    switch (token) {
      case '{':
      case '[':
        open.push(token === '{' ? new Set() : null);
        if (open.length > MAX_DEPTH) return false;
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ':':
        if (!addName(open.at(-1), word)) return false;
        break;
      case ',':
        break;
      default:
        word = JSON.parse(token);
        if (LONE.test(word)) return false;
    }
  }
  return true;
}

function addName(names, name) {
  const folded = fold(name);
  if (names.has(folded) || names.size === MAX_MEMBERS) return false;
  names.add(folded);
  return true;
}

/** Case folding: upper then lower case also joins ſ with s and K with k. */
function fold(name) {
  return name.toUpperCase().toLowerCase();
}

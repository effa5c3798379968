// Package receipt makes the proofs that leave the house: the receipt that a person
// keeps of a consent, and the proof of an erasure. Both are JSON documents signed with
// Ed25519 (RFC 8032), and hold neither a name nor a number of the person.
//
// The receipt's members follow ISO/IEC TS 27560:2023, the information structure of
// consent records; receipt_id, issued_at, service, max_uses, valid_until, text_hash,
// guardian and action are additions, which the standard leaves room for.
//
// # Form
//
// A document is one line, with or without a line end behind it:
//
//	{"receipt":{…},"signature":{"alg":"Ed25519","kid":"…","value":"…"}}
//
// The proof of an erasure has "erasure" in the place of "receipt". The whole line is in
// canonical form (RFC 8785: members sorted, no white space), so that one document has
// one spelling. Signed are the bytes of the receipt as they stand in the line, between
// `{"receipt":` and `,"signature":`. value is the signature in hexadecimal digits. kid
// names the key: the first eight bytes of the SHA-256 of the public key, in hexadecimal
// digits. The public key is not in the document: one that comes with what it is to prove
// proves nothing.
//
// # Check
//
// Any language can. In Node.js, with the public key as 64 hexadecimal digits:
//
//	const line = fs.readFileSync('receipt.json', 'utf8').trimEnd();
//	const signed = line.slice('{"receipt":'.length, line.lastIndexOf(',"signature":'));
//	const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(publicKey, 'hex')]);
//	const key = crypto.createPublicKey({key: der, format: 'der', type: 'spki'});
//	const value = Buffer.from(JSON.parse(line).signature.value, 'hex');
//	console.log(crypto.verify(null, Buffer.from(signed), key, value));
//
// A document that was spelled anew, by a pretty-printer for instance, has to be brought
// back to canonical form first; [Verify] refuses it, for two spellings of one proof are
// one too many.
package receipt

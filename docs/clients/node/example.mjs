// Verifies a name and a number with the Node.js client. docs/clients.md shows its lines.

import { Heyan, Subject } from './heyan.mjs';

const [name, id_number, consent_id] = process.argv.slice(2);
// page: begin
const heyan = new Heyan({ baseUrl: process.env.HEYAN_URL, key: process.env.HEYAN_KEY });
const result = await heyan.verify({
  check: 'id_name', subject: new Subject({ name, id_number }), purpose: 'account_opening', consent_id, app: 'shop',
});
console.log(result.verdict, result.reason ?? '');
// page: end

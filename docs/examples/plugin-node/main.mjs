// The program of the plugin: which vendor, and that it is served.

import { describe, validateSettings, encode, decode } from './codec.mjs';
import { serve } from './serve.mjs';

await serve({
  Describe: () => ({ descriptor: describe() }),
  ValidateSettings: ({ settings }) => ({ faults: validateSettings(settings) }),
  Encode: ({ query, settings }) => ({ queryId: query.id, ...encode(query, settings) }),
  Decode: ({ query, reply }) => ({ queryId: query.id, ...decode(query, reply) }),
});

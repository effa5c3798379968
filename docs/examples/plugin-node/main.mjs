// The entry point of the plugin: it serves the codec.

import { describe, validateSettings, encode, decode } from './codec.mjs';
import { serve } from './serve.mjs';

await serve({
  Describe: () => ({ products: describe() }),
  ValidateSettings: ({ settings }) => ({ faults: validateSettings(settings) }),
  Encode: ({ query, settings }) => ({ queryId: query.id, ...encode(query, settings) }),
  Decode: ({ query, reply }) => ({ queryId: query.id, ...decode(query, reply) }),
});

#!/bin/sh
# Verifies a name and a number with curl 7.76 or newer. docs/clients.md shows its lines.
set -eu
name=$1 number=$2 consent=$3
# page: begin
curl -sS --fail-with-body --retry 3 --retry-all-errors --max-time 30 "$HEYAN_URL/v1/verifications" \
  -H "Authorization: Bearer $HEYAN_KEY" -H 'Content-Type: application/json' -H "Idempotency-Key: $(uuidgen)" \
  -d '{"check":"id_name","purpose":"account_opening","consent_id":"'"$consent"'","app":"shop",
       "subject":{"name":"'"$name"'","id_number":"'"$number"'"}}'
# page: end

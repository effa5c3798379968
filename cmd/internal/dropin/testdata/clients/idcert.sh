#!/usr/bin/env bash
# A client of idcert with curl: HOST APPCODE NUMBER NAME.
set -euo pipefail
head=$(mktemp)
trap 'rm -f "$head"' EXIT
body=$(curl -s -G -D "$head" "$1/idcard" -H "Authorization: APPCODE $2" --data-urlencode "idCard=$3" --data-urlencode "name=$4")
status=$(awk 'NR == 1 {print $2}' "$head")
refused=$(awk 'tolower($1) == "x-ca-error-code:" {gsub("\r", ""); print $2}' "$head")
if [ -n "$refused" ]; then
	echo "$status $refused"
else
	echo "$status $(echo "$body" | sed -n 's/.*"status":"\([0-9]*\)".*/\1/p')"
fi

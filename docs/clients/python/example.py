"""Verifies a name and a number with the Python client. docs/clients.md shows its lines."""

import os
import sys

import heyan

name, number, consent = sys.argv[1:]
# page: begin
client = heyan.Client(os.environ["HEYAN_URL"], os.environ["HEYAN_KEY"])
result = client.verify(
    "id_name", heyan.Subject(name=name, id_number=number), purpose="account_opening", consent_id=consent, app="shop"
)
print(result.verdict.value, result.reason)
# page: end

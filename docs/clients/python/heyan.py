"""The Python client of heyan's REST API: one file, standard library only, Python 3.9 or newer.

A Client repeats what may be repeated: a request that found heyan busy, or whose response was lost. Every try of a
verification has the same idempotency key, so heyan makes at most one verification of them and charges for one.

Each error is a HeyanError: a Problem, by which heyan says why it did not process the request; a ResponseError, for a
response that the API does not document; a TransportError; or a DeadlineError. A wrong argument is a ValueError.
"""

from __future__ import annotations

import enum
import http.client
import ipaddress
import json
import random
import re
import secrets
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Dict, List, Mapping, Optional, Tuple, cast
from urllib.parse import urlsplit

__all__ = [
    "Advice", "Attempt", "Balance", "Client", "Consent", "Cost", "DeadlineError", "HeyanError", "Plan", "Problem",
    "Provider", "ResponseError", "Skipped", "Subject", "TransportError", "Verdict", "Verification",
]

MAX_RESPONSE = 1 << 20  # bytes of a body
FIRST_PAUSE, MAX_PAUSE = 0.2, 5.0  # seconds between tries without a Retry-After
PROBLEM_PREFIX = "urn:heyan:problem:"
ID_FORM = re.compile(r"[A-Za-z0-9_-]{1,200}")


class Verdict(enum.Enum):
    """A source's answer about the claims. A word that this client does not know is UNDETERMINED."""

    UNDETERMINED = "undetermined"
    MATCH = "match"
    MISMATCH = "mismatch"
    NO_RECORD = "no_record"
    MISMATCH_OR_NO_RECORD = "mismatch_or_no_record"

    @classmethod
    def _missing_(cls, value: object) -> Verdict:
        return cls.UNDETERMINED


class HeyanError(Exception):
    """An operation failed.

    idempotency_key is the key of a verification, also if the client made it. Unless the error is a Problem, repeat the
    verification with this key to get its result: another key may pay for a second call.
    """

    idempotency_key: str = ""
    tries: int = 0


class Problem(HeyanError):
    """heyan's reason for not processing a request (RFC 9457). It holds no personal data."""

    def __init__(self, status: int, body: Mapping[str, Any], retry_after: float) -> None:
        self.type: str = body["type"][len(PROBLEM_PREFIX):]
        """Such as denied, invalid_input or unauthenticated."""
        self.status = status
        self.title, self.detail = str(body.get("title", "")), str(body.get("detail", ""))
        self.errors: List[Dict[str, str]] = _objects(body.get("errors"))
        """The invalid parts of the request: location, rule, message."""
        self.rules: List[Dict[str, str]] = _objects(body.get("rules"))
        """The policy rules that deny the request: rule, zh, en."""
        self.verification = str(body.get("verification", ""))
        self.retry_after = retry_after
        """Seconds until the request may be repeated; 0 if unknown."""
        super().__init__(f"{self.type} (status {status}): {self.detail}")


class ResponseError(HeyanError):
    """A response that the API does not document: from a proxy, damaged, without a verdict, or too large."""

    def __init__(self, status: int, reason: str, retry_after: float = 0) -> None:
        self.status = status
        self.retry_after = retry_after
        """Seconds until the request may be repeated; 0 if unknown."""
        super().__init__(f"the response (status {status}) is not one of heyan: {reason}")


class TransportError(HeyanError):
    """The connection failed. heyan may have processed the request."""


class DeadlineError(TransportError):
    """No response arrived in time. heyan may have processed the request."""


@dataclass(frozen=True, repr=False)
class Subject:
    """The claims of a person. Give those that the check compares. It prints without them."""

    name: str = ""
    id_number: str = ""
    document: str = ""
    mobile: str = ""
    bank_card: str = ""

    def __repr__(self) -> str:
        return "Subject(***)"

    def _body(self) -> Dict[str, str]:
        return {k: v for k, v in self.__dict__.items() if v}


@dataclass(frozen=True)
class Cost:
    """An amount as a decimal in a string; maximum holds until unknown charges are reconciled."""

    amount: str = ""
    currency: str = ""
    maximum: str = ""


@dataclass(frozen=True)
class Attempt:
    """One call of one provider."""

    provider: str = ""
    verdict: Verdict = Verdict.UNDETERMINED
    failure: str = ""
    phase: str = ""
    origin: str = ""
    delivery: str = ""
    charge: str = ""
    vendor_code: str = ""
    vendor_ref: str = ""
    started_at: str = ""
    duration_ms: float = 0
    cost: Cost = Cost()


@dataclass(frozen=True)
class Skipped:
    """A provider that is not called."""

    provider: str = ""
    reason: str = ""
    until: str = ""


@dataclass(frozen=True)
class Advice:
    """A next step. Programs act on the code."""

    code: str = ""
    zh: str = ""
    en: str = ""
    at: str = ""
    date: str = ""


@dataclass(frozen=True)
class Verification:
    """The result of a verification. json is the whole answer."""

    id: str = ""
    verdict: Verdict = Verdict.UNDETERMINED
    reason: str = ""
    check: str = ""
    document: str = ""
    fidelity: str = ""
    attempts: Tuple[Attempt, ...] = ()
    skipped: Tuple[Skipped, ...] = ()
    cost: Cost = Cost()
    consent_id: str = ""
    review: bool = False
    created_at: str = ""
    trace_id: str = ""
    next_steps: Tuple[Advice, ...] = ()
    json: Mapping[str, Any] = field(default_factory=lambda: {}, repr=False)


@dataclass(frozen=True)
class Plan:
    """The order in which a verification would call providers."""

    steps: Tuple[Mapping[str, Any], ...] = ()
    skipped: Tuple[Skipped, ...] = ()
    max_attempts: int = 0


@dataclass(frozen=True)
class Consent:
    """A person's consent. text is what to show to the person; only draft_consent returns it, and it is not printed."""

    id: str = ""
    state: str = ""
    app: str = ""
    purpose: str = ""
    uses: int = 0
    used: int = 0
    text_hash: str = ""
    valid_until: str = ""
    text: str = field(default="", repr=False)
    json: Mapping[str, Any] = field(default_factory=lambda: {}, repr=False)


@dataclass(frozen=True)
class Balance:
    """The sum of the prepaid packages of one provider."""

    provider: str = ""
    lots: int = 0
    units: int = 0
    available: int = 0
    held: int = 0
    posted: int = 0
    unknown: int = 0
    left: Cost = Cost()
    unbooked: int = 0
    unbooked_cost: Cost = Cost()


@dataclass(frozen=True)
class Provider:
    """A configured provider and its availability."""

    name: str = ""
    use: str = ""
    version: str = ""
    check: str = ""
    fidelity: str = ""
    recipient: str = ""
    price: Cost = Cost()
    available: bool = False
    reason: str = ""
    until: str = ""


class Client:
    """Calls heyan. It may be used by several threads.

    timeout bounds a method with all its tries, try_timeout one request, in seconds. context holds authorities or a
    client certificate of your own. allow_plain_http allows an http URL for a host that is not a loopback address, where
    a proxy or mesh encrypts.
    """

    def __init__(self, base_url: str, key: str, *, timeout: float = 30, try_timeout: float = 15,
                 allow_plain_http: bool = False, context: Optional[ssl.SSLContext] = None) -> None:
        url = urlsplit(base_url)
        if url.scheme not in ("https", "http") or not url.hostname:
            raise ValueError("base_url: must be an https URL with a host, such as https://heyan.example.com:8080")
        if "@" in url.netloc or url.query or url.fragment:
            raise ValueError("base_url: must have no user, query or fragment; give the key as key")
        if url.scheme == "http" and not allow_plain_http and not _loopback(url.hostname):
            raise ValueError("base_url: http would send the key in clear; use https, or allow_plain_http where a proxy or mesh encrypts")
        if not re.fullmatch(r"[!-~]*", url.path) or url.port == 0:  # a port that is no number is a ValueError too
            raise ValueError("base_url: has a port or a path that no URL can have")
        if not re.fullmatch(r"[!-~]*", key):
            raise ValueError("key: has a space or a character that is not ASCII; remove it")
        if not timeout > 0 or not try_timeout > 0:
            raise ValueError("timeout and try_timeout: must be positive numbers of seconds")
        self._url, self._key, self._timeout, self._try_timeout = url, key, timeout, try_timeout
        self._context = (context or ssl.create_default_context()) if url.scheme == "https" else None

    def __repr__(self) -> str:
        return f"Client({self._url.netloc!r}, ***)"

    def verify(self, check: str, subject: Subject, purpose: str = "", consent_id: str = "", app: str = "",
               idempotency_key: str = "") -> Verification:
        """Makes a verification. A verdict of UNDETERMINED has a reason. Give an idempotency_key of your own, such as an
        order number, if your program may repeat the request after a restart."""
        key = idempotency_key or secrets.token_hex(16)
        body = _request(check, subject, purpose, consent_id, app)
        return _verification(self._do("POST", "/v1/verifications", "verdict", body, key=key))

    def explain(self, check: str, subject: Subject, purpose: str = "", consent_id: str = "", app: str = "") -> Plan:
        """Returns the providers that a verification would call. It calls none and costs nothing."""
        return _of(Plan, self._do("POST", "/v1/verifications:explain", "steps", _request(check, subject, purpose, consent_id, app)))

    def verification(self, id: str) -> Verification:
        """Returns a stored verification."""
        return _verification(self._do("GET", "/v1/verifications/" + _id(id), "verdict"))

    def draft_consent(self, purpose: str, subject: Subject, check: str = "id_name", app: str = "", **more: Any) -> Consent:
        """Stores a draft and returns it with the text to show. more are other members of the API, such as uses=3. A draft
        whose response is lost is not repeated."""
        body = {**more, "purpose": purpose, "subject": subject._body(), "check": check, "app": app}
        return self._consent("", body, repeatable=False)

    def present_consent(self, id: str) -> Consent:
        """Records that the text is shown to the person now."""
        return self._consent("/" + _id(id) + ":present", repeatable=False)

    def give_consent(self, id: str, text_hash: str, action: str) -> Consent:
        """Records that the person agreed to the text, by checkbox, typed_name, signature or spoken."""
        return self._consent("/" + _id(id) + ":give", {"text_hash": text_hash, "action": action}, repeatable=False)

    def refuse_consent(self, id: str) -> Consent:
        """Records that the person refused."""
        return self._consent("/" + _id(id) + ":refuse", repeatable=False)

    def withdraw_consent(self, id: str) -> Consent:
        """Records that the person withdrew the consent. No call uses it afterwards."""
        return self._consent("/" + _id(id) + ":withdraw")

    def balances(self) -> List[Balance]:
        """Returns the balance of each provider. The key needs the scope ledger."""
        return [_of(Balance, b) for b in _objects(self._do("GET", "/v1/ledger/balance", "providers")["providers"])]

    def providers(self) -> List[Provider]:
        """Returns the providers in the order of the configuration. The key needs the scope admin."""
        return [_of(Provider, p) for p in _objects(self._do("GET", "/v1/providers", "providers")["providers"])]

    def _consent(self, path: str, body: Optional[Dict[str, Any]] = None, repeatable: bool = True) -> Consent:
        answer = self._do("POST", "/v1/consents" + path, "id", body, repeatable=repeatable)
        return _of(Consent, {**answer, "json": answer})

    def _do(self, method: str, path: str, required: str, body: Optional[Dict[str, Any]] = None, key: str = "",
            repeatable: bool = True) -> Dict[str, Any]:
        """Sends a request until it has an answer. A repeatable request does no harm if it is processed twice."""
        headers = {"Accept": "application/json", "User-Agent": "heyan-python"}
        if self._key:
            headers["Authorization"] = "Bearer " + self._key
        if key:
            headers["Idempotency-Key"] = _header(key)
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps({k: v for k, v in body.items() if v != ""}).encode()
        end, tries = time.monotonic() + self._timeout, 0
        while True:
            tries += 1
            try:
                status, retry_after, text = self._try(method, path, data, headers, end)
                return _answer(status, retry_after, text, required)
            except HeyanError as e:
                e.idempotency_key, e.tries = key, tries
                pause = max(getattr(e, "retry_after", 0), random.uniform(0, min(MAX_PAUSE, FIRST_PAUSE * 2 ** min(tries - 1, 10))))
                if not _again(e, repeatable) or pause >= end - time.monotonic():
                    raise
            time.sleep(pause)

    def _try(self, method: str, path: str, data: Optional[bytes], headers: Dict[str, str], end: float) -> Tuple[int, float, bytes]:
        """Sends one request. http.client follows no redirect and uses no proxy."""
        end = min(end, time.monotonic() + self._try_timeout)
        host, port, wait = str(self._url.hostname), self._url.port, max(0.001, end - time.monotonic())
        connection = http.client.HTTPConnection(host, port, timeout=wait)
        if self._context:
            connection = http.client.HTTPSConnection(host, port, timeout=wait, context=self._context)
        cutter = None
        try:
            connection.connect()
            cutter = threading.Timer(end - time.monotonic(), _cut, [connection.sock])  # a socket's timeout restarts with each byte
            cutter.daemon = True
            cutter.start()
            connection.request(method, self._url.path.rstrip("/") + path, data, headers)
            response = connection.getresponse()
            text = response.read(MAX_RESPONSE + 1)
            if response.length and len(text) <= MAX_RESPONSE:
                raise http.client.IncompleteRead(b"", response.length)
            return response.status, _retry_after(response.getheader("Retry-After", "")), text
        except ssl.SSLCertVerificationError as e:
            raise TransportError("the server's certificate is not valid: " + e.verify_message) from e
        except (OSError, http.client.HTTPException) as e:
            if isinstance(e, socket.timeout) or time.monotonic() >= end:
                raise DeadlineError("no response in time") from e
            raise TransportError("the connection failed: " + type(e).__name__) from e
        finally:
            if cutter:
                cutter.cancel()
            connection.close()


def _cut(sock: socket.socket) -> None:
    """Ends what waits for the socket."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is closed already


def _answer(status: int, retry_after: float, text: bytes, required: str) -> Dict[str, Any]:
    """Returns the answer of a response, or raises what it says."""
    if len(text) > MAX_RESPONSE:
        raise ResponseError(status, "it is larger than 1 MiB")
    body = _object(text)
    if status not in (200, 201):
        if body is not None and str(body.get("type", "")).startswith(PROBLEM_PREFIX):
            raise Problem(status, body, retry_after)
        raise ResponseError(status, "it is neither an answer nor a problem; a proxy may have sent it", retry_after)
    if body is None:
        raise ResponseError(status, "it is not a JSON object")
    value = body.get(required)
    if value is None or isinstance(value, list) != (required in ("steps", "providers")) or not isinstance(value, (str, list)):
        raise ResponseError(status, "it has no " + required)
    return body


def _object(text: bytes) -> Optional[Dict[str, Any]]:
    """Returns a JSON object, or None if it is none."""
    try:
        body: Any = json.loads(text.decode())
    except (ValueError, RecursionError):
        return None
    return cast(Dict[str, Any], body) if isinstance(body, dict) else None


def _again(e: HeyanError, repeatable: bool) -> bool:
    """Reports whether another try may succeed and does no harm."""
    if isinstance(e, Problem):
        if e.type in ("idempotency_in_progress", "result_unconfirmed"):
            return repeatable
        return e.status in (429, 503)
    if isinstance(e, ResponseError):
        return repeatable and e.status in (429, 503)
    return repeatable and not isinstance(e.__cause__, ssl.SSLCertVerificationError)


def _request(check: str, subject: Subject, purpose: str, consent_id: str, app: str) -> Dict[str, Any]:
    return {"check": check, "subject": subject._body(), "purpose": purpose, "consent_id": consent_id, "app": app}


def _verification(answer: Dict[str, Any]) -> Verification:
    v = _of(Verification, {**answer, "json": answer})
    if v.verdict is Verdict.UNDETERMINED and not v.reason:
        object.__setattr__(v, "reason", "unknown")
    return v


_PARTS = {"attempts": Attempt, "skipped": Skipped, "next_steps": Advice, "cost": Cost, "left": Cost, "unbooked_cost": Cost, "price": Cost}


def _of(kind: Any, data: Mapping[str, Any]) -> Any:
    """Makes a dataclass of the members that it knows."""
    values: Dict[str, Any] = {}
    for name in kind.__dataclass_fields__:
        value = data.get(name)
        if value is None:
            continue
        if name == "verdict":
            value = Verdict(value)
        elif isinstance(value, list):
            value = tuple(_of(_PARTS[name], v) if name in _PARTS else v for v in _objects(value))
        elif name in _PARTS:
            value = _of(_PARTS[name], cast(Dict[str, Any], value) if isinstance(value, dict) else {})
        values[name] = value
    return kind(**values)


def _objects(value: Any) -> List[Dict[str, Any]]:
    return [v for v in cast(List[Any], value) if isinstance(v, dict)] if isinstance(value, list) else []


def _id(id: str) -> str:
    if not ID_FORM.fullmatch(id):
        raise ValueError("id: must have 1 to 200 letters, digits, hyphens or underscores")
    return id


def _header(key: str) -> str:
    if not re.fullmatch(r"[ -~]{1,255}", key):
        raise ValueError("idempotency_key: must have 1 to 255 ASCII characters")
    return key


def _retry_after(text: str) -> float:
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

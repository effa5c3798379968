// Add the package of your program here.

import java.io.ByteArrayOutputStream;
import java.net.*;
import java.net.http.*;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.*;
import java.time.*;
import java.time.format.DateTimeFormatter;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;

/**
 * The Java client of heyan's REST API: one file without dependencies, for Java 17 or newer. It repeats what may be
 * repeated: a request that found heyan busy, or whose response was lost. Every try of a verification has the same
 * idempotency key, so heyan makes at most one verification of them and charges for one.
 *
 * <p>Each error is a {@link HeyanException}: a {@link Problem}, by which heyan says why it did not process the request; a
 * {@link ResponseException}, for a response that the API does not document; a {@link TransportException}; or a
 * {@link DeadlineException}. A wrong argument is an IllegalArgumentException. Threads may share a client.
 */
@SuppressWarnings("serial") // exceptions are not stored
public final class Heyan {
    private static final int MAX_RESPONSE = 1 << 20; // bytes of a body
    private static final long FIRST_PAUSE = 200, MAX_PAUSE = 5000; // ms between tries without a Retry-After
    private static final String PROBLEM_PREFIX = "urn:heyan:problem:";

    /** A source's answer about the claims. A word that this client does not know is UNDETERMINED. */
    public enum Verdict {
        UNDETERMINED, MATCH, MISMATCH, NO_RECORD, MISMATCH_OR_NO_RECORD;

        /** Returns the name in JSON. */
        @Override public String toString() { return name().toLowerCase(Locale.ROOT); }
        static Verdict of(String word) {
            for (Verdict v : values()) if (v.toString().equals(word)) return v;
            return UNDETERMINED;
        }
    }

    /** The claims of a person; null for those that the check does not compare. It prints without them. */
    public record Subject(String name, String idNumber, String document, String mobile, String bankCard) {
        public Subject(String name, String idNumber) { this(name, idNumber, null, null, null); }
        @Override public String toString() { return "Subject[***]"; }
        Map<String, Object> body() {
            return members("name", name, "id_number", idNumber, "document", document, "mobile", mobile, "bank_card", bankCard);
        }
    }

    /**
     * Asks for a verification. The check is id_name, id_name_mobile, id_name_bankcard, id_name_mobile_bankcard or
     * name_bankcard. Give an idempotencyKey of your own, such as an order number, if your program may repeat the request
     * after a restart; with null the client makes one.
     */
    public record Request(String check, Subject subject, String purpose, String consentId, String app, String idempotencyKey) {
        public Request(String check, Subject subject, String purpose, String consentId, String app) {
            this(check, subject, purpose, consentId, app, null);
        }
        Map<String, Object> body() {
            return members("check", check, "subject", subject.body(), "purpose", purpose, "consent_id", consentId, "app", app);
        }
    }

    /** An amount as a decimal in a string; maximum holds until unknown charges are reconciled. */
    public record Cost(String amount, String currency, String maximum) {
        static Cost of(Json j) { return new Cost(j.text("amount"), j.text("currency"), j.text("maximum")); }
    }

    /** One call of one provider. */
    public record Attempt(String provider, Verdict verdict, String failure, String phase, String delivery, String charge,
            String vendorCode, String vendorRef, String startedAt, double durationMs, Cost cost) {
        static Attempt of(Json j) {
            return new Attempt(j.text("provider"), Verdict.of(j.text("verdict")), j.text("failure"), j.text("phase"), j.text("delivery"),
                j.text("charge"), j.text("vendor_code"), j.text("vendor_ref"), j.text("started_at"), j.number("duration_ms"), Cost.of(j.object("cost")));
        }
    }

    /** A provider that is not called. */
    public record Skipped(String provider, String reason, String until) {
        static Skipped of(Json j) { return new Skipped(j.text("provider"), j.text("reason"), j.text("until")); }
    }

    /** A next step. Programs act on the code. */
    public record Advice(String code, String zh, String en) {
        static Advice of(Json j) { return new Advice(j.text("code"), j.text("zh"), j.text("en")); }
    }

    /** The result of a verification. Texts that are absent are "". json is the whole answer. */
    public record Verification(String id, Verdict verdict, String reason, String check, String document, String fidelity,
            List<Attempt> attempts, List<Skipped> skipped, Cost cost, String consentId, boolean review, String createdAt,
            String traceId, List<Advice> nextSteps, Map<String, Object> json) {
        static Verification of(Json j) {
            Verdict verdict = Verdict.of(j.text("verdict"));
            String reason = j.text("reason");
            return new Verification(j.text("id"), verdict, verdict == Verdict.UNDETERMINED && reason.isEmpty() ? "unknown" : reason,
                j.text("check"), j.text("document"), j.text("fidelity"), j.list("attempts", Attempt::of), j.list("skipped", Skipped::of),
                Cost.of(j.object("cost")), j.text("consent_id"), j.flag("review"), j.text("created_at"), j.text("trace_id"),
                j.list("next_steps", Advice::of), j.members);
        }
    }

    /** The providers that a verification would call, in order. */
    public record Plan(List<String> providers, List<Skipped> skipped, long maxAttempts) {
        static Plan of(Json j) {
            return new Plan(j.list("steps", s -> s.text("provider")), j.list("skipped", Skipped::of), j.count("max_attempts"));
        }
    }

    /** A person's consent. text is what to show to the person; only draftConsent returns it, and it is not printed. */
    public record Consent(String id, String state, String app, String purpose, long uses, long used, String textHash, String validUntil, String text) {
        static Consent of(Json j) {
            return new Consent(j.text("id"), j.text("state"), j.text("app"), j.text("purpose"), j.count("uses"), j.count("used"),
                j.text("text_hash"), j.text("valid_until"), j.text("text"));
        }
        @Override public String toString() { return "Consent[id=" + id + ", state=" + state + ", purpose=" + purpose + "]"; }
    }

    /** The sum of the prepaid packages of one provider. */
    public record Balance(String provider, long lots, long units, long available, long held, long posted, long unknown, Cost left, long unbooked) {
        static Balance of(Json j) {
            return new Balance(j.text("provider"), j.count("lots"), j.count("units"), j.count("available"),
                j.count("held"), j.count("posted"), j.count("unknown"), Cost.of(j.object("left")), j.count("unbooked"));
        }
    }

    /** A configured provider and its availability. */
    public record Provider(String name, String use, String check, String fidelity, String recipient, boolean available, String reason, String until) {
        static Provider of(Json j) {
            return new Provider(j.text("name"), j.text("use"), j.text("check"), j.text("fidelity"), j.text("recipient"), j.flag("available"),
                j.text("reason"), j.text("until"));
        }
    }

    /**
     * An operation failed. idempotencyKey is the key of a verification, also if the client made it. Unless the error is a
     * {@link Problem}, repeat the verification with this key to get its result: another key may pay for a second call.
     */
    public static class HeyanException extends RuntimeException {
        public String idempotencyKey = "";
        public int tries;
        Duration retryAfter = Duration.ZERO;
        HeyanException(String message, Throwable cause) { super(message, cause); }
    }

    /** One invalid part of a request, or a policy rule that denies it. */
    public record Fault(String location, String rule, String message) { }

    /** heyan's reason for not processing a request (RFC 9457). It holds no personal data. */
    public static final class Problem extends HeyanException {
        /** Such as denied, invalid_input or unauthenticated. */
        public final String type;
        public final int status;
        public final String detail, verification;
        public final List<Fault> errors, rules;

        Problem(int status, Json body, Duration retryAfter) {
            super(body.text("type").substring(PROBLEM_PREFIX.length()) + " (status " + status + "): " + body.text("detail"), null);
            this.type = body.text("type").substring(PROBLEM_PREFIX.length());
            this.status = status;
            this.detail = body.text("detail");
            this.verification = body.text("verification");
            this.errors = body.list("errors", j -> new Fault(j.text("location"), j.text("rule"), j.text("message")));
            this.rules = body.list("rules", j -> new Fault("", j.text("rule"), j.text("en")));
            this.retryAfter = retryAfter;
        }

        /** When the request may be repeated; zero if unknown. */
        public Duration retryAfter() { return retryAfter; }
    }

    /** A response that the API does not document: from a proxy, damaged, without a verdict, or too large. */
    public static final class ResponseException extends HeyanException {
        public final int status;

        ResponseException(int status, String reason, Duration retryAfter) {
            super("the response (status " + status + ") is not one of heyan: " + reason, null);
            this.status = status;
            this.retryAfter = retryAfter;
        }
    }

    /** The connection failed. heyan may have processed the request. */
    public static class TransportException extends HeyanException {
        TransportException(String message, Throwable cause) { super(message, cause); }
    }

    /** No response arrived in time. heyan may have processed the request. */
    public static final class DeadlineException extends TransportException {
        DeadlineException(Throwable cause) { super("no response in time", cause); }
    }

    private final String base, key;
    private final Duration timeout, tryTimeout;
    private final HttpClient http;

    /** Returns a client with the default time limits: 30 s for a method with all its tries, 15 s for one request. */
    public Heyan(String baseUrl, String key) { this(baseUrl, key, Duration.ofSeconds(30), Duration.ofSeconds(15), false, HttpClient.newBuilder()); }

    /**
     * Returns a client. allowPlainHttp allows an http URL for a host that is not a loopback address, where a proxy or mesh
     * encrypts. The builder may hold an SSLContext of your own; redirects are never followed.
     */
    public Heyan(String baseUrl, String key, Duration timeout, Duration tryTimeout, boolean allowPlainHttp, HttpClient.Builder http) {
        this.base = checkUrl(baseUrl, allowPlainHttp);
        require(key.matches("[!-~]*"), "key: has a space or a character that is not ASCII; remove it");
        require(timeout.toMillis() > 0 && tryTimeout.toMillis() > 0, "timeout and tryTimeout: must be positive");
        this.key = key;
        this.timeout = timeout;
        this.tryTimeout = tryTimeout;
        this.http = http.followRedirects(HttpClient.Redirect.NEVER).version(HttpClient.Version.HTTP_1_1).build();
    }

    @Override public String toString() { return "Heyan[" + URI.create(base).getAuthority() + ", ***]"; }

    /** Makes a verification. A verdict of UNDETERMINED has a reason. */
    public Verification verify(Request r) {
        String own = r.idempotencyKey == null || r.idempotencyKey.isEmpty() ? UUID.randomUUID().toString() : r.idempotencyKey;
        require(own.matches("[ -~]{1,255}"), "idempotencyKey: must have 1 to 255 ASCII characters");
        return Verification.of(call("POST", "/v1/verifications", "verdict", r.body(), own, true));
    }

    /** Returns the providers that a verification would call. It calls none and costs nothing. */
    public Plan explain(Request r) { return Plan.of(call("POST", "/v1/verifications:explain", "steps", r.body(), "", true)); }

    /** Returns a stored verification. */
    public Verification verification(String id) { return Verification.of(call("GET", "/v1/verifications/" + checkId(id), "verdict", null, "", true)); }

    /** Stores a draft and returns it with the text to show; uses 0 is the default. A draft whose response is lost is not repeated. */
    public Consent draftConsent(String purpose, String check, Subject subject, String app, int uses) {
        var body = members("purpose", purpose, "check", check, "subject", subject.body(), "app", app, "uses", uses == 0 ? null : uses);
        return Consent.of(call("POST", "/v1/consents", "id", body, "", false));
    }

    /** Records that the text is shown to the person now. */
    public Consent presentConsent(String id) { return change(id, "present", null, false); }

    /** Records that the person agreed to the text, by checkbox, typed_name, signature or spoken. */
    public Consent giveConsent(String id, String textHash, String action) {
        return change(id, "give", members("text_hash", textHash, "action", action), false);
    }

    /** Records that the person refused. */
    public Consent refuseConsent(String id) { return change(id, "refuse", null, false); }

    /** Records that the person withdrew the consent. No call uses it afterwards. */
    public Consent withdrawConsent(String id) { return change(id, "withdraw", null, true); }

    /** Returns the balance of each provider. The key needs the scope ledger. */
    public List<Balance> balances() { return call("GET", "/v1/ledger/balance", "providers", null, "", true).list("providers", Balance::of); }

    /** Returns the providers in the order of the configuration. The key needs the scope admin. */
    public List<Provider> providers() { return call("GET", "/v1/providers", "providers", null, "", true).list("providers", Provider::of); }

    private Consent change(String id, String action, Map<String, Object> body, boolean repeatable) {
        return Consent.of(call("POST", "/v1/consents/" + checkId(id) + ":" + action, "id", body, "", repeatable));
    }

    /** Sends a request until it has an answer. A repeatable request does no harm if it is processed twice. */
    private Json call(String method, String path, String required, Map<String, Object> body, String idempotencyKey, boolean repeatable) {
        StringBuilder json = new StringBuilder();
        if (body != null) Json.write(body, json);
        var request = HttpRequest.newBuilder(URI.create(base + path)).header("Accept", "application/json").header("User-Agent", "heyan-java")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json.toString()));
        if (body != null) request.header("Content-Type", "application/json");
        if (!key.isEmpty()) request.header("Authorization", "Bearer " + key);
        if (!idempotencyKey.isEmpty()) request.header("Idempotency-Key", idempotencyKey);
        HttpRequest built = request.build();
        long end = System.nanoTime() + timeout.toNanos();
        for (int tries = 1; ; tries++) {
            HeyanException failed;
            try {
                return send(built, end, required);
            } catch (HeyanException e) {
                failed = e;
            }
            failed.idempotencyKey = idempotencyKey;
            failed.tries = tries;
            long backOff = ThreadLocalRandom.current().nextLong(1, Math.min(MAX_PAUSE, FIRST_PAUSE << Math.min(tries - 1, 10)) + 1);
            long pause = Math.max(failed.retryAfter.toMillis(), backOff);
            if (!again(failed, repeatable) || pause * 1_000_000 >= end - System.nanoTime()) throw failed;
            LockSupport.parkNanos(pause * 1_000_000); // an interrupt ends it, and then the next try
        }
    }

    private Json send(HttpRequest request, long end, String required) {
        var body = new ByteArrayOutputStream(); // at most a byte too much; the rest is dropped
        var future = http.sendAsync(request, BodyHandlers.ofByteArrayConsumer(
            part -> part.ifPresent(p -> body.write(p, 0, Math.min(p.length, MAX_RESPONSE + 1 - body.size())))));
        try {
            return answer(future.get(Math.min(tryTimeout.toNanos(), end - System.nanoTime()), TimeUnit.NANOSECONDS), body.toByteArray(), required);
        } catch (ExecutionException e) {
            throw new TransportException("the connection failed: " + e.getCause().getClass().getSimpleName(), e.getCause());
        } catch (TimeoutException | InterruptedException e) {
            future.cancel(true);
            if (e instanceof InterruptedException) Thread.currentThread().interrupt();
            throw new DeadlineException(e);
        }
    }

    /** Returns the answer of a response, or throws what it says. */
    private static Json answer(HttpResponse<Void> response, byte[] bytes, String required) {
        int status = response.statusCode();
        Duration after = retryAfter(response.headers().firstValue("Retry-After").orElse(""));
        if (bytes.length > MAX_RESPONSE) throw new ResponseException(status, "it is larger than 1 MiB", after);
        Json body = Json.parse(bytes);
        if (status != 200 && status != 201) {
            if (body != null && body.text("type").startsWith(PROBLEM_PREFIX)) throw new Problem(status, body, after);
            throw new ResponseException(status, "it is neither an answer nor a problem; a proxy may have sent it", after);
        }
        if (body == null) throw new ResponseException(status, "it is not a JSON object", after);
        Class<?> kind = required.equals("steps") || required.equals("providers") ? List.class : String.class;
        if (!kind.isInstance(body.members.get(required))) throw new ResponseException(status, "it has no " + required, after);
        return body;
    }

    /** Reports whether another try may succeed and does no harm. */
    private static boolean again(HeyanException e, boolean repeatable) {
        if (Thread.currentThread().isInterrupted()) return false;
        if (e instanceof Problem p) {
            if (p.type.equals("idempotency_in_progress") || p.type.equals("result_unconfirmed")) return repeatable;
            return p.status == 429 || p.status == 503;
        }
        if (e instanceof ResponseException r) return repeatable && (r.status == 429 || r.status == 503);
        return repeatable && !(e.getCause() instanceof SSLHandshakeException);
    }

    private static Duration retryAfter(String text) {
        if (text.matches("[0-9]{1,9}")) return Duration.ofSeconds(Long.parseLong(text));
        try {
            Duration left = Duration.between(Instant.now(), ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME));
            return left.isNegative() ? Duration.ZERO : left;
        } catch (RuntimeException e) {
            return Duration.ZERO;
        }
    }

    private static String checkId(String id) {
        require(id.matches("[A-Za-z0-9_-]{1,200}"), "id: must have 1 to 200 letters, digits, hyphens or underscores");
        return id;
    }

    /** Returns the base URL without a slash at its end. Errors do not repeat it, since it may hold a password. */
    private static String checkUrl(String text, boolean allowPlainHttp) {
        require(!text.matches(".*[@?#].*"), "baseUrl: must have no user, query or fragment; give the key as key");
        require(text.matches("https?://([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:]+])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"),
            "baseUrl: must be an https URL with a host, such as https://heyan.example.com:8080");
        require(text.startsWith("https:") || allowPlainHttp || text.matches("http://(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])([:/].*)?"),
            "baseUrl: http would send the key in clear; use https, or allowPlainHttp where a proxy or mesh encrypts");
        return text.replaceAll("/+$", "");
    }

    private static void require(boolean right, String message) {
        if (!right) throw new IllegalArgumentException(message);
    }

    /** Returns the members that have a value. */
    private static Map<String, Object> members(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) if (pairs[i + 1] != null && !pairs[i + 1].equals("")) map.put((String) pairs[i], pairs[i + 1]);
        return map;
    }

    /** A JSON object, with a reader and a writer of JSON. */
    private static final class Json {
        private static final int MAX_DEPTH = 100;
        final Map<String, Object> members;
        private String in;
        private int at;

        private Json(Map<String, Object> members) { this.members = members; }

        String text(String name) { return members.get(name) instanceof String s ? s : ""; }
        double number(String name) { return members.get(name) instanceof Double d ? d : 0; }
        long count(String name) { return (long) number(name); }
        boolean flag(String name) { return Boolean.TRUE.equals(members.get(name)); }
        Json object(String name) { return of(members.get(name)); }

        <T> List<T> list(String name, Function<Json, T> make) {
            List<?> list = members.get(name) instanceof List<?> l ? l : List.of();
            return list.stream().filter(item -> item instanceof Map).map(item -> make.apply(of(item))).toList();
        }

        @SuppressWarnings("unchecked") // the reader makes maps of this type only
        private static Json of(Object value) { return new Json(value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of()); }

        /** Returns the object that the bytes hold, null if they hold none. */
        static Json parse(byte[] bytes) {
            try {
                Json reader = new Json(Map.of());
                reader.in = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString() + '\0';
                Object value = reader.value(0);
                return reader.peek() == 0 && reader.at == reader.in.length() - 1 && value instanceof Map ? of(value) : null;
            } catch (CharacterCodingException | IllegalArgumentException | IndexOutOfBoundsException e) {
                return null;
            }
        }

        /** Returns the next character that is no space; 0 stands at the end. */
        private char peek() {
            while (" \t\r\n".indexOf(in.charAt(at)) >= 0) at++;
            return in.charAt(at);
        }

        private boolean take(char c) {
            if (peek() != c) return false;
            at++;
            return true;
        }

        private Object value(int depth) {
            require(depth < MAX_DEPTH, "too deep");
            if (peek() == '"') return string();
            if (take('{')) return map(depth);
            if (take('[')) return items(depth);
            int begin = at;
            while ("+-.".indexOf(in.charAt(at)) >= 0 || Character.isLetterOrDigit(in.charAt(at))) at++;
            String word = in.substring(begin, at);
            if (word.equals("null")) return null;
            if (word.equals("true") || word.equals("false")) return word.equals("true");
            require(word.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?"), "no value");
            return Double.valueOf(word);
        }

        private Map<String, Object> map(int depth) {
            Map<String, Object> map = new LinkedHashMap<>();
            if (take('}')) return map;
            do {
                require(peek() == '"', "no name");
                String name = string();
                require(take(':'), "no colon");
                map.put(name, value(depth + 1));
            } while (take(','));
            require(take('}'), "no end");
            return map;
        }

        private List<Object> items(int depth) {
            List<Object> list = new ArrayList<>();
            if (take(']')) return list;
            do list.add(value(depth + 1)); while (take(','));
            require(take(']'), "no end");
            return list;
        }

        private String string() {
            StringBuilder out = new StringBuilder();
            for (at++; in.charAt(at) != '"'; at++) {
                char c = in.charAt(at);
                require(c >= ' ', "a control character");
                if (c == '\\') {
                    c = in.charAt(++at);
                    require("\"\\/bfnrtu".indexOf(c) >= 0, "no escape");
                    if (c == 'u') {
                        c = (char) HexFormat.fromHexDigits(in, at + 1, at + 5);
                        at += 4;
                    } else {
                        c = "\"\\/\b\f\n\r\t".charAt("\"\\/bfnrt".indexOf(c));
                    }
                }
                out.append(c);
            }
            at++;
            return out.toString();
        }

        static void write(Object value, StringBuilder out) {
            if (value instanceof Map<?, ?> map) {
                char separator = '{';
                for (var e : map.entrySet()) {
                    write(e.getKey(), out.append(separator));
                    write(e.getValue(), out.append(':'));
                    separator = ',';
                }
                out.append(map.isEmpty() ? "{}" : "}");
            } else if (value instanceof String text) {
                out.append('"');
                text.chars().forEach(c -> out.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", c) : String.valueOf((char) c)));
                out.append('"');
            } else {
                out.append(value);
            }
        }
    }
}

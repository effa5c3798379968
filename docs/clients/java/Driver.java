import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the cases of the clients' test with the Java client; docs/clients/driver.md describes the lines. */
public final class Driver {
    private static final Pattern MEMBER = Pattern.compile("\"([a-z_]+)\":(?:\"([^\"\\\\]*)\"|([0-9a-z]+))");

    public static void main(String[] args) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, String> task = new HashMap<>();
            for (Matcher m = MEMBER.matcher(line); m.find(); ) task.put(m.group(1), m.group(2) == null ? m.group(3) : m.group(2));
            out.println(json(run(task)));
        }
    }

    private static Map<String, Object> run(Map<String, String> task) {
        Map<String, Object> result = new LinkedHashMap<>();
        Heyan heyan;
        try {
            heyan = new Heyan(task.get("base_url"), task.get("key"), millis(task.get("timeout_ms"), 30_000), millis(task.get("try_timeout_ms"), 15_000),
                task.get("allow_plain_http").equals("true"), HttpClient.newBuilder());
        } catch (IllegalArgumentException e) {
            return Map.of("error", "config", "printed", e.toString());
        }
        try {
            operate(heyan, task, result);
        } catch (Heyan.HeyanException e) {
            result.putAll(failure(e));
            result.put("tries", e.tries);
            result.put("idempotency_key", e.idempotencyKey);
            result.put("printed", result.getOrDefault("printed", "") + e.toString());
        } catch (IllegalArgumentException e) {
            result.put("error", "argument");
        }
        return result;
    }

    private static Map<String, Object> failure(Heyan.HeyanException e) {
        if (e instanceof Heyan.Problem p) {
            var faults = p.rules.isEmpty() ? p.errors : p.rules;
            String rule = faults.isEmpty() ? "" : faults.get(0).rule();
            return Map.of("error", "problem", "problem", p.type, "status", p.status, "rule", rule, "retry_after_ms", p.retryAfter().toMillis());
        }
        if (e instanceof Heyan.ResponseException r) return Map.of("error", "response", "status", r.status);
        return Map.of("error", e instanceof Heyan.DeadlineException ? "timeout" : "network");
    }

    private static void operate(Heyan heyan, Map<String, String> task, Map<String, Object> result) {
        var subject = new Heyan.Subject(task.get("name"), task.get("id_number"));
        var request = new Heyan.Request(task.get("check"), subject, task.get("purpose"), task.get("consent_id"), task.get("app"), task.get("idempotency_key"));
        switch (task.get("op")) {
            case "verify" -> show(heyan.verify(request), result);
            case "get" -> show(heyan.verification(task.get("id")), result);
            case "explain" -> result.put("names", heyan.explain(request).providers());
            case "consent" -> {
                var draft = heyan.draftConsent(task.get("purpose"), task.get("check"), subject, task.get("app"), 50);
                if (draft.text().isEmpty()) throw new IllegalStateException("the draft has no text");
                result.put("id", draft.id());
                result.put("printed", draft.toString());
                heyan.presentConsent(draft.id());
                result.put("state", heyan.giveConsent(draft.id(), draft.textHash(), "checkbox").state());
            }
            case "withdraw" -> result.put("state", heyan.withdrawConsent(task.get("id")).state());
            case "balances" -> result.put("names", heyan.balances().stream().map(Heyan.Balance::provider).toList());
            case "providers" -> result.put("names", heyan.providers().stream().map(Heyan.Provider::name).toList());
            case "print" -> result.put("printed", subject + " " + request + " " + heyan);
            default -> throw new IllegalStateException("no such op");
        }
    }

    private static void show(Heyan.Verification v, Map<String, Object> result) {
        result.put("id", v.id());
        result.put("verdict", v.verdict().toString());
        result.put("reason", v.reason());
        result.put("attempts", v.attempts().stream().map(a -> Map.of("provider", a.provider(), "verdict", a.verdict().toString(),
            "failure", a.failure(), "charge", a.charge())).toList());
    }

    private static Duration millis(String text, long otherwise) {
        return Duration.ofMillis(text.equals("0") ? otherwise : Long.parseLong(text));
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            return "{" + String.join(",", map.entrySet().stream().map(e -> json(e.getKey()) + ":" + json(e.getValue())).toList()) + "}";
        }
        if (value instanceof List<?> list) return "[" + String.join(",", list.stream().map(Driver::json).toList()) + "]";
        if (value instanceof String text) return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
        return String.valueOf(value);
    }
}

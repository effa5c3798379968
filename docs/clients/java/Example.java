/** Verifies a name and a number with the Java client. docs/clients.md shows its lines. */
public final class Example {
    public static void main(String[] args) {
        String name = args[0], number = args[1], consent = args[2];
        // page: begin
        var heyan = new Heyan(System.getenv("HEYAN_URL"), System.getenv("HEYAN_KEY"));
        var result = heyan.verify(new Heyan.Request(
            "id_name", new Heyan.Subject(name, number), "account_opening", consent, "shop"));
        System.out.println(result.verdict() + " " + result.reason());
        // page: end
    }
}

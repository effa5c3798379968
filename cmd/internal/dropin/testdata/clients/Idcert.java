import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.Map;

/** A client of idcert with the classes of Java 8: HOST APPCODE NUMBER NAME. */
public class Idcert {
    public static void main(String[] args) throws Exception {
        Map<String, String> headers = new LinkedHashMap<String, String>();
        headers.put("Authorization", "APPCODE " + args[1]);
        Map<String, String> queries = new LinkedHashMap<String, String>();
        queries.put("idCard", args[2]);
        queries.put("name", args[3]);

        StringBuilder url = new StringBuilder(args[0]).append("/idcard");
        char separator = '?';
        for (Map.Entry<String, String> one : queries.entrySet()) {
            url.append(separator).append(one.getKey()).append('=').append(URLEncoder.encode(one.getValue(), "utf-8"));
            separator = '&';
        }
        HttpURLConnection connection = (HttpURLConnection) new URL(url.toString()).openConnection();
        connection.setRequestMethod("GET");
        for (Map.Entry<String, String> one : headers.entrySet()) {
            connection.setRequestProperty(one.getKey(), one.getValue());
        }
        int status = connection.getResponseCode();
        if (status != 200) {
            System.out.println(status + " " + connection.getHeaderField("X-Ca-Error-Code"));
            return;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        InputStream in = connection.getInputStream();
        byte[] part = new byte[1024];
        for (int n = in.read(part); n >= 0; n = in.read(part)) {
            body.write(part, 0, n);
        }
        String text = body.toString("utf-8");
        int from = text.indexOf("\"status\":\"") + 10;
        System.out.println(status + " " + text.substring(from, text.indexOf('"', from)));
    }
}

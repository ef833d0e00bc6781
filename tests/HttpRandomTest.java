import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random and mutated requests: an answer or the connection's end, and nothing left behind. */
@Timeout(120)
class HttpRandomTest {
  private static final int REQUESTS = 10_000;

  private static final List<String> SEEDS =
      List.of(
          HttpTester.posting("/messages", "{\"message\": \"foo \\u00e9 é 😀\", \"a\": [1, {}]}"),
          HttpTester.request("POST", "/", "Transfer-Encoding: chunked")
              + "12;a=b\r\n{\"message\": \"foo\"}\r\n0\r\nX: y\r\n\r\n",
          HttpTester.request("GET", "/messages/" + HttpTester.FOO, "If-None-Match: \"a\", W/\"b\""),
          HttpTester.request(
              "HEAD", "/?a=%20b", "Accept: text/html;q=0.5, */*", "Connection: close"),
          HttpTester.posting("/messages", "{\"message\": \"foo\"}", "Expect: 100-continue"),
          "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
          "GET http://a/health HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");

  /** Pieces that requests are mistaken about. */
  private static final List<String> PIECES =
      List.of(
          "\r",
          "\n",
          "\r\n",
          "\r\n\r\n",
          " ",
          "\t",
          ":",
          "\0",
          "%",
          "%zz",
          "é",
          "\"",
          "{",
          "}",
          "[",
          ",",
          "\\u",
          "0",
          "9",
          "-",
          "Content-Length: 5\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Host: b\r\n",
          "HTTP/1.1",
          "ffffffff\r\n",
          "GET / HTTP/1.1\r\n",
          "\uFFFF",
          "/../",
          "?");

  @TempDir Path folder;

  /** With a store that answers at once, and one whose thread answers later. */
  @ParameterizedTest
  @ValueSource(strings = {"memory:", "sqlite:"})
  void everyRequestIsAnsweredOrEnded(String kind) throws Exception {
    String store = kind.equals("sqlite:") ? kind + folder.resolve("a.db") : kind;
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("JAVA_TOOL_OPTIONS=-Dseed=" + seed);
    var random = new Random(seed);
    int answered = 0;
    try (var tester = HttpTester.startOn(StoreTest.open(store, 0), HttpTester.PATIENT)) {
      for (int i = 0; i < REQUESTS; i++) {
        byte[] request = request(random);
        try (var client = tester.connect()) {
          client.send(request).socket.shutdownOutput();
          answered += answers(client, request);
        } catch (SocketException reset) {
          // A server may end a connection while more is sent.
        }
      }
      tester.awaitNoConnections();
      assertEquals(200, tester.get("/health").status());
    }
    assertTrue(answered > REQUESTS / 2, answered + " answers");
  }

  private static byte[] request(Random random) {
    if (random.nextInt(10) == 0) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      return bytes;
    }
    var text = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
    for (int mutations = random.nextInt(4); mutations > 0; mutations--) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(random.nextInt(8) == 0 ? 40 : 3));
      String piece = PIECES.get(random.nextInt(PIECES.size()));
      text.replace(at, end, random.nextInt(3) == 0 ? "" : piece);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Reads what comes back to its end, and counts it. */
  private static int answers(HttpTester.Client client, byte[] request) throws IOException {
    int count = 0;
    try {
      while (true) {
        var answer = client.read(startsWithHead(request));
        String shown = answer + " to " + new String(request, StandardCharsets.ISO_8859_1);
        assertTrue(answer.status() < 500 || List.of(501, 505).contains(answer.status()), shown);
        count++;
      }
    } catch (EOFException end) {
      return count;
    }
  }

  private static boolean startsWithHead(byte[] request) {
    return new String(request, StandardCharsets.ISO_8859_1).strip().startsWith("HEAD ");
  }
}

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a request begins and ends (RFC 9112), as raw bytes. */
@Timeout(60)
class HttpFramingTest {
  private static final String BODY = "{\"message\": \"foo\"}";
  private static final String DIGEST = "{\"digest\": \"" + HttpTester.FOO + "\"}";
  private static final String GET = HttpTester.request("GET", "/health");
  private static HttpTester tester;

  @BeforeAll
  static void start() throws Exception {
    tester = HttpTester.start();
    tester.post(BODY);
  }

  @AfterAll
  static void stop() {
    tester.close();
  }

  /** Rows are requests with \r and \n written out; a GET is sent behind each. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        // Section 6.3: one length, in digits, or chunks
        "POST / HTTP/1.1\r\n"
            + "Host: a\r\n"
            + "Content-Length: 5\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "0\r\n\r\n",
        "POST / HTTP/1.1\r\n"
            + "Host: a\r\n"
            + "Transfer-Encoding: chunked\r\n"
            + "Content-Length: 5\r\n\r\n"
            + "0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5;\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        // Section 6.1: the last coding is chunked
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;a=b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
        "POST / HTTP/1.0\r\n"
            + "Host: a\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "12\r\n{\"message\": \"foo\"}\r\n0\r\n\r\n",
        // Section 5.1: no whitespace before the colon; 5.2: no folding; 5: names are tokens
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\u00e9: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX(: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\t\r\n\r\n",
        // Section 2.2: CRLF alone ends a line
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "GET / HTTP/1.1\r\nHost: a\n\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rxX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
        "GET / HTTP/1.1\rHost: a\r\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        // RFC 9110 section 5.5: no control characters
        "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \0\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \u007f\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u0016\u0003\u0001\u0002",
        // Section 3: the request line
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / a HTTP/1.1\r\nHost: a\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET\r\n\r\n",
        " / HTTP/1.1\r\nHost: a\r\n\r\n",
        "G{T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.10\r\nHost: a\r\n\r\n",
        "GET / HTTP/x.1\r\nHost: a\r\n\r\n",
        "GET / FTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET messages HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /% HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /?a=%g0 HTTP/1.1\r\nHost: a\r\n\r\n",
        // Section 3.2: one host
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [a b]\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a%zz\r\n\r\n",
        // Section 3.2.2: a target's host is one too
        "GET http://a/ HTTP/1.1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: a@b\r\n\r\n",
        "GET http://b@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http:///health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://:80/health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a%2fb%zz/health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http%3a//a/health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET %2fhealth HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET ftp://a/health HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS %2a HTTP/1.1\r\nHost: a\r\n\r\n",
      })
  void whatCanBeReadInTwoWaysIsRefusedAndEndsTheConnection(String request) throws Exception {
    assertRefused(400, request);
  }

  /** RFC 9110 section 5.6.2. */
  @Test
  void methodsAndNamesOfFieldsHaveNoDelimiters() throws Exception {
    assertRefused(400, HttpTester.request("G:T", "/"));
    for (String delimiter : "\"(),/;<=>?@[\\]{}".split("")) {
      assertRefused(400, HttpTester.request("G" + delimiter + "T", "/"));
      assertRefused(400, HttpTester.request("GET", "/", "X" + delimiter + "Y: a"));
    }
  }

  private static void assertRefused(int status, String request) throws Exception {
    try (var client = tester.connect()) {
      client.send((request + GET).getBytes(StandardCharsets.ISO_8859_1));
      var answer = client.read();
      assertEquals(status, answer.status(), answer.body());
      assertFalse(answer.error().isEmpty());
      assertTrue(answer.isClosing());
      assertEquals("", client.rest(), "nothing behind a refused request is read");
    }
  }

  @ParameterizedTest
  @CsvSource({"HTTP/2.0, 505", "HTTP/3.0, 505", "HTTP/0.9, 505", "HTTP/9.1, 505", "HTTP/1.2, 200"})
  void otherVersionsAreRefused(String version, int status) throws Exception {
    var answer = tester.ask("GET / " + version + "\r\nHost: a\r\n\r\n");
    assertEquals(status, answer.status());
    assertEquals(status != 200, answer.isClosing());
  }

  @Test
  void whatIsNoHostIsRefusedAgainAndAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertRefused(400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n");
    }
  }

  /** RFC 9110 section 9.3.2. */
  @ParameterizedTest
  @ValueSource(strings = {"HEAD / HTTP/2.0\r\n", "HEAD /\r\n"})
  void anAnswerToHeadInAnotherVersionHasNoContent(String request) throws Exception {
    try (var client = tester.connect()) {
      assertEquals(505, client.send(request).read(true).status());
      assertEquals("", client.rest());
    }
  }

  @Test
  void requestsOfHttp09And2AreRefusedAtTheirFirstLine() throws Exception {
    assertEquals(505, tester.ask("GET /\r\n").status());
    assertEquals(505, tester.ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status());
  }

  @Test
  void anotherTransferCodingIsNotImplemented() throws Exception {
    assertRefused(501, HttpTester.request("POST", "/", "Transfer-Encoding: gzip, Chunked"));
  }

  @Test
  void aHeadHasALimit() throws Exception {
    String most = HttpTester.request("GET", "/health", "X: ");
    String filler = "a".repeat(8192 - most.length());
    assertEquals(200, tester.get("/health", "X: " + filler).status());
    assertRefused(431, HttpTester.request("GET", "/health", "X: a" + filler));
    assertRefused(414, "GET /" + "a".repeat(9000));
    // With the Host there is one field more than these.
    String[] fields = "X: b\n".repeat(99).split("\n");
    assertEquals(200, tester.get("/health", fields).status());
    assertRefused(431, HttpTester.request("GET", "/health", "X: b\r\n".repeat(100).strip()));
  }

  @Test
  void aBodyHasALimit() throws Exception {
    try (var small = HttpTester.start("--max-message-size", "1K")) {
      String most = "{\"message\": \"" + "a".repeat(1009) + "\"}";
      assertEquals(201, small.post(most).status());
      var answer = small.post(most + " ");
      assertEquals(413, answer.status());
      assertTrue(answer.error().contains("1024 bytes"), answer.body());
      assertTrue(answer.isClosing());
      assertEquals(413, small.ask(chunked("401\r\n" + most + " \r\n0\r\n\r\n")).status());
      assertEquals(413, small.ask(chunked("fffffffffffffff\r\n")).status());
      assertEquals(413, small.ask(chunked("1\r\n{\r\n".repeat(1024) + "1\r\n")).status());
      assertEquals(
          200,
          small
              .ask(
                  chunked(
                      "10\r\n"
                          + most.substring(0, 16)
                          + "\r\n3f0\r\n"
                          + most.substring(16)
                          + "\r\n0\r\n\r\n"))
              .status());
      for (int digits = 10; digits < 30; digits++) { // more than an int and a long have
        String endless = "Content-Length: " + "9".repeat(digits);
        assertEquals(413, small.ask(HttpTester.request("POST", "/", endless)).status());
      }
    }
  }

  /** It is not for its length that such a request is refused. */
  @ParameterizedTest
  @ValueSource(ints = {1_024, 1_025, 65_536, 65_537})
  void aBodyThatNobodyWantsMayHaveAnyLength(int length) throws Exception {
    try (var small = HttpTester.start("--max-message-size", "1K")) {
      String body = "a".repeat(length);
      var refused = small.ask(HttpTester.posting("/nowhere", body));
      assertEquals(404, refused.status());
      assertEquals(length > 1_024, refused.isClosing(), "what would be taken is skipped");
      String get = HttpTester.request("GET", "/health", "Content-Length: " + length);
      assertEquals(200, small.ask(get + body).status());
    }
  }

  @Test
  void aLengthMayBeginWithZeros() throws Exception {
    String zeros = "Content-Length: " + "0".repeat(30) + BODY.length();
    assertEquals(200, tester.ask(HttpTester.request("POST", "/", zeros) + BODY).status());
  }

  @Test
  void whoSendsTooMuchGetsToSeeTheAnswer() throws Exception {
    byte[] large = new byte[8 << 20];
    try (var client = tester.connect()) {
      client.send(HttpTester.request("POST", "/messages", "Content-Length: " + large.length));
      client.send(large);
      assertEquals(413, client.read().status());
      assertEquals("", client.rest());
    }
  }

  @Test
  void aPostHasALength() throws Exception {
    var answer = tester.ask(HttpTester.request("POST", "/messages"));
    assertEquals(411, answer.status());
    assertFalse(answer.error().isEmpty());
  }

  private static String chunked(String chunks) {
    return HttpTester.request("POST", "/messages", "Transfer-Encoding: chunked") + chunks;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "12\r\nBODY\r\n0\r\n\r\n",
        "0012\r\nBODY\r\n000\r\n\r\n",
        "12;a=b;c=\"d\"\r\nBODY\r\n0;e\r\n\r\n",
        "12 ;a\r\nBODY\r\n0\r\n\r\n",
        "12;\u0085\r\nBODY\r\n0\r\n\r\n",
        "12\r\nBODY\r\n0\r\nTrailer: a\r\nX: b\r\n\r\n",
        "1\r\n{\r\n11\r\n\"message\": \"foo\"}\r\n0\r\n\r\n",
        "A\r\n{\"message\"\r\n8\r\n: \"foo\"}\r\n0\r\n\r\n",
      })
  void chunksAreDecoded(String chunks) throws Exception {
    String request = chunked(chunks.replace("BODY", BODY));
    String other = request.replace(": chunked", ": Chunked");
    try (var client = tester.connect()) {
      client.send(request + other + GET);
      assertEquals(DIGEST, client.read().body());
      assertEquals(DIGEST, client.read().body());
      assertEquals(200, client.read().status());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\n",
        "\r\n",
        "-1\r\n",
        "+1\r\n",
        "0x12\r\n",
        " 12\r\n",
        "12 \r\nBODY\r\n0\r\n\r\n",
        "12\nBODY\r\n0\r\n\r\n",
        "12\r\nBODY\n0\r\n\r\n",
        "12\r\nBODYxx0\r\n\r\n",
        "12\r\nBODY0\r\n\r\n",
        "11\r\nBODY\r\n0\r\n\r\n",
        "12\r\nBODY\r\n0\n\r\n",
        "12\r\nBODY\r\n0\r\n\n",
        "12\r\nBODY\r\n0\r\nX : a\r\n\r\n",
        "12\r\nBODY\r\n0\r\n X: a\r\n\r\n",
        "12\r\nBODY\r\n0\r\nX\r\n\r\n",
        "12;a\rb\r\nBODY\r\n0\r\n\r\n",
        "12;\0\r\nBODY\r\n0\r\n\r\n",
        "0000000000000012\r\nBODY\r\n0\r\n\r\n",
        "12,\r\nBODY\r\n0\r\n\r\n",
      })
  void chunksThatAreNotRightAreRefused(String chunks) throws Exception {
    assertRefused(400, chunked(chunks.replace("BODY", BODY)));
  }

  @Test
  void whatIsAroundTheChunksHasALimit() throws Exception {
    assertRefused(400, chunked("1;" + "a".repeat(10_000) + "\r\n{\r\n"));
    String many = ("1;" + "a".repeat(99) + "\r\n \r\n").repeat(100);
    assertRefused(400, chunked(many + "12\r\n" + BODY + "\r\n0\r\n\r\n"));
    String trailers = ("X: " + "a".repeat(97) + "\r\n").repeat(100);
    assertRefused(400, chunked("12\r\n" + BODY + "\r\n0\r\n" + trailers + "\r\n"));
    assertRefused(400, chunked("12\r\n" + BODY + "\r\n0\r\nX: " + "a".repeat(10_000) + "\r\n\r\n"));
  }

  @Test
  void aRequestCutOffIsRefused() throws Exception {
    for (String part :
        List.of(
            "GET / HT",
            "GET / HTTP/1.1\r\nHost: a\r\n",
            HttpTester.posting("/messages", BODY).replace("foo\"}", ""),
            chunked("12\r\n{"),
            chunked("1"))) {
      try (var client = tester.connect()) {
        client.send(part).socket.shutdownOutput();
        var answer = client.read();
        assertEquals(400, answer.status(), part);
        assertEquals("", client.rest());
      }
    }
  }

  @Test
  void requestsArriveInPieces() throws Exception {
    String post = HttpTester.posting("/messages", BODY);
    String chunks = chunked("12;a\r\n" + BODY + "\r\n0\r\nX: y\r\n\r\n");
    String get = HttpTester.request("GET", "/messages/" + HttpTester.FOO);
    byte[] all = ("\r\n" + post + chunks + get).getBytes(StandardCharsets.UTF_8);
    for (int split = 1; split < all.length; split++) {
      try (var client = tester.connect()) {
        client.send(Arrays.copyOf(all, split));
        Thread.sleep(1);
        client.send(Arrays.copyOfRange(all, split, all.length));
        for (String body : List.of(DIGEST, DIGEST, BODY)) {
          assertEquals(body, client.read().body(), "split at " + split);
        }
      }
    }
  }

  /** At once, or with some of it left for later; a loop reads what is not large by itself. */
  @ParameterizedTest
  @ValueSource(ints = {1_900, 2_100, 4_200, 16_300, 16_400, 40_000})
  void bodiesOfAnyLengthArriveWhole(int length) throws Exception {
    String body = "{\"message\": \"" + "a".repeat(length) + "\"}";
    String post = HttpTester.posting("/", body);
    String path = tester.post(body).field("location");
    byte[] all = (post + HttpTester.request("GET", path)).getBytes(StandardCharsets.UTF_8);
    try (var client = tester.connect()) {
      for (int left : List.of(0, 10, 1_000, length - 1_000, length)) {
        client.send(Arrays.copyOf(all, all.length - left));
        Thread.sleep(5);
        client.send(Arrays.copyOfRange(all, all.length - left, all.length));
        assertEquals(200, client.read().status());
        assertEquals(body, client.read().body());
      }
    }
  }

  @Test
  void requestsArriveByteByByte() throws Exception {
    String chunks = chunked("12;a\r\n" + BODY + "\r\n0\r\nX: y\r\n\r\n");
    try (var client = tester.connect()) {
      for (byte octet : (HttpTester.posting("/", BODY) + chunks).getBytes(StandardCharsets.UTF_8)) {
        client.send(new byte[] {octet});
        Thread.onSpinWait();
      }
      assertEquals(DIGEST, client.read().body());
      assertEquals(DIGEST, client.read().body());
    }
  }

  @Test
  void smallChunksTakeNoLongerThanTheirBytes() throws Exception {
    int length = 1_000_000;
    String body = "{\"message\": \"" + "a".repeat(length) + "\"}";
    var chunks = new StringBuilder();
    body.chars().forEach(octet -> chunks.append("1\r\n").append((char) octet).append("\r\n"));
    try (var client = tester.connect()) {
      client.send(HttpTester.request("POST", "/messages", "Transfer-Encoding: chunked"));
      Thread.ofVirtual().start(() -> send(client, chunks + "0\r\n\r\n"));
      assertEquals(201, client.read().status());
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    var all = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      all.append(
          i % 3 == 0
              ? HttpTester.posting("/messages", "{\"message\": \"" + i + "\"}")
              : i % 3 == 1
                  ? HttpTester.request("HEAD", "/health")
                  : HttpTester.request("GET", "/messages/" + HttpTester.FOO));
    }
    try (var client = tester.connect()) {
      Thread.ofVirtual().start(() -> send(client, all.toString()));
      for (int i = 0; i < 1000; i++) {
        var answer = client.read(i % 3 == 1);
        assertEquals(i % 3 == 0 ? 201 : 200, answer.status(), "answer " + i);
        assertEquals(i % 3 == 2, answer.body().equals(BODY), "answer " + i);
      }
    }
  }

  /** Also behind one that takes so long that its thread leaves them to the loop. */
  @Test
  void whoSendsNoMoreGetsAllAnswers() throws Exception {
    String body = "{\"message\": \"" + "no more".repeat(140_000) + "\"}";
    String post = HttpTester.postingInAChunk("/", body);
    try (var client = tester.connect()) {
      client.send(post + HttpTester.request("GET", "/health").repeat(10) + "GET");
      client.socket.shutdownOutput();
      assertTrue(client.read().status() < 300);
      for (int i = 0; i < 10; i++) {
        assertEquals(200, client.read().status(), "answer " + i);
      }
      assertEquals(400, client.read().status());
    }
  }

  private static void send(HttpTester.Client client, String text) {
    try {
      client.send(text);
    } catch (IOException closed) {
      throw new UncheckedIOException(closed);
    }
  }

  @Test
  void aBodyThatNobodyWantsIsSkippedOrEndsTheConnection() throws Exception {
    String small = HttpTester.request("GET", "/health", "Content-Length: 68").stripTrailing();
    try (var client = tester.connect()) {
      client.send(
          small + "\r\n\r\n" + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n" + "x".repeat(33) + GET);
      assertEquals(200, client.read().status());
      assertEquals(200, client.read().status());
    }
    try (var client = tester.connect()) {
      client.send(
          HttpTester.posting("/messages", BODY) + small + "\r\n\r\n" + "x".repeat(68) + GET);
      assertEquals(DIGEST, client.read().body());
      assertEquals(200, client.read().status());
      assertEquals(200, client.read().status());
    }
    for (String field : List.of("Content-Length: 100000", "Transfer-Encoding: chunked")) {
      try (var client = tester.connect()) {
        client.send(HttpTester.request("GET", "/health", field) + "0\r\n\r\n" + GET);
        assertTrue(client.read().isClosing());
        assertEquals("", client.rest());
      }
    }
  }

  @Test
  void aBodyIsAskedForJustBeforeItIsWanted() throws Exception {
    String expecting = HttpTester.posting("/messages", BODY, "Expect: 100-Continue");
    String head = expecting.substring(0, expecting.length() - BODY.length());
    try (var client = tester.connect()) {
      client.send(head);
      assertEquals(100, client.read().status());
      client.send(BODY + GET);
      assertEquals(DIGEST, client.read().body());
      assertEquals(200, client.read().status());
      client.send(expecting);
      assertEquals(DIGEST, client.read().body(), "who does not wait is not told to go on");
      String chunks = "Transfer-Encoding: chunked";
      String inChunks = HttpTester.request("POST", "/messages", chunks, "Expect: 100-continue");
      String body = "12\r\n" + BODY + "\r\n0\r\n\r\n";
      client.send(inChunks);
      assertEquals(100, client.read().status());
      client.send(body);
      assertEquals(DIGEST, client.read().body());
      client.send(inChunks + body);
      assertEquals(DIGEST, client.read().body(), "nor with chunks");
    }
    try (var client = tester.connect()) {
      client.send(HttpTester.posting("/messages", BODY, "Expect: 100-continue, , 100-Continue"));
      assertEquals(DIGEST, client.read().body());
    }
    var refused =
        Map.of(
            404, head.replace("/messages", "/nowhere"),
            405, head.replace("POST", "PUT"),
            413, head.replace("Content-Length: 18", "Content-Length: 99999999"),
            417, head.replace("100-Continue", "200-maybe"),
            400, head.replace("localhost", "a b"));
    for (int status : refused.keySet()) {
      try (var client = tester.connect()) {
        var answer = client.send(refused.get(status)).read();
        assertEquals(status, answer.status());
        assertTrue(answer.isClosing());
        assertEquals("", client.rest());
      }
    }
  }

  @Test
  void connectionsAreKeptOrEndedAsAsked() throws Exception {
    String http10 = "GET /health HTTP/1.0\r\n";
    try (var client = tester.connect()) {
      client.send(http10 + "Connection: foo, Keep-Alive\r\n\r\n");
      assertEquals("keep-alive", client.read().field("connection"));
      client.send(GET);
      assertNull(client.read().field("connection"));
      client.send(HttpTester.request("GET", "/health", "Connection: x, Close , y") + GET);
      assertTrue(client.read().isClosing());
      assertEquals("", client.rest());
    }
    for (String fields :
        List.of("", "Connection: x\r\n", "Connection: keep-alive\r\nConnection: close\r\n")) {
      try (var client = tester.connect()) {
        client.send(http10 + fields + "\r\n" + GET);
        assertTrue(client.read().isClosing());
        assertEquals("", client.rest());
      }
    }
    try (var client = tester.connect()) {
      client.send(HttpTester.posting("/", "{}", "Connection: close") + GET);
      assertTrue(client.read().isClosing(), "also behind a refusal");
      assertEquals("", client.rest());
    }
    try (var client = tester.connect()) {
      String expecting =
          HttpTester.posting("/", BODY, "Expect: 100-continue", "Connection: keep-alive");
      int end = expecting.length() - BODY.length();
      client.send(expecting.substring(0, end).replace("HTTP/1.1", "HTTP/1.0"));
      Thread.sleep(100); // who sends the body at once is not told to go on anyway
      client.send(BODY);
      assertEquals(DIGEST, client.read().body(), "HTTP/1.0 knows no 100");
    }
  }

  @Test
  void anEscapedPathIsThePathItself() throws Exception {
    assertEquals(BODY, tester.get("/m%65ssages/%32" + HttpTester.FOO.substring(1)).body());
    assertEquals(404, tester.get("/messages%2f" + HttpTester.FOO).status());
    assertEquals(404, tester.get("/messages%2F" + HttpTester.FOO).status());
    assertEquals(200, tester.get("/health?x=%41+b").status());
    assertEquals(200, tester.get("HTTP://example.org:80/health").status());
    for (String host : List.of("example.org", "a%2fb", "[::ffff:1.2.3.4]:80", "a_b:", "x?y=/z")) {
      assertEquals(200, tester.get("http://" + host).status(), host);
      assertEquals(200, tester.get("https://" + host).status(), host);
    }
    assertEquals(404, tester.get("/+health").status());
  }

  /** RFC 9112 section 3.2: an empty Host is one; RFC 9110 section 5.5: tabs and obs-text. */
  @Test
  void fieldsMayBeEmptyAndHaveTabsAndOctetsBeyondAscii() throws Exception {
    String head = "GET /health HTTP/1.1\r\nHost:\r\nX: a\tb\u00ff\r\n\r\n";
    try (var client = tester.connect()) {
      client.send(head.getBytes(StandardCharsets.ISO_8859_1));
      assertEquals(200, client.read().status());
    }
  }
}

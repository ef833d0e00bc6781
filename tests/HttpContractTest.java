import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each request is answered with. */
@Timeout(120)
class HttpContractTest {
  private static final String PATH = "/messages/" + HttpTester.FOO;
  private static HttpTester tester;
  private static long start;

  @BeforeAll
  static void start() throws Exception {
    start = System.nanoTime();
    tester = HttpTester.start();
    tester.post("{\"message\": \"foo\"}");
  }

  @AfterAll
  static void stop() {
    tester.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "é | 4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c | é",
        "\\u00e9 | 4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c | é",
        "😀 | f0443a342c5ef54783a111b51ba56c938e474c32324d90c3a60c9c8e3a37e2d9 | 😀",
        "\\ud83d\\ude00 | f0443a342c5ef54783a111b51ba56c938e474c32324d90c3a60c9c8e3a37e2d9 | 😀",
        "`` | e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 | ``",
        "\\\"\\\\\\u0000\\n | * | \\\"\\\\\\u0000\\n",
      })
  void aMessageComesBackUnderItsDigest(String posted, String digest, String read) throws Exception {
    String answered = tester.post("{\"message\": \"" + posted + "\"}").body();
    assertTrue(answered.matches("\\{\"digest\": \"[0-9a-f]{64}\"}"), answered);
    if (digest.length() == 64) {
      assertEquals("{\"digest\": \"" + digest + "\"}", answered);
    }
    String address = "/messages/" + answered.substring(12, 76);
    assertEquals("{\"message\": \"" + read + "\"}", tester.get(address).body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/messages", "/messages?a=b", "http://localhost/messages"})
  void aNewMessageIsCreatedAndAnOldOneIsThere(String path) throws Exception {
    String body = "{\"message\": \"posted to " + path + "\", \"other\": [1, {\"message\": 2}]}";
    var first = tester.ask(HttpTester.posting(path, body));
    assertEquals(201, first.status());
    assertEquals("/messages/" + first.body().substring(12, 76), first.field("location"));
    var second = tester.ask(HttpTester.posting(path, body));
    assertEquals(200, second.status());
    assertNull(second.field("location"));
    assertEquals(first.body(), second.body());
  }

  /** RFC 9110 section 15.5.16. */
  @Test
  void anEncodedBodyIsRefused() throws Exception {
    String body = "{\"message\": \"foo\"}";
    var answer = tester.ask(HttpTester.posting("/messages", body, "Content-Encoding: gzip"));
    assertEquals(415, answer.status());
    assertEquals("identity", answer.field("accept-encoding"));
    assertTrue(answer.error().contains("Content-Encoding"));
    assertFalse(answer.isClosing());
    var plain = tester.ask(HttpTester.posting("/messages", body, "Content-Encoding: Identity"));
    assertTrue(plain.status() < 300, plain.toString());
  }

  @Test
  void aMessageIsCacheableForEver() throws Exception {
    var answer = tester.get("/messages/" + HttpTester.FOO.toUpperCase());
    assertEquals(200, answer.status());
    assertEquals("{\"message\": \"foo\"}", answer.body());
    assertEquals('"' + HttpTester.FOO + '"', answer.field("etag"));
    assertEquals("public, max-age=31536000, immutable", answer.field("cache-control"));
    assertEquals("nosniff", answer.field("x-content-type-options"));
    assertEquals("application/json", answer.field("content-type"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "*                     | 304",
        "\"DIGEST\"            | 304",
        "W/\"DIGEST\"          | 304",
        "\"a\", W/\"DIGEST\"   | 304",
        "\"a\",\"b\",\"DIGEST\"| 304",
        "\"a\"                 | 200",
        "DIGEST                | 200",
        "\"DIGESTx\"           | 200",
        "\"*\"                 | 200",
      })
  void aClientThatHasTheMessageIsToldSo(String tags, int status) throws Exception {
    String field = "If-None-Match: " + tags.strip().replace("DIGEST", HttpTester.FOO);
    var answer = tester.get(PATH, field);
    assertEquals(status, answer.status());
    assertEquals(status == 304, answer.field("content-length") == null);
    assertEquals('"' + HttpTester.FOO + '"', answer.field("etag"));
    assertEquals("public, max-age=31536000, immutable", answer.field("cache-control"));
    assertEquals(404, tester.get("/messages/" + "0".repeat(64), field).status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "If-Match: \"DIGEST\"                             | 200",
        "If-Match: \"a\", \"DIGEST\"                      | 200",
        "If-Match: \"aW/\", \"DIGEST\"                    | 200",
        "If-Match: *                                      | 200",
        "If-Match: \"a\"                                  | 412",
        "If-Match: \"*\"                                  | 412",
        "If-Match: W/\"DIGEST\"                           | 412",
        "If-Match: \"a\"|If-None-Match: *                 | 412",
        "If-Match: *|If-None-Match: \"DIGEST\"            | 304",
        "If-None-Match: \"a\"|If-Modified-Since: DATE     | 200",
        "If-None-Match: \"DIGEST\"|If-Modified-Since: OLD | 304",
        "If-Modified-Since: DATE                          | 200",
      })
  void preconditionsAreMetInTheirOrder(ArgumentsAccessor row) throws Exception {
    int last = row.size() - 1;
    var fields = new String[last];
    for (int i = 0; i < last; i++) {
      fields[i] =
          row.getString(i)
              .replace("DIGEST", HttpTester.FOO)
              .replace("DATE", "Fri, 01 Jan 2100 00:00:00 GMT")
              .replace("OLD", "Mon, 01 Jan 2001 00:00:00 GMT");
    }
    assertEquals(row.getInteger(last), tester.get(PATH, fields).status());
    assertEquals(404, tester.get("/messages/" + "0".repeat(64), fields).status());
  }

  @Test
  void whatMayChangeIsNotKeptByCaches() throws Exception {
    String missing = "/messages/" + "0".repeat(64);
    for (String path : List.of(missing, "/nowhere", "/messages", "/health", "/metrics")) {
      assertEquals("no-store", tester.get(path).field("cache-control"), path);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {PATH, "/health", "/metrics", "/", "/messages/x", "/nowhere"})
  void headIsGetWithoutItsBody(String path) throws Exception {
    var get = tester.get(path);
    try (var client = tester.connect()) {
      client.send(HttpTester.request("HEAD", path)).send(HttpTester.request("GET", "/health"));
      var head = client.read(true);
      assertEquals(get.status(), head.status());
      assertEquals(get.fields().keySet(), head.fields().keySet());
      if (!path.equals("/metrics")) {
        assertEquals(get.field("content-length"), head.field("content-length"));
      }
      assertEquals(200, client.read().status());
    }
  }

  @Test
  void anUnknownDigestIsNotFound() throws Exception {
    var answer = tester.get("/messages/" + "0".repeat(64));
    assertEquals(404, answer.status());
    assertEquals("{\"err_msg\": \"Message not found\"}", answer.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "foo%20bar",
        HttpTester.FOO + "0",
        HttpTester.FOO + "00",
        "%00",
        "..%2f",
        "%ff"
      })
  void whatIsNoDigestIsToldWhatOneLooksLike(String digest) throws Exception {
    var answer = tester.get("/messages/" + digest);
    assertEquals(404, answer.status());
    assertTrue(answer.error().contains("64 hex digits"), answer.body());
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /nowhere,  404,",
    "POST,   /health/,  404,",
    "CONNECT, localhost:80, 404,",
    "GET,    /messages, 405, 'POST, OPTIONS'",
    "PUT,    /messages, 405, 'POST, OPTIONS'",
    "DELETE, /,         405, 'GET, HEAD, POST, OPTIONS'",
    "POST,   /health,   405, 'GET, HEAD, OPTIONS'",
    "PATCH,  /metrics,  405, 'GET, HEAD, OPTIONS'",
    "TRACE,  /messages/x, 405, 'GET, HEAD, OPTIONS'",
    "BREW,   /messages, 405, 'POST, OPTIONS'",
    "get,    /,         405, 'GET, HEAD, POST, OPTIONS'",
  })
  void otherPathsAndMethodsAreRefused(String method, String path, int status, String allow)
      throws Exception {
    var answer = tester.ask(HttpTester.request(method, path));
    assertEquals(status, answer.status());
    assertEquals(allow, answer.field("allow"));
    assertFalse(answer.error().isEmpty());
    assertFalse(answer.isClosing());
  }

  @Test
  void aPostWithASlashTooManyIsToldWhereItGoes() throws Exception {
    var answer = tester.ask(HttpTester.request("POST", "/messages/"));
    assertEquals(405, answer.status());
    assertEquals(
        "the methods allowed here are GET, HEAD, OPTIONS; a post goes to /messages",
        answer.error());
  }

  @ParameterizedTest
  @CsvSource({
    "/messages, 'POST, OPTIONS'",
    "/messages/x, 'GET, HEAD, OPTIONS'",
    "/, 'GET, HEAD, POST, OPTIONS'",
    "*, 'GET, HEAD, POST, OPTIONS'",
    "http://localhost, 'GET, HEAD, POST, OPTIONS'",
  })
  void optionsTellsTheMethods(String path, String allow) throws Exception {
    var answer = tester.ask(HttpTester.request("OPTIONS", path));
    assertEquals(204, answer.status());
    assertEquals(allow, answer.field("allow"));
    assertNull(answer.field("content-length"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                  | the body is empty",
        "` `                                 | the body is empty",
        "\uFEFF\uFEFF{\"message\": \"a\"}    | line 1",
        "foo                                 | line 1, column 1",
        "{\"message\": \"foo\"               | line 1, column 18",
        "{\"message\": \"foo                 | line 1",
        "{\"message\": \"foo\",}             | line 1, column 19",
        "{\"message\": \"foo\"]              | expected '}' (line 1, column 18)",
        "{\"a\": [1, 2}, \"message\": \"foo\"} | expected ']' (line 1, column 12)",
        "{'message': 'foo'}                  | line 1, column 2",
        "[\"message\", \"foo\"]              | not a JSON object",
        "\"foo\"                             | not a JSON object",
        "null                                | not a JSON object",
        "{}                                  | no \\\"message\\\"",
        "{\"Message\": \"foo\"}              | no \\\"message\\\"",
        "{\"message\": 1}                    | \\\"message\\\" is not a string",
        "{\"message\": null}                 | \\\"message\\\" is not a string",
        "{\"message\": {\"message\": \"a\"}} | \\\"message\\\" is not a string",
        "{\"message\": \"a\", \"message\": \"a\"} | more than one \\\"message\\\"",
        "{\"message\": \"a\", \"m\\u0065ssage\": \"a\"} | more than one \\\"message\\\"",
        "{\"message\": \"a\"} x              | line 1",
        "{\"message\": \"a\"}{}              | something after",
        "{\"message\": \"a\"} null           | something after",
        "{\"message\": \"\\ud800\"}          | unpaired surrogate, \\\\ud800, as character 1",
        "{\"message\": \"ab\\udc00\"}        | unpaired surrogate, \\\\udc00, as character 3",
        "{\"message\": \"\\udfff\"}          | unpaired surrogate, \\\\udfff, as character 1",
        "{\"message\": \"\\ude00\\ud83d\"}   | unpaired surrogate, \\\\ude00, as character 1",
        "{\"message\": \"\t\"}               | line 1",
        "{\"message\": \"\\x\"}              | line 1",
        "{\"message\": \"a\", \"b\": NaN}    | line 1",
        "{\"message\": \"a\", \"b\": 01}     | line 1",
        "{\"message\": \"a\" /* c */}        | line 1",
      })
  void aBodyThatIsNoMessageIsToldWhatIsWrong(String body, String reason) throws Exception {
    try (var client = tester.connect()) {
      client.send(HttpTester.posting("/messages", body)).send(HttpTester.request("GET", PATH));
      var answer = client.read();
      assertEquals(400, answer.status(), answer.body());
      assertTrue(answer.error().contains(reason), answer.body());
      assertFalse(
          answer.error().matches("(?s).*(Source|marker at|Feature|REDACTED|com\\.).*"),
          answer.body());
      assertEquals(200, client.read().status(), "the connection goes on");
    }
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheBody() throws Exception {
    var answer = tester.post("\uFEFF{\"message\": \"\uFEFFfoo\"}");
    assertEquals(tester.post("{\"message\": \"\\ufefffoo\"}").body(), answer.body());
    assertTrue(answer.status() < 300, answer.body());
  }

  @Test
  void onlyTheBodysLimitBoundsNamesAndNumbers() throws Exception {
    for (String other :
        List.of(
            "\"" + "n".repeat(60_000) + "\": 1",
            "\"n\": " + "1".repeat(2_000),
            "\"n\": 1, \"n\": 2")) {
      var answer = tester.post("{\"message\": \"long\", " + other + "}");
      assertTrue(answer.status() < 300, answer.body());
    }
    var answer = tester.post("{\"n\": " + "n".repeat(60_000) + "}");
    assertEquals(400, answer.status());
    assertTrue(answer.error().startsWith("not JSON: Unrecognized token 'nnn"), answer.body());
    assertTrue(answer.error().contains("... (line 1, "), answer.body());
    assertTrue(answer.body().length() < 400, answer.body());
  }

  @Test
  void namesOfOnePostDoNotHarmAnother() throws Exception {
    // All 512 have one hash in Jackson's table of names.
    String names =
        IntStream.range(0, 512)
            .mapToObj(i -> String.format("%9s", Integer.toBinaryString(i)).replace(' ', '0'))
            .map(name -> "\"" + name.replace("0", "aB").replace("1", "b!") + "\": 1")
            .collect(Collectors.joining(", "));
    for (int round = 0; round < 3; round++) {
      assertTrue(tester.post("{\"message\": \"a\", " + names + "}").status() < 300);
      for (int i = 0; i < 300; i++) {
        String others = "\"id%d_%d\": 1, \"at%d_%d\": 2".formatted(round, i, round, i);
        var answer = tester.post("{\"message\": \"a\", " + others + "}");
        assertEquals(200, answer.status(), answer.body());
      }
    }
  }

  @Test
  void nestingHasALimit() throws Exception {
    String deep = "{\"message\": \"deep\", \"other\": " + "[".repeat(63) + "]".repeat(63) + "}";
    assertEquals(201, tester.post(deep).status());
    for (String deeper : List.of("[".repeat(64) + "]".repeat(64), "[".repeat(100_000))) {
      var answer = tester.post("{\"message\": \"a\", \"other\": " + deeper + "}");
      assertEquals(400, answer.status());
      assertTrue(answer.error().contains("nested more than 64 levels deep"), answer.body());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "80, 14",
    "c080, 14",
    "c3, 14",
    "eda080, 14",
    "f4908080, 14",
    "f0808080, 14",
    "e28080ff, 17"
  })
  void onlyUtf8IsTaken(String hex, int place) throws Exception {
    byte[] wrong = HexFormat.of().parseHex(hex);
    try (var client = tester.connect()) {
      int length = 13 + wrong.length + 2;
      client.send(HttpTester.request("POST", "/messages", "Content-Length: " + length));
      client.send("{\"message\": \"").send(wrong).send("\"}");
      var answer = client.read();
      assertEquals(400, answer.status());
      assertTrue(answer.error().endsWith("not UTF-8 at byte " + place), answer.body());
    }
    assertEquals(201, tester.post("{\"message\": \"\uFFFD sent as such " + hex + "\"}").status());
  }

  @Test
  void healthTellsTheStore() throws Exception {
    var answer = tester.get("/health");
    assertEquals(200, answer.status());
    assertEquals("{\"status\":\"ok\",\"store\":\"memory:\"}", answer.body());
  }

  @Test
  void healthIsJsonWhateverTheStoresName(@TempDir Path folder) throws Exception {
    try (var quoted = HttpTester.startOn(StoreTest.open("sqlite:" + folder + "/\"a\\.db", 0))) {
      String body = quoted.get("/health").body();
      assertTrue(body.endsWith("/\\\"a\\\\.db\"}"), body);
    }
  }

  @Test
  void metricsCountRequests() throws Exception {
    String line = "http_requests_total{method=\"GET\",route=\"message\",status=\"200\"} ";
    double before = metric(line);
    tester.get(PATH);
    tester.get(PATH);
    assertEquals(before + 2, metric(line));
    String all = "http_request_duration_seconds_count";
    String other = "http_requests_total{method=\"other\",route=\"messages\",status=\"405\"} ";
    double others = metric(other);
    tester.ask(HttpTester.request("BREW", "/messages"));
    assertEquals(others + 1, metric(other));
    String malformed = "http_requests_total{method=\"other\",route=\"none\",status=\"400\"} ";
    double refused = metric(malformed);
    tester.ask("x\r\n\r\n");
    assertEquals(refused + 1, metric(malformed));
    Eventually.holds(
        "all are timed, whatever came of them",
        () -> {
          String metrics = tester.get("/metrics").body();
          return HttpTester.sum(metrics, all) == HttpTester.sum(metrics, "http_requests_total{");
        });
    String head = "http_requests_total{method=\"HEAD\",route=\"root\",status=\"200\"} ";
    double heads = metric(head);
    tester.ask(HttpTester.request("HEAD", "/"));
    assertEquals(heads + 1, metric(head));
    double elapsed = (System.nanoTime() - start) / 1e9;
    assertTrue(metric("http_request_duration_seconds_sum") < elapsed, "one after the other");
    assertTrue(metric("http_connections ") >= 1);
    assertTrue(metric("messages_stored ") >= 1);
    assertEquals(1, metric("store_available "));
    assertTrue(metric("jvm_memory_used_bytes{area=\"heap\"} ") > 0);
    assertTrue(metric("process_cpu_seconds_total ") > 0);
    assertTrue(tester.get("/metrics").field("content-type").startsWith("text/plain; version="));
  }

  /** What the client takes to send it counts too. */
  @Test
  void aRequestIsTimedFromItsFirstByteInSeconds() throws Exception {
    String sum = "http_request_duration_seconds_sum";
    double before = metric(sum);
    String request = HttpTester.request("OPTIONS", "*");
    try (var client = tester.connect()) {
      client.send(request.substring(0, 9));
      tester.awaitPhase(MsgHashingServer.Phase.HEAD);
      Thread.sleep(500);
      assertEquals(204, client.send(request.substring(9)).read().status());
    }
    assertTrue(metric(sum) - before >= 0.4, "of a request that took 0.5 s");
  }

  @Test
  void aDurationIsCountedUpToTheBoundThatItMeets() {
    var durations = new MsgHashingServer.Durations();
    for (long nanoseconds : new long[] {100_000, 100_001, 1_500_000_000, 10_000_000_001L}) {
      durations.add(MsgHashingServer.Route.ROOT, nanoseconds);
    }
    var counts =
        durations.collect().getDataPoints().stream()
            .filter(point -> point.getLabels().get("route").equals("root"))
            .flatMap(point -> point.getClassicBuckets().stream())
            .map(bucket -> bucket.getCount());
    assertEquals(List.of(1L, 1L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L, 0L, 1L), counts.toList());
  }

  /** Or what a few posts take would be lost among the reads, and that of reads among scrapes. */
  @Test
  void eachRouteIsTimedByItself() throws Exception {
    String reads = "http_request_duration_seconds_count{route=\"message\"} ";
    String posts = "http_request_duration_seconds_count{route=\"messages\"} ";
    double readsBefore = metric(reads);
    double postsBefore = metric(posts);
    tester.get(PATH);
    tester.get(PATH);
    tester.post("{\"message\": \"foo\"}");
    tester.ask(HttpTester.posting("/", "{\"message\": \"foo\"}"));
    assertEquals(readsBefore + 2, metric(reads));
    assertEquals(postsBefore + 2, metric(posts), "a post to / is one to /messages");
  }

  /** Several Prometheus replicas may be waiting for a server that starts. */
  @Test
  void firstScrapesAtOnceAreAllWhole() throws Exception {
    for (int round = 0; round < 20; round++) {
      try (var fresh = HttpTester.start();
          var replicas = Executors.newVirtualThreadPerTaskExecutor()) {
        Callable<String> scrape = () -> fresh.get("/metrics").body();
        for (var scraped : replicas.invokeAll(Collections.nCopies(8, scrape))) {
          String metrics = scraped.get();
          assertTrue(metrics.contains("\njvm_threads_current "), metrics);
          assertTrue(metrics.contains("\nprocess_start_time_seconds "), metrics);
        }
      }
    }
  }

  @Test
  void metricsTellWhetherTheStoreTakesMessages(@TempDir Path folder) throws Exception {
    try (var full = HttpTester.startOn(MsgHashingServer.MessageStore.open("memory:", 200, 0))) {
      assertEquals(201, full.post("{\"message\": \"foo\"}").status());
      assertTrue(full.get("/metrics").body().contains("\nstore_available 1.0\n"));
      var refused = full.post("{\"message\": \"bar\"}");
      assertEquals(507, refused.status());
      assertEquals("the store is full", refused.error());
      String metrics = full.get("/metrics").body();
      assertTrue(metrics.contains("\nmessages_stored 1.0\n"), metrics);
      assertTrue(metrics.contains("\nstore_available 0.0\n"), metrics);
    }
    var store = StoreTest.open("sqlite:" + folder.resolve("a.db"), 0);
    try (var away = HttpTester.startOn(store)) {
      store.close();
      String metrics = away.get("/metrics").body();
      assertTrue(metrics.contains("\nmessages_stored NaN\n"), metrics);
      assertTrue(metrics.contains("\nstore_available 0.0\n"), metrics);
    }
  }

  @Test
  void aStoreThatIsDamagedOrAwayIsToldByTheStatus(@TempDir Path folder) throws Exception {
    var damaged = StoreTest.open("memory:", 0);
    damaged.put(StoreTest.digest("foo"), "bar".getBytes(StandardCharsets.UTF_8)).get();
    try (var server = HttpTester.startOn(damaged)) {
      var answer = server.get(PATH);
      assertEquals(500, answer.status());
      assertEquals("the store is damaged", answer.error());
    }
    var away = StoreTest.open("sqlite:" + folder.resolve("a.db"), 0);
    try (var server = HttpTester.startOn(away)) {
      away.close();
      for (var answer : List.of(server.post("{\"message\": \"foo\"}"), server.get("/health"))) {
        assertEquals(503, answer.status());
        assertEquals("1", answer.field("retry-after"));
        assertEquals("the store does not answer", answer.error(), "and not where it is");
      }
    }
  }

  private static double metric(String start) throws Exception {
    return HttpTester.sum(tester.get("/metrics").body(), start);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 | text/html;"
            + " charset=utf-8",
        "application/json, text/html;q=0.5 | text/html; charset=utf-8",
        "text/html;q=0, */* | application/json",
        "text/html; q=0.000 | application/json",
        "text/html;level=1;q=0;a=b, application/json;q=0.1 | application/json",
        "*/*, TEXT/HTML | text/html; charset=utf-8",
        "x/text/html | application/json",
        "text/htmlx | application/json",
        "*/* | application/json",
      })
  void theRootIsAPageForThoseWhoAskForHtml(String accept, String type) throws Exception {
    var answer = tester.get("/", "Accept: " + accept);
    assertEquals(200, answer.status());
    assertEquals(type, answer.field("content-type"));
    assertEquals("Accept", answer.field("vary"));
    assertEquals("no-cache", answer.field("cache-control"), "the next version's may differ");
  }

  @Test
  void theSummaryIsJson() throws Exception {
    var names = new ArrayList<String>();
    try (var parser = new JsonFactory().createParser(tester.get("/").body())) {
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.FIELD_NAME) {
          names.add(parser.currentName());
        }
      }
    }
    assertTrue(names.containsAll(List.of("version", "POST /messages", "GET /metrics")), names + "");
  }

  @Test
  void thePageAllowsNothingForeign() throws Exception {
    var answer = tester.get("/", "Accept: text/html");
    String policy = answer.field("content-security-policy");
    assertTrue(policy.startsWith("default-src 'none';"), policy);
    assertEquals("no-referrer", answer.field("referrer-policy"));
    assertTrue(policy.contains("; base-uri 'none'; form-action 'none'; "), policy);
    assertFalse(policy.contains("unsafe"), policy);
    assertEquals("nosniff", answer.field("x-content-type-options"));
    assertFalse(answer.body().contains("innerHTML"));
  }

  @Test
  void everyAnswerHasADateOfNow() throws Exception {
    String date = tester.get("/nowhere").field("date");
    var parsed = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
    long seconds = Duration.between(parsed, ZonedDateTime.now()).toSeconds();
    assertTrue(seconds >= -1 && seconds <= 2, date);
    Eventually.holds("it goes on", () -> !date.equals(tester.get("/nowhere").field("date")));
    assertTrue(
        date.matches("[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT"), date);
  }
}

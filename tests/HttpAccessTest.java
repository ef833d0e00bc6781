import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import java.security.cert.Certificate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what, and over what. */
@Timeout(60)
class HttpAccessTest {
  /** With the blanks and the end of line that it may have when it is read from a file. */
  private static final Map<String, String> TOKEN = Map.of("MSG_HASHING_TOKEN", " s3cret é\n");

  private static final Map<String, String> PASSWORD =
      Map.of("MSG_HASHING_KEYSTORE_PASSWORD", "pass word");

  private static final long NEVER = HttpTester.NEVER;

  private static final String FOO = "{\"message\": \"foo\"}";

  /** A file with a key, which PASSWORD opens. */
  private static Path keystore;

  private static SSLSocketFactory tls;

  @TempDir Path folder;

  @BeforeAll
  static void makeKeystore(@TempDir Path folder) throws Exception {
    keystore = folder.resolve("key.p12");
    TlsProxy.makeKey(keystore, "pass word");
    tls = TlsProxy.context(keystore, "pass word").getSocketFactory();
  }

  private static HttpTester start(String... arguments) throws Exception {
    return HttpTester.start(MsgHashingServer.Timeouts.DEFAULT, TOKEN, arguments);
  }

  @Test
  void writingWantsTheToken() throws Exception {
    try (var tester = start()) {
      assertEquals("Bearer realm=\"messages\"", tester.post(FOO).field("www-authenticate"));
      var answer = tester.ask(HttpTester.posting("/", FOO, "Authorization: Bearer wrong"));
      assertEquals(401, answer.status());
      assertEquals(
          "Bearer realm=\"messages\", error=\"invalid_token\"", answer.field("www-authenticate"));
      assertTrue(answer.error().contains("token"));
      assertEquals(404, tester.get("/messages/" + HttpTester.FOO).status());
      assertEquals(201, write(tester).status());
      assertEquals(200, tester.get("/messages/" + HttpTester.FOO).status());
      assertEquals(
          "{\"status\":\"ok\",\"store\":\"memory\"}",
          tester.get("/health").body(),
          "where the store is, is for those with the token");
      assertEquals(
          "{\"status\":\"ok\",\"store\":\"memory:\"}",
          tester.get("/health", "Authorization: Bearer s3cret é").body());
    }
  }

  @Test
  void noPartOfTheStoresNameIsToldWithoutTheToken() throws Exception {
    String store = "sqlite:" + folder.resolve("two\nlines.db");
    try (var server = ServerProcess.start(TOKEN, List.of(), "--store", store);
        var client = server.connect()) {
      client.send(HttpTester.request("GET", "/health"));
      assertEquals("{\"status\":\"ok\",\"store\":\"sqlite\"}", client.read().body());
    }
  }

  private static HttpTester.Answer write(HttpTester tester) throws Exception {
    String token = "Authorization: Bearer  s3cret é";
    return tester.ask(HttpTester.posting("/messages", FOO, token));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer",
        "Bearer ",
        "Basic s3cret",
        "s3cret é",
        "Bearer s3cret",
        "Bearer s3cret é x"
      })
  void nothingButTheTokenWill(String credentials) throws Exception {
    try (var tester = start("--private")) {
      assertEquals(401, tester.get("/", "Authorization: " + credentials).status());
    }
  }

  @Test
  void privateReadingWantsItTooExceptHealth() throws Exception {
    try (var tester = start("--private")) {
      write(tester);
      for (String path : List.of("/messages/" + HttpTester.FOO, "/messages/x", "/", "/metrics")) {
        assertEquals(401, tester.get(path).status(), path);
        assertEquals(401, tester.ask(HttpTester.request("HEAD", path)).status(), path);
        assertFalse(tester.get(path, "Authorization: bearer s3cret é").status() == 401, path);
      }
      var message = tester.get("/messages/" + HttpTester.FOO, "Authorization: Bearer s3cret é");
      // Else whoever has the same browser later could read it without, or with an old token.
      assertEquals("private, no-cache", message.field("cache-control"));
      String[] again = {"Authorization: Bearer s3cret é", "If-None-Match: *"};
      var known = tester.get("/messages/" + HttpTester.FOO, again);
      assertEquals(304, known.status());
      assertEquals("private, no-cache", known.field("cache-control"), "a cache takes it over");
      assertEquals("{\"status\":\"ok\",\"store\":\"memory\"}", tester.get("/health").body());
      assertEquals(204, tester.ask(HttpTester.request("OPTIONS", "/")).status());
    }
  }

  @Test
  void aBrowserGetsThePrivatePageThatAsksForTheToken() throws Exception {
    try (var tester = start("--private")) {
      var page = tester.get("/", "Accept: text/html");
      assertEquals(200, page.status());
      assertEquals("text/html; charset=utf-8", page.field("content-type"));
      assertEquals(401, tester.get("/metrics", "Accept: text/html").status());
    }
  }

  /** By whether it can, or by the height of a frame, it could tell which messages there are. */
  @Test
  void noPageOfAnotherSiteCanReadOrEmbedAnAnswer() throws Exception {
    String origin = "Origin: http://evil.example";
    try (var tester = HttpTester.start()) {
      tester.post(FOO);
      for (String path : List.of("/messages/" + HttpTester.FOO, "/messages/" + "0".repeat(64))) {
        var answer = tester.get(path, origin);
        assertNull(answer.field("access-control-allow-origin"), path);
        assertEquals("same-origin", answer.field("cross-origin-resource-policy"), path);
        assertEquals("frame-ancestors 'none'", answer.field("content-security-policy"), path);
      }
      String page = tester.get("/", "Accept: text/html").field("content-security-policy");
      assertTrue(page.endsWith("; frame-ancestors 'none'"), page);
    }
  }

  /** The Host of these requests is localhost, unless the target names another. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/messages | X: neither field, as curl sends it | 200",
        "/ | Sec-Fetch-Site: same-origin | 200",
        "/ | Sec-Fetch-Site: none | 200",
        "/ | Sec-Fetch-Site: same-site | 403",
        "/messages | Sec-Fetch-Site: cross-site | 403",
        "/ | Sec-Fetch-Site: | 403",
        "/ | Origin: http://localhost | 200",
        "/ | Origin: https://localhost | 200",
        "/ | Origin: http://localhost:8001 | 403",
        "/ | Origin: http://evil.example | 403",
        "/ | Origin: null | 403",
        "http://localhost:8443/ | Origin: http://localhost:8443 | 200",
        "http://localhost:8443/ | Origin: https://localhost:8443 | 200",
        "http://localhost:8443/ | Origin: https://localhost | 403",
        "http://localhost:80/ | Origin: http://localhost | 200",
        "http://localhost:80/ | Origin: http://localhost.evil.example | 403",
        "http://localhost:443/ | Origin: https://localhost | 200",
        "http://localhost:443/ | Origin: http://localhost | 403",
        "/ | Sec-Fetch-Site: same-origin;Origin: null | 200",
        "/ | Sec-Fetch-Site: cross-site;Origin: http://localhost | 403",
      })
  void onlyPagesOfThisServerMayHaveABrowserPost(String target, String fields, int status)
      throws Exception {
    try (var tester = HttpTester.start();
        var client = tester.connect()) {
      tester.post(FOO);
      client.send(HttpTester.posting(target, FOO, fields.split(";")));
      assertEquals(status, client.read().status());
      client.send(HttpTester.request("GET", "/health", fields.split(";")));
      assertEquals(200, client.read().status(), "reading is for all");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost", "http://null", "null"})
  void whereNoHostIsNamedEachOriginIsAnother(String origin) throws Exception {
    String post = HttpTester.posting("/", FOO).replace("HTTP/1.1\r\nHost: localhost", "HTTP/1.0");
    try (var tester = HttpTester.start()) {
      assertEquals(201, tester.ask(post).status());
      String foreign = post.replace("\r\n\r\n", "\r\nOrigin: " + origin + "\r\n\r\n");
      assertEquals(403, tester.ask(foreign).status());
    }
  }

  @Test
  void aPageOfAnotherSiteMayNotWithTheTokenEither() throws Exception {
    try (var tester = start()) {
      String[] fields = {"Authorization: Bearer s3cret é", "Sec-Fetch-Site: cross-site"};
      assertEquals(403, tester.ask(HttpTester.posting("/", FOO, fields)).status());
    }
  }

  @Test
  void aRefusedBodyIsNotReadIntoTheNextRequest() throws Exception {
    try (var tester = start();
        var client = tester.connect()) {
      client.send(HttpTester.posting("/", FOO) + HttpTester.request("GET", "/health"));
      assertEquals(401, client.read().status());
      assertEquals(200, client.read().status());
    }
  }

  @Test
  void tlsCarriesTheSame() throws Exception {
    try (var tester = startTls(HttpTester.PATIENT);
        var client = new HttpTester.Client(tls(tester))) {
      client.send(
          HttpTester.posting("/", FOO) + HttpTester.request("GET", "/messages/" + HttpTester.FOO));
      assertEquals(201, client.read().status());
      assertEquals(FOO, client.read().body());
      String expecting = HttpTester.posting("/", FOO, "Expect: 100-continue");
      client.send(expecting.substring(0, expecting.length() - FOO.length()));
      assertEquals(100, client.read().status());
      assertEquals(200, client.send(FOO).read().status());
      client.send(HttpTester.request("GET", "/health", "Connection: close")).read();
      assertEquals("", client.rest());
      client.close();
      tester.awaitNoConnections();
    }
  }

  /** Of TLS 1.2, as 1.3 has none; it would take the server as long as a connection does. */
  @Test
  void noClientCanRenegotiate() throws Exception {
    String[] choice = {"--store=memory:", "--tls-keystore=" + keystore};
    try (var server = ServerProcess.start(PASSWORD, List.of(), choice);
        var socket = tls(server.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      var client = new HttpTester.Client(socket);
      String get = HttpTester.request("GET", "/health");
      assertEquals(200, client.send(get).read().status());
      socket.startHandshake();
      assertThrows(SSLException.class, () -> client.send(get).read());
    }
  }

  /** Such as that of a service in a container, or of the upstream in docs/nginx.conf. */
  @Test
  void overTlsAClientMayCallTheServerByAnyName() throws Exception {
    String[] choice = {"--store=memory:", "--tls-keystore=" + keystore};
    try (var server = ServerProcess.start(PASSWORD, List.of(), choice)) {
      for (String name : List.of("message_hashing_server", "localhost.", "127.0.0.1:8000")) {
        try (var socket = tls(server.port())) {
          SSLParameters parameters = socket.getSSLParameters();
          byte[] encoded = name.getBytes(StandardCharsets.US_ASCII);
          // SNIHostName would refuse these names here already.
          parameters.setServerNames(
              List.of(new SNIServerName(StandardConstants.SNI_HOST_NAME, encoded) {}));
          socket.setSSLParameters(parameters);
          var client = new HttpTester.Client(socket);
          assertEquals(200, client.send(HttpTester.request("GET", "/health")).read().status());
        }
      }
    }
  }

  @Test
  void whoSendsWithoutEndOverTlsKeepsNobodyElseWaiting() throws Exception {
    String[] choice = {"--store=memory:", "--tls-keystore=" + keystore};
    try (var senders = new HttpTester.Clients();
        var server = ServerProcess.start(PASSWORD, List.of(), choice)) {
      senders.assertNobodyElseWaits(
          () -> new HttpTester.Client(tls(server.port())), body -> HttpTester.posting("/", body));
    }
  }

  /** What virtual threads wait with, the JDK would not open again once that has failed. */
  @Test
  void aLackOfDescriptorsForTheFirstClientsOverTlsPasses() throws Exception {
    String limit = "ulimit -n 100 && export MSG_HASHING_KEYSTORE_PASSWORD='pass word'";
    String[] choice = {"--store=memory:", "--tls-keystore=" + keystore, "--max-connections=1000"};
    try (var server = ServerProcess.startAfter(limit, List.of(), choice)) {
      Eventually.holds("all is loaded", () -> !jcmd(server, "Thread.print").contains("\"loader\""));
      try (var clients = new HttpTester.Clients()) {
        for (int i = 0; i < 150; i++) {
          clients.add(server.connect());
        }
        Thread.sleep(500);
      }
      Eventually.holds("they are gone", () -> server.descriptors() < 90);
      try (var next = new HttpTester.Client(tls(server.port()))) {
        Thread.sleep(100); // so that the server waits for the handshake
        assertEquals(200, next.send(HttpTester.request("GET", "/health")).read().status());
      }
    }
  }

  /** Virtual ones end for good where memory runs out, and with them all connections. */
  @Test
  void platformThreadsSeeWhichSocketsAreReady() throws Exception {
    String[] choice = {"--store=memory:", "--tls-keystore=" + keystore};
    try (var server = ServerProcess.start(PASSWORD, List.of(), choice)) {
      String threads = jcmd(server, "Thread.print");
      assertTrue(threads.contains("\"Read-Poller\""), threads);
      assertTrue(threads.contains("\"Write-Poller\""), threads);
    }
  }

  private String jcmd(ServerProcess server, String question) throws Exception {
    String jcmd = Path.of(System.getProperty("java.home"), "bin/jcmd").toString();
    var words = List.of(jcmd, Long.toString(server.pid()), question);
    Command printed = Command.run(folder, Map.of(), "", words);
    assertEquals(0, printed.code(), printed.err());
    return printed.out();
  }

  /** On a machine that has more than the usual number of threads for it. */
  @Test
  void tlsUsesAllProcessors() throws Exception {
    var processors = List.of("-XX:ActiveProcessorCount=70");
    String[] choice = {"--store=memory:", "--tls-keystore=" + keystore};
    try (var server = ServerProcess.start(PASSWORD, processors, choice)) {
      String threads = jcmd(server, "Thread.vthread_scheduler");
      assertTrue(threads.contains("parallelism = 70,"), threads);
    }
  }

  @Test
  void deadlinesHoldOverTls() throws Exception {
    // A handshake takes its time on a busy machine.
    var timeouts = new MsgHashingServer.Timeouts(3_000, 2_000, NEVER, NEVER, 400, 2_000);
    try (var tester = startTls(timeouts);
        var silent = tester.connect();
        var slow = new HttpTester.Client(tls(tester));
        var idle = new HttpTester.Client(tls(tester))) {
      long start = System.nanoTime();
      idle.send(HttpTester.request("GET", "/health")).read();
      slow.send(HttpTester.request("GET", "/health") + "GET / HT");
      assertEquals(200, slow.read().status());
      assertEquals(408, slow.read().status());
      assertEquals("", slow.rest());
      assertEquals("", idle.rest());
      assertTrue(System.nanoTime() - start > 2_900_000_000L, "idle for less than it may be");
      assertEquals("", silent.rest(), "no handshake within the deadline");
      idle.close();
      slow.close();
      tester.awaitNoConnections();
    }
  }

  /** However it trickles. */
  @Test
  void aSlowHeadIsToldSoOverTls() throws Exception {
    var timeouts = new MsgHashingServer.Timeouts(NEVER, 2_000, NEVER, NEVER, NEVER, NEVER);
    try (var tester = startTls(timeouts);
        var client = new HttpTester.Client(tls(tester))) {
      Thread.ofVirtual().start(() -> trickle(client));
      assertEquals(408, client.read().status());
    }
  }

  private static void trickle(HttpTester.Client client) {
    try {
      for (client.send("GET /"); true; client.send("x")) {
        Thread.sleep(50);
      }
    } catch (IOException | InterruptedException ended) {
      // As it should be.
    }
  }

  /** Bytes of one record that keep coming hold up the socket's own timeout. */
  @Test
  void aHandshakeThatTricklesIsEnded() throws Exception {
    try (var tester =
            startTls(new MsgHashingServer.Timeouts(NEVER, 500, NEVER, NEVER, NEVER, 2_000));
        var client = tester.connect()) {
      trickleHandshake(client, tester, 0);
    }
  }

  /** Until it is ended, and so many connections are left. */
  private static void trickleHandshake(HttpTester.Client client, HttpTester tester, int left)
      throws Exception {
    client.send(new byte[] {22, 3, 1, 1, 0}); // 256 bytes are to follow
    for (int sent = 0; sent == 0 || tester.server.connections.size() > left; sent++) {
      assertTrue(sent < 100, "still open after 10 s");
      Thread.sleep(100);
      try {
        client.send(new byte[1]);
      } catch (IOException closed) {
        // As it should be.
      }
    }
  }

  @Test
  void oneBeyondTheLimitThatTricklesTakesNobodysPlace() throws Exception {
    var timeouts = new MsgHashingServer.Timeouts(NEVER, 4_000, NEVER, NEVER, NEVER, 2_000);
    String get = HttpTester.request("GET", "/health");
    try (var tester = startTls(timeouts, "--max-connections", "2");
        var first = new HttpTester.Client(tls(tester));
        var second = new HttpTester.Client(tls(tester))) {
      assertEquals(200, first.send(get + "G").read().status());
      assertEquals(200, second.send(get + "G").read().status());
      try (var third = tester.connect()) {
        trickleHandshake(third, tester, 2);
      }
      second.close();
      Eventually.holds("the second is gone", () -> tester.server.connections.size() == 1);
      try (var fourth = new HttpTester.Client(tls(tester))) {
        assertEquals(200, fourth.send(get).read().status());
      }
    }
  }

  @Test
  void aClientThatDoesNotReadIsEndedOverTlsToo() throws Exception {
    try (var tester =
            startTls(new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, 500, NEVER, 2_000));
        var client = new HttpTester.Client(tls(tester))) {
      String message = "a".repeat(1_000_000);
      client.send(HttpTester.posting("/", "{\"message\": \"" + message + "\"}"));
      client.send(HttpTester.request("GET", client.read().field("location")).repeat(20));
      tester.awaitNoConnections();
    }
  }

  /** Its client would else be sent, and decrypt, one for the head and one for the content. */
  @ParameterizedTest
  @ValueSource(ints = {100, 3_000, 8_000, 15_000})
  void anAnswerOverTlsIsOneRecordIfItFits(int length) throws Exception {
    try (var tester = startTls(HttpTester.PATIENT);
        var client = new HttpTester.Client(tls(tester))) {
      client.send(HttpTester.posting("/", "{\"message\": \"" + "a".repeat(length) + "\"}"));
      client.send(HttpTester.request("GET", client.read().field("location")));
      int first = client.socket.getInputStream().read(new byte[20_000]); // of one record at most
      assertTrue(first > length, first + " bytes");
    }
  }

  @Test
  void eachMebibyteOfAnAnswerHasItsTimeOverTlsToo() throws Exception {
    var timeouts = new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, 2_000, NEVER, 2_000);
    String message = "a".repeat(16 << 20);
    try (var tester = startTls(timeouts, "--max-message-size", "17M");
        var client = new HttpTester.Client(tls(tester.connectNarrow().socket))) {
      client.send(HttpTester.posting("/", "{\"message\": \"" + message + "\"}"));
      client.send(HttpTester.request("GET", client.read().field("location")));
      var in = client.socket.getInputStream();
      for (int read = 0; read < message.length(); read += 65_536) {
        assertEquals(65_536, in.readNBytes(65_536).length, "after " + read + " bytes");
        Thread.sleep(15);
      }
    }
  }

  /** It is given a second more than without TLS. */
  @Test
  void eachMebibyteHasItsTimeOverTlsAlsoWhereTheSystemKeepsMany() throws Exception {
    var timeouts = new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, 3_000, NEVER, 2_000);
    String message = "a".repeat(16 << 20);
    try (var tester = startTls(timeouts, "--max-message-size", "17M");
        var client = new HttpTester.Client(tls(tester))) {
      client.send(HttpTester.posting("/", "{\"message\": \"" + message + "\"}"));
      client.send(HttpTester.request("GET", client.read().field("location")).repeat(2));
      assertEquals(200, client.read().status());
      for (int i = 0; i < 3; i++) {
        Thread.sleep(2_600);
        client.socket.getInputStream().skipNBytes(5 << 18);
      }
      assertEquals(1, tester.server.connections.size());
    }
  }

  @Test
  void whatAStoreTakesIsNoTimeOfTheClientOverTlsToo() throws Exception {
    var timeouts = new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, 100, NEVER, 2_000);
    try (var redis = RedisProcess.start();
        var tester =
            new HttpTester(
                timeouts,
                StoreTest.open(redis.store(), 0),
                PASSWORD,
                "--tls-keystore=" + keystore);
        var client = new HttpTester.Client(tls(tester))) {
      redis.signal("STOP");
      client.send(HttpTester.request("GET", "/messages/" + HttpTester.FOO));
      assertEquals(503, client.read().status());
      redis.signal("CONT");
    }
  }

  @Test
  void aHandshakeThatNeverCameDoesNotKeepTheServer() throws Exception {
    try (var tester = startTls(HttpTester.PATIENT);
        var silent = tester.connect();
        var served = new HttpTester.Client(tls(tester))) {
      assertEquals(200, served.send(HttpTester.request("GET", "/health")).read().status());
      tester.server.stop();
      assertEquals("", silent.rest());
      assertEquals("", served.rest());
    }
  }

  /** A proxy could not know that the server is ending, and would not send a post again. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoWasJustAnsweredMayAskOnceMoreWhenTheServerStops(boolean overTls) throws Exception {
    RunningTime.undisturbed(
        () -> {
          try (var tester = overTls ? startTls(HttpTester.PATIENT) : start();
              var client = overTls ? new HttpTester.Client(tls(tester)) : tester.connect()) {
            String get = HttpTester.request("GET", "/health");
            assertFalse(client.send(get).read().isClosing());
            Thread stopping = Thread.ofVirtual().start(tester.server::stop);
            Thread.sleep(200);
            var last = client.send(get).read();
            assertEquals(200, last.status());
            assertTrue(last.isClosing());
            assertEquals("", client.rest());
            client.close();
            stopping.join();
          }
        });
  }

  /** RFC 9112 section 9.8: by its alert they know that nothing was cut off. */
  @Test
  void whoIsIdleOverTlsGetsAnAlertWhenTheServerStops() throws Exception {
    RunningTime.undisturbed(
        () -> {
          try (var tester = startTls(HttpTester.PATIENT);
              var socket = new Socket("127.0.0.1", tester.port);
              var client = new HttpTester.Client(tls(socket))) {
            client.send(HttpTester.request("GET", "/health")).read();
            tester.awaitPhase(MsgHashingServer.Phase.IDLE);
            tester.server.stop();
            assertTrue(socket.getInputStream().read() >= 0, "something comes before the end");
          }
        });
  }

  @Test
  void tooManyConnectionsAreToldSoOverTlsToo() throws Exception {
    try (var tester = startTls(HttpTester.PATIENT, "--max-connections", "1");
        var first = new HttpTester.Client(tls(tester))) {
      assertEquals(200, first.send(HttpTester.request("GET", "/health") + "G").read().status());
      try (var second = new HttpTester.Client(tls(tester))) {
        assertEquals(503, second.send(HttpTester.request("GET", "/")).read().status());
        assertEquals("", second.rest());
      }
    }
  }

  @Test
  void whoIsIdleMakesRoomForANewOneOverTlsToo() throws Exception {
    String get = HttpTester.request("GET", "/health");
    try (var tester = startTls(HttpTester.PATIENT, "--max-connections", "1");
        var first = new HttpTester.Client(tls(tester))) {
      assertEquals(200, first.send(get).read().status());
      tester.awaitPhase(MsgHashingServer.Phase.IDLE);
      Thread.sleep(1100);
      try (var second = new HttpTester.Client(tls(tester))) {
        assertEquals(200, second.send(get).read().status());
        assertEquals("", first.rest());
      }
    }
  }

  @Test
  void whoIsSilentBeyondTheLimitDoesNotKeepTheServer() throws Exception {
    try (var tester = startTls(HttpTester.PATIENT, "--max-connections", "1");
        var first = new HttpTester.Client(tls(tester))) {
      assertEquals(200, first.send(HttpTester.request("GET", "/health") + "G").read().status());
      try (var silent = tls(tester)) {
        silent.startHandshake();
        Thread.sleep(100);
        first.close();
        tester.server.stop();
        assertEquals(-1, silent.getInputStream().read());
      }
    }
  }

  @Test
  void aKeystoreIsOpenedByItsPasswordAlone() {
    var wrong = Map.of("MSG_HASHING_KEYSTORE_PASSWORD", "other");
    assertFalse(refusal(wrong, keystore).contains("MSG_HASHING"));
    String hint = "; MSG_HASHING_KEYSTORE_PASSWORD is not set";
    assertTrue(refusal(Map.of(), keystore).endsWith(hint));
  }

  @Test
  void aKeystoreWithoutAKeyIsRefused() throws Exception {
    Path file = folder.resolve("trust.p12");
    char[] password = "pass word".toCharArray();
    var keys = KeyStore.getInstance(keystore.toFile(), password);
    String alias = keys.aliases().nextElement();
    Certificate certificate = keys.getCertificate(alias);
    keys.deleteEntry(alias);
    keys.setCertificateEntry("trusted", certificate);
    try (var out = Files.newOutputStream(file)) {
      keys.store(out, password);
    }
    assertEquals("--tls-keystore: " + file + ": has no private key", refusal(PASSWORD, file));
  }

  private static String refusal(Map<String, String> environment, Path keystore) {
    return assertThrows(
            MsgHashingServer.CannotStart.class,
            () -> HttpTester.start(HttpTester.SHORT, environment, "--tls-keystore=" + keystore))
        .getMessage();
  }

  private static HttpTester startTls(MsgHashingServer.Timeouts timeouts, String... arguments)
      throws Exception {
    var all = new ArrayList<>(List.of(arguments));
    all.add("--tls-keystore=" + keystore);
    return HttpTester.start(timeouts, PASSWORD, all.toArray(String[]::new));
  }

  private static SSLSocket tls(HttpTester tester) throws Exception {
    return tls(tester.port);
  }

  private static SSLSocket tls(int port) throws Exception {
    return tls(new Socket("127.0.0.1", port));
  }

  private static SSLSocket tls(Socket socket) throws Exception {
    return (SSLSocket) tls.createSocket(socket, "127.0.0.1", socket.getPort(), true);
  }
}

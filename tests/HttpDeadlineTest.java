import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that are slow, silent or too many. */
@Timeout(60)
class HttpDeadlineTest {
  private static final MsgHashingServer.Timeouts SHORT = HttpTester.SHORT;
  private static final long NEVER = HttpTester.NEVER;
  private static final String GET = HttpTester.request("GET", "/health");

  /** A request and the first letter of another, so that its client is not idle. */
  private static final String GET_AND_MORE = GET + "G";

  /** Who sends has all the time, who does not read has not. */
  private static final MsgHashingServer.Timeouts TO_WRITE =
      new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, SHORT.write(), NEVER, NEVER);

  /** How late a deadline may be kept on a busy machine, in milliseconds. */
  private static final long LATE = 3_000;

  private HttpTester tester;

  @AfterEach
  void nothingIsLeftBehind() throws Exception {
    tester.awaitNoConnections();
    tester.close();
  }

  @Test
  void aSlowHeadIsEnded() throws Exception {
    trickle("", HttpTester.request("GET", "/health", "X: " + "a".repeat(2_000)), SHORT.head());
  }

  /** As of old some clients sent a line's end behind a body, which may come in two pieces. */
  @Test
  void anEmptyLineBehindARequestBeginsNone() throws Exception {
    var timeouts = new MsgHashingServer.Timeouts(NEVER, 200, NEVER, NEVER, NEVER, NEVER);
    tester = HttpTester.start(timeouts, Map.of());
    String request = HttpTester.posting("/", "{\"message\": \"foo\"}") + "\r\n\r\n";
    try (var client = tester.connect()) {
      client.send(request).read();
      Thread.sleep(1000);
      assertEquals(200, client.send(request + "\r").read().status());
      Thread.sleep(100);
      client.send("\n");
      Thread.sleep(1000);
      assertEquals(200, client.send(request + "\r").read().status());
      Thread.sleep(100);
      client.send("\n");
      client.socket.shutdownOutput();
      assertEquals("", client.rest());
    }
  }

  /** However they are cut on their way (RFC 9112 section 2.2). */
  @Test
  void emptyLinesAheadBeginNone() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of());
    try (var client = tester.connect()) {
      client.send("\r");
      Thread.sleep(1000);
      assertEquals(200, client.send("\n\r\n\r\n" + GET).read().status());
    }
  }

  @Test
  void aSlowBodyIsEnded() throws Exception {
    String head = HttpTester.request("POST", "/messages", "Content-Length: 5000");
    trickle(head, "x".repeat(2_000), SHORT.body());
  }

  @Test
  void slowChunksAreEnded() throws Exception {
    String head = HttpTester.request("POST", "/messages", "Transfer-Encoding: chunked");
    trickle(head, "1\r\nx\r\n".repeat(500), SHORT.body());
  }

  /** RFC 9112 section 9.6: else what is still on its way would reset the connection. */
  @Test
  void whoIsLateAndGoesOnSendingIsToldSo() throws Exception {
    var timeouts = new MsgHashingServer.Timeouts(NEVER, NEVER, SHORT.body(), NEVER, NEVER, NEVER);
    tester = HttpTester.start(timeouts, Map.of());
    try (var client = tester.connect()) {
      client.send(HttpTester.request("POST", "/messages", "Content-Length: 5000"));
      for (long end = System.nanoTime() + 1_000_000_000; System.nanoTime() < end; ) {
        client.send("x");
        Thread.sleep(20);
      }
      assertEquals(408, client.read().status());
    }
  }

  /** In chunks or not. */
  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 3145728", "Transfer-Encoding: chunked"})
  void eachMebibyteOfABodyHasItsTime(String framing) throws Exception {
    var timeouts = new MsgHashingServer.Timeouts(NEVER, NEVER, 2_000, NEVER, NEVER, NEVER);
    tester = HttpTester.start(timeouts, Map.of(), "--max-message-size", "3M");
    RunningTime.undisturbed(() -> postSlowly(framing));
  }

  private void postSlowly(String framing) throws Exception {
    boolean isChunked = framing.endsWith("chunked");
    byte[] blanks = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
    try (var client = tester.connect()) {
      client.send(HttpTester.request("POST", "/messages", framing));
      for (int i = 0; i < 3; i++) {
        Thread.sleep(900);
        client.send(isChunked ? "100000\r\n" : "");
        client.send(blanks);
        client.send(isChunked ? "\r\n" : "");
      }
      var answer = client.send(isChunked ? "0\r\n\r\n" : "").read();
      assertEquals(400, answer.status(), "blanks are no JSON");
    }
  }

  /** Sends a byte every 20 ms, so that only an absolute deadline ends it. */
  private void trickle(String atOnce, String slowly, long deadline) throws Exception {
    var timeouts =
        new MsgHashingServer.Timeouts(NEVER, SHORT.head(), SHORT.body(), NEVER, NEVER, NEVER);
    tester = HttpTester.start(timeouts, Map.of());
    try (var client = tester.connect()) {
      long start = System.nanoTime();
      client.send(atOnce);
      Thread.ofVirtual().start(() -> sendSlowly(client, slowly));
      var answer = client.read();
      long taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      assertEquals(408, answer.status());
      assertTrue(answer.isClosing());
      assertTrue(taken >= deadline && taken < deadline + LATE, taken + " ms");
    }
  }

  private static void sendSlowly(HttpTester.Client client, String text) {
    try {
      for (int i = 0; i < text.length(); i++) {
        client.send(text.substring(i, i + 1));
        Thread.sleep(20);
      }
    } catch (IOException | InterruptedException ended) {
      // As it should be.
    }
  }

  /** Whether a thread of its own or a loop has answered it, or nobody. */
  @ParameterizedTest
  @ValueSource(strings = {"/health", "/messages/" + HttpTester.FOO, ""})
  void anIdleConnectionIsClosedWithoutAWord(String path) throws Exception {
    long idle = 2_000;
    tester =
        HttpTester.start(new MsgHashingServer.Timeouts(idle, 500, 500, 500, 400, 500), Map.of());
    long start = System.nanoTime();
    try (var client = tester.connect()) {
      if (!path.isEmpty()) {
        client.send(HttpTester.request("GET", path)).read();
      }
      assertEquals("", client.rest());
      long taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      assertTrue(taken >= idle && taken < idle + LATE, taken + " ms");
    }
  }

  /** Stores a message of so many letters; returns what asks for it. */
  private String getOfNew(int length) throws IOException {
    var stored = tester.post("{\"message\": \"" + "a".repeat(length) + "\"}");
    return HttpTester.request("GET", stored.field("location"));
  }

  @Test
  void aClientThatDoesNotReadIsEnded() throws Exception {
    tester = HttpTester.start(TO_WRITE, Map.of());
    String get = getOfNew(1_000_000);
    tester.awaitNoConnections();
    try (var client = tester.connectNarrow()) {
      assertEquals(200, client.send(get).read().status());
      var connection = new WeakReference<>(tester.server.connections.iterator().next());
      client.send(get.repeat(20));
      tester.awaitNoConnections();
      assertThrows(IOException.class, () -> readAll(client, 20));
      Eventually.holds("nobody goes on waiting for it", () -> isGone(connection));
    }
  }

  private static boolean isGone(WeakReference<?> reference) {
    System.gc();
    return reference.refersTo(null);
  }

  /** What it takes now and then must not give it more time. */
  @Test
  void aClientThatReadsSlowlyIsEnded() throws Exception {
    assertThrows(IOException.class, () -> readSlowly(TO_WRITE, 4_096));
  }

  @Test
  void eachMebibyteOfAnAnswerHasItsTime() throws Exception {
    readSlowly(new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, 2_000, NEVER, NEVER), 65_536);
  }

  /**
   * From the third mebibyte on so many bytes every 10 ms, so that the server never waits for as
   * long as it would.
   */
  private void readSlowly(MsgHashingServer.Timeouts timeouts, int count) throws Exception {
    tester = HttpTester.start(timeouts, Map.of(), "--max-message-size", "17M");
    String get = getOfNew(16 << 20);
    try (var client = tester.connectNarrow()) {
      client.send(get);
      var in = client.socket.getInputStream();
      in.skipNBytes(2 << 20);
      for (int read = 2 << 20; read < 16 << 20; read += count) {
        if (in.readNBytes(count).length < count) {
          throw new EOFException("ended after " + read + " bytes");
        }
        if (!tester.server.connections.isEmpty()) { // else what the system has is left
          Thread.sleep(10);
        }
      }
    }
  }

  /**
   * Of the megabytes that it keeps for who was quick, the system tells when a third is taken. How
   * far it lets the client's end fall behind is not the same each time, and may be half a MiB.
   */
  @Test
  void eachMebibyteHasItsTimeAlsoWhereTheSystemKeepsMany() throws Exception {
    long write = 2_000;
    tester =
        HttpTester.start(
            new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, write, NEVER, NEVER),
            Map.of(),
            "--max-message-size",
            "17M");
    String get = getOfNew(16 << 20);
    assertTrue(
        isServedOn(get, write) || isServedOn(get, write) || isServedOn(get, write),
        "in one of three tries");
  }

  /** Whether a client is served that was quick, and then takes somewhat more than 1 MiB in time. */
  private boolean isServedOn(String get, long write) throws Exception {
    try (var client = tester.connect()) {
      client.send(get.repeat(2));
      assertEquals(200, client.read().status());
      for (int i = 0; i < 4; i++) {
        Thread.sleep(write * 3 / 4);
        client.socket.getInputStream().skipNBytes(5 << 18);
      }
      client.socket.getInputStream().skipNBytes(43 << 18);
      client.send(HttpTester.request("GET", "/health", "Connection: close"));
      return client.rest().endsWith("\"store\":\"memory:\"}");
    } catch (IOException cutOff) {
      return false;
    }
  }

  /** It leaves an answer unread for longer than a head may take, of which a part is there. */
  @Test
  void theTimeThatAnAnswerTakesIsNotThatOfTheNextHead() throws Exception {
    var timeouts = new MsgHashingServer.Timeouts(NEVER, 2_000, NEVER, NEVER, NEVER, NEVER);
    tester = HttpTester.start(timeouts, Map.of(), "--max-message-size", "17M");
    String get = getOfNew(16 << 20); // more than the system takes
    try (var client = tester.connect();
        var silent = tester.connect()) {
      client.send(get + GET.substring(0, 9));
      silent.send(get + GET.substring(0, 9));
      Thread.sleep(2_500);
      assertEquals(200, silent.read().status());
      assertEquals(200, client.read().status()); // last, as from now on its next head has its time
      Thread.sleep(300); // several times as long as the server takes to see who is late
      assertEquals(200, client.send(GET.substring(9)).read().status());
      assertEquals(408, silent.read().status());
    }
  }

  /** Where what the sweeper saw was over before it could tell the thread that waits. */
  @Test
  void whoWasLateWithWhatIsOverIsNotLateWithWhatFollows() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of());
    try (var client = tester.connect()) {
      client.send("GET / HT");
      Eventually.holds("a connection is there", () -> !tester.server.connections.isEmpty());
      var connection = tester.server.connections.iterator().next();
      Eventually.holds(
          "the rest is waited for",
          () -> connection.deadline.phase() == MsgHashingServer.Phase.HEAD && connection.mayWait());
      connection.stopWaiting(
          new MsgHashingServer.Connection.Deadline(MsgHashingServer.Phase.IDLE, 0));
      assertEquals(200, client.send("TP/1.1\r\nHost: a\r\n\r\n").read().status());
    }
  }

  /** That of its body is over when it has all come. */
  @Test
  void theTimeThatItTakesToReadAPostIsNotItsClients() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-message-size", "49M");
    String body = "{" + "\"a\":0,".repeat(8_000_000) + "\"message\": \"foo\"}";
    try (var client = tester.connect()) {
      for (int begun : new int[] {0, 9}) { // characters of the next request that are there by then
        client.send(HttpTester.posting("/", body) + GET.substring(0, begun));
        Eventually.holds("the post has come", () -> isRead(begun));
        var connection = tester.server.connections.iterator().next();
        var seen = connection.deadline;
        if (seen.phase() == MsgHashingServer.Phase.BODY) { // else it is read by now
          connection.stopWaiting(seen);
        }
        assertEquals(begun == 0 ? 201 : 200, client.read().status());
        assertEquals(200, client.send(GET.substring(begun)).read().status());
      }
    }
  }

  /** Whether the server has all but so many bytes, or all, as Linux tells of each socket. */
  private boolean isRead(int but) throws IOException {
    String port = ":%04X ".formatted(tester.port);
    String queues = ".* 00000000:(00000000|%08X) .*".formatted(but);
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      try (var sockets = Files.lines(Path.of(table))) {
        if (sockets.anyMatch(one -> one.contains(port) && !one.matches(queues))) {
          return false;
        }
      }
    }
    return true;
  }

  private static void readAll(HttpTester.Client client, int answers) throws IOException {
    for (int i = 0; i < answers; i++) {
      client.read();
    }
  }

  @Test
  void aClientThatNeverEndsItsPartIsEnded() throws Exception {
    tester =
        HttpTester.start(
            new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, NEVER, 400, NEVER), Map.of());
    try (var client = tester.connect()) {
      client.send(HttpTester.request("GET", "/health", "Connection: close"));
      assertEquals(200, client.read().status());
      tester.awaitNoConnections();
    }
  }

  /** What comes behind the last answer is read up to 64 MiB, as long as its client may take. */
  @Test
  void aClientThatNeverEndsSendingIsEnded() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of());
    try (var client = tester.connect()) {
      client.send(HttpTester.request("POST", "/messages", "Content-Length: 999999999"));
      assertEquals(413, client.read().status());
      sendMebibytes(client, 60);
      assertThrows(IOException.class, () -> sendMebibytes(client, 40));
    }
  }

  private static void sendMebibytes(HttpTester.Client client, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      client.send(new byte[1 << 20]);
    }
  }

  @Test
  void tooManyConnectionsAreToldSo() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-connections", "2");
    try (var first = tester.connect();
        var second = tester.connect()) {
      assertEquals(200, first.send(GET_AND_MORE).read().status());
      assertEquals(200, second.send(GET_AND_MORE).read().status());
      try (var third = tester.connect();
          var fourth = tester.connect()) {
        // Some clients take what comes before they have asked for no answer to what they ask.
        Thread.sleep(100);
        assertEquals(0, third.socket.getInputStream().available());
        var answer = third.send(GET).read();
        assertEquals(503, answer.status());
        assertTrue(answer.error().contains("too many connections"));
        assertEquals("1", answer.field("retry-after"));
        assertTrue(answer.isClosing());
        assertEquals("", third.rest());
        assertEquals(503, fourth.send(HttpTester.request("HEAD", "/")).read(true).status());
        assertEquals("", fourth.rest());
      }
      String metrics = first.send(HttpTester.request("GET", "/metrics").substring(1)).read().body();
      assertTrue(metrics.contains("\nhttp_connections_refused_total 2.0\n"), metrics);
      assertTrue(metrics.contains("\nhttp_connections_max 2.0\n"), metrics);
      assertEquals(200, first.send(GET).read().status());
    }
    tester.awaitNoConnections();
    assertEquals(200, tester.get("/health").status());
  }

  /** For as long as they take to go. */
  @Test
  void thoseBeyondTheLimitTakeNobodysPlace() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-connections", "1");
    var first = tester.connect();
    assertEquals(200, first.send(GET_AND_MORE).read().status());
    try (var refused = tester.connect()) {
      assertEquals(503, refused.send(GET).read().status());
      first.close();
      Eventually.holds("the first is gone", () -> tester.server.connections.size() == 1);
      try (var second = tester.connect()) {
        assertEquals(200, second.send(GET_AND_MORE).read().status());
        try (var third = tester.connect()) {
          assertEquals(503, third.send(GET).read().status());
        }
      }
    }
  }

  /** The others are closed without a word. */
  @Test
  void ofThoseBeyondTheLimit256AtATimeAreToldSo() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-connections", "1");
    try (var served = tester.connect();
        var clients = new HttpTester.Clients()) {
      assertEquals(200, served.send(GET_AND_MORE).read().status());
      for (int i = 0; i < 300; i++) {
        clients.add(tester.connect());
      }
      int told = 0;
      for (var client : clients) {
        told += isTold(client) ? 1 : 0;
      }
      assertEquals(256, told);
      String metrics =
          served.send(HttpTester.request("GET", "/metrics").substring(1)).read().body();
      assertTrue(metrics.contains("\nhttp_connections_refused_total 300.0\n"), metrics);
    }
  }

  private static boolean isTold(HttpTester.Client client) {
    try {
      return client.send(GET).rest().startsWith("HTTP/1.1 503 ");
    } catch (IOException closed) {
      return false;
    }
  }

  @Test
  void whoIsSilentBeyondTheLimitHasTheTimeOfAHeadOnly() throws Exception {
    tester =
        HttpTester.start(
            new MsgHashingServer.Timeouts(NEVER, 500, NEVER, NEVER, NEVER, NEVER),
            Map.of(),
            "--max-connections",
            "1");
    String post = HttpTester.posting("/", "{\"message\": \"foo\"}");
    int most = post.length() - 1;
    try (var first = tester.connect()) {
      assertEquals(200, first.send(GET + post.substring(0, most)).read().status());
      try (var silent = tester.connect();
          var empty = tester.connect()) {
        assertThrows(
            IOException.class,
            () -> {
              for (int i = 0; i < 50; i++) {
                empty.send("\r\n");
                Thread.sleep(100);
              }
            });
        assertEquals("", silent.rest());
      }
      assertEquals(201, first.send(post.substring(most)).read().status());
    }
  }

  /** As with 10,000 browsers that keep theirs for a next request. */
  @Test
  void whoHasBeenIdleTheLongestMakesRoomForANewOne() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-connections", "3");
    try (var first = tester.connect();
        var silent = tester.connect();
        var busy = tester.connect()) {
      busy.send(GET_AND_MORE).read();
      Thread.sleep(1100);
      assertEquals(200, first.send(GET).read().status());
      try (var next = tester.connect()) {
        assertEquals(200, next.send(GET).read().status());
        assertEquals("", silent.rest());
        assertEquals(200, first.send(GET).read().status());
        assertEquals(200, busy.send(GET.substring(1)).read().status());
      }
      String metrics = first.send(HttpTester.request("GET", "/metrics")).read().body();
      assertTrue(metrics.contains("\nhttp_connections_refused_total 0.0\n"), metrics);
    }
  }

  /** Though both were found idle when room was made for another. */
  @Test
  void whoHasAskedOrGoneSinceMakesNoRoom() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-connections", "3");
    RunningTime.undisturbed(
        () -> {
          try (var first = tester.connect();
              var second = tester.connect();
              var third = tester.connect()) {
            for (var idle : List.of(first, second, third)) {
              idle.send(GET).read();
              Thread.sleep(10); // so that each is idle for longer than the next
            }
            Thread.sleep(1100);
            try (var fourth = tester.connect()) {
              assertEquals(200, fourth.send(GET).read().status());
              assertEquals("", first.rest());
              assertEquals(200, second.send(GET).read().status());
              third.close();
              Eventually.holds("it is gone", () -> tester.server.connections.size() == 2);
              try (var fifth = tester.connect();
                  var sixth = tester.connect()) {
                assertEquals(200, fifth.send(GET).read().status());
                assertEquals(503, sixth.send(GET).read().status());
                assertEquals(200, second.send(GET).read().status());
              }
            }
          }
          tester.awaitNoConnections();
        });
  }

  /** With all that was read of a request: many of them left no memory to anybody. */
  @Test
  void whoWasIdleWhenRoomWasMadeIsNotKeptOnceGone() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-connections", "2");
    try (var first = tester.connect();
        var second = tester.connect()) {
      for (var idle : List.of(first, second)) {
        idle.send(GET).read();
      }
      var connections = tester.server.connections.stream().map(WeakReference::new).toList();
      Thread.sleep(1100);
      try (var third = tester.connect()) {
        assertEquals(200, third.send(GET).read().status());
        first.close();
        second.close();
        for (var connection : connections) {
          Eventually.holds("nobody keeps it", () -> isGone(connection));
        }
      }
    }
  }

  /** Whoever was left of those found idle when room was last made has gone since. */
  @Test
  void whoIsIdleNowMakesRoomAtOnce() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-connections", "2");
    try (var first = tester.connect();
        var second = tester.connect()) {
      first.send(GET).read();
      second.send(GET).read();
      Thread.sleep(1100);
      try (var third = tester.connect()) {
        assertEquals(200, third.send(GET).read().status());
        first.close();
        second.close();
        Eventually.holds("both are gone", () -> tester.server.connections.size() == 1);
        try (var fourth = tester.connect()) {
          assertEquals(200, fourth.send(GET).read().status());
          Thread.sleep(1100);
          try (var fifth = tester.connect()) {
            assertEquals(200, fifth.send(GET).read().status());
          }
        }
      }
    }
  }

  /** It may be about to ask, and would get neither an answer nor 503. */
  @Test
  void whoHasJustConnectedMakesNoRoom() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-connections", "1");
    RunningTime.undisturbed(
        () -> {
          try (var first = tester.connect();
              var second = tester.connect()) {
            assertEquals(503, second.send(GET).read().status());
            assertEquals(200, first.send(GET).read().status());
          }
          tester.awaitNoConnections();
        });
  }

  @Test
  void anIdleConnectionDoesNotKeepTheServer() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of());
    try (var silent = tester.connect();
        var used = tester.connect()) {
      used.send(GET).read();
      tester.server.stop();
      assertEquals("", used.rest());
      assertEquals("", silent.rest());
    }
  }

  @Test
  void aServerThatStopsWithoutAConnectionAcceptsNoneEither() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of());
    tester.server.stop();
    assertThrows(ConnectException.class, tester::connect);
  }

  /** It is on its way as one that keeps its connection, which then is idle. */
  @Test
  void anAnswerThatIsTakenWhileTheServerStopsIsTheLast() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of(), "--max-message-size", "17M");
    String get = getOfNew(16 << 20); // more than the system takes
    tester.awaitNoConnections();
    try (var client = tester.connectNarrow()) {
      client.send(get);
      Eventually.holds(
          "it is under way",
          () -> tester.server.connections.stream().anyMatch(one -> one.output.isStuck));
      Thread stopping = Thread.ofVirtual().start(tester.server::stop);
      Thread.sleep(100);
      assertFalse(client.read().isClosing());
      assertEquals("", client.rest());
      client.close();
      stopping.join();
    }
  }

  @Test
  void aRequestWithoutAnEndKeepsTheServerForAWhileOnly() throws Exception {
    tester =
        HttpTester.start(
            new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, NEVER, NEVER, 500), Map.of());
    try (var client = tester.connect()) {
      assertEquals(200, client.send(GET + "GET / HT").read().status());
      long start = System.nanoTime();
      tester.server.stop();
      long taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      assertTrue(taken > 450 && taken < 500 + LATE, taken + " ms");
      assertEquals("", client.rest());
    }
  }

  /** As with TLS the server may have cut it off itself. */
  @Test
  void aRequestCutOffWhileTheServerStopsMayBeSentAgain() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of());
    try (var client = tester.connect();
        var idle = tester.connect()) {
      client.send(GET_AND_MORE).read();
      idle.send(GET).read();
      Thread stopping = Thread.ofVirtual().start(tester.server::stop);
      assertEquals("", idle.rest());
      client.socket.shutdownOutput();
      var answer = client.read();
      assertEquals(503, answer.status());
      assertEquals("1", answer.field("retry-after"));
      assertEquals("the server is shutting down", answer.error());
      stopping.join();
    }
  }

  @Test
  void deadlinesHoldWhileTheServerStops() throws Exception {
    tester =
        HttpTester.start(
            new MsgHashingServer.Timeouts(NEVER, 500, NEVER, NEVER, 400, NEVER), Map.of());
    try (var client = tester.connect()) {
      assertEquals(200, client.send(GET + "GET / HT").read().status());
      Thread stopping = Thread.ofVirtual().start(tester.server::stop);
      assertEquals(408, client.read().status());
      // The client does not end its part.
      stopping.join();
    }
  }

  @Test
  void anAnswerUnderWayIsFinishedWhenTheServerStops() throws Exception {
    tester = HttpTester.start(HttpTester.PATIENT, Map.of());
    try (var busy = tester.connect();
        var idle = tester.connect()) {
      idle.send(GET).read();
      String post = HttpTester.posting("/messages", "{\"message\": \"last\"}");
      busy.send(post.substring(0, post.length() - 3));
      tester.awaitPhase(MsgHashingServer.Phase.BODY);
      Thread stopping = Thread.ofVirtual().start(tester.server::stop);
      assertEquals("", idle.rest(), "an idle connection is closed at once");
      busy.send(post.substring(post.length() - 3));
      var answer = busy.read();
      assertEquals(201, answer.status());
      assertTrue(answer.isClosing());
      busy.close();
      stopping.join();
      assertThrows(IOException.class, tester::connect);
    }
  }
}

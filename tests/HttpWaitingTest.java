import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a store or a client keeps waiting keeps nobody else waiting: here with SQLite.
 *
 * <p>Alone, as the memory and the processor time of this JVM are measured.
 */
@Isolated
@Timeout(120)
class HttpWaitingTest {
  @TempDir Path folder;
  private HttpTester tester;

  @BeforeEach
  void start() throws Exception {
    tester = HttpTester.startOn(StoreTest.open("sqlite:" + folder.resolve("a.db"), 0));
  }

  @AfterEach
  void stop() throws Exception {
    tester.awaitNoConnections();
    tester.close();
  }

  private static String post(Object message) {
    return HttpTester.posting("/messages", "{\"message\": \"" + message + "\"}");
  }

  /** However the requests are cut into pieces: whole, in halves, byte by byte. */
  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("JAVA_TOOL_OPTIONS=-Dseed=" + seed);
    var random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      var requests = new StringBuilder();
      var expected = new ArrayList<String>();
      for (int i = 0; i < 20; i++) {
        // Some are longer than what is read at a time.
        String message = round + "-" + i + "x".repeat(random.nextInt(4) == 0 ? 9_000 : 10);
        requests.append(post(message));
        expected.add("201 {\"digest\": \"" + StoreTest.digest(message) + "\"}");
        requests.append(HttpTester.request("GET", "/messages/" + StoreTest.digest(message)));
        expected.add("200 {\"message\": \"" + message + "\"}");
        requests.append(HttpTester.request("GET", "/messages/" + StoreTest.digest("none" + i)));
        expected.add("404 {\"err_msg\": \"Message not found\"}");
      }
      int longest = List.of(1_000_000, 5_000, 300).get(round % 3);
      assertEquals(expected, answers(requests.toString(), longest, expected.size(), random));
    }
  }

  private List<String> answers(String requests, int longest, int count, Random random)
      throws Exception {
    try (var client = tester.connect();
        var sender = Executors.newSingleThreadExecutor()) {
      sender.submit(
          () -> {
            for (int start = 0; start < requests.length(); ) {
              int end = Math.min(requests.length(), start + 1 + random.nextInt(longest));
              client.send(requests.substring(start, end));
              start = end;
            }
            return null;
          });
      var answers = new ArrayList<String>();
      for (int i = 0; i < count; i++) {
        var answer = client.read();
        answers.add(answer.status() + " " + answer.body());
      }
      return answers;
    }
  }

  /** The client was in time: that the store is not must not be held against it. */
  @Test
  void whatAStoreTakesIsNoTimeOfTheClient() throws Exception {
    long never = HttpTester.NEVER;
    var timeouts = new MsgHashingServer.Timeouts(never, 1_000, 1_000, 1_000, 1_000, never);
    Path file = folder.resolve("b.db");
    try (var strict = HttpTester.startOn(StoreTest.open("sqlite:" + file, 0), timeouts);
        var other = new OtherWriter(file);
        var first = strict.connect();
        var whole = strict.connect();
        var chunk = strict.connect();
        var health = strict.connect()) {
      other.begin();
      first.send(post("first"));
      strict.awaitPhase(MsgHashingServer.Phase.STORE);
      whole.send(post("whole"));
      chunk.send(HttpTester.postingInAChunk("/", "{\"message\": \"chunk\"}"));
      health.send(HttpTester.request("GET", "/health"));
      // A post waits 0.7 s for the other program, and those behind it as long again.
      assertEquals(503, whole.read().status());
      assertEquals(503, chunk.read().status());
      assertEquals(503, health.read().status());
      other.end();
      assertEquals(201, whole.send(post("whole")).read().status());
      assertEquals(201, chunk.send(post("chunk")).read().status());
      assertEquals(200, health.send(HttpTester.request("GET", "/health")).read().status());
    }
  }

  /** As where memory runs out while it is passed on: here of a check that never ends. */
  @ParameterizedTest
  @ValueSource(ints = {0, 20})
  void whoseAnswerIsLostIsToldSo(int early) throws Exception {
    long never = HttpTester.NEVER;
    var timeouts = new MsgHashingServer.Timeouts(1_000, never, never, never, never, 1_000);
    var store = StoreTest.open("memory:", 0);
    String health = HttpTester.request("GET", "/health");
    try (var strict = HttpTester.startOn(store, timeouts);
        var client = strict.connect()) {
      store.lastCheck.set(new CompletableFuture<>());
      client.send(health.substring(0, early));
      Thread.sleep(100); // by then a thread waits for the rest
      client.send(health.substring(early));
      assertEquals(503, client.read().status());
      assertEquals(200, client.send(HttpTester.request("GET", "/")).read().status());
    }
  }

  @Test
  void anAnswerDoesNotWaitForThePostBehindIt() throws Exception {
    RunningTime.undisturbed(
        () -> {
          try (var other = new OtherWriter(folder.resolve("a.db"));
              var client = tester.connect()) {
            other.begin();
            client.send(HttpTester.request("OPTIONS", "*") + post(System.nanoTime()));
            assertEquals(204, client.read().status());
            other.end();
            assertEquals(201, client.read().status(), "it was not late yet");
          }
        });
  }

  /** The answers before it are stuck when the store is asked, and not any more when that has it. */
  @Test
  void whoReadsLateGetsTheAnswerBehindAStuckOne() throws Exception {
    String message = "a".repeat(1_800); // of three the first is not sent before the store is asked
    assertEquals(201, tester.post("{\"message\": \"" + message + "\"}").status());
    tester.awaitNoConnections();
    String get = HttpTester.request("GET", "/messages/" + StoreTest.digest(message));
    try (var other = new OtherWriter(folder.resolve("a.db"));
        var client = tester.connect()) {
      client.send(get).read();
      var connection = tester.server.connections.iterator().next();
      int unread = 0;
      while (true) {
        other.begin();
        client.send(get.repeat(3) + post(System.nanoTime()));
        unread++;
        Eventually.holds(
            "the store is asked, and all sent that is taken",
            () ->
                connection.session.waitsForStore()
                    && phase(connection) == MsgHashingServer.Phase.STORE);
        if (connection.output.isStuck) {
          break;
        }
        other.end();
        Eventually.holds(
            "it has answered", () -> phase(connection) != MsgHashingServer.Phase.STORE);
        if (phase(connection) == MsgHashingServer.Phase.WRITE) { // it is the post's that is stuck
          readThreeAndPosts(client, unread);
          unread = 0;
        }
      }
      int enough = unread / 2; // to read all would take long, and the post waits for 0.7 s only
      readThreeAndPosts(client, enough);
      other.end();
      readThreeAndPosts(client, unread - enough);
    }
  }

  private static MsgHashingServer.Phase phase(MsgHashingServer.Connection connection) {
    return connection.deadline.phase();
  }

  private static void readThreeAndPosts(HttpTester.Client client, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      for (int status : List.of(200, 200, 200, 201)) {
        assertEquals(status, client.read().status());
      }
    }
  }

  /** Whichever is stuck, behind it comes one that needs no store. */
  @Test
  void anAnswerDoesNotOvertakeAStuckOne() throws Exception {
    String body = "{\"message\": \"" + "a".repeat(900_000) + "\"}";
    String get = HttpTester.request("GET", tester.post(body).field("location"));
    assertEquals(body, tester.ask(get).body());
    try (var client = tester.connectNarrow()) {
      client.send((get + HttpTester.request("OPTIONS", "*")).repeat(10));
      for (int i = 0; i < 10; i++) {
        assertEquals(body, client.read().body());
        assertEquals(204, client.read().status());
      }
    }
  }

  /**
   * More than the system takes, and each so small that it is put together with others. No request
   * comes in pieces, for the rest of which a thread would wait that then sends all itself.
   */
  @Test
  void whoReadsLateGetsAllOfManySmallAnswers() throws Exception {
    String message = "a".repeat(1_500);
    assertEquals(201, tester.post("{\"message\": \"" + message + "\"}").status());
    String path = "/messages/" + StoreTest.digest(message);
    int missing = 128 - HttpTester.request("GET", path, "A: ").length();
    String get = HttpTester.request("GET", path, "A: " + "a".repeat(missing));
    try (var client = tester.connectNarrow()) {
      for (int i = 0; i < 160; i++) {
        client.send(get.repeat(16)); // as many bytes as are read at a time
      }
      Thread.sleep(1_000);
      for (int i = 0; i < 160 * 16; i++) {
        assertEquals(200, client.read().status());
      }
    }
  }

  @Test
  void postsThatWaitKeepNobodyElseWaiting() throws Exception {
    for (int i = 0; i < 20; i++) {
      tester.ask(post("read " + i));
    }
    try (var other = new OtherWriter(folder.resolve("a.db"));
        var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      other.begin();
      var enough = new AtomicBoolean();
      var posts = new ArrayList<Future<Integer>>();
      for (int i = 0; i < 200; i++) {
        String post = post(i);
        posts.add(clients.submit(() -> postAgain(post, enough)));
      }
      tester.awaitPhase(MsgHashingServer.Phase.STORE);
      try {
        long start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
          assertEquals(200, tester.get("/messages/" + StoreTest.digest("read " + i)).status());
        }
        // A post waits 0.7 s for the other program, and so would each of these.
        assertTrue(System.nanoTime() - start < 5_000_000_000L, "gets waited for posts");
      } finally {
        enough.set(true);
        other.end();
      }
      for (var last : posts) {
        assertTrue(List.of(201, 503).contains(last.get()), last.get() + "");
      }
    }
  }

  /** Posts until it is enough; the last status. */
  private int postAgain(String post, AtomicBoolean enough) throws IOException {
    int status;
    do {
      status = tester.ask(post).status();
    } while (!enough.get());
    return status;
  }

  @Test
  void aClientThatLeavesBeforeItsAnswerLeavesNothingBehind() throws Exception {
    try (var other = new OtherWriter(folder.resolve("a.db"))) {
      other.begin();
      for (int i = 0; i < 100; i++) {
        try (var client = tester.connect()) {
          // More than one: the second is still unread when the client is gone.
          client.socket.setSoLinger(i % 2 == 0, 0);
          client.send(post(i) + post(i) + "GET ");
        }
      }
      other.end();
    }
    tester.awaitNoConnections();
    assertEquals(200, tester.get("/health").status());
  }

  @Test
  void aPostThatWaitsIsAnsweredWhenTheServerStops() throws Exception {
    try (var other = new OtherWriter(folder.resolve("a.db"));
        var client = tester.connect();
        var idle = tester.connect()) {
      idle.send(HttpTester.request("OPTIONS", "*")).read();
      Thread.sleep(1100); // until it counts as idle
      other.begin();
      client.send(post("last"));
      tester.awaitPhase(MsgHashingServer.Phase.STORE);
      Thread stopping = Thread.ofVirtual().start(tester.server::stop);
      assertEquals("", idle.rest(), "it stops");
      other.end();
      var answer = client.read();
      assertEquals(201, answer.status());
      assertTrue(answer.isClosing());
      client.close();
      stopping.join();
    }
  }

  /** It has come, and is not wanted before the store has answered. */
  @Test
  void whatComesBehindAPostThatWaitsKeepsNoProcessorBusy() throws Exception {
    try (var other = new OtherWriter(folder.resolve("a.db"));
        var client = tester.connect()) {
      other.begin();
      client.send(post("waits"));
      Thread.sleep(100);
      client.send(HttpTester.request("OPTIONS", "*"));
      long before = processorTimeOfLoops();
      Thread.sleep(300);
      long taken = (processorTimeOfLoops() - before) / 1_000_000;
      other.end();
      assertTrue(List.of(201, 503).contains(client.read().status()));
      assertEquals(204, client.read().status());
      assertTrue(taken < 50, taken + " ms of 300 ms");
    }
  }

  private static long processorTimeOfLoops() {
    var threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.dumpAllThreads(false, false))
        .filter(thread -> thread.getThreadName().equals("loop"))
        .mapToLong(thread -> threads.getThreadCpuTime(thread.getThreadId()))
        .sum();
  }

  /** Also when the thread before it comes back meanwhile, and with what the loop has ordered. */
  @Test
  void aLoopWhoseThreadIsAwayGetsAnotherEachTime() throws Exception {
    var loop = new MsgHashingServer.EventLoop(0);
    var before = new CountDownLatch(1);
    var first = new CountDownLatch(1);
    var second = new CountDownLatch(1);
    var away = new CountDownLatch(1);
    var back = new CountDownLatch(1);
    var ordered = new CountDownLatch(1);
    var served = new CountDownLatch(1);
    try {
      loop.execute(
          () -> {
            loop.execute(ordered::countDown);
            beAway(loop, before, first);
            back.countDown();
          });
      assertTrue(before.await(10, TimeUnit.SECONDS));
      replaceAfterAWhile(loop);
      assertTrue(ordered.await(10, TimeUnit.SECONDS), "what was left is done");
      loop.execute(() -> beAway(loop, away, second));
      assertTrue(away.await(10, TimeUnit.SECONDS));
      first.countDown();
      assertTrue(back.await(10, TimeUnit.SECONDS));
      replaceAfterAWhile(loop);
      loop.execute(served::countDown);
      assertTrue(served.await(10, TimeUnit.SECONDS), "the second was replaced too");
    } finally {
      first.countDown();
      second.countDown();
      loop.close();
    }
  }

  private static void beAway(
      MsgHashingServer.EventLoop loop, CountDownLatch since, CountDownLatch until) {
    loop.beginBlocking();
    since.countDown();
    try {
      until.await();
    } catch (InterruptedException impatient) {
      throw new AssertionError(impatient);
    } finally {
      loop.endBlocking();
    }
  }

  private static void replaceAfterAWhile(MsgHashingServer.EventLoop loop)
      throws InterruptedException {
    Thread.sleep(300);
    loop.replaceIfBlocked();
    loop.replaceSpare();
  }

  /** A loop that is busy with one client's answers must not leave its others alone. */
  @Test
  void aClientThatDoesNotReadKeepsNobodyElseWaiting() throws Exception {
    var digest = StoreTest.digest("a".repeat(1_000_000));
    assertEquals(201, tester.post("{\"message\": \"" + "a".repeat(1_000_000) + "\"}").status());
    try (var idle = new HttpTester.Clients()) {
      for (int i = 0; i < 20; i++) {
        var client = tester.connect();
        client.send(HttpTester.request("GET", "/messages/" + digest).repeat(20));
        idle.add(client);
      }
      for (int i = 0; i < 200; i++) {
        assertEquals(404, tester.get("/messages/" + HttpTester.FOO).status());
      }
      for (var client : idle) {
        for (int i = 0; i < 20; i++) {
          assertEquals(1_000_015, client.read().body().length());
        }
      }
    }
  }

  @Test
  void answersThatNobodyReadsTakeNoMemory() throws Exception {
    String message = "a".repeat(21 << 20); // more than Jackson would take by itself
    String get = HttpTester.request("GET", "/messages/" + StoreTest.digest(message));
    var store = StoreTest.open("memory:", 0);
    try (var large = HttpTester.startOn(store, "--max-message-size", "22M");
        var clients = new HttpTester.Clients()) {
      assertEquals(201, large.post("{\"message\": \"" + message + "\"}").status());
      large.ask(get);
      long before = usedMemory();
      for (int i = 0; i < 20; i++) {
        clients.add(large.connect().send(get));
      }
      Thread.sleep(1_000);
      long taken = usedMemory() - before;
      assertTrue(taken < 100 << 20, taken + " bytes for 20 clients that don't read 21 MiB");
    }
  }

  @Test
  void whoHasSentALargeHeadTakesNoMoreMemoryThanOthers() throws Exception {
    try (var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 1_000; i++) {
        clients.add(tester.connect());
      }
      long before = usedMemoryAfter(clients, HttpTester.request("OPTIONS", "*"));
      String field = "X: " + "x".repeat(7_000);
      long after = usedMemoryAfter(clients, HttpTester.request("OPTIONS", "*", field));
      assertTrue(after - before < 3 << 20, (after - before) / 1_000 + " bytes more for each");
    }
  }

  private static long usedMemoryAfter(List<HttpTester.Client> clients, String request)
      throws Exception {
    for (var client : clients) {
      assertEquals(204, client.send(request).read().status());
    }
    return usedMemory();
  }

  private static long usedMemory() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}

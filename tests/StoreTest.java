import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every store does alike: memory, SQLite, Redis and Redis Cluster. */
@Timeout(60)
class StoreTest {
  @TempDir static Path folder;

  private static final List<AutoCloseable> OPEN = new ArrayList<>();
  private static final List<MsgHashingServer.MessageStore> STORES = new ArrayList<>();

  @BeforeAll
  static void open() throws Exception {
    var redis = RedisProcess.start();
    OPEN.add(redis);
    var cluster = RedisCluster.start();
    OPEN.add(cluster);
    STORES.add(open("memory:", 0));
    STORES.add(open("sqlite:" + folder.resolve("a name with %41, ? and #.db"), 0));
    STORES.add(open(redis.store() + "/3", 0));
    STORES.add(open(cluster.store(4), 0));
    STORES.add(open(cluster.store(0), 1));
  }

  @AfterAll
  static void close() throws Exception {
    STORES.forEach(MsgHashingServer.MessageStore::close);
    for (var process : OPEN) {
      process.close();
    }
  }

  static Stream<MsgHashingServer.MessageStore> stores() {
    return STORES.stream();
  }

  /** Checks that a call fails for a reason; returns what it says of it. */
  static String assertFails(MsgHashingServer.Problem reason, Executable call) {
    var failure = assertThrows(MsgHashingServer.StoreException.class, call);
    assertEquals(reason, failure.problem, failure.getMessage());
    return failure.getMessage();
  }

  /** Checks that a call fails as the store is away; returns what it says of it. */
  static String assertAway(Executable call) {
    return assertFails(MsgHashingServer.Problem.AWAY, call);
  }

  /** The same, before its caller has lost patience. */
  static void assertAwayInTime(Executable call) throws Exception {
    RunningTime.within(Duration.ofSeconds(2), () -> assertAway(call));
  }

  /** Checks that so many who check a full store at the same time are told that it is. */
  static void assertFullForAll(MsgHashingServer.MessageStore store, int callers) throws Exception {
    Callable<String> check = () -> assertFails(MsgHashingServer.Problem.FULL, store::check);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var checked : threads.invokeAll(Collections.nCopies(callers, check))) {
        checked.get();
      }
    }
  }

  /** Whether the store is not away and something holds. */
  static boolean unlessAway(Callable<Boolean> condition) throws Exception {
    try {
      return condition.call();
    } catch (MsgHashingServer.StoreException notYet) {
      return false;
    }
  }

  /** Checks that a choice of a store is refused in one line without secrets; returns that line. */
  static String refusal(String choice) {
    var refusal = assertThrows(MsgHashingServer.CannotStart.class, () -> open(choice, 0), choice);
    String line = refusal.getMessage();
    assertTrue(line.startsWith("--store: ") && !line.contains("\n"), line);
    assertFalse(line.contains("secret"), line);
    return line;
  }

  /** The same, and that it tells of a problem. */
  static void assertRefused(String problem, String choice) {
    String line = refusal(choice);
    assertTrue(line.contains(problem), line);
  }

  static MsgHashingServer.Digest digest(String message) {
    return MsgHashingServer.Digest.of(message.getBytes(StandardCharsets.UTF_8));
  }

  /** Has a store begin to keep a message. */
  static CompletableFuture<Boolean> begin(MsgHashingServer.MessageStore store, String message) {
    return store.put(digest(message), message.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a message that the store now has is new. */
  static boolean put(MsgHashingServer.MessageStore store, String message)
      throws MsgHashingServer.StoreException {
    return MsgHashingServer.MessageStore.await(begin(store, message));
  }

  /** The message itself, or null when the store has none of its digest. */
  static String get(MsgHashingServer.MessageStore store, String message)
      throws MsgHashingServer.StoreException {
    byte[] bytes = MsgHashingServer.MessageStore.await(store.get(digest(message)));
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  /** Has a loop ask a store; returns the name of the thread that answers. */
  static String askedBy(
      MsgHashingServer.EventLoop loop, MsgHashingServer.MessageStore store, String message)
      throws Exception {
    var digest = digest(message);
    return CompletableFuture.supplyAsync(
            () -> store.get(digest).thenApply(_ -> Thread.currentThread().getName()), loop)
        .thenCompose(thread -> thread)
        .get(10, TimeUnit.SECONDS);
  }

  /** Asks again and again, which makes answers quick, until the loop's own thread answers. */
  static void awaitAskedByLoop(
      MsgHashingServer.EventLoop loop, MsgHashingServer.MessageStore store, String message)
      throws Exception {
    Eventually.holds(
        "a loop asks",
        () -> {
          for (int i = 0; i < 500; i++) {
            askedBy(loop, store, message);
          }
          return askedBy(loop, store, message).equals("loop");
        });
  }

  /**
   * Checks that clients who want what is cached don't wait for those whose store hangs.
   *
   * @param hang lets the store hang until what it returns is closed
   */
  static void assertKeepsNobodyElseWaiting(ServerProcess server, Callable<AutoCloseable> hang)
      throws Exception {
    try (var client = new Poster(server);
        var clients = Executors.newFixedThreadPool(32)) {
      assertEquals(201, client.post("hot"));
      assertEquals(201, client.post("cold"));
      assertEquals("hot", client.get("hot"));
      // Reads are quick, and the loops know it, once Java has compiled them.
      var warm = new ArrayList<Future<String>>();
      for (int i = 0; i < 5_000; i++) {
        String message = "not there " + i;
        warm.add(clients.submit(() -> client.get(message)));
      }
      for (var miss : warm) {
        assertTrue(miss.get().contains("not found"), miss.get());
      }
      var misses = new ArrayList<Future<String>>();
      try (var hanging = hang.call()) {
        for (int i = 0; i < 20; i++) {
          // Of one message there would be one read, so that but one loop might hang.
          String message = "cold " + i;
          Callable<String> miss =
              () -> RunningTime.within(Duration.ofMillis(2_500), () -> client.get(message));
          misses.add(clients.submit(miss));
        }
        Thread.sleep(500);
        for (int i = 0; i < 20; i++) {
          String hot = RunningTime.within(Duration.ofMillis(500), () -> client.get("hot"));
          assertEquals("hot", hot);
        }
        for (var miss : misses) {
          assertEquals("{\"err_msg\": \"the store does not answer\"}", miss.get());
        }
      }
      Eventually.holds("reads go on", () -> client.get("cold").equals("cold"));
    }
  }

  static MsgHashingServer.MessageStore open(String choice, int replicas) throws Exception {
    return MsgHashingServer.MessageStore.open(choice, 64 << 20, replicas);
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("stores")
  void keepsMessagesOfEverySizeAndCharacter(MsgHashingServer.MessageStore store) throws Exception {
    var planes =
        IntStream.rangeClosed(0, 16)
            .mapToObj(plane -> Character.toString(plane * 0x10000 + 0xFFFD) + plane)
            .toList();
    var messages = new ArrayList<>(planes);
    messages.addAll(List.of("", "a", "\0", "a\0b\0", "\0".repeat(70), "'; DROP TABLE message; --"));
    messages.addAll(List.of(store.name, "é😀\uFFFF\r\n\t", "z".repeat(1 << 20), "a ", " a"));
    for (String text : messages) {
      String message = own(store, text);
      assertNull(get(store, message));
      assertTrue(put(store, message));
      assertFalse(put(store, message));
      byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
      assertArrayEquals(bytes, store.get(digest(message)).get());
    }
    store.check();
    assertTrue(store.count() >= messages.size());
  }

  /** A message that no other store on the same cluster has; the empty one stays empty. */
  private static String own(MsgHashingServer.MessageStore store, String message) {
    boolean isSecondOfCluster = store == STORES.getLast();
    return isSecondOfCluster ? message + " again" : message;
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("stores")
  void ofManyWhoPostTheSameNewMessageOneIsToldThatItIsNew(MsgHashingServer.MessageStore store)
      throws Exception {
    long before = store.count();
    for (int round = 0; round < 20; round++) {
      String message = own(store, "same " + round);
      assertEquals(1, trueAnswers(32, () -> put(store, message)));
    }
    assertEquals(before + 20, store.count());
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("stores")
  void thousandsOfCallersAtOnceAreAllServed(MsgHashingServer.MessageStore store) throws Exception {
    var next = new AtomicInteger();
    Callable<Boolean> call =
        () -> {
          String message = own(store, "one of thousands: " + next.getAndIncrement());
          return put(store, message) && get(store, message).equals(message);
        };
    RunningTime.undisturbed(() -> assertEquals(3000, trueAnswers(3000, call)));
  }

  private static int trueAnswers(int callers, Callable<Boolean> call) throws Exception {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      int count = 0;
      for (var answer : executor.invokeAll(Collections.nCopies(callers, call))) {
        count += answer.get() ? 1 : 0;
      }
      return count;
    }
  }

  @Test
  void whatWaitsIsAnsweredBeforeAStoreIsClosed() throws Exception {
    var asked = new ArrayList<CompletableFuture<Boolean>>();
    try (var store = open("sqlite:" + folder.resolve("closing.db"), 0)) {
      assertEquals(0, store.count());
      for (int i = 0; i < 300; i++) { // more than a group
        asked.add(begin(store, "waits " + i));
      }
    }
    for (var put : asked) {
      assertTrue(MsgHashingServer.MessageStore.await(put));
    }
  }

  @Test
  void aClosedStoreKeepsNobodyWaiting() throws Exception {
    var store = open("sqlite:" + folder.resolve("closed.db"), 0);
    store.close();
    String told = assertAway(() -> put(store, "m"));
    assertEquals("the store is closed", told);
  }

  /**
   * Has a store keep messages of so many letters until it is full, and checks that it has those;
   * returns how many.
   */
  static int fill(MsgHashingServer.MessageStore store, int length) throws Exception {
    var kept = new ArrayList<String>();
    assertFails(
        MsgHashingServer.Problem.FULL,
        () -> {
          for (int i = 0; i < 1000; i++) {
            String message = i + "x".repeat(length);
            put(store, message);
            kept.add(message);
          }
        });
    for (String message : kept) {
      assertEquals(message, get(store, message), "reads go on");
      assertFalse(put(store, message), "what is there needs no room");
    }
    assertFails(MsgHashingServer.Problem.FULL, store::check);
    return kept.size();
  }

  @Test
  void memoryIsBounded() throws Exception {
    try (var store = MsgHashingServer.MessageStore.open("memory:", 100_000, 0)) {
      int kept = fill(store, 900);
      assertTrue(kept > 80 && kept < 100, kept + " kept");
      assertTrue(put(store, "small"), "there is room for less");
      store.check();
      assertFails(MsgHashingServer.Problem.FULL, () -> put(store, "x".repeat(100_001)));
      store.check(); // what never fits does not make it full
    }
  }

  @Test
  void memoryForOneOfTwoEqualMessagesIsForBoth() throws Exception {
    byte[] message = {'m'};
    var digest = MsgHashingServer.Digest.of(message);
    for (int i = 0; i < 20_000; i++) {
      var store = new MsgHashingServer.MemoryStore(112); // it takes 104 bytes beside a word's
      var isReady = new CountDownLatch(1);
      var other =
          CompletableFuture.supplyAsync(
              () -> {
                isReady.countDown();
                return store.put(digest, message).join();
              });
      isReady.await();
      assertTrue(store.put(digest, message).join() ^ other.join(), "one of them is new");
      store.check();
    }
  }

  /** Where its entry has none, the post is refused, and must not take room for ever. */
  @Test
  void aMessageWhoseEntryFindsNoMemoryTakesNoRoom() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
    String classes = System.getProperty("java.class.path");
    String main = FullHeap.class.getName();
    var words = List.of(java, "-Xmx6m", "-XX:+UseSerialGC", "-XX:-UseTLAB", "-cp", classes, main);
    Command filled = Command.run(Path.of("."), Map.of(), "", words);
    assertEquals(new Command(0, "true, 300 stored\n", ""), filled);
  }

  /** Posts while the heap is full to the brim; shows whether some failed, and how many fit. */
  static final class FullHeap {
    public static void main(String[] arguments) {
      var store = new MsgHashingServer.MemoryStore(300 * 104); // what each takes without content
      post(store, 0);
      int failures = 0;
      for (int i = 1; i < 30; i++) {
        Object[] all = fill();
        while (true) {
          try {
            post(store, i);
            break;
          } catch (OutOfMemoryError full) {
            failures++;
            all = (Object[]) all[0]; // a little room, until there is enough
          }
        }
      }
      for (int i = 30; post(store, i); i++) {}
      System.out.println((failures > 0) + ", " + store.count() + " stored");
    }

    private static boolean post(MsgHashingServer.MemoryStore store, int number) {
      var digest = new MsgHashingServer.Digest(number, number, 31 * number, number);
      return !store.put(digest, new byte[0]).isCompletedExceptionally();
    }

    private static Object[] fill() {
      Object[] all = null;
      for (int size : new int[] {4096, 0}) {
        try {
          while (true) {
            all = new Object[] {all, new byte[size]};
          }
        } catch (OutOfMemoryError full) {
          // Then the same with less.
        }
      }
      return all;
    }
  }

  /** As when there is no memory to tell it; what comes later must not have it forgotten. */
  @Test
  void whoCanNotBeToldOfAFailureAtOnceIsToldLater() throws Exception {
    final class Request extends MsgHashingServer.StoreRequest<Boolean> {
      private int times;

      Request() {
        super(System.nanoTime(), 0);
      }

      @Override
      public boolean completeExceptionally(Throwable failure) {
        if (times++ == 0) {
          throw new OutOfMemoryError("thrown on purpose");
        }
        return super.completeExceptionally(failure);
      }
    }
    Consumer<List<Request>> work =
        _ -> {
          throw new OutOfMemoryError("thrown on purpose");
        };
    var thread = new MsgHashingServer.GroupThread<>("test", work, () -> {});
    var requests = List.of(new Request(), new Request());
    for (Request request : requests) {
      thread.add(request);
      Thread.sleep(50);
    }
    for (Request request : requests) {
      var told = assertThrows(ExecutionException.class, () -> request.get(5, TimeUnit.SECONDS));
      assertEquals(OutOfMemoryError.class, told.getCause().getClass());
    }
    thread.close();
  }

  /**
   * As over a far link: what was late alone, in time, or late before its turn tells nothing of how
   * many can be answered at once.
   */
  @ParameterizedTest
  @CsvSource({"900, 2, 12", "900, -60, 6", "80, 2, 6"})
  void afterAPauseGroupsAreSoonLargeAgain(int pause, int age, int most) throws Exception {
    final class Request extends MsgHashingServer.StoreRequest<Boolean> {
      Request(int age) {
        super(System.nanoTime() - age * 1_000_000_000L, 0);
      }
    }
    var took = new AtomicInteger(pause);
    var groups = new AtomicInteger();
    var largest = new AtomicInteger();
    Consumer<List<Request>> work =
        group -> {
          groups.incrementAndGet();
          LockSupport.parkNanos(took.getAndSet(80) * 1_000_000L);
          largest.accumulateAndGet(group.size(), Math::max);
          group.forEach(request -> request.complete(true));
        };
    var thread = new MsgHashingServer.GroupThread<>("test", work, () -> {});
    thread.add(new Request(age));
    Eventually.holds("it has its turn", () -> groups.get() > 0);
    var requests = Stream.generate(() -> new Request(-60)).limit(600).toList();
    requests.forEach(thread::add);
    for (Request request : requests) {
      assertTrue(request.get(30, TimeUnit.SECONDS));
    }
    assertTrue(groups.get() < most, groups + " groups"); // 7, or 30 by the steps alone, and else 4
    assertEquals(256, largest.get());
    thread.close();
  }

  @Test
  void aStoreOfNoKindIsRefusedWithoutShowingSecrets() {
    for (String choice :
        List.of(
            "",
            "memory",
            "memory:1",
            "messages.db",
            "sqlite:a\0b",
            "mongodb://user:secret@host",
            "redis:user:secret@host",
            "redis:user:secret",
            "redis://user:secret",
            "redis://user:secret@",
            "redis://user:secret@host/name",
            "redis://user:secret@host:port",
            "redis://user:secret@host:65536",
            "redis://user:secret@::1",
            "redis://user: secret@host",
            "redis://secret@host",
            "redis://user:secret@host?db=1")) {
      refusal(choice);
    }
  }
}

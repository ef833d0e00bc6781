import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;

/** The cache of answers in front of a store, here of one in memory. */
@Timeout(60)
class HotMessagesTest {
  private MsgHashingServer.MessageStore store;
  private MsgHashingServer.Metrics metrics;

  @BeforeEach
  void open() throws Exception {
    store = StoreTest.open("memory:", 0);
    metrics = new MsgHashingServer.Metrics(() -> 0, 1, store);
  }

  private MsgHashingServer.HotMessages hotMessages(long size) {
    return hotMessages(store, size);
  }

  private MsgHashingServer.HotMessages hotMessages(MsgHashingServer.MessageStore store, long size) {
    var none = new MsgHashingServer.LargeAnswers();
    return new MsgHashingServer.HotMessages(store, size, "public", metrics, none);
  }

  private static MsgHashingServer.Representation get(
      MsgHashingServer.HotMessages hot, MsgHashingServer.Digest digest) throws Exception {
    return MsgHashingServer.MessageStore.await(hot.get(digest));
  }

  private MsgHashingServer.Digest put(String message) throws Exception {
    StoreTest.put(store, message);
    return StoreTest.digest(message);
  }

  @Test
  void aMessageIsReadOnceHoweverManyAsk() throws Exception {
    var hot = hotMessages(1 << 20);
    var digest = put("foo");
    try (var askers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 1_000; i++) {
        askers.submit(() -> get(hot, digest));
      }
    }
    assertEquals(1, lookups("miss"));
    assertEquals(999, lookups("hit"));
    assertSame(get(hot, digest), get(hot, digest));
  }

  @Test
  void whatIsSentToManyTakesItsMemoryOnce() throws Exception {
    var answers = new MsgHashingServer.LargeAnswers();
    byte[] content = new byte[1 << 20];
    for (long sent = 0; sent <= Runtime.getRuntime().maxMemory(); sent += content.length) {
      answers.begin(content);
    }
    answers.requireRoom(content);
  }

  /** Its other clients would wait as long as that takes. */
  @Test
  void aLargeMessageIsNotMadeAnAnswerOnALoop() throws Exception {
    var loop = new MsgHashingServer.EventLoop(0);
    try (var large = StoreTest.open("memory:", 0)) {
      String message = "\0".repeat(20 << 20);
      StoreTest.put(large, message);
      var hot = hotMessages(large, 0);
      var reading = new CompletableFuture<CompletableFuture<?>>();
      var wasDone = new CompletableFuture<Boolean>();
      loop.execute(
          () -> {
            reading.complete(hot.get(StoreTest.digest(message)));
            wasDone.complete(reading.join().isDone());
          });
      assertFalse(wasDone.get());
      assertNotNull(reading.get().get());
    } finally {
      loop.close();
    }
  }

  @Test
  void whatIsMissingIsNotRemembered() throws Exception {
    var hot = hotMessages(1 << 20);
    var digest = StoreTest.digest("late");
    assertNull(get(hot, digest));
    put("late");
    assertSame(get(hot, digest), get(hot, digest));
  }

  /** Of those who ask at the same time the others look again, which are lookups of their own. */
  @Test
  void whatIsMissingIsAMissForAll() throws Exception {
    try (var redis = RedisProcess.start();
        var slow = StoreTest.open(redis.store(), 0)) {
      var hot = hotMessages(slow, 1 << 20);
      var digest = StoreTest.digest("");
      redis.signal("STOP");
      var first = hot.get(digest);
      var second = hot.get(digest);
      redis.signal("CONT");
      assertNull(MsgHashingServer.MessageStore.await(first));
      assertNull(MsgHashingServer.MessageStore.await(second));
      assertEquals(2, lookups("miss"));
      assertEquals(0, lookups("hit"));
      StoreTest.put(slow, "");
      redis.signal("STOP");
      first = hot.get(digest);
      second = hot.get(digest);
      redis.signal("CONT");
      assertSame(
          MsgHashingServer.MessageStore.await(first), MsgHashingServer.MessageStore.await(second));
      assertEquals(3, lookups("miss"));
      assertEquals(1, lookups("hit"), "what is there is read once");
    }
  }

  /** Who asks after a message was acknowledged gets it, though a read from before is under way. */
  @Test
  void aReadUnderWayDoesNotHideAMessagePostedSince() throws Exception {
    try (var redis = RedisProcess.start();
        var link = new SlowLink(redis.port());
        var slow = StoreTest.open(link.store(), 0);
        var other = redis.client()) {
      var hot = hotMessages(slow, 1 << 20);
      var digest = StoreTest.digest("late");
      assertNull(get(hot, digest));
      link.delay = 500;
      long asked = asked(other);
      var before = hot.get(digest);
      Eventually.holds("Redis has read it", () -> asked(other) > asked);
      other.set("msg:" + digest, "late");
      var after = hot.get(digest);
      assertNull(MsgHashingServer.MessageStore.await(before));
      assertNotNull(MsgHashingServer.MessageStore.await(after));
    }
  }

  private static long asked(Jedis redis) {
    return RedisProcess.told(redis, "commandstats", "cmdstat_get:calls=");
  }

  @Test
  void aWrongMessageIsNeverServed() throws Exception {
    var hot = hotMessages(1 << 20);
    var digest = StoreTest.digest("right");
    store.put(digest, "wrong".getBytes(StandardCharsets.UTF_8)).get();
    for (int i = 0; i < 2; i++) {
      StoreTest.assertFails(MsgHashingServer.Problem.CORRUPT, () -> get(hot, digest));
    }
  }

  @Test
  void aFullCacheKeepsWhatIsReadAgain() throws Exception {
    var hot = hotMessages(1_000_000);
    for (int i = 0; i < 5_000; i++) {
      get(hot, put("read once " + i));
    }
    var digest = put("read again");
    get(hot, digest);
    assertEquals(5_001, lookups("miss"));
    get(hot, digest);
    assertEquals(5_002, lookups("miss"), "the second read keeps it");
    get(hot, digest);
    assertEquals(5_002, lookups("miss"), "the third finds it");
    assertEquals(1, lookups("hit"));
  }

  @Test
  void whatFitsIsKeptAtOnceEvenAfterAMessageThatNeverFits() throws Exception {
    var hot = hotMessages(1_000_000);
    get(hot, put("x".repeat(2_000_000)));
    var digest = put("small");
    get(hot, digest);
    get(hot, digest);
    assertEquals(2, lookups("miss"));
    assertEquals(1, lookups("hit"));
  }

  @Test
  void whoeverWaitsForAReadThatFailsIsToldSoInTime() throws Exception {
    try (var redis = RedisProcess.start();
        var away = StoreTest.open(redis.store(), 0)) {
      var hot = hotMessages(away, 1 << 20);
      var digest = StoreTest.digest("");
      assertNull(get(hot, digest));
      redis.signal("STOP");
      hot.get(digest);
      Thread.sleep(1_000);
      StoreTest.assertAwayInTime(() -> get(hot, digest));
      redis.signal("CONT");
      Eventually.holds(
          "the store is read again", () -> StoreTest.unlessAway(() -> get(hot, digest) == null));
    }
  }

  @Test
  void itsSizeIsBound() throws Exception {
    var hot = hotMessages(100_000);
    var digests = new ArrayList<MsgHashingServer.Digest>();
    for (int i = 0; i < 100; i++) {
      digests.add(put("a".repeat(1_000) + i));
    }
    // Entries of 200 bytes beside the answers: less than for all has room.
    long most = 100_000 / (200 + get(hot, digests.getFirst()).size());
    for (var digest : digests) {
      get(hot, digest);
    }
    double before = lookups("hit");
    for (var digest : digests) {
      get(hot, digest);
    }
    double kept = lookups("hit") - before;
    assertTrue(kept > most / 2 && kept <= most, kept + " kept of " + most);
  }

  private double lookups(String result) {
    String text = new String(metrics.scrape().content(), StandardCharsets.UTF_8);
    return HttpTester.sum(text, "cache_lookups_total{result=\"" + result + "\"}");
  }
}

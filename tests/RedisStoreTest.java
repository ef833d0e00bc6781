import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.params.ClientKillParams;

/** One Redis: credentials, a full memory, and a Redis that is away. */
@Timeout(120)
class RedisStoreTest {
  private static final String FOO = "foo";
  private static final MsgHashingServer.Digest DIGEST = StoreTest.digest(FOO);

  @TempDir Path folder;

  @Test
  void keysAreTheDigestsInTheDatabaseChosen() throws Exception {
    try (var redis = RedisProcess.start();
        var store = StoreTest.open(redis.store() + "/7", 0);
        var client = redis.client()) {
      assertTrue(StoreTest.put(store, FOO));
      client.select(7);
      assertEquals("foo", client.get("msg:" + DIGEST));
      client.del("msg:" + DIGEST);
      client.lpush("msg:" + DIGEST, "not a string");
      Executable read = () -> StoreTest.get(store, FOO);
      String problem = StoreTest.assertFails(MsgHashingServer.Problem.CORRUPT, read);
      assertEquals(redis.address() + ": msg:" + DIGEST + " is not a string", problem);
    }
  }

  @Test
  void credentialsAreUsedAndNeverShown() throws Exception {
    try (var redis = RedisProcess.start("--requirepass", "s3:cret/@")) {
      try (var store = StoreTest.open("redis://:s3%3Acret%2F%40@" + redis.address(), 0)) {
        assertTrue(StoreTest.put(store, FOO));
        assertEquals("redis://" + redis.address(), store.name);
        redis.kill();
        String away = StoreTest.assertAway(() -> StoreTest.get(store, FOO));
        assertFalse(away.contains("cret"), away);
        redis.restart();
      }
      for (String credentials : List.of("", ":wrong-secret@", "nobody:wrong-secret@")) {
        StoreTest.assertRefused("refuses: ", "redis://" + credentials + redis.address());
      }
      StoreTest.assertRefused("not of the form", "redis://:wrong-secret\r\n@" + redis.address());
      StoreTest.assertRefused("not of the form", "redis://localhost:65536");
      StoreTest.assertRefused("can't be reached: Connection refused", "redis://127.0.0.1:1");
      StoreTest.assertRefused(
          "can't be reached: there is no host no_such_host.invalid",
          "redis://no_such_host.invalid");
    }
  }

  @Test
  void aRedisThatHasNoRoomForAClientSaysSo() throws Exception {
    try (var redis = RedisProcess.start();
        var administrator = redis.client()) {
      administrator.configSet("maxclients", "1");
      StoreTest.assertRefused("refuses: ERR max number of clients reached", redis.store());
    }
  }

  @Test
  void whoCutsAConnectionWithoutTlsOffMayWantTls() throws Exception {
    Listener.Service cut =
        client -> {
          client.getInputStream().read();
          client.setSoLinger(true, 0); // closing resets then, as with what was not read
          client.close();
        };
    try (var redis = new Listener(cut)) {
      StoreTest.assertRefused("; it may require TLS (rediss://)", redis.store());
      String tls = redis.store().replace("redis:", "rediss:");
      StoreTest.assertRefused("; it may require a client certificate", tls);
    }
  }

  @Test
  void whoSaysNothingToTlsMayWantNone() throws Exception {
    try (var redis = RedisProcess.start()) {
      String store = "rediss://" + redis.address();
      StoreTest.assertRefused("; it may not use TLS (redis://)", store);
    }
  }

  @Test
  void usersAndAddressesMayHaveAnyForm() throws Exception {
    assumeTrue(Listener.hasIpv6(), "this machine has no IPv6");
    try (var redis = RedisProcess.start("--bind", "127.0.0.1", "::1");
        var administrator = redis.client()) {
      administrator.aclSetUser("a:b+c", "on", "allkeys", "allcommands", ">100%");
      for (String place :
          List.of(
              "a%3Ab+c:100%25@localhost:", "a%3Ab%2Bc:100%@[::1]:", "a%3Ab+c:100%@127.0.0.1:")) {
        try (var store = StoreTest.open("redis://" + place + redis.port(), 0)) {
          store.check();
        }
      }
      administrator.aclSetUser("uncounted", "on", "allkeys", "allcommands", ">1", "-dbsize");
      try (var server = ServerProcess.start("--store", "redis://uncounted:1@" + redis.address());
          var client = new Poster(server)) {
        assertEquals(201, client.post("foo"));
        String metrics = client.metrics();
        assertTrue(metrics.contains("\nstore_available 1.0\n"), metrics);
        assertTrue(metrics.contains("\nmessages_stored NaN\n"), metrics);
        String told = ": the messages can't be counted: ";
        Eventually.holds("it is told", () -> server.errors().contains(told));
        administrator.aclSetUser("uncounted", "-get");
        assertEquals(503, client.health());
      }
      StoreTest.assertRefused("refuses: ", redis.store() + "/9999");
      for (String usual : List.of("redis://redis-1", "redis://redis-1/")) {
        var node = MsgHashingServer.RedisAddress.parse(usual).node();
        assertEquals("redis-1:6379", node.toString());
      }
    }
  }

  /** As docs/stores.md grants them. */
  @Test
  void theRightsOfAnOrdinaryUserWillDo() throws Exception {
    try (var redis = RedisProcess.start();
        var administrator = redis.client()) {
      String[] rights = {"on", ">1", "~msg:*", "+get", "+set", "+info", "+dbsize"};
      administrator.aclSetUser("messages", rights);
      try (var store = StoreTest.open("redis://messages:1@" + redis.address(), 0)) {
        assertTrue(StoreTest.put(store, FOO));
        assertEquals(FOO, StoreTest.get(store, FOO));
        store.check();
        assertEquals(1, store.count());
      }
      administrator.aclSetUser("messages", "+wait", "+select");
      try (var store = StoreTest.open("redis://messages:1@" + redis.address() + "/1", 1)) {
        RunningTime.undisturbed(
            () -> {
              String told = StoreTest.assertAway(() -> StoreTest.put(store, FOO));
              assertTrue(told.endsWith("too few replicas have the message"), told);
            });
      }
    }
  }

  /** By the command of docs/stores.md. */
  @Test
  void messagesMoveFromAStoreToAnother() throws Exception {
    String page = Files.readString(Command.checkout().resolve("docs/stores.md"));
    Matcher command = Pattern.compile("(?ms)^python3 -c '.*? <digests$").matcher(page);
    assertTrue(command.find());
    List<String> odd =
        List.of("", FOO, "\"\\\n\r\0\u007f", "\u00e9\ud83d\ude00", "x".repeat(900_000));
    String old = "sqlite:" + folder.resolve("old.db");
    String back = "sqlite:" + folder.resolve("back.db");
    try (var redis = RedisProcess.start()) {
      try (var store = StoreTest.open(old, 0)) {
        for (String message : odd) {
          assertTrue(StoreTest.put(store, message));
        }
      }
      var digests = odd.stream().map(StoreTest::digest).map(Object::toString).toList();
      move(command.group(), digests, old, redis.store());
      move(command.group(), digests, redis.store(), back);
      try (var store = StoreTest.open(back, 0)) {
        for (String message : odd) {
          assertEquals(message, StoreTest.get(store, message));
        }
      }
    }
  }

  /** Moves these, and one that is not there and has to be told. */
  private void move(String command, List<String> digests, String old, String to) throws Exception {
    String unknown = StoreTest.digest("unknown") + "\n";
    Files.writeString(folder.resolve("digests"), unknown + String.join("\n", digests) + "\n");
    try (var from = ServerProcess.start("--store", old);
        var onto = ServerProcess.start("--store", to)) {
      String ours = command.replace("8000", from.port() + "").replace("8001", onto.port() + "");
      var result = Command.run(folder, Map.of(), "", List.of("bash", "-c", ours));
      assumeTrue(result.code() != 127, "python3 is not installed: the command is not tested");
      assertEquals(new Command(0, unknown, ""), result);
    }
  }

  /** Where other users of the machine don't see it, as they do a command line. */
  @Test
  void aPasswordMayComeFromTheEnvironment() throws Exception {
    String password = "p@ss: w/\u00f6+d";
    var environment = Map.of("MSG_HASHING_REDIS_PASSWORD", password);
    try (var redis = RedisProcess.start();
        var administrator = redis.client()) {
      administrator.aclSetUser("writer", "on", "allkeys", "allcommands", ">" + password);
      administrator.aclSetUser("default", "resetpass", ">" + password);
      for (String user : List.of("", "writer:@", ":@")) {
        String store = "redis://" + user + redis.address();
        try (var server = ServerProcess.start(environment, List.of(), "--store", store);
            var client = new Poster(server)) {
          client.post("foo");
          assertEquals("foo", client.get("foo"));
        }
      }
    }
    String own = "redis://writer:own@redis-1:6379/2";
    assertEquals(own, MsgHashingServer.RedisAddress.withPassword(own, password));
    assertEquals("memory:", MsgHashingServer.RedisAddress.withPassword("memory:", password));
    assertEquals(
        "rediss://:own@redis-1",
        MsgHashingServer.RedisAddress.withPassword("rediss://redis-1", "own"));
  }

  @Test
  void tlsIsSpokenWithAServerThatIsTrustedUnderItsName() throws Exception {
    try (var redis = RedisProcess.start();
        var proxy = new TlsProxy(folder, redis.port());
        var client = redis.client()) {
      String store = "rediss://localhost:" + proxy.port();
      var options = new ArrayList<>(proxy.trust());
      options.addAll(proxy.identity());
      try (var server = ServerProcess.start(Map.of(), options, "--store", store);
          var poster = new Poster(server)) {
        assertEquals(201, poster.post("foo"));
        assertEquals("foo", client.get("msg:" + DIGEST));
        assertEquals("foo", poster.get("foo"));
      }
      StoreTest.assertRefused("can't be reached: ", store);
      String otherName = "rediss://127.0.0.1:" + proxy.port();
      assertRefused(options, otherName, otherName + " can't be reached: its certificate: ");
      String line = assertRefused(proxy.trust(), store, store + " can't be reached: ");
      assertTrue(line.contains("certificate"), line);
      Path pem = Files.writeString(folder.resolve("cert.pem"), "-----BEGIN CERTIFICATE-----");
      for (String property : List.of("javax.net.ssl.keyStore", "javax.net.ssl.trustStore")) {
        for (String unreadable : List.of("nofile", pem.toString())) {
          var wrong = new ArrayList<>(options);
          wrong.add("-D" + property + "=" + unreadable);
          assertRefused(wrong, store, property + ": " + unreadable + ": ");
        }
      }
      options.add("-Djavax.net.ssl.keyStore=NONE");
      assertRefused(options, store, "javax.net.ssl.keyStore: NONE: ");
      // As what a system keeps itself is named on Windows and macOS.
      var ofSystem =
          List.of("-Djavax.net.ssl.trustStoreType=Other", "-Djavax.net.ssl.trustStore=/dev/null");
      assertRefused(ofSystem, store, store + " can't be reached: ");
    }
  }

  private String assertRefused(List<String> jvmOptions, String store, String problem)
      throws Exception {
    String line = "--store: " + problem;
    return ServerProcess.assertRefused(folder, jvmOptions, line, "--store", store, "--port", "0");
  }

  @Test
  void aFullMemoryRefusesPostsUntilThereIsRoom() throws Exception {
    try (var redis = RedisProcess.start("--maxmemory", "4mb", "--maxmemory-policy", "noeviction");
        var server = ServerProcess.start("--store", redis.store());
        var client = new Poster(server);
        var administrator = redis.client()) {
      List<String> stored = client.fill();
      assertEquals(503, client.health());
      Poster.assertServed(stored, server);
      assertTrue(client.metrics().contains("store_available 0"));
      administrator.configSet("maxmemory", "8mb");
      assertEquals(200, client.health());
      assertTrue(client.metrics().contains("store_available 1"));
      assertEquals(201, client.post("there is room again"));
    }
  }

  /**
   * Who asks for the health needs no token, and on the way to Redis each try may be a large one.
   */
  @Test
  void checksAtTheSameTimeTryTheRefusedMessageOnce() throws Exception {
    String large = "a".repeat(1 << 20);
    int callers = 7;
    try (var redis = RedisProcess.start();
        var link = new SlowLink(redis.port());
        var store = StoreTest.open(link.store(), 0);
        var administrator = redis.client()) {
      administrator.configSet("maxmemory", "1");
      StoreTest.assertFails(MsgHashingServer.Problem.FULL, () -> StoreTest.put(store, large));
      link.delay = 500;
      long before = bytesReceived(administrator);
      StoreTest.assertFullForAll(store, callers);
      long tries = (bytesReceived(administrator) - before) / large.length();
      assertTrue(tries <= 2, tries + " tries for " + callers);
      link.delay = 0;
      administrator.configSet("maxmemory", "0");
      store.check();
      before = bytesReceived(administrator);
      store.check();
      long more = bytesReceived(administrator) - before;
      assertTrue(more < large.length(), "what would be taken is not tried again");
    }
  }

  private static long bytesReceived(Jedis administrator) {
    return RedisProcess.told(administrator, "stats", "total_net_input_bytes:");
  }

  @Test
  void aMessageTooLargeForRedisLeavesTheOthers() throws Exception {
    try (var redis = RedisProcess.start("--proto-max-bulk-len", "1mb");
        var store = StoreTest.open(redis.store(), 0)) {
      String large = "a".repeat(2 << 20);
      StoreTest.assertAway(() -> StoreTest.put(store, large));
      store.check();
      assertTrue(StoreTest.put(store, "small"));
    }
  }

  /** As with the other stores: a message for which there is no room tells nothing of others. */
  @Test
  void aMessageThatIsTakenShowsThatThereIsRoom() throws Exception {
    try (var redis = RedisProcess.start("--maxmemory", "12mb");
        var store = StoreTest.open(redis.store(), 0)) {
      StoreTest.fill(store, 900_000);
      assertTrue(StoreTest.put(store, "small"));
      store.check();
    }
  }

  @Test
  void aRedisThatWouldDropMessagesIsRefused() throws Exception {
    try (var redis = RedisProcess.start("--maxmemory-policy", "allkeys-lru")) {
      StoreTest.assertRefused("its maxmemory-policy must not be one of allkeys-...", redis.store());
      try (var administrator = redis.client()) {
        administrator.configSet("maxmemory-policy", "allkeys-random");
      }
      StoreTest.assertRefused("its maxmemory-policy must not be one of allkeys-...", redis.store());
    }
  }

  @Test
  void aSentinelIsRefused() throws Exception {
    try (var sentinel = RedisProcess.start("--sentinel")) {
      StoreTest.assertRefused(" is a Sentinel, which keeps no messages", sentinel.store());
    }
  }

  @Test
  void aStoppedRedisCostsNoAcknowledgedMessageAndIsFoundAgain() throws Exception {
    try (var redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
        var server = ServerProcess.start("--store", redis.store());
        var client = new Poster(server);
        var posters = Posters.start(16, List.of(server))) {
      for (int stop = 0; stop < 3; stop++) {
        posters.awaitAcknowledged(200);
        redis.stop();
        assertEquals(503, client.health());
        redis.restart();
      }
      posters.awaitAcknowledged(200);
      posters.stop();
      assertEquals(200, client.health());
      assertTrue(posters.refusals.size() > 0);
      for (var refusal : posters.refusals) {
        assertEquals(503, refusal.status());
        assertTrue(refusal.took() < 2_000_000_000L, refusal.took() + " ns");
      }
      Poster.assertServed(posters.acknowledged, server);
    }
  }

  @Test
  void aReplicaTakesNoMessagesUntilItIsPromoted() throws Exception {
    try (var redis = RedisProcess.start();
        var other = RedisProcess.start();
        var store = StoreTest.open(redis.store(), 0);
        var administrator = redis.client()) {
      store.check();
      administrator.replicaof("127.0.0.1", other.port());
      StoreTest.assertAway(() -> StoreTest.put(store, FOO));
      StoreTest.assertAway(store::check);
      administrator.replicaofNoOne();
      assertTrue(StoreTest.put(store, FOO));
      store.check();
      assertEquals(1, store.count(), "a check leaves nothing");
    }
  }

  /** As where a name leads to the master, whichever that is. */
  @Test
  void anAddressThatLeadsToAnotherMasterIsFollowed() throws Exception {
    try (var redis = RedisProcess.start();
        var other = RedisProcess.start();
        var link = new SlowLink(redis.port());
        var store = StoreTest.open(link.store(), 0);
        var administrator = redis.client()) {
      assertNull(StoreTest.get(store, FOO));
      store.check();
      link.target = other.port();
      administrator.replicaof("127.0.0.1", 1); // where nobody is: it learns of nothing new
      StoreTest.assertAway(() -> StoreTest.put(store, FOO));
      assertTrue(StoreTest.put(store, FOO));
      assertEquals(FOO, StoreTest.get(store, FOO), "reads go there too");
    }
  }

  /** Such a replica answers no reads either, as long as it has no master. */
  @Test
  void readsFollowAnAddressWhoseFormerMasterServesNothingStale() throws Exception {
    try (var redis = RedisProcess.start("--replica-serve-stale-data", "no");
        var other = RedisProcess.start();
        var link = new SlowLink(redis.port());
        var store = StoreTest.open(link.store(), 0);
        var administrator = redis.client()) {
      assertNull(StoreTest.get(store, FOO));
      link.target = other.port();
      administrator.replicaof("127.0.0.1", 1);
      StoreTest.assertAway(() -> StoreTest.get(store, FOO));
      assertNull(StoreTest.get(store, FOO));
    }
  }

  /** It does not say that it is a replica, as it has not heard of the new master. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void anAddressIsFollowedFromAMasterThatHasLostItsReplicas(int replicas) throws Exception {
    try (var redis = RedisProcess.start("--min-replicas-to-write", 1 - replicas + "");
        var other = RedisProcess.start();
        var replica = RedisProcess.start("--replicaof", "127.0.0.1", other.port() + "");
        var link = new SlowLink(redis.port());
        var store = StoreTest.open(link.store(), replicas)) {
      Eventually.holds("it follows", replica::follows);
      StoreTest.assertAway(() -> StoreTest.put(store, FOO));
      link.target = other.port();
      assertTrue(StoreTest.put(store, FOO));
      assertEquals(FOO, StoreTest.get(store, FOO), "reads go there too");
    }
  }

  /** With TLS each is a handshake, for which the server and its Redis would have no time left. */
  @Test
  void postsThatAreRefusedDoNotMakeAConnectionEach() throws Exception {
    try (var redis = RedisProcess.start("--min-replicas-to-write", "1");
        var store = StoreTest.open(redis.store(), 0);
        var administrator = redis.client()) {
      long start = System.nanoTime();
      long before = RedisClusterTest.connections(administrator);
      for (int i = 0; i < 500; i++) {
        StoreTest.assertAway(() -> StoreTest.put(store, FOO));
      }
      long made = RedisClusterTest.connections(administrator) - before;
      long tenths = (System.nanoTime() - start) / 100_000_000;
      assertTrue(made <= tenths + 2, made + " in " + tenths + " tenths of a second");
    }
  }

  /** Java would go by what it knew for 30 s, and by a name's absence for 10 s. */
  @Test
  void aNameIsSoonKnownToLeadElsewhere() throws Exception {
    Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 redis\n");
    try (var redis = RedisProcess.start();
        var server =
            ServerProcess.start(
                Map.of(),
                List.of("-Djdk.net.hosts.file=" + hosts),
                "--store",
                "redis://redis:" + redis.port());
        var poster = new Poster(server);
        var administrator = redis.client()) {
      assertEquals(201, poster.post(FOO));
      for (String elsewhere : List.of("127.0.0.2 redis\n", "")) { // nobody listens there
        Files.writeString(hosts, elsewhere);
        Thread.sleep(1_500);
        administrator.clientKill(new ClientKillParams().skipMe(ClientKillParams.SkipMe.YES));
        assertEquals(503, poster.post(FOO));
        Files.writeString(hosts, "127.0.0.1 redis\n");
        Thread.sleep(1_500);
        assertEquals(200, poster.post(FOO));
      }
    }
  }

  /** As messages that have waited for half of their callers' patience give way to others. */
  @Test
  void moreThanALinkCarriesIsNotLateForAll() throws Exception {
    try (var redis = RedisProcess.start();
        var link = new SlowLink(redis.port());
        var store = StoreTest.open(link.store(), 0);
        var administrator = redis.client()) {
      link.rate = 20_000_000;
      long end = System.nanoTime() + 6_000_000_000L;
      var posted = new AtomicInteger();
      var stored = new AtomicInteger();
      try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 200; i++) {
          callers.submit(() -> postUntil(store, end, posted, stored));
        }
      }
      long carried = administrator.dbSize();
      assertTrue(2 * stored.get() > carried, stored + " of " + carried + " in time");
    }
  }

  /** A first group of 8 MiB is late for all, and nobody knows how large what is read will be. */
  @Test
  void aLinkThatCarriesLittleServesSome() throws Exception {
    String large = "x".repeat(400_000);
    try (var redis = RedisProcess.start();
        var link = new SlowLink(redis.port());
        var store = StoreTest.open(link.store(), 0)) {
      StoreTest.put(store, large);
      link.rate = 4_000_000;
      link.delay = 5; // for each 64 KiB
      long end = System.nanoTime() + 10_000_000_000L;
      var posted = new AtomicInteger();
      var stored = new AtomicInteger();
      var read = new AtomicInteger();
      try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 100; i++) {
          callers.submit(() -> postUntil(store, end, posted, stored));
          callers.submit(() -> readUntil(store, end, large, read));
        }
      }
      assertTrue(stored.get() > 10, stored + " posts");
      assertTrue(read.get() > 10, read + " reads");
    }
  }

  private static void readUntil(
      MsgHashingServer.MessageStore store, long end, String message, AtomicInteger read) {
    while (System.nanoTime() < end) {
      try {
        StoreTest.get(store, message);
        read.incrementAndGet();
      } catch (MsgHashingServer.StoreException late) {
        // It was one too many.
      }
    }
  }

  /** Each message is another. */
  private static void postUntil(
      MsgHashingServer.MessageStore store, long end, AtomicInteger posted, AtomicInteger stored) {
    while (System.nanoTime() < end) {
      try {
        StoreTest.put(store, posted.incrementAndGet() + "x".repeat(400_000));
        stored.incrementAndGet();
      } catch (MsgHashingServer.StoreException late) {
        // It was one too many.
      }
    }
  }

  /** What it says first is larger than any array, and the next answer is none to the question. */
  @Test
  void anAnswerForWhichThereIsNoMemoryIsToldSo() throws Exception {
    try (var redis = answering(RedisStoreTest::endlessly);
        var tester = HttpTester.startOn(StoreTest.open(redis.store(), 0))) {
      for (int i = 0; i < 2; i++) {
        var answer = tester.get("/messages/" + DIGEST);
        assertEquals(503, answer.status());
        assertEquals("1", answer.field("retry-after"));
        assertEquals("the server is short of memory", answer.error());
      }
    }
  }

  /** Lists in lists without an end, or a number for a text. */
  @ParameterizedTest
  @ValueSource(strings = {"*1\r\n", ":1\r\n"})
  void whatIsNoRedisIsToldSo(String reply) throws Exception {
    try (var other = answering(_ -> reply.repeat(60_000))) {
      StoreTest.assertRefused("sent an answer that can't be read: ", other.store());
    }
  }

  private static String endlessly(String asked) {
    return asked.contains("INFO") ? "$0\r\n\r\n" : "$2147483647\r\n+this is no end of it\r\n";
  }

  /** Listens where a Redis would, and answers what is sent at a time. */
  private static Listener answering(UnaryOperator<String> replies) throws IOException {
    return new Listener(
        client -> Thread.ofPlatform().daemon().start(() -> answer(client, replies)));
  }

  private static void answer(Socket client, UnaryOperator<String> replies) {
    var bytes = new byte[65_536];
    try (client) {
      for (int count; (count = client.getInputStream().read(bytes)) > 0; ) {
        String reply = replies.apply(new String(bytes, 0, count, StandardCharsets.US_ASCII));
        client.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException left) {
      // It has what it wanted.
    }
  }

  @Test
  void aRedisThatDoesNotAnswerHangsNobody() throws Exception {
    try (var redis = RedisProcess.start();
        var store = StoreTest.open(redis.store(), 0)) {
      assertTrue(StoreTest.put(store, FOO));
      redis.signal("STOP");
      for (Executable call :
          List.<Executable>of(
              () -> StoreTest.get(store, FOO),
              () -> StoreTest.put(store, FOO),
              store::check,
              store::count)) {
        StoreTest.assertAwayInTime(call);
      }
      Thread.startVirtualThread(() -> StoreTest.assertAway(() -> StoreTest.get(store, FOO)));
      Thread.sleep(500);
      String behind = StoreTest.assertAway(() -> StoreTest.get(store, FOO));
      assertEquals(redis.address() + " did not answer in time", behind);
      redis.signal("CONT");
      Eventually.holds("Redis is found again", () -> isThere(store));
    }
  }

  /**
   * Who waits behind a stall can still be answered in time, unless more wait than a group takes.
   */
  @Test
  void aStallThatEndsInTimeRefusesNobody() throws Exception {
    try (var redis = RedisProcess.start();
        var store = StoreTest.open(redis.store(), 0);
        var posters = Executors.newVirtualThreadPerTaskExecutor()) {
      RunningTime.undisturbed(
          () -> {
            StoreTest.put(store, FOO); // so that it is connected
            redis.signal("STOP");
            var posts = new ArrayList<Future<Boolean>>();
            for (String message : List.of("stalled ", "behind it ")) {
              String fresh = message + System.nanoTime();
              posts.add(posters.submit(() -> StoreTest.put(store, fresh)));
              Thread.sleep(100);
            }
            Thread.sleep(900);
            redis.signal("CONT");
            for (var post : posts) {
              assertTrue(post.get());
            }
          });
    }
  }

  /** A message larger than the buffers on its way, so that it is sending that takes for ever. */
  @Test
  void aRedisThatStopsReadingHangsNobody() throws Exception {
    byte[] large = new byte[30_000_000];
    var digest = MsgHashingServer.Digest.of(large);
    try (var redis = RedisProcess.start()) {
      var store = StoreTest.open(redis.store(), 0);
      assertTrue(StoreTest.put(store, FOO)); // so that it is connected
      redis.signal("STOP");
      StoreTest.assertAwayInTime(
          () -> MsgHashingServer.MessageStore.await(store.put(digest, large)));
      StoreTest.assertAwayInTime(() -> StoreTest.put(store, FOO)); // behind it
      CompletableFuture.runAsync(store::close).get(10, TimeUnit.SECONDS);
    }
  }

  /** It does not say in time whether the message is there already. */
  @Test
  void aFullRedisThatIsSlowHangsNobody() throws Exception {
    try (var redis = RedisProcess.start();
        var link = new SlowLink(redis.port());
        var store = StoreTest.open(link.store(), 0);
        var administrator = redis.client()) {
      assertTrue(StoreTest.put(store, FOO));
      assertEquals(FOO, StoreTest.get(store, FOO)); // so that both ways are connected
      administrator.configSet("maxmemory", "1");
      link.delay = 1_300;
      StoreTest.assertAwayInTime(() -> StoreTest.put(store, "bar"));
    }
  }

  /** Every byte comes in time, and the answer never does: here to the choice of the database. */
  @Test
  void aConnectionThatIsNeverMadeIsGivenUp() throws Exception {
    try (var redis = RedisProcess.start();
        var link = new SlowLink(redis.port());
        var store = StoreTest.open(link.store() + "/7", 0)) {
      assertTrue(StoreTest.put(store, FOO));
      link.isTrickling = true;
      link.cut();
      StoreTest.assertAwayInTime(() -> StoreTest.put(store, FOO));
      link.isTrickling = false;
      try {
        Eventually.holds("Redis is found again", () -> isThere(store));
      } finally {
        link.cut(); // or the store could not be closed
      }
    }
  }

  @Test
  void aLoopAsksItselfWhatAnswersQuicklyAndAThreadTheRest() throws Exception {
    var loop = new MsgHashingServer.EventLoop(0);
    try (var redis = RedisProcess.start();
        var store = StoreTest.open(redis.store(), 0);
        var administrator = redis.client()) {
      StoreTest.put(store, FOO);
      StoreTest.awaitAskedByLoop(loop, store, FOO);
      String gets = "cmdstat_get:calls=";
      long before = RedisProcess.told(administrator, "commandstats", gets);
      for (int i = 0; i < 100; i++) {
        StoreTest.askedBy(loop, store, FOO);
      }
      long asked = RedisProcess.told(administrator, "commandstats", gets) - before;
      assertEquals(100, asked, "what the loop has asked no thread asks again");
      RunningTime.undisturbed(
          () -> {
            administrator.clientPause(200);
            StoreTest.askedBy(loop, store, FOO);
            assertEquals("redis-" + redis.address(), StoreTest.askedBy(loop, store, FOO));
          });
      StoreTest.awaitAskedByLoop(loop, store, FOO);
      redis.stop();
      redis.restart();
      StoreTest.awaitAskedByLoop(loop, store, FOO);
    } finally {
      loop.close();
    }
  }

  @Test
  void aLoopDoesNotWaitForReplicas() throws Exception {
    var loop = new MsgHashingServer.EventLoop(0);
    try (var redis = RedisProcess.start();
        var replica = RedisProcess.start("--replicaof", "127.0.0.1", redis.port() + "");
        var store = StoreTest.open(redis.store(), 1)) {
      Eventually.holds("it follows", replica::follows);
      StoreTest.put(store, FOO); // so that it is connected
      StoreTest.awaitAskedByLoop(loop, store, FOO);
      replica.signal("STOP");
      loop.execute(() -> StoreTest.begin(store, FOO));
      Thread.sleep(100); // it is on its way, and waits for a second
      var next = CompletableFuture.runAsync(() -> {}, loop);
      RunningTime.within(Duration.ofMillis(500), next::get);
    } finally {
      loop.close();
    }
  }

  @Test
  void aRedisThatHangsKeepsNobodyElseWaiting() throws Exception {
    try (var redis = RedisProcess.start();
        var server = ServerProcess.start("--store", redis.store())) {
      StoreTest.assertKeepsNobodyElseWaiting(
          server,
          () -> {
            redis.signal("STOP");
            return () -> redis.signal("CONT");
          });
    }
  }

  private static boolean isThere(MsgHashingServer.MessageStore store) throws Exception {
    return StoreTest.unlessAway(
        () -> !StoreTest.put(store, FOO) && StoreTest.get(store, FOO).equals(FOO));
  }

  @Test
  void aConnectionThatRedisClosedIsOpenedAgain() throws Exception {
    try (var redis = RedisProcess.start();
        var store = StoreTest.open(redis.store(), 0);
        var administrator = redis.client()) {
      StoreTest.put(store, FOO);
      StoreTest.get(store, FOO);
      administrator.clientKill(new ClientKillParams().skipMe(ClientKillParams.SkipMe.YES));
      assertEquals(FOO, StoreTest.get(store, FOO));
      assertFalse(StoreTest.put(store, FOO));
    }
  }

  /** More than a buffer of the client, so that a part of it is sent before the failure is seen. */
  @Test
  void aConnectionThatFailsInMidSentenceIsOpenedAgainToTheSameDatabase() throws Exception {
    try (var redis = RedisProcess.start();
        var store = StoreTest.open(redis.store() + "/3", 0)) {
      for (int stop = 0; stop < 5; stop++) {
        StoreTest.put(store, FOO);
        redis.stop();
        redis.restart();
        var posts = new ArrayList<CompletableFuture<Boolean>>();
        for (int i = 0; i < 2_000; i++) {
          posts.add(StoreTest.begin(store, stop + " " + i));
        }
        int acknowledged = 0;
        for (var post : posts) {
          acknowledged += post.handle((_, failure) -> failure == null ? 1 : 0).join();
        }
        try (var client = redis.client()) {
          assertEquals(0, client.dbSize(), "the database of a connection that was not told which");
          client.select(3);
          assertTrue(acknowledged > 0 && acknowledged <= client.dbSize(), acknowledged + " posts");
        }
      }
    }
  }

  /** It would be without password and database. */
  @Test
  void jedisDoesNotItselfOpenAgainWhatWasClosed() throws Exception {
    try (var redis = RedisProcess.start();
        var socket = new Socket("127.0.0.1", redis.port());
        var other = new Socket("127.0.0.1", redis.port());
        var client =
            new Jedis(MsgHashingServer.RedisStore.once(List.of(socket, other).iterator()::next))) {
      client.ping();
      socket.close();
      assertThrows(JedisConnectionException.class, client::ping);
    }
  }

  @Test
  void aMessageCountsOnlyWithItsReplicas() throws Exception {
    String bar = "bar";
    var digest = StoreTest.digest(bar);
    try (var redis = RedisProcess.start();
        var replica = RedisProcess.start("--replicaof", "127.0.0.1", redis.port() + "");
        var store = StoreTest.open(redis.store(), 1);
        var wantsTwo = StoreTest.open(redis.store(), 2);
        var administrator = redis.client()) {
      Eventually.holds("it follows", replica::follows);
      assertTrue(StoreTest.put(store, FOO));
      assertEquals("foo", get(replica, DIGEST));
      StoreTest.assertAway(() -> StoreTest.put(wantsTwo, FOO));
      try (var second = RedisProcess.start("--replicaof", "127.0.0.1", redis.port() + "")) {
        Eventually.holds("it follows", second::follows);
        for (int i = 0; i < 20; i++) {
          assertFalse(StoreTest.put(wantsTwo, FOO));
        }
      }

      replica.signal("STOP");
      StoreTest.assertAway(() -> StoreTest.put(store, bar));
      StoreTest.assertAway(
          () -> StoreTest.put(store, bar)); // it is there now, and still on no replica
      StoreTest.assertAwayInTime(store::check);
      assertEquals(bar, StoreTest.get(store, bar), "reads don't wait for replicas");
      replica.signal("CONT");
      assertFalse(StoreTest.put(store, bar));
      assertEquals("bar", get(replica, digest));
      store.check();
      administrator.set("msg:" + digest, "another content");
      assertFalse(StoreTest.put(store, bar));
      assertEquals("bar", get(replica, digest), "it is put right");
      administrator.configSet("maxmemory", "1");
      StoreTest.assertFails(
          MsgHashingServer.Problem.FULL,
          () -> StoreTest.put(store, bar)); // it can't be told whether a replica has it
    }
  }

  /** Redis 7.2 and newer wait for replicas only after what was written. */
  @Test
  void aCheckBehindAMessageThatTooFewReplicasHaveWrites() throws Exception {
    try (var redis = RedisProcess.start();
        var store = StoreTest.open(redis.store(), 1);
        var administrator = redis.client()) {
      StoreTest.assertAway(() -> StoreTest.put(store, FOO));
      long before = writes(administrator);
      StoreTest.assertAway(store::check);
      assertTrue(writes(administrator) > before);
      Eventually.holds("only the message is there", () -> store.count() == 1);
    }
  }

  private static long writes(Jedis administrator) {
    return RedisProcess.told(administrator, "persistence", "rdb_changes_since_last_save:");
  }

  private static String get(RedisProcess redis, MsgHashingServer.Digest digest) {
    try (var client = redis.client()) {
      return client.get("msg:" + digest);
    }
  }
}

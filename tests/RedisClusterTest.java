import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientPauseMode;
import redis.clients.jedis.args.ClusterResetType;
import redis.clients.jedis.params.MigrateParams;
import redis.clients.jedis.util.JedisClusterCRC16;

/** A Redis Cluster: several servers on it, a master that dies under load, a slot that moves. */
@Timeout(120)
class RedisClusterTest {
  @Test
  void serversShareAClusterAndLoseNothingWithAMaster() throws Exception {
    try (var cluster = RedisCluster.start();
        var one = ServerProcess.start("--store", cluster.store(0), "--redis-wait", "1");
        var two = ServerProcess.start("--store", cluster.store(1), "--redis-wait", "1");
        var three = ServerProcess.start("--store", cluster.store(5), "--redis-wait", "1");
        var posters = Posters.start(24, List.of(one, two, three))) {
      posters.awaitAcknowledged(500);
      assertEquals(List.of(), List.copyOf(posters.refusals));

      long kill = RunningTime.nanos();
      cluster.nodes.getFirst().kill();
      Eventually.holds("a replica takes over", () -> cluster.nodes.get(3).isMaster());
      try (var client = new Poster(one)) {
        // The node that this server was told of is the one that died.
        Eventually.holds("the store is found again", () -> client.health() == 200);
      }
      // Its posts want a replica, and it has one only when the dead master is back.
      cluster.nodes.getFirst().restart();
      cluster.awaitHealth();
      long healthy = RunningTime.nanos();
      Thread.sleep(2000);
      posters.stop();

      assertTrue(posters.refusals.size() > 0, "some posts met the failover");
      for (var refusal : posters.refusals) {
        assertEquals(503, refusal.status());
        assertTrue(refusal.took() < 2_000_000_000L, refusal.took() + " ns");
        assertTrue(refusal.nanos() > kill && refusal.nanos() < healthy + 2_000_000_000L);
      }
      String dead = cluster.nodes.getFirst().address();
      assertTrue(two.errors().contains("does not answer: " + dead + ": "), two.errors());
      for (var server : List.of(one, two, three)) {
        Poster.assertServed(posters.acknowledged, server);
      }
    }
  }

  @Test
  void aSlotThatNobodyHasLeavesTheOthers() throws Exception {
    String lost = "lost";
    String kept = "kept";
    assertNotEquals(slot(lost), slot(kept));
    try (var cluster = RedisCluster.start()) {
      // Its owner, the last master, before the other masters, which would hear of it again.
      for (RedisProcess node : cluster.nodes.reversed()) {
        try (var client = node.client()) {
          client.clusterDelSlots(slot(lost));
        }
      }
      int master = RedisCluster.masterOf(slot(kept));
      int another = (master + 1) % 3;
      try (var store = StoreTest.open(cluster.store(another), 1)) {
        assertTrue(StoreTest.put(store, kept));
        StoreTest.assertAway(() -> StoreTest.put(store, lost));
        try (var client = cluster.nodes.get(another).client()) {
          client.clusterAddSlots(slot(lost));
        }
        Eventually.holds("its new node is asked", () -> isServed(store, lost));
        int usual = RedisCluster.masterOf(JedisClusterCRC16.getSlot("msg:"));
        cluster.nodes.get(usual + 3).kill();
        store.check(); // a master without a replica leaves the posts of the others
        cluster.nodes.get(master).kill();
        Eventually.holds(
            "the replica is asked",
            () -> StoreTest.unlessAway(() -> StoreTest.get(store, kept) != null));
      }
    }
  }

  /** A machine's address goes to another one, whose Redis would take any message. */
  @ParameterizedTest
  @ValueSource(strings = {"no", "yes"})
  void aStrangerAtADeadNodesAddressGetsNoMessage(String hasCluster) throws Exception {
    String message = "not for strangers";
    int dead = RedisCluster.masterOf(slot(message));
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store((dead + 1) % 3), 0)) {
      store.check();
      cluster.nodes.get(dead).kill();
      Eventually.holds("the replica takes over", cluster.nodes.get(3 + dead)::isMaster);
      try (var stranger =
              RedisProcess.startAt(
                  cluster.nodes.get(dead).port(), "--cluster-enabled", hasCluster);
          var administrator = stranger.client()) {
        if (hasCluster.equals("yes")) {
          serveAlone(administrator);
        }
        Eventually.holds("the replica is asked", () -> isServed(store, message));
        assertEquals(0, administrator.dbSize());
      }
    }
  }

  /** But for the address that the store was told of, which may lead to new nodes. */
  @Test
  void aStrangerGetsNoMessageWhereAllNodesAreGone() throws Exception {
    String message = "not for strangers";
    int dead = RedisCluster.masterOf(slot(message));
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store((dead + 1) % 3), 0)) {
      for (RedisProcess node : cluster.nodes) {
        node.kill();
      }
      try (var stranger =
              RedisProcess.startAt(cluster.nodes.get(dead).port(), "--cluster-enabled", "yes");
          var administrator = stranger.client()) {
        serveAlone(administrator);
        for (int i = 0; i < 5; i++) {
          StoreTest.assertAway(() -> StoreTest.put(store, message));
          Thread.sleep(150); // then the nodes are asked again
        }
        assertEquals(0, administrator.dbSize());
      }
    }
  }

  @Test
  void aNodeCutOffFromTheOthersIsNotBelieved() throws Exception {
    String message = "lost";
    int cutOff = RedisCluster.masterOf(slot(message));
    int usual = RedisCluster.masterOf(JedisClusterCRC16.getSlot("msg:"));
    assertNotEquals(usual, cutOff, "the node that is asked as long as nothing was refused");
    try (var cluster = RedisCluster.start();
        var stale = new StaleNode(cluster, cutOff);
        var store = StoreTest.open(stale.store(), 0)) {
      Eventually.holds(
          "a check tells of it",
          () -> {
            try (var idle = StoreTest.open(stale.store(), 0)) {
              // Not if the answer was late, on a busy machine: then the others were asked at once.
              boolean isTold = !isWhole(idle);
              Eventually.holds("the others are checked", () -> isWhole(idle));
              return isTold;
            }
          });
      StoreTest.assertAway(() -> StoreTest.put(store, message));
      Eventually.holds("the others are asked", () -> isServed(store, message));
      cluster.nodes.get(cutOff).kill();
      Eventually.holds("the replica is asked", () -> isServed(store, message));
    }
  }

  /** It may be asked before the node that knows who has taken another one's place. */
  @Test
  void aNodeCutOffFromTheOthersIsNotBelievedAboutThem() throws Exception {
    String message = "taken over";
    int dead = RedisCluster.masterOf(slot(message));
    try (var cluster = RedisCluster.start()) {
      var stale = new ArrayList<StaleNode>();
      var stores = new ArrayList<MsgHashingServer.MessageStore>();
      for (int i = 0; i < 6; i++) { // half of these stores ask it first
        stale.add(new StaleNode(cluster, (dead + 1) % 3));
        stores.add(StoreTest.open(stale.getLast().store(), 0));
      }
      cluster.nodes.get(dead).kill();
      for (var store : stores) {
        Eventually.holds("the replica is asked", () -> isServed(store, message));
        store.close();
      }
      for (StaleNode node : stale) {
        node.close();
      }
    }
  }

  /** The nodes that are asked behind it say nothing until replicas have taken their place. */
  @Test
  void whoKnewOfNoOtherNodesWhileTheseKeptWaitingIsAskedAgain() throws Exception {
    String message = "taken over meanwhile";
    int cutOff = (RedisCluster.masterOf(slot(message)) + 1) % 3;
    var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    try (silent;
        var cluster = RedisCluster.start();
        var stale = new StaleNode(cluster, cutOff)) {
      String later = stale.slots;
      for (RedisProcess node : cluster.nodes) {
        String port = ":" + silent.getLocalPort() + "\r";
        stale.slots = stale.slots.replace(":" + node.port() + "\r", port);
      }
      try (var store = StoreTest.open(stale.store(), 0)) {
        silent.accept(); // the start's
        var read =
            new FutureTask<>(() -> StoreTest.assertAway(() -> StoreTest.get(store, message)));
        Thread.startVirtualThread(read);
        silent.accept(); // the message's
        int before;
        try (var asked = silent.accept()) { // for who has the message now
          stale.slots = later;
          before = stale.asked.get();
          var in = asked.getInputStream();
          // Jedis gives up with a reset.
          assertThrows(SocketException.class, () -> in.transferTo(OutputStream.nullOutputStream()));
        }
        read.get();
        Eventually.holds("the other is asked again", () -> stale.asked.get() > before);
        Thread.sleep(500); // by then its answer is used
        assertNull(StoreTest.get(store, message));
      }
    }
  }

  private static boolean isWhole(MsgHashingServer.MessageStore store) throws Exception {
    return StoreTest.unlessAway(
        () -> {
          store.check();
          return true;
        });
  }

  /** What waited for it, it answers before it hears that a replica has taken its place. */
  @Test
  void aMasterThatStoodStillIsNotBelieved() throws Exception {
    List<String> messages =
        IntStream.range(0, 100)
            .mapToObj(i -> "meanwhile " + i)
            .filter(text -> RedisCluster.masterOf(slot(text)) == 0)
            .toList();
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store(1), 0);
        var idle = StoreTest.open(cluster.store(1), 0)) {
      var former = cluster.nodes.getFirst();
      String before = messages.getFirst();
      String there = messages.get(1);
      StoreTest.put(idle, before);
      StoreTest.get(idle, before);
      former.signal("STOP");
      Eventually.holds("the replica is asked", () -> isServed(store, there));
      var reads = new ArrayList<FutureTask<String>>();
      var posts = new ArrayList<FutureTask<Boolean>>();
      for (String posted : messages.subList(2, messages.size())) {
        reads.add(new FutureTask<>(() -> StoreTest.get(idle, there)));
        posts.add(new FutureTask<>(() -> StoreTest.put(idle, posted)));
      }
      reads.forEach(Thread::startVirtualThread);
      posts.forEach(Thread::startVirtualThread);
      Thread.sleep(500); // they are on their way
      former.signal("CONT");
      for (var read : reads) {
        assertEquals(there, read.get());
      }
      for (var post : posts) {
        assertTrue(post.get());
      }
      Eventually.holds("the former master follows", former::follows);
      for (String message : messages) {
        assertEquals(message, StoreTest.get(store, message));
      }
    }
  }

  /** A list of too many members, and a hundred thousand lists in one another. */
  @ParameterizedTest
  @ValueSource(strings = {"*2147483647\r\n", "*1\r\n"})
  void anAnswerThatNoMemoryHoldsIsPassedOver(String level) throws Exception {
    var uncaught = new AtomicReference<Throwable>();
    Thread.setDefaultUncaughtExceptionHandler((_, thrown) -> uncaught.set(thrown));
    String message = "unread";
    try (var cluster = RedisCluster.start();
        var stale = new StaleNode(cluster, RedisCluster.masterOf(slot(message)));
        var store = StoreTest.open(stale.store(), 0)) {
      for (RedisProcess node : cluster.nodes) {
        node.kill();
      }
      StoreTest.assertAway(() -> StoreTest.put(store, message)); // it is connected from now on
      Thread.sleep(500);
      stale.slots = level.repeat(100_000);
      StoreTest.assertAway(() -> StoreTest.put(store, message));
      Thread.sleep(500); // the nodes are asked meanwhile
      StoreTest.assertAway(() -> StoreTest.get(store, message)); // by a connection that is new
      StoreTest.assertAway(store::check);
      assertNull(uncaught.get());
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(null);
    }
  }

  /** Each says that the other has it, as for a moment while a slot moves; no node names itself. */
  @Test
  void aKeyThatTwoNodesSendToEachOtherIsGivenUp() throws Exception {
    String message = "in a circle";
    int from = RedisCluster.masterOf(slot(message));
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store(from), 0);
        var one = cluster.nodes.get(from).client();
        var other = cluster.nodes.get((from + 1) % 3).client()) {
      one.clusterSetSlotNode(slot(message), other.clusterMyId());
      String told = StoreTest.assertAway(() -> StoreTest.get(store, message));
      assertTrue(told.contains(": MOVED " + slot(message)), told);
      assertFalse(told.matches("(.*): MOVED \\d+ \\1"), told);
    }
  }

  @Test
  void theNodeToldOfAtTheStartMayAnswerWithoutAnEnd() throws Exception {
    String message = "taken over";
    int dead = RedisCluster.masterOf(slot(message));
    try (var cluster = RedisCluster.start();
        var link = new SlowLink(cluster.nodes.get(dead).port());
        var store = StoreTest.open(link.store(), 0)) {
      assertTrue(StoreTest.put(store, message));
      link.isTrickling = true;
      cluster.nodes.get(dead).kill();
      Eventually.holds("the replica is asked", () -> isServed(store, message));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "no"})
  void aLostShardHasTheOthersAskedNowAndThenAndNotForEveryRequest(String isWhole) throws Exception {
    String message = "lost";
    int lost = RedisCluster.masterOf(slot(message));
    int seed = (lost + 1) % 3;
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store(seed), 0);
        var one = cluster.nodes.get(seed).client();
        var two = cluster.nodes.get(3 - seed - lost).client()) {
      cluster.nodes.get(lost + 3).kill();
      cluster.nodes.get(lost).kill();
      if (isWhole.equals("no")) {
        int[] slots = RedisCluster.slots(lost);
        int nobodys = slots[0] == slot(message) ? slots[1] : slots[0];
        for (Jedis node : List.of(one, two)) {
          node.configSet("cluster-require-full-coverage", "yes"); // as by default
          node.clusterDelSlots(nobodys);
          Eventually.holds("it knows", () -> node.clusterInfo().contains("cluster_state:fail"));
        }
      }
      long before = connections(one) + connections(two);
      long start = System.nanoTime();
      while (System.nanoTime() - start < 1_000_000_000) {
        StoreTest.assertAway(() -> StoreTest.get(store, message));
      }
      long steps = (System.nanoTime() - start) / 100_000_000 + 1; // it asks at most once in each
      long made = connections(one) + connections(two) - before;
      assertTrue(made <= 2 * steps, made + " connections in " + steps + " steps");
      StoreTest.open(cluster.store(seed), 0).close(); // the others are reason enough to start
    }
  }

  /** How many clients have connected to a node so far. */
  static long connections(Jedis node) {
    return RedisProcess.told(node, "stats", "total_connections_received:");
  }

  @ParameterizedTest
  @CsvSource({"maxmemory, 1, FULL", "min-replicas-to-write, 9, AWAY"})
  void aMasterThatTakesNothingIsToldOfThoughTheOthersDo(
      String setting, String value, MsgHashingServer.Problem problem) throws Exception {
    String message = "for the one that takes none";
    int refusing = RedisCluster.masterOf(slot(message));
    int usual = RedisCluster.masterOf(JedisClusterCRC16.getSlot("msg:"));
    assertNotEquals(usual, refusing, "the node that is asked as long as nothing was refused");
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store(usual), 0);
        var administrator = cluster.nodes.get(refusing).client()) {
      administrator.configSet(setting, value);
      store.check();
      StoreTest.assertFails(problem, () -> StoreTest.put(store, message));
      StoreTest.assertFails(problem, store::check);
      administrator.configSet(setting, "0");
      store.check();
      assertTrue(StoreTest.put(store, message));
    }
  }

  /** The node leaves that the store was told of: its slots are another's, and it knows of none. */
  @Test
  void aNodeThatHasLeftIsPassedOver() throws Exception {
    String message = "moved";
    int gone = RedisCluster.masterOf(slot(message));
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store(gone), 0);
        var left = cluster.nodes.get(gone).client()) {
      assertTrue(StoreTest.put(store, message));
      assertTrue(others(left) > 0);
      left.flushAll();
      cluster.remove(gone);
      Eventually.holds("the slots' new node is asked", () -> isServed(store, message));
      Eventually.holds("nothing is connected to the node that left", () -> others(left) == 0);
      store.check();
    }
  }

  /** Without a request meanwhile, by which the store would have heard of each. */
  @Test
  void theReplicasOfTheMastersThatAreGoneAreAsked() throws Exception {
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store(0), 0)) {
      for (RedisProcess replica : cluster.nodes.subList(3, 6)) {
        try (var client = replica.client()) {
          client.clusterFailover();
        }
        Eventually.holds("it takes over", replica::isMaster);
      }
      for (RedisProcess former : cluster.nodes.subList(0, 3)) {
        Eventually.holds("it follows", former::follows);
        former.kill();
      }
      Eventually.holds("they are asked", () -> isServed(store, "message"));
    }
  }

  /** The node that the store was told of is a cluster by itself now, whole while its own is not. */
  @Test
  void aNodeOfAnotherClusterIsNotBelieved() throws Exception {
    String message = "not for another cluster";
    int dead = RedisCluster.masterOf(slot(message));
    int named = 3 + (dead + 1) % 3;
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store(named), 0);
        var other = cluster.nodes.get(named).client()) {
      other.clusterReset(ClusterResetType.HARD);
      serveAlone(other);
      for (RedisProcess node : cluster.nodes) {
        try (var client = node.client()) {
          client.configSet("cluster-require-full-coverage", "yes"); // as by default
        }
      }
      cluster.nodes.get(dead).kill();
      Eventually.holds("the replica is asked", () -> isServed(store, message));
      assertEquals(0, other.dbSize());
    }
  }

  /** How many clients a node has beside this one. */
  private static long others(Jedis node) {
    return node.clientList().lines().count() - 1;
  }

  private static boolean isServed(MsgHashingServer.MessageStore store, String message)
      throws Exception {
    return StoreTest.unlessAway(
        () -> {
          StoreTest.put(store, message);
          return message.equals(StoreTest.get(store, message));
        });
  }

  private static byte[] key(String message) {
    return ("msg:" + StoreTest.digest(message)).getBytes(StandardCharsets.US_ASCII);
  }

  private static int slot(String message) {
    return JedisClusterCRC16.getSlot(key(message));
  }

  /** As docs/stores.md grants them. */
  @Test
  void theRightsOfAnOrdinaryUserWillDo() throws Exception {
    try (var cluster = RedisCluster.start()) {
      String[] rights = {"on", ">1", "~msg:*", "+get", "+set", "+info", "+dbsize", "+asking"};
      for (RedisProcess node : cluster.nodes) {
        try (var administrator = node.client()) {
          administrator.aclSetUser("messages", rights);
          administrator.aclSetUser("messages", "+cluster|slots", "+cluster|info");
        }
      }
      String choice = cluster.store(0).replace("//", "//messages:1@");
      try (var store = StoreTest.open(choice, 0)) {
        assertTrue(StoreTest.put(store, "foo"));
        assertEquals("foo", StoreTest.get(store, "foo"));
        store.check();
        assertEquals(1, store.count());
        cluster.nodes.getFirst().kill();
        Eventually.holds(
            "its replica is asked", () -> StoreTest.unlessAway(() -> store.count() > 0));
      }
    }
  }

  /** As where all nodes got new addresses, and a name leads to one of them. */
  @Test
  void anAddressThatLeadsToOtherNodesIsFollowed() throws Exception {
    String message = "moved with all";
    try (var node = startAlone();
        var other =
            RedisProcess.start(
                "--cluster-enabled", "yes", "--cluster-allow-reads-when-down", "yes");
        var link = new SlowLink(node.port());
        var store = StoreTest.open(link.store(), 0);
        var administrator = other.client()) {
      assertTrue(StoreTest.put(store, message));
      node.kill();
      link.target = other.port();
      for (int i = 0; i < 2; i++) { // who knows of no slot is not believed
        StoreTest.assertAway(store::count);
      }
      administrator.clusterAddSlots(IntStream.range(0, 16_383).toArray());
      Eventually.holds(
          "it is read, though not whole",
          () -> StoreTest.unlessAway(() -> StoreTest.get(store, message) == null));
      StoreTest.assertAway(() -> StoreTest.put(store, message));
      administrator.clusterAddSlots(16_383);
      Eventually.holds("it takes posts", () -> isServed(store, message));
    }
  }

  /** Starts a node that is a cluster by itself. */
  private static RedisProcess startAlone(String... options) throws Exception {
    return Started.by(
        RedisProcess.start(
            Stream.concat(Stream.of("--cluster-enabled", "yes"), Stream.of(options))
                .toArray(String[]::new)),
        node -> {
          try (var client = node.client()) {
            serveAlone(client);
          }
        });
  }

  /** Makes a node that is of no cluster one by itself. */
  private static void serveAlone(Jedis node) throws Exception {
    node.clusterAddSlots(IntStream.range(0, 16_384).toArray());
    Eventually.holds("it serves", () -> node.clusterInfo().contains("cluster_state:ok"));
  }

  /** As Redis 7 tells of them, without an address or, where nodes go by names, with none yet. */
  @Test
  void nodesMayBeToldOfWithoutAName() throws Exception {
    String message = "nameless";
    int stale = (RedisCluster.masterOf(slot(message)) + 1) % 3;
    try (var cluster = RedisCluster.start()) {
      for (String form :
          List.of(
              "*3\r\n$-1\r\n:%d\r\n+%s\r\n",
              "*4\r\n$1\r\n?\r\n:%d\r\n+%s\r\n*2\r\n+ip\r\n+127.0.0.1\r\n")) {
        try (var node = new StaleNode(cluster, stale, form);
            var store = StoreTest.open(node.store(), 0)) {
          StoreTest.put(store, message);
          assertEquals(message, StoreTest.get(store, message));
        }
      }
    }
  }

  /** Such a node tells its port alone, as no other has told it of its address. */
  @Test
  void aClusterMayBeOneNodeThatKnowsNoOther() throws Exception {
    String message = "5299";
    assertEquals(16_383, slot(message), "the last");
    try (var node = startAlone()) {
      String choice = "redis://localhost:" + node.port(); // not the name that it would have itself
      try (var store = StoreTest.open(choice, 0)) {
        assertTrue(StoreTest.put(store, message));
        assertEquals(message, StoreTest.get(store, message));
        store.check();
        node.kill();
        String told = StoreTest.assertAway(() -> StoreTest.get(store, message));
        assertTrue(told.startsWith("localhost:"), told);
      }
    }
  }

  /** Its answers take long, and always did: only one that takes longer may tell of a pause. */
  @Test
  void theFirstAnswersOfANodeFarAwayAreBelieved() throws Exception {
    try (var link = new SlowLink(0);
        var node = startAlone("--cluster-announce-port", String.valueOf(link.port()));
        var administrator = node.client()) {
      link.target = node.port();
      RunningTime.undisturbed(() -> readFromFarAway(link, administrator));
    }
  }

  private static void readFromFarAway(SlowLink link, Jedis administrator) throws Exception {
    link.delay = 300;
    try (var store = StoreTest.open(link.store(), 0)) {
      assertNull(StoreTest.get(store, "there is none"));
      for (int i = 0; i < 2; i++) {
        assertEquals(0, connectionsOfARead(store, link, administrator), "nobody is asked besides");
      }
      link.delay = 550;
      long connections = connections(administrator);
      assertNull(StoreTest.get(store, "there is none"));
      assertNotEquals(connections, connections(administrator), "it may have stood still");
      assertEquals(0, connectionsOfARead(store, link, administrator), "it is further away");
    }
  }

  /** Returns how many are made on account of one that takes as long as the link makes it. */
  private static long connectionsOfARead(
      MsgHashingServer.MessageStore store, SlowLink link, Jedis administrator) throws Exception {
    for (int left = 2; ; left--) { // a busy machine takes longer; a fourth late one would be usual
      long connections = connections(administrator);
      long start = System.nanoTime();
      assertNull(StoreTest.get(store, "there is none"));
      long took = Duration.ofNanos(System.nanoTime() - start).toMillis();
      if (took < link.delay * 6 / 5 || left == 0) {
        return connections(administrator) - connections;
      }
    }
  }

  /** Its first answer may tell of a pause; the cluster is asked in time for who waits for it. */
  @Test
  void aNodeWhoseLinkGetsSlowIsStillServed() throws Exception {
    try (var link = new SlowLink(0);
        var node = startAlone("--cluster-announce-port", String.valueOf(link.port()))) {
      link.target = node.port();
      RunningTime.undisturbed(
          () -> {
            link.delay = 0;
            try (var store = StoreTest.open(link.store(), 0)) {
              assertNull(StoreTest.get(store, "there is none"));
              link.delay = 600;
              assertNull(StoreTest.get(store, "there is none"));
            }
          });
    }
  }

  /** As during a failover by hand, until the replica has all. */
  @Test
  void whereWritesArePausedACheckKeepsNoReadWaiting() throws Exception {
    int usual = RedisCluster.masterOf(JedisClusterCRC16.getSlot("msg:"));
    String message =
        IntStream.range(0, 100)
            .mapToObj(i -> "read " + i)
            .filter(text -> RedisCluster.masterOf(slot(text)) == usual)
            .findFirst()
            .orElseThrow();
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store(0), 0);
        var client = cluster.nodes.get(usual).client()) {
      StoreTest.put(store, message);
      store.check();
      client.clientPause(4000, ClientPauseMode.WRITE);
      var check = new FutureTask<>(() -> StoreTest.assertAway(store::check));
      Thread.startVirtualThread(check);
      Thread.sleep(300); // it is on its way
      String read = RunningTime.within(Duration.ofMillis(500), () -> StoreTest.get(store, message));
      assertEquals(message, read);
      check.get();
    }
  }

  /** A limit of processes, say, has too few for the new one's connections, time and again. */
  @Test
  void aNewMasterThatGetsTooFewThreadsLeavesNoneBehind() throws Exception {
    var options = List.of("-XX:ActiveProcessorCount=2");
    List<String> messages =
        IntStream.range(0, 100)
            .mapToObj(i -> "message " + i)
            .filter(message -> RedisCluster.masterOf(slot(message)) == 0)
            .toList();
    try (var cluster = RedisCluster.start();
        var server = ServerProcess.start(Map.of(), options, "--store", cluster.store(1));
        var client = new Poster(server)) {
      assertEquals(201, client.post(messages.getFirst()));
      long usual = storeThreads(server);
      // Enough for the first connection, and for one of the two that the second wants.
      try (var _ = server.withoutThreads(3)) {
        cluster.nodes.getFirst().kill();
        Eventually.holds("a replica takes over", () -> cluster.nodes.get(3).isMaster());
        for (String message : messages) {
          assertEquals(503, client.post(message));
          Thread.sleep(20);
        }
      }
      Eventually.holds("it is used", () -> client.post(messages.getLast()) == 201);
      Eventually.holds("the former one's threads end", () -> storeThreads(server) == usual);
    }
  }

  /** Those that ask, and those that look for what is late. */
  private static long storeThreads(ServerProcess server) throws IOException {
    return server.tell("comm").stream().filter(name -> name.matches("(redis|late)-.*\\s")).count();
  }

  /** A node that waits for a slot doesn't hear that another got it, and may mislead the store. */
  @Test
  void ofWhoHasASlotTheNodeThatHadItKnowsBest() throws Exception {
    List<String> messages =
        Stream.iterate(1, i -> i + 1)
            .map(i -> "message " + i)
            .filter(message -> RedisCluster.masterOf(slot(message)) == 0)
            .limit(2)
            .toList();
    assertNotEquals(slot(messages.getFirst()), slot(messages.getLast()));
    try (var cluster = RedisCluster.start();
        var source = cluster.nodes.get(0).client();
        var one = cluster.nodes.get(1).client();
        var two = cluster.nodes.get(2).client();
        var store = StoreTest.open(cluster.store(0), 0)) {
      move(slot(messages.getFirst()), source, one, two);
      move(slot(messages.getLast()), source, two, one);
      for (String message : messages) {
        awaitNoRedirections(source, () -> assertNull(StoreTest.get(store, message)));
      }
    }
  }

  private static void move(int slot, Jedis source, Jedis destination, Jedis misled) {
    misled.clusterSetSlotImporting(slot, source.clusterMyId());
    destination.clusterBumpEpoch(); // or the source takes the slot back, if it is told too late
    destination.clusterSetSlotNode(slot, destination.clusterMyId());
    source.clusterSetSlotNode(slot, destination.clusterMyId());
  }

  @Test
  void aSlotThatMovesIsFollowed() throws Exception {
    String there = "there before";
    int slot = slot(there);
    int from = RedisCluster.masterOf(slot);
    int named = from + 3;
    try (var cluster = RedisCluster.start();
        var store = StoreTest.open(cluster.store(named), 1)) {
      assertTrue(StoreTest.put(store, there));
      store.check();
      StoreTest.assertRefused("cluster", cluster.store(0) + "/3"); // which has one database only
      for (RedisProcess other : List.of(cluster.nodes.get(1), cluster.nodes.get(5))) {
        try (var client = other.client()) {
          client.configSet("maxmemory-policy", "allkeys-lru");
          StoreTest.assertRefused(other.port() + " drops messages", cluster.store(0));
          client.configSet("maxmemory-policy", "noeviction");
          client.aclSetUser("default", "-info");
          StoreTest.assertRefused(other.port() + " refuses: NOPERM", cluster.store(0));
          client.aclSetUser("default", "+info");
        }
      }
      var target = cluster.nodes.get((from + 1) % 3);
      var next = cluster.nodes.get((from + 2) % 3);
      try (var source = cluster.nodes.get(from).client();
          var destination = target.client();
          var last = next.client()) {
        String sourceId = source.clusterMyId();
        String destinationId = destination.clusterMyId();
        destination.clusterSetSlotImporting(slot, sourceId);
        source.clusterSetSlotMigrating(slot, destinationId);
        source.migrate(
            "127.0.0.1", target.port(), 0, 5000, MigrateParams.migrateParams(), key(there));
        assertEquals(there, StoreTest.get(store, there), "asked for at the destination");
        destination.aclSetUser("default", "-asking");
        String told = StoreTest.assertAway(() -> StoreTest.get(store, there));
        assertTrue(told.contains("NOPERM"), told);
        destination.aclSetUser("default", "+asking");
        assertFalse(StoreTest.put(store, there));
        destination.clusterSetSlotNode(slot, destinationId);
        source.clusterSetSlotNode(slot, destinationId);
        last.clusterSetSlotImporting(slot, destinationId);
        destination.clusterSetSlotMigrating(slot, last.clusterMyId());
        destination.migrate(
            "127.0.0.1", next.port(), 0, 5000, MigrateParams.migrateParams(), key(there));
        cluster.nodes.get(named).signal("STOP"); // nobody waits for what it knows of the others
        String moved = RunningTime.within(Duration.ofSeconds(1), () -> StoreTest.get(store, there));
        assertEquals(there, moved, "moved to the destination, and already on its way to the last");
        assertFalse(StoreTest.put(store, there));
        awaitNoRedirections(source, () -> assertEquals(there, StoreTest.get(store, there)));
      }
    }
  }

  private static void awaitNoRedirections(Jedis source, RunningTime.Attempt read) throws Exception {
    Eventually.holds(
        "the source is not asked any more",
        () -> {
          String redirections = source.info("errorstats");
          read.run();
          return source.info("errorstats").equals(redirections);
        });
  }
}

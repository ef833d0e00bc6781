import module java.base;

import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.args.ClusterResetType;

/** A Redis Cluster as real processes: three masters, each with a replica. */
final class RedisCluster implements AutoCloseable {
  private static final int SLOTS = 16_384;
  private static final int MASTERS = 3;

  /** The masters, then the replica of each. */
  final List<RedisProcess> nodes = new ArrayList<>();

  /** Starts the nodes and waits until they are one cluster in which every replica follows. */
  static RedisCluster start() throws Exception {
    return Started.by(new RedisCluster(), RedisCluster::form);
  }

  private void form() throws Exception {
    for (int i = 0; i < 2 * MASTERS; i++) {
      nodes.add(
          RedisProcess.start(
              "--cluster-enabled", "yes",
              "--cluster-node-timeout", "1500",
              "--cluster-require-full-coverage", "no",
              // Else a replica that follows may get nothing for a second: until its next word.
              "--repl-diskless-sync", "no"));
    }
    for (int i = 0; i < nodes.size(); i++) {
      try (var client = nodes.get(i).client()) {
        client.clusterMeet("127.0.0.1", nodes.getFirst().port());
        if (i < MASTERS) {
          client.clusterAddSlots(slots(i));
        }
      }
    }
    Eventually.holds("all nodes know all", () -> everyNodeSays("cluster_known_nodes:6"));
    for (int i = 0; i < MASTERS; i++) {
      try (var master = nodes.get(i).client();
          var replica = nodes.get(MASTERS + i).client()) {
        replica.clusterReplicate(master.clusterMyId());
      }
    }
    awaitHealth();
  }

  /** The slots of a master at first. */
  static int[] slots(int master) {
    return IntStream.range(master * SLOTS / MASTERS, (master + 1) * SLOTS / MASTERS).toArray();
  }

  /** Which of the nodes has a slot at first. */
  static int masterOf(int slot) {
    return slot * MASTERS / SLOTS;
  }

  /** Has an empty master and its replica leave, and the next master have its slots. */
  void remove(int master) {
    var leaving = List.of(nodes.get(master), nodes.get(MASTERS + master));
    for (RedisProcess node : leaving) {
      String id;
      try (var client = node.client()) {
        id = client.clusterMyId();
        client.clusterReset(ClusterResetType.HARD);
      }
      for (RedisProcess other : nodes) {
        if (!leaving.contains(other)) {
          try (var client = other.client()) {
            client.clusterForget(id);
          }
        }
      }
    }
    try (var client = nodes.get((master + 1) % MASTERS).client()) {
      client.clusterAddSlots(slots(master));
    }
  }

  private boolean everyNodeSays(String line) {
    for (RedisProcess node : nodes) {
      try (var client = node.client()) {
        if (!client.clusterInfo().contains(line)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Waits until the cluster serves every slot and every replica follows its master. */
  void awaitHealth() throws Exception {
    Eventually.holds("the cluster is whole", () -> everyNodeSays("cluster_state:ok"));
    Eventually.holds(
        "three replicas follow",
        () -> nodes.stream().filter(RedisProcess::follows).count() == MASTERS);
    // A replica is one to a node only when that has heard how far it follows.
    for (RedisProcess node : nodes) {
      try (var client = node.client()) {
        Eventually.holds("a node tells of all", () -> served(client) == nodes.size());
      }
    }
  }

  /** How many nodes there are by a client's CLUSTER SLOTS, where each master has one range. */
  private static int served(Jedis client) {
    var ranges = (List<?>) client.sendCommand(Protocol.Command.CLUSTER, "SLOTS");
    return ranges.stream().mapToInt(range -> ((List<?>) range).size() - 2).sum();
  }

  /** How the cluster is named as a store, by the address of one of its nodes. */
  String store(int node) {
    return nodes.get(node).store();
  }

  @Override
  public void close() throws Exception {
    for (RedisProcess node : nodes) {
      node.close();
    }
  }
}

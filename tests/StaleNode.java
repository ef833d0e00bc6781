import module java.base;

/**
 * Answers as a master of a Redis Cluster that its clients reach and the other nodes don't: it still
 * tells of the slots as they were, its own among them, and refuses all commands about keys.
 *
 * <p>Real nodes on one machine can't be kept from talking to each other without its firewall.
 */
final class StaleNode implements AutoCloseable {
  private final Listener listener =
      new Listener(client -> Thread.ofPlatform().daemon().start(() -> answer(client)));

  /** What it says of who has which slots. */
  volatile String slots;

  /** How often it was asked for that. */
  final AtomicInteger asked = new AtomicInteger();

  /** Takes the place of one of the masters. */
  StaleNode(RedisCluster cluster, int master) throws IOException {
    this(cluster, master, "*3\r\n$9\r\n127.0.0.1\r\n:%d\r\n+%s\r\n");
  }

  /** The same, and tells of each node in this form, around its port and its id. */
  StaleNode(RedisCluster cluster, int master, String form) throws IOException {
    var ranges = new StringBuilder("*3\r\n");
    for (int i = 0; i < 3; i++) {
      RedisProcess node = cluster.nodes.get(i);
      int port = i == master ? listener.port() : node.port();
      int[] own = RedisCluster.slots(i);
      try (var client = node.client()) {
        ranges.append(
            "*3\r\n:%d\r\n:%d\r\n".formatted(own[0], own[own.length - 1])
                + form.formatted(port, client.clusterMyId()));
      }
    }
    slots = ranges.toString();
  }

  String store() {
    return listener.store();
  }

  private void answer(Socket client) {
    try (client) {
      var in = new BufferedInputStream(client.getInputStream());
      while (true) {
        String reply =
            switch (String.join(" ", command(in)).toUpperCase()) {
              case "CLUSTER SLOTS" -> {
                asked.incrementAndGet();
                yield slots;
              }
              case "CLUSTER INFO" -> "$18\r\ncluster_state:fail\r\n";
              case "INFO" -> "$17\r\ncluster_enabled:1\r\n";
              case "INFO MEMORY" -> "$0\r\n\r\n";
              default -> "-CLUSTERDOWN The cluster is down\r\n";
            };
        client.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException | RuntimeException ended) {
      // The client has what it wanted.
    }
  }

  /** The words of a command: an array of strings, each behind its length. */
  private static List<String> command(BufferedInputStream in) throws IOException {
    var words = new ArrayList<String>();
    for (int left = number(in); left > 0; left--) {
      byte[] word = in.readNBytes(number(in));
      in.skipNBytes(2);
      words.add(new String(word, StandardCharsets.US_ASCII));
    }
    return words;
  }

  /** The number of a line such as {@code *3} or {@code $7}. */
  private static int number(BufferedInputStream in) throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("the end");
      }
      line.append((char) next);
    }
    return Integer.parseInt(line.substring(1).strip());
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}

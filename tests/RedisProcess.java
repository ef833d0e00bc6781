import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.embedded.core.ExecutableProvider;

/** A real Redis as a process, on a free port, with a folder of its own that outlives a restart. */
final class RedisProcess implements AutoCloseable {
  /** Added to a node's port gives the port on which nodes of a cluster talk to each other. */
  private static final int CLUSTER_BUS = 10_000;

  private static final Path EXECUTABLE = executable();

  /** The ports that were given, each to one, who may have been ended and come back there. */
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final List<String> words;
  private final int port;
  private Process process;

  private RedisProcess(int port, String... options) throws IOException {
    this.port = port;
    folder = Files.createTempDirectory("redis");
    Path file = Files.createFile(folder.resolve("redis.conf")); // a Sentinel wants one
    words = new ArrayList<>(List.of(EXECUTABLE.toString(), file.toString(), "--port", port + ""));
    words.addAll(List.of("--bind", "127.0.0.1", "--dir", folder.toString(), "--save", ""));
    words.addAll(Arrays.asList(options));
  }

  /** Starts a Redis with these options of its configuration, and waits until it answers. */
  static RedisProcess start(String... options) throws Exception {
    return startAt(freePort(), options);
  }

  /** Starts one on a port that is free again. */
  static RedisProcess startAt(int port, String... options) throws Exception {
    return Started.by(new RedisProcess(port, options), RedisProcess::restart);
  }

  private static Path executable() {
    try {
      var folder = Files.createTempDirectory("redis-server").toFile();
      folder.deleteOnExit(); // in reverse order, and so behind what is in it
      var executable = ExecutableProvider.newJarResourceProvider(folder).get();
      executable.deleteOnExit();
      return executable.toPath();
    } catch (IOException impossible) {
      throw new AssertionError("embedded-redis has no Redis for this machine", impossible);
    }
  }

  /** Of those that no system gives to connections, which may take another one while it is away. */
  static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(12_000, 22_000);
      if (!GIVEN.add(port)) {
        continue;
      }
      try {
        new ServerSocket(port).close();
        new ServerSocket(port + CLUSTER_BUS).close();
        return port;
      } catch (IOException taken) {
        // Another pair.
      }
    }
  }

  /** Starts it again on the same port and with the same folder. */
  void restart() throws Exception {
    process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    Eventually.holds("Redis answers: " + words, this::isReady);
  }

  private boolean isReady() {
    try (var client = new Jedis("127.0.0.1", port)) {
      client.ping();
      return true;
    } catch (JedisException notYet) {
      return notYet.getMessage().startsWith("NOAUTH");
    }
  }

  /** Whether it follows a master. */
  boolean follows() {
    return isInReplication("master_link_status:up");
  }

  boolean isMaster() {
    return isInReplication("role:master");
  }

  /** A number that INFO tells in a section, behind a name. */
  static long told(Jedis redis, String section, String name) {
    Matcher number = Pattern.compile(name + "(\\d+)").matcher(redis.info(section));
    assertTrue(number.find(), name);
    return Long.parseLong(number.group(1));
  }

  private boolean isInReplication(String line) {
    try (var client = client()) {
      return client.info("replication").contains(line);
    }
  }

  /** A client of its default user, to be closed. */
  Jedis client() {
    return new Jedis("127.0.0.1", port, 10_000);
  }

  int port() {
    return port;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  String store() {
    return "redis://" + address();
  }

  /** Ends it as an administrator would. */
  void stop() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }

  /** Ends it as a crash would. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Sends it a signal: after STOP it keeps its connections and answers nothing until CONT. */
  void signal(String name) throws Exception {
    Command.signal(process.pid(), name);
  }

  @Override
  public void close() throws Exception {
    kill();
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

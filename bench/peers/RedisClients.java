import module java.base;

import com.sun.management.OperatingSystemMXBean;
import io.lettuce.core.SetArgs;
import io.lettuce.core.codec.ByteArrayCodec;
import java.lang.management.ManagementFactory;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.params.SetParams;

/** Asks one Redis in the ways that Java's clients offer: each message is set, then got. */
final class RedisClients {
  private static final int THREADS = 64;
  private static final long ROUND =
      TimeUnit.SECONDS.toNanos(MsgHashingServerBenchmark.Rounds.SECONDS);

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** Operations a second, and microseconds of this process's processor time for each. */
  private record Figures(double rate, double processor) {}

  /** A way to set a message, which is new and its own key, and to get it back. */
  private interface Client extends AutoCloseable {
    byte[] setAndGet(byte[] message) throws Exception;

    @Override
    void close();
  }

  private RedisClients() {}

  static void measure(int port) throws Exception {
    try (var jedis = new JedisPool(port);
        var lettuce = new Lettuce(port);
        var grouped = new Grouped(port)) {
      var clients = new LinkedHashMap<String, Client>();
      clients.put("Jedis, a pool of connections", jedis);
      clients.put("Lettuce, one shared connection", lettuce);
      clients.put("Jedis, what waits goes out as one pipeline", grouped);
      var results =
          MsgHashingServerBenchmark.Rounds.run(
              List.copyOf(clients.keySet()), name -> round(clients.get(name)));
      System.out.printf(
          """
          ### Three ways to ask one Redis, %d virtual threads

          | client | operations/s | processor, µs/operation |
          |---|---:|---:|
          """,
          THREADS);
      results.forEach(
          (name, all) ->
              System.out.printf(
                  "| %s | %,.0f | %.1f |%n",
                  name,
                  MsgHashingServerBenchmark.Rounds.median(all, Figures::rate),
                  MsgHashingServerBenchmark.Rounds.median(all, Figures::processor)));
      System.out.println();
    }
  }

  private static Figures round(Client client) throws Exception {
    var operations = new LongAdder();
    long processor = SYSTEM.getProcessCpuTime();
    long start = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Void> work =
          () -> {
            String thread = Thread.currentThread().threadId() + "-" + start;
            for (long i = 0; System.nanoTime() - start < ROUND; i++) {
              byte[] message = "%100s".formatted(thread + "-" + i).getBytes(StandardCharsets.UTF_8);
              if (!Arrays.equals(client.setAndGet(message), message)) {
                throw new IllegalStateException("Redis gave back another message");
              }
              operations.add(2);
            }
            return null;
          };
      for (var done : Stream.generate(() -> threads.submit(work)).limit(THREADS).toList()) {
        done.get();
      }
    }
    double count = operations.sum();
    return new Figures(
        count * 1e9 / (System.nanoTime() - start),
        (SYSTEM.getProcessCpuTime() - processor) / 1e3 / count);
  }

  /** A connection of its own for each that asks, out of a pool. */
  private static final class JedisPool implements Client {
    private final redis.clients.jedis.RedisClient client;

    JedisPool(int port) {
      var pool = new ConnectionPoolConfig();
      pool.setMaxTotal(THREADS);
      pool.setMaxIdle(THREADS);
      client =
          redis.clients.jedis.RedisClient.builder()
              .hostAndPort("127.0.0.1", port)
              .poolConfig(pool)
              .build();
    }

    @Override
    public byte[] setAndGet(byte[] message) {
      client.set(message, message, SetParams.setParams().nx());
      return client.get(message);
    }

    @Override
    public void close() {
      client.close();
    }
  }

  /** One connection for all, each command written as it comes. */
  private static final class Lettuce implements Client {
    private final io.lettuce.core.RedisClient client;
    private final io.lettuce.core.api.sync.RedisCommands<byte[], byte[]> commands;

    Lettuce(int port) {
      client = io.lettuce.core.RedisClient.create("redis://127.0.0.1:" + port);
      commands = client.connect(ByteArrayCodec.INSTANCE).sync();
    }

    @Override
    public byte[] setAndGet(byte[] message) {
      commands.set(message, message, SetArgs.Builder.nx());
      return commands.get(message);
    }

    @Override
    public void close() {
      client.shutdown();
    }
  }

  /** The server's own store. */
  private static final class Grouped implements Client {
    private final MsgHashingServer.MessageStore store;

    Grouped(int port) throws MsgHashingServer.CannotStart {
      store = MsgHashingServer.MessageStore.open("redis://127.0.0.1:" + port, 0, 0);
    }

    @Override
    public byte[] setAndGet(byte[] message) throws MsgHashingServer.StoreException {
      var digest = MsgHashingServer.Digest.of(message);
      MsgHashingServer.MessageStore.await(store.put(digest, message));
      return MsgHashingServer.MessageStore.await(store.get(digest));
    }

    @Override
    public void close() {
      store.close();
    }
  }
}

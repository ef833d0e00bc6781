import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

/** Clients that post new messages, each as fast as it is answered, and remember the answers. */
final class Posters implements AutoCloseable {
  private static final AtomicLong NEXT = new AtomicLong(System.currentTimeMillis() << 20);

  /** The messages that were acknowledged. */
  final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

  /** All other answers. */
  final Queue<Refusal> refusals = new ConcurrentLinkedQueue<>();

  private final List<Poster> clients;
  private final ExecutorService posters = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean isStopped;

  /**
   * An answer that was no acknowledgement.
   *
   * @param nanos when it came, and how long it took, in running time
   */
  record Refusal(int status, long nanos, long took) {}

  private Posters(List<Poster> clients) {
    this.clients = clients;
  }

  /** Starts posts, so many at a time, which are shared out among the servers. */
  static Posters start(int count, List<ServerProcess> servers) {
    var posters = new Posters(servers.stream().map(Poster::new).toList());
    for (int i = 0; i < count; i++) {
      Poster client = posters.clients.get(i % servers.size());
      posters.posters.submit(() -> posters.post(client));
    }
    return posters;
  }

  /** Posts until told to stop, or until the server is gone. */
  private Void post(Poster client) throws InterruptedException {
    while (!isStopped) {
      String message = "message " + NEXT.getAndIncrement();
      long start = RunningTime.nanos();
      try {
        int status = client.post(message);
        if (status == 201) {
          acknowledged.add(message);
        } else {
          long end = RunningTime.nanos();
          refusals.add(new Refusal(status, end, end - start));
        }
      } catch (IOException gone) {
        return null;
      }
    }
    return null;
  }

  /** Waits until so many more messages are acknowledged. */
  void awaitAcknowledged(int more) throws Exception {
    int enough = acknowledged.size() + more;
    Eventually.holds(more + " more posts", () -> acknowledged.size() >= enough);
  }

  /** Lets every post in flight have its answer. */
  void stop() throws InterruptedException {
    isStopped = true;
    posters.shutdown();
    assertTrue(posters.awaitTermination(30, TimeUnit.SECONDS), "all posts were answered");
  }

  @Override
  public void close() {
    isStopped = true;
    posters.shutdownNow();
    clients.forEach(Poster::close);
  }
}

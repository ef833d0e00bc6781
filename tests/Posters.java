import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that post new messages, each as fast as it is answered, and remember the answers. */
final class Posters implements AutoCloseable {
  private static final AtomicLong NEXT = new AtomicLong(System.currentTimeMillis() << 20);

  /** What was acknowledged: the message of each digest. */
  final Map<String, String> acknowledged = new ConcurrentHashMap<>();

  /** All other answers. */
  final Queue<Refusal> refusals = new ConcurrentLinkedQueue<>();

  private final List<URI> servers;
  private final HttpClient client = HttpClient.newHttpClient();
  private final ExecutorService posters = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean isStopped;

  /**
   * An answer that was no acknowledgement.
   *
   * @param nanos when it came, and how long it took
   */
  record Refusal(int status, long nanos, long took) {}

  private Posters(List<URI> servers) {
    this.servers = servers;
  }

  /** Starts clients, which are shared out among the servers. */
  static Posters start(int clients, List<ServerProcess> servers) {
    var posters = new Posters(servers.stream().map(server -> server.uri("/messages")).toList());
    for (int i = 0; i < clients; i++) {
      URI server = posters.servers.get(i % servers.size());
      posters.posters.submit(() -> posters.post(server));
    }
    return posters;
  }

  /** Posts until told to stop, or until the server is gone. */
  private Void post(URI server) throws InterruptedException {
    while (!isStopped) {
      String message = "message " + NEXT.getAndIncrement();
      var request =
          HttpRequest.newBuilder(server)
              .timeout(Duration.ofSeconds(20))
              .POST(HttpRequest.BodyPublishers.ofString("{\"message\": \"" + message + "\"}"))
              .build();
      long start = System.nanoTime();
      try {
        var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 201) {
          acknowledged.put(StoreTest.digest(message).toString(), message);
        } else {
          long end = System.nanoTime();
          refusals.add(new Refusal(answer.statusCode(), end, end - start));
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

  /** Checks that a server has every acknowledged message, with its content. */
  static void assertServed(Map<String, String> acknowledged, ServerProcess server)
      throws Exception {
    try (var client = HttpClient.newHttpClient();
        var readers = Executors.newFixedThreadPool(8)) {
      var checks =
          acknowledged.entrySet().stream()
              .map(
                  entry ->
                      readers.submit(
                          () -> {
                            var get =
                                HttpRequest.newBuilder(server.uri("/messages/" + entry.getKey()));
                            var answer =
                                client.send(get.build(), HttpResponse.BodyHandlers.ofString());
                            assertEquals(
                                "{\"message\": \"" + entry.getValue() + "\"}",
                                answer.body().strip());
                            return null;
                          }))
              .toList();
      for (var check : checks) {
        check.get();
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    isStopped = true;
    posters.shutdownNow();
    client.close();
  }
}

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import module java.net.http;

/** A client that posts messages of plain ASCII and gets them, one at a time. */
final class Poster implements AutoCloseable {
  private static final String LARGE = "x".repeat(50_000);

  private final HttpClient client = HttpClient.newHttpClient();
  private final ServerProcess server;

  Poster(ServerProcess server) {
    this.server = server;
  }

  /** Returns the status. */
  int post(String message) throws IOException, InterruptedException {
    var body = HttpRequest.BodyPublishers.ofString("{\"message\": \"" + message + "\"}");
    return send(HttpRequest.newBuilder(server.uri("/messages")).POST(body)).statusCode();
  }

  /**
   * Posts messages of 50,000 characters until the store is full; returns those that it took, and
   * takes again.
   */
  List<String> fill() throws IOException, InterruptedException {
    var stored = new ArrayList<String>();
    String message = "0" + LARGE;
    int status = post(message);
    while (status == 201) {
      stored.add(message);
      message = stored.size() + LARGE;
      status = post(message);
    }
    assertEquals(507, status);
    for (String known : stored) {
      assertEquals(200, post(known), "what is there needs no room");
    }
    return stored;
  }

  /** Checks that a server has messages. */
  static void assertServed(Collection<String> messages, ServerProcess server) throws Exception {
    try (var client = new Poster(server);
        var readers = Executors.newFixedThreadPool(2)) {
      var checks = new ArrayList<Callable<Void>>();
      for (String message : messages) {
        checks.add(
            () -> {
              assertEquals(message, client.get(message));
              return null;
            });
      }
      for (var check : readers.invokeAll(checks)) {
        check.get();
      }
    }
  }

  /** Returns the message, or the whole answer when it is another one. */
  String get(String message) throws IOException, InterruptedException {
    var digest = StoreTest.digest(message);
    String body = send(HttpRequest.newBuilder(server.uri("/messages/" + digest))).body();
    return body.equals("{\"message\": \"" + message + "\"}") ? message : body;
  }

  /** Returns the status of the server's health. */
  int health() throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(server.uri("/health"))).statusCode();
  }

  /** Returns the server's metrics, as Prometheus reads them. */
  String metrics() throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(server.uri("/metrics"))).body();
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    request.timeout(Duration.ofSeconds(30));
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    client.close();
  }
}

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** A client that posts messages of plain ASCII and gets them, one at a time. */
final class Poster implements AutoCloseable {
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

  /** Returns the message, or the whole answer when it is another one. */
  String get(String message) throws IOException, InterruptedException {
    var digest = MsgHashingServer.Digest.of(message.getBytes(StandardCharsets.UTF_8));
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
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    client.close();
  }
}

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;
import module java.net.http;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** nginx as an HTTP cache in front of the server, with the configuration of docs/. */
@Timeout(60)
class HttpCacheTest {
  private static final String FOO = "/messages/" + HttpTester.FOO;

  /** Often in a folder that is on the path of root alone. */
  private static final Optional<Path> NGINX =
      Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
          .map(folder -> Path.of(folder, "nginx"))
          .filter(Files::isExecutable)
          .findFirst();

  private final HttpClient client = HttpClient.newHttpClient();
  private Process nginx;
  private URI front;

  @AfterEach
  void endAll() throws InterruptedException {
    client.close();
    if (nginx != null) {
      nginx.destroy();
      nginx.waitFor();
    }
  }

  @Test
  void whatWasReadOnceNeedsNoServer(@TempDir Path folder) throws Exception {
    assumeTrue(NGINX.isPresent(), "nginx is not installed: docs/nginx.conf is not tested");
    try (var server = ServerProcess.start("--store", "memory:")) {
      startNginx(folder, server.port());
      assertEquals(404, get(FOO).statusCode());
      try (var http10 = new HttpTester.Client(new Socket("127.0.0.1", front.getPort()))) {
        assertEquals(200, http10.send("GET /health HTTP/1.0\r\n\r\n").read().status());
      }
      assertEquals(201, post("{\"message\": \"foo\"}"));
      try (var sender = new HttpTester.Client(new Socket("127.0.0.1", front.getPort()))) {
        var tooLarge = sender.send(HttpTester.posting("/messages", "x".repeat(3 << 19))).read();
        assertEquals(413, tooLarge.status());
        assertTrue(tooLarge.error().contains("1048576 bytes"), "the server says so, not nginx");
      }
      assertEquals("MISS", cacheStatus(get(FOO)), "the 404 was not kept");
      assertEquals("HIT", cacheStatus(get(FOO)));
      assertEquals(0, server.stop());

      HttpResponse<String> kept = get(FOO);
      assertEquals("{\"message\": \"foo\"}", kept.body());
      assertEquals("HIT", cacheStatus(kept));
      assertEquals(304, get(FOO, "If-None-Match", kept.headers().firstValue("ETag").get()));
      assertEquals(502, get("/messages/" + "0".repeat(64)).statusCode());
    }
  }

  /** Such answers are not kept, so that a lock on a message would hand them out one by one. */
  @Test
  void thoseWhoAskForAnUnknownMessageDoNotWaitForEachOther(@TempDir Path folder) throws Exception {
    assumeTrue(NGINX.isPresent(), "nginx is not installed: docs/nginx.conf is not tested");
    try (var server = ServerProcess.start("--store", "memory:");
        var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      startNginx(folder, server.port());
      long start = System.nanoTime();
      var answers = Stream.generate(() -> clients.submit(() -> get(FOO))).limit(32).toList();
      for (var answer : answers) {
        assertEquals(404, answer.get().statusCode());
      }
      assertTrue(System.nanoTime() - start < 4_000_000_000L, "within 4 s");
    }
  }

  private void startNginx(Path folder, int serverPort) throws Exception {
    int port = RedisProcess.freePort();
    front = URI.create("http://127.0.0.1:" + port);
    // nginx's workers run as another user.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    String configuration = Files.readString(Command.checkout().resolve("docs/nginx.conf"));
    Files.writeString(
        folder.resolve("nginx.conf"),
        configuration
            .replace("127.0.0.1:8000", "127.0.0.1:" + serverPort)
            .replace("127.0.0.1:8080", "127.0.0.1:" + port));
    var builder = new ProcessBuilder(NGINX.get().toString(), "-p", folder + "", "-c", "nginx.conf");
    nginx = builder.inheritIO().start();
    Eventually.holds("nginx passes requests on", () -> accepts(port));
  }

  private static boolean accepts(int port) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  private static String cacheStatus(HttpResponse<String> response) {
    return response.headers().firstValue("X-Cache-Status").orElse("none");
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(front.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private int get(String path, String field, String value) throws Exception {
    var request = HttpRequest.newBuilder(front.resolve(path)).header(field, value).build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  /** Posts as a browser does for the page behind this cache. */
  private int post(String body) throws Exception {
    var request =
        HttpRequest.newBuilder(front.resolve("/messages"))
            .header("Origin", front.toString())
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }
}

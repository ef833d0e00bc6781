import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** The server's life as a process: its start, its end, and what it says when it can't start. */
class HttpLifeTest {
  @Test
  void startsServesAndEndsWithZero() throws Exception {
    try (var server = ServerProcess.start("--store", "memory:");
        var client = HttpClient.newHttpClient()) {
      var post =
          HttpRequest.newBuilder(server.uri("/messages"))
              .POST(HttpRequest.BodyPublishers.ofString("{\"message\": \"foo\"}"))
              .build();
      assertEquals(201, client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode());
      assertEquals(0, server.stop());
      assertEquals("", server.errors());
    }
  }
}

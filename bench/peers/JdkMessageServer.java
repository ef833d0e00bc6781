import module java.base;
import module jdk.httpserver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;

/**
 * The message store on the JDK's own HttpServer with virtual threads, in memory: a peer of the
 * benchmark. Takes the port as its argument.
 */
public class JdkMessageServer {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Map<String, String> MESSAGES = new ConcurrentHashMap<>();

  public static void main(String[] arguments) throws IOException {
    // Otherwise every answer on a kept connection waits for the client's delayed ACK.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    // The default closes all but 200 connections as soon as they are idle.
    System.setProperty("sun.net.httpserver.maxIdleConnections", "10000");
    var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
    HttpServer server = HttpServer.create(address, 1024);
    server.createContext("/", JdkMessageServer::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (exchange.getRequestMethod().equals("POST")) {
        post(exchange);
      } else {
        get(exchange);
      }
    }
  }

  private static void post(HttpExchange exchange) throws IOException {
    String message = message(exchange.getRequestBody());
    if (message == null) {
      reply(exchange, 400, "err_msg", "Not a message");
      return;
    }
    String digest = digest(message);
    MESSAGES.put(digest, message);
    reply(exchange, 201, "digest", digest);
  }

  private static void get(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String message = MESSAGES.get(path.substring(path.lastIndexOf('/') + 1));
    if (message == null) {
      reply(exchange, 404, "err_msg", "Message not found");
    } else {
      reply(exchange, 200, "message", message);
    }
  }

  /** The message in a posted object, or null. */
  static String message(InputStream body) throws IOException {
    try (var parser = JSON.createParser(body)) {
      boolean found =
          parser.nextToken() == JsonToken.START_OBJECT
              && "message".equals(parser.nextFieldName())
              && parser.nextToken() == JsonToken.VALUE_STRING;
      return found ? parser.getText() : null;
    }
  }

  static String digest(String message) {
    try {
      byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java has SHA-256", impossible);
    }
  }

  private static void reply(HttpExchange exchange, int status, String field, String value)
      throws IOException {
    var body = new ByteArrayOutputStream();
    try (var generator = JSON.createGenerator(body)) {
      generator.writeStartObject();
      generator.writeStringField(field, value);
      generator.writeEndObject();
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.size());
    exchange.getResponseBody().write(body.toByteArray());
  }
}

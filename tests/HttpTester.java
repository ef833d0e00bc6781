import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

/** A server in this JVM and raw connections to it, byte for byte. */
final class HttpTester implements AutoCloseable {
  static final String FOO = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

  /** Milliseconds: longer than a test may take. */
  static final long NEVER = 120_000;

  static final MsgHashingServer.Timeouts PATIENT =
      new MsgHashingServer.Timeouts(NEVER, NEVER, NEVER, NEVER, NEVER, NEVER);

  /** Timeouts short enough to be met in a test, all different. */
  static final MsgHashingServer.Timeouts SHORT =
      new MsgHashingServer.Timeouts(900, 500, 700, 800, 400, 2_000);

  final MsgHashingServer.MessageStore store;
  final MsgHashingServer.HttpServer server;
  final int port;

  HttpTester(
      MsgHashingServer.Timeouts timeouts,
      MsgHashingServer.MessageStore store,
      Map<String, String> environment,
      String... arguments)
      throws Exception {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--port", "0"));
    var line = MsgHashingServer.Options.parse(all.toArray(String[]::new));
    var options = MsgHashingServer.Options.of(line, environment);
    this.store = store;
    server = new MsgHashingServer.HttpServer(options, store, timeouts);
    server.open();
    port = server.getListeningPort();
  }

  static HttpTester start(String... arguments) throws Exception {
    return start(MsgHashingServer.Timeouts.DEFAULT, Map.of(), arguments);
  }

  static HttpTester start(
      MsgHashingServer.Timeouts timeouts, Map<String, String> environment, String... arguments)
      throws Exception {
    return new HttpTester(timeouts, StoreTest.open("memory:", 0), environment, arguments);
  }

  /** A server in front of a store of the caller's. */
  static HttpTester startOn(MsgHashingServer.MessageStore store, String... arguments)
      throws Exception {
    return startOn(store, MsgHashingServer.Timeouts.DEFAULT, arguments);
  }

  static HttpTester startOn(
      MsgHashingServer.MessageStore store, MsgHashingServer.Timeouts timeouts, String... arguments)
      throws Exception {
    return new HttpTester(timeouts, store, Map.of(), arguments);
  }

  Client connect() throws IOException {
    return new Client(new Socket("127.0.0.1", port));
  }

  /** A connection that holds little of what its client does not read. */
  Client connectNarrow() throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    return new Client(socket);
  }

  /** Sends one request on a connection of its own and reads its answer. */
  Answer ask(String request) throws IOException {
    try (Client client = connect()) {
      client.send(request);
      return client.read(request.startsWith("HEAD "));
    }
  }

  Answer get(String path, String... fields) throws IOException {
    return ask(request("GET", path, fields));
  }

  /** Posts a body to /messages as curl would. */
  Answer post(String body) throws IOException {
    return ask(posting("/messages", body));
  }

  static String posting(String path, String body, String... fields) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return request("POST", path, fields).stripTrailing()
        + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        + length
        + "\r\n\r\n"
        + body;
  }

  static String postingInAChunk(String path, String body) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return request("POST", path, "Transfer-Encoding: chunked")
        + (Integer.toHexString(length) + "\r\n" + body + "\r\n0\r\n\r\n");
  }

  static String request(String method, String path, String... fields) {
    var text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String field : fields) {
      text.append(field).append("\r\n");
    }
    return text + "\r\n";
  }

  /** Waits until no connection is left. */
  void awaitNoConnections() throws Exception {
    Eventually.holds("no connection is left", () -> server.connections.isEmpty());
  }

  /** Waits until a connection is in a phase. */
  void awaitPhase(MsgHashingServer.Phase phase) throws Exception {
    Eventually.holds(
        "a connection is in " + phase,
        () -> server.connections.stream().anyMatch(one -> one.deadline.phase() == phase));
  }

  /** The sum of the values on those lines of metrics that begin so. */
  static double sum(String metrics, String start) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Override
  public void close() {
    server.stop();
    store.close();
  }

  /** An answer; its field names are in lower case. */
  record Answer(int status, Map<String, String> fields, String body) {
    String field(String name) {
      return fields.get(name);
    }

    /** What err_msg says, or the failure to be an error as JSON. */
    String error() {
      if (!"application/json".equals(field("content-type"))
          || !body.startsWith("{\"err_msg\": \"")
          || !body.endsWith("\"}")) {
        throw new AssertionError("not an error as JSON: " + this);
      }
      return body.substring(13, body.length() - 2);
    }

    boolean isClosing() {
      return "close".equals(field("connection"));
    }
  }

  /** One connection, for requests of any shape. */
  static final class Client implements AutoCloseable {
    final Socket socket;
    private final InputStream in;

    Client(Socket socket) throws IOException {
      this.socket = socket;
      socket.setSoTimeout(20_000);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    }

    Client send(String text) throws IOException {
      return send(text.getBytes(StandardCharsets.UTF_8));
    }

    Client send(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
      return this;
    }

    /** Sends a request again and again, until the server has been ended. */
    private void sendWithoutEnd(String request) {
      try {
        while (true) {
          send(request);
        }
      } catch (IOException over) {
        // Nobody takes any more.
      }
    }

    Answer read() throws IOException {
      return read(false);
    }

    /** Reads an answer; one to HEAD has no body whatever its length says. */
    Answer read(boolean headOnly) throws IOException {
      String[] status = line().split(" ", 3);
      if (!status[0].equals("HTTP/1.1")) {
        throw new AssertionError("not a status line: " + String.join(" ", status));
      }
      var fields = new HashMap<String, String>();
      for (String line; !(line = line()).isEmpty(); ) {
        String[] parts = line.split(": ", 2);
        if (fields.put(parts[0].toLowerCase(Locale.ROOT), parts[1]) != null) {
          throw new AssertionError("sent twice: " + line);
        }
      }
      int length = headOnly ? 0 : Integer.parseInt(fields.getOrDefault("content-length", "0"));
      byte[] body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException("the body ends after " + body.length + " of " + length + " bytes");
      }
      int code = Integer.parseInt(status[1]);
      return new Answer(code, fields, new String(body, StandardCharsets.UTF_8));
    }

    private String line() throws IOException {
      var line = new ByteArrayOutputStream();
      for (int octet; (octet = in.read()) != '\r'; line.write(octet)) {
        if (octet < 0) {
          throw new EOFException("the connection ends after \"" + line + "\"");
        }
      }
      if (in.read() != '\n') {
        throw new AssertionError("a bare CR behind " + line);
      }
      return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Everything up to the end of the connection, which is not to go on for ever. */
    String rest() throws IOException {
      return new String(in.readNBytes(1 << 20), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Connections that are closed together. */
  static final class Clients extends ArrayList<Client> implements AutoCloseable {
    private static final long serialVersionUID = 1;

    /**
     * Has two for each processor post without end what is far more work for the server than for
     * them, and checks that others are answered meanwhile.
     *
     * @param post makes a body a request
     */
    void assertNobodyElseWaits(Callable<Client> connect, UnaryOperator<String> post)
        throws Exception {
      String members =
          IntStream.range(0, 80_000)
              .mapToObj(i -> "\"" + i + "\":0")
              .collect(Collectors.joining(","));
      String request = post.apply("{" + members + "}");
      for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
        Client sender = connect.call();
        add(sender);
        Thread.ofPlatform().daemon().start(() -> sender.sendWithoutEnd(request));
      }
      Thread.sleep(2_000);
      for (int i = 0; i < 3; i++) {
        long start = System.nanoTime();
        try (Client other = connect.call()) {
          assertEquals(200, other.send(HttpTester.request("GET", "/health")).read().status());
        }
        assertTrue(System.nanoTime() - start < 5_000_000_000L, "in time");
      }
    }

    @Override
    public void close() throws IOException {
      for (Client client : this) {
        client.close();
      }
    }
  }
}

import module java.base;

import fi.iki.elonen.NanoHTTPD;
import fi.iki.elonen.NanoHTTPD.Response.Status;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The message store on NanoHTTPD as it is, with its own session and a thread for each connection,
 * in memory: a peer of the benchmark. Takes the port as its argument.
 */
public class NanoMessageServer extends NanoHTTPD {
  /** Kept, or its level would be forgotten. */
  private static final Logger LOGGER = Logger.getLogger(NanoHTTPD.class.getName());

  private final Map<String, String> messages = new ConcurrentHashMap<>();

  NanoMessageServer(int port) {
    super("127.0.0.1", port);
  }

  public static void main(String[] arguments) throws IOException {
    LOGGER.setLevel(Level.OFF); // else thousands of traces when a run ends, one a connection
    new NanoMessageServer(Integer.parseInt(arguments[0])).start(60_000, false);
  }

  @Override
  public Response serve(IHTTPSession session) {
    try {
      return session.getMethod() == Method.POST ? post(session) : get(session.getUri());
    } catch (IOException | ResponseException wrong) {
      return reply(Status.BAD_REQUEST, "err_msg", "Not a message");
    }
  }

  private Response post(IHTTPSession session) throws IOException, ResponseException {
    var files = new HashMap<String, String>();
    session.parseBody(files);
    byte[] body = files.get("postData").getBytes(StandardCharsets.UTF_8);
    String message = JdkMessageServer.message(new ByteArrayInputStream(body));
    if (message == null) {
      return reply(Status.BAD_REQUEST, "err_msg", "Not a message");
    }
    String digest = JdkMessageServer.digest(message);
    messages.put(digest, message);
    return reply(Status.CREATED, "digest", digest);
  }

  private Response get(String path) {
    String message = messages.get(path.substring(path.lastIndexOf('/') + 1));
    return message == null
        ? reply(Status.NOT_FOUND, "err_msg", "Message not found")
        : reply(Status.OK, "message", message);
  }

  /** The messages of the benchmark need no escapes. */
  private static Response reply(Status status, String field, String value) {
    String body = "{\"" + field + "\": \"" + value + "\"}";
    return newFixedLengthResponse(status, "application/json", body);
  }
}

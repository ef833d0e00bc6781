import module java.base;

/** Takes connections of this machine until it is closed, and hands each to who serves it. */
final class Listener implements AutoCloseable {
  private final ServerSocket socket;

  /** Serves a connection, or starts threads that do; an exception ends the listening. */
  interface Service {
    void serve(Socket client) throws IOException;
  }

  /** Listens on a free port. */
  Listener(Service service) throws IOException {
    this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), service);
  }

  Listener(ServerSocket socket, Service service) {
    this.socket = socket;
    Thread.ofPlatform().daemon().start(() -> run(service));
  }

  static boolean hasIpv6() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
      return socket.isBound();
    } catch (IOException none) {
      return false;
    }
  }

  private void run(Service service) {
    try {
      while (true) {
        service.serve(socket.accept());
      }
    } catch (IOException closed) {
      // As meant.
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  /** How what listens is named as a store, when it speaks as Redis does. */
  String store() {
    return "redis://127.0.0.1:" + port();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

import module java.base;

/** Carries bytes to a server on this machine and back, as slowly as it is told. */
final class SlowLink implements AutoCloseable {
  /** Nanoseconds by which it may be late and still make up for it, as on a busy machine. */
  private static final long LATE = 200_000_000;

  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final Listener listener = new Listener(this::serve);

  /** The port of the server that who connects from now on gets to. */
  volatile int target;

  /** Milliseconds after which an answer is handed on. */
  volatile long delay;

  /** Bytes that are carried to the server in a second; 0 for as many as come. */
  volatile long rate;

  /** Whether who connects is sent one byte after the other, and no answer is ever whole. */
  volatile boolean isTrickling;

  SlowLink(int target) throws IOException {
    this.target = target;
  }

  int port() {
    return listener.port();
  }

  String store() {
    return listener.store();
  }

  private void serve(Socket client) throws IOException {
    sockets.add(client);
    if (isTrickling) {
      Thread.ofPlatform().daemon().start(() -> trickle(client));
    } else {
      var server = new Socket(InetAddress.getLoopbackAddress(), target);
      sockets.add(server);
      Thread.ofPlatform().daemon().start(() -> carry(client, server, atRate()));
      Thread.ofPlatform().daemon().start(() -> carry(server, client, _ -> delay));
    }
  }

  /** The milliseconds to wait before so many bytes; who has waited for too long waits less next. */
  private LongUnaryOperator atRate() {
    var due = new AtomicLong(System.nanoTime());
    return count -> {
      if (rate == 0) {
        return 0;
      }
      long now = System.nanoTime();
      long from = Math.max(due.get(), now - LATE);
      due.set(from + count * 1_000_000_000 / rate);
      return Math.max(0, due.get() - now) / 1_000_000;
    };
  }

  private static void trickle(Socket client) {
    try {
      while (true) {
        client.getOutputStream().write('+');
        Thread.sleep(100);
      }
    } catch (IOException | InterruptedException gaveUp) {
      // As meant.
    }
  }

  /** Waits for so many milliseconds before each so many bytes. */
  static void carry(Socket from, Socket to, LongUnaryOperator wait) {
    var bytes = new byte[65_536];
    try (from;
        to) {
      for (int count; (count = from.getInputStream().read(bytes)) > 0; ) {
        Thread.sleep(wait.applyAsLong(count));
        to.getOutputStream().write(bytes, 0, count);
      }
    } catch (IOException | InterruptedException closed) {
      // The other side ended it.
    }
  }

  /** Ends all connections that there are. */
  void cut() throws IOException {
    for (Socket socket; (socket = sockets.poll()) != null; ) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }
}

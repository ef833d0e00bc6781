import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;

/**
 * Speaks TLS in front of a server that does not, as "localhost" and with a key of its own, to
 * clients that have the same key.
 */
final class TlsProxy implements AutoCloseable {
  private static final String PASSWORD = "changeit";

  private final Path keystore;
  private final int target;
  private final Listener listener;

  /** Starts a proxy to a port of this machine, which keeps its key in a folder. */
  TlsProxy(Path folder, int target) throws Exception {
    this.keystore = folder.resolve("proxy.p12");
    this.target = target;
    makeKey(keystore, PASSWORD);
    var sockets = context(keystore, PASSWORD).getServerSocketFactory();
    var socket = (SSLServerSocket) sockets.createServerSocket(0);
    socket.setNeedClientAuth(true);
    this.listener = new Listener(socket, this::serve);
  }

  /** Makes a keystore with a new key of "localhost". */
  static void makeKey(Path keystore, String password) throws Exception {
    String keytool = Path.of(System.getProperty("java.home"), "bin/keytool").toString();
    String options =
        "-genkeypair -keyalg EC -dname CN=localhost -ext san=dns:localhost -storetype PKCS12";
    var words = new ArrayList<>(List.of(keytool));
    words.addAll(List.of(options.split(" ")));
    words.addAll(List.of("-keystore", keystore.toString(), "-storepass", password));
    var made = Command.run(keystore.getParent(), Map.of(), "", words);
    assertEquals(0, made.code(), made.out());
  }

  /** Has the key of a keystore, and trusts who has the same. */
  static SSLContext context(Path keystore, String password) throws Exception {
    var keys = KeyStore.getInstance(keystore.toFile(), password.toCharArray());
    var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, password.toCharArray());
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(keys);
    var context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }

  /** What makes a JVM trust the proxy. */
  List<String> trust() {
    return List.of(
        "-Djavax.net.ssl.trustStore=" + keystore, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
  }

  /** What makes the proxy trust a JVM, as a Redis does that has its defaults. */
  List<String> identity() {
    return List.of(
        "-Djavax.net.ssl.keyStore=" + keystore, "-Djavax.net.ssl.keyStorePassword=" + PASSWORD);
  }

  int port() {
    return listener.port();
  }

  private void serve(Socket client) throws IOException {
    var server = new Socket("127.0.0.1", target);
    Thread.ofPlatform().daemon().start(() -> SlowLink.carry(client, server, _ -> 0));
    Thread.ofPlatform().daemon().start(() -> SlowLink.carry(server, client, _ -> 0));
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}

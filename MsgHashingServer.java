///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//JAVAC_OPTIONS -encoding UTF-8
//DEPS org.nanohttpd:nanohttpd:2.3.1
//DEPS com.fasterxml.jackson.core:jackson-core:2.23.0
//DEPS com.github.ben-manes.caffeine:caffeine:3.3.1
//DEPS commons-cli:commons-cli:1.11.0
//DEPS io.prometheus:prometheus-metrics-core:1.10.0
//DEPS io.prometheus:prometheus-metrics-exposition-textformats:1.10.0
//DEPS io.prometheus:prometheus-metrics-instrumentation-jvm:1.10.0
//DEPS org.xerial:sqlite-jdbc:3.54.1.0
//DEPS org.slf4j:slf4j-nop:2.0.20
//DEPS redis.clients:jedis:8.0.2
//DESCRIPTION A message store over HTTP, addressed by SHA-256
//MANIFEST Enable-Native-Access=ALL-UNNAMED
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error:stderr --enable-native-access=ALL-UNNAMED
//RUNTIME_OPTIONS -XX:+UseParallelGC -XX:-UseAdaptiveSizePolicy -Xmn32m -XX:MaxTenuringThreshold=1
//RUNTIME_OPTIONS -XX:-UseDynamicNumberOfGCThreads -XX:TrimNativeHeapInterval=1000
//RUNTIME_OPTIONS -Djdk.pollerMode=1 -Djava.lang.Integer.IntegerCache.high=65535

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.supplyAsync;

import module java.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import fi.iki.elonen.NanoHTTPD;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.security.cert.CertificateException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.ParseException;
import org.sqlite.BusyHandler;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteJDBCLoader;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.util.JedisClusterCRC16;

/** A message store over HTTP: POST a message, get its SHA-256; GET the digest, get the message. */
public class MsgHashingServer {
  static final String VERSION = "1.0.0";

  /** How long the store may take to close before the process ends without it. */
  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(10);

  public static void main(String[] arguments) throws InterruptedException {
    Locale.setDefault(Locale.ROOT); // the numbers in messages are ASCII for everyone
    rememberNamesShortly();
    try {
      CommandLine line = Options.parse(arguments);
      if (line.hasOption("help")) {
        show(Options.HELP);
      } else if (line.hasOption("version")) {
        show("MsgHashingServer " + VERSION + "\n");
      } else {
        serve(Options.of(line, System.getenv()));
      }
    } catch (CannotStart wrong) {
      System.err.println("MsgHashingServer: " + wrong.getMessage());
      System.exit(2);
    } catch (RuntimeException | Error unforeseen) {
      String hint =
          unforeseen instanceof LinkageError
              ? "a library can't be loaded; those of an exported jar are in lib/ beside it: "
              : "";
      System.err.println("MsgHashingServer: can't start: " + hint + ErrorLog.text(unforeseen));
      Runtime.getRuntime().halt(2); // threads that were started would keep the process alive
    }
  }

  /**
   * A name is looked up when a connection is made, and a Redis's leads elsewhere after a failover.
   * Java would remember for 30 s where it led to, and for 10 s that it was missing.
   */
  private static void rememberNamesShortly() {
    Security.setProperty("networkaddress.cache.ttl", "1");
    Security.setProperty("networkaddress.cache.negative.ttl", "1");
  }

  private static void show(String text) throws CannotStart {
    System.out.print(text);
    if (System.out.checkError()) {
      throw new CannotStart("standard output could not be written");
    }
  }

  private static void serve(Options options) throws CannotStart, InterruptedException {
    HttpServer.requireAddress(options);
    MessageStore store = MessageStore.open(options.store(), options.memory(), options.replicas());
    var server = new HttpServer(options, store, Timeouts.DEFAULT);
    try {
      server.open();
    } catch (CannotStart wrong) {
      store.close();
      throw wrong;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, store), "shutdown"));
    System.out.println(
        "MsgHashingServer listens on " + server.address() + " and stores in " + store.name);
  }

  /** Runs on SIGTERM and ^C: without it the exit code would be 128 plus the signal's number. */
  private static void end(HttpServer server, MessageStore store) {
    try {
      server.stop();
      Thread closing = Thread.ofPlatform().start(store::close);
      if (!closing.join(LONGEST_CLOSE)) {
        ErrorLog.report("the store could not be closed", "it is left as after a crash");
      }
      ErrorLog.close();
    } catch (InterruptedException | OutOfMemoryError cutShort) {
      // Then it is left so too.
    }
    Runtime.getRuntime().halt(0);
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception broken) {
      // It is closed all the same.
    }
  }

  /**
   * What the command line and the environment choose.
   *
   * @param port 0 takes any free port
   * @param memory bytes that a store in memory may take
   * @param replicas how many Redis replicas have a message before its post is answered
   * @param cacheSize bytes of answers kept in memory
   * @param maxMessageSize bytes of a request's body
   * @param token what a client must show to write, or null
   * @param privately whether reading needs the token too
   * @param tls makes sockets that speak TLS, or null
   */
  record Options(
      String host,
      int port,
      String store,
      long memory,
      int replicas,
      long cacheSize,
      int maxMessageSize,
      int maxConnections,
      String token,
      boolean privately,
      SSLSocketFactory tls) {
    static final String HELP =
        """
        Usage: MsgHashingServer [OPTION...]

        POST {"message": "foo"} to /messages gives its SHA-256, GET /messages/<digest> the message.

          --host ADDRESS            address to listen on (127.0.0.1)
          --port NUMBER             port to listen on, 0 for any free one (8000)
          --store STORE             where messages are kept (sqlite:messages.db):
                                    sqlite:FILE, memory: or
                                    redis[s]://[USER:PASSWORD@]HOST[:PORT][/DATABASE]
          --max-memory SIZE         most that --store memory: can hold (a quarter of the heap)
          --redis-wait NUMBER       replicas that must have a message before its post is answered (0)
          --cache-size SIZE         cache of answers in front of the store (an eighth of the heap)
          --max-message-size SIZE   largest body of a post (1M; at most 1G)
          --max-connections NUMBER  most connections at a time (10000, or as many as the heap, at
                                    16K each or 64K with TLS, and file descriptors allow)
          --private                 require the token for reading too
          --tls-keystore FILE       serve HTTPS with the key in this PKCS #12 or JKS file
          --help                    show this and exit
          --version                 show the version and exit

        SIZE is in bytes, or in powers of 1024 with K, M or G after it. --max-memory and
        --cache-size can each be at most half of the heap, and together at most five
        eighths; --max-message-size at most an eighth. JAVA_TOOL_OPTIONS=-Xmx8g sets the heap.
        In the environment:
        MSG_HASHING_TOKEN             what clients send as "Authorization: Bearer ..." to write
        MSG_HASHING_KEYSTORE_PASSWORD opens the keystore
        MSG_HASHING_REDIS_PASSWORD    for a redis:// store whose URL has no password
        """;

    /** Bytes of what has to have room for messages: without any, all posts would be refused. */
    private static final long LEAST_SIZE = 1 << 10;

    /** An option as the help shows it, with a word for its value when it takes one. */
    private static final Pattern SHOWN = Pattern.compile("(?m)^  --([a-z-]+)( [A-Z]+)?");

    static CommandLine parse(String[] arguments) throws CannotStart {
      var known = new org.apache.commons.cli.Options();
      SHOWN
          .matcher(HELP)
          .results()
          .forEach(option -> known.addOption(null, option.group(1), option.group(2) != null, null));
      try {
        var parser = DefaultParser.builder().setAllowPartialMatching(false).get();
        CommandLine line = parser.parse(known, arguments);
        if (!line.getArgList().isEmpty()) {
          throw new CannotStart("unexpected \"" + line.getArgList().getFirst() + "\"; see --help");
        }
        for (var option : line.getOptions()) {
          if (option.hasArg() && line.getOptionValues(option).length > 1) {
            throw new CannotStart("--" + option.getLongOpt() + " is given twice; see --help");
          }
        }
        return line;
      } catch (MissingArgumentException missing) {
        throw new CannotStart(
            "--" + missing.getOption().getLongOpt() + " needs a value; see --help");
      } catch (ParseException wrong) {
        throw new CannotStart(wrong.getMessage() + "; see --help");
      }
    }

    static Options of(CommandLine line, Map<String, String> environment) throws CannotStart {
      String token = token(environment);
      if (line.hasOption("private") && token == null) {
        throw new CannotStart("--private needs MSG_HASHING_TOKEN in the environment");
      }
      String host = line.getOptionValue("host", "127.0.0.1");
      if (host.isBlank()) { // to Java this is an address, but to nobody else
        throw new CannotStart("--host needs a name or an address");
      }
      String store =
          RedisAddress.withPassword(
              line.getOptionValue("store", "sqlite:messages.db"),
              secret("MSG_HASHING_REDIS_PASSWORD", environment));
      if (line.hasOption("redis-wait") && !store.startsWith("redis")) {
        throw new CannotStart("--redis-wait: only a Redis store has replicas");
      }
      if (line.hasOption("max-memory") && !store.equals("memory:")) {
        throw new CannotStart("--max-memory: only for --store memory:");
      }
      long heap = Runtime.getRuntime().maxMemory();
      long memory = size(line, "max-memory", heap / 4, LEAST_SIZE, Long.MAX_VALUE);
      long cache = size(line, "cache-size", heap / 8, 0, Long.MAX_VALUE);
      long message = size(line, "max-message-size", 1 << 20, LEAST_SIZE, 1 << 30);
      requireRoom("--max-memory", memory, heap / 2);
      requireRoom("--cache-size", cache, heap / 2);
      requireRoom("--max-message-size", message, heap / 8);
      if (store.equals("memory:")) {
        requireRoom("--max-memory and --cache-size together", memory + cache, heap / 8 * 5);
      }
      String keystore = line.getOptionValue("tls-keystore");
      SSLSocketFactory tls =
          keystore == null
              ? null
              : Keystore.read(keystore, secret("MSG_HASHING_KEYSTORE_PASSWORD", environment));
      long room = Math.min(heap >> (tls == null ? 14 : 16), descriptors());
      int connections = Math.clamp(room, 1, 10_000);
      return new Options(
          host,
          number(line, "port", 8000, 0, 65_535),
          store,
          memory,
          number(line, "redis-wait", 0, 0, 1_000),
          cache,
          (int) message,
          number(line, "max-connections", connections, 1, 1_000_000),
          token,
          line.hasOption("private"),
          tls);
    }

    /** What a client must show, or null. */
    private static String token(Map<String, String> environment) throws CannotStart {
      String secret = secret("MSG_HASHING_TOKEN", environment);
      if (secret == null) {
        return null;
      }
      // No header field's value can begin or end with blanks; a token read from a file often does.
      String token = secret.strip();
      if (!token.matches("\\P{Cntrl}+")) {
        throw new CannotStart("MSG_HASHING_TOKEN in the environment is empty or not a single line");
      }
      return token;
    }

    /**
     * A secret, or null. What the locale can't decode becomes U+FFFD, so that all such secrets of
     * one length would be equal.
     */
    private static String secret(String name, Map<String, String> environment) throws CannotStart {
      String secret = environment.get(name);
      if (secret != null && secret.contains("\ufffd")) {
        throw new CannotStart(
            name + " in the environment is not in the locale's encoding; LC_ALL=C.UTF-8 may help");
      }
      return secret;
    }

    /** The host and a port, as in an address (RFC 3986 section 3.2.2: IPv6 in brackets). */
    String authority(int port) {
      boolean bare = host.contains(":") && !host.startsWith("[");
      return (bare ? "[" + host + "]" : host) + ":" + port;
    }

    private static int number(CommandLine line, String name, int usual, int least, int most)
        throws CannotStart {
      String value = line.getOptionValue(name, Integer.toString(usual));
      long number = value.matches("\\d{1,18}") ? Long.parseLong(value) : -1;
      if (number < least || number > most) {
        throw new CannotStart(
            "--" + name + ": \"" + value + "\" is not a number from " + least + " to " + most);
      }
      return (int) number;
    }

    private static long size(CommandLine line, String name, long usual, long least, long most)
        throws CannotStart {
      String value = line.getOptionValue(name, Long.toString(usual));
      var parts = Pattern.compile("(\\d{1,18})([KMG]?)").matcher(value.toUpperCase(Locale.ROOT));
      if (!parts.matches()) {
        throw new CannotStart(
            "--" + name + ": \"" + value + "\" is not a size such as 1048576, 64K, 1M or 1G");
      }
      int power = " KMG".indexOf(parts.group(2)); // 0 for none, as the empty text is found at once
      long number = Long.parseLong(parts.group(1));
      if (number > most >> 10 * power) {
        throw new CannotStart("--" + name + ": " + value + " is more than " + most + " bytes");
      }
      if (number << 10 * power < least) {
        throw new CannotStart("--" + name + ": " + value + " is less than " + least + " bytes");
      }
      return number << 10 * power;
    }

    /**
     * How many connections there may be so that descriptors are left for all else: for those that
     * are over the limit and told so, or are ended for others, on each processor two for its loop
     * and two for its reader of SQLite, and 120 for what there is once. The JDK's bean that tells
     * the limit takes 0.1 s more.
     */
    private static long descriptors() {
      long others =
          HttpServer.REFUSED_POLITELY
              + IdleConnections.AT_A_TIME
              + 120
              + 4L * Runtime.getRuntime().availableProcessors();
      try (var limits = Files.lines(Path.of("/proc/self/limits"))) {
        return limits
            .filter(limit -> limit.matches("Max open files +\\d+ .*"))
            .mapToLong(limit -> Long.parseLong(limit.split(" +")[3]))
            .map(most -> Math.max(most / 2, most - others))
            .findFirst()
            .orElse(Long.MAX_VALUE);
      } catch (IOException otherSystem) {
        return Long.MAX_VALUE;
      }
    }

    /**
     * What is kept may have half of the heap, and the cache of a store in memory an eighth more;
     * the rest is for requests under way and what Java needs itself: far above it, answers end in
     * an error for want of memory. A message may have an eighth: a post takes five times its body
     * while it is read, a GET six times the message.
     */
    private static void requireRoom(String what, long size, long most) throws CannotStart {
      if (size > most) {
        throw new CannotStart(
            "%s: at most %dM with Java's heap of %dM; JAVA_TOOL_OPTIONS=-Xmx8g, say, allows more"
                .formatted(what, most >> 20, Runtime.getRuntime().maxMemory() >> 20));
      }
    }
  }

  /** Why the server can't start, in one line for the person who starts it (exit code 2). */
  static final class CannotStart extends Exception {
    private static final long serialVersionUID = 1;

    CannotStart(String message) {
      super(message.replaceAll("\\R", " ")); // as what it quotes may have several
    }
  }

  /** Makes sockets that speak TLS with the key of a file. */
  static final class Keystore {
    /** So many connections may be busy without a pause before others have to wait. */
    private static final int CARRIERS = 64;

    /** Reads a PKCS #12 or JKS file. */
    static SSLSocketFactory read(String file, String secret) throws CannotStart {
      String named = "--tls-keystore: " + file + ": ";
      var keystore = new File(file);
      if (!keystore.isFile() || !keystore.canRead()) {
        String problem =
            Files.notExists(keystore.toPath()) // unlike in a folder that may not be entered
                ? "there is no such file"
                : keystore.exists() && !keystore.isFile() ? "is not a file" : "permission denied";
        throw new CannotStart(named + problem);
      }
      // A client could ask for handshake after handshake, each as much work as a new connection.
      System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
      // All names have the one key, yet the JDK would refuse a client whose name for the server is
      // none of a host: with an underscore, as services and nginx's upstreams have, or a last dot.
      System.setProperty("jdk.tls.server.disableExtensions", "server_name");
      // With TLS each connection has a virtual thread, and a carrier thread runs those of one queue
      // as long as any is in it (ForkJoinPool.runWorker). The threads of clients who send without
      // end are back there at once, even if they yield, so that the carrier is theirs alone. This
      // is set here since the JDK reads it at the first virtual thread, which a store starts.
      int carriers = Math.max(CARRIERS, Runtime.getRuntime().availableProcessors());
      System.setProperty("jdk.virtualThreadScheduler.parallelism", Integer.toString(carriers));
      char[] password = Objects.requireNonNullElse(secret, "").toCharArray();
      try {
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        var keys = KeyStore.getInstance(keystore, password);
        if (!hasKey(keys)) {
          throw new CannotStart(named + "has no private key");
        }
        managers.init(keys, password);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getSocketFactory();
      } catch (KeyStoreException otherFormat) {
        throw new CannotStart(
            named
                + "is not a PKCS #12 or JKS file; openssl pkcs12 -export makes one from PEM files");
      } catch (IOException | GeneralSecurityException | IllegalArgumentException unreadable) {
        String why = Objects.requireNonNullElse(unreadable.getMessage(), "is truncated");
        String hint = secret == null ? "; MSG_HASHING_KEYSTORE_PASSWORD is not set" : "";
        throw new CannotStart(named + why + hint);
      }
    }

    private static boolean hasKey(KeyStore keys) throws KeyStoreException {
      for (String alias : Collections.list(keys.aliases())) {
        if (keys.entryInstanceOf(alias, KeyStore.PrivateKeyEntry.class)) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * How long, in milliseconds, a client may take; each is counted from the start of its part.
   *
   * @param idle between two requests; clients that ask once a minute, and proxies that close what
   *     was idle for one, should not meet the close, which would cost them a request
   * @param head from a request's first byte to the end of its head
   * @param body from there to the end of the body, or of each mebibyte of it
   * @param write to take an answer, or each mebibyte of it
   * @param drain to end its part of a connection that the server has ended
   * @param stop to finish what is under way when the server is told to end
   */
  record Timeouts(long idle, long head, long body, long write, long drain, long stop) {
    static final Timeouts DEFAULT = new Timeouts(65_000, 10_000, 30_000, 30_000, 5_000, 10_000);

    /** Bytes of a body or an answer for which its time begins anew. */
    static final int PIECE = 1 << 20;

    long of(Phase phase) {
      return switch (phase) {
        case IDLE, STORE -> idle; // far longer than a caller's patience with a store
        case HANDSHAKE, HEAD -> head;
        case BODY -> body;
        case WRITE -> write;
        case DRAIN -> drain;
      };
    }
  }

  /** Accepts connections up to a limit, ends those that are late, and stops without cutting off. */
  static final class HttpServer extends NanoHTTPD {
    /** How often what is late is looked for, in milliseconds. */
    private static final long SWEEP = 100;

    /**
     * How often carrier threads get something to do: after 30 s without, one after another ends.
     */
    private static final long WAKING = 10_000;

    /** How many connections over the limit are told so at a time; more are closed at once. */
    private static final int REFUSED_POLITELY = 256;

    /** Bytes that heads and bodies under way may have, of all connections together. */
    private static final long REQUEST_MEMORY = Runtime.getRuntime().maxMemory() / 4;

    private final Options options;
    private final Timeouts timeouts;
    private final Metrics metrics;
    private final Api api;
    private final Clock clock = new Clock();
    final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final IdleConnections idle;
    private final AtomicLong reserved = new AtomicLong();
    final LargeAnswers largeAnswers = new LargeAnswers();
    private final AtomicInteger surplus = new AtomicInteger();
    private final List<EventLoop> loops = new ArrayList<>();
    private int next;

    private volatile boolean stopping;

    HttpServer(Options options, MessageStore store, Timeouts timeouts) {
      super(options.host(), options.port());
      this.options = options;
      this.timeouts = timeouts;
      this.idle = new IdleConnections(connections, timeouts);
      this.metrics = new Metrics(connections::size, options.maxConnections(), store);
      this.api = new Api(options, store, metrics, largeAnswers);
      ErrorLog.load();
      setServerSocketFactory(() -> new Listener(this));
    }

    /** Refuses an address that can't be had, before a store makes its file for nothing. */
    static void requireAddress(Options options) throws CannotStart {
      try (var channel = Listener.channel(options)) {
        channel.bind(new InetSocketAddress(InetAddress.getByName(options.host()), options.port()));
      } catch (IOException unusable) {
        throw unusableAddress(options, unusable);
      } catch (UnsupportedAddressTypeException ofIpv6) {
        throw new CannotStart(options.authority(options.port()) + ": this machine has no IPv6");
      }
    }

    private static CannotStart unusableAddress(Options options, IOException why) {
      return new CannotStart(options.authority(options.port()) + ": " + why.getMessage());
    }

    /** Listens, from now on and until {@code stop}. */
    void open() throws CannotStart, InterruptedException {
      try {
        if (options.tls() != null) {
          WarmUp.waitOnce();
        }
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
          loops.add(new EventLoop(i));
        }
        idle.endLongest(); // of none: what it needs is loaded while there is memory for it
        start(0, false);
        Thread.ofPlatform().daemon().name("sweeper").start(this::sweep);
        Thread.ofPlatform().daemon().name("loader").start(() -> WarmUp.load(metrics));
      } catch (IOException unusable) {
        loops.forEach(EventLoop::close);
        throw unusableAddress(options, unusable);
      }
      WarmUp.startCarriers(); // last, as where not all can be had, fewer have to do
    }

    /** Where the server listens, with the port that it got. */
    String address() {
      String scheme = options.tls() == null ? "http" : "https";
      return scheme + "://" + options.authority(getListeningPort()) + "/";
    }

    /** Begins to serve a client, or closes its channel where that can't be done. */
    void serve(SocketChannel client) throws IOException {
      try {
        Socket socket = client.socket();
        socket.setTcpNoDelay(true);
        admit(
            options.tls() == null
                ? new PlainConnection(this, socket, nextLoop())
                : new TlsConnection(this, socket));
      } catch (Throwable noRoom) {
        client.close(); // first, as the report's literal may want memory
        ErrorLog.report("a connection could not be made", noRoom);
      }
    }

    /** Spreads connections over the loops. */
    private EventLoop nextLoop() {
      next = (next + 1) % loops.size();
      return loops.get(next);
    }

    private void sweep() {
      String problem = "overdue connections could not be closed"; // made now: see ErrorLog.report
      long carriersWoken = Clock.millis();
      while (!stopping || !connections.isEmpty()) {
        try {
          long start = Clock.millis();
          Thread.sleep(SWEEP);
          if (Clock.millis() - start > 10 * SWEEP) {
            // The process stood still: what has come meanwhile is read first, if others take the
            // processors, too.
            clock.tick(); // or answers would have the date from before meanwhile
            Thread.sleep(10 * SWEEP);
          }
          connections.forEach(Connection::endIfLate); // first, as the others may want memory
          clock.tick();
          loops.forEach(EventLoop::replaceIfBlocked);
          if (start - carriersWoken > WAKING) {
            carriersWoken = start;
            Thread.startVirtualThread(() -> {});
          }
          loops.forEach(EventLoop::replaceSpare); // last, as the system may give no thread
        } catch (InterruptedException | RuntimeException | Error unforeseen) {
          ErrorLog.report(problem, unforeseen);
        }
      }
    }

    /**
     * Serves a connection, at the limit in place of an idle one; where there is none tells its
     * client so, or just closes it.
     */
    private void admit(Connection connection) throws IOException {
      try {
        int over = connections.size() - surplus.get() - options.maxConnections();
        // A client told to make room may take a while to go: as many may be over the limit then.
        connection.isSurplus = over >= IdleConnections.AT_A_TIME || over >= 0 && !idle.endLongest();
        connections.add(connection);
        if (connection.isSurplus) {
          surplus.incrementAndGet(); // at once, as its close takes it back
          connection.enter(Phase.HEAD); // a place to be told so is not kept for long
          metrics.refused.inc();
          String reason = "the limit of " + options.maxConnections() + " is reached";
          ErrorLog.report("connections are refused", reason);
        }
        if (connection.isSurplus && surplus.get() > REFUSED_POLITELY) {
          connection.close();
        } else {
          connection.start();
        }
      } catch (Throwable noRoom) {
        connection.close();
        throw noRoom;
      }
    }

    void closed(Connection connection) {
      if (connections.remove(connection) && connection.isSurplus) {
        surplus.decrementAndGet();
      }
    }

    /** Accepts no more, lets the answers under way finish, then closes what is left. */
    @Override
    public void stop() {
      long end = Clock.millis() + timeouts.stop();
      while ((!stopping || !connections.isEmpty()) && Clock.millis() < end) {
        try {
          if (!stopping) {
            super.stop();
            stopping = true;
          }
          // A client that has just connected, or got an answer that keeps the connection, may have
          // sent a request that would be lost. Its answer ends the connection instead.
          long now = Clock.millis();
          for (Connection connection : connections) {
            if (idle.hasLasted(connection.deadline, now)) {
              connection.endIfIdle();
            }
          }
        } catch (OutOfMemoryError full) {
          // There may be room for it a little later.
        }
        LockSupport.parkNanos(10_000_000);
      }
      connections.forEach(Connection::close);
      loops.forEach(EventLoop::close);
    }
  }

  /** Has ready from the start what can't be had once descriptors, threads or memory run out. */
  static final class WarmUp {
    /**
     * Has a virtual thread wait for a socket: at the first such wait the JDK opens what all of them
     * wait on, and when descriptors have run out by then, none can wait until the process ends.
     */
    static void waitOnce() throws IOException, InterruptedException {
      try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        silent.setSoTimeout(1);
        Thread.ofVirtual().start(new FutureTask<>(silent::accept)).join();
      }
    }

    /**
     * Has all carrier threads started, which run the virtual ones; the sweeper keeps them. Where
     * the JDK wants another later and the system allows none just then, the carrier that asked
     * ends, and the virtual thread that it was to run next, or whose timer is over, never goes on.
     * Once all have ended, what waits is not announced again: all that virtual threads do hangs
     * until the process ends.
     */
    static void startCarriers() throws InterruptedException {
      int processors = Runtime.getRuntime().availableProcessors();
      int count = Integer.getInteger("jdk.virtualThreadScheduler.parallelism", processors);
      var missing = new CountDownLatch(count);
      var over = new CompletableFuture<Void>();
      try {
        for (int i = 0; i < count; i++) {
          Thread.startVirtualThread(
              () -> {
                missing.countDown();
                // A wait frees the carrier for the next, but for one inside native code.
                StackWalker.getInstance().walk(_ -> over.join());
              });
        }
        missing.await(1, TimeUnit.SECONDS); // from Java 26 on each carrier has the next one started
      } finally {
        over.complete(null);
      }
    }

    /**
     * Has what requests need loaded while there is memory for it, beside the start: a class whose
     * first use fails can't be used again, nor can a switch by type.
     */
    static void load(Metrics metrics) {
      metrics.registerJvm();
      try (var store = new MemoryStore(Options.LEAST_SIZE)) {
        for (Class<?> type : MsgHashingServer.class.getNestMembers()) {
          Class.forName(type.getName());
        }
        RedisStore.messageOf(StoreException.of(new SQLException()));
        byte[] post = "{\"message\": \"\"}".getBytes(StandardCharsets.US_ASCII);
        byte[] message = Json.message(ByteBuffer.wrap(post));
        Digest digest = Digest.of(message);
        store.put(digest, message);
        Api.stored(digest.toString(), true);
      } catch (Refusal | ClassNotFoundException impossible) {
        throw new AssertionError(impossible);
      }
    }
  }

  /** Ends connections that are idle, those idle the longest first, to make room for others. */
  static final class IdleConnections {
    /** How many are looked for at a time, and may be ending for new ones. */
    private static final int AT_A_TIME = 64;

    /** Milliseconds after a connect or an answer in which a client is not idle: it may ask now. */
    private static final long ABOUT_TO_ASK = 1000;

    private final Set<Connection> connections;
    private final Timeouts timeouts;

    /** Those that were idle at the last look, the longest first. */
    private Iterator<Idle> longest = Collections.emptyIterator();

    /** When they may be looked for again, in milliseconds. */
    private long nextLook = Clock.millis();

    IdleConnections(Set<Connection> connections, Timeouts timeouts) {
      this.connections = connections;
      this.timeouts = timeouts;
    }

    /**
     * A connection and its deadline, which is another one as soon as it is not idle. The connection
     * is not kept by this: what it has taken since then, as for a large body, goes when it ends.
     */
    private record Idle(WeakReference<Connection> reference, Connection.Deadline deadline) {}

    /** Whether a phase began so long ago that a client idle in it is not about to ask. */
    boolean hasLasted(Connection.Deadline deadline, long now) {
      return deadline.end() - timeouts.of(deadline.phase()) <= now - ABOUT_TO_ASK;
    }

    /** Tells the connection that has been idle the longest to end; false if none is idle. */
    boolean endLongest() {
      if (endNext()) {
        return true;
      }
      look(); // as those found before may all have asked or gone since
      return endNext();
    }

    private void look() {
      long now = Clock.millis();
      if (now < nextLook) {
        return;
      }
      var found =
          connections.stream()
              .map(connection -> new Idle(new WeakReference<>(connection), connection.deadline))
              .filter(idle -> idle.deadline.phase() == Phase.IDLE)
              .filter(idle -> hasLasted(idle.deadline, now))
              .sorted(Comparator.comparingLong(idle -> idle.deadline.end()))
              .limit(AT_A_TIME)
              .toList();
      longest = found.iterator();
      // Where these were all, another look at once would find few, and takes 1 ms for 10,000.
      nextLook = now + (found.size() < AT_A_TIME ? connections.size() / 100 : 0);
    }

    private boolean endNext() {
      while (longest.hasNext()) {
        Idle idle = longest.next();
        Connection connection = idle.reference.get();
        if (connection != null
            && connection.deadline == idle.deadline
            && connections.contains(connection)) {
          connection.endIfIdle();
          return true;
        }
      }
      return false;
    }
  }

  /** The time, for deadlines, and the Date header as of the last tick, ready made. */
  static final class Clock {
    private static final DateTimeFormatter DATE =
        DateTimeFormatter.ofPattern("'Date: 'EEE, dd MMM yyyy HH:mm:ss 'GMT\r\n'", Locale.US);

    volatile byte[] date;

    Clock() {
      tick();
    }

    /** Milliseconds since some moment. */
    static long millis() {
      return System.nanoTime() / 1_000_000;
    }

    void tick() {
      // RFC 9110 section 5.6.7: two digits for the day, unlike RFC_1123_DATE_TIME.
      String now = DATE.format(ZonedDateTime.now(ZoneOffset.UTC));
      date = now.getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** Waits for connections and has them served; nothing but its close ends that. */
  static final class Listener extends ServerSocket {
    private final ServerSocketChannel channel;
    private final HttpServer server;
    private volatile byte[] spare; // volatile, or the compiler could leave its array out

    Listener(HttpServer server) throws IOException {
      this.server = server;
      channel = channel(server.options);
    }

    /** For IPv4 alone where the host is of IPv4: else 0.0.0.0 would listen to all of IPv6 too. */
    static ServerSocketChannel channel(Options options) throws IOException {
      return InetAddress.getByName(options.host()) instanceof Inet4Address
          ? ServerSocketChannel.open(StandardProtocolFamily.INET)
          : ServerSocketChannel.open();
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
      channel.socket().setReuseAddress(on);
    }

    @Override
    public void bind(SocketAddress address) throws IOException {
      // As many as the system lets wait: beyond them a client tries again only after seconds.
      channel.socket().bind(address, 1 << 16);
    }

    @Override
    public int getLocalPort() {
      return channel.socket().getLocalPort();
    }

    @Override
    public boolean isClosed() {
      return !channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }

    /** Never returns to NanoHTTPD's accept loop, which an OutOfMemoryError would end. */
    @Override
    public Socket accept() throws IOException {
      String problem = "no connection can be accepted"; // made now: see ErrorLog.report
      while (true) {
        try {
          needMemory();
          server.serve(channel.accept());
        } catch (IOException | RuntimeException | Error failure) {
          if (isClosed()) {
            throw failure;
          }
          ErrorLog.report(problem, failure);
          // Out of descriptors, the next accept fails at once too: without a pause this is a spin.
          LockSupport.parkNanos(50_000_000);
        }
      }
    }

    /**
     * Throws where memory is full. A socket that the JDK accepts without memory for it stays open
     * for ever, unserved; one that is not accepted yet is served a little later.
     */
    private void needMemory() {
      spare = new byte[1 << 14];
      spare = null;
    }
  }

  /**
   * A thread that waits for many sockets at once and has each connection answer what has come, as
   * long as that needs no waiting. There is one a processor.
   */
  static final class EventLoop implements Executor {
    /** Nanoseconds for which a busy loop keeps a processor before others may have it. */
    private static final long TURN = 1_000_000;

    /** Nanoseconds after which a blocked thread is replaced. */
    private static final long PATIENCE = 200_000_000;

    private static final ThreadLocal<EventLoop> CURRENT = new ThreadLocal<>();

    /** Which of the server's loops it is, from 0. */
    final int number;

    private final Selector selector = Selector.open();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile Thread thread;
    private volatile boolean closed;

    /** Waits to take the thread's place; null while the system gives none. */
    private Thread spare;

    /** Since when the thread may be blocked; 0 while it is not. */
    private long blockedSince;

    EventLoop(int number) throws IOException {
      this.number = number;
      replaceSpare();
      useSpare();
      replaceSpare();
    }

    private void useSpare() {
      thread = spare;
      spare = null;
      LockSupport.unpark(thread);
    }

    /** The loop whose thread calls, or null. */
    static EventLoop current() {
      return CURRENT.get();
    }

    /** Has the loop's thread do something soon: in this round, when that thread itself calls. */
    @Override
    public void execute(Runnable task) {
      tasks.add(task);
      wakeUp();
    }

    /** Has the loop look at once at what has changed, also when it waits. */
    void wakeUp() {
      if (!inEventLoop()) {
        selector.wakeup();
      }
    }

    /**
     * The loop's thread calls this before something that may take long and uses no client's
     * connection. If it does take long, another thread takes its place, so that no client waits;
     * false where there is none, and all clients would wait for as long.
     */
    synchronized boolean beginBlocking() {
      if (spare == null) {
        return false;
      }
      blockedSince = System.nanoTime();
      return true;
    }

    /** The same thread calls this afterwards, though another may have taken its place. */
    synchronized void endBlocking() {
      if (inEventLoop()) {
        blockedSince = 0;
      }
    }

    synchronized void replaceIfBlocked() {
      if (blockedSince != 0 && System.nanoTime() - blockedSince > PATIENCE) {
        useSpare();
        blockedSince = 0;
        selector.wakeup(); // as tasks may be left
      }
    }

    synchronized void replaceSpare() {
      if (spare == null) {
        spare = Thread.ofPlatform().daemon().name("loop").start(this::run);
      }
    }

    /** Lets others have the processor once a turn is over; returns when this thread's began. */
    static long takeTurns(long start) {
      if (System.nanoTime() - start <= TURN) {
        return start;
      }
      Thread.yield();
      return System.nanoTime();
    }

    private boolean inEventLoop() {
      return Thread.currentThread() == thread;
    }

    private void run() {
      String problem = "an event loop failed"; // made now: see ErrorLog.report
      while (!closed && !inEventLoop()) {
        LockSupport.park(this);
      }
      long turn = System.nanoTime();
      while (!closed && inEventLoop()) {
        try {
          CURRENT.set(this); // here, as it wants memory: a loop without its thread serves nobody
          selector.select(key -> ((PlainConnection) key.attachment()).ready());
          for (Runnable task; inEventLoop() && (task = tasks.poll()) != null; ) {
            task.run();
          }
          turn = takeTurns(turn);
        } catch (IOException | RuntimeException | Error unforeseen) {
          ErrorLog.report(problem, unforeseen);
          selector.wakeup(); // as tasks may be left
          LockSupport.parkNanos(10_000_000); // rather than a spin, should it fail again at once
        }
      }
      if (inEventLoop()) {
        closeQuietly(selector);
      }
    }

    synchronized void close() {
      closed = true;
      selector.wakeup();
      LockSupport.unpark(spare);
    }
  }

  /** What a connection waits for, which says how long it may. */
  enum Phase {
    HANDSHAKE,
    IDLE,
    HEAD,
    BODY,
    STORE,
    WRITE,
    DRAIN
  }

  /**
   * One client's connection: what it has sent, what it is sent, and until when it may take its
   * time.
   */
  abstract static sealed class Connection implements Runnable {
    /** Bytes after which a client that goes on sending is cut off. */
    private static final int DRAIN_LIMIT = 64 << 20;

    /** All connections put here what nobody reads: for one each, much memory would be needed. */
    private static final byte[] UNREAD = new byte[8192];

    final HttpServer server;
    final Socket socket;
    final Input input = new Input(this);
    final Output output = new Output(this);
    final Session session = new Session(this);
    volatile Deadline deadline;

    /** The thread of its own that serves it, or the last that did. */
    volatile Thread thread;

    /** What its client has taken too long for, if anything: it may be over by now. */
    volatile Deadline late;

    /** Whether the last answer has been given. */
    boolean isEnded;

    /** Whether it is beyond the limit: its client hears so and is served no more. */
    boolean isSurplus;

    private long reserved;

    Connection(HttpServer server, Socket socket) {
      this.server = server;
      this.socket = socket;
      enter(Phase.IDLE);
    }

    /** Begins to serve it: on a thread of its own, unless a loop does. */
    void start() throws IOException {
      thread = Thread.ofVirtual().unstarted(this);
      thread.start();
    }

    /** Agrees with the client on what both need before the first request, as TLS does. */
    void shakeHands() throws IOException {}

    /** Waits for some bytes where that is allowed, else returns 0; -1 at the end, or if late. */
    abstract int receive(byte[] target, int offset, int length) throws IOException;

    /**
     * Sends both, one after the other, or where waiting is not allowed as much as is taken at once.
     * After a wait the client's current deadline starts anew: it need not send while it reads.
     */
    abstract void send(ByteBuffer pieces, ByteBuffer rest) throws IOException;

    abstract void endOutput() throws IOException;

    /** Whether this thread may wait for a client or a store, which a loop may not. */
    boolean mayWait() {
      return true;
    }

    final void beforeWaiting() throws WouldWait {
      if (!mayWait()) {
        throw WouldWait.NOW;
      }
    }

    /** Leaves the next request to a loop, if one serves this connection; whether it did. */
    boolean giveBack() {
      return false;
    }

    /** The same where that request has begun to come. */
    boolean giveWay() {
      return false;
    }

    /** Ends the wait for a client that is late, unless that wait is over by now. */
    abstract void stopWaiting(Deadline seen);

    /** Ends it if its client has asked for nothing. */
    abstract void endIfIdle();

    /** Serves it on a thread of its own, which may wait. */
    @Override
    public void run() {
      try {
        shakeHands();
        if (!converse()) {
          end();
          leave();
        }
      } catch (Throwable failure) {
        fail(failure);
      }
    }

    /** Closes it, as it can't go on. */
    final void fail(Throwable failure) {
      leave(); // first, as the report's literal may want memory
      if (!(failure instanceof IOException)) { // else the client is gone or late: nobody to tell
        ErrorLog.report("a connection failed", failure);
      }
    }

    /** Waits for the next request, which may be long in coming, with little memory. */
    final void idle() {
      input.shrink();
      output.shrink();
      if (!isSurplus) { // else empty lines would give it time again and again
        enter(Phase.IDLE);
      }
    }

    /** Whether a request has begun to come. */
    final boolean hasRequest() {
      return session.head != null || input.skipEmptyLines();
    }

    /** Answers request after request; true when a loop does so from now on. */
    private boolean converse() throws IOException {
      long turn = System.nanoTime();
      while (!isEnded) {
        // A client that sends without end never makes this thread wait.
        long next = EventLoop.takeTurns(turn);
        if (!hasRequest()) {
          output.flush();
          idle();
          if (giveBack()) {
            return true;
          }
        } else if (next != turn && giveWay()) {
          return true;
        }
        turn = next;
        session.execute();
      }
      return false;
    }

    /**
     * Ends the connection so that the last answer arrives: closing a socket with unread input
     * resets it, and a reset overtakes what was sent (RFC 9112 section 9.6).
     */
    private void end() throws IOException {
      output.flush();
      enter(Phase.DRAIN);
      endOutput();
      input.drop();
      int count = 0;
      for (int drained = 0; count >= 0 && drained < DRAIN_LIMIT; drained += count) {
        count = receive(UNREAD, 0, UNREAD.length);
      }
    }

    /** Closes it and releases its request's memory; only for the thread that is serving it. */
    final void leave() {
      release();
      try {
        output.drop();
      } finally {
        close();
      }
    }

    void close() {
      try {
        closeQuietly(socket);
      } finally {
        server.closed(this);
      }
    }

    /** What is waited for and until when, in one value, as the sweeper reads both. */
    record Deadline(Phase phase, long end) {
      long overdue() {
        return Clock.millis() - end;
      }
    }

    void enter(Phase phase) {
      deadline = new Deadline(phase, Clock.millis() + server.timeouts.of(phase));
    }

    /** Whether its client has taken too long for what it does now, so that nobody waits for it. */
    final boolean isLate() {
      return late == deadline;
    }

    void endIfLate() {
      Deadline seen = deadline;
      if (seen.overdue() > 0) {
        if (seen.phase == Phase.STORE) {
          session.giveUp(seen);
        } else {
          stopWaiting(seen);
        }
      }
    }

    /** What to say of a request whose end did not come. */
    Refusal cutOff() {
      if (isLate()) {
        return new Refusal(StatusCode.REQUEST_TIMEOUT, "the request took too long");
      }
      return server.stopping // which ends what seems idle, and with TLS may cut off what just came
          ? new Refusal(Reply.unavailable("the server is shutting down"))
          : new Refusal(StatusCode.BAD_REQUEST, "the request was cut off");
    }

    /** Takes memory for a request that is waited for, of what all of them together may have. */
    void reserve(int bytes) throws Refusal {
      reserved += bytes;
      if (server.reserved.addAndGet(bytes) > HttpServer.REQUEST_MEMORY) {
        throw new Refusal(Reply.unavailable("too many large requests at once"));
      }
    }

    final void release() {
      if (reserved > 0) {
        server.reserved.addAndGet(-reserved);
        reserved = 0;
      }
    }
  }

  /** Thrown on a loop where going on would block: a thread that may wait goes on instead. */
  static final class WouldWait extends IOException {
    private static final long serialVersionUID = 1;
    static final WouldWait NOW = new WouldWait();

    private WouldWait() {}
  }

  /**
   * A connection without TLS. A loop answers what is here and needs no waiting; the rest is left to
   * a virtual thread, until that is done.
   */
  static final class PlainConnection extends Connection {
    /** Bytes to read or write in one call: Java copies all, however few the system takes. */
    private static final int MOST_AT_A_TIME = 65_536;

    /** Who goes on with a connection. */
    private enum Holder {
      /** The loop, when the client has sent something. */
      LOOP,
      /** Nobody until a task of the loop, when the store or other connections had their turn. */
      TASK,
      /** A thread of its own. */
      THREAD,
      /** That thread too, but asleep until the loop has seen that the socket is ready. */
      WAITING_THREAD
    }

    private final SocketChannel channel;
    private final EventLoop loop;
    private SelectionKey key;

    /** Changed by the holder that it names, or by wake(); under the lock where late changes too. */
    private volatile Holder holder = Holder.LOOP;

    PlainConnection(HttpServer server, Socket socket, EventLoop loop) throws IOException {
      super(server, socket);
      this.loop = loop;
      this.channel = socket.getChannel();
      channel.configureBlocking(false);
    }

    @Override
    synchronized void start() throws IOException {
      key = channel.register(loop.selector, SelectionKey.OP_READ, this);
      loop.wakeUp();
    }

    /** The loop has seen that the socket has something to read, or room to write. */
    void ready() {
      synchronized (this) {
        if (holder != Holder.LOOP) {
          lookFor(0); // else the selector would report it again at once
          wake();
          return;
        }
      }
      serve();
    }

    private void serve() {
      try {
        answerWithoutWaiting();
      } catch (Throwable failure) {
        fail(failure);
      }
    }

    private void answerWithoutWaiting() throws IOException {
      try {
        if (!hasRequest() && !input.receive()) {
          close();
          return;
        }
        while (hasRequest() && !isEnded && !output.isStuck) {
          session.execute();
          if (session.waitsForStore()) {
            holder = Holder.TASK;
            session.answer.whenComplete((_, _) -> resumeSoon());
            return;
          }
        }
        // Where it was stuck and is not any more, a request may be left that nothing will announce.
        if (output.flush() && !isEnded && !hasRequest()) {
          idle();
        } else {
          handOver();
        }
      } catch (WouldWait notNow) {
        handOver();
      }
    }

    /** Whoever has the answer calls this, and nobody would hear what it throws. */
    private void resumeSoon() {
      try {
        loop.execute(this::resume);
      } catch (Throwable noRoom) {
        fail(noRoom);
      }
    }

    private void resume() {
      giveBack();
      serve();
    }

    private void handOver() throws IOException {
      holder = Holder.THREAD;
      super.start();
    }

    @Override
    synchronized boolean giveBack() {
      holder = Holder.LOOP;
      lookFor(SelectionKey.OP_READ);
      return true;
    }

    /**
     * By way of the loop, as a yield is not enough: a carrier thread runs those that yielded on it
     * before all others, so that as many such clients as there are processors had them alone.
     */
    @Override
    boolean giveWay() {
      holder = Holder.TASK;
      loop.execute(this::resume);
      return true;
    }

    @Override
    boolean mayWait() {
      return holder != Holder.LOOP;
    }

    @Override
    int receive(byte[] target, int offset, int length) throws IOException {
      output.flush();
      var free = ByteBuffer.wrap(target, offset, Math.min(length, MOST_AT_A_TIME));
      int count;
      while ((count = isLate() ? -1 : channel.read(free)) == 0 && mayWait()) {
        output.shrink();
        await(SelectionKey.OP_READ);
      }
      return count;
    }

    @Override
    void send(ByteBuffer pieces, ByteBuffer rest) throws IOException {
      Deadline interrupted = deadline;
      int timed = rest.position();
      while (!write(pieces, rest) && mayWait()) {
        if (deadline == interrupted || rest.position() - timed >= Timeouts.PIECE) {
          enter(Phase.WRITE);
          timed = rest.position();
        } else if (deadline.overdue() > 0) {
          throw new SocketTimeoutException();
        }
        await(SelectionKey.OP_WRITE);
      }
      if (deadline != interrupted) {
        enter(interrupted.phase());
      }
    }

    /** Writes what the system takes without a wait; returns whether that is all. */
    private boolean write(ByteBuffer pieces, ByteBuffer rest) throws IOException {
      int end = rest.limit();
      boolean tookAll;
      do {
        rest.limit(Math.min(rest.position() + MOST_AT_A_TIME, end));
        if (rest.hasRemaining()) {
          channel.write(new ByteBuffer[] {pieces, rest});
        } else {
          channel.write(pieces);
        }
        tookAll = !pieces.hasRemaining() && !rest.hasRemaining();
        rest.limit(end);
      } while (tookAll && rest.hasRemaining());
      return tookAll;
    }

    @Override
    void endOutput() throws IOException {
      channel.shutdownOutput();
    }

    /** Has this thread wait until the loop sees that the socket is ready. */
    private void await(int operation) {
      synchronized (this) {
        if (isLate() && operation == SelectionKey.OP_READ) {
          return;
        }
        holder = Holder.WAITING_THREAD;
        lookFor(operation);
      }
      while (holder == Holder.WAITING_THREAD) {
        LockSupport.park(this);
      }
    }

    private void lookFor(int operation) {
      try {
        if (key.interestOps() != operation) {
          key.interestOps(operation);
          loop.wakeUp();
        }
      } catch (CancelledKeyException closed) {
        wake();
      }
    }

    private synchronized void wake() {
      if (holder == Holder.WAITING_THREAD) {
        holder = Holder.THREAD;
        LockSupport.unpark(thread);
      }
    }

    @Override
    synchronized void stopWaiting(Deadline seen) {
      switch (holder) {
        case LOOP, TASK -> loop.execute(this::closeIfLate);
        default -> {
          // Whether a client is late to take an answer, send() finds out, without this: it may have
          // taken enough by now, though Linux says that there is room for more only when a third of
          // what it keeps is taken, which may be megabytes.
          late = seen;
          wake();
        }
      }
    }

    private void closeIfLate() {
      if (holder == Holder.LOOP && deadline.overdue() > 0) {
        close();
      }
    }

    @Override
    void endIfIdle() {
      if (holder == Holder.LOOP) {
        loop.execute(this::answerAndClose);
      }
    }

    private void answerAndClose() {
      if (holder == Holder.LOOP) {
        serve();
      }
      if (holder == Holder.LOOP) {
        close();
      }
    }

    @Override
    void close() {
      SelectionKey known = key;
      try {
        if (known != null) {
          known.cancel(); // a channel whose close ends for want of memory would leave it for ever
        }
        super.close();
      } finally {
        wake();
        // The socket of a channel that a selector knows is closed when that looks again.
        loop.wakeUp();
      }
    }
  }

  /**
   * A connection with TLS, which has a virtual thread as long as it lasts.
   *
   * <p>The JDK's own threads wake it when its socket is ready. They catch no OutOfMemoryError, so
   * they must take no memory: {@code jdk.pollerMode=1} above has them be platform threads, and
   * {@code IntegerCache.high} has an Integer for each descriptor ready.
   */
  static final class TlsConnection extends Connection {
    /** Bytes that a record of TLS holds (RFC 8446 section 5.1). */
    private static final int RECORD = 16_384;

    private SSLSocket secure;

    TlsConnection(HttpServer server, Socket socket) {
      super(server, socket);
    }

    @Override
    void shakeHands() throws IOException {
      enter(Phase.HANDSHAKE);
      socket.setSoTimeout((int) server.timeouts.head());
      var factory = server.options.tls();
      secure = (SSLSocket) factory.createSocket(socket, null, socket.getPort(), true);
      secure.setUseClientMode(false);
      secure.startHandshake();
    }

    @Override
    int receive(byte[] target, int offset, int length) throws IOException {
      output.flush();
      socket.setSoTimeout((int) Math.max(deadline.end() - Clock.millis(), 1));
      try {
        return secure.getInputStream().read(target, offset, length);
      } catch (SocketTimeoutException timeout) {
        late = deadline;
        return -1;
      }
    }

    /** As one record where they fit into it: another would cost more than to copy them. */
    @Override
    void send(ByteBuffer pieces, ByteBuffer rest) throws IOException {
      Phase interrupted = deadline.phase();
      int size = pieces.remaining() + rest.remaining();
      ByteBuffer first =
          rest.hasRemaining() && size <= RECORD
              ? ByteBuffer.allocate(size).put(pieces).put(rest).flip()
              : pieces;
      for (ByteBuffer next : List.of(first, rest)) {
        while (next.hasRemaining()) {
          enter(Phase.WRITE);
          int count = Math.min(next.remaining(), Timeouts.PIECE);
          secure.getOutputStream().write(next.array(), next.position(), count);
          next.position(next.position() + count);
        }
      }
      enter(interrupted);
    }

    @Override
    void endOutput() throws IOException {
      secure.shutdownOutput();
    }

    /**
     * Wakes a thread whose client may have taken enough of an answer, as in {@link
     * PlainConnection}. A client that sends nothing meets the socket's own timeout, as a TLS socket
     * can't answer any more when its input is ended beneath it; one that goes on, byte by byte, is
     * cut off here.
     */
    @Override
    void stopWaiting(Deadline seen) {
      LockSupport.unpark(thread);
      if (deadline.overdue() > 1000) {
        close();
      }
    }

    @Override
    void endIfIdle() {
      if (deadline.phase() == Phase.HANDSHAKE) {
        close();
      } else if (deadline.phase() == Phase.IDLE && !socket.isInputShutdown()) {
        try {
          if (socket.getInputStream().available() == 0) { // else a request has come
            socket.shutdownInput(); // for its thread to say goodbye
          }
        } catch (IOException closed) {
          close();
        }
      }
    }
  }

  /** What a client has sent and the server has not used: the bytes from start to end. */
  static final class Input {
    /** At first: most requests fit, and thousands of idle clients cost little. */
    private static final int CAPACITY = 2048;

    private final Connection connection;
    private byte[] bytes = new byte[CAPACITY];
    private int start;
    private int end;

    Input(Connection connection) {
      this.connection = connection;
    }

    boolean isEmpty() {
      return start == end;
    }

    /**
     * Empty lines begin no request (RFC 9112 section 2.2), nor half of one; whether more is left.
     */
    boolean skipEmptyLines() {
      while (size() >= 2 && bytes[start] == '\r' && bytes[start + 1] == '\n') {
        start += 2;
      }
      return size() > 1 || size() == 1 && bytes[start] != '\r';
    }

    /**
     * Takes what has come, after waiting for it where that is allowed; false at the client's end.
     * Bytes that are here, unless it is but one, stay in their place: who wants more behind them
     * makes room first.
     */
    boolean receive() throws IOException {
      int unused = size();
      if (unused <= 1) {
        System.arraycopy(bytes, start, bytes, 0, unused);
        start = 0;
        end = unused;
      }
      int count = connection.receive(bytes, end, bytes.length - end);
      end += Math.max(count, 0);
      return count >= 0;
    }

    int size() {
      return end - start;
    }

    /** Gives back what a large head took, where little is left. */
    void shrink() {
      if (extra() > CAPACITY && size() <= CAPACITY / 2) {
        move(CAPACITY);
      }
    }

    /** Gives back all, where no request is to follow. */
    void drop() {
      bytes = new byte[0];
      start = 0;
      end = 0;
    }

    /** Bytes that it has for a large head, beyond those at first. */
    int extra() {
      return bytes.length - CAPACITY;
    }

    private void move(int capacity) {
      int unused = size();
      bytes = Arrays.copyOfRange(bytes, start, start + capacity);
      start = 0;
      end = unused;
    }

    /**
     * Waits for a line and returns it without its CRLF; null when it is longer than a limit.
     *
     * <p>RFC 9112 section 2.2 lets a recipient take a bare LF for a line's end and asks it to
     * refuse a bare CR; section 11.2 is why both are refused here.
     */
    String line(int limit) throws IOException, Refusal {
      int length = 0;
      while (true) {
        while (start + length < end && isText(bytes[start + length])) {
          length++;
        }
        if (length + 2 > limit) {
          return null;
        }
        int at = start + length;
        Refusal.unless(
            at >= end || bytes[at] == '\r', "a control character, or an LF without a CR before it");
        if (at + 1 < end) {
          Refusal.unless(bytes[at + 1] == '\n', "a CR without an LF after it");
          String line = new String(bytes, start, length, StandardCharsets.ISO_8859_1);
          start += length + 2;
          return line;
        }
        connection.beforeWaiting();
        if (!isEmpty() && end == bytes.length) {
          int larger = Math.max(CAPACITY, 2 * size());
          connection.reserve(larger);
          move(larger);
        }
        if (!receive()) {
          throw connection.cutOff();
        }
      }
    }

    /** RFC 9110 section 5.5. */
    private static boolean isText(byte octet) {
      return octet >= ' ' && octet != 127 || octet < 0 || octet == '\t';
    }

    /** The next bytes, which are here; they are valid until more are waited for. */
    ByteBuffer take(int length) {
      var taken = ByteBuffer.wrap(bytes, start, length);
      start += length;
      return taken;
    }

    /** Waits for some bytes where that is allowed, at most so many; -1 at the client's end. */
    int read(byte[] target, int offset, int length) throws IOException {
      if (isEmpty()) {
        return connection.receive(target, offset, length);
      }
      int count = Math.min(length, size());
      take(count).get(target, offset, count);
      return count;
    }
  }

  /** The large contents on their way to clients, who may be slow to take them, or never do. */
  static final class LargeAnswers {
    /** Bytes, above which no more is begun; what is being read by then comes on top. */
    private static final long MOST = Runtime.getRuntime().maxMemory() / 8;

    /** Bytes of a message up to which it may take a quarter more, as a few large ones fill MOST. */
    private static final int MEDIUM = 1 << 16;

    /** To how many clients each, the very array, is sent: one that the cache keeps counts once. */
    private final Map<byte[], Integer> takers = new ConcurrentHashMap<>();

    private final AtomicLong size = new AtomicLong();

    void begin(byte[] content) {
      if (content.length > Output.LARGEST && takers.merge(content, 1, Integer::sum) == 1) {
        size.addAndGet(content.length);
      }
    }

    void end(byte[] content) {
      if (content.length > Output.LARGEST
          && takers.computeIfPresent(content, (_, count) -> count > 1 ? count - 1 : null) == null) {
        size.addAndGet(-content.length);
      }
    }

    /** Refuses a message that would have to be sent too, unless it is small. */
    void requireRoom(byte[] message) throws StoreException {
      long most = message.length > MEDIUM ? MOST : MOST + MOST / 4;
      if (message.length > Output.LARGEST && size.get() > most) {
        throw new StoreException(Problem.NO_MEMORY, "clients are not reading their answers");
      }
    }
  }

  /** What the server has written and the socket has not taken: small pieces go out together. */
  static final class Output {
    /** Bytes at first: a few answers fit. */
    private static final int CAPACITY = 512;

    /** Bytes of a piece up to which it is copied behind others; a larger one goes out with them. */
    private static final int LARGEST = 2048;

    /** Bytes up to which such pieces are put together. */
    private static final int MOST = 8192;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Connection connection;
    private byte[] bytes = new byte[CAPACITY];
    private int size;

    /** Content that goes out behind that, too large to be copied. */
    private ByteBuffer rest = NOTHING;

    /** Whether the socket has not taken all when it was last asked to. */
    boolean isStuck;

    Output(Connection connection) {
      this.connection = connection;
    }

    void write(byte[] more) throws IOException {
      boolean isLarge = more.length > LARGEST;
      // A loop may have left a rest to this thread, which has to go out first.
      if (rest.hasRemaining() || !isLarge && size + more.length > MOST) {
        flush();
      }
      if (isLarge) {
        var content = ByteBuffer.wrap(more); // first, as what is counted must not be lost
        connection.server.largeAnswers.begin(more);
        rest = content;
        flush();
      } else {
        if (size + more.length > bytes.length) {
          bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more.length));
        }
        System.arraycopy(more, 0, bytes, size, more.length);
        size += more.length;
      }
    }

    /** Sends what was written; false when not all is taken now, which is so on a loop alone. */
    boolean flush() throws IOException {
      if (size > 0 || rest.hasRemaining()) {
        var pieces = ByteBuffer.wrap(bytes, 0, size);
        connection.send(pieces, rest);
        size = pieces.compact().position();
        if (!rest.hasRemaining()) {
          drop();
        }
      }
      isStuck = size > 0 || rest != NOTHING;
      return !isStuck;
    }

    /** Lets go of the large content, which must not be kept for a client that has it or is gone. */
    void drop() {
      if (rest != NOTHING) {
        connection.server.largeAnswers.end(rest.array());
        rest = NOTHING;
      }
    }

    /** Gives back what many answers at a time took, where all are sent. */
    void shrink() {
      if (bytes.length > 4 * CAPACITY) {
        bytes = new byte[CAPACITY];
      }
    }
  }

  /** The requests of one connection, one after the other: head, body, answer. */
  static final class Session {
    /** Bytes of a body that nobody asked for: fewer are skipped, more end the connection. */
    private static final int MAX_SKIPPED = 65_536;

    private final Connection connection;
    private final Input input;

    /** Null between two requests. */
    RequestHead head;

    /** Null until it is wanted. */
    private Body body;

    /** The answer under way; null until the request, with the body that it needs, is read. */
    volatile CompletableFuture<Reply> answer;

    private long began;
    private boolean bodyRead;

    Session(Connection connection) {
      this.connection = connection;
      this.input = connection.input;
    }

    /**
     * Reads one request and answers it. Where this thread may not wait but would have to, it
     * returns while a store has not done its part, or else throws; called again, this goes on.
     */
    void execute() throws IOException {
      if (head == null && !begin()) {
        connection.isEnded = true;
        return;
      }
      HttpServer server = connection.server;
      Reply reply = reply();
      if (reply == null) {
        return;
      }
      head.persistent &= !server.stopping;
      if (!head.persistent) {
        reply = reply.with("Connection", "close");
      } else if (head.http10) {
        reply = reply.with("Connection", "keep-alive");
      }
      byte[] content = reply.representation().content();
      server.largeAnswers.begin(content); // held as long as an answer before it is not taken
      try {
        reply.send(head.method, server.clock.date, connection.output);
      } finally {
        server.largeAnswers.end(content);
      }
      server.metrics.count(head.route, head.method, reply.status(), System.nanoTime() - began);
      connection.release();
      connection.isEnded = !head.persistent;
      head = null;
      body = null;
      answer = null;
    }

    /** Waits for a request's first byte; false when there is none to come. */
    private boolean begin() throws IOException {
      while (!input.skipEmptyLines()) {
        if (!input.receive()) {
          return false;
        }
      }
      began = System.nanoTime();
      connection.enter(Phase.HEAD);
      input.shrink();
      head = new RequestHead(input);
      bodyRead = false;
      return true;
    }

    /** Whether nothing is to be done until a store has done its part. */
    boolean waitsForStore() {
      return answer != null && !answer.isDone();
    }

    /**
     * Answers in place of a store, as its answer must have been lost: a future that has no memory
     * for an exception tells nobody that it has ended.
     *
     * @param since the deadline by which it should have come
     */
    void giveUp(Connection.Deadline since) {
      CompletableFuture<Reply> lost = answer;
      if (lost != null && connection.deadline == since) { // else it may be another request's
        lost.complete(Reply.unavailable(Problem.AWAY.text));
      }
    }

    /** Null when the store has not done its part and this thread may not wait for it. */
    private Reply reply() throws IOException {
      try {
        if (answer == null) {
          head.read();
          if (connection.isSurplus) { // not before: some take no answer to what they have not sent
            throw new Refusal(Reply.unavailable("too many connections"));
          }
          if (head.route == Route.MESSAGE && connection.mayWait()) {
            // First: a large answer that the store has given would be held as long as this waits.
            connection.output.flush();
          }
          answer = connection.server.api.answer(this);
        }
        skipBody();
        if (waitsForStore()) {
          connection.output.flush(); // the answers before this one don't wait for the store
          connection.enter(Phase.STORE); // the client has done its part in time
          if (!connection.mayWait()) {
            return null;
          }
        }
        return answer.join();
      } catch (Refusal refusal) {
        head.persistent &= bodyRead;
        return refusal.reply;
      } catch (CompletionException unforeseen) {
        return failure(unforeseen.getCause());
      } catch (RuntimeException | Error unforeseen) {
        return failure(unforeseen);
      }
    }

    /** The answer where nothing was expected to fail, or memory has run out. */
    private Reply failure(Throwable unforeseen) {
      head.persistent = false;
      if (unforeseen instanceof OutOfMemoryError) {
        ErrorLog.report(Problem.NO_MEMORY.text, unforeseen);
        return Reply.NO_MEMORY;
      }
      ErrorLog.report("a request failed", unforeseen);
      return Reply.error(
          StatusCode.INTERNAL_ERROR, "the server failed; its standard error says why");
    }

    /** The request's body, whole; it is valid until the next request. */
    ByteBuffer body() throws IOException, Refusal {
      if (body == null) {
        body = new Body(connection, head);
      }
      ByteBuffer whole = body.read();
      body = null; // a store may take a while
      bodyRead = true;
      return whole;
    }

    /** Comes to the next request past a body that nobody wanted, when that is cheap. */
    private void skipBody() throws IOException, Refusal {
      if (bodyRead || head.length <= 0 && !head.chunked) {
        return;
      }
      int most = Math.min(MAX_SKIPPED, connection.server.options.maxMessageSize());
      if (head.chunked || head.expectsContinue || head.length > most) {
        head.persistent = false;
      } else {
        body();
      }
    }
  }

  /**
   * The head of a request, by RFC 9112 to the letter: what could be read in two ways is refused,
   * because an intermediary may have read it in the other (section 11.2).
   */
  static final class RequestHead {
    private static final int MAX_BYTES = 8192;
    private static final int MAX_FIELDS = 100;

    /** Bytes of memory that a line takes beside its own. */
    private static final int LINE_OVERHEAD = 200;

    /** Bytes of memory that the thread takes which waits for a request. */
    private static final int THREAD_OVERHEAD = 2048;

    private static final Map<String, NanoHTTPD.Method> METHODS =
        Stream.of(NanoHTTPD.Method.values())
            .collect(Collectors.toMap(Enum::name, method -> method));

    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    /** A host and a port (RFC 3986 section 3.2); no comma, which joins two Host fields. */
    private static final Pattern HOST =
        Pattern.compile("(?:\\[[\\p{XDigit}:.]+]|[-\\w.~!$&'()*+;=%]*+)(?::\\d*)?");

    private static final Pattern ABSOLUTE = Pattern.compile("(?i)https?://([^/?]*)");
    private static final Pattern NO_ESCAPE = Pattern.compile("%(?!\\p{XDigit}{2})");
    private static final Pattern SLASH = Pattern.compile("(?i)%2f");

    private final Input input;
    private int room = MAX_BYTES;
    private int fieldLines;
    private boolean isRead;

    /** Bytes that it takes and that are not reserved yet, as a loop does not wait for more. */
    private int unreserved;

    /** By name in lower case; of several values, all with commas between (RFC 9110 section 5.3). */
    final Map<String, String> fields = new HashMap<>();

    /** Null when it was not read, or is none that NanoHTTPD knows. */
    NanoHTTPD.Method method;

    /** Whom the request is for, with the port if it was named; empty when nobody was (HTTP/1.0). */
    String host;

    String path;
    Route route = Route.NONE;
    boolean http10;

    /** Whether the connection goes on: first as the client asks, then unless the answer ends it. */
    boolean persistent;

    boolean chunked;
    boolean expectsContinue;

    /** Bytes of the body by Content-Length, -1 without. */
    long length = -1;

    RequestHead(Input input) {
      this.input = input;
      unreserved = THREAD_OVERHEAD + input.extra();
    }

    /** Reads what is left of it, and leaves the input at what is behind. */
    void read() throws IOException, Refusal {
      while (!isRead) {
        String line = line();
        if (path == null) {
          requestLine(line);
        } else if (!line.isEmpty()) {
          field(line);
        } else {
          frame();
          isRead = true;
        }
      }
    }

    private void field(String line) throws Refusal {
      if (fieldLines++ == MAX_FIELDS) {
        throw new Refusal(StatusCode.HEAD_TOO_LARGE, "more than " + MAX_FIELDS + " header fields");
      }
      int colon = colon(line);
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      String value = line.substring(colon + 1).strip();
      fields.merge(name, value, (one, another) -> one + ", " + another);
    }

    private String line() throws IOException, Refusal {
      if (input.connection.mayWait()) {
        reserve();
      }
      String line = input.line(room);
      if (line == null) {
        // RFC 9112 section 3 wants another status where the target is too long.
        throw new Refusal(
            path == null ? StatusCode.URI_TOO_LONG : StatusCode.HEAD_TOO_LARGE,
            "the head is longer than " + MAX_BYTES + " bytes");
      }
      room -= line.length() + 2;
      unreserved += LINE_OVERHEAD + line.length();
      return line;
    }

    /** Takes memory for what has been read, as more is waited for. */
    void reserve() throws Refusal {
      input.connection.reserve(unreserved);
      unreserved = 0;
    }

    /** RFC 9112 section 3: method, target and version with one space between. */
    private void requestLine(String line) throws Refusal {
      int first = line.indexOf(' ');
      Refusal.unless(
          first > 0 && isToken(line, first), "the request line does not start with a method");
      method = METHODS.get(line.substring(0, first));
      int second = line.indexOf(' ', first + 1);
      if (second < 0) {
        throw new Refusal(
            StatusCode.VERSION_NOT_SUPPORTED, "the request line names no HTTP version");
      }
      version(line.substring(second + 1));
      target(line.substring(first + 1, second));
    }

    /** Section 2.3; RFC 9110 section 2.5: any minor version above 1 is understood as 1. */
    private void version(String version) throws Refusal {
      if (version.equals("HTTP/1.1")) {
        return;
      }
      Refusal.unless(
          version.matches("HTTP/[0-9]\\.[0-9]"),
          "the request line does not end with an HTTP version");
      if (version.charAt(5) != '1') {
        throw new Refusal(
            StatusCode.VERSION_NOT_SUPPORTED, version + " is not supported; use HTTP/1.1");
      }
      http10 = version.charAt(7) == '0';
    }

    /** Section 3.2: a path, a whole address, or an asterisk for OPTIONS. */
    private void target(String target) throws Refusal {
      int visible = 0;
      while (visible < target.length() && isVisible(target.charAt(visible))) {
        visible++;
      }
      Refusal.unless(
          visible == target.length(), "a character in the target that must be percent-encoded");
      String rest = target.startsWith("/") ? target : withoutHost(target);
      boolean asterisk = rest.equals("*") && method == NanoHTTPD.Method.OPTIONS;
      boolean authority = method == NanoHTTPD.Method.CONNECT;
      Refusal.unless(rest.startsWith("/") || asterisk || authority, "the target is not a path");
      checkEscapes(rest);
      int query = rest.indexOf('?');
      path = decode(query < 0 ? rest : rest.substring(0, query));
      route = Route.of(method, path);
    }

    /** Its host counts rather than that of the Host field (section 3.2.2), and may not be empty. */
    private String withoutHost(String target) throws Refusal {
      var absolute = ABSOLUTE.matcher(target);
      if (!absolute.lookingAt()) {
        return target;
      }
      host = checkHost(absolute.group(1));
      Refusal.unless(!host.isEmpty() && !host.startsWith(":"), "the target has no host");
      String rest = target.substring(absolute.end());
      return rest.startsWith("/") ? rest : "/" + rest;
    }

    private static boolean isVisible(char character) {
      return character > ' ' && character < 127 && character != '#';
    }

    private static String checkHost(String host) throws Refusal {
      Refusal.unless(HOST.matcher(host).matches(), "\"" + host + "\" is not a valid host");
      checkEscapes(host);
      return host;
    }

    private static void checkEscapes(String text) throws Refusal {
      Refusal.unless(
          text.indexOf('%') < 0 || !NO_ESCAPE.matcher(text).find(),
          "a percent sign without two hex digits after it");
    }

    /** Decodes percent escapes; an escaped slash stays one, as it separates nothing. */
    private static String decode(String escaped) {
      if (escaped.indexOf('%') < 0) {
        return escaped;
      }
      // A plus is a space to the decoder of forms, and a plus in a path.
      String form = SLASH.matcher(escaped.replace("+", "%2B")).replaceAll("%252F");
      return URLDecoder.decode(form, StandardCharsets.UTF_8);
    }

    /** Section 5: where a field's name ends, which is a token with the colon at once behind it. */
    static int colon(String field) throws Refusal {
      int colon = field.indexOf(':');
      Refusal.unless(colon > 0 && isToken(field, colon), "a header field has no valid name");
      return colon;
    }

    /** Where the body ends and whether the connection goes on (sections 3.2, 6 and 9.3). */
    private void frame() throws Refusal {
      Refusal.unless(http10 || fields.containsKey("host"), "there is no Host header");
      String named = checkHost(fields.getOrDefault("host", ""));
      host = Objects.requireNonNullElse(host, named);
      String coding = fields.get("transfer-encoding");
      String announced = fields.get("content-length");
      if (coding != null) {
        Refusal.unless(announced == null, "both Content-Length and Transfer-Encoding");
        Refusal.unless(!http10, "Transfer-Encoding in HTTP/1.0");
        transferEncoding(coding);
      } else if (announced != null) {
        contentLength(announced);
      }
      String options = fields.get("connection");
      persistent =
          options == null
              ? !http10
              : !hasToken(options, "close") && (!http10 || hasToken(options, "keep-alive"));
      String expectation = fields.get("expect");
      if (expectation != null && !http10) {
        expectsContinue = hasToken(expectation, "100-continue");
        if (!members(expectation).allMatch("100-continue"::equalsIgnoreCase)) {
          throw new Refusal(StatusCode.EXPECTATION_FAILED, "Expect can only be 100-continue");
        }
      }
    }

    /** Digits alone: a sign, a second length or a list of them could be read in two ways. */
    private void contentLength(String announced) throws Refusal {
      Refusal.unless(DIGITS.matcher(announced).matches(), "Content-Length is not a single number");
      try {
        length = Long.parseLong(announced);
      } catch (NumberFormatException moreThanALong) {
        length = Long.MAX_VALUE;
      }
    }

    /** Section 6.1, and section 6.3 for what is not chunked in the end. */
    private void transferEncoding(String coding) throws Refusal {
      chunked = coding.equalsIgnoreCase("chunked");
      if (!chunked) {
        String last = coding.substring(coding.lastIndexOf(',') + 1).strip();
        Refusal.unless(
            last.equalsIgnoreCase("chunked"), "the last Transfer-Encoding is not chunked");
        throw new Refusal(
            StatusCode.NOT_IMPLEMENTED, "no Transfer-Encoding other than chunked is supported");
      }
    }

    private static boolean hasToken(String list, String token) {
      return members(list).anyMatch(token::equalsIgnoreCase);
    }

    /** RFC 9110 section 5.6.1 has a list's empty members ignored. */
    private static Stream<String> members(String list) {
      return Stream.of(list.split(",")).map(String::strip).filter(member -> !member.isEmpty());
    }

    /** RFC 9110 section 5.6.2. */
    private static boolean isToken(String text, int end) {
      for (int i = 0; i < end; i++) {
        char character = text.charAt(i);
        if (character <= ' ' || character >= 127 || "\"(),/:;<=>?@[\\]{}".indexOf(character) >= 0) {
          return false;
        }
      }
      return true;
    }
  }

  /** One request's body, by its length or its chunks; it takes memory only as its bytes arrive. */
  static final class Body {
    /** Bytes at first: who announces a body and sends nothing keeps no more. */
    private static final int FIRST_CAPACITY = 8192;

    /** Bytes up to which a loop reads what has come: beyond, a thread of its own costs little. */
    private static final int LARGEST_ON_LOOP = 16_384;

    /** Bytes of extensions and trailers: thousands of them must not keep a server busy. */
    private static final int MAX_OVERHEAD = 8192;

    /** RFC 9112 section 7.1. */
    private static final Pattern CHUNK = Pattern.compile("(?s)(\\p{XDigit}{1,15})([ \t]*;.*)?");

    private final Connection connection;
    private final RequestHead head;
    private final Input input;
    private final int limit;
    private byte[] bytes = {};
    private int size;
    private boolean isBegun;

    private int room = MAX_OVERHEAD;

    Body(Connection connection, RequestHead head) {
      this.connection = connection;
      this.head = head;
      this.input = connection.input;
      this.limit = connection.server.options.maxMessageSize();
    }

    /** Reads what is left of it, and returns it whole. */
    ByteBuffer read() throws IOException, Refusal {
      if (!isBegun) {
        if (!head.chunked && head.length < 0) {
          throw new Refusal(
              StatusCode.LENGTH_REQUIRED, "neither Content-Length nor Transfer-Encoding: chunked");
        }
        admit(head.length);
        if (!head.chunked && head.length <= input.size()) {
          ByteBuffer here = input.take((int) head.length);
          input.shrink(); // a store may take a while for it
          return here;
        }
        begin();
      }
      if (head.chunked) {
        readChunks();
      } else {
        append(head.length - size);
      }
      return ByteBuffer.wrap(bytes, 0, size);
    }

    /** Has it sent, and begins to wait for it. */
    private void begin() throws IOException, Refusal {
      if (head.chunked || head.length > LARGEST_ON_LOOP) {
        connection.beforeWaiting();
      }
      head.reserve();
      if (head.expectsContinue && input.isEmpty()) {
        String invitation = "HTTP/1.1 100 Continue\r\n\r\n";
        connection.output.write(invitation.getBytes(StandardCharsets.US_ASCII));
      }
      connection.enter(Phase.BODY);
      isBegun = true;
    }

    private void admit(long count) throws Refusal {
      if (count > limit - size) {
        throw new Refusal(
            StatusCode.CONTENT_TOO_LARGE, "the body is longer than " + limit + " bytes");
      }
    }

    private void readChunks() throws IOException, Refusal {
      for (long length; (length = chunkSize()) > 0; ) {
        append(length);
        Refusal.unless("".equals(input.line(2)), "a chunk does not end with CRLF");
      }
      for (String trailer; !(trailer = line()).isEmpty(); room -= trailer.length()) {
        RequestHead.colon(trailer);
      }
    }

    private long chunkSize() throws IOException, Refusal {
      var chunk = CHUNK.matcher(line());
      Refusal.unless(chunk.matches(), "a chunk's size is not a number of up to 15 hex digits");
      room -= chunk.end() - chunk.end(1);
      return Long.parseLong(chunk.group(1), 16);
    }

    private String line() throws IOException, Refusal {
      String line = input.line(room + "123456789abcdef\r\n".length());
      Refusal.unless(line != null && room >= 0, "the chunk extensions or trailers are too long");
      return line;
    }

    private void append(long count) throws IOException, Refusal {
      admit(count);
      int end = size + (int) count;
      while (size < end) {
        if (size == bytes.length) {
          int most = head.chunked ? limit : end;
          int capacity = (int) Math.min(most, Math.max(FIRST_CAPACITY, 2L * size));
          connection.reserve(capacity - size);
          bytes = Arrays.copyOf(bytes, capacity);
        }
        int read = input.read(bytes, size, Math.min(end, bytes.length) - size);
        if (read < 0) {
          throw connection.cutOff();
        }
        if (read == 0) {
          connection.beforeWaiting();
        }
        int piece = size / Timeouts.PIECE;
        size += read;
        if (size / Timeouts.PIECE > piece) {
          connection.enter(Phase.BODY);
        }
      }
    }
  }

  /** The paths that mean something, and the methods that each allows. */
  enum Route {
    ROOT("GET, HEAD, POST, OPTIONS"),
    MESSAGES("POST, OPTIONS"),
    MESSAGE("GET, HEAD, OPTIONS"),
    HEALTH("GET, HEAD, OPTIONS"),
    METRICS("GET, HEAD, OPTIONS"),
    ANY("GET, HEAD, POST, OPTIONS"),
    NONE("");

    static final String MESSAGE_PREFIX = "/messages/";
    final String allow;

    /** The route in metrics. */
    final String label = name().toLowerCase(Locale.ROOT);

    Route(String allow) {
      this.allow = allow;
    }

    /** That of a post to {@code /} is the one to which posts go, in metrics too. */
    static Route of(NanoHTTPD.Method method, String path) {
      return switch (path) {
        case "/" -> method == NanoHTTPD.Method.POST ? MESSAGES : ROOT;
        case "/messages" -> MESSAGES;
        case "/health" -> HEALTH;
        case "/metrics" -> METRICS;
        case "*" -> ANY;
        default -> path.startsWith(MESSAGE_PREFIX) ? MESSAGE : NONE;
      };
    }

    boolean allows(NanoHTTPD.Method method) {
      return method != null && allow.contains(method.name());
    }
  }

  /** Answers requests: what each method does on each route, and who may. */
  static final class Api {
    private static final Pattern HTML =
        Pattern.compile("(?i)(^|,)\\s*text/html(?![^;,\\s])(?![^,]*;\\s*q=0(\\.0*)?\\s*([,;]|$))");

    private static final Representation SUMMARY =
        Representation.of(
            "application/json",
            "Cache-Control: no-cache\r\nVary: Accept\r\n",
            """
            {
              "name": "MsgHashingServer",
              "version": "%s",
              "POST /messages": "stores {\\"message\\": \\"foo\\"} and returns its SHA-256 as {\\"digest\\": \\"…\\"}",
              "GET /messages/<digest>": "returns {\\"message\\": \\"foo\\"}",
              "GET /health": "whether the store can serve",
              "GET /metrics": "counts and latencies for Prometheus"
            }
            """
                .formatted(VERSION));

    private final Options options;
    private final MessageStore store;
    private final HotMessages hotMessages;
    private final String lifetime;
    private final Metrics metrics;

    Api(Options options, MessageStore store, Metrics metrics, LargeAnswers largeAnswers) {
      this.options = options;
      this.store = store;
      this.metrics = metrics;
      // RFC 9111 section 3.5: "public" would let a shared cache answer those without a token, and
      // a lifetime the client's own cache whoever sits there next, whatever becomes of the token.
      this.lifetime =
          options.privately() ? "private, no-cache" : "public, max-age=31536000, immutable";
      this.hotMessages =
          new HotMessages(store, options.cacheSize(), lifetime, metrics, largeAnswers);
    }

    /** Answers a request, at once or when a store has done its part. */
    CompletableFuture<Reply> answer(Session session) throws Refusal, IOException {
      RequestHead head = session.head;
      Reply refusal = refusal(head);
      if (refusal != null) {
        return completedFuture(refusal);
      }
      return switch (head.method) {
        case OPTIONS ->
            completedFuture(
                Reply.of(StatusCode.NO_CONTENT, Representation.NONE)
                    .with("Allow", head.route.allow));
        case POST -> post(session);
        default -> get(head);
      };
    }

    /** Why a request is not even looked at, or null. */
    private Reply refusal(RequestHead head) {
      Route route = head.route;
      if (route == Route.NONE) {
        return Reply.error(
            StatusCode.NOT_FOUND, "there is nothing here; GET / lists what there is");
      }
      if (!route.allows(head.method)) {
        boolean isMisplacedPost = route == Route.MESSAGE && head.method == NanoHTTPD.Method.POST;
        String hint = isMisplacedPost ? "; a post goes to /messages" : "";
        return Reply.error(
                StatusCode.METHOD_NOT_ALLOWED, "the methods allowed here are " + route.allow + hint)
            .with("Allow", route.allow);
      }
      if (head.method == NanoHTTPD.Method.POST && isForeign(head)) {
        return Reply.error(
            StatusCode.FORBIDDEN, "a browser sent this from a page of another origin");
      }
      return isOpen(head) || isAllowed(head) ? null : unauthorized(head);
    }

    /**
     * Whether no token is needed. The page needs none, as it is what asks a browser's user for it.
     */
    private boolean isOpen(RequestHead head) {
      return switch (head.method) {
        case OPTIONS -> true;
        case GET, HEAD ->
            !options.privately()
                || head.route == Route.HEALTH
                || head.route == Route.ROOT && wantsPage(head);
        default -> false;
      };
    }

    /**
     * Whether a browser sent this from a page of another origin, which may reach servers that the
     * page's author can't. Told by fields that browsers alone send and no page can set, as Go's
     * CrossOriginProtection does; a request without them is not a browser's.
     */
    private static boolean isForeign(RequestHead head) {
      String site = head.fields.get("sec-fetch-site");
      if (site != null) {
        return !site.equals("same-origin") && !site.equals("none");
      }
      String origin = head.fields.get("origin");
      return origin != null
          && !isOrigin(origin, "http://", head.host, ":80")
          && !isOrigin(origin, "https://", head.host, ":443");
    }

    /**
     * A scheme's usual port is no part of an origin (RFC 6454 section 6.2), but may be of a host.
     */
    private static boolean isOrigin(String origin, String scheme, String host, String usualPort) {
      return origin.equals(scheme + host)
          || host.endsWith(usualPort)
              && origin.equals(scheme + host.substring(0, host.length() - usualPort.length()));
    }

    /** The comparison takes the same time wherever the difference is. */
    private boolean isAllowed(RequestHead head) {
      if (options.token() == null) {
        return true;
      }
      String shown = token(head);
      return shown != null
          && MessageDigest.isEqual(
              shown.getBytes(StandardCharsets.ISO_8859_1),
              options.token().getBytes(StandardCharsets.UTF_8));
    }

    /** The token that a client shows (RFC 6750 section 2.1), or null. */
    private static String token(RequestHead head) {
      String credentials = head.fields.get("authorization");
      String scheme = "Bearer ";
      return credentials != null && credentials.regionMatches(true, 0, scheme, 0, scheme.length())
          ? credentials.substring(scheme.length()).strip()
          : null;
    }

    /** RFC 6750 section 3: the scheme has a parameter at least, and a wrong token is told so. */
    private static Reply unauthorized(RequestHead head) {
      return token(head) == null
          ? Reply.error(StatusCode.UNAUTHORIZED, "this needs a token: Authorization: Bearer …")
              .with("WWW-Authenticate", "Bearer realm=\"messages\"")
          : Reply.error(StatusCode.UNAUTHORIZED, "this is the wrong token")
              .with("WWW-Authenticate", "Bearer realm=\"messages\", error=\"invalid_token\"");
    }

    private CompletableFuture<Reply> post(Session session) throws Refusal, IOException {
      String coding = session.head.fields.get("content-encoding");
      if (coding != null && !coding.equalsIgnoreCase("identity")) {
        // RFC 9110 section 15.5.16
        return completedFuture(
            Reply.error(StatusCode.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is not supported")
                .with("Accept-Encoding", "identity"));
      }
      byte[] message = Json.message(session.body());
      Digest digest = Digest.of(message);
      return when(store.put(digest, message), isNew -> stored(digest.toString(), isNew));
    }

    private static Reply stored(String digest, boolean isNew) {
      var answer = Representation.json("{\"digest\": \"" + digest + "\"}");
      return isNew
          ? Reply.of(StatusCode.CREATED, answer).with("Location", Route.MESSAGE_PREFIX + digest)
          : Reply.of(StatusCode.OK, answer);
    }

    /** Health and metrics wait for the store, each in a thread of its own, as a loop may not. */
    private CompletableFuture<Reply> get(RequestHead head) {
      return switch (head.route) {
        case MESSAGE -> message(head);
        case HEALTH -> supplyAsync(() -> health(head), Thread::startVirtualThread);
        case METRICS ->
            supplyAsync(
                () -> Reply.of(StatusCode.OK, metrics.scrape()), Thread::startVirtualThread);
        default ->
            completedFuture(
                Reply.of(StatusCode.OK, wantsPage(head) ? Page.REPRESENTATION : SUMMARY));
      };
    }

    private CompletableFuture<Reply> message(RequestHead head) {
      Digest digest = Digest.parse(head.path.substring(Route.MESSAGE_PREFIX.length()));
      return digest == null
          ? completedFuture(
              Reply.error(
                  StatusCode.NOT_FOUND,
                  "a digest is a SHA-256 in 64 hex digits, as in /messages/2c26…e7ae"))
          : when(hotMessages.get(digest), message -> message(head, digest, message));
    }

    private Reply message(RequestHead head, Digest digest, Representation message) {
      if (message == null) {
        return Reply.error(StatusCode.NOT_FOUND, "Message not found");
      }
      String wanted = head.fields.get("if-match");
      if (wanted != null && !names(wanted.replace("W/\"" + digest + "\"", ""), digest)) {
        return Reply.error(
            StatusCode.PRECONDITION_FAILED, "no entity tag in If-Match matches the message");
      }
      String known = head.fields.get("if-none-match");
      return known != null && names(known, digest)
          ? Reply.of(StatusCode.NOT_MODIFIED, Representation.notModified(digest, lifetime))
          : Reply.of(StatusCode.OK, message);
    }

    /**
     * Whether entity tags name a message (RFC 9110 section 13.1): as one of a list, or by an
     * asterisk. A weak tag counts as the strong one, which is right for If-None-Match alone.
     */
    private static boolean names(String tags, Digest digest) {
      return tags.equals("*") || tags.contains("\"" + digest + "\"");
    }

    /** The answer when a store has done its part, or failed to. */
    private static <T> CompletableFuture<Reply> when(
        CompletableFuture<T> stored, Function<T, Reply> answer) {
      return stored.handle(
          (value, failure) -> {
            try {
              return failure == null ? answer.apply(value) : reply(StoreException.of(failure));
            } catch (OutOfMemoryError full) {
              // To end exceptionally needs memory too, without which the client would hear nothing.
              ErrorLog.report(Problem.NO_MEMORY.text, full);
              return Reply.NO_MEMORY;
            }
          });
    }

    /** The reason goes to standard error alone: it says where the store is. */
    private static Reply reply(StoreException failed) {
      String problem = failed.problem.text;
      ErrorLog.report(problem, failed);
      return switch (failed.problem) {
        case FULL -> Reply.error(StatusCode.STORE_FULL, problem);
        case AWAY, NO_MEMORY -> Reply.unavailable(problem);
        case CORRUPT -> Reply.error(StatusCode.INTERNAL_ERROR, problem);
      };
    }

    /** Where the store is, only those are told who may read and write. */
    private Reply health(RequestHead head) {
      try {
        store.check();
        String place = store.name;
        String name = Json.quote(isAllowed(head) ? place : place.replaceFirst("(?s):.*", ""));
        return Reply.of(
            StatusCode.OK, Representation.json("{\"status\":\"ok\",\"store\":" + name + "}"));
      } catch (StoreException fullOrAway) {
        ErrorLog.report("the store takes no messages", fullOrAway);
        return Reply.unavailable(fullOrAway.problem.text);
      }
    }

    /** Whether the client takes HTML and says so, as browsers do and {@code curl} does not. */
    private static boolean wantsPage(RequestHead head) {
      String accept = head.fields.get("accept");
      return accept != null && HTML.matcher(accept).find();
    }
  }

  /** Reads and writes the JSON of messages and errors. */
  static final class Json {
    private static final int MAX_DEPTH = 64;

    /** Characters of what is wrong, which may quote more of the body. */
    private static final int MAX_REASON = 200;

    /**
     * Without Jackson's table of names: it is shared by all posts, and names of equal hash in one
     * of them made it fail in others. Nor does Jackson look for duplicate names: it would keep them
     * all, a dozen times the body and more.
     */
    private static final JsonFactory FACTORY =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** What Jackson says of itself: where its input came from, and its own settings. */
    private static final Pattern ASIDE =
        Pattern.compile(
            " ?(\\((start marker|for \\w+ starting) at )?\\[Source:[^\\[\\]]*]\\)?"
                + "|: (maybe a|enable `).*");

    /** The UTF-8 of the message in a posted object. */
    static byte[] message(ByteBuffer body) throws Refusal {
      CharBuffer text = text(body);
      try (JsonParser parser =
          FACTORY.createParser(text.array(), text.position(), text.remaining())) {
        JsonToken first = parser.nextToken();
        Refusal.unless(first != null, "the body is empty");
        Refusal.unless(first == JsonToken.START_OBJECT, "the body is not a JSON object");
        String message = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          boolean wanted = parser.currentName().equals("message");
          JsonToken value = parser.nextToken();
          if (wanted) {
            Refusal.unless(message == null, "the JSON object has more than one \"message\"");
            Refusal.unless(value == JsonToken.VALUE_STRING, "\"message\" is not a string");
            message = parser.getText();
          } else {
            parser.skipChildren();
          }
        }
        Refusal.unless(parser.nextToken() == null, "there is something after the JSON object");
        Refusal.unless(message != null, "the JSON object has no \"message\"");
        return utf8(message);
      } catch (StreamConstraintsException tooMuch) {
        throw bad("the JSON is nested more than " + MAX_DEPTH + " levels deep");
      } catch (JsonProcessingException wrong) {
        var place = wrong.getLocation();
        String what = ASIDE.matcher(wrong.getOriginalMessage()).replaceAll("");
        String reason = what.length() > MAX_REASON ? what.substring(0, MAX_REASON) + "..." : what;
        throw bad(
            "not JSON: %s (line %d, column %d)"
                .formatted(reason, place.getLineNr(), place.getColumnNr()));
      } catch (IOException impossible) {
        throw new AssertionError("a text in memory can be read", impossible);
      }
    }

    private static Refusal bad(String message) {
      return new Refusal(StatusCode.BAD_REQUEST, message);
    }

    private static CharBuffer text(ByteBuffer body) throws Refusal {
      int start = body.position();
      try {
        CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(body);
        if (text.hasRemaining() && text.charAt(0) == '\uFEFF') {
          text.get(); // a byte order mark, which RFC 8259 section 8.1 lets a parser ignore
        }
        return text;
      } catch (CharacterCodingException wrong) {
        throw bad("the body is not UTF-8 at byte " + (body.position() - start + 1));
      }
    }

    private static byte[] utf8(String message) throws Refusal {
      for (int i = 0, character; i < message.length(); i += Character.charCount(character)) {
        character = message.codePointAt(i);
        if (Character.MIN_SURROGATE <= character && character <= Character.MAX_SURROGATE) {
          throw bad(
              "\"message\" has an unpaired surrogate, \\u%04x, as character %d"
                  .formatted(character, message.codePointCount(0, i) + 1));
        }
      }
      return message.getBytes(StandardCharsets.UTF_8);
    }

    /** A JSON string with its quotes. */
    static String quote(String text) {
      return "\"" + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
    }
  }

  /** The SHA-256 of a message's UTF-8 bytes, which is the message's address. */
  record Digest(long first, long second, long third, long fourth) {
    static Digest of(byte[] message) {
      try {
        return ofBytes(MessageDigest.getInstance("SHA-256").digest(message));
      } catch (NoSuchAlgorithmException impossible) {
        throw new AssertionError("every Java has SHA-256", impossible);
      }
    }

    static Digest ofBytes(byte[] bytes) {
      var longs = ByteBuffer.wrap(bytes).asLongBuffer();
      return new Digest(longs.get(0), longs.get(1), longs.get(2), longs.get(3));
    }

    /** Reads 64 hex digits; null when they are none. */
    static Digest parse(String text) {
      try {
        return text.length() == 64 ? ofBytes(HexFormat.of().parseHex(text)) : null;
      } catch (IllegalArgumentException notHex) {
        return null;
      }
    }

    byte[] toBytes() {
      return ByteBuffer.allocate(32)
          .putLong(first)
          .putLong(second)
          .putLong(third)
          .putLong(fourth)
          .array();
    }

    @Override
    public String toString() {
      return HexFormat.of().formatHex(toBytes());
    }
  }

  /** Keeps the messages asked for most as they are sent, in front of a store. */
  static final class HotMessages {
    /** Bytes that an entry takes beside the answer itself. */
    private static final int OVERHEAD = 200;

    /**
     * Bytes above which a message is encoded off the loop, whose other clients would wait. A
     * store's thread encodes it itself, and so reads no more than there is memory for.
     */
    private static final int LARGE = 1 << 18;

    /** How many of the last reads are remembered, a power of two. */
    private static final int REMEMBERED = 1 << 16;

    private final MessageStore store;
    private final long size;
    private final String lifetime;
    private final Metrics metrics;
    private final LargeAnswers largeAnswers;
    private final Cache<Digest, Representation> cache;

    /** Reads under way; a message is cached before its entry here goes. */
    private final Map<Digest, CompletableFuture<Representation>> reads = new ConcurrentHashMap<>();

    /** One word of each digest read lately, at an index taken from another word. */
    private final AtomicLongArray lately = new AtomicLongArray(REMEMBERED);

    /** Whether anything was evicted; from then on the cache is always full. */
    private volatile boolean isFull;

    /**
     * @param size bytes that all answers together may take
     * @param lifetime the Cache-Control of each
     */
    HotMessages(
        MessageStore store,
        long size,
        String lifetime,
        Metrics metrics,
        LargeAnswers largeAnswers) {
      this.store = store;
      this.size = size;
      this.lifetime = lifetime;
      this.metrics = metrics;
      this.largeAnswers = largeAnswers;
      this.cache =
          Caffeine.newBuilder()
              .maximumWeight(size)
              // On the calling thread: without a hand-over a miss takes 0.7 times as long.
              .executor(Runnable::run)
              .weigher((Digest _, Representation message) -> weight(message))
              .evictionListener((_, _, _) -> isFull = true)
              .build();
    }

    /**
     * The message as it is sent, or null when there is none.
     *
     * <p>Of those who miss a message at the same time one reads the store, and the others wait for
     * what it finds.
     */
    CompletableFuture<Representation> get(Digest digest) {
      Representation kept = cache.getIfPresent(digest);
      if (kept != null) {
        return found(kept);
      }
      var own = new CompletableFuture<Representation>();
      var other = reads.putIfAbsent(digest, own);
      if (other == null) {
        return read(digest, own);
      }
      // What that read doesn't find may have been posted since it began.
      return other.thenCompose(
          message -> message == null ? read(digest, new CompletableFuture<>()) : found(message));
    }

    private CompletableFuture<Representation> found(Representation message) {
      metrics.hits.inc();
      return completedFuture(message);
    }

    private CompletableFuture<Representation> read(
        Digest digest, CompletableFuture<Representation> read) {
      try {
        // A read that has ended since the cache was asked would be made again.
        Representation kept = cache.policy().getIfPresentQuietly(digest);
        if (kept != null) {
          metrics.hits.inc();
          end(digest, read, kept, null);
        } else {
          metrics.misses.inc();
          store
              .get(digest)
              .whenComplete((message, failure) -> answer(digest, read, message, failure));
        }
        return read;
      } catch (Throwable thrown) {
        end(digest, read, null, thrown);
        throw thrown;
      }
    }

    private void answer(
        Digest digest, CompletableFuture<Representation> read, byte[] message, Throwable failure) {
      try {
        if (message != null && message.length > LARGE && EventLoop.current() != null) {
          Thread.startVirtualThread(() -> answer(digest, read, message, failure));
        } else {
          end(digest, read, represent(digest, message), failure);
        }
      } catch (Throwable thrown) {
        end(digest, read, null, thrown);
      }
    }

    /** Makes what was read, if there is such a message, an answer, and keeps it. */
    private Representation represent(Digest digest, byte[] message) throws StoreException {
      if (message == null) {
        return null;
      }
      if (!Digest.of(message).equals(digest)) {
        throw new StoreException(Problem.CORRUPT, "the store has another message under " + digest);
      }
      largeAnswers.requireRoom(message);
      var answer = Representation.message(digest, lifetime, message);
      if (weight(answer) <= size && (!isFull || isReadAgain(digest))) {
        cache.put(digest, answer);
      }
      return answer;
    }

    /** Tells all who wait for it. */
    private void end(
        Digest digest,
        CompletableFuture<Representation> read,
        Representation message,
        Throwable failure) {
      reads.remove(digest, read);
      if (failure == null) {
        read.complete(message);
      } else {
        read.completeExceptionally(failure);
      }
    }

    private static int weight(Representation message) {
      return OVERHEAD + message.size();
    }

    /**
     * Whether a message was read a while ago too. What is read but once would only push something
     * else out of a full cache: the doorkeeper of Einziger, Friedman and Manes, "TinyLFU", ACM
     * Transactions on Storage 13, 2017.
     */
    private boolean isReadAgain(Digest digest) {
      int place = (int) digest.first() & REMEMBERED - 1;
      return lately.getAndSet(place, digest.second()) == digest.second();
    }
  }

  /** Counts what the server does, for Prometheus. */
  static final class Metrics {
    private final PrometheusRegistry registry = new PrometheusRegistry();

    private final Counter requests =
        counter("http_requests_total", "Requests answered", "route", "method", "status");

    private final Durations durations = new Durations();

    private final Counter lookups =
        counter("cache_lookups_total", "Lookups in the cache of hot messages", "result");

    private final Gauge stored =
        Gauge.builder().name("messages_stored").help("Messages in the store").register(registry);

    private final Gauge available =
        Gauge.builder()
            .name("store_available")
            .help("1 while the store takes messages, 0 while it is full or unavailable")
            .register(registry);

    final Counter refused =
        counter("http_connections_refused_total", "Connections refused because of the limit");

    final CounterDataPoint hits = lookups.labelValues("hit");
    final CounterDataPoint misses = lookups.labelValues("miss");
    private final MessageStore store;

    Metrics(IntSupplier connections, int maxConnections, MessageStore store) {
      this.store = store;
      registry.register(durations);
      GaugeWithCallback.builder()
          .name("http_connections")
          .help("Open connections")
          .callback(gauge -> gauge.call(connections.getAsInt()))
          .register(registry);
      Gauge.builder()
          .name("http_connections_max")
          .help("Limit on open connections")
          .register(registry)
          .set(maxConnections);
    }

    private Counter counter(String name, String help, String... labels) {
      return Counter.builder()
          .name(name)
          .help(help)
          .labelNames(labels)
          .withoutExemplars()
          .register(registry);
    }

    void count(Route route, NanoHTTPD.Method method, StatusCode status, long nanoseconds) {
      String name = method == null ? "other" : method.name();
      requests.labelValues(route.label, name, status.label).inc();
      durations.add(route, nanoseconds);
    }

    Representation scrape() {
      registerJvm();
      askStore();
      return text();
    }

    /** One at a time: a thousand that are asked for at once must leave processors to others. */
    private synchronized Representation text() {
      var text = new ByteArrayOutputStream();
      try {
        PrometheusTextFormatWriter.create().write(text, registry.scrape());
      } catch (IOException impossible) {
        throw new AssertionError("a buffer takes all", impossible);
      }
      return Representation.of(
          PrometheusTextFormatWriter.CONTENT_TYPE,
          "Cache-Control: no-store\r\n",
          text.toString(StandardCharsets.UTF_8));
    }

    /**
     * Registers once; JvmMetrics ignores further calls. Synchronized, so that a scrape never sees a
     * part of them. This is done beside the start, as it takes as long, and not at the first
     * scrape: without a free descriptor by then the JVM could not load what it needs, and never
     * would.
     */
    synchronized void registerJvm() {
      JvmMetrics.builder().register(registry);
    }

    /** A store that is away takes seconds to say so, and has no number to show. */
    private void askStore() {
      try {
        stored.set(store.count());
      } catch (StoreException uncounted) {
        stored.set(Double.NaN);
        ErrorLog.report("the messages can't be counted", uncounted);
      }
      try {
        store.check();
        available.set(1);
      } catch (StoreException fullOrAway) {
        available.set(0);
        ErrorLog.report("the store takes no messages", fullOrAway);
      }
    }
  }

  /**
   * How long requests took, by route: the 99th percentile of all together is that of reads, or of
   * scrapes. The library's own histogram, once memory has run out while it counts, waits for that
   * count at each scrape and fails; this one counts without memory.
   */
  static final class Durations implements Collector {
    private static final double[] BOUNDS = {
      0.0001, 0.00025, 0.001, 0.0025, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 10, Double.POSITIVE_INFINITY
    };

    private static final Route[] ROUTES = Route.values();

    /** How many of a route took at most as long as a bound, and longer than the one before. */
    private final AtomicLongArray counts = new AtomicLongArray(ROUTES.length * BOUNDS.length);

    private final AtomicLongArray sums = new AtomicLongArray(ROUTES.length);

    void add(Route route, long nanoseconds) {
      int bound = 0;
      while (nanoseconds / 1e9 > BOUNDS[bound]) {
        bound++;
      }
      counts.incrementAndGet(index(route, bound));
      sums.addAndGet(route.ordinal(), nanoseconds);
    }

    private static int index(Route route, int bound) {
      return route.ordinal() * BOUNDS.length + bound;
    }

    @Override
    public HistogramSnapshot collect() {
      var all =
          HistogramSnapshot.builder()
              .name("http_request_duration_seconds")
              .help("From a request's first bytes to its answer");
      for (Route route : ROUTES) {
        all.dataPoint(snapshot(route));
      }
      return all.build();
    }

    private HistogramDataPointSnapshot snapshot(Route route) {
      long[] copy =
          IntStream.range(0, BOUNDS.length).mapToLong(i -> counts.get(index(route, i))).toArray();
      return HistogramDataPointSnapshot.builder()
          .labels(Labels.of("route", route.label))
          .classicHistogramBuckets(ClassicHistogramBuckets.of(BOUNDS, copy))
          .sum(sums.get(route.ordinal()) / 1e9)
          .build();
    }
  }

  /** The page for people: it stores a message and looks one up by this server's own API. */
  static final class Page {
    private static final String STYLE =
        """
        :root { color-scheme: light dark; --accent: light-dark(#0a5fb4, #7db8ff);
          --line: light-dark(#7f848d, #787d86); --soft: light-dark(#f3f5f8, #23262b); }
        body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 42rem; padding: 1.5rem; }
        h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
        form { border: 1px solid var(--line); border-radius: .6rem; margin: 1.25rem 0; padding: 1rem 1.25rem; }
        label { display: block; font-weight: 600; margin-bottom: .4rem; }
        input, textarea { background: var(--soft); border: 1px solid var(--line); border-radius: .4rem;
          box-sizing: border-box; color: inherit; font: .95rem/1.4 ui-monospace, monospace; padding: .5rem .6rem; width: 100%; }
        textarea { unicode-bidi: plaintext; } /* as dir="auto" has it, which stops Chromium for 25 s at 50,000 lines */
        ::placeholder { color: light-dark(#5c626b, #a2a8b2); opacity: 1; }
        button { background: var(--accent); border: 1px solid transparent; border-radius: .4rem; color: light-dark(#fff, #10141a);
          cursor: pointer; font: 600 1rem system-ui, sans-serif; margin-top: .75rem; padding: .5rem 1.2rem; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        output { display: block; font-family: ui-monospace, monospace; margin-top: .75rem; min-height: 1.5em;
          overflow-wrap: anywhere; white-space: pre-wrap; }
        output.waiting::before { content: '…'; }
        output.empty::before { content: 'The empty message.'; font-style: italic; }
        output.failed { color: light-dark(#b3261e, #ff9d94); }
        output.failed::before { content: 'Error: '; }
        """;

    private static final String SCRIPT =
        """
        const find = id => document.getElementById(id);
        let again, turns = 0;
        function show(output, text, failed) {
          output.turn = 0;
          output.className = failed ? 'failed' : text ? '' : 'empty';
          output.textContent = text;
        }
        async function ask(path, request, output, member) {
          const token = String.fromCharCode(...new TextEncoder().encode(find('token').value));
          const headers = token ? { Authorization: 'Bearer ' + token } : {};
          const turn = output.turn = ++turns;
          output.className = 'waiting';
          output.textContent = '';
          let text, failed = true;
          try {
            const answer = await fetch(path, { ...request, headers });
            const object = Object(await answer.json().catch(error => {
              if (!(error instanceof SyntaxError)) throw error; // a proxy's errors may be HTML, or other JSON
            }));
            failed = !answer.ok || !(member in object);
            text = failed ? object.err_msg ?? 'The server answered only with status ' + answer.status + '.' : object[member];
            if (answer.status === 401) {
              find('access').hidden = false;
              find('token').focus();
            }
          } catch (error) {
            text = 'The server did not answer: ' + error.message;
          }
          if (output.turn !== turn) return null; // something else was asked meanwhile
          show(output, text, failed);
          return failed ? null : text;
        }
        async function store() {
          const body = JSON.stringify({ message: find('message').value });
          const digest = await ask('messages', { method: 'POST', body }, find('stored'), 'digest');
          if (digest) find('digest').value = digest;
        }
        function lookUp() {
          const digest = /\\b[0-9a-f]{64}\\b/i.exec(find('digest').value);
          if (digest) ask('messages/' + digest, {}, find('found'), 'message');
          else show(find('found'), 'A digest is 64 hex digits.', true);
        }
        function on(form, action) {
          find(form).addEventListener('submit', event => {
            event.preventDefault();
            action();
          });
        }
        on('store', () => (again = store)());
        on('look-up', () => (again = lookUp)());
        on('access', () => again());
        """;

    private static final String HTML =
        """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Message store</title>
        <link rel="icon" href="data:,">
        <style>%s</style>
        <main>
        <h1>Message store</h1>
        <p>A message is kept under its SHA-256, and found again by that digest.</p>
        <noscript><p>This page needs JavaScript; the API does not: use curl, say.</p></noscript>
        <form id="access" hidden>
          <label for="token">Access token</label>
          <input id="token" type="password" autocomplete="off">
          <button>Try again</button>
        </form>
        <form id="store">
          <label for="message">Store a message</label>
          <textarea id="message" rows="4"></textarea>
          <button>Store</button>
          <output id="stored" for="message" aria-live="polite"></output>
        </form>
        <form id="look-up">
          <label for="digest">Look up a digest</label>
          <input id="digest" required autocomplete="off" spellcheck="false" placeholder="64 hex digits">
          <button>Look up</button>
          <output id="found" for="digest" dir="auto" aria-live="polite"></output>
        </form>
        </main>
        <script>%s</script>
        </html>
        """
            .formatted(STYLE, SCRIPT);

    static final Representation REPRESENTATION =
        Representation.of(
            "text/html; charset=utf-8",
            "default-src 'none'; connect-src 'self'; img-src data:; style-src "
                + source(STYLE)
                + "; script-src "
                + source(SCRIPT)
                + "; base-uri 'none'; form-action 'none'; ",
            "Cache-Control: no-cache\r\nVary: Accept\r\nReferrer-Policy: no-referrer\r\n",
            HTML);

    /** Content Security Policy level 3 section 2.3.1: these very bytes and no others run. */
    private static String source(String text) {
      byte[] digest = Digest.of(text.getBytes(StandardCharsets.UTF_8)).toBytes();
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    }
  }

  /** The statuses that are answered (RFC 9110 section 15, RFC 6585, RFC 4918). */
  enum StatusCode {
    OK(200, "OK"),
    CREATED(201, "Created"),
    NO_CONTENT(204, "No Content"),
    NOT_MODIFIED(304, "Not Modified"),
    BAD_REQUEST(400, "Bad Request"),
    UNAUTHORIZED(401, "Unauthorized"),
    FORBIDDEN(403, "Forbidden"),
    NOT_FOUND(404, "Not Found"),
    METHOD_NOT_ALLOWED(405, "Method Not Allowed"),
    REQUEST_TIMEOUT(408, "Request Timeout"),
    LENGTH_REQUIRED(411, "Length Required"),
    PRECONDITION_FAILED(412, "Precondition Failed"),
    CONTENT_TOO_LARGE(413, "Content Too Large"),
    URI_TOO_LONG(414, "URI Too Long"),
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported Media Type"),
    EXPECTATION_FAILED(417, "Expectation Failed"),
    HEAD_TOO_LARGE(431, "Request Header Fields Too Large"),
    INTERNAL_ERROR(500, "Internal Server Error"),
    NOT_IMPLEMENTED(501, "Not Implemented"),
    UNAVAILABLE(503, "Service Unavailable"),
    VERSION_NOT_SUPPORTED(505, "HTTP Version Not Supported"),
    STORE_FULL(507, "Insufficient Storage");

    /** The status in metrics. */
    final String label;

    /** The status line of an answer, with its CRLF. */
    final byte[] line;

    StatusCode(int code, String reason) {
      this.label = Integer.toString(code);
      this.line = ("HTTP/1.1 " + code + " " + reason + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }
  }

  /**
   * What an answer carries, made once and sent many times.
   *
   * @param head header lines that describe the content, and an empty line
   */
  record Representation(byte[] head, byte[] content) {
    static final Representation NONE = new Representation(new byte[] {'\r', '\n'}, new byte[0]);

    static Representation of(String type, String fields, String text) {
      return of(type, "", fields, text);
    }

    /**
     * What no page of another origin can embed: it could tell by that which messages there are.
     *
     * @param policy a Content Security Policy beside that, each directive with its semicolon
     * @param fields further header lines, each with its CRLF
     */
    static Representation of(String type, String policy, String fields, String text) {
      byte[] content = text.getBytes(StandardCharsets.UTF_8);
      String head =
          fields
              + "X-Content-Type-Options: nosniff\r\n"
              + "Cross-Origin-Resource-Policy: same-origin\r\n"
              + "Content-Security-Policy: "
              + policy
              + "frame-ancestors 'none'\r\nContent-Type: "
              + type
              + "\r\nContent-Length: "
              + content.length
              + "\r\n\r\n";
      return new Representation(head.getBytes(StandardCharsets.ISO_8859_1), content);
    }

    /**
     * JSON that no cache may keep: unless told so, it may keep some errors (RFC 9111 section
     * 4.2.2).
     */
    static Representation json(String json) {
      return of("application/json", "Cache-Control: no-store\r\n", json);
    }

    static Representation message(Digest digest, String lifetime, byte[] message) {
      String quoted = Json.quote(new String(message, StandardCharsets.UTF_8));
      String json = "{\"message\": " + quoted + "}";
      return of("application/json", caching(digest, lifetime), json);
    }

    static Representation notModified(Digest digest, String lifetime) {
      String head = caching(digest, lifetime) + "\r\n";
      return new Representation(head.getBytes(StandardCharsets.ISO_8859_1), NONE.content);
    }

    /** A digest names one message for ever, so it is the entity tag. */
    private static String caching(Digest digest, String lifetime) {
      return "ETag: \"" + digest + "\"\r\nCache-Control: " + lifetime + "\r\n";
    }

    int size() {
      return head.length + content.length;
    }
  }

  /**
   * One answer.
   *
   * @param fields header lines of its own, each with its CRLF
   */
  record Reply(StatusCode status, String fields, Representation representation) {
    /** Made before it is wanted, as there is no memory for it then. */
    static final Reply NO_MEMORY = unavailable(Problem.NO_MEMORY.text);

    static Reply of(StatusCode status, Representation representation) {
      return new Reply(status, "", representation);
    }

    static Reply error(StatusCode status, String message) {
      return of(status, Representation.json("{\"err_msg\": " + Json.quote(message) + "}"));
    }

    /** For what may go better when it is tried again. */
    static Reply unavailable(String message) {
      return error(StatusCode.UNAVAILABLE, message).with("Retry-After", "1");
    }

    Reply with(String name, String value) {
      return new Reply(status, fields + name + ": " + value + "\r\n", representation);
    }

    /** Sends it as an answer to a method, which may be unknown. */
    void send(NanoHTTPD.Method method, byte[] date, Output out) throws IOException {
      out.write(status.line);
      out.write(date);
      out.write(fields.getBytes(StandardCharsets.ISO_8859_1));
      out.write(representation.head());
      if (method != NanoHTTPD.Method.HEAD) {
        out.write(representation.content());
      }
    }
  }

  /** An answer given instead of what was asked; the rest of the request is not looked at. */
  static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;
    final transient Reply reply;

    Refusal(StatusCode status, String message) {
      this(Reply.error(status, message));
    }

    Refusal(Reply reply) {
      super(null, null, false, false);
      this.reply = reply;
    }

    /** Refuses a request that is malformed. */
    static void unless(boolean condition, String otherwise) throws Refusal {
      if (!condition) {
        throw new Refusal(StatusCode.BAD_REQUEST, otherwise);
      }
    }
  }

  /** Reports problems on standard error, a line each: the same one again only after a while. */
  static final class ErrorLog {
    /** How many lines wait to be printed before more are dropped. */
    private static final int MOST_WAITING = 100;

    private static final long QUIET = Duration.ofMinutes(1).toNanos();

    /** The same of another reason: a store that fails may have a new one each time. */
    private static final long QUIET_OF_ANOTHER = Duration.ofSeconds(5).toNanos();

    private static final int MOST_CAUSES = 8;
    private static final int MOST_FRAMES = 3;

    private static final Map<String, Report> REPORTED = new ConcurrentHashMap<>();

    /**
     * Prints, as threads that report can't wait for standard error's reader: a terminal that was
     * stopped by ^S takes nothing, nor does a full pipe.
     */
    private static final ThreadPoolExecutor PRINTER =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("error-log").factory(),
            new ThreadPoolExecutor.DiscardPolicy());

    /** What is printed; a class with a name, which can be loaded before it is needed. */
    record Line(String text) implements Runnable {
      @Override
      public void run() {
        try {
          System.err.println(text);
        } catch (Throwable untold) {
          // There is no memory left to say so with.
        }
      }
    }

    /** When a problem was reported last, and its reason then. */
    record Report(long time, String reason) {
      boolean isEnough(Report next) {
        return next.time - time < (next.reason.equals(reason) ? QUIET : QUIET_OF_ANOTHER);
      }
    }

    /** Has all that a report needs loaded while there is memory for it. */
    static void load() {
      line("", text(new Throwable(new Throwable())));
      isNew("", "");
      PRINTER.prestartCoreThread();
      LockSupport.parkNanos(1); // which some callers do after a report
    }

    /**
     * Throws nothing, as callers go on whatever happens. Where memory may have run out, they have
     * the text of the problem in a variable before: Java makes a literal's string at its first use.
     *
     * @param reason what was thrown, or a text
     */
    static void report(String problem, Object reason) {
      try {
        String text = text(reason);
        if (isNew(problem, text)) {
          PRINTER.execute(line(problem, text));
        }
      } catch (Throwable untold) {
        // There is no memory left to say so with.
      }
    }

    /** Of many threads with the same problem, the one that renews its time tells of it. */
    private static boolean isNew(String problem, String reason) {
      var now = new Report(System.nanoTime(), reason);
      return REPORTED.merge(problem, now, (last, next) -> last.isEnough(next) ? last : next) == now;
    }

    /** A reason in one line. */
    static String text(Object reason) {
      String text =
          switch (reason) {
            case StoreException failed -> failed.getMessage();
            case Throwable thrown -> traced(thrown);
            default -> reason.toString();
          };
      return text.replaceAll("\\R", " ");
    }

    /** What was thrown and its causes; where the last arose, and what of this program led there. */
    private static String traced(Throwable thrown) {
      var text = new StringBuilder(thrown.toString());
      Throwable root = thrown;
      for (int i = 0; i < MOST_CAUSES && root.getCause() != null; i++) {
        root = root.getCause();
        if (text.indexOf(root.toString()) < 0) { // as some have their cause's text for their own
          text.append(", caused by ").append(root);
        }
      }
      int count = 0;
      for (StackTraceElement frame : root.getStackTrace()) {
        boolean isOwn = frame.getClassName().startsWith("MsgHashingServer");
        if (count == 0 || isOwn && count < MOST_FRAMES) {
          text.append(count++ == 0 ? " at " : ", ").append(frame);
        }
      }
      return text.toString();
    }

    private static Line line(String problem, String reason) {
      Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      return new Line(time + " MsgHashingServer: " + problem + ": " + reason);
    }

    /** Reports nothing more, and waits until all is printed, though not for long. */
    static void close() throws InterruptedException {
      PRINTER.shutdown();
      PRINTER.awaitTermination(1, TimeUnit.SECONDS);
    }
  }

  /**
   * Keeps messages under their digests; a message never changes once stored.
   *
   * <p>Loops call put and get, which therefore may not wait. Nobody but the store ends what they
   * return: with a failure, when {@link StoreRequest#PATIENCE} is over. The other methods may wait.
   */
  abstract static sealed class MessageStore implements AutoCloseable {
    /** How the store was chosen, without secrets: {@code sqlite:messages.db}. */
    final String name;

    /** The last check that began, which ends with what was wrong, or null. */
    final AtomicReference<CompletableFuture<Throwable>> lastCheck =
        new AtomicReference<>(completedFuture(null));

    MessageStore(String name) {
      this.name = name;
    }

    /**
     * Opens the store that a {@code --store} value names.
     *
     * @throws CannotStart when the value names no store, or one that can't be opened
     */
    static MessageStore open(String choice, long memory, int replicas) throws CannotStart {
      if (choice.equals("memory:")) {
        return new MemoryStore(memory);
      }
      if (choice.startsWith("sqlite:")) {
        return SqliteStore.open(choice.substring("sqlite:".length()));
      }
      if (choice.startsWith("redis:") || choice.startsWith("rediss:")) {
        return RedisStore.open(choice, replicas);
      }
      throw new CannotStart(
          "--store: \"%s\" is none of sqlite:FILE, memory:, redis://HOST:PORT, rediss://HOST:PORT"
              .formatted(RedisAddress.withoutSecrets(choice)));
    }

    /**
     * Stores a message; when this is complete, the message survives whatever the store promises to
     * survive.
     *
     * @param message UTF-8 bytes, not to be changed afterwards
     * @return true when the message is new, false when it was there
     */
    abstract CompletableFuture<Boolean> put(Digest digest, byte[] message);

    /** The message's UTF-8 bytes, or null when there is none of this digest. */
    abstract CompletableFuture<byte[]> get(Digest digest);

    static <T> T await(CompletableFuture<T> asked) throws StoreException {
      try {
        return asked.join();
      } catch (CompletionException failed) {
        throw StoreException.of(failed);
      }
    }

    /** How many messages are stored; cheap, however many they are. */
    abstract long count() throws StoreException;

    /**
     * Returns if the store can serve reads and take posts. After it has refused a post, this throws
     * until that one would be taken or another has been; it may find out by storing it. Those who
     * ask while another does wait for the same answer, as what is tried may be a large message.
     */
    final void check() throws StoreException {
      var own = new CompletableFuture<Throwable>();
      var check = lastCheck.updateAndGet(last -> last.isDone() ? own : last);
      if (check == own) {
        Throwable problem = null;
        try {
          checkAlone();
        } catch (Throwable failed) {
          problem = failed;
        }
        own.complete(problem); // as a value: to end it exceptionally wants memory, and may fail
      }
      Throwable problem = check.join();
      if (problem != null) {
        throw StoreException.of(problem);
      }
    }

    /** Does that for all who ask at the same time. */
    abstract void checkAlone() throws StoreException;

    @Override
    public abstract void close();
  }

  /** Why a store could not do what was asked. */
  static final class StoreException extends Exception {
    private static final long serialVersionUID = 1;

    final Problem problem;

    StoreException(Problem problem, String message) {
      super(message);
      this.problem = problem;
    }

    /** The reason in what a store's future failed with. */
    static StoreException of(Throwable failure) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      return switch (cause) {
        case StoreException reason -> reason;
        case OutOfMemoryError full -> new StoreException(Problem.NO_MEMORY, full.toString());
        default -> new StoreException(Problem.AWAY, "the store failed: " + cause);
      };
    }
  }

  /** What is wrong with a store, and so how a request that needs it is answered. */
  enum Problem {
    /** There is no room for another message; reads go on (507). */
    FULL("the store is full"),
    /** The store does not answer now and may later (503 and Retry-After). */
    AWAY("the store does not answer"),
    /** The server has no memory for the answer, and may have later (503 and Retry-After). */
    NO_MEMORY("the server is short of memory"),
    /** What the store returned is not what was stored (500). */
    CORRUPT("the store is damaged");

    final String text;

    Problem(String text) {
      this.text = text;
    }
  }

  /** Keeps messages in memory, up to a bound; they end with the process. */
  static final class MemoryStore extends MessageStore {
    /**
     * Bytes of heap that a message takes beside its own: an entry of the map (32) and its place in
     * the table (8), the digest (48) and the head of the array (16), with compressed pointers.
     */
    private static final long OVERHEAD = 104;

    private final Map<Digest, byte[]> messages = new ConcurrentHashMap<>();
    private final AtomicLong taken = new AtomicLong();
    private final long limit;
    private volatile boolean isFull;

    MemoryStore(long limit) {
      super("memory:");
      this.limit = limit;
    }

    @Override
    CompletableFuture<Boolean> put(Digest digest, byte[] message) {
      long size = OVERHEAD + 8L * Math.ceilDiv(message.length, 8);
      var isNew = new AtomicBoolean();
      // In one step: of equal messages none may be without room that another has taken for it.
      byte[] kept;
      try {
        kept =
            messages.computeIfAbsent(
                digest,
                _ -> {
                  isNew.set(take(size));
                  return isNew.get() ? message : null;
                });
      } catch (OutOfMemoryError noEntry) {
        if (isNew.get() && messages.get(digest) != message) {
          taken.addAndGet(-size); // or each such post would take room for ever
        }
        throw noEntry;
      }
      return kept == null ? CompletableFuture.failedFuture(full()) : completedFuture(isNew.get());
    }

    private boolean take(long size) {
      // Counted only if it fits: taken back afterwards, it would refuse small ones meanwhile.
      boolean fits =
          taken.getAndUpdate(sum -> sum + size > limit ? sum : sum + size) + size <= limit;
      if (size <= limit) { // one that never fits tells nothing of the room that is left
        isFull = !fits;
      }
      return fits;
    }

    private StoreException full() {
      return new StoreException(
          Problem.FULL, "the memory for messages, " + limit + " bytes, is full");
    }

    @Override
    CompletableFuture<byte[]> get(Digest digest) {
      return completedFuture(messages.get(digest));
    }

    @Override
    long count() {
      return messages.size();
    }

    @Override
    void checkAlone() throws StoreException {
      if (isFull) {
        throw full();
      }
    }

    @Override
    public void close() {
      messages.clear();
    }
  }

  /** What a caller asked of a store, and the answer that it waits for. */
  abstract static class StoreRequest<T> extends CompletableFuture<T> {
    /** Nanoseconds that a caller waits for an answer at most, so that none hangs on a store. */
    static final long PATIENCE = 1_600_000_000;

    private final long start;
    final int size;

    /**
     * @param start since when its caller has waited
     * @param size bytes of a message that the store is to take
     */
    StoreRequest(long start, int size) {
      this.start = start;
      this.size = size;
    }

    private boolean endIfLate() {
      return endIfOlder(PATIENCE);
    }

    final boolean isOlder(long age) {
      return System.nanoTime() - start > age;
    }

    /** Returns whether it has ended. */
    final boolean endIfOlder(long age) {
      if (isOlder(age)) {
        completeExceptionally(
            new StoreException(Problem.AWAY, asked() + " did not answer in time"));
      }
      return isDone();
    }

    /** Who is to answer, for those who look for the reason when nobody does. */
    String asked() {
      return "the store";
    }
  }

  /**
   * A store's own thread, which takes all requests that wait as one group: what a commit or a round
   * trip costs is shared by the group, so the busier the store, the less each request costs.
   */
  static final class GroupThread<R extends StoreRequest<?>> {
    static final int LARGEST_GROUP = 256;

    /**
     * Bytes of messages with which a group is full: with more a slow disk or link is late for all.
     */
    private static final int LARGEST_SIZE = 8 << 20;

    /** Nanoseconds after which a request is not begun any more, if more wait than a group takes. */
    private static final long LONG_WAIT = 800_000_000;

    /** How often late requests are looked for, in nanoseconds. */
    private static final long STEP = 100_000_000;

    private final BlockingQueue<R> waiting = new LinkedBlockingQueue<>();

    /**
     * How many requests a group may have: fewer where one was late, as on a slow link; nobody knows
     * before how large the answers are.
     */
    private int limit = LARGEST_GROUP;

    private final Consumer<List<R>> work;
    private final Thread thread;
    private final Runnable watch;
    private volatile List<R> group = List.of();

    /**
     * @param work answers every request of the group that it is given
     * @param watch what else is to be done whenever late requests are looked for
     */
    GroupThread(String name, Consumer<List<R>> work, Runnable watch) {
      this.work = work;
      this.watch = watch;
      this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
      try {
        Thread.ofPlatform().daemon().name("late-requests").start(this::endLateRequests);
      } catch (OutOfMemoryError none) {
        close(); // or each try to get both would leave one behind
        throw none;
      }
    }

    void add(R request) {
      waiting.add(request);
      if (!thread.isAlive()) {
        request.completeExceptionally(new StoreException(Problem.AWAY, "the store is closed"));
      }
    }

    private void run() {
      String problem = "the store failed";
      boolean isOpen = true;
      Throwable failure = null; // why the last group has no answers, if it has not
      while (isOpen || !waiting.isEmpty() || failure != null) {
        try {
          if (failure != null) { // first, or the next group would have them forgotten
            for (R request : group) {
              request.completeExceptionally(failure);
            }
            failure = null;
          }
          // Before any is taken: a request taken out when there is no memory for it would be lost.
          var all = new ArrayList<R>(LARGEST_GROUP);
          R next = isOpen ? waiting.take() : waiting.poll();
          for (long size = 0; next != null; ) {
            all.add(next);
            size += next.size;
            next = all.size() < limit && size < LARGEST_SIZE ? waiting.poll() : null;
          }
          boolean leavesOthers = !waiting.isEmpty();
          group = all;
          long start = System.nanoTime();
          work.accept(all);
          limitNext(all, System.nanoTime() - start);
          group = List.of();
          if (leavesOthers) {
            endLongWaits();
          }
        } catch (InterruptedException closed) {
          isOpen = false;
        } catch (RuntimeException | Error unforeseen) {
          // A throw would end the store.
          failure = unforeseen;
          ErrorLog.report(problem, unforeseen);
          LockSupport.parkNanos(10_000_000); // rather than a spin, should it fail again at once
        }
      }
    }

    /** Limits the next group to what may be answered in time, by how long this one took. */
    private void limitNext(List<R> answered, long took) {
      long inTime = answered.size() * LONG_WAIT / (took + 1);
      if (took > LONG_WAIT && answered.getFirst().isOlder(StoreRequest.PATIENCE)) {
        limit = (int) Math.max(1, inTime);
      } else {
        // A pause makes all late, however few: by the steps alone, a far link took 5 s after one.
        long likely = answered.size() < limit ? 0 : inTime / 2;
        limit = (int) Math.min(LARGEST_GROUP, Math.max(limit + 1 + limit / 8, likely));
      }
    }

    /** Refuses what has waited long: if it had its turn, all behind it would be late as well. */
    private void endLongWaits() {
      for (R first; (first = waiting.peek()) != null && first.endIfOlder(LONG_WAIT); ) {
        waiting.remove(first);
      }
    }

    /**
     * For all at once: a timer for each request took 5 µs of processor time. In a platform thread,
     * as a virtual one takes memory for each wait, and never goes on where there is none.
     */
    private void endLateRequests() {
      String problem = "overdue requests to the store could not be ended";
      while (thread.isAlive() || !waiting.isEmpty()) {
        try {
          LockSupport.parkNanos(STEP);
          group.forEach(StoreRequest::endIfLate);
          waiting.removeIf(StoreRequest::endIfLate);
          watch.run();
        } catch (RuntimeException | Error unforeseen) {
          ErrorLog.report(problem, unforeseen);
        }
      }
    }

    /** Answers what waits, and ends. */
    void close() {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException impatient) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * A connection to a store. While its answers are quick, a loop itself answers, as one group at
   * the end of a round, all that was asked for in that round: to hand it to another thread takes a
   * third as long as the answer. Otherwise the connection's own thread answers, as it does for
   * callers that are not loops.
   */
  abstract static class StoreConnection<R extends StoreRequest<?>> {
    /** The average is that of about so many answers. */
    private static final int AVERAGED = 64;

    private final GroupThread<R> thread;

    private final long quick;

    /** What a loop is to answer at the end of its round. */
    private final Queue<R> ofRound = new ConcurrentLinkedQueue<>();

    /** What a loop is answering; a request goes when it is answered, or left to the thread. */
    private final Queue<R> inHand = new ConcurrentLinkedQueue<>();

    /** Held by whoever uses the connection. */
    private final ReentrantLock use = new ReentrantLock();

    /** Nanoseconds that an answer took of late. */
    volatile long average;

    /**
     * @param quick nanoseconds: one loop uses the connection while its answers take less on
     *     average; 0 when it is for all, who use it through the thread
     */
    StoreConnection(String name, long quick) {
      this.quick = quick;
      this.thread = new GroupThread<>(name, group -> inTurn(() -> answer(group)), this::watch);
    }

    /** A loop that calls this answers at the end of its round; for others, the thread does. */
    final void add(R request) {
      EventLoop loop = quick > 0 ? EventLoop.current() : null;
      if (loop == null) {
        thread.add(request);
      } else {
        ofRound.add(request);
        loop.execute(() -> answerRound(loop));
      }
    }

    private void answerRound(EventLoop loop) {
      if (!ofRound.isEmpty() && isQuick() && use.tryLock()) {
        try {
          if (loop.beginBlocking()) {
            answerInHand();
          }
        } finally {
          use.unlock();
          loop.endBlocking();
        }
      }
      handOver(ofRound);
    }

    private void answerInHand() {
      try {
        R next;
        for (int i = 0; i < GroupThread.LARGEST_GROUP && (next = ofRound.peek()) != null; i++) {
          inHand.add(next); // first, as it may throw for want of memory
          ofRound.remove(next);
        }
        answerOnLoop(inHand);
      } catch (Exception | Error failed) {
        // The thread tries again, and says so if it must.
      }
      handOver(inHand);
    }

    /** Synchronized, or a loop's thread and the one in its place might hand over one twice. */
    private synchronized void handOver(Queue<R> left) {
      for (R next; (next = left.peek()) != null; left.remove(next)) {
        thread.add(next);
      }
    }

    /** Sees to it that nobody waits for ever, while others use the connection. */
    void watch() {
      ofRound.forEach(StoreRequest::endIfLate);
      inHand.forEach(StoreRequest::endIfLate);
    }

    /** Waits for whoever uses the connection, and does something with it. */
    final void inTurn(Runnable work) {
      use.lock();
      try {
        work.run();
      } finally {
        use.unlock();
      }
    }

    /**
     * Answers what is in a group and takes it out; what is left because it was not quick, or when
     * this throws, the thread answers.
     */
    abstract void answerOnLoop(Queue<R> group) throws Exception;

    abstract void answer(List<R> group);

    final boolean isQuick() {
      return average < quick;
    }

    final void recordSince(long start) {
      average += (System.nanoTime() - start - average) / AVERAGED;
    }

    void close() {
      thread.close();
    }
  }

  /**
   * A file named as a store, with its write-ahead log (the -wal file) and that log's index (the
   * -shm file); looked at without SQLite, which would leave those beside it.
   *
   * @param name as given; the paths are absolute, as SQLite's are: relative ones would follow the
   *     working folder where that is moved
   */
  record SqliteFile(String name, Path path, Path log, Path index) {
    /** "MsgH", which tells the file from other programs' (sqlite.org/fileformat.html, 1.3). */
    static final int APPLICATION_ID = 0x4d736748;

    static final int SCHEMA_VERSION = 1;

    /** Returns a file that is this program's or can be made, and refuses all others. */
    static SqliteFile admit(String name) throws CannotStart {
      if (name.isEmpty()) {
        throw new CannotStart("--store: sqlite: needs a file name, as in sqlite:messages.db");
      }
      if (name.equals(":memory:")) { // to SQLite no file; here it would be one of this name
        throw new CannotStart("--store: memory: keeps messages in memory, sqlite:FILE in a file");
      }
      try {
        Path path = Path.of(name).toAbsolutePath();
        var file = new SqliteFile(name, path, beside(path, "-wal"), beside(path, "-shm"));
        file.check();
        return file;
      } catch (InvalidPathException | IOException unreadable) {
        throw new CannotStart("--store: " + name + " can't be read: " + unreadable.getMessage());
      }
    }

    private void check() throws IOException, CannotStart {
      refuseIf(Files.isDirectory(path), "is a folder");
      Path folder = log.getParent();
      refuseIf(!Files.isDirectory(folder), "there is no folder " + folder);
      refuseIf(
          !Files.isWritable(folder),
          "its folder is read-only, and SQLite makes its -wal and -shm files there");
      // SQLite would delete the -wal, and with it the latest messages. The -wal is looked at first,
      // as another server may be making both files.
      refuseIf(
          log.toFile().length() > 0 && path.toFile().length() == 0,
          "is missing or empty, but its write-ahead log " + log + " is not: both are needed");
      if (!Files.notExists(path)) { // it is there, or nobody can tell
        refuseIf(!Files.isRegularFile(path), "is not a file");
        refuseIf(isReadOnly(path), "is read-only");
        checkHeader();
      }
      for (Path kept : List.of(log, index)) {
        refuseIf(Files.exists(kept) && isReadOnly(kept), kept + " is read-only");
      }
    }

    private void refuseIf(boolean condition, String problem) throws CannotStart {
      if (condition) {
        throw new CannotStart("--store: " + name + ": " + problem);
      }
    }

    /** A file without any write permission is read-only for root too, whom nothing would stop. */
    private static boolean isReadOnly(Path file) throws IOException {
      var posix = Files.getFileAttributeView(file, PosixFileAttributeView.class);
      return !Files.isWritable(file)
          || posix != null
              && Collections.disjoint(
                  posix.readAttributes().permissions(),
                  PosixFilePermissions.fromString("-w--w--w-"));
    }

    /** The header's fields, big-endian, are at the offsets of sqlite.org/fileformat.html, 1.3. */
    private void checkHeader() throws IOException, CannotStart {
      byte[] start = start(path, 100);
      Path journal = beside(path, "-journal");
      boolean hasJournal = Files.exists(journal);
      // SQLite would make it empty again, as it was before. A first start cut off left three pages.
      refuseIf(
          Files.size(path) > 3 * 4096 && isOfEmptyFile(journal),
          "is an unfinished copy, which SQLite would empty because of " + journal);
      if (start.length == 0 || hasJournal && Arrays.equals(start, new byte[100])) {
        return; // new, or a power cut left it with its length alone, and SQLite makes it anew
      }
      String text = new String(start, StandardCharsets.ISO_8859_1);
      refuseIf(start.length < 100 || !text.startsWith("SQLite format 3\0"), "is not a SQLite file");
      var header = ByteBuffer.wrap(start);
      refuseIf(header.getInt(68) != APPLICATION_ID, "is another program's SQLite file");
      int version = header.getInt(60);
      refuseIf(
          version != SCHEMA_VERSION,
          "has schema version " + version + ", but this program needs " + SCHEMA_VERSION);
      long pages = Integer.toUnsignedLong(header.getInt(28));
      boolean isWhole = Files.size(path) >= pages * pageSize(header.getShort(16));
      boolean isToBeRecovered = Files.exists(log) || hasJournal;
      refuseIf(!isWhole && !isToBeRecovered, "is truncated");
    }

    private static byte[] start(Path file, int length) throws IOException {
      try (var in = Files.newInputStream(file)) {
        return in.readNBytes(length);
      }
    }

    /** Whether a journal is to bring back a file without pages (sqlite.org/fileformat.html, 3). */
    private static boolean isOfEmptyFile(Path journal) throws IOException {
      try {
        var header = ByteBuffer.wrap(start(journal, 20));
        return header.limit() == 20
            && header.getLong(0) == 0xd9d505f920a163d7L
            && header.getInt(16) == 0;
      } catch (NoSuchFileException none) {
        return false;
      }
    }

    /** Bytes of a page by two bytes of the file's header, or of the -shm: 1 is the largest. */
    static int pageSize(short header) {
      return header == 1 ? 65536 : Short.toUnsignedInt(header);
    }

    /** A file that SQLite keeps beside its own, or beside what a link leads to, there or not. */
    private static Path beside(Path file, String suffix) throws IOException {
      Path real = file;
      for (int links = 0; links < 40 && Files.isSymbolicLink(real); links++) {
        real = real.resolveSibling(Files.readSymbolicLink(real));
      }
      return real.resolveSibling(real.getFileName() + suffix);
    }

    /** What the file system knows the three by, whatever their names. */
    record Keys(Object file, Object log, Object index) {}

    Keys keys() {
      return new Keys(key(path), key(log), key(index));
    }

    /** Equals no other where the file is gone; null where the file system has no such keys. */
    private static Object key(Path file) {
      try {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      } catch (IOException gone) {
        return new Object();
      }
    }
  }

  /**
   * Keeps messages in a SQLite file: one thread commits all posts that wait in one transaction, and
   * a loop reads all that it is asked for in one round in another, or has a thread do so.
   *
   * <p>The journal is a write-ahead log, so that readers and the writer don't wait for each other
   * (sqlite.org/wal.html), and {@code synchronous=FULL} has it on the disk before a commit returns.
   * Two servers on one file take turns at writing.
   */
  static final class SqliteStore extends MessageStore {
    /**
     * The digest's index beside a table in the order of arrival, rather than a table WITHOUT ROWID:
     * at 3 million messages this takes 1.2 times the posts a second, and the largest rowid is the
     * number of messages.
     */
    private static final String SCHEMA =
        "CREATE TABLE message(digest BLOB NOT NULL PRIMARY KEY, content TEXT NOT NULL)";

    private static final String SELECTION = "SELECT content FROM message WHERE digest = ?";

    private static final String OTHER_FOLDER =
        "; JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER names another";

    private final SqliteFile file;

    /** Those that the files had at first. */
    private final SqliteFile.Keys fileKeys;

    private final List<SQLiteConnection> connections = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    final Writer writer;
    final Checkpointer checkpointer;

    /** Opens a file, or makes it; one that is not this program's stays as it is. */
    static SqliteStore open(String path) throws CannotStart {
      SqliteFile file = SqliteFile.admit(path);
      try {
        loadSqlite();
        return new SqliteStore(file);
      } catch (SQLException | IOException refused) {
        boolean isFull = code(refused) == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE;
        String why = isFull ? "there is no room for its -shm file" : refused.getMessage();
        throw new CannotStart("--store: " + path + " can't be used: " + why);
      }
    }

    /**
     * Loads the native library from a folder that can go at once: sqlite-jdbc would leave a
     * megabyte among the temporary files whenever the process is killed.
     */
    private static void loadSqlite() throws IOException {
      Path folder = temporaryFolder();
      try {
        System.setProperty("org.sqlite.tmpdir", folder.toString());
        SQLiteJDBCLoader.initialize();
      } catch (Exception unloadable) {
        throw new IOException(
            "SQLite can't be loaded on this machine, or from " + folder.getParent() + OTHER_FOLDER,
            unloadable);
      } finally {
        for (File file : Objects.requireNonNullElse(folder.toFile().listFiles(), new File[0])) {
          file.delete();
        }
        folder.toFile().delete(); // stays where a library in use can't be deleted (Windows)
      }
    }

    private static Path temporaryFolder() throws IOException {
      try {
        return Files.createTempDirectory("sqlite");
      } catch (IOException failed) {
        throw new IOException(
            "no temporary folder can be made in "
                + System.getProperty("java.io.tmpdir")
                + OTHER_FOLDER,
            failed);
      }
    }

    private SqliteStore(SqliteFile file) throws SQLException, IOException {
      super("sqlite:" + file.name);
      this.file = file;
      try {
        var writing = connect(LockWait.LONGEST);
        makeSchema(writing);
        BusyHandler.setHandler(writing, new LockWait(LockWait.LONG));
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
          readers.add(new Reader());
        }
        syncLog();
        checkpointer = new Checkpointer();
        fileKeys = file.keys();
        writer = new Writer(writing);
      } catch (SQLException | IOException | RuntimeException failed) {
        readers.forEach(Reader::close);
        disconnect();
        throw failed;
      }
      checkpointer.start();
    }

    /**
     * Syncs the -wal, as a killed process may have committed without a sync: a client that posts
     * such a message again is told that it is there already.
     */
    private void syncLog() throws IOException {
      try (var log = FileChannel.open(file.log, StandardOpenOption.WRITE)) {
        log.force(true);
      }
    }

    /**
     * @param patience nanoseconds to wait for another program's locks
     */
    private SQLiteConnection connect(long patience) throws SQLException {
      // As a URI, a name may have question marks and percent signs.
      String url = "jdbc:sqlite:file:" + file.path.toUri().getRawPath();
      var properties = new Properties();
      // Else sqlite-jdbc asks for the row's number after each insertion: 3 µs of its 7.
      properties.setProperty("jdbc.get_generated_keys", "false");
      SQLiteConnection connection = JDBC.createConnection(url, properties);
      connections.add(connection);
      // Else it tries a transaction of its own after each insertion: 1 µs of the writer's 19.
      connection.getConnectionConfig().setAutoCommit(false);
      try (var settings = connection.createStatement()) {
        BusyHandler.setHandler(connection, new LockWait(patience));
        settings.execute("PRAGMA synchronous=FULL");
        // On macOS an fsync leaves it in the disk's own cache (sqlite.org/pragma.html).
        settings.execute("PRAGMA fullfsync=ON");
        settings.execute("PRAGMA wal_autocheckpoint=0");
        settings.execute("PRAGMA journal_size_limit=268435456");
      }
      return connection;
    }

    /** The header's marks are written before WAL mode is on, so that they are in the file. */
    private static void makeSchema(SQLiteConnection connection) throws SQLException {
      if (isEmpty(connection)) { // else it can be read, whoever is writing
        try (var transaction = connection.createStatement()) {
          transaction.execute("BEGIN IMMEDIATE");
          if (isEmpty(connection)) { // still, as another server may have made it meanwhile
            transaction.execute(SCHEMA);
            transaction.execute("PRAGMA application_id=" + SqliteFile.APPLICATION_ID);
            transaction.execute("PRAGMA user_version=" + SqliteFile.SCHEMA_VERSION);
          }
          transaction.execute("COMMIT");
        }
      }
      turnLogOn(connection);
    }

    private static boolean isEmpty(SQLiteConnection connection) throws SQLException {
      return ask(connection, "PRAGMA user_version").equals("0");
    }

    /** SQLite's own waiting leaves this out: it fails while another server opens a new file too. */
    private static void turnLogOn(SQLiteConnection connection) throws SQLException {
      var wait = new LockWait(LockWait.LONGEST);
      for (int times = 0; ; times++) {
        try {
          ask(connection, "PRAGMA journal_mode=WAL");
          return;
        } catch (SQLException busy) {
          if (wait.callback(times) == 0) {
            throw busy;
          }
        }
      }
    }

    /** The first value of an answer; an answer left open would hold its locks. */
    private static String ask(java.sql.Connection connection, String question) throws SQLException {
      try (var statement = connection.createStatement();
          var rows = statement.executeQuery(question)) {
        return rows.getString(1);
      }
    }

    /** Throws where what is written would be lost. */
    private void checkFiles() throws SQLException {
      if (!fileKeys.equals(file.keys())) {
        throw new SQLException(
            "the file, its -wal or its -shm was moved or deleted, or its folder is not accessible");
      }
      if (checkpointer.isLogCutShort()) {
        throw new SQLException("its -wal or its -shm was truncated");
      }
    }

    @Override
    CompletableFuture<Boolean> put(Digest digest, byte[] message) {
      return writer.write(new Post(digest, message));
    }

    @Override
    CompletableFuture<byte[]> get(Digest digest) {
      return read(
          selection -> {
            selection.setBytes(1, digest.toBytes());
            try (var rows = selection.executeQuery()) {
              return rows.next() ? rows.getBytes(1) : null;
            }
          });
    }

    private <T> Read<T> read(Query<T> query) {
      var read = new Read<>(query);
      EventLoop loop = EventLoop.current();
      int number = loop == null ? ThreadLocalRandom.current().nextInt(readers.size()) : loop.number;
      readers.get(number % readers.size()).add(read);
      return read;
    }

    /** No message is ever deleted, so the last one's number is their count. */
    @Override
    long count() throws StoreException {
      String last = "SELECT coalesce(max(rowid), 0) FROM message";
      return MessageStore.await(
          read(selection -> Long.parseLong(ask(selection.getConnection(), last))));
    }

    /** Tries to store what was refused last: of most faults only a commit can tell. */
    @Override
    void checkAlone() throws StoreException {
      count();
      MessageStore.await(writer.write(new Trial()));
    }

    @Override
    public void close() {
      if (checkpointer.isStopped()) {
        return;
      }
      writer.close();
      readers.forEach(Reader::close);
      boolean mayMoveLog = mayMoveLog();
      checkpointer.stop();
      if (mayMoveLog) {
        disconnect();
      }
      checkpointer.closeFiles();
    }

    /**
     * Whether the -wal and -shm are still this server's, as is a -wal that was deleted, which is
     * open here. SQLite would take the pages of another server's new -wal for those of the old, and
     * would checkpoint half of a transaction from a truncated one, up to a page that is missing.
     */
    private boolean mayMoveLog() {
      SqliteFile.Keys now = file.keys();
      return Objects.equals(fileKeys.index, now.index)
          && (Objects.equals(fileKeys.log, now.log) && !checkpointer.isLogCutShort()
              || Files.notExists(file.log));
    }

    /** The last connection to go checkpoints the -wal and deletes it. */
    private void disconnect() {
      // If it can't, nothing is lost: the next start reads what is in the -wal.
      connections.forEach(MsgHashingServer::closeQuietly);
    }

    private static SQLiteErrorCode code(Exception failed) {
      return failed instanceof SQLiteException sqlite
          ? sqlite.getResultCode()
          : SQLiteErrorCode.UNKNOWN_ERROR;
    }

    private StoreException reason(SQLException failed) {
      Problem problem =
          switch (code(failed)) {
            // At a quota, or a limit of the file's size, a write fails and SQLite does not say that
            // it is full; nor does it on a full disk where the -shm has to grow.
            case SQLITE_FULL, SQLITE_TOOBIG, SQLITE_IOERR_WRITE, SQLITE_IOERR_SHMSIZE ->
                Problem.FULL;
            case SQLITE_CORRUPT, SQLITE_CORRUPT_INDEX, SQLITE_NOTADB -> Problem.CORRUPT;
            default -> Problem.AWAY;
          };
      // SQLite says the same of a read that fails, as where the disk was taken away: nobody should
      // go back to an old copy before the disk is looked at.
      String doubt = problem == Problem.CORRUPT ? ", or its disk can't be read" : "";
      return new StoreException(problem, file.name + ": " + failed.getMessage() + doubt);
    }

    /** Where there is no memory for it, again and again: nothing else would end its locks. */
    private static void rollBack(Statement transaction) {
      while (true) {
        try {
          transaction.execute("ROLLBACK");
          return;
        } catch (SQLException rolledBackAlready) {
          // SQLite does so itself on some errors, a full disk among them
          // (sqlite.org/lang_transaction).
          return;
        } catch (OutOfMemoryError full) {
          LockSupport.parkNanos(10_000_000);
        }
      }
    }

    /** A statement in place of one that failed, which sqlite-jdbc gives up. */
    private static PreparedStatement renew(PreparedStatement failed, String words) {
      try (failed) {
        return failed.getConnection().prepareStatement(words);
      } catch (SQLException stillFailing) {
        // The next use fails, and comes here again.
        return failed;
      }
    }

    /**
     * Waits for another program's commit in short steps: SQLite's own grow to a tenth of a second,
     * in which a busy neighbour would commit fifty times.
     */
    private static final class LockWait extends BusyHandler {
      private static final long STEP = 500_000;

      /** Two groups that wait in vain, one after the other, still end in time for their callers. */
      private static final long LONG = 700_000_000;

      /**
       * At the start, when nobody waits for an answer yet, and another server may be reading a -wal
       * of gigabytes after a crash.
       */
      private static final long LONGEST = 10_000_000_000L;

      private final long patience;
      private long start;

      LockWait(long nanoseconds) {
        patience = nanoseconds;
      }

      @Override
      protected int callback(int timesBefore) {
        long now = System.nanoTime();
        start = timesBefore == 0 ? now : start;
        LockSupport.parkNanos(STEP);
        return now - start < patience ? 1 : 0;
      }
    }

    /** Something that is read through the connection of a selection. */
    private interface Query<T> {
      T answer(PreparedStatement selection) throws SQLException;
    }

    private static final class Read<T> extends StoreRequest<T> {
      private final Query<T> query;

      Read(Query<T> query) {
        super(System.nanoTime(), 0);
        this.query = query;
      }
    }

    /** A connection that reads: all of a group in one transaction. */
    private final class Reader extends StoreConnection<Read<?>> {
      /** Nanoseconds: to read a message from memory and make its answer takes 10 µs. */
      private static final long QUICK = 100_000;

      private final Statement transaction;
      private PreparedStatement selection;

      Reader() throws SQLException {
        var connection = connect(LockWait.LONG);
        transaction = connection.createStatement();
        selection = connection.prepareStatement(SELECTION);
        super("sqlite-reader", QUICK);
      }

      @Override
      void answerOnLoop(Queue<Read<?>> group) throws SQLException {
        read(group, this::isQuick);
      }

      /** Reads one message after the other, under a condition. */
      private void read(Queue<Read<?>> group, BooleanSupplier goesOn) throws SQLException {
        try {
          transaction.execute("BEGIN");
          for (Read<?> read; goesOn.getAsBoolean() && (read = group.peek()) != null; ) {
            if (!read.isDone()) {
              answer(read);
            }
            group.remove(read);
          }
          transaction.execute("COMMIT");
        } catch (SQLException | RuntimeException | Error failed) {
          // A transaction left open would keep the -wal from being restarted.
          rollBack(transaction);
          selection = renew(selection, SELECTION);
          throw failed;
        }
      }

      private <T> void answer(Read<T> read) throws SQLException {
        long start = System.nanoTime();
        try {
          read.complete(read.query.answer(selection));
        } finally {
          recordSince(start);
        }
      }

      @Override
      void answer(List<Read<?>> group) {
        try {
          read(new ArrayDeque<>(group), () -> true);
        } catch (SQLException failed) {
          StoreException reason = reason(failed);
          if (reason.problem == Problem.CORRUPT && group.size() > 1) {
            // Other messages may be whole.
            group.forEach(read -> answer(List.of(read)));
          } else {
            group.forEach(read -> read.completeExceptionally(reason));
          }
        }
      }
    }

    /** What waits to be committed. */
    private abstract static sealed class Write extends StoreRequest<Boolean> {
      boolean isNew;

      Write(int size) {
        super(System.nanoTime(), size);
      }
    }

    /** A message to be stored. */
    private static final class Post extends Write {
      private final Digest digest;
      private final byte[] message;

      Post(Digest digest, byte[] message) {
        super(message.length);
        this.digest = digest;
        this.message = message;
      }
    }

    /** Has the post that was refused last tried again, if there is one. */
    private static final class Trial extends Write {
      Trial() {
        super(0);
      }
    }

    /** The connection that writes: all posts of a group in one transaction. */
    final class Writer {
      private static final String INSERTION =
          "INSERT INTO message VALUES(?, CAST(? AS TEXT)) ON CONFLICT DO UPDATE"
              + " SET content = excluded.content WHERE content IS NOT excluded.content";

      final SQLiteConnection connection;
      private final Statement transaction;
      private PreparedStatement insertion;
      private final GroupThread<Write> thread;

      /** The last message that could not be stored, unless one was since; the writer's alone. */
      private Post refused;

      /** Whether the -wal ends in what could not be synced: nothing may be appended to that. */
      private boolean isLogToBeCut;

      Writer(SQLiteConnection connection) throws SQLException {
        this.connection = connection;
        transaction = connection.createStatement();
        // Readers gain nothing by more than SQLite's own 2 MB, and there is one a processor.
        transaction.execute("PRAGMA cache_size=-16000");
        insertion = connection.prepareStatement(INSERTION);
        rollBack(transaction); // there is none: has what tells of a failure loaded, as WarmUp does
        thread = new GroupThread<>("sqlite-writer", this::commit, () -> {});
      }

      Write write(Write write) {
        thread.add(write);
        return write;
      }

      private void commit(List<Write> group) {
        try {
          if (isLogToBeCut) {
            throw new SQLException("its -wal has what could not be synced");
          }
          checkFiles();
          transaction.execute("BEGIN IMMEDIATE");
          for (Write write : group) {
            Post wanted = write instanceof Post post ? post : refused;
            write.isNew = wanted != null && insert(wanted);
          }
          transaction.execute("COMMIT");
          checkFiles(); // again, as a commit may take long
          if (group.stream().anyMatch(write -> write.isNew || write instanceof Trial)) {
            refused = null;
          }
          group.forEach(write -> write.complete(write.isNew));
        } catch (SQLException failed) {
          rollBack(transaction);
          insertion = renew(insertion, INSERTION);
          isLogToBeCut |= code(failed) == SQLiteErrorCode.SQLITE_IOERR_FSYNC;
          if (isLogToBeCut) {
            cutLog();
          }
          refuse(group, failed);
        } catch (RuntimeException | Error unforeseen) {
          // A transaction left open would keep the file from every other server.
          rollBack(transaction);
          throw unforeseen;
        }
      }

      /**
       * Truncates the -wal before what could not be synced. The system takes it for written, and so
       * would the next start; and where the -wal had grown, ext4 does not keep even what is written
       * over it later.
       */
      private void cutLog() {
        try {
          transaction.execute("BEGIN IMMEDIATE"); // nobody else writes to the -wal meanwhile
          checkFiles();
          checkpointer.cutLog();
          isLogToBeCut = false;
        } catch (SQLException | IOException failed) {
          // Tried again at the next post, or at a check.
          ErrorLog.report(
              "the -wal file could not be truncated", file.name + ": " + failed.getMessage());
        } finally {
          rollBack(transaction);
        }
      }

      private void refuse(List<Write> group, SQLException failed) {
        StoreException reason = reason(failed);
        if (reason.problem != Problem.AWAY && group.size() > 1) {
          // A large message must not take the room of a small one, nor a damaged page all of them;
          // halves, as most of a group may be well and a commit each would make it late.
          commit(group.subList(0, group.size() / 2));
          commit(group.subList(group.size() / 2, group.size()));
          return;
        }
        if (reason.problem != Problem.CORRUPT && code(failed) != SQLiteErrorCode.SQLITE_TOOBIG) {
          // It was not for the message itself, nor for its place in the file.
          for (Write write : group) {
            refused = write instanceof Post post ? post : refused;
          }
        }
        group.forEach(write -> write.completeExceptionally(reason));
      }

      private boolean insert(Post post) throws SQLException {
        insertion.setBytes(1, post.digest.toBytes());
        insertion.setBytes(2, post.message);
        return insertion.executeUpdate() == 1;
      }

      void close() {
        thread.close();
      }
    }

    /** Checkpoints a long -wal and syncs the file, while posts go on. */
    final class Checkpointer {
      /**
       * Pages (4 KiB) in the -wal from which it is checkpointed: 1.07 times the posts a second of
       * 16,000, which gave 1.6 times those of SQLite's own 1,000. The -wal then stays as long.
       */
      private static final int LONG_LOG = 30_000;

      /** Bytes of the header of the -shm. */
      private static final int INDEX_HEADER = 136;

      private final ScheduledExecutorService schedule =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().daemon().name("sqlite-checkpointer").factory());
      private final Statement moving;

      /**
       * To sync what has been checkpointed. Stays open as long as there are connections: to close
       * it, as an interrupt does with a channel, drops this process's locks on the file
       * (sqlite.org/howtocorrupt.html, 2.2).
       */
      final RandomAccessFile syncing;

      /**
       * The -shm file, which stays open for the same reason; a channel, as on Windows SQLite could
       * not delete a file that is open otherwise.
       */
      private final FileChannel index;

      private final ByteBuffer indexHeader;

      /** Lasts as long as that is mapped. */
      private final Arena mapping = Arena.ofShared();

      Checkpointer() throws SQLException, IOException {
        // To wait longer, for a reader that came meanwhile, would keep posts waiting.
        moving = connect(100_000_000).createStatement();
        syncing = new RandomAccessFile(file.path.toFile(), "rw");
        index = FileChannel.open(file.index, StandardOpenOption.READ, StandardOpenOption.WRITE);
        var header = index.map(FileChannel.MapMode.READ_WRITE, 0, INDEX_HEADER, mapping);
        indexHeader = header.asByteBuffer().order(ByteOrder.nativeOrder());
      }

      void start() {
        schedule.scheduleWithFixedDelay(this::checkpoint, 100, 100, TimeUnit.MILLISECONDS);
      }

      /** Does so if the -wal is long; a throw would end the schedule, and it would grow forever. */
      private void checkpoint() {
        String problem = "the write-ahead log could not be checkpointed"; // see ErrorLog.report
        try {
          checkpoint(problem);
        } catch (RuntimeException | Error unforeseen) {
          ErrorLog.report(problem, unforeseen);
        }
      }

      /**
       * Checkpoints a long -wal and syncs the file: first while posts go on, which would otherwise
       * wait for a second where the disk is slow; then again, as much has come meanwhile; then the
       * rest while nobody writes, as otherwise one of two busy servers would always have written
       * more. A reader that needs the -wal for longer is not waited for, unless such readers make
       * it far too long.
       */
      private void checkpoint(String problem) {
        try {
          checkFiles();
          Log log = logAfter("NOOP");
          if (log.length > LONG_LOG && !log.isComplete()) {
            checkpointBesidePosts();
            if (checkpointBesidePosts().isWorthWaitingFor()) {
              // Also waits until nobody reads from the -wal, or it would often not be restarted
              // (sqlite.org/wal.html).
              logAfter("RESTART");
            }
          }
        } catch (SQLException | IOException failed) {
          // What could not be checkpointed stays in the -wal, and is tried again, but not at once.
          ErrorLog.report(problem, file.name + ": " + failed.getMessage());
          LockSupport.parkNanos(1_000_000_000);
        }
      }

      /** Syncs too, which SQLite does only after the last page, while posts have to wait for it. */
      private Log checkpointBesidePosts() throws SQLException, IOException {
        Log log = logAfter("PASSIVE");
        try {
          syncing.getFD().sync();
        } catch (SyncFailedException failed) {
          forgetCheckpoint();
          throw failed;
        }
        return log;
      }

      /**
       * Has all of the -wal checkpointed again, as the system drops what it can't write (Rebello et
       * al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020), while SQLite has
       * noted it as checkpointed. That note (nBackfill) and the checkpointer's lock are where
       * sqlite.org/walformat.html says (2.1 and 2.3).
       */
      private void forgetCheckpoint() throws IOException {
        try (var _ = index.lock(121, 1, false)) {
          indexHeader.putInt(96, 0);
        }
      }

      /**
       * Truncates the -wal after its last commit. Nobody may write to it meanwhile. Not through a
       * channel: an interrupt, by which {@code close} ends the writer, would close that first.
       */
      void cutLog() throws IOException {
        try (var log = new RandomAccessFile(file.log.toFile(), "rw")) {
          log.setLength(committed());
        }
      }

      /**
       * Whether the -wal lacks what was committed and is not all checkpointed, because someone
       * emptied it, say; or the -shm lacks its header, and a read of that memory would be fatal.
       */
      boolean isLogCutShort() {
        if (file.index.toFile().length() < INDEX_HEADER) {
          return true;
        }
        long least = committed(); // first, as another server may add to both
        boolean isMoved = indexHeader.getInt(96) == indexHeader.getInt(16);
        return file.log.toFile().length() < least && !isMoved;
      }

      /**
       * The bytes of the -wal up to its last commit: as many pages, of the size, as the -shm says
       * (sqlite.org/walformat.html, 2.1), each with a header (sqlite.org/fileformat.html, 4.1).
       */
      private long committed() {
        long pages = Integer.toUnsignedLong(indexHeader.getInt(16));
        int pageSize = SqliteFile.pageSize(indexHeader.getShort(14));
        return pages == 0 ? 0 : 32 + pages * (24 + pageSize);
      }

      private Log logAfter(String checkpoint) throws SQLException {
        try (var row = moving.executeQuery("PRAGMA wal_checkpoint(" + checkpoint + ")")) {
          return new Log(row.getInt("log"), row.getInt("checkpointed"));
        }
      }

      /**
       * How many pages the -wal has, and how many of them are checkpointed; -1 for both while
       * another server runs a checkpoint.
       */
      record Log(int length, int checkpointed) {
        boolean isComplete() {
          return length >= 0 && checkpointed == length;
        }

        /**
         * Whether posts may wait for the rest: all is checkpointed, or the -wal is far too long.
         */
        boolean isWorthWaitingFor() {
          return isComplete() || length > 4 * LONG_LOG && length - checkpointed < LONG_LOG / 10;
        }
      }

      void stop() {
        schedule.close();
        mapping.close(); // first, as on Windows a file that is mapped can't be deleted
      }

      boolean isStopped() {
        return schedule.isShutdown();
      }

      void closeFiles() {
        closeQuietly(syncing);
        closeQuietly(index);
      }
    }
  }

  /** Where a Redis is and how it is spoken to, as {@code redis://user:password@host:port/db}. */
  record RedisAddress(HostAndPort node, JedisClientConfig config) {
    /** Not java.net.URI, which refuses host names with underscores, as containers have them. */
    private static final Pattern FORM =
        Pattern.compile(
            "(?<scheme>rediss?)://(?:(?<user>[^\\s:@/]*):(?<password>[^\\s:@/]*)@)?"
                + "(?<host>\\[[0-9A-Fa-f:.]+]|[^\\s:@/?#\\[\\]]+)"
                + "(?::(?<port>[0-9]{1,5}))?(?:/(?<database>[0-9]{1,4})?)?");

    /** Puts a password, if there is one, where an address of Redis has none or an empty one. */
    static String withPassword(String choice, String password) {
      if (password == null) {
        return choice;
      }
      String escaped = URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
      return choice.replaceFirst(
          "^(rediss?://)(?:([^\\s:@/]*):@)?(?=[^@]*$)", "$1$2:" + escaped + "@");
    }

    /** A choice as it may be shown: without user and password. */
    static String withoutSecrets(String choice) {
      return choice.replaceFirst("(?s):(//)?.*@", ":$1");
    }

    static RedisAddress parse(String choice) throws CannotStart {
      var form = FORM.matcher(choice);
      if (!form.matches() || number(form.group("port"), 0) > 65535) {
        throw new CannotStart(
            // Without the choice: a password may be anywhere in what can't be read.
            "--store: not of the form redis://user:password@host:port/number, where user may be"
                + " empty, and : @ / and blanks in a password are %3A %40 %2F and %20");
      }
      var config =
          DefaultJedisClientConfig.builder()
              .connectionTimeoutMillis(1000)
              .socketTimeoutMillis(1500) // more than WAIT takes, less than a caller's patience
              // Its answer would hide why a Redis that has no room for a client refuses it.
              .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
              .database(number(form.group("database"), Protocol.DEFAULT_DATABASE));
      String password = form.group("password");
      if (password != null) {
        String user = decode(form.group("user"));
        config.user(user.isEmpty() ? null : user).password(decode(password));
      }
      if (form.group("scheme").equals("rediss")) {
        config.sslOptions(tls());
      }
      int port = number(form.group("port"), Protocol.DEFAULT_PORT);
      return new RedisAddress(new HostAndPort(form.group("host"), port), config.build());
    }

    private static int number(String digits, int otherwise) {
      return digits == null ? otherwise : Integer.parseInt(digits);
    }

    /** Jedis goes by the JVM's property trustStore, but not by keyStore. */
    private static SslOptions tls() throws CannotStart {
      // Of another type, such as Windows-ROOT, or called NONE, it may be in no file.
      if (System.getProperty("javax.net.ssl.trustStoreType") == null
          && !"NONE".equals(System.getProperty("javax.net.ssl.trustStore"))) {
        requireReadable("trustStore");
      }
      requireReadable("keyStore");
      var options = SslOptions.builder();
      String keystore = System.getProperty("javax.net.ssl.keyStore");
      if (keystore != null) {
        String password = System.getProperty("javax.net.ssl.keyStorePassword", "");
        options.keystore(new File(keystore), password.toCharArray());
      }
      return options.build();
    }

    /**
     * Else Redis would seem at fault: Java takes a trust store that is missing for an empty one.
     */
    private static void requireReadable(String store) throws CannotStart {
      String property = "javax.net.ssl." + store;
      String file = System.getProperty(property);
      if (file != null) {
        String password = System.getProperty(property + "Password", "");
        try {
          // No password stands for any, as for Java itself: the certificates may be in the clear.
          char[] secret = password.isEmpty() ? null : password.toCharArray();
          KeyStore.getInstance(new File(file), secret);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unreadable) {
          String why = Objects.requireNonNullElse(unreadable.getMessage(), "is truncated");
          throw new CannotStart("--store: " + property + ": " + file + ": " + why);
        }
      }
    }

    /** RFC 3986 section 2.1, where a plus sign is itself; an escape that is none stays. */
    private static String decode(String escaped) {
      try {
        return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException unescaped) {
        return escaped;
      }
    }
  }

  /**
   * Keeps messages in Redis, a single one or a cluster, under {@code msg:<digest>}; any number of
   * servers may share it.
   *
   * <p>Commands that wait for the same node travel together. With 64 callers that carries 4 times
   * the commands of a pool of 64 connections and 2.8 times those of Lettuce, at less than a third
   * of the processor time of either (docs/performance.md). A node on this machine is asked by the
   * loops themselves; for one further away they would wait longer than a hand-over to a thread
   * takes.
   */
  static final class RedisStore extends MessageStore {
    private static final String KEY_PREFIX = "msg:";
    private static final int MAX_REDIRECTIONS = 5;

    /** Longest wait for replicas; less than a caller's patience. */
    private static final int WAIT_MILLISECONDS = 1000;

    private final JedisClientConfig config;

    /**
     * Apart from those of posts, which may wait for replicas. Besides, where threads ask, one
     * connection for both would answer half as much.
     */
    private final NodeConnections reads = new NodeConnections(0);

    private final NodeConnections writes;

    /** Those of {@code check} in a cluster: what it tries may wait, which no read has to. */
    private final NodeConnections checks = new NodeConnections(0);

    /** The last that a node refused, which {@code check} tries: other nodes may take theirs. */
    private final AtomicReference<Entry> refused = new AtomicReference<>(Entry.NONE);

    private final boolean isCluster;
    private final Topology topology;

    /** How many connections have taken a first post: a new one may lead to another master. */
    private final AtomicInteger firstPosts = new AtomicInteger();

    /**
     * A message and its key.
     *
     * @param trial how a check sets it to see whether it would be taken
     */
    private record Entry(byte[] key, byte[] message, SetParams trial) {
      /**
       * On the condition that it is there, which it is not: Redis refuses that for all reasons for
       * which it refuses a message (full, read-only, no disk), and else does nothing.
       */
      private static final SetParams IF_THERE = SetParams.setParams().xx();

      /** For a millisecond: WAIT, since Redis 7.2, waits for no replica behind nothing. */
      private static final SetParams FOR_A_MOMENT = SetParams.setParams().px(1);

      private static final Entry NONE = new Entry(keyOf(""), new byte[0]);

      Entry(byte[] key, byte[] message) {
        this(key, message, IF_THERE);
      }

      /**
       * An empty message of the same slot, for which what is in braces counts (Redis Cluster
       * specification, "Hash tags"): the message itself may be why it was not taken, for its size.
       */
      Entry beside() {
        String tag = "{" + new String(key, StandardCharsets.US_ASCII) + "}";
        return new Entry(keyOf(tag), new byte[0], FOR_A_MOMENT);
      }
    }

    /** Asks the Redis at an address what it is. */
    static RedisStore open(String choice, int replicas) throws CannotStart {
      String name = RedisAddress.withoutSecrets(choice);
      RedisAddress address = RedisAddress.parse(choice);
      try (var redis = new Jedis(address.node(), address.config())) {
        String info = redis.info();
        if (info.contains("_mode:sentinel")) { // "redis_", or "server_" as Valkey has it
          throw new CannotStart("--store: " + name + " is a Sentinel, which keeps no messages");
        }
        boolean isCluster = info.contains("cluster_enabled:1");
        Slots slots =
            isCluster
                ? Slots.of(redis.sendCommand(Protocol.Command.CLUSTER, "SLOTS"), address.node())
                : Slots.allOf(address.node());
        for (HostAndPort node : slots.all) {
          refuseEvicting(node, address.config());
        }
        return new RedisStore(name, address, replicas, isCluster, slots);
      } catch (JedisDataException refused) {
        throw new CannotStart("--store: " + name + " refuses: " + refused.getMessage());
      } catch (JedisException away) {
        boolean isTls = choice.startsWith("rediss:");
        // Jedis suppresses, and does not name as the cause, why it could not connect at all.
        String hint =
            switch (away.getCause()) {
              case SocketException cutOff when isTls -> "; it may require a client certificate";
              case SocketException cutOff -> "; it may require TLS (rediss://)";
              case SocketTimeoutException silent when isTls -> "; it may not use TLS (redis://)";
              case null, default -> "";
            };
        throw new CannotStart("--store: " + name + " can't be reached: " + messageOf(away) + hint);
      } catch (RuntimeException | OutOfMemoryError | StackOverflowError unread) {
        throw new CannotStart("--store: " + name + " sent an answer that can't be read: " + unread);
      }
    }

    private RedisStore(
        String name, RedisAddress address, int replicas, boolean isCluster, Slots slots) {
      super(name);
      this.config = address.config();
      this.writes = new NodeConnections(replicas);
      this.isCluster = isCluster;
      this.topology = new Topology(address.node(), slots); // last: it uses the connections above
    }

    /** Refuses a node that evicts keys of every kind; one that is away now can't be asked. */
    private static void refuseEvicting(HostAndPort node, JedisClientConfig config)
        throws CannotStart {
      try (var redis = new Jedis(node, config)) {
        if (redis.info("memory").contains("maxmemory_policy:allkeys-")) {
          throw new CannotStart(
              "--store: "
                  + node
                  + " drops messages when its memory is full: its maxmemory-policy must not be"
                  + " one of allkeys-...; noeviction is the default");
        }
      } catch (JedisDataException refused) {
        throw new CannotStart("--store: " + node + " refuses: " + refused.getMessage());
      } catch (JedisConnectionException away) {
        // Its part of the messages is 503 until it is back.
      }
    }

    private static String messageOf(Throwable failure) {
      Throwable root = rootOf(failure);
      String why = Objects.requireNonNullElseGet(root.getMessage(), root::toString);
      return switch (root) {
        case CertificateException _ -> "its certificate: " + why;
        case UnknownHostException _ -> "there is no host " + why;
        default -> why;
      };
    }

    private static Throwable rootOf(Throwable failure) {
      Throwable cause = failure.getCause();
      if (cause == null && failure.getSuppressed().length > 0) {
        // Jedis tries all addresses of a host, and says of each here why it did not answer.
        cause = failure.getSuppressed()[0];
      }
      return cause == null ? failure : rootOf(cause);
    }

    @Override
    CompletableFuture<Boolean> put(Digest digest, byte[] message) {
      long start = System.nanoTime();
      var entry = new Entry(keyOf(digest), message);
      return post(entry)
          .exceptionallyCompose(
              failure -> {
                StoreException reason = StoreException.of(failure);
                if (reason.problem == Problem.AWAY) {
                  refused.set(entry.beside());
                }
                return reason.problem == Problem.FULL
                    ? putWhenFull(start, entry, reason)
                    : CompletableFuture.failedFuture(reason);
              });
    }

    /** Redis refuses even to look when its memory is full. */
    private CompletableFuture<Boolean> putWhenFull(long start, Entry entry, StoreException full) {
      CompletableFuture<byte[]> known =
          writes.replicas == 0 ? get(start, entry.key) : completedFuture(null);
      return known.thenApply(
          message -> {
            if (message == null) {
              refused.set(entry);
              throw new CompletionException(full);
            }
            return false;
          });
    }

    /** Forgets what a node refused before it took this one; passes on whether this is new. */
    private boolean forgetRefused(Entry entry, boolean isNew) {
      Entry last = refused.get();
      if (isNew
          && last != Entry.NONE
          && Objects.equals(topology.nodeOf(last.key), topology.nodeOf(entry.key))) {
        refused.compareAndSet(last, Entry.NONE);
      }
      return isNew;
    }

    /**
     * WAIT is about the writes of its own connection, so with replicas a message is set also when
     * it is there: it may be another server's, and on no replica yet.
     */
    private CompletableFuture<Boolean> post(Entry entry) {
      var ifNew = SetParams.setParams().nx();
      return writes.replicas > 0
          ? set(writes, entry, pipeline -> pipeline.setGet(entry.key, entry.message))
              .thenApply(former -> forgetRefused(entry, former == null))
          : set(writes, entry, pipeline -> pipeline.set(entry.key, entry.message, ifNew))
              .thenApply(done -> forgetRefused(entry, done != null));
    }

    @Override
    CompletableFuture<byte[]> get(Digest digest) {
      return get(System.nanoTime(), keyOf(digest));
    }

    private CompletableFuture<byte[]> get(long start, byte[] key) {
      return ask(new Command<>(start, reads, key, 0, pipeline -> pipeline.get(key)));
    }

    private static byte[] keyOf(Object name) {
      return (KEY_PREFIX + name).getBytes(StandardCharsets.US_ASCII);
    }

    /** Every key of the database counts: it is the messages' own. */
    @Override
    long count() throws StoreException {
      return askAll(Pipeline::dbSize).stream().mapToLong(Long::longValue).sum();
    }

    @Override
    void checkAlone() throws StoreException {
      tryRefused();
      MessageStore.await(get(System.nanoTime(), Entry.NONE.key)); // a user may lack that right
      if (!isCluster) {
        return;
      }
      for (Object info :
          askAll(pipeline -> pipeline.sendCommand(Protocol.Command.CLUSTER, "INFO"))) {
        if (!isWhole(info)) {
          topology.refreshSoon(topology.address); // the node may have left the cluster
          throw new StoreException(Problem.AWAY, name + ": the cluster is not complete");
        }
      }
    }

    private void tryRefused() throws StoreException {
      Entry entry = refused.get();
      // In a cluster without waiting for replicas: the other masters may have theirs.
      NodeConnections connections = isCluster ? checks : writes;
      MessageStore.await(
          set(connections, entry, pipeline -> pipeline.set(entry.key, entry.message, entry.trial)));
      refused.compareAndSet(entry, Entry.NONE); // another may have been refused meanwhile
    }

    @Override
    public void close() {
      reads.close();
      writes.close();
      checks.close();
    }

    private <T> CompletableFuture<T> set(
        NodeConnections connections, Entry entry, Function<Pipeline, Response<T>> call) {
      int size = entry.message.length;
      return ask(new Command<>(System.nanoTime(), connections, entry.key, size, call));
    }

    private <T> CompletableFuture<T> ask(Command<T> command) {
      HostAndPort node = topology.nodeOf(command.key);
      return node == null
          ? CompletableFuture.failedFuture(
              new StoreException(Problem.AWAY, name + ": no node of the cluster has this key"))
          : command.sendTo(node);
    }

    private <T> List<T> askAll(Function<Pipeline, Response<T>> call) throws StoreException {
      var asked =
          topology.slots.masters.stream()
              .map(node -> new Command<>(System.nanoTime(), reads, null, 0, call).sendTo(node))
              .toList();
      var answers = new ArrayList<T>();
      for (var command : asked) {
        answers.add(MessageStore.await(command));
      }
      return answers;
    }

    /**
     * Makes one socket. Were it closed between two exchanges, as {@code watch} may where the
     * process stood still meanwhile, Jedis would open another: without the password and the
     * database.
     */
    static JedisSocketFactory once(JedisSocketFactory sockets) {
      var isMade = new AtomicBoolean();
      return () -> {
        if (isMade.getAndSet(true)) {
          throw new JedisConnectionException("the connection was closed");
        }
        return sockets.createSocket();
      };
    }

    private static boolean isWhole(Object clusterInfo) {
      return Slots.text(clusterInfo).contains("cluster_state:ok");
    }

    /** What kind of error Redis tells of: its first word. */
    private static String code(String message) {
      return message.split(" ", 2)[0];
    }

    /**
     * What is asked of a node: the call of the pipeline, the key that it is about, and the reply.
     */
    private static final class Command<T> extends StoreRequest<T> {
      private final NodeConnections connections;

      /** Null when it is about the node. */
      private final byte[] key;

      private final Function<Pipeline, Response<T>> call;
      private volatile HostAndPort node;
      private Response<T> reply;
      private Response<Object> asking;
      private boolean isAsking;
      private int redirections;

      Command(
          long start,
          NodeConnections connections,
          byte[] key,
          int size,
          Function<Pipeline, Response<T>> call) {
        super(start, size);
        this.connections = connections;
        this.key = key;
        this.call = call;
      }

      Command<T> sendTo(HostAndPort node) {
        this.node = node;
        connections.to(node).add(this);
        return this;
      }

      void redirect(HostAndPort to, JedisException reason) {
        if (++redirections > MAX_REDIRECTIONS) {
          fail(reason);
        } else {
          sendTo(to);
        }
      }

      void fail(JedisException reason) {
        String message = messageOf(reason);
        switch (code(message)) {
          case "OOM" -> fail(Problem.FULL, message);
          case "WRONGTYPE" -> // which key that is, Redis does not say
              fail(
                  Problem.CORRUPT, new String(key, StandardCharsets.US_ASCII) + " is not a string");
          default -> fail(Problem.AWAY, message);
        }
      }

      void fail(Problem problem, String message) {
        completeExceptionally(new StoreException(problem, node + ": " + message));
      }

      @Override
      String asked() {
        return node.toString();
      }

      /** A node that a key is being moved to answers for it only when told so. */
      void appendTo(Pipeline pipeline) {
        if (isAsking) {
          asking = pipeline.sendCommand(Protocol.Command.ASKING, new byte[0][]);
        }
        reply = call.apply(pipeline);
      }
    }

    /** Knows which node has which keys, and asks again when that may have changed. */
    private final class Topology {
      /** How long the cluster is not asked again on account of a failure, in nanoseconds. */
      private static final long REFRESH_INTERVAL = 100_000_000;

      /** The node that was there at the start. */
      private final HostAndPort address;

      private final ReentrantLock refreshing = new ReentrantLock();

      /** When the cluster was last asked for its nodes on account of a failure. */
      private volatile long refreshed = System.nanoTime() - REFRESH_INTERVAL;

      private volatile Slots slots;

      Topology(HostAndPort address, Slots slots) {
        this.address = address;
        use(slots);
      }

      /** The node that has a key, or null, which the cluster is then asked for. */
      HostAndPort nodeOf(byte[] key) {
        HostAndPort node = slots.nodeOf(key);
        if (node == null) {
          refreshSoon(address);
        }
        return node;
      }

      /** Opens connections first, so that no loop has to look up a node's name. */
      private void use(Slots learned) {
        for (HostAndPort node : learned.masters) {
          reads.to(node);
          writes.to(node);
        }
        slots = learned;
        reads.keepOnly(learned.masters);
        writes.keepOnly(learned.masters);
        checks.keepOnly(learned.masters);
      }

      /** Whether it was not asked just now: there may be thousands of failures a second. */
      private boolean mayAsk() {
        return isCluster && System.nanoTime() - refreshed > REFRESH_INTERVAL;
      }

      /**
       * Asks who has which keys now, or waits for the thread that does, unless one just did so.
       *
       * @param suspect is asked last, as it may not answer, or not to the end
       */
      void refresh(HostAndPort suspect) {
        refresh(nodes -> nodes.addLast(suspect));
      }

      /** For failures that don't wait for it. */
      void refreshSoon(HostAndPort suspect) {
        refreshSoon(nodes -> nodes.addLast(suspect));
      }

      /** For what a node told, as others may not know of it. */
      void refreshSoonFrom(HostAndPort witness) {
        refreshSoon(nodes -> nodes.addFirst(witness));
      }

      private void refreshSoon(Consumer<SequencedSet<HostAndPort>> arrange) {
        if (mayAsk() && !refreshing.isLocked()) {
          Thread.startVirtualThread(() -> refresh(arrange));
        }
      }

      private void refresh(Consumer<SequencedSet<HostAndPort>> arrange) {
        refreshing.lock();
        try {
          if (mayAsk()) {
            var nodes = new LinkedHashSet<>(slots.masters);
            nodes.add(address);
            arrange.accept(nodes);
            learnFromOneOf(nodes);
            refreshed = System.nanoTime();
          }
        } catch (OutOfMemoryError full) {
          refreshed = System.nanoTime(); // the next failure after that asks again
        } finally {
          refreshing.unlock();
        }
      }

      /**
       * Goes by the first node that finds the cluster whole, as one that the others have lost does
       * not know who has taken its place; or else by the first of the cluster, asked again if those
       * behind it kept waiting, as a replica may have taken a master's place meanwhile. If there is
       * none, all nodes may be new, and the address leads to one of them, as at a start.
       */
      private void learnFromOneOf(Set<HostAndPort> nodes) {
        var replicas = new HashSet<>(slots.all);
        replicas.removeAll(nodes);
        nodes.addAll(replicas);
        View best = null;
        View unknown = null;
        for (HostAndPort node : nodes) {
          if (best != null && (best.isWhole || replicas.contains(node))) {
            break; // replicas are asked where all masters are gone, whose place they may have taken
          }
          View view = ask(node);
          if (view == null) {
            continue;
          }
          if (!view.slots.isOfOneClusterWith(slots)) {
            unknown = node.equals(address) ? view : unknown;
          } else if (best == null || view.isWhole) {
            best = view;
          }
        }
        if (best != null && !best.isWhole && System.nanoTime() - best.time > REFRESH_INTERVAL) {
          learnFromOneOf(new LinkedHashSet<>(Set.of(best.node)));
          return;
        }
        View last = best == null ? unknown : best;
        if (last != null && !last.slots.masters.isEmpty()) { // one that left its cluster has none
          use(last.slots);
        }
      }

      /** What a node tells of its cluster; null when it does not. */
      private View ask(HostAndPort node) {
        try (var redis = new Jedis(node, config)) {
          var both = redis.pipelined(); // as callers wait for this, perhaps far away
          var told = both.sendCommand(Protocol.Command.CLUSTER, "SLOTS");
          var info = both.sendCommand(Protocol.Command.CLUSTER, "INFO");
          both.sync();
          return new View(node, Slots.of(told.get(), node), isWhole(info.get()), System.nanoTime());
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError awayOrUnread) {
          return null; // the others are asked; if all are, the next failure does so again
        }
      }

      /** What a node told of its cluster, and when, in nanoseconds. */
      private record View(HostAndPort node, Slots slots, boolean isWhole, long time) {}
    }

    /**
     * Which node has which keys: one node all, or of a cluster each those of its slots.
     *
     * @param nodes one by slot, null where a slot is nobody's
     * @param masters each of these once
     * @param all the masters and their replicas
     * @param ids of all in a cluster, which no node of another has and each keeps wherever it goes
     */
    private record Slots(
        HostAndPort[] nodes, Set<HostAndPort> masters, Set<HostAndPort> all, Set<String> ids) {
      static Slots allOf(HostAndPort node) {
        return new Slots(new HostAndPort[] {node}, Set.of(node), Set.of(node), Set.of());
      }

      /**
       * Reads what a node of a cluster was asked; one that has left it knows of no slot.
       *
       * @see <a href="https://redis.io/docs/latest/commands/cluster-slots/">CLUSTER SLOTS</a>
       */
      static Slots of(Object reply, HostAndPort asked) {
        var nodes = new HostAndPort[Protocol.CLUSTER_HASHSLOTS];
        var masters = new HashSet<HostAndPort>();
        var all = new HashSet<HostAndPort>();
        var ids = new HashSet<String>();
        for (Object range : (List<?>) reply) {
          var fields = (List<?>) range;
          List<HostAndPort> serving =
              fields.stream().skip(2).map(node -> node((List<?>) node, asked)).toList();
          fields.stream().skip(2).forEach(node -> ids.add(text(((List<?>) node).get(2))));
          Arrays.fill(nodes, toInt(fields.get(0)), toInt(fields.get(1)) + 1, serving.getFirst());
          masters.add(serving.getFirst());
          all.addAll(serving);
        }
        return new Slots(nodes, masters, all, ids);
      }

      boolean isOfOneClusterWith(Slots other) {
        return !Collections.disjoint(ids, other.ids);
      }

      private static HostAndPort node(List<?> fields, HostAndPort asked) {
        String host = text(fields.get(0));
        if (host.equals("?")) {
          // It has no name yet, in a cluster that goes by names; what else is known is in pairs.
          List<String> pairs = ((List<?>) fields.get(3)).stream().map(Slots::text).toList();
          host = pairs.get(pairs.indexOf("ip") + 1);
        }
        return seenFrom(asked, new HostAndPort(host, toInt(fields.get(1))));
      }

      private static String text(Object bytes) {
        return bytes == null ? "" : new String((byte[]) bytes, StandardCharsets.UTF_8);
      }

      private static int toInt(Object number) {
        return Math.toIntExact((Long) number);
      }

      /** Without a host, a node that another names is where that one is. */
      static HostAndPort seenFrom(HostAndPort other, HostAndPort named) {
        return named.getHost().isEmpty()
            ? new HostAndPort(other.getHost(), named.getPort())
            : named;
      }

      HostAndPort nodeOf(byte[] key) {
        return nodes[nodes.length == 1 ? 0 : JedisClusterCRC16.getSlot(key)];
      }
    }

    /** Connections to all nodes, whose commands are answered when some replicas have them too. */
    private final class NodeConnections {
      private final Map<HostAndPort, List<NodeConnection>> connections = new ConcurrentHashMap<>();
      private final int replicas;

      NodeConnections(int replicas) {
        this.replicas = replicas;
      }

      /**
       * The calling loop's own; other threads share one, so that what they ask travels together.
       */
      NodeConnection to(HostAndPort node) {
        var all = connections.get(node);
        if (all == null) { // a loop that knows its node doesn't wait for one that is looked up
          all = connections.computeIfAbsent(node, this::open);
        }
        EventLoop loop = EventLoop.current();
        return all.get(loop == null ? 0 : loop.number % all.size());
      }

      /** One for each loop where loops use them: a node that is near and waits for no replicas. */
      private List<NodeConnection> open(HostAndPort node) {
        boolean isForLoops = replicas == 0 && isNear(node);
        int count = isForLoops ? Runtime.getRuntime().availableProcessors() : 1;
        long quick = isForLoops ? NodeConnection.QUICK : 0;
        var opened = new ArrayList<NodeConnection>(count);
        try {
          while (opened.size() < count) {
            opened.add(new NodeConnection(this, node, quick));
          }
        } catch (OutOfMemoryError noThread) {
          opened.forEach(NodeConnection::close); // or each try would leave some behind
          throw noThread;
        }
        return opened;
      }

      /** Whether a node is on this machine. */
      private static boolean isNear(HostAndPort node) {
        try {
          var address = InetAddress.getByName(node.getHost());
          return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (IOException unknown) {
          return false;
        }
      }

      /** Leaves those to other nodes, and closes them when nobody can be about to use them. */
      void keepOnly(Set<HostAndPort> nodes) {
        for (HostAndPort node : connections.keySet()) {
          if (!nodes.contains(node)) {
            List<NodeConnection> left = connections.remove(node);
            left.forEach(connection -> connection.isReplaced = true);
            Thread.startVirtualThread(
                () -> {
                  LockSupport.parkNanos(StoreRequest.PATIENCE);
                  left.forEach(NodeConnection::close);
                });
          }
        }
      }

      void close() {
        connections.values().forEach(all -> all.forEach(NodeConnection::close));
      }
    }

    /** A connection to a node, made when it is needed: all that waits for it is one pipeline. */
    private final class NodeConnection extends StoreConnection<Command<?>> {
      /** Nanoseconds of a round trip, for which a loop's other clients wait. */
      private static final long QUICK = 2_000_000;

      /** Nanoseconds that a near node takes for an answer only when something is wrong. */
      private static final long UNUSUAL = 20_000_000;

      /** Nanoseconds after which an exchange that is still under way is cut off. */
      private static final long STUCK = 5_000_000_000L;

      /** Nanoseconds for which a refusal does not end a connection after one that did. */
      private static final long CONNECT_INTERVAL = 100_000_000;

      private final NodeConnections owner;
      private final HostAndPort node;
      private Jedis connection;
      private volatile Socket socket;

      /** Those of all connections until it was made. */
      private int firstPostsBefore;

      private boolean hasPosted;

      /** When a refusal last ended it. */
      private long ended = System.nanoTime() - CONNECT_INTERVAL;

      /**
       * Whether another node has taken its node's place. One that stood still meanwhile answers
       * what waited for it before it hears of that.
       */
      private volatile boolean isReplaced;

      /** Since when it connects or commands are on their way; 0 when not, or when given up. */
      private volatile long busySince;

      NodeConnection(NodeConnections owner, HostAndPort node, long quick) {
        super("redis-" + node, quick);
        this.owner = owner;
        this.node = node;
      }

      @Override
      void answerOnLoop(Queue<Command<?>> group) {
        if (isCurrent()) {
          answer(List.copyOf(group));
          group.clear();
        }
      }

      @Override
      void answer(List<Command<?>> group) {
        boolean isFresh = !isCurrent();
        try {
          if (isFresh) {
            disconnect();
            connect();
          }
          Response<Long> reached = exchange(group);
          if (isReplaced) {
            settleUnanswered(group, new JedisException("another node has taken its place"));
          } else {
            group.forEach(command -> settle(command, reached));
          }
        } catch (JedisException broken) {
          boolean isGivenUp = busySince == 0;
          disconnect();
          if (isFresh || isGivenUp || rootOf(broken) instanceof SocketTimeoutException) {
            settleUnanswered(group, broken);
          } else {
            // The node may have closed an idle connection. To set a message twice does no harm.
            answer(group);
          }
        } catch (RuntimeException | Error unforeseen) {
          // Commands sent or replies read in part would be taken for the next group's.
          disconnect();
          throw unforeseen;
        }
      }

      /**
       * Whether it is open and, for reads, no other has taken its first post since it was made:
       * that one may lead to another master, and a former master still answers.
       */
      private boolean isCurrent() {
        boolean isOutdated = !isCluster && owner == reads && firstPostsBefore != firstPosts.get();
        return connection != null && !isOutdated;
      }

      private void connect() {
        busySince = System.nanoTime();
        firstPostsBefore = firstPosts.get();
        hasPosted = false;
        var sockets = new DefaultJedisSocketFactory(node, config);
        connection = new Jedis(once(() -> socket = sockets.createSocket()), config);
        if (isCluster) {
          checkCluster();
        }
      }

      /** Throws where another's Redis has got the node's address. */
      private void checkCluster() {
        long start = System.nanoTime();
        try {
          Object told = connection.sendCommand(Protocol.Command.CLUSTER, "SLOTS");
          if (average == 0) { // else the first answers of a node far away would be unusual
            average = System.nanoTime() - start;
          }
          if (!Slots.of(told, node).isOfOneClusterWith(topology.slots)) {
            throw new JedisException("it is not part of the cluster");
          }
        } catch (OutOfMemoryError | StackOverflowError unread) {
          throw new JedisException(unread);
        }
      }

      /** Returns how many replicas have the messages, or null where that does not matter. */
      private Response<Long> exchange(List<Command<?>> group) {
        long start = System.nanoTime();
        busySince = start;
        var pipeline = new Pipeline(connection);
        group.forEach(command -> command.appendTo(pipeline));
        var reached =
            owner.replicas > 0 ? pipeline.waitReplicas(owner.replicas, WAIT_MILLISECONDS) : null;
        pipeline.sync();
        busySince = 0;
        recordSince(start);
        long took = System.nanoTime() - start;
        if (took > UNUSUAL + average + average / 4) {
          // It may have stood still and have been replaced, or its link may be slower: then not
          // every answer is to be doubted.
          topology.refresh(node);
          average = Math.min(took, 2 * average);
        }
        return reached;
      }

      /** Answers a command whose reply has come, or sends it to the node that the reply names. */
      private <T> void settle(Command<T> command, Response<Long> reached) {
        try {
          if (command.isAsking) {
            command.asking.get(); // throws what keeps the node from answering
          }
          T result = command.reply.get();
          if (owner == writes && !hasPosted) {
            hasPosted = true;
            firstPosts.incrementAndGet();
          }
          if (reached == null || reached.get() >= owner.replicas) {
            command.complete(result);
          } else {
            connectAnew(); // as below
            command.fail(Problem.AWAY, "too few replicas have the message");
          }
        } catch (JedisRedirectionException elsewhere) {
          HostAndPort target = Slots.seenFrom(node, elsewhere.getTargetNode());
          command.isAsking = elsewhere instanceof JedisAskDataException;
          if (!command.isAsking) {
            // This node knows of that; another may not, and for good where it waits for the slot
            // itself, as Redis leaves such a slot's owner as it was.
            topology.refreshSoonFrom(node);
          }
          command.redirect(target, elsewhere);
        } catch (JedisDataException refused) {
          switch (code(refused.getMessage())) {
            // It became a replica or lost its own: its name may mean another node from now on.
            case "READONLY", "MASTERDOWN", "NOREPLICAS" -> connectAnew();
            // The node may have left the cluster, and with it what it had.
            case "CLUSTERDOWN" -> topology.refreshSoon(node);
            default -> {}
          }
          command.fail(refused);
        }
      }

      /** A node that is away may have been replaced by another, which then gets the commands. */
      private void settleUnanswered(List<Command<?>> group, JedisException away) {
        topology.refresh(node);
        for (Command<?> command : group) {
          HostAndPort now = command.key == null ? node : topology.nodeOf(command.key);
          if (now == null || now.equals(node)) {
            command.fail(away);
          } else {
            command.redirect(now, away);
          }
        }
      }

      /** Ends the connection, though not for each of thousands of refusals a second. */
      private void connectAnew() {
        long now = System.nanoTime();
        if (now - ended > CONNECT_INTERVAL) {
          ended = now;
          disconnect();
        }
      }

      /** Jedis limits how long it waits for a byte, but not for a whole reply, nor for a write. */
      @Override
      void watch() {
        super.watch();
        long since = busySince;
        Socket used = socket;
        if (since != 0 && used != null && System.nanoTime() - since > STUCK) {
          busySince = 0;
          closeQuietly(used);
        }
      }

      @Override
      void close() {
        super.close();
        inTurn(this::disconnect);
      }

      /** Jedis sends what is left to be sent, and throws when it can't. */
      private void disconnect() {
        Jedis former = connection;
        connection = null;
        busySince = 0;
        if (former != null) {
          closeQuietly(former);
        }
      }
    }
  }
}

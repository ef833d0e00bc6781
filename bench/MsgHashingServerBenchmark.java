///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../MsgHashingServer.java
//SOURCES Machine.java
//SOURCES peers/JdkMessageServer.java
//SOURCES peers/NanoMessageServer.java
//SOURCES peers/RedisClients.java
//DEPS io.lettuce:lettuce-core:7.7.0.RELEASE
//DESCRIPTION Measures the message hashing server beside its peers, and its stores

import module java.base;
import module java.net.http;

/**
 * Measures the server beside its peers with wrk, all on this machine and in one run: every round
 * asks each server in turn, and the tables show medians over the rounds and ratios of them.
 *
 * <p>It installs nothing and leaves out, with a word, what is not there. Arguments choose parts of
 * {@code http collectors connections durable stored redis proxy}, all unless some are named; a
 * number is how many messages the part {@code stored} stores. With all peers there, the part {@code
 * http} draws docs/server.svg.
 */
public class MsgHashingServerBenchmark {
  /** Nearly half of the heap, the most that the server allows: minutes of posts are to fit in. */
  private static final String MAX_MEMORY =
      "--max-memory=" + Runtime.getRuntime().maxMemory() / 100 * 45;

  public static void main(String[] arguments) throws Exception {
    Locale.setDefault(Locale.ROOT);
    var parts = EnumSet.noneOf(Part.class);
    int messages = 1_000_000;
    for (String argument : arguments) {
      if (argument.matches("[1-9]\\d{2,8}")) {
        messages = Integer.parseInt(argument);
      } else if (Part.NAMES.contains(argument)) {
        parts.add(Part.valueOf(argument.toUpperCase(Locale.ROOT)));
      } else {
        System.err.println(
            "usage: benchmark-msg-hashing-server ["
                + String.join(" | ", Part.NAMES)
                + "]... [MESSAGES]");
        System.exit(2);
      }
    }
    if (!Machine.has("wrk")) {
      System.out.println("wrk is not installed: there is nothing to ask the servers with.");
      return;
    }
    System.out.println("## Message hashing server\n\n" + Machine.describe());
    var bench = new Bench();
    for (Part part : parts.isEmpty() ? EnumSet.allOf(Part.class) : parts) {
      part.measure(bench, messages);
    }
  }

  /** What can be measured on its own. */
  private enum Part {
    HTTP,
    COLLECTORS,
    CONNECTIONS,
    DURABLE,
    STORED,
    REDIS,
    PROXY;

    static final List<String> NAMES =
        Stream.of(values()).map(part -> part.name().toLowerCase(Locale.ROOT)).toList();

    void measure(Bench bench, int messages) throws Exception {
      switch (this) {
        case HTTP -> Http.measure(bench);
        case COLLECTORS -> Collectors.measure(bench);
        case CONNECTIONS -> Connections.measure(bench);
        case DURABLE -> Durable.measure(bench);
        case STORED -> Stored.measure(bench, messages);
        case REDIS -> Redis.measure(bench);
        case PROXY -> Proxy.measure(bench);
      }
    }
  }

  /** Reads and writes of small messages in memory, beside servers that do the same. */
  private static final class Http {
    private static final int MOST_CONNECTIONS = 256;
    private static final List<String> PEERS = List.of("nginx", "go", "node", "python3");

    static void measure(Bench bench) throws Exception {
      List<Service> services = services(bench);
      var gets = new ArrayList<Candidate>();
      var posts = new ArrayList<Candidate>();
      for (int connections : List.of(32, MOST_CONNECTIONS)) {
        for (Service service : services) {
          if (connections == 32 || !service.name().startsWith("Python")) {
            gets.add(Candidate.get(service, connections));
            posts.add(Candidate.post(service, connections));
          }
        }
      }
      var got = Rounds.run(gets);
      Table.print("GET of a stored message", got);
      var posted = Rounds.run(posts);
      Table.print("POST of new messages, kept in memory", posted);
      if (PEERS.stream().allMatch(Machine::has)) {
        Chart.write(Machine.checkout().resolve("docs/server.svg"), got, posted);
      } else {
        System.out.println("Without all of its peers the chart stays as it is.\n");
      }
      services.forEach(Service::close);
    }

    private static List<Service> services(Bench bench) throws Exception {
      var services =
          new ArrayList<>(List.of(bench.ours("this server", "--store=memory:", MAX_MEMORY)));
      if (Machine.has("nginx")) {
        Path configuration = Machine.checkout().resolve("bench/peers/nginx.conf");
        services.add(bench.nginx("nginx, a constant", configuration, Map.of()));
      }
      if (Machine.has("go")) {
        services.add(bench.go());
      }
      services.add(bench.java("JDK HttpServer", Machine.javaOptions(), "JdkMessageServer", "PORT"));
      services.add(
          bench.java("NanoHTTPD as it is", Machine.javaOptions(), "NanoMessageServer", "PORT"));
      if (Machine.has("node")) {
        services.add(
            bench.start("Node.js", List.of("node", bench.peer("message_server.js"), "PORT")));
      }
      if (Machine.has("python3")) {
        services.add(
            bench.start("Python", List.of("python3", bench.peer("message_server.py"), "PORT")));
      }
      return services;
    }
  }

  /** The server under each of Java's collectors. */
  private static final class Collectors {
    static void measure(Bench bench) throws Exception {
      List<String> own = Machine.javaOptions();
      var serial = own.stream().map(word -> word.replace("UseParallelGC", "UseSerialGC")).toList();
      var g1 = own.stream().filter(word -> !word.matches("-Xmn.*|-XX:.*(GC|Size|Tenur).*"));
      var options = new LinkedHashMap<String, List<String>>();
      options.put("Parallel, as in the header", own);
      options.put("Serial, the same sizes", serial);
      options.put("G1, as Java chooses", Stream.concat(g1, Stream.of("-XX:+UseG1GC")).toList());
      var candidates = new ArrayList<Candidate>();
      var services = new ArrayList<Service>();
      for (var collector : options.entrySet()) {
        services.add(
            bench.java(
                collector.getKey(),
                collector.getValue(),
                "MsgHashingServer",
                "--port=PORT",
                "--store=memory:",
                MAX_MEMORY));
        candidates.add(Candidate.get(services.getLast(), 256));
        candidates.add(Candidate.post(services.getLast(), 32));
      }
      candidates.sort(Comparator.comparing(Candidate::connections).reversed());
      Table.print(
          "Collectors: GET with 256 connections, POST in memory with 32", Rounds.run(candidates));
      services.forEach(Service::close);
    }
  }

  /** Many connections at once, busy and idle. */
  private static final class Connections {
    static void measure(Bench bench) throws Exception {
      Service ours = bench.ours("this server", "--store=memory:", "--max-connections=10000");
      var candidates = new ArrayList<Candidate>();
      for (int connections : List.of(32, 256, 1000)) {
        candidates.add(Candidate.get(ours, connections));
      }
      Table.print("GET with many connections", Rounds.run(candidates));
      idle(bench);
      ours.close();
    }

    private static void idle(Bench bench) throws Exception {
      Service fresh = bench.ours("this server", "--store=memory:", "--max-connections=10000");
      long before = fresh.residentMebibytes();
      var sockets = new ArrayList<Socket>();
      for (int i = 0; i < 5000; i++) {
        var socket = new Socket(InetAddress.getLoopbackAddress(), fresh.port());
        sockets.add(socket);
        socket
            .getOutputStream()
            .write(
                "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().read();
      }
      System.out.printf(
          "5,000 idle connections, each after one request: the process takes %d MiB (%d"
              + " before).%n%n",
          fresh.residentMebibytes(), before);
      for (Socket socket : sockets) {
        socket.close();
      }
      fresh.close();
    }
  }

  /** Posts that are on disk before they are answered, by how many clients post at once. */
  private static final class Durable {
    static void measure(Bench bench) throws Exception {
      Service ours = bench.ours("SQLite", "--store=sqlite:" + bench.folder.resolve("durable.db"));
      var candidates = new ArrayList<Candidate>();
      for (int posters : List.of(1, 8, 64, 256)) {
        candidates.add(Candidate.post(ours, posters));
      }
      var services = new ArrayList<>(List.of(ours));
      if (Machine.has("go")) {
        services.add(bench.go());
        candidates.add(Candidate.post(services.getLast(), 64));
      }
      Table.print("POST of new messages, durable, by number of posters", Rounds.run(candidates));
      services.forEach(Service::close);
    }
  }

  /** A large SQLite store: memory while it fills, and reads of any of its messages. */
  private static final class Stored {
    static void measure(Bench bench, int messages) throws Exception {
      String store = "sqlite:" + bench.folder.resolve("stored.db");
      Path all = bench.folder.resolve("stored.digests");
      Path one = bench.folder.resolve("one.digest");
      fill(store, messages, all);
      System.out.printf(
          "The file takes %d bytes a message.%n%n",
          Files.size(bench.folder.resolve("stored.db")) / messages);
      try (var lines = Files.lines(all)) {
        Files.writeString(one, lines.findFirst().orElseThrow() + "\n");
      }
      // 1 % of the messages, each about 620 bytes with what the cache keeps beside them.
      String size = "--cache-size=" + messages * 62L / 10;
      Service ours = bench.ours("this server", "--store=" + store, size);
      var random = Candidate.getOneOf(ours, "one of " + messages, all, "/messages/");
      var hot = Candidate.getOneOf(ours, "the same one", one, "/messages/");
      Table.print("GET from a SQLite store, 64 connections", Rounds.run(List.of(hot, random)));
      System.out.printf("The process takes %d MiB.%n%n", ours.residentMebibytes());
      ours.close();
    }

    /** Stores messages of 100 bytes and writes their digests to a file, a line each. */
    static void fill(String choice, int messages, Path digests) throws Exception {
      long start = System.nanoTime();
      var resident = new ArrayList<String>();
      var failure = new AtomicReference<Throwable>();
      try (var store = MsgHashingServer.MessageStore.open(choice, 1L << 30, 0);
          var out = Files.newBufferedWriter(digests)) {
        var free = new Semaphore(512);
        for (int i = 0; i < messages; i++) {
          byte[] message = "%100d".formatted(i).getBytes(StandardCharsets.US_ASCII);
          var digest = MsgHashingServer.Digest.of(message);
          out.write(digest + "\n");
          free.acquire();
          store
              .put(digest, message)
              .whenComplete(
                  (_, thrown) -> {
                    failure.compareAndSet(null, thrown);
                    free.release();
                  });
          if (i % (messages / 4) == messages / 4 - 1) {
            resident.add(Service.residentMebibytes(ProcessHandle.current()) + " MiB");
          }
        }
        free.acquire(512);
      }
      if (failure.get() != null) {
        throw new IOException("not every message was stored", failure.get());
      }
      System.out.printf(
          "%,d messages of 100 bytes stored in %s, %,.0f a second; memory after each quarter:"
              + " %s.%n%n",
          messages,
          choice.substring(0, choice.indexOf(':')),
          messages * 1e9 / (System.nanoTime() - start),
          String.join(", ", resident));
    }
  }

  /** One Redis beside webdis, and a Redis Cluster with several server processes. */
  private static final class Redis {
    private static final int MESSAGES = 100_000;

    /** Over 1, 2 and 3 servers, two threads of wrk have as many each: it makes no others. */
    private static final int CONNECTIONS = 60;

    static void measure(Bench bench) throws Exception {
      if (!Machine.has("redis-server")) {
        return;
      }
      Service redis = bench.redis(List.of());
      String store = "redis://127.0.0.1:" + redis.port();
      Path digests = bench.folder.resolve("redis.digests");
      long empty = usedMemory(redis);
      Stored.fill(store, MESSAGES, digests);
      System.out.printf(
          "Redis takes %d bytes of memory a message.%n%n", (usedMemory(redis) - empty) / MESSAGES);
      RedisClients.measure(redis.port());
      Service ours = bench.ours("this server", "--store=" + store, "--cache-size=0");
      var services = new ArrayList<>(List.of(redis, ours));
      var gets = new ArrayList<>(List.of(Candidate.getOneOf(ours, "", digests, "/messages/")));
      var posts = new ArrayList<>(List.of(Candidate.post(ours, 64)));
      if (Machine.has("webdis")) {
        Service webdis = bench.webdis(redis);
        services.add(webdis);
        gets.add(Candidate.getOneOf(webdis, "", digests, "/GET/msg:"));
        String set = "SET/msg:MESSAGE/MESSAGE/NX";
        posts.add(Candidate.post(webdis.name(), List.of(webdis), 64, set));
      }
      Table.print("GET from one Redis, nothing cached, 64 connections", Rounds.run(gets));
      Table.print("POST to one Redis, 64 connections", Rounds.run(posts));
      services.reversed().forEach(Service::close);
      cluster(bench);
    }

    private static long usedMemory(Service redis) throws Exception {
      String info = Machine.run(List.of("redis-cli", "-p", "" + redis.port(), "info", "memory"));
      return Long.parseLong(Sample.find("used_memory:(\\d+)", info).group(1));
    }

    private static void cluster(Bench bench) throws Exception {
      var nodes = new ArrayList<Service>();
      for (int i = 0; i < 3; i++) {
        nodes.add(bench.redis(List.of("--cluster-enabled", "yes")));
      }
      var create = new ArrayList<>(List.of("redis-cli", "--cluster", "create"));
      nodes.forEach(node -> create.add("127.0.0.1:" + node.port()));
      create.add("--cluster-yes");
      Machine.run(create);
      TimeUnit.SECONDS.sleep(3); // until every node has heard of every other
      String store = "--store=redis://127.0.0.1:" + nodes.getFirst().port();
      var servers = new ArrayList<Service>();
      var candidates = new ArrayList<Candidate>();
      for (int i = 1; i <= 3; i++) {
        servers.add(bench.ours("server " + i, store, "--cache-size=0"));
        String name = i + (i == 1 ? " process" : " processes");
        candidates.add(Candidate.post(name, List.copyOf(servers), CONNECTIONS, Candidate.POST));
      }
      Table.print(
          "POST to a Redis Cluster of three masters, over 1, 2 and 3 server processes",
          Rounds.run(candidates));
      servers.forEach(Service::close);
      nodes.forEach(Service::close);
    }
  }

  /** Reads through an HTTP cache in front: nginx with the configuration of docs/. */
  private static final class Proxy {
    static void measure(Bench bench) throws Exception {
      if (!Machine.has("nginx")) {
        return;
      }
      Service ours = bench.ours("this server", "--store=memory:");
      Path configuration = Machine.checkout().resolve("docs/nginx.conf");
      Service nginx =
          bench.nginx(
              "nginx in front",
              configuration,
              Map.of("127.0.0.1:8000", "127.0.0.1:" + ours.port()));
      Table.print(
          "GET of a stored message, through nginx's cache",
          Rounds.run(List.of(Candidate.get(ours, 64), Candidate.get(nginx, ours, 64))));
      nginx.close();
      ours.close();
    }
  }

  /** Where a run's files are, and how its processes are started. */
  private static final class Bench {
    final Path folder = Machine.temporaryFolder("benchmark");

    Bench() throws IOException {
      folder.toFile().setReadable(true, false); // nginx's workers run as another user
      folder.toFile().setWritable(true, false);
      folder.toFile().setExecutable(true, false);
    }

    Service ours(String name, String... options) throws Exception {
      var words = new ArrayList<>(List.of("--port=PORT"));
      words.addAll(List.of(options));
      return java(name, Machine.javaOptions(), "MsgHashingServer", words.toArray(String[]::new));
    }

    Service java(String name, List<String> options, String type, String... arguments)
        throws Exception {
      var command =
          new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
      command.addAll(options);
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), type));
      command.addAll(List.of(arguments));
      return start(name, command);
    }

    Service go() throws Exception {
      Path program = folder.resolve("message_server");
      if (Files.notExists(program)) {
        Machine.run(List.of("go", "build", "-o", program.toString(), peer("message_server.go")));
      }
      return start("Go net/http", List.of(program.toString(), "PORT"));
    }

    Service nginx(String name, Path configuration, Map<String, String> values) throws Exception {
      String text = Files.readString(configuration);
      for (var value : values.entrySet()) {
        text = text.replace(value.getKey(), value.getValue());
      }
      int port = Machine.freePort();
      text = text.replaceAll("listen 127.0.0.1:\\w+", "listen 127.0.0.1:" + port);
      Path prefix = Files.createTempDirectory(folder, "nginx");
      prefix.toFile().setWritable(true, false);
      prefix.toFile().setExecutable(true, false);
      Path filled = Files.writeString(prefix.resolve("nginx.conf"), text);
      String nginx = Machine.find("nginx").orElseThrow().toString();
      return Service.start(
          name, List.of(nginx, "-p", prefix.toString(), "-c", filled.toString()), port);
    }

    Service redis(List<String> options) throws Exception {
      Path data = Files.createTempDirectory(folder, "redis");
      var command =
          new ArrayList<>(List.of("redis-server", "--port", "PORT", "--dir", data.toString()));
      command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
      command.addAll(options);
      return start("Redis", command);
    }

    Service webdis(Service redis) throws Exception {
      int port = Machine.freePort();
      String settings =
          """
          {"redis_host": "127.0.0.1", "redis_port": %d, "http_host": "127.0.0.1", "http_port": %d,
           "threads": 2, "daemonize": false, "verbosity": 0, "logfile": "%s",
           "database": 0, "acl": [{"disabled": []}]}
          """
              .formatted(redis.port(), port, folder.resolve("webdis.log"));
      Path file = Files.writeString(folder.resolve("webdis.json"), settings);
      return Service.start("webdis", List.of("webdis", file.toString()), port);
    }

    String peer(String file) {
      return Machine.checkout().resolve("bench/peers/" + file).toString();
    }

    /** Starts a command in which PORT stands for a free port. */
    Service start(String name, List<String> command) throws Exception {
      int port = Machine.freePort();
      return Service.start(
          name, command.stream().map(word -> word.replace("PORT", "" + port)).toList(), port);
    }
  }

  /** A server process that takes connections. */
  private record Service(String name, int port, Process process) {
    private static final long START_SECONDS = 20;

    static Service start(String name, List<String> command, int port) throws Exception {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
      while (!takesConnections(port)) {
        if (!process.isAlive() || System.nanoTime() > end) {
          process.destroy();
          throw new IOException("did not start: " + String.join(" ", command));
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
      return new Service(name, port, process);
    }

    private static boolean takesConnections(int port) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return socket.isConnected();
      } catch (IOException notYet) {
        return false;
      }
    }

    private Stream<ProcessHandle> processes() {
      return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    /** Processor time so far, of all its processes. */
    Duration processorTime() {
      return processes()
          .map(handle -> handle.info().totalCpuDuration().orElse(Duration.ZERO))
          .reduce(Duration.ZERO, Duration::plus);
    }

    long residentMebibytes() throws IOException {
      return residentMebibytes(process.toHandle());
    }

    static long residentMebibytes(ProcessHandle handle) throws IOException {
      String status = Files.readString(Path.of("/proc/" + handle.pid() + "/status"));
      Matcher resident = Pattern.compile("VmRSS:\\s+(\\d+) kB").matcher(status);
      return resident.find() ? Long.parseLong(resident.group(1)) / 1024 : 0;
    }

    /** Stores a message through HTTP; the path to get it from. */
    String post(String message) throws IOException, InterruptedException {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
              .POST(HttpRequest.BodyPublishers.ofString("{\"message\": \"" + message + "\"}"))
              .build();
      try (var client = HttpClient.newHttpClient()) {
        String body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        Matcher digest = Pattern.compile("[0-9a-f]{64}").matcher(body);
        return digest.find() ? "/messages/" + digest.group() : "/";
      }
    }

    /** Asks it to end, and makes it end after ten seconds. */
    void close() {
      process.destroy();
      Machine.awaitEnd(process.toHandle());
    }
  }

  /**
   * What is measured as one row: the servers asked at the same time, and how wrk asks them.
   *
   * @param connections in all, over the servers
   */
  private record Candidate(
      String name, List<Service> services, int connections, String path, List<String> script) {
    private static final String MESSAGE = "m".repeat(100);
    private static final String POST = "{\"message\": \"MESSAGE\"}";

    static Candidate get(Service service, int connections) throws Exception {
      return get(service, service, connections);
    }

    /** Gets a message from one server that was stored through another. */
    static Candidate get(Service service, Service store, int connections) throws Exception {
      return new Candidate(
          service.name(), List.of(service), connections, store.post(MESSAGE), List.of());
    }

    static Candidate getOneOf(Service service, String which, Path digests, String prefix) {
      String name = which.isEmpty() ? service.name() : service.name() + ", " + which;
      var script = List.of("get.lua", digests.toString(), prefix);
      return new Candidate(name, List.of(service), 64, "/", script);
    }

    static Candidate post(Service service, int connections) {
      return post(service.name(), List.of(service), connections, POST);
    }

    static Candidate post(String name, List<Service> services, int connections, String body) {
      return new Candidate(name, services, connections, "/", List.of("post.lua", "RUN", body));
    }

    /** Asks for some seconds. */
    Sample ask(int seconds) throws Exception {
      Duration before = processorTime();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var outputs =
            IntStream.range(0, services.size())
                .mapToObj(i -> threads.submit(() -> Machine.run(wrk(services.get(i), seconds))))
                .toList();
        var samples = new ArrayList<Sample>();
        for (var output : outputs) {
          samples.add(Sample.parse(output.get()));
        }
        return checked(Sample.sum(samples, processorTime().minus(before)));
      }
    }

    /** Refusals are quick, and would be taken for a server's best figures. */
    private Sample checked(Sample sample) {
      if (sample.errors() > sample.requests() / 100) {
        throw new IllegalStateException(
            "%s failed: %d of %.0f requests".formatted(name, sample.errors(), sample.requests()));
      }
      return sample;
    }

    private Duration processorTime() {
      return services.stream().map(Service::processorTime).reduce(Duration.ZERO, Duration::plus);
    }

    private List<String> wrk(Service service, int seconds) {
      int own = Math.max(1, connections / services.size());
      var command = new ArrayList<>(List.of("wrk", "--latency", "-d" + seconds + "s"));
      command.addAll(List.of("-t" + Math.min(2, own), "-c" + own));
      if (!script.isEmpty()) {
        Path folder = Machine.checkout().resolve("bench");
        command.addAll(List.of("-s", folder.resolve(script.getFirst()).toString()));
      }
      command.add("http://127.0.0.1:" + service.port() + path);
      // No two runs post the same messages.
      String run = "%x%x".formatted(service.port(), System.nanoTime() & 0xFFFF_FFFF_FFFFL);
      script.stream().skip(1).map(word -> word.equals("RUN") ? run : word).forEach(command::add);
      return command;
    }
  }

  /**
   * What wrk saw in one run, or the medians of several.
   *
   * @param rate requests a second
   * @param slowest latency in milliseconds, 99th percentile
   * @param processor microseconds of processor time that a request took in the server
   * @param errors connections that failed or timed out, and answers that are not 2xx or 3xx
   */
  private record Sample(
      double rate, double requests, double slowest, double processor, long errors) {
    private static final Map<String, Double> MILLISECONDS =
        Map.of("us", 0.001, "ms", 1.0, "s", 1000.0, "m", 60_000.0);

    static Sample parse(String output) {
      Matcher slowest = find("99%\\s+([\\d.]+)(us|ms|s|m)", output);
      double rate = Double.parseDouble(find("Requests/sec:\\s+([\\d.]+)", output).group(1));
      double requests = Double.parseDouble(find("(\\d+) requests in", output).group(1));
      double milliseconds =
          Double.parseDouble(slowest.group(1)) * MILLISECONDS.get(slowest.group(2));
      long errors =
          Pattern.compile("(?:connect|read|write|timeout|responses:) (\\d+)")
              .matcher(output)
              .results()
              .mapToLong(match -> Long.parseLong(match.group(1)))
              .sum();
      return new Sample(rate, requests, milliseconds, 0, errors);
    }

    private static Matcher find(String pattern, String output) {
      Matcher matcher = Pattern.compile(pattern).matcher(output);
      if (!matcher.find()) {
        throw new IllegalStateException("no " + pattern + " in:\n" + output);
      }
      return matcher;
    }

    /** What ran at the same time, as one. */
    static Sample sum(List<Sample> samples, Duration processor) {
      double requests = total(samples, Sample::requests);
      return new Sample(
          total(samples, Sample::rate),
          requests,
          samples.stream().mapToDouble(Sample::slowest).max().orElse(0),
          processor.toNanos() / 1000.0 / Math.max(1, requests),
          (long) total(samples, Sample::errors));
    }

    /** The errors are of all together: none may get lost. */
    static Sample median(List<Sample> samples) {
      return new Sample(
          Rounds.median(samples, Sample::rate),
          Rounds.median(samples, Sample::requests),
          Rounds.median(samples, Sample::slowest),
          Rounds.median(samples, Sample::processor),
          (long) total(samples, Sample::errors));
    }

    private static double total(List<Sample> samples, ToDoubleFunction<Sample> figure) {
      return samples.stream().mapToDouble(figure).sum();
    }
  }

  /** Asks candidates in turn, after a warm-up, so that the machine's moods meet them all alike. */
  static final class Rounds {
    /** Rounds before those that count: for the first dozen seconds a JVM compiles what it runs. */
    private static final int WARM_UPS = 8;

    private static final int ROUNDS = 3;
    static final int SECONDS = 2;

    /** What a candidate is asked for the time of a round. */
    interface Question<C, S> {
      S ask(C candidate) throws Exception;
    }

    static Map<Candidate, Sample> run(List<Candidate> candidates) throws Exception {
      var medians = new LinkedHashMap<Candidate, Sample>();
      run(candidates, candidate -> candidate.ask(SECONDS))
          .forEach((candidate, all) -> medians.put(candidate, Sample.median(all)));
      return medians;
    }

    /** What each candidate answered in each round. */
    static <C, S> Map<C, List<S>> run(List<C> candidates, Question<C, S> question)
        throws Exception {
      for (int round = 0; round < WARM_UPS; round++) {
        for (C candidate : candidates) {
          question.ask(candidate);
        }
      }
      var samples = new LinkedHashMap<C, List<S>>();
      for (int round = 0; round < ROUNDS; round++) {
        for (C candidate : candidates) {
          samples.computeIfAbsent(candidate, _ -> new ArrayList<>()).add(question.ask(candidate));
        }
      }
      return samples;
    }

    /** The median of one figure of each round. */
    static <T> double median(List<T> rounds, ToDoubleFunction<T> figure) {
      return rounds.stream().mapToDouble(figure).sorted().toArray()[rounds.size() / 2];
    }
  }

  /** Medians as a Markdown table; ratios are to the first row of the same number of connections. */
  private static final class Table {
    static void print(String title, Map<Candidate, Sample> results) {
      System.out.printf(
          """
          ### %s

          | server | connections | requests/s | relative | p99, ms | processor, µs/request | errors |
          |---|---:|---:|---:|---:|---:|---:|
          """,
          title);
      var firsts = new LinkedHashMap<Integer, Double>();
      results.forEach(
          (candidate, sample) -> {
            double first = firsts.computeIfAbsent(candidate.connections(), _ -> sample.rate());
            System.out.printf(
                "| %s | %d | %,.0f | %.2f | %.1f | %.1f | %d |%n",
                candidate.name(),
                candidate.connections(),
                sample.rate(),
                sample.rate() / first,
                sample.slowest(),
                sample.processor(),
                sample.errors());
          });
      System.out.println();
    }
  }

  /** Requests a second as bars, a picture for README.md: each server's reads above its writes. */
  private static final class Chart {
    private static final int CONNECTIONS = 32;
    private static final int LEFT = 150;
    private static final int WIDTH = 460;
    private static final int ROW = 46;

    static void write(Path file, Map<Candidate, Sample> gets, Map<Candidate, Sample> posts)
        throws IOException {
      Map<String, Double> reads = rates(gets);
      Map<String, Double> writes = rates(posts);
      double most =
          Stream.concat(reads.values().stream(), writes.values().stream())
              .mapToDouble(rate -> rate)
              .max()
              .orElseThrow();
      var rows = new StringBuilder();
      int top = 50;
      for (String name : reads.keySet()) {
        rows.append(
            "<text x='%d' y='%d' class='name'>%s</text>\n".formatted(LEFT - 10, top + 22, name));
        rows.append(bar("get", top, reads.get(name), most));
        rows.append(bar("post", top + 17, writes.get(name), most));
        top += ROW;
      }
      Files.writeString(
          file, PICTURE.formatted(LEFT + WIDTH + 80, top + 10, LEFT, CONNECTIONS, rows));
    }

    private static Map<String, Double> rates(Map<Candidate, Sample> results) {
      var rates = new LinkedHashMap<String, Double>();
      results.forEach(
          (candidate, sample) -> {
            if (candidate.connections() == CONNECTIONS) {
              rates.put(candidate.name(), sample.rate());
            }
          });
      return rates;
    }

    private static String bar(String operation, int top, double rate, double most) {
      long width = Math.round(WIDTH * rate / most);
      return "<rect x='%d' y='%d' width='%d' height='15' class='%s'/><text x='%d' y='%d'>%.1f k</text>\n"
          .formatted(LEFT, top, width, operation, LEFT + width + 5, top + 12, rate / 1000);
    }

    private static final String PICTURE =
        """
        <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %1$d %2$d' width='%1$d' role='img'>
        <title>Requests a second of the message hashing server beside its peers</title>
        <style>
        text { font: 12px sans-serif; fill: #333 } .name { text-anchor: end }
        .get { fill: #2a78b5 } .post { fill: #e08a2c }
        @media (prefers-color-scheme: dark) { text { fill: #ccc } }
        </style>
        <rect x='%3$d' y='14' width='12' height='12' class='get'/>
        <text x='%3$d' dx='18' y='24'>GET</text>
        <rect x='%3$d' y='14' width='12' height='12' class='post' transform='translate(60)'/>
        <text x='%3$d' dx='78' y='24'>POST of new messages</text>
        <text x='%3$d' dx='230' y='24'>thousand requests a second, %4$d connections</text>
        %5$s</svg>
        """;
  }
}

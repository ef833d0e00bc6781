import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged survives crashes, and a full disk costs no more than the posts it met. */
@Timeout(180)
class DurabilityTest {
  @TempDir Path folder;

  @Test
  void whatWasAcknowledgedSurvivesTwentyCrashesUnderLoad() throws Exception {
    Path file = folder.resolve("messages.db");
    var acknowledged = new HashSet<String>();
    Set<String> before = Set.of();
    for (int crash = 0; crash < 20; crash++) {
      try (var server = ServerProcess.start("--store", "sqlite:" + file)) {
        Poster.assertServed(before, server);
        try (var posters = Posters.start(32, List.of(server))) {
          posters.awaitAcknowledged(300);
          server.kill();
          posters.stop();
          assertEquals(List.of(), List.copyOf(posters.refusals));
          before = posters.acknowledged;
          acknowledged.addAll(before);
        }
      }
    }
    try (var server = ServerProcess.start("--store", "sqlite:" + file)) {
      Poster.assertServed(acknowledged, server);
    }
    assertEquals("ok", Sqlite.ask(file, "PRAGMA integrity_check"));
    long rows = Long.parseLong(Sqlite.ask(file, "SELECT count(*) FROM message"));
    assertTrue(rows >= acknowledged.size(), rows + " rows, acknowledged " + acknowledged.size());
  }

  /**
   * The system takes for written what it could not write, and would show it to the next server, who
   * would put all that comes later behind a gap in the log.
   */
  @Test
  void whatCouldNotBeSyncedIsGoneAfterACrash() throws Exception {
    var launcher = failingSyncs("6+");
    String[] store = {"--store", "sqlite:" + folder.resolve("messages.db")};
    makeStore(store);
    int count;
    try (var server = ServerProcess.startBy(launcher, "true", List.of(), store);
        var client = new Poster(server)) {
      count = postUntilRefused(client);
      server.kill();
    }
    assertTrue(count > 0, "the first posts were to succeed");
    try (var server = ServerProcess.start(store);
        var client = new Poster(server)) {
      for (int i = 0; i < count; i++) {
        assertEquals(200, client.post("m" + i));
      }
      assertEquals(201, client.post("m" + count));
    }
  }

  @Test
  void aDiskThatWorksAgainTakesPostsAgain() throws Exception {
    var launcher = failingSyncs("6");
    String[] store = {"--store", "sqlite:" + folder.resolve("messages.db")};
    makeStore(store);
    try (var server = ServerProcess.startBy(launcher, "true", List.of(), store);
        var client = new Poster(server)) {
      postUntilRefused(client);
      assertEquals(201, client.post("later"));
      server.kill();
    }
    try (var server = ServerProcess.start(store);
        var client = new Poster(server)) {
      assertEquals(200, client.post("later"));
    }
  }

  /** So that no sync of its own making is counted. */
  private static void makeStore(String... store) throws Exception {
    try (var server = ServerProcess.start(store)) {
      assertEquals(0, server.stop());
    }
  }

  /** It interrupts the writer, which would close the writer's channels; nothing is synced yet. */
  @Test
  void theServersEndDoesNotInterruptACutOfTheLog() throws Exception {
    String told = toldAtTheEndWhereSyncsFailAfter(3);
    assertFalse(told.contains("could not be truncated"), told);
  }

  /** Ten seconds, as README.md says. */
  @Test
  void aDiskThatHangsKeepsTheServersEndForAWhileOnly() throws Exception {
    String told = toldAtTheEndWhereSyncsFailAfter(15);
    assertTrue(told.contains("the store could not be closed"), told);
  }

  private String toldAtTheEndWhereSyncsFailAfter(int seconds) throws Exception {
    var launcher = failingSyncs("6+:delay_enter=" + seconds * 1_000_000);
    String[] store = {"--store", "sqlite:" + folder.resolve("messages.db")};
    makeStore(store);
    try (var server = ServerProcess.startBy(launcher, "true", List.of(), store);
        var client = new Poster(server)) {
      postUntilRefused(client);
      assertEquals(0, server.stop());
      return server.errors();
    }
  }

  /** All that came behind it would be lost with it. */
  @Test
  void whileWhatCouldNotBeSyncedIsInTheLogNothingIsAcknowledged() throws Exception {
    Path file = folder.resolve("messages.db");
    var launcher = failingSyncs("6");
    launcher.set(launcher.indexOf("trace=fsync,fdatasync"), "trace=fsync,fdatasync,ftruncate");
    launcher.addAll(List.of("-P", file + "-wal", "-e", "inject=ftruncate:error=EIO"));
    try (var server =
            ServerProcess.startBy(launcher, "true", List.of(), "--store", "sqlite:" + file);
        var client = new Poster(server)) {
      postUntilRefused(client);
      for (int i = 0; i < 5; i++) {
        assertEquals(503, client.post("later " + i));
      }
      Eventually.holds("it is told", () -> server.errors().contains("could not be truncated"));
    }
  }

  /** It may be in the system's memory alone, and would be "there already" when posted again. */
  @Test
  void whatACrashLeftInTheLogIsSyncedBeforeAnythingIsServed() throws Exception {
    String[] store = {"--store", "sqlite:" + folder.resolve("messages.db")};
    try (var server = ServerProcess.start(store);
        var client = new Poster(server)) {
      assertEquals(201, client.post("foo"));
      server.kill();
    }
    var launcher = failingSyncs("1+");
    var refused =
        assertThrows(
            AssertionError.class,
            () -> ServerProcess.startBy(launcher, "true", List.of(), store).close());
    assertTrue(refused.getMessage().contains("messages.db can't be used"), refused.toString());
  }

  /** SQLite says that the file is malformed, for which somebody might go back to an old copy. */
  @Test
  void aDiskThatCanNotBeReadMayBeSaidToBeDamagedAndServesWhenItCan() throws Exception {
    Path file = folder.resolve("messages.db");
    try (var server = ServerProcess.start("--store", "sqlite:" + file, "--cache-size", "0");
        var client = new Poster(server)) {
      assertEquals(201, client.post("foo"));
      String pid = Long.toString(server.pid());
      var words = List.of("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=read,pread64");
      assumeTrue(runs(words, "true"), "no read can be made to fail");
      var failing = new ArrayList<>(words);
      failing.addAll(List.of("-P", file.toString(), "-P", file + "-wal", "-p", pid));
      failing.addAll(List.of("-e", "inject=read,pread64:error=EIO"));
      Process disk = new ProcessBuilder(failing).start();
      String damaged = "{\"err_msg\": \"the store is damaged\"}";
      Eventually.holds(
          "it is told",
          () -> {
            client.post("m" + System.nanoTime()); // or what has been read once is still in memory
            return client.get("foo").equals(damaged);
          });
      disk.destroy();
      disk.waitFor();
      assertEquals("foo", client.get("foo"));
      Eventually.holds(
          "why is told", () -> server.errors().contains(", or its disk can't be read\n"));
    }
  }

  /** Returns how many were acknowledged. */
  private static int postUntilRefused(Poster client) throws Exception {
    int count = 0;
    int status;
    while ((status = client.post("m" + count)) == 201) {
      count++;
    }
    assertEquals(503, status);
    return count;
  }

  /**
   * What runs a server whose syncs fail.
   *
   * @param when which of a thread's, and how
   */
  private static List<String> failingSyncs(String when) throws Exception {
    var launcher =
        new ArrayList<>(
            List.of("strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"));
    assumeTrue(runs(launcher, "true"), "no sync can be made to fail");
    launcher.addAll(List.of("-e", "inject=fsync,fdatasync:error=EIO:when=" + when));
    return launcher;
  }

  /** The disk is a small one in memory, mounted where only the server sees it. */
  @Test
  void aFullDiskRefusesPostsUntilThereIsRoom() throws Exception {
    try (var server = startOnDisk("4m");
        var client = new Poster(server)) {
      Path disk = diskOf(server);
      Files.write(disk.resolve("ballast"), new byte[1_000_000]);
      List<String> stored = client.fill();
      assertEquals(507, client.post("y".repeat(50_000)));
      assertEquals(503, client.health());
      Poster.assertServed(stored, server);
      assertEquals(503, client.health(), "nothing new was stored");
      Files.delete(disk.resolve("ballast"));
      assertEquals(200, client.health());
      assertEquals("y".repeat(50_000), client.get("y".repeat(50_000)), "the check was to store it");
      assertEquals(201, client.post("z".repeat(50_000)), "there is room again");
    }
  }

  private ServerProcess startOnDisk(String size) throws Exception {
    assumeTrue(mayMount(), "there can be no small disk");
    return ServerProcess.startBy(
        List.of("unshare", "--map-root-user", "--mount"),
        "mount -t tmpfs -o size=" + size + " tmpfs " + folder,
        List.of(),
        "--store",
        "sqlite:" + folder.resolve("messages.db"));
  }

  private Path diskOf(ServerProcess server) {
    return Path.of("/proc", server.pid() + "", "root", folder.toString());
  }

  /** The index grows with each 4096 pages of the log, at first with 34 fewer. */
  @Test
  void aDiskWithoutRoomForTheLogsIndexIsFull() throws Exception {
    try (var server = startOnDisk("24m");
        var client = new Poster(server)) {
      Path disk = diskOf(server);
      Path log = disk.resolve("messages.db-wal");
      long frame = 4096 + 24;
      long last = 4096 - 34;
      int count = 0;
      while (Files.size(log) < (last - 5) * frame) {
        String rest = Files.size(log) < (last - 50) * frame ? "x".repeat(50_000) : "";
        assertEquals(201, client.post(count++ + rest));
      }
      long left = (last + 1) * frame - Files.size(log) + 16_384; // the index wants 32 KiB
      long ballast = Files.getFileStore(disk).getUsableSpace() - left;
      Files.write(disk.resolve("ballast"), new byte[Math.toIntExact(ballast)]);
      int status = 201;
      while (status == 201) {
        status = client.post(Integer.toString(count++));
      }
      assertEquals(507, status);
      Eventually.holds("it is told", () -> server.errors().contains("SHM"));
      Files.delete(disk.resolve("ballast"));
      assertEquals(200, client.health());
      assertEquals(201, client.post("there is room again"));
    }
  }

  /** After a clean end the index has to be made anew. */
  @Test
  void aStartWithoutRoomForTheLogsIndexSaysSo() throws Exception {
    assumeTrue(mayMount(), "there can be no small disk");
    String file = folder.resolve("messages.db").toString();
    var server = ServerProcess.command(List.of(), "--port=0", "--store=sqlite:" + file);
    String script =
        "mount -t tmpfs -o size=1m tmpfs %1$s && cp messages.db %1$s"
            + " && { dd if=/dev/zero of=%1$s/ballast bs=4096 2>/dev/null || true; } && exec \"$@\"";
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    var words = new ArrayList<>(List.of("unshare", "--map-root-user", "--mount", "sh", "-c"));
    words.addAll(List.of(script.formatted(folder), "sh"));
    words.addAll(server);
    try (var first = ServerProcess.start("--store", "sqlite:" + elsewhere.resolve("messages.db"))) {
      assertEquals(0, first.stop());
    }
    Command refused = Command.run(elsewhere, Map.of(), "", words);
    assertEquals(2, refused.code());
    String line = "MsgHashingServer: --store: %s can't be used: there is no room for its -shm file";
    assertEquals(line.formatted(file) + "\n", refused.err());
  }

  /** A quota ends in the same way. */
  @Test
  void aFileThatMayGrowNoMoreRefusesPostsAndServesReads() throws Exception {
    try (var server =
            ServerProcess.startAfter(
                "ulimit -S -f 8192",
                List.of(),
                "--store",
                "sqlite:" + folder.resolve("messages.db"));
        var client = new Poster(server)) {
      Poster.assertServed(client.fill(), server);
      String full = "Z MsgHashingServer: the store is full: ";
      Eventually.holds("it is told", () -> server.errors().contains(full));
      assertEquals(503, client.health(), "though the disk has room");
      assertEquals(503, client.health(), "asking changes nothing");
      String pid = Long.toString(server.pid());
      var raised = new ProcessBuilder("prlimit", "--fsize=unlimited", "--pid", pid).start();
      assertEquals(0, raised.waitFor());
      assertEquals(200, client.health(), "nobody need post for that");
      assertEquals(201, client.post("it may grow again"));
    }
  }

  private static boolean mayMount() throws Exception {
    return runs(
        List.of("unshare", "--map-root-user", "--mount"), "mount", "-t", "tmpfs", "x", "/mnt");
  }

  private static boolean runs(List<String> launcher, String... command) throws Exception {
    var words = new ArrayList<>(launcher);
    words.addAll(List.of(command));
    try {
      return new ProcessBuilder(words).start().waitFor() == 0;
    } catch (IOException noSuchCommand) {
      return false;
    }
  }
}

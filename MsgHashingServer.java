///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//DEPS org.nanohttpd:nanohttpd:2.3.1
//DEPS com.fasterxml.jackson.core:jackson-core:2.21.8
//DESCRIPTION A message store over HTTP, addressed by SHA-256
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error:stderr

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A message store over HTTP: POST a message, get its SHA-256; GET the digest, get the message. */
public class MsgHashingServer {
  public static void main(String[] arguments) {
    System.err.println("MsgHashingServer: not built yet");
    System.exit(2);
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
      var longs = java.nio.ByteBuffer.wrap(bytes).asLongBuffer();
      return new Digest(longs.get(0), longs.get(1), longs.get(2), longs.get(3));
    }

    byte[] toBytes() {
      return java.nio.ByteBuffer.allocate(32)
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

  /** Keeps messages under their digests; a message never changes once stored. */
  sealed interface MessageStore extends AutoCloseable permits MemoryStore {
    /**
     * Opens the store that a {@code --store} value names.
     *
     * @throws BadUsage when the value names no store, or one that can't be opened
     */
    static MessageStore open(String choice, StoreLimits limits) throws BadUsage {
      if (choice.equals("memory:")) {
        return new MemoryStore();
      }
      throw new BadUsage("--store: \"" + choice + "\" is not memory:");
    }

    /**
     * Stores a message; when this returns, the message survives whatever the store promises to
     * survive.
     *
     * @param message UTF-8 bytes, not to be changed afterwards
     * @return true when the message is new, false when it was there
     */
    boolean put(Digest digest, byte[] message) throws StoreException;

    /** The message's UTF-8 bytes, or null when there is none of this digest. */
    byte[] get(Digest digest) throws StoreException;

    /** How many messages are stored. */
    long count() throws StoreException;

    /** Returns when the store can serve, and throws when it can't. */
    void check() throws StoreException;

    /** How the store was chosen, without secrets: {@code sqlite:messages.db}. */
    String name();

    @Override
    void close();
  }

  /**
   * What the command line says of the store beside its place.
   *
   * @param memory bytes that {@code memory:} may take
   * @param replicas how many Redis replicas have a message before its post is answered
   */
  record StoreLimits(long memory, int replicas) {}

  /** What is wrong with the command line, in one line for the person who wrote it (exit code 2). */
  static final class BadUsage extends Exception {
    private static final long serialVersionUID = 1;

    BadUsage(String message) {
      super(message);
    }
  }

  /** Why a store could not do what was asked. */
  static sealed class StoreException extends Exception permits StoreFull, StoreAway, StoreCorrupt {
    private static final long serialVersionUID = 1;

    StoreException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** There is no room for another message; reads go on (507). */
  static final class StoreFull extends StoreException {
    private static final long serialVersionUID = 1;

    StoreFull(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The store does not answer now and may later (503 and Retry-After). */
  static final class StoreAway extends StoreException {
    private static final long serialVersionUID = 1;

    StoreAway(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** What the store returned is not what was stored (500). */
  static final class StoreCorrupt extends StoreException {
    private static final long serialVersionUID = 1;

    StoreCorrupt(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Keeps messages in memory, up to a bound; they end with the process. */
  static final class MemoryStore implements MessageStore {
    private final Map<Digest, byte[]> messages = new ConcurrentHashMap<>();

    @Override
    public boolean put(Digest digest, byte[] message) {
      return messages.putIfAbsent(digest, message) == null;
    }

    @Override
    public byte[] get(Digest digest) {
      return messages.get(digest);
    }

    @Override
    public long count() {
      return messages.size();
    }

    @Override
    public void check() {}

    @Override
    public String name() {
      return "memory:";
    }

    @Override
    public void close() {
      messages.clear();
    }
  }
}

import module java.base;

/** Waits for what takes a while. */
final class Eventually {
  private Eventually() {}

  /** Returns when it holds, and fails when it does not within 30 seconds. */
  static void holds(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + 30_000_000_000L;
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within 30 s: " + what);
      }
      Thread.sleep(2);
    }
  }
}

import module java.base;

/**
 * Time as it passes while the tests run: without that for which the machine stood still, as a busy
 * one may at any moment, which is no fault of who is waited for.
 */
final class RunningTime {
  private static final long STEP = 5_000_000;

  /** Nanoseconds for which a step is only late. */
  private static final long LATE = 20_000_000;

  private static final int ATTEMPTS = 5;

  /**
   * Where time is by now.
   *
   * @param stoodStill nanoseconds until then for which nothing ran
   */
  private record Tick(long nanos, long stoodStill) {
    Tick next() {
      long now = System.nanoTime();
      return new Tick(now, stoodStill + Math.max(0, now - nanos - STEP - LATE));
    }
  }

  private static volatile Tick last = new Tick(System.nanoTime(), 0);

  static {
    Thread.ofPlatform().daemon().name("running time").start(RunningTime::tick);
  }

  interface Attempt {
    void run() throws Exception;
  }

  private RunningTime() {}

  private static void tick() {
    while (true) {
      LockSupport.parkNanos(STEP);
      last = last.next();
    }
  }

  /** As System.nanoTime, in running time. */
  static long nanos() {
    Tick now = last.next(); // who asks may run again before the thread does
    return now.nanos - now.stoodStill;
  }

  /** Does something that may take so long at most. */
  static <T> T within(Duration limit, Callable<T> call) throws Exception {
    long start = nanos();
    T result = call.call();
    long took = nanos() - start;
    if (took > limit.toNanos()) {
      throw new AssertionError(took + " ns, more than " + limit);
    }
    return result;
  }

  /**
   * Tries what needs a machine that runs: if it fails and the machine stood still, again; not for
   * ever, or on a busy machine what is wrong would never be told.
   */
  static void undisturbed(Attempt attempt) throws Exception {
    for (int left = ATTEMPTS - 1; ; left--) {
      long before = last.next().stoodStill;
      try {
        attempt.run();
        return;
      } catch (InterruptedException timeout) {
        throw timeout;
      } catch (Exception | AssertionError failed) {
        if (left == 0 || last.next().stoodStill == before) {
          throw failed;
        }
      }
    }
  }
}

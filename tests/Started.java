/** Starts what is to be closed, also when its start fails. */
final class Started {
  private Started() {}

  interface Start<T> {
    void start(T resource) throws Exception;
  }

  /** Returns the resource once it is started; one that can't be is closed. */
  static <T extends AutoCloseable> T by(T resource, Start<T> start) throws Exception {
    try {
      start.start(resource);
      return resource;
    } catch (Exception | Error failed) {
      resource.close();
      throw failed;
    }
  }
}

import module java.base;
import module java.sql;

/** Another program that at times has a store's file for itself, so that posts wait. */
final class OtherWriter implements AutoCloseable {
  private final Connection connection;
  private final Statement transaction;

  OtherWriter(Path file) throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    transaction = connection.createStatement();
  }

  void begin() throws SQLException {
    transaction.execute("BEGIN IMMEDIATE");
  }

  void end() throws SQLException {
    transaction.execute("ROLLBACK");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

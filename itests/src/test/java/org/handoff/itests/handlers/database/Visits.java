package org.handoff.itests.handlers.database;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.stream.Stream;
import javax.sql.DataSource;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.jdbc.DataSourceFactory;

/**
 * Notes its process in a table; answers the process, the database's session, and how many processes the table has. Or,
 * asked for a symbolic name, whether there is such a bundle. Executes statements that are posted.
 */
public abstract class Visits implements Handler {

    private final DataSource source;
    private final String session;

    /** @param session the database's function for the session */
    Visits(DataSource source, String session) {
        this.source = source;
        this.session = session;
    }

    @Override
    public void handle(Request request, Response response) throws SQLException, IOException {
        if (!request.query().isEmpty()) {
            response.send(String.valueOf(Stream.of(FrameworkUtil.getBundle(Visits.class)
                            .getBundleContext()
                            .getBundles())
                    .anyMatch(bundle -> request.query().equals(bundle.getSymbolicName()))));
            return;
        }
        long process = ProcessHandle.current().pid();
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            if (request.method().equals("POST")) {
                statement.execute(request.text());
                return;
            }
            statement.execute("create table if not exists visits (process bigint)");
            statement.executeUpdate("insert into visits values (" + process + ")");
            try (ResultSet result =
                    statement.executeQuery("select " + session + ", count(distinct process) from visits")) {
                result.next();
                response.send(process + " " + result.getLong(1) + " " + result.getLong(2));
            }
        }
    }

    /** In H2. */
    @Component
    @HandoffContext("/database/h2")
    public static class InH2 extends Visits implements Handler {

        @Activate
        public InH2(@Reference(target = "(dataSourceName=h2)") DataSource source) {
            super(source, "session_id()");
        }
    }

    /** In H2, by its factory. */
    @Component
    @HandoffContext("/database/factory")
    public static class ByFactory extends Visits implements Handler {

        @Activate
        public ByFactory(@Reference(target = "(osgi.jdbc.driver.name=H2 JDBC Driver)") DataSourceFactory factory)
                throws SQLException {
            super(factory.createDataSource(url()), "session_id()");
        }

        private static Properties url() {
            Properties url = new Properties();
            url.setProperty(
                    DataSourceFactory.JDBC_URL,
                    "jdbc:h2:" + System.getProperty("karaf.data") + "/h2/factory;AUTO_SERVER=TRUE");
            return url;
        }
    }

    /** In PostgreSQL. */
    @Component
    @HandoffContext("/database/postgresql")
    public static class InPostgres extends Visits implements Handler {

        @Activate
        public InPostgres(@Reference(target = "(dataSourceName=postgresql)") DataSource source) {
            super(source, "pg_backend_pid()");
        }
    }
}

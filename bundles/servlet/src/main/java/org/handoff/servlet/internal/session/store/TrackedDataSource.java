package org.handoff.servlet.internal.session.store;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.util.tracker.ServiceTracker;

/** The database of the sessions: the best {@code DataSource} that a filter selects, whenever one is asked for. */
final class TrackedDataSource implements JdbcStore.Connections {

    private final String filter;
    private final ServiceTracker<DataSource, DataSource> services;

    /** @throws IllegalStateException if the filter is not valid, which the pool has checked */
    TrackedDataSource(BundleContext context, String filter) {
        this.filter = filter;
        try {
            services = new ServiceTracker<>(
                    context,
                    FrameworkUtil.createFilter("(&(objectClass=" + DataSource.class.getName() + ")" + filter + ")"),
                    null);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("sessions = jdbc:" + filter, e);
        }
        services.open();
    }

    @Override
    public Connection open() throws SQLException {
        DataSource source = services.getService();
        if (source == null) {
            throw new SQLException("this worker has no DataSource that " + filter + " selects");
        }
        return source.getConnection();
    }

    @Override
    public void close() {
        services.close();
    }

    @Override
    public String toString() {
        return filter;
    }
}

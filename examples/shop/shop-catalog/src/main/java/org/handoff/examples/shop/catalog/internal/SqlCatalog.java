package org.handoff.examples.shop.catalog.internal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

import org.handoff.examples.shop.catalog.Catalog;
import org.handoff.examples.shop.catalog.Product;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The products in a database, which it fills when there are none. */
@Component
public final class SqlCatalog implements Catalog {

    private static final String FILL = "create table if not exists product (id varchar(20), name varchar(100),"
            + " price decimal(10, 2)) as values ('tea', 'Tea', 4.5), ('mug', 'Mug', 12), ('spoon', 'Spoon', 3.25)";

    private final DataSource source;

    /** Fills the database if it has no products. */
    @Activate
    public SqlCatalog(@Reference(target = "(dataSourceName=shop)") DataSource source) throws SQLException {
        this.source = source;
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(FILL);
        }
    }

    @Override
    public List<Product> products() {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id, name, price from product order by name")) {
            List<Product> products = new ArrayList<>();
            while (rows.next()) {
                products.add(new Product(rows.getString(1), rows.getString(2), rows.getBigDecimal(3)));
            }
            return products;
        } catch (SQLException e) {
            throw new IllegalStateException("the catalog's database does not answer", e);
        }
    }
}

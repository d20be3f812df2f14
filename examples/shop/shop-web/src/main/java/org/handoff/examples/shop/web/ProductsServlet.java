package org.handoff.examples.shop.web;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.handoff.examples.shop.catalog.Catalog;
import org.handoff.examples.shop.catalog.Product;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardContextSelect;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardServletName;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardServletPattern;
import org.osgi.service.metatype.annotations.Designate;

/** The list of products. */
@Component(service = Servlet.class, configurationPid = Settings.PID)
@Designate(ocd = Settings.class)
@HttpWhiteboardContextSelect(ShopContext.SELECT)
@HttpWhiteboardServletName("products")
@HttpWhiteboardServletPattern("/products")
public final class ProductsServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    private final transient Catalog catalog;
    private final transient Settings settings;

    /** Lists the products of that catalog. */
    @Activate
    public ProductsServlet(@Reference Catalog catalog, Settings settings) {
        this.catalog = catalog;
        this.settings = settings;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        List<Product> products = catalog.products();
        response.setContentType("text/plain;charset=utf-8");
        PrintWriter page = response.getWriter();
        page.println(settings.greeting());
        products.forEach(product ->
                page.printf("%s: %s, %s %s%n", product.id(), product.name(), product.price(), settings.currency()));
    }
}

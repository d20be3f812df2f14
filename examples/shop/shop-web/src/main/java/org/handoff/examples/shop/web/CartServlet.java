package org.handoff.examples.shop.web;

import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;

import org.handoff.examples.shop.catalog.Catalog;
import org.handoff.examples.shop.catalog.Product;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardContextSelect;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardServletName;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardServletPattern;

/** The cart of the client's session: GET lists it, POST with the parameter product adds a product. */
@Component(service = Servlet.class, configurationPid = Settings.PID)
@HttpWhiteboardContextSelect(ShopContext.SELECT)
@HttpWhiteboardServletName("cart")
@HttpWhiteboardServletPattern("/cart")
public final class CartServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    /** The attribute of the session: the ids of the products. */
    private static final String CART = "cart";
    /** As a client can ask for as many as it likes. */
    private static final int MOST = 100;

    private final transient Catalog catalog;
    private final transient Settings settings;

    /** Sells the products of that catalog. */
    @Activate
    public CartServlet(@Reference Catalog catalog, Settings settings) {
        this.catalog = catalog;
        this.settings = settings;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain;charset=utf-8");
        PrintWriter page = response.getWriter();
        BigDecimal sum = BigDecimal.ZERO;
        for (String id : cart(request.getSession(false))) {
            Product product = catalog.product(id).orElse(null);
            if (product != null) {
                page.println(product.name());
                sum = sum.add(product.price());
            }
        }
        page.printf("%s %s%n", sum, settings.currency());
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String id = request.getParameter("product");
        HttpSession session = request.getSession();
        List<String> cart = new ArrayList<>(cart(session));
        if (id == null || catalog.product(id).isEmpty()) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND, "there is no such product");
        } else if (cart.size() == MOST) {
            response.sendError(HttpServletResponse.SC_CONFLICT, "the cart is full");
        } else {
            cart.add(id);
            session.setAttribute(CART, cart.toArray(String[]::new));
            response.sendRedirect(request.getContextPath() + "/cart");
        }
    }

    private static List<String> cart(HttpSession session) {
        Object cart = session == null ? null : session.getAttribute(CART);
        return cart == null ? List.of() : List.of((String[]) cart);
    }
}

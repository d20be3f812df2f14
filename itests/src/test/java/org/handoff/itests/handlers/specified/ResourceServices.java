package org.handoff.itests.handlers.specified;

import java.io.IOException;
import java.net.URL;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.framework.Bundle;
import org.osgi.service.http.context.ServletContextHelper;

/** Section 140.6: resources. */
final class ResourceServices {

    private static final String PATTERN = "resource.pattern";
    private static final String FOLDER = "/org/handoff/itests/handlers/specified";

    /** A servlet context that has its files elsewhere, and knows their types. */
    private static final class Elsewhere extends ServletContextHelper {

        Elsewhere(Bundle bundle) {
            super(bundle);
        }

        @Override
        public URL getResource(String name) {
            return super.getResource(FOLDER + "/" + name.replaceFirst("^/+", ""));
        }

        @Override
        public String getMimeType(String name) {
            return "text/x-own";
        }
    }

    /** A servlet context that lets nobody in. */
    private static final class Closed extends ServletContextHelper {

        Closed(Bundle bundle) {
            super(bundle);
        }

        @Override
        public boolean handleSecurity(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.sendError(HttpServletResponse.SC_FORBIDDEN);
            return false;
        }
    }

    private ResourceServices() {}

    static void register(Registrar in) {
        in.context("resources");
        in.resource("resources", PATTERN, "/files/*", "resource.prefix", FOLDER);
        in.resource("resources", PATTERN, "/exact", "resource.prefix", FOLDER + "/page.txt");
        in.resource("resources", PATTERN, new String[] {"/x", "/y"}, "resource.prefix", FOLDER + "/page.txt");
        in.resource("resources", PATTERN, "/without-prefix/*");
        in.resource("resources", "resource.prefix", FOLDER);
        in.resource("resources", PATTERN, "/other-target/*", "resource.prefix", FOLDER, "target", "(some=other)");
        in.servlet("resources", Says.text("servlet"), "servlet.pattern", "/shadowed/*", "servlet.name", "first");
        in.resource("resources", PATTERN, "/shadowed/*", "resource.prefix", FOLDER);
        in.servlet("resources", Says.text("servlet"), "servlet.pattern", "/ranked/*", "servlet.name", "low");
        in.resource("resources", PATTERN, "/ranked/*", "resource.prefix", FOLDER, "service.ranking", 1);
        in.filter("resources", new HeaderFilter(), "filter.pattern", "/files/*", "filter.name", "marks");
        Bundle bundle = in.context().getBundle();
        in.context("resources-elsewhere", new Elsewhere(bundle));
        in.resource("resources-elsewhere", PATTERN, "/*", "resource.prefix", "/");
        in.context("resources-closed", new Closed(bundle));
        in.resource("resources-closed", PATTERN, "/*", "resource.prefix", FOLDER);
    }
}

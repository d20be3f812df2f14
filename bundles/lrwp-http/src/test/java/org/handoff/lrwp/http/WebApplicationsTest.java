package org.handoff.lrwp.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collection;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.servlet.ServletContext;

import org.handoff.lrwp.agent.api.ClaimedContext;
import org.handoff.lrwp.agent.api.LrwpAgent;
import org.handoff.testkit.Fake;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** The services are those that Pax Web has for servlet contexts. */
class WebApplicationsTest {

    private List<ClaimedContext> told = List.of();

    @Test
    @SuppressWarnings("unchecked")
    void contextsOfWebApplicationsAreToldAndNoOthers() {
        WebApplications applications = new WebApplications(Fake.of(LrwpAgent.class, (method, arguments) -> {
            told = List.copyOf((Collection<ClaimedContext>) arguments[1]);
            return null;
        }));
        ServiceReference<ServletContext> wab = context("/shop", "org.example.shop", "/shop");
        applications.add(context("/", "org.example.servlet", null));
        applications.add(context("/whiteboard", "org.example.shop", "/shop"));
        assertEquals(List.of(), told);
        applications.add(wab);
        applications.add(context("/bare", "org.example.bare", "bare"));
        assertEquals(
                Map.of(
                        "/shop",
                        "the web application org.example.shop",
                        "/bare",
                        "the web application org.example.bare"),
                told.stream().collect(Collectors.toMap(ClaimedContext::context, ClaimedContext::owner)));
        applications.remove(wab);
        assertEquals(List.of(new ClaimedContext("/bare", "the web application org.example.bare")), told);
        applications.stop();
        assertEquals(List.of(), told);
    }

    private static ServiceReference<ServletContext> context(String path, String bundleName, String header) {
        Dictionary<String, String> headers = new Hashtable<>();
        if (header != null) {
            headers.put("Web-ContextPath", header);
        }
        Bundle bundle = Fake.of(Bundle.class, (method, arguments) -> switch (method) {
            case "getHeaders" -> headers;
            case "getSymbolicName" -> bundleName;
            default -> throw new UnsupportedOperationException(method);
        });
        Object identity = new Object();
        @SuppressWarnings("unchecked")
        ServiceReference<ServletContext> reference =
                Fake.of(ServiceReference.class, (method, arguments) -> switch (method) {
                    case "getBundle" -> bundle;
                    case "getProperty" -> path;
                    case "hashCode" -> identity.hashCode();
                    case "equals" -> true;
                    default -> throw new UnsupportedOperationException(method);
                });
        return reference;
    }
}

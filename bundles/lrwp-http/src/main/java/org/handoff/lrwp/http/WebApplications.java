package org.handoff.lrwp.http;

import java.util.HashMap;
import java.util.Map;
import javax.servlet.ServletContext;

import org.handoff.lrwp.agent.api.ClaimedContext;
import org.handoff.lrwp.agent.api.LrwpAgent;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Tells the agent of the contexts of web application bundles, which no filter of other bundles reaches. The container
 * has a service for each (OSGi Compendium, section 128.3.5), and for other servlet contexts too: a web application's is
 * the one that its bundle names.
 */
@Component(
        service = {},
        immediate = true)
public final class WebApplications {

    private static final String CONTEXT_PATH = "osgi.web.contextpath";
    private static final String HEADER = "Web-ContextPath";
    private static final String WHERE = "the web container";

    private final LrwpAgent agent;
    private final Map<ServiceReference<ServletContext>, ClaimedContext> claimed = new HashMap<>();

    /** Reports to this agent. */
    @Activate
    public WebApplications(@Reference LrwpAgent agent) {
        this.agent = agent;
    }

    @Reference(
            service = ServletContext.class,
            target = "(" + CONTEXT_PATH + "=*)",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC)
    synchronized void add(ServiceReference<ServletContext> reference) {
        String named = reference.getBundle().getHeaders().get(HEADER);
        String path = slashed(reference.getProperty(CONTEXT_PATH).toString());
        if (named != null && slashed(named.strip()).equals(path)) {
            claimed.put(
                    reference,
                    new ClaimedContext(
                            path, "the web application " + reference.getBundle().getSymbolicName()));
            tell();
        }
    }

    synchronized void remove(ServiceReference<ServletContext> reference) {
        if (claimed.remove(reference) != null) {
            tell();
        }
    }

    private static String slashed(String path) {
        return path.startsWith("/") ? path : "/" + path;
    }

    private void tell() {
        agent.claimed(WHERE, claimed.values());
    }

    /** Withdraws all contexts. */
    @Deactivate
    synchronized void stop() {
        claimed.clear();
        tell();
    }
}

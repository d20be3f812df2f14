package org.handoff.lrwp.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

import org.handoff.http.StreamedRequest;
import org.handoff.lrwp.protocol.Environment;

/**
 * The variables of a request (RFC 3875, section 4.1), with those that peers know from Xitami where the RFC has nothing
 * against it. Nothing of Karaf's own environment is among them.
 */
final class CgiVariables {

    private static final String SOFTWARE = "Handoff";

    private CgiVariables() {
    }

    static byte[] of(StreamedRequest request, Application application) {
        String path = request.path();
        String script = application.isExtension() ? path
                : application.name().isEmpty() ? "" : application.context();
        InetSocketAddress server = request.server();
        String name = request.host().isEmpty() ? address(server) : request.host();
        String port = Integer.toString(server.getPort());
        String client = address(request.client());
        String type = null;
        for (Map.Entry<String, String> field : request.fields()) {
            if (type == null && field.getKey().equalsIgnoreCase("content-type")) {
                type = field.getValue();
            }
        }
        Environment environment = new Environment()
                .put("GATEWAY_INTERFACE", "CGI/1.1")
                .put("SERVER_SOFTWARE", SOFTWARE)
                .put("SERVER_PROTOCOL", request.protocol())
                .put("SERVER_NAME", name)
                .put("SERVER_PORT", port)
                .put("SERVER_URL", request.scheme() + "://" + name + ":" + port)
                .put("REQUEST_METHOD", request.method())
                .put("REQUEST_URI", request.target())
                .put("SCRIPT_NAME", script, UTF_8)
                .put("SCRIPT_PATH", script, UTF_8)
                .put("PATH_INFO", path.substring(script.length()), UTF_8)
                .put("QUERY_STRING", request.query())
                .put("REMOTE_ADDR", client)
                .put("REMOTE_HOST", client);
        if (!request.user().isEmpty()) {
            environment.put("REMOTE_USER", request.user(), UTF_8);
        }
        if (request.scheme().equals("https")) {
            environment.put("HTTPS", "on");
        }
        environment.put("CONTENT_LENGTH", Long.toString(request.length()));
        if (type != null) {
            environment.put("CONTENT_TYPE", type);
        }
        return environment.putFields(request.fields()).toBytes();
    }

    private static String address(InetSocketAddress address) {
        InetAddress resolved = address.getAddress();
        if (resolved == null) {
            return address.getHostString();
        }
        String text = resolved.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }
}

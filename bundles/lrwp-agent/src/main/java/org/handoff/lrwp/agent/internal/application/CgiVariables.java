package org.handoff.lrwp.agent.internal.application;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

import org.handoff.http.StreamedRequest;
import org.handoff.http.routing.RequestTarget;
import org.handoff.lrwp.protocol.Environment;

/**
 * The variables of a request (RFC 3875, section 4.1), with those that peers know from Xitami unless the RFC forbids
 * them. No variable of Karaf's own environment is among them.
 */
final class CgiVariables {

    private static final String SOFTWARE = "Handoff";

    private CgiVariables() {}

    /** @param documentRoot the folder for translated paths; empty for none */
    static byte[] of(StreamedRequest request, Application application, String documentRoot) {
        String path = request.path();
        String script = application.isExtension() ? path : application.name().isEmpty() ? "" : application.context();
        // The program of an extension is asked for the document named by its path info, as in Xitami.
        String info = application.isExtension() ? path : path.substring(script.length());
        InetSocketAddress server = request.server();
        String name = request.host().isEmpty() ? address(server) : request.host();
        String port = Integer.toString(server.getPort());
        String client = address(request.client());
        String type = null;
        boolean hasBody = request.length() > 0;
        for (Map.Entry<String, String> field : request.fields()) {
            if (type == null && field.getKey().equalsIgnoreCase("content-type")) {
                type = field.getValue();
            }
            hasBody |= announcesBody(field.getKey());
        }
        Environment environment = new Environment()
                .put("GATEWAY_INTERFACE", "CGI/1.1")
                .put("SERVER_SOFTWARE", SOFTWARE)
                .put("SERVER_PROTOCOL", request.protocol())
                .put("SERVER_NAME", name)
                .put("SERVER_PORT", port)
                .put("SERVER_URL", request.scheme() + "://" + name + ":" + port + "/")
                .put("REQUEST_METHOD", request.method())
                .put("REQUEST_URI", RequestTarget.originForm(request.target()))
                .put("SCRIPT_NAME", bytes(script))
                .put("SCRIPT_PATH", bytes(script))
                .put("PATH_INFO", bytes(info))
                .put("QUERY_STRING", request.query())
                .put("REMOTE_ADDR", client)
                .put("REMOTE_HOST", client);
        if (!request.user().isEmpty()) {
            environment.put("REMOTE_USER", request.user(), UTF_8);
        }
        if (request.scheme().equals("https")) {
            environment.put("HTTPS", "on");
        }
        if (!documentRoot.isEmpty()) {
            environment.put("DOCUMENT_ROOT", documentRoot, UTF_8);
            if (!info.isEmpty()) {
                environment.put("PATH_TRANSLATED", bytes(documentRoot + info));
            }
        }
        if (hasBody) {
            environment.put("CONTENT_LENGTH", Long.toString(request.length()));
        }
        if (type != null) {
            environment.put("CONTENT_TYPE", type);
        }
        return environment.putFields(request.fields()).toBytes();
    }

    /** Whether a field says that the request has a body, even an empty one (RFC 9112, section 6). */
    private static boolean announcesBody(String field) {
        return field.equalsIgnoreCase("content-length") || field.equalsIgnoreCase("transfer-encoding");
    }

    /** A path as the bytes that the client sent, a character for each. */
    private static String bytes(String path) {
        return new String(RequestTarget.bytes(path), ISO_8859_1);
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

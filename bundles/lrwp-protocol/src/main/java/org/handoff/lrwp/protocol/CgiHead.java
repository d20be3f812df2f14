package org.handoff.lrwp.protocol;

import java.util.List;
import java.util.Map;

/**
 * The header of a peer's response, checked: the part that may be sent to a client.
 *
 * @param status from 200 to 599
 * @param reason the peer's reason phrase; empty for none
 * @param fields names and values in order; several {@code Set-Cookie} stay several. Without the fields that are about
 *        one connection, or that the server sets itself
 * @param localRedirect the path and query that the server is to answer instead (RFC 3875, section 6.2.2); null for none
 * @param announcedLength the value of {@code Content-Length}, which counts for HEAD only; -1 for none
 */
public record CgiHead(
        int status,
        String reason,
        List<Map.Entry<String, String>> fields,
        String localRedirect,
        long announcedLength) {}

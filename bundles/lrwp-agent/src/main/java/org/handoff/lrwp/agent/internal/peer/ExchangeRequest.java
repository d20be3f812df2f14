package org.handoff.lrwp.agent.internal.peer;

import io.netty.buffer.ByteBuf;
import org.handoff.http.StreamedRequest;
import org.handoff.lrwp.protocol.CgiHead;
import org.handoff.lrwp.protocol.MalformedHeadException;
import org.handoff.lrwp.protocol.ResponseDecoder;

/** A request, for the exchange that sends it to a peer and reports the outcome. On the agent's loop. */
public interface ExchangeRequest {

    /** The client's request. */
    StreamedRequest request();

    /** The CGI environment of the request, as sent. */
    byte[] environment();

    /** The exchange begins. */
    void takenBy(PeerExchange exchange);

    /** Whether the client has closed its end so long ago that it has probably left. */
    boolean isLeft(long now);

    /** The peer has exceeded its time limit. */
    void timedOut();

    /** The peer's response is malformed, or there is no room for it; the peer's connection ends. */
    void peerFailed(int status);

    /**
     * The peer's connection has ended.
     *
     * @param unread whether the peer had not read its whole request, as far as that is known of another machine
     */
    void peerLost(boolean unread);

    /** The peer has the whole request, and its response was received completely. */
    void done();

    // ---- the response, as ResponseDecoder.Receiver has it

    /** See {@link ResponseDecoder.Receiver#head}. */
    void head(CgiHead head, long length);

    /** See {@link ResponseDecoder.Receiver#unusable}. */
    void unusable(MalformedHeadException reason);

    /** A part of the document; the request releases it. */
    void document(ByteBuf part);

    /** See {@link ResponseDecoder.Receiver#end}. */
    void end();

    /** See {@link ResponseDecoder.Receiver#brokenOff}. */
    void brokenOff();
}
